package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

var errNotObject = errors.New("not a JSON object")

// eachKey calls f for every key of the JSON object in a line, in order, with the bytes of its value. It finds where
// values begin and end but leaves it to f to see whether they are right. An error of f ends it and is returned.
func eachKey(line []byte, f func(key string, value []byte) error) error {
	b := bytes.TrimSpace(line)
	if len(b) == 0 || b[0] != '{' {
		return errNotObject
	}
	b = skipSpace(b[1:])
	if len(b) > 0 && b[0] == '}' {
		return endOfObject(b)
	}
	for {
		raw, rest, err := cutValue(b)
		if err != nil || raw[0] != '"' {
			return errNotObject
		}
		key, err := text(raw)
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if b = skipSpace(rest); len(b) == 0 || b[0] != ':' {
			return fmt.Errorf("not JSON: a colon is missing after the key %.40q", key)
		}
		if raw, rest, err = cutValue(skipSpace(b[1:])); err != nil {
			return fmt.Errorf("not JSON: the value of %.40q: %w", key, err)
		}
		if err := f(key, raw); err != nil {
			return err
		}
		if b = skipSpace(rest); len(b) == 0 {
			return errors.New("not JSON: the line ends before the object does")
		}
		switch b[0] {
		case ',':
			b = skipSpace(b[1:])
		case '}':
			return endOfObject(b)
		default:
			return fmt.Errorf("not JSON: a comma is missing after %.40q", key)
		}
	}
}

func endOfObject(b []byte) error {
	if len(bytes.TrimSpace(b[1:])) > 0 {
		return errors.New("not JSON: something follows the object")
	}
	return nil
}

func skipSpace(b []byte) []byte { return bytes.TrimLeft(b, " \t\r\n") }

var errCutOff = errors.New("it is cut off")

// cutValue parts the JSON value at the beginning of b, never empty, from what follows it.
func cutValue(b []byte) (value, rest []byte, err error) {
	if len(b) == 0 {
		return nil, nil, errCutOff
	}
	var n int
	switch b[0] {
	case '"':
		n = stringLen(b)
	case '{', '[':
		n = nestLen(b)
	default:
		if n = bytes.IndexAny(b, ",}] \t\r\n"); n == 0 {
			return nil, nil, errors.New("it is missing")
		}
	}
	if n <= 0 {
		return nil, nil, errCutOff
	}
	return b[:n], b[n:], nil
}

// stringLen is the length of the string literal at the beginning of b, 0 when it does not end.
func stringLen(b []byte) int {
	for i := 1; i < len(b); i++ {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return 0
		}
		i += j
		backslashes := 0
		for b[i-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i + 1
		}
	}
	return 0
}

// nestLen is the length of the array or object at the beginning of b, 0 when it does not end.
func nestLen(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			n := stringLen(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// text reads a JSON string, as json.Unmarshal would. The texts of articles are most of what an import reads; this way
// takes a third of the time.
func text(raw []byte) (string, error) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' || hasControl(raw) || !utf8.Valid(raw) {
		return slowText(raw)
	}
	raw = raw[1 : len(raw)-1]
	out := make([]byte, 0, len(raw))
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return string(append(out, raw...)), nil
		}
		if i+1 == len(raw) {
			return "", errCutOff
		}
		out = append(out, raw[:i]...)
		c, n := escape(raw[i+1:])
		if n == 0 {
			return "", fmt.Errorf("not JSON: a string with %.6q", raw[i:])
		}
		out = append(out, c...)
		raw = raw[i+1+n:]
	}
}

// escape returns what stands for the escape at the beginning of b, behind its backslash, and its length; 0 when it is
// not one (RFC 8259, section 7).
func escape(b []byte) (string, int) {
	switch b[0] {
	case '"', '\\', '/':
		return string(b[:1]), 1
	case 'b':
		return "\b", 1
	case 'f':
		return "\f", 1
	case 'n':
		return "\n", 1
	case 'r':
		return "\r", 1
	case 't':
		return "\t", 1
	}
	for _, n := range []int{11, 5} { // two that make one character, or one
		if len(b) >= n && b[0] == 'u' && (n == 5 || b[5] == '\\' && b[6] == 'u') {
			s, err := slowText(slices.Concat([]byte(`"\`), b[:n], []byte(`"`)))
			if err == nil && (n == 5 || utf8.RuneCountInString(s) == 1) {
				return s, n
			}
		}
	}
	return "", 0
}

func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' {
			return true
		}
	}
	return false
}

func slowText(raw []byte) (s string, err error) {
	err = json.Unmarshal(raw, &s)
	return s, err
}
