package search

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		"  water   treaty ":       "water treaty",
		`"water  treaty" -oil`:    `"water treaty" -oil`,
		`-"oil price" –gas −coal`: `-"oil price" -gas -coal`,
		`“Ruth Adeyemi” „Berlin“ «Nil»`: `"Ruth Adeyemi" "Berlin" "Nil"`,
		`"never closed`:                      `"never closed"`,
		"Author:Adeyemi by:rydel":            "author:Adeyemi author:rydel",
		`author:"Ruth  Adeyemi"`:             `author:"Ruth Adeyemi"`,
		`topic:"Trade" country:ghana`:        "topic:Trade country:ghana",
		"region:africa -section:columns":     "region:africa -section:columns",
		"year:2014 year:2014..2019":          "year:2014 year:2014..2019",
		"year:2019..2014 year:2014..":        "year:2014..2019 year:2014..",
		"year:..2019":                        "year:..2019",
		"year:soon":                          "year:soon",
		"year:99999 year: year:..":           "year:99999 year",
		"in:title bank":                      "bank in:title",
		"in:body bank":                       "in:body bank",
		"trea* a* *":                         "trea* a",
		"cease-fire U.S. don't":              "cease-fire U.S don't",
		"- -- --x !!! (bank)":                "-x bank",
		`water"treaty law"oil`:               `water "treaty law" oil`,
		"http://example.org":                 "http://example.org",
		"foo:bar":                            "foo:bar",
		"(year:2014), (by:rydel) in:title!":  "year:2014 author:rydel in:title",
		"author: bank":                       "bank",
		`""  "" -""`:                         "",
		"a\x00b\xffc\tд":                     "a b c д",
		"国際 \"法 律\"":                         `国際 "法 律"`,
		strings.Repeat("x ", 100):            strings.TrimSpace(strings.Repeat("x ", queryParts)),
		strings.Repeat("é", 5000) + " never": strings.Repeat("é", queryBytes/2),
	} {
		q := Parse(text)
		if got := q.String(); got != want {
			t.Errorf("%.60q is read as %.60q, want %.60q", text, got, want)
		}
	}
}

// A query has one form, and is the same query in it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`"a b" -c author:"d e" year:1..2 in:title x*`, `-"-"`, "author:\"", "in:title:x", `a"b`, "year:2014..", "--a",
		"“”„«»", "-in:title", `topic:a"b c"`, "*a*", "*\"a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := Parse(text)
		form := q.String()
		if !utf8.ValidString(form) || len(q.Parts) > queryParts {
			t.Fatalf("%q: %q", text, form)
		}
		if len(form) > queryBytes {
			return // its end may be cut
		}
		if again := Parse(form); again.String() != form || len(again.Parts) != len(q.Parts) {
			t.Errorf("%q is read as %q, that as %q", text, form, again.String())
		}
	})
}
