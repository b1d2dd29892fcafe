package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// assign puts v, a value as TOML holds it, into the field of the struct
// root. It returns the reason when v does not fit, and then changes nothing.
func (f *field) assign(root reflect.Value, v any) (reason string) {
	typed, ok := f.convert(v)
	if !ok {
		return f.refuse(v, "")
	}
	if note, ok := f.fits(typed); !ok {
		return f.refuse(v, note)
	}
	target := root.FieldByIndex(f.index)
	target.Set(reflect.ValueOf(typed).Convert(target.Type()))
	return ""
}

// convert turns a value of TOML into the type the field holds: string, int,
// bool, time.Duration, Size or []string.
func (f *field) convert(v any) (any, bool) {
	switch f.kind {
	case text:
		s, ok := v.(string)
		return s, ok
	case number:
		n, ok := v.(int64)
		return int(n), ok
	case truth:
		b, ok := v.(bool)
		return b, ok
	case duration:
		s, _ := v.(string)
		d, err := time.ParseDuration(s)
		return d, err == nil
	case size:
		s, _ := v.(string)
		z, err := ParseSize(s)
		return z, err == nil
	case list:
		return convertList(v)
	}
	return nil, false
}

func convertList(v any) ([]string, bool) {
	values, ok := v.([]any)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(values))
	for i, value := range values {
		if texts[i], ok = value.(string); !ok {
			return nil, false
		}
	}
	return texts, true
}

// fits reports whether a value of the field's type keeps the field's rules;
// note may say what was measured.
func (f *field) fits(v any) (note string, ok bool) {
	switch v := v.(type) {
	case string:
		return f.fitsText(v)
	case []string:
		for i, s := range v {
			if note, ok := f.fitsText(s); !ok {
				return strings.TrimSuffix("number "+strconv.Itoa(i+1)+" is wrong; "+note, "; "), false
			}
		}
		return "", f.within(int64(len(v)))
	case int:
		return "", f.within(int64(v))
	case time.Duration:
		return "", f.within(int64(v))
	case Size:
		return "", f.within(int64(v))
	}
	return "", true
}

func (f *field) within(n int64) bool { return f.min <= n && n <= f.max }

func (f *field) fitsText(s string) (note string, ok bool) {
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "it holds a line break or another control character", false
	case strings.TrimSpace(s) != s:
		return "it begins or ends with a space", false
	case s == "":
		return "", f.optional
	case len(f.oneof) > 0:
		for _, word := range f.oneof {
			if s == word {
				return "", true
			}
		}
		return "", false
	case f.check != nil:
		return f.check.test(s)
	}
	return "", true
}

// verify returns the reason when the field of the struct root breaks its
// rules.
func (f *field) verify(root reflect.Value) (reason string) {
	v := root.FieldByIndex(f.index).Interface()
	if secret, ok := v.(Secret); ok {
		v = string(secret)
	}
	if note, ok := f.fits(v); !ok {
		return f.refuse(v, note)
	}
	return ""
}

func (f *field) refuse(got any, note string) string {
	reason := "expected " + f.expected()
	if !f.secret {
		reason += ", got " + describe(got)
	}
	if note != "" {
		reason += " (" + note + ")"
	}
	return reason
}

// describe shows a refused value in an error text, on one line and not too
// long.
func describe(v any) string {
	switch v := v.(type) {
	case string:
		const most = 60
		if runes := []rune(v); len(runes) > most {
			v = string(runes[:most]) + "…"
		}
		return strconv.Quote(v)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case []string:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return "a table"
	}
	return fmt.Sprint(v)
}

// parse turns the text of a variable or option into the value TOML would
// hold; a text that does not parse stays a text and is refused by assign.
func (f *field) parse(s string) any {
	switch f.kind {
	case number:
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	case truth:
		switch s {
		case "true":
			return true
		case "false":
			return false
		}
	case list:
		return splitList(s)
	}
	return s
}

// splitList splits a text at its commas; "\," is a comma within a part.
func splitList(s string) []any {
	var parts []any
	if strings.TrimSpace(s) == "" {
		return parts
	}
	const comma = "\x00" // refused in any value, so it can stand for one here
	for part := range strings.SplitSeq(strings.ReplaceAll(s, `\,`, comma), ",") {
		parts = append(parts, strings.ReplaceAll(strings.TrimSpace(part), comma, ","))
	}
	return parts
}
