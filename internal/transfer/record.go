package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// A record is one line of an import. A key that is absent is not the same as one that is empty: see docs/import.md.
type record struct {
	has     map[string]bool // by the first name of each key
	draft   library.Draft
	picture picture
	unknown []string // keys that mean nothing here
}

// A picture is a file beside the import, with what is said of it.
type picture struct {
	File    string `json:"file"`
	Alt     string `json:"alt"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
	Licence string `json:"licence"`
}

// synonyms gives the first name of keys that have two.
var synonyms = map[string]string{
	"subtitle": "standfirst", "authors": "byline", "source": "origin", "license": "licence", "photo": "hero",
}

// parseRecord reads a line.
func parseRecord(line []byte) (*record, error) {
	if !utf8.Valid(line) {
		return nil, errors.New("not UTF-8")
	}
	r := &record{has: map[string]bool{}}
	err := eachKey(line, func(key string, value []byte) error {
		set, ok := setters[key]
		if !ok {
			r.unknown = append(r.unknown, key)
			if !json.Valid(value) {
				return fmt.Errorf("%.40q: not JSON", key)
			}
			return nil
		}
		if first, ok := synonyms[key]; ok {
			key = first
		}
		r.has[key] = true
		return set(r, value)
	})
	if err != nil {
		return nil, err
	}
	return r, r.check()
}

func (r *record) check() error {
	d := &r.draft
	switch {
	case d.Source == "":
		return errors.New("id: a line needs an id, by which it is known again")
	case d.Title == "":
		return errors.New("title: a title is needed")
	case d.BodyHTML == "" && d.BodyMarkdown == "":
		return errors.New("body_html: a text is needed, here or in body_markdown")
	case d.BodyHTML != "" && d.BodyMarkdown != "":
		return errors.New("body_html: there is a text in body_markdown too; expected one of the two")
	case d.Published.IsZero() && d.State != library.Drafted:
		return errors.New(`published: a time is needed, unless "state" is "draft"`)
	}
	return nil
}

// lend gives a later record of the same id what it has no key for. The text stays: every line has its own.
func (r *record) lend(later *record) {
	from, to := r.draft, &later.draft
	for key, give := range map[string]func(){
		"slug": func() { to.Slug = from.Slug }, "kind": func() { to.Kind = from.Kind },
		"level": func() { to.Level = from.Level }, "state": func() { to.State = from.State },
		"standfirst": func() { to.Standfirst = from.Standfirst }, "byline": func() { to.Byline = from.Byline },
		"section": func() { to.Section = from.Section }, "topics": func() { to.Topics = from.Topics },
		"countries": func() { to.Countries = from.Countries }, "series": func() { to.Series = from.Series },
		"part": func() { to.Part = from.Part }, "updated": func() { to.Updated = from.Updated },
		"corrections": func() { to.Corrections = from.Corrections }, "canonical": func() { to.Canonical = from.Canonical },
		"origin": func() { to.Origin = from.Origin }, "licence": func() { to.Licence = from.Licence },
		"hero": func() { to.Hero, later.picture = from.Hero, r.picture },
	} {
		if r.has[key] && !later.has[key] {
			give()
			later.has[key] = true
		}
	}
}

// forgetText drops what lend does not need.
func (r *record) forgetText() { r.draft.BodyHTML, r.draft.BodyMarkdown = "", "" }

var partTitle = regexp.MustCompile(`^(.*\S)\s*\((?i:part)\s+([0-9]{1,4})(?:\s+of\s+[0-9]{1,4})?\)$`)

// findSeries takes series and part from a title that ends in "(Part 3 of 5)", when the line has no key for a series.
func (r *record) findSeries() {
	if r.has["series"] || r.has["part"] {
		return
	}
	if m := partTitle.FindStringSubmatch(strings.TrimSpace(r.draft.Title)); m != nil {
		r.draft.Series = m[1]
		r.draft.Part, _ = strconv.Atoi(m[2]) // at most four digits
	}
}

// setters read the value of each key.
var setters = map[string]func(*record, []byte) error{
	"id":            textOf("id", func(r *record) *string { return &r.draft.Source }),
	"slug":          textOf("slug", func(r *record) *string { return &r.draft.Slug }),
	"title":         textOf("title", func(r *record) *string { return &r.draft.Title }),
	"subtitle":      textOf("subtitle", func(r *record) *string { return &r.draft.Standfirst }),
	"standfirst":    textOf("standfirst", func(r *record) *string { return &r.draft.Standfirst }),
	"section":       textOf("section", func(r *record) *string { return &r.draft.Section }),
	"series":        textOf("series", func(r *record) *string { return &r.draft.Series }),
	"canonical":     textOf("canonical", func(r *record) *string { return &r.draft.Canonical }),
	"source":        textOf("source", func(r *record) *string { return &r.draft.Origin }),
	"origin":        textOf("origin", func(r *record) *string { return &r.draft.Origin }),
	"licence":       textOf("licence", func(r *record) *string { return &r.draft.Licence }),
	"license":       textOf("license", func(r *record) *string { return &r.draft.Licence }),
	"body_html":     textOf("body_html", func(r *record) *string { return &r.draft.BodyHTML }),
	"body_markdown": textOf("body_markdown", func(r *record) *string { return &r.draft.BodyMarkdown }),
	"authors":       namesOf("authors", func(r *record) *[]string { return &r.draft.Byline }),
	"byline":        namesOf("byline", func(r *record) *[]string { return &r.draft.Byline }),
	"topics":        namesOf("topics", func(r *record) *[]string { return &r.draft.Topics }),
	"countries":     namesOf("countries", func(r *record) *[]string { return &r.draft.Countries }),
	"published":     timeOf("published", func(r *record) *time.Time { return &r.draft.Published }),
	"updated":       timeOf("updated", func(r *record) *time.Time { return &r.draft.Updated }),
	"kind":          (*record).setKind,
	"level":         (*record).setLevel,
	"state":         (*record).setState,
	"part":          (*record).setPart,
	"photo":         (*record).setPhoto,
	"hero":          (*record).setHero,
	"corrections":   (*record).setCorrections,
}

// value reads a JSON value; null gives the zero value. What is what was expected, for the error.
func value[T any](key string, raw []byte, what string) (v T, err error) {
	if err := json.Unmarshal(raw, &v); err != nil {
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			return v, fmt.Errorf("%s: not JSON: %w", key, err)
		}
		return v, fmt.Errorf("%s: expected %s, got %s", key, what, shown(raw))
	}
	return v, nil
}

// shown is a value as an error quotes it.
func shown(raw []byte) string {
	if len(raw) > 60 {
		return strings.ToValidUTF8(string(raw[:60]), "") + "…"
	}
	return string(raw)
}

func textOf(key string, field func(*record) *string) func(*record, []byte) error {
	return func(r *record, raw []byte) (err error) {
		if *field(r), err = text(raw); err != nil || raw[0] != '"' {
			*field(r), err = value[string](key, raw, "text") // null, or what to say of it
		}
		return err
	}
}

func namesOf(key string, field func(*record) *[]string) func(*record, []byte) error {
	return func(r *record, raw []byte) (err error) {
		*field(r), err = value[[]string](key, raw, "a list of names")
		return err
	}
}

func timeOf(key string, field func(*record) *time.Time) func(*record, []byte) error {
	return func(r *record, raw []byte) error {
		s, err := value[string](key, raw, "a time")
		if err != nil {
			return err
		}
		*field(r), err = parseTime(key, s)
		return err
	}
}

// parseTime reads RFC 3339 or a date, which is its midnight in UTC. "" is the zero time.
func parseTime(key, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s: expected a time like 2026-05-01T09:30:00Z or a date like 2026-05-01, got %.40q", key, s)
}

func (r *record) setKind(raw []byte) error {
	s, err := value[string]("kind", raw, "text")
	if err == nil && s != "" {
		r.draft.Kind, err = library.ParseKind(s)
	}
	return err
}

func (r *record) setLevel(raw []byte) error {
	s, err := value[string]("level", raw, "text")
	if err == nil && s != "" {
		r.draft.Level, err = access.ParseLevel(s)
	}
	return err
}

func (r *record) setState(raw []byte) error {
	s, err := value[string]("state", raw, "text")
	if err == nil && s != "" {
		r.draft.State, err = library.ParseState(s)
	}
	return err
}

func (r *record) setPart(raw []byte) error {
	n, err := value[int]("part", raw, "a number")
	if err == nil && n < 0 {
		return fmt.Errorf("part: expected a number from 1 on, got %d", n)
	}
	r.draft.Part = n
	return err
}

func (r *record) setPhoto(raw []byte) error {
	s, err := value[string]("photo", raw, "the name of a file")
	return errors.Join(err, r.setPicture(picture{File: s}))
}

func (r *record) setHero(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("{")) && !bytes.Equal(raw, []byte("null")) {
		return fmt.Errorf("hero: expected an object with file, alt, caption, credit and licence, got %s", shown(raw))
	}
	p, err := value[picture]("hero", raw, "an object with file, alt, caption, credit and licence")
	return errors.Join(err, r.setPicture(p))
}

// setPicture takes a picture; one without a file means that the article has none.
func (r *record) setPicture(p picture) error {
	r.picture, r.draft.Hero = p, nil
	if p.File == "" {
		r.draft.Hero = new(library.Image)
	}
	return nil
}

func (r *record) setCorrections(raw []byte) error {
	list, err := value[[]struct{ At, Text string }]("corrections", raw, "a list of objects with at and text")
	if err != nil {
		return err
	}
	r.draft.Corrections = []library.Correction{}
	for _, c := range list {
		at, err := parseTime("corrections", c.At)
		if err != nil {
			return err
		}
		if at.IsZero() || c.Text == "" {
			return errors.New("corrections: expected at and text in each")
		}
		r.draft.Corrections = append(r.draft.Corrections, library.Correction{At: at, Text: c.Text})
	}
	return nil
}
