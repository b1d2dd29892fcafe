package library

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
)

// A Draft is an article as it is handed in. Terms go by their names and are made as met.
//
// A draft with an ID, or with the Source of an article that is there, replaces that article. What it leaves empty of
// Slug, Kind, Level, State, Hero, Updated and Corrections then stays as it was, so that an import does not undo what the
// newsroom did; everything else is as the draft says.
type Draft struct {
	ID          int64  // of the article to replace, 0 to go by Source
	Source      string // its id in the source it comes from; "" for our own
	Slug        string // "" keeps the slug, or makes one from the title
	Kind        string // one of Kinds; "" for a new one is the first
	Title       string
	Standfirst  string
	Level       access.Level // "" for a new one names none: the publication's default, whatever it is at the time
	Section     string
	Byline      []string
	Topics      []string
	Countries   []string
	Series      string
	Part        int
	Hero        *Image // one without File takes the picture away
	State       State  // "" for a new one is Published
	Published   time.Time
	Updated     time.Time
	Corrections []Correction // empty but not nil takes them away
	Canonical   string
	Origin      string
	Licence     string

	// The text, in one of the two. A comment <!-- cut --> in it ends the teaser.
	BodyHTML     string
	BodyMarkdown string

	whole bool // a manuscript as Revise hands it over: an empty Level in it is none
}

// source is the text as handed in.
func (d *Draft) source() string {
	if d.BodyMarkdown != "" {
		return d.BodyMarkdown
	}
	return d.BodyHTML
}

func (d *Draft) format() prose.Format {
	if d.BodyMarkdown != "" {
		return prose.Markdown
	}
	return prose.HTML
}

// Limits of a draft, generous ones, against input gone wrong.
const (
	titleLimit = 1000    // bytes, as all of these
	shortLimit = 10_000  // of any other field but the text
	bodyLimit  = 8 << 20 // of the text
	termLimit  = 300     // names of one kind
)

// tidy brings the words of a draft into one form: single spaces, no control characters, lists without empty names.
func (d *Draft) tidy() {
	for _, s := range []*string{&d.Slug, &d.Title, &d.Standfirst, &d.Section, &d.Series, &d.Canonical, &d.Origin, &d.Licence} {
		*s = tidy(*s)
	}
	for _, list := range []*[]string{&d.Byline, &d.Topics, &d.Countries} {
		var kept []string
		for _, name := range *list {
			if name = tidy(name); name != "" {
				kept = append(kept, name)
			}
		}
		*list = kept
	}
	if d.Hero != nil {
		h := *d.Hero
		h.Alt, h.Caption, h.Credit, h.Licence = tidy(h.Alt), tidy(h.Caption), tidy(h.Credit), tidy(h.Licence)
		d.Hero = &h
	}
	d.BodyHTML, d.BodyMarkdown = noNUL(d.BodyHTML), noNUL(d.BodyMarkdown)
	d.Source = noNUL(d.Source)
}

// tidy leaves single spaces between words. Control characters part words.
func tidy(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}

// noNUL makes a text one that PostgreSQL can hold.
func noNUL(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// check returns what is wrong with a tidy, settled draft.
func (d *Draft) check() error {
	if d.Title == "" {
		return fault.Field("title", "a title is needed")
	}
	if len(d.Title) > titleLimit {
		return fault.Field("title", "expected at most %d bytes, got %d", titleLimit, len(d.Title))
	}
	if _, err := ParseKind(d.Kind); err != nil {
		return err
	}
	if d.Level != "" {
		if _, err := access.ParseLevel(string(d.Level)); err != nil {
			return err
		}
	}
	if _, err := ParseState(string(d.State)); err != nil {
		return err
	}
	if d.State == Published && d.Published.IsZero() {
		return fault.Field("published", "a published article needs the time of its publication")
	}
	for _, t := range append([]time.Time{d.Published, d.Updated}, times(d.Corrections)...) {
		if y := t.UTC().Year(); y < 1 || y > 9999 {
			return fault.New(fault.Invalid, "Expected a time between the years 1 and 9999, got %s.", t.UTC().Format(time.RFC3339))
		}
	}
	if d.Part < 0 || d.Part > 0 && d.Series == "" {
		return fault.Field("part", "expected the number of a part of a series")
	}
	if d.Slug != "" {
		if err := checkSlug(d.Slug); err != nil {
			return err
		}
	}
	if d.Canonical != "" && !isWebAddress(d.Canonical) {
		return fault.Field("canonical", "expected the address of a page, such as https://example.org/strait, got %.80q", d.Canonical)
	}
	return d.checkSizes()
}

// isWebAddress reports whether s is an absolute address of http or https. It is a link where the article is told of:
// "javascript:" must not get there.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

func times(cs []Correction) []time.Time {
	out := make([]time.Time, len(cs))
	for i, c := range cs {
		out[i] = c.At
	}
	return out
}

func (d *Draft) checkSizes() error {
	switch {
	case d.BodyHTML != "" && d.BodyMarkdown != "":
		return fault.Field("body", "expected HTML or Markdown, got both")
	case d.State == Published && strings.TrimSpace(d.source()) == "":
		return fault.Field("body", "a published article needs a text")
	case len(d.source()) > bodyLimit:
		return fault.Field("body", "expected at most %d bytes, got %d", bodyLimit, len(d.source()))
	case len(d.Byline) > termLimit || len(d.Topics) > termLimit || len(d.Countries) > termLimit:
		return fault.New(fault.Invalid, "Expected at most %d names of one kind.", termLimit)
	}
	short := []string{d.Source, d.Standfirst, d.Section, d.Series, d.Canonical, d.Origin, d.Licence}
	for _, list := range [][]string{d.Byline, d.Topics, d.Countries} {
		short = append(short, list...)
	}
	for _, s := range short {
		if len(s) > shortLimit {
			return fault.New(fault.Invalid, "Expected at most %d bytes in each field but the text, got %d.", shortLimit, len(s))
		}
	}
	return nil
}

// stored is what an article has of its own when a draft comes to replace it.
type stored struct {
	id          int64 // 0 for a new article
	source      string
	slug        string
	version     int64
	hash        string
	kind        string
	level       access.Level // "" when it names none
	state       State
	published   int64
	updated     int64
	hero        string
	corrections string
}

// settle fills what a draft leaves open from the article it replaces or, for a new one, with the defaults.
func (d *Draft) settle(have stored) (err error) {
	if have.id == 0 {
		have = stored{kind: Kinds()[0], state: Published}
	}
	if d.Kind == "" {
		d.Kind = have.kind
	}
	if d.Level == "" && !d.whole {
		d.Level = have.level
	}
	if d.State == "" {
		d.State = have.state
	}
	if d.Updated.IsZero() && have.updated != 0 {
		d.Updated = time.UnixMicro(have.updated)
	}
	if d.Hero == nil {
		if d.Hero, err = imageOf(have.hero); err != nil {
			return err
		}
	}
	if d.Corrections == nil {
		d.Corrections, err = correctionsOf(have.corrections)
	}
	return err
}

// hash is the same for two settled drafts of one article if they say the same. The slug is compared apart, as it may
// have been made. The values are written with their lengths, so that no two drafts write the same bytes.
func (d *Draft) hash() (string, error) {
	hero, err := imageText(d.Hero)
	if err != nil {
		return "", fmt.Errorf("hash article %s: %w", d.Title, err)
	}
	corrections, err := correctionsText(d.Corrections)
	if err != nil {
		return "", fmt.Errorf("hash article %s: %w", d.Title, err)
	}
	h := sha256.New()
	number := func(n int64) { _, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) }
	text := func(s string) {
		number(int64(len(s)))
		_, _ = io.WriteString(h, s) // a hash takes everything
	}
	for _, s := range []string{d.Kind, d.Title, d.Standfirst, string(d.Level), d.Section, d.Series, hero, string(d.State),
		corrections, d.Canonical, d.Origin, d.Licence, string(d.format()), d.source()} {
		text(s)
	}
	for _, list := range [][]string{d.Byline, d.Topics, d.Countries} {
		number(int64(len(list)))
		for _, s := range list {
			text(s)
		}
	}
	number(int64(d.Part))
	number(micros(d.Published))
	number(micros(d.Updated))
	return hex.EncodeToString(h.Sum(nil)), nil
}
