package library

import (
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
)

func TestTidy(t *testing.T) {
	d := Draft{
		Title: "  Two\twords\x00 and\nmore ", Standfirst: "a\u00a0b", Section: " ", Byline: []string{" A  B ", "", "\x07"},
		Topics: []string{"x"}, Hero: &Image{File: "a b.jpg", Caption: " C\n"}, BodyHTML: "<p>a\x00b</p>\n", Source: "s\x00 1",
	}
	hero := d.Hero
	d.tidy()
	if d.Title != "Two words and more" || d.Standfirst != "a\u00a0b" || d.Section != "" || d.BodyHTML != "<p>ab</p>\n" || d.Source != "s 1" {
		t.Errorf("tidy made %+v", d)
	}
	if len(d.Byline) != 1 || d.Byline[0] != "A B" || len(d.Topics) != 1 {
		t.Errorf("tidy made the names %q, %q", d.Byline, d.Topics)
	}
	if d.Hero.Caption != "C" || d.Hero.File != "a b.jpg" || hero.Caption != " C\n" {
		t.Errorf("tidy made the picture %+v of the caller's %+v", d.Hero, hero)
	}
	d = Draft{Title: "a\xffb", BodyMarkdown: "\xff"}
	d.tidy()
	if d.Title != "a\uFFFDb" || d.BodyMarkdown != "\uFFFD" {
		t.Errorf("what is not UTF-8 became %q, %q", d.Title, d.BodyMarkdown)
	}
}

func TestSettle(t *testing.T) {
	fresh := Draft{}
	if err := fresh.settle(stored{}); err != nil {
		t.Fatal(err)
	}
	if fresh.Kind != "article" || fresh.Level != "" || fresh.State != Published || fresh.Hero != nil || !fresh.Updated.IsZero() {
		t.Errorf("a new draft settled as %+v", fresh)
	}
	have := stored{id: 7, kind: "essay", level: access.Open, state: Drafted, updated: noon.UnixMicro(),
		hero: `{"file":"a.jpg"}`, corrections: `[{"at":"2026-05-01T00:00:00Z","text":"Oh."}]`}
	kept := Draft{}
	if err := kept.settle(have); err != nil {
		t.Fatal(err)
	}
	if kept.Kind != "essay" || kept.Level != access.Open || kept.State != Drafted || kept.Hero.File != "a.jpg" ||
		!kept.Updated.Equal(noon) || len(kept.Corrections) != 1 {
		t.Errorf("an empty draft settled as %+v", kept)
	}
	own := Draft{Kind: "news", Level: access.Metered, State: Published, Hero: &Image{}, Updated: noon.AddDate(0, 0, 1), Corrections: []Correction{}}
	want := own
	if err := own.settle(have); err != nil {
		t.Fatal(err)
	}
	if own.Kind != want.Kind || own.Level != want.Level || own.State != want.State || own.Hero != want.Hero ||
		!own.Updated.Equal(want.Updated) || own.Corrections == nil || len(own.Corrections) != 0 {
		t.Errorf("a full draft settled as %+v", own)
	}
	for _, broken := range []stored{{id: 1, hero: "{"}, {id: 1, corrections: "{"}} {
		if err := (&Draft{}).settle(broken); err == nil {
			t.Errorf("settled on %+v", broken)
		}
	}
}

// TestHash: the hash sees every field a reader could see a difference in, and no other.
func TestHash(t *testing.T) {
	base := draft("a", 1)
	base.Kind, base.Level, base.State = "article", access.Metered, Published
	hash := func(change func(*Draft)) string {
		t.Helper()
		d := base
		change(&d)
		h, err := d.hash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	same := hash(func(*Draft) {})
	for name, change := range map[string]func(*Draft){
		"id": func(d *Draft) { d.ID = 9 }, "source": func(d *Draft) { d.Source = "z" }, "slug": func(d *Draft) { d.Slug = "z" },
		"zone":           func(d *Draft) { d.Published = d.Published.In(time.FixedZone("", 3600)) },
		"nanoseconds":    func(d *Draft) { d.Published = d.Published.Add(999) },
		"no picture":     func(d *Draft) { d.Hero = &Image{Alt: "x"} },
		"no corrections": func(d *Draft) { d.Corrections = []Correction{} },
	} {
		if hash(change) != same {
			t.Errorf("%s changes the hash", name)
		}
	}
	seen := map[string]string{same: "nothing"}
	for name, change := range map[string]func(*Draft){
		"kind": func(d *Draft) { d.Kind = "essay" }, "title": func(d *Draft) { d.Title = "z" },
		"standfirst": func(d *Draft) { d.Standfirst = "z" }, "level": func(d *Draft) { d.Level = access.Open },
		"section": func(d *Draft) { d.Section = "z" }, "byline": func(d *Draft) { d.Byline = []string{"z"} },
		"topics": func(d *Draft) { d.Topics = []string{"z"} }, "countries": func(d *Draft) { d.Countries = []string{"z"} },
		"series": func(d *Draft) { d.Series = "z" }, "part": func(d *Draft) { d.Part = 2 }, "hero": func(d *Draft) { d.Hero = &Image{File: "z"} },
		"state": func(d *Draft) { d.State = Drafted }, "published": func(d *Draft) { d.Published = noon },
		"updated": func(d *Draft) { d.Updated = noon }, "corrections": func(d *Draft) { d.Corrections = []Correction{{noon, "z"}} },
		"canonical": func(d *Draft) { d.Canonical = "z" }, "origin": func(d *Draft) { d.Origin = "z" }, "licence": func(d *Draft) { d.Licence = "z" },
		"html": func(d *Draft) { d.BodyHTML += "z" }, "markdown": func(d *Draft) { d.BodyHTML, d.BodyMarkdown = "", d.BodyHTML },
		"names swapped": func(d *Draft) { d.Topics, d.Countries = d.Countries, d.Topics },
	} {
		h := hash(change)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s give one hash", name, other)
		}
		seen[h] = name
	}
}

func TestIsWebAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"https://old.example/strait?page=2#notes": true,
		"http://localhost:8080":                   true,
		"HTTPS://Old.Example/":                    true,
		"javascript:alert(1)":                     false,
		"JavaScript://old.example/%0aalert(1)":    false,
		"data:text/html,x":                        false,
		"//old.example/strait":                    false,
		"/articles/strait":                        false,
		"https:///strait":                         false,
		"https:old.example":                       false,
		"https://name@old.example/":               false,
		"https://old.example/%zz":                 false,
	} {
		if got := isWebAddress(address); got != want {
			t.Errorf("%s: %t", address, got)
		}
	}
}

func TestWords(t *testing.T) {
	for _, k := range Kinds() {
		if got, err := ParseKind(k); err != nil || got != k || checkSlug(k) != nil {
			t.Errorf("kind %s: %q, %v", k, got, err)
		}
	}
	for _, s := range []State{Drafted, Published} {
		if got, err := ParseState(string(s)); err != nil || got != s {
			t.Errorf("state %s: %q, %v", s, got, err)
		}
	}
	_, err := ParseKind("poem")
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `briefing`) || !strings.Contains(err.Error(), `or document, got "poem"`) {
		t.Errorf("kind poem: %v", err)
	}
	if _, err := ParseState("live"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "draft or published") {
		t.Errorf("state live: %v", err)
	}
	if got := (&Moved{Slug: "new"}).Error(); got != "the article has moved to new" {
		t.Error(got)
	}
}
