package page

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// files makes a folder of names and contents that follow each other.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

const english = `
greeting = "Good morning, {0}."
swap = "{1} before {0}"
plain = "Nothing to fill in"
brace = "{0} of {x}"
[articles]
one = "{0:word} article"
other = "{0:word} articles of {1}"
[number]
0 = "no"
1 = "one"
2 = "two"
10 = "ten"
[date]
day = "{0} {1} {2}"
weekday = "{0}, {1}"
[month]
11 = "November"
[weekday]
1 = "Monday"
`

func texts(t *testing.T, language string, layers ...fstest.MapFS) *Texts {
	t.Helper()
	list := make([]fs.FS, len(layers))
	for i, l := range layers {
		list[i] = l
	}
	c, err := LoadTexts(language, list...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTexts(t *testing.T) {
	c := texts(t, "en", files("texts/en.toml", english))
	for _, row := range []struct {
		key  string
		args []any
		want string
	}{
		{"greeting", []any{"Ada"}, "Good morning, Ada."},
		{"greeting", []any{"{0} {1}"}, "Good morning, {0} {1}."}, // an argument is not filled in again
		{"greeting", []any{7}, "Good morning, 7."},
		{"greeting", nil, "Good morning, {0}."},
		{"swap", []any{"a", "b"}, "b before a"},
		{"plain", []any{"unused"}, "Nothing to fill in"},
		{"brace", []any{1}, "1 of {x}"},
		{"articles", []any{0, "x"}, "no articles of x"},
		{"articles", []any{1, "x"}, "one article"},
		{"articles", []any{2, "x"}, "two articles of x"},
		{"articles", []any{10, "x"}, "ten articles of x"},
		{"articles", []any{11, "x"}, "11 articles of x"},
		{"articles", []any{3, "x"}, "3 articles of x"}, // no word for it in the catalogue
		{"articles", []any{-1, "x"}, "-1 articles of x"},
		{"articles", []any{"some", "x"}, "some articles of x"},
		{"articles", nil, "articles"}, // plural forms need a number
		{"articles.one", []any{1}, "one article"},
		{"missing", nil, "missing"},
		{"missing", []any{1}, "missing"},
		{"", nil, ""},
	} {
		if have := c.T(row.key, row.args...); have != row.want {
			t.Errorf("%s %v: %q, want %q", row.key, row.args, have, row.want)
		}
	}
	for key, want := range map[string]bool{"greeting": true, "articles": true, "articles.one": true, "missing": false, "number": false, "": false} {
		if c.Has(key) != want {
			t.Errorf("Has(%q) is %v", key, !want)
		}
	}
}

func TestDates(t *testing.T) {
	c := texts(t, "en", files("texts/en.toml", english))
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	if have := c.Day(at); have != "2 November 2026" {
		t.Errorf("Day: %q", have)
	}
	if have := c.Weekday(at); have != "Monday, 2 November 2026" {
		t.Errorf("Weekday: %q", have)
	}
}

func TestTextsOfLanguagesAndLayers(t *testing.T) {
	own := files("texts/en.toml", `a="own en"
b="own en"
c="own en"
d="own en"`, "texts/de.toml", `b="own de"
c="own de"
d="own de"`, "texts/de-AT.toml", `c="own de-AT"`)
	theme := files("texts/en.toml", `a="theme en"
b="theme en"
c="theme en"
d="theme en"`, "texts/de.toml", `d="theme de"`)
	for _, c := range []struct{ language, a, b, c, d string }{
		{"en", "theme en", "theme en", "theme en", "theme en"},
		{"de", "theme en", "own de", "own de", "theme de"},
		{"de-AT", "theme en", "own de", "own de-AT", "theme de"},
		{"fr", "theme en", "theme en", "theme en", "theme en"},
		{"en-GB", "theme en", "theme en", "theme en", "theme en"},
	} {
		x := texts(t, c.language, own, theme)
		for key, want := range map[string]string{"a": c.a, "b": c.b, "c": c.c, "d": c.d} {
			if have := x.T(key); have != want {
				t.Errorf("%s in %s: %q, want %q", key, c.language, have, want)
			}
		}
		if x.Language != c.language {
			t.Errorf("language %q", x.Language)
		}
	}
}

func TestTextsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"not TOML":         {"a = ", "texts/en.toml"},
		"a number":         {"[wall]\nleft = 3", "wall.left: expected a text"},
		"a list of texts":  {"[wall]\nleft = ['a']", "wall.left: expected a text"},
		"one of its forms": {"[left]\none = 1\nother = 'x'", "left.one: expected a text"},
	} {
		_, err := LoadTexts("en", files("texts/en.toml", c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "texts/en.toml") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// What a person reads of an error is in the language of the catalogue, with the values set in; a sentence that the
// catalogue lacks is said in English, and an error of the program says nothing.
func TestFault(t *testing.T) {
	c := texts(t, "de", files("texts/en.toml", english, "texts/de.toml", "[said]\n"+
		`"A name may have up to %d characters, not %s." = "{1} ist zu viel: höchstens {0} Zeichen."`))
	name := fault.Field("name", "A name may have up to %d characters, not %s.", 80, "{0}")
	for _, row := range []struct {
		err  error
		want string
	}{
		{name, "{0} ist zu viel: höchstens 80 Zeichen."},
		{fmt.Errorf("rename: %w", name), "{0} ist zu viel: höchstens 80 Zeichen."},
		{fault.New(fault.NotFound, "There is no such %s.", "reader"), "There is no such reader."},
		{&fault.Error{Kind: fault.Invalid, Text: "As it is."}, "As it is."},
		{errors.New("disk full"), ""},
	} {
		if have := c.Fault(row.err); have != row.want {
			t.Errorf("%v: said %q, want %q", row.err, have, row.want)
		}
	}
}
