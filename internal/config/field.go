package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind is what a field holds.
type kind int

const (
	text kind = iota
	number
	truth
	duration
	size
	list
	rules
)

// field is one key of the configuration and the rules its tags state:
//
//	toml   its key
//	is     the name of a check of its text, or of each text of a list
//	oneof  the words it may be
//	min    the least number, duration, size, or length of a list
//	max    the greatest
//	empty  what an empty text (or a zero) means; without it, text is required
type field struct {
	key      string // "wall.free_articles"
	name     string // "FreeArticles", for the documentation
	kind     kind
	index    []int
	oneof    []string
	check    *check
	optional bool
	meaning  string // of the empty value
	secret   bool
	min, max int64
	bounds   [2]string // as written in the tags
	element  []field   // of one table, for rules
	table    string    // the type of one table, for rules
}

// section is one table of the file.
type section struct {
	key    string
	name   string
	fields []field
}

// The keys of the configuration.
var (
	sections   = readSections()
	fieldByKey = indexFields(sections)
)

func readSections() []section {
	var all []section
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("toml")
		all = append(all, section{key: key, name: f.Type.Name(), fields: readFields(f.Type, key+".", []int{i})})
	}
	return all
}

func readFields(t reflect.Type, prefix string, index []int) []field {
	var all []field
	for i := range t.NumField() {
		all = append(all, readField(t.Field(i), prefix, append(slices.Clone(index), i)))
	}
	return all
}

// readField panics when a tag of this package is wrong; every test of the
// package would meet it.
func readField(s reflect.StructField, prefix string, index []int) field {
	f := field{
		key: prefix + s.Tag.Get("toml"), name: s.Name, kind: kindOf(s.Type), index: index,
		oneof: strings.Fields(s.Tag.Get("oneof")), secret: s.Type == reflect.TypeFor[Secret](),
	}
	f.meaning, f.optional = s.Tag.Lookup("empty")
	if name, ok := s.Tag.Lookup("is"); ok {
		if f.check = checks[name]; f.check == nil {
			panic("config: no check named " + name)
		}
	}
	f.bounds = [2]string{s.Tag.Get("min"), s.Tag.Get("max")}
	f.min, f.max = parseBound(f.kind, f.bounds[0], 0), parseBound(f.kind, f.bounds[1], 1<<62)
	if f.kind == rules {
		f.element, f.table = readFields(s.Type.Elem(), "", nil), s.Type.Elem().Name()
	}
	return f
}

func kindOf(t reflect.Type) kind {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return duration
	case t == reflect.TypeFor[Size]():
		return size
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return rules
	case t == reflect.TypeFor[[]string]():
		return list
	case t.Kind() == reflect.Int:
		return number
	case t.Kind() == reflect.Bool:
		return truth
	case t.Kind() == reflect.String:
		return text
	}
	panic("config: no kind for " + t.String())
}

func parseBound(k kind, s string, missing int64) int64 {
	if s == "" {
		return missing
	}
	var n int64
	var err error
	switch k {
	case duration:
		var d time.Duration
		d, err = time.ParseDuration(s)
		n = int64(d)
	case size:
		var z Size
		z, err = ParseSize(s)
		n = int64(z)
	default:
		n, err = strconv.ParseInt(s, 10, 64)
	}
	if err != nil {
		panic("config: bound " + s + ": " + err.Error())
	}
	return n
}

func indexFields(sections []section) map[string]*field {
	byKey := make(map[string]*field)
	for _, s := range sections {
		for i := range s.fields {
			byKey[s.fields[i].key] = &s.fields[i]
		}
	}
	return byKey
}

// tables is what the tables of a field are called: "rules" of wall.rules.
func (f *field) tables() string { return f.key[strings.LastIndexByte(f.key, '.')+1:] }

// env is the environment variable of the field.
func (f *field) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

// expected says what the field takes, as in "a whole number from 0 to 100".
func (f *field) expected() string {
	switch f.kind {
	case number:
		what := fmt.Sprintf("a whole number from %d to %d", f.min, f.max)
		if f.optional {
			what += " (" + f.meaning + ")"
		}
		return what
	case truth:
		return "true or false"
	case duration:
		return fmt.Sprintf("a duration from %s to %s, such as 30s", f.bounds[0], f.bounds[1])
	case size:
		return fmt.Sprintf("a size from %s to %s", f.bounds[0], f.bounds[1])
	case list:
		what := "texts"
		if f.check != nil {
			what = f.check.plural
		}
		if f.bounds[0] != "" {
			return fmt.Sprintf("a list of %d to %d %s", f.min, f.max, what)
		}
		return "a list of " + what
	case rules:
		return "tables, each headed [[" + f.key + "]]"
	}
	return f.expectedText()
}

func (f *field) expectedText() string {
	if len(f.oneof) > 0 {
		quoted := make([]string, len(f.oneof))
		for i, word := range f.oneof {
			quoted[i] = strconv.Quote(word)
		}
		if last := len(quoted) - 1; last > 1 {
			return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
		}
		return strings.Join(quoted, " or ")
	}
	what := "a text"
	if f.check != nil {
		what = f.check.expected
	}
	if f.optional {
		return what + ", or empty (" + f.meaning + ")"
	}
	return what
}
