package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

const (
	// envPrefix begins the name of every variable that is read; one that
	// names no setting is refused.
	envPrefix = "GATEFOLD_"
	// testPrefix begins the names the project's own tests use; not read.
	testPrefix = "GATEFOLD_TEST_"
)

// Load reads the file (none when its name is empty), then env (as
// os.Environ gives it), then overrides (values by key, such as
// "server.listen", written as in a variable), each over the one before, and
// all over Default.
//
// The error joins a *Problem for each wrong key or value found, those of
// the file by line; a file that is no TOML gives one. No error shows the
// value of a Secret.
func Load(file string, env []string, overrides map[string]string) (Config, error) {
	var data []byte
	if file != "" {
		var err error
		if data, err = os.ReadFile(file); err != nil {
			return Config{}, fmt.Errorf("read configuration: %w", err)
		}
	}
	return load(file, data, env, overrides)
}

func load(file string, data []byte, env []string, overrides map[string]string) (Config, error) {
	l := loader{config: Default(), origins: make(map[string]origin)}
	l.readFile(file, data)
	l.readEnv(env)
	l.readOptions(overrides)
	if len(l.problems) == 0 {
		l.judge()
	}
	if len(l.problems) > 0 {
		return Config{}, joinProblems(l.problems)
	}
	return l.config, nil
}

// judge applies the rules between keys, once every key is right by itself.
func (l *loader) judge() {
	for _, p := range l.config.problems() {
		from := l.originOf(p.Key)
		p.Source, p.Line = from.source, from.line
		l.problems = append(l.problems, p)
	}
}

// origin is where a value came from.
type origin struct {
	source string
	line   int
}

type loader struct {
	config   Config
	origins  map[string]origin // by key
	problems []*Problem
}

func (l *loader) refuse(from origin, key, reason string) {
	l.problems = append(l.problems, &Problem{Source: from.source, Line: from.line, Key: key, Reason: reason})
}

// originOf finds where the key, or the nearest table around it, was set.
func (l *loader) originOf(key string) origin {
	for key != "" {
		if from, ok := l.origins[key]; ok {
			return from
		}
		key = key[:max(0, strings.LastIndexAny(key, ".["))]
	}
	return origin{}
}

// set gives a field its value, or notes why not. The origin is kept also
// then, for rules between fields.
func (l *loader) set(from origin, f *field, v any) {
	if reason := f.assign(reflect.ValueOf(&l.config).Elem(), v); reason != "" {
		l.refuse(from, f.key, reason)
		return
	}
	l.origins[f.key] = from
}

func (l *loader) readFile(name string, data []byte) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var document map[string]any
	if err := toml.Unmarshal(data, &document); err != nil {
		l.refuseSyntax(name, err)
		return
	}
	at := lines(data)
	start := len(l.problems)
	for key, value := range document {
		l.readSection(name, at, key, value)
	}
	slices.SortStableFunc(l.problems[start:], func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
	})
}

// refuseSyntax tells the place and the parser's reason, which holds at most
// a key and one character of the line: never a password.
func (l *loader) refuseSyntax(name string, err error) {
	reason := "expected TOML: " + strings.TrimPrefix(err.Error(), "toml: ")
	var broken *toml.DecodeError
	if !errors.As(err, &broken) {
		l.refuse(origin{source: name}, "file", reason)
		return
	}
	line, column := broken.Position()
	l.refuse(origin{name, line}, fmt.Sprintf("column %d", column), reason)
}

func (l *loader) readSection(file string, at map[string]int, name string, value any) {
	from := func(key string) origin { return origin{file, at[key]} }
	i := slices.IndexFunc(sections, func(s section) bool { return s.key == name })
	table, isTable := value.(map[string]any)
	key := join("", name)
	switch {
	case i < 0 && isTable:
		var known []string
		for _, s := range sections {
			known = append(known, s.key)
		}
		l.refuse(from(key), key, unknown(key, known))
		return
	case i < 0:
		l.refuse(from(key), key, unknown(key, allKeys()))
		return
	case !isTable:
		l.refuse(from(key), key, "expected a table, headed ["+name+"], got "+describe(value))
		return
	}
	for part, value := range table {
		key := join(name, part)
		f, ok := fieldByKey[key]
		switch {
		case !ok:
			l.refuse(from(key), key, unknown(key, allKeys()))
		case f.kind == rules:
			l.readTables(from, f, value)
		default:
			l.set(from(key), f, value)
		}
	}
}

func (l *loader) readTables(from func(key string) origin, f *field, value any) {
	key := f.key
	list, ok := value.([]any)
	if !ok {
		l.refuse(from(key), key, "expected tables, each headed [["+key+"]], got "+describe(value))
		return
	}
	l.origins[key] = from(key)
	target := reflect.ValueOf(&l.config).Elem().FieldByIndex(f.index)
	target.Set(reflect.MakeSlice(target.Type(), len(list), len(list)))
	for i, value := range list {
		key := tableKey(f, i)
		l.origins[key] = from(key)
		table, ok := value.(map[string]any)
		if !ok {
			l.refuse(from(key), key, "expected a table, got "+describe(value))
			continue
		}
		l.readTable(from, f, key, target.Index(i), table)
	}
}

func (l *loader) readTable(from func(key string) origin, of *field, tableKey string, into reflect.Value, table map[string]any) {
	for part, value := range table {
		key := join(tableKey, part)
		f := slices.IndexFunc(of.element, func(f field) bool { return f.key == part })
		if f < 0 {
			l.refuse(from(key), key, unknown(part, knownKeys(of.element)))
			continue
		}
		if reason := of.element[f].assign(into, value); reason != "" {
			l.refuse(from(key), key, reason)
		}
		l.origins[key] = from(key)
	}
}

func tableKey(f *field, i int) string { return fmt.Sprintf("%s[%d]", f.key, i) }

func (l *loader) readEnv(env []string) {
	byName := make(map[string]*field)
	for _, f := range fieldByKey {
		byName[f.env()] = f
	}
	for _, pair := range slices.Sorted(slices.Values(env)) {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, testPrefix) {
			continue
		}
		from := origin{source: name}
		f, ok := byName[name]
		switch {
		case !ok:
			l.refuse(from, name, unknown(name, slices.Sorted(maps.Keys(byName))))
		case f.kind == rules:
			l.refuse(from, name, f.tables()+" are set in the file only")
		default:
			l.set(from, f, f.parse(value))
		}
	}
}

func (l *loader) readOptions(overrides map[string]string) {
	from := origin{source: "option"}
	for _, key := range slices.Sorted(maps.Keys(overrides)) {
		f, ok := fieldByKey[key]
		switch {
		case !ok:
			l.refuse(from, key, unknown(key, allKeys()))
		case f.kind == rules:
			l.refuse(from, key, f.tables()+" are set in the file only")
		default:
			l.set(from, f, f.parse(overrides[key]))
		}
	}
}

func joinProblems(problems []*Problem) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}
