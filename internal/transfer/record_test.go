package transfer

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func TestParseRecord(t *testing.T) {
	at := time.Date(2026, 5, 1, 7, 30, 0, 0, time.UTC)
	whole := `{"id":"a-1","slug":"a-slug","kind":"essay","level":"subscriber","state":"published","title":"T\u00e9st","subtitle":"S",
		"authors":["A","B"],"published":"2026-05-01T09:30:00+02:00","updated":"2026-05-02","section":"Briefings","topics":["X"],
		"countries":["Ghana"],"series":"Water","part":3,"body_html":"<p>One.</p>","source":"Src","licence":"CC0",
		"canonical":"https://x.example/","corrections":[{"at":"2026-05-02","text":"Oh."}],
		"hero":{"file":"a.jpg","alt":"Alt","caption":"Cap","credit":"Cre","licence":"Lic"}}`
	r, err := parseRecord([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := library.Draft{Source: "a-1", Slug: "a-slug", Kind: "essay", Level: access.Subscriber, State: library.Published, Title: "Tést",
		Standfirst: "S", Byline: []string{"A", "B"}, Published: at, Updated: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), Section: "Briefings",
		Topics: []string{"X"}, Countries: []string{"Ghana"}, Series: "Water", Part: 3, BodyHTML: "<p>One.</p>", Origin: "Src", Licence: "CC0",
		Canonical:   "https://x.example/",
		Corrections: []library.Correction{{At: time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC), Text: "Oh."}}}
	if !reflect.DeepEqual(r.draft, want) {
		t.Errorf("read %+v\nwant %+v", r.draft, want)
	}
	if r.picture != (picture{"a.jpg", "Alt", "Cap", "Cre", "Lic"}) || len(r.unknown) != 0 {
		t.Errorf("picture %+v, unknown %q", r.picture, r.unknown)
	}
	other := `{"id":"a","title":"T","standfirst":"S","byline":["A"],"published":"2026-05-01","origin":"O","license":"L",
		"body_markdown":"One.","photo":"p.jpg","mood":"grim","wordcount":{"n":3}}`
	if r, err = parseRecord([]byte(other)); err != nil {
		t.Fatal(err)
	}
	if d := r.draft; d.Standfirst != "S" || len(d.Byline) != 1 || d.Origin != "O" || d.Licence != "L" || d.BodyMarkdown != "One." ||
		r.picture.File != "p.jpg" || strings.Join(r.unknown, " ") != "mood wordcount" {
		t.Errorf("read %+v", r)
	}
}

// line is a right line with some of its keys replaced or added: "key":value, parted by commas.
func line(keys string) string {
	return `{"id":"a","title":"T","published":"2026-05-01","body_html":"<p>One.</p>",` + keys + `}`
}

func TestEmptyAndAbsent(t *testing.T) {
	r, err := parseRecord([]byte(line(`"photo":null,"corrections":null,"kind":"","level":null,"updated":"","part":0,"topics":null`)))
	if err != nil {
		t.Fatal(err)
	}
	if d := r.draft; d.Hero == nil || d.Hero.File != "" || d.Corrections == nil || d.Kind != "" || d.Level != "" || !d.Updated.IsZero() {
		t.Errorf("read %+v", d)
	}
	if r, err = parseRecord([]byte(line(`"hero":null`))); err != nil || r.draft.Hero == nil {
		t.Errorf("hero null: %+v, %v", r, err)
	}
	if r, err = parseRecord([]byte(line(`"x":1`))); err != nil || r.draft.Hero != nil || r.draft.Corrections != nil {
		t.Errorf("absent: %+v, %v", r, err)
	}
	if _, err := parseRecord([]byte(`{"id":"a","title":"T","body_html":"x","state":"draft"}`)); err != nil {
		t.Errorf("a draft without a time: %v", err)
	}
}

func TestParseRecordRefuses(t *testing.T) {
	for in, want := range map[string]string{
		`{`:                 "not a JSON object",
		"{\"id\":\"\xff\"}": "not UTF-8",
		`{"title":"T"}`:     "id: a line needs an id",
		`{"id":"a"}`:        "title: a title is needed",
		`{"id":"a","title":"T","published":"2026-05-01"}`:  "body_html: a text is needed",
		`{"id":"a","title":"T","body_html":"x"}`:           "published: a time is needed",
		line(`"body_markdown":"x"`):                        "body_html: there is a text in body_markdown too",
		line(`"kind":"poem"`):                              "kind: expected article, briefing, column, analysis, essay, interview, review, report, news or document, got \"poem\"",
		line(`"level":"free"`):                             "level: expected open, registered, metered or subscriber, got \"free\"",
		line(`"state":"live"`):                             "state: expected draft or published, got \"live\"",
		line(`"published":"May 1"`):                        "published: expected a time like 2026-05-01T09:30:00Z or a date like 2026-05-01, got \"May 1\"",
		line(`"updated":17`):                               "updated: expected a time, got 17",
		line(`"title":5`):                                  "title: expected text, got 5",
		line(`"title":tru`):                                "title: not JSON",
		line(`"mood":tru`):                                 `"mood": not JSON`,
		line(`"authors":"A"`):                              `authors: expected a list of names, got "A"`,
		line(`"topics":[1]`):                               "topics: expected a list of names, got [1]",
		line(`"part":"two"`):                               `part: expected a number, got "two"`,
		line(`"part":-1`):                                  "part: expected a number from 1 on, got -1",
		line(`"photo":{}`):                                 "photo: expected the name of a file, got {}",
		line(`"hero":"a.jpg"`):                             `hero: expected an object with file, alt, caption, credit and licence, got "a.jpg"`,
		line(`"hero":{"file":1}`):                          "hero: expected an object",
		line(`"corrections":[{"text":"x"}]`):               "corrections: expected at and text in each",
		line(`"corrections":[{"at":"x","text":"x"}]`):      "corrections: expected a time",
		line(`"corrections":{}`):                           "corrections: expected a list",
		line(`"slug":["` + strings.Repeat("é", 99) + `"]`): "slug: expected text, got [\"" + strings.Repeat("é", 29) + "…",
	} {
		_, err := parseRecord([]byte(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngave %v\nwant %s", in, err, want)
		}
	}
}

func TestFindSeries(t *testing.T) {
	for _, tt := range []struct {
		keys   string
		series string
		part   int
	}{
		{`"title":"Message, 1794 (Part 2 of 12)"`, "Message, 1794", 2},
		{`"title":"On Water (part 3) "`, "On Water", 3},
		{`"title":"(Part 1 of 2)"`, "", 0},
		{`"title":"Spare (Parts 1 of 2)"`, "", 0},
		{`"title":"On (Part 1 of 2) Water"`, "", 0},
		{`"title":"On Water (Part 1 of 2)","series":"Rivers","part":7`, "Rivers", 7},
		{`"title":"On Water (Part 1 of 2)","series":null`, "", 0},
	} {
		r, err := parseRecord([]byte(line(tt.keys)))
		if err != nil {
			t.Fatal(err)
		}
		r.findSeries()
		if r.draft.Series != tt.series || r.draft.Part != tt.part {
			t.Errorf("%s: series %q, part %d", tt.keys, r.draft.Series, r.draft.Part)
		}
	}
}

// TestLend: a later line keeps what it says and takes what it has no key for.
func TestLend(t *testing.T) {
	first, err := parseRecord([]byte(line(`"slug":"s","kind":"essay","level":"open","state":"draft","subtitle":"S","authors":["A"],"section":"Sec",
		"topics":["T"],"countries":["C"],"series":"Ser","part":1,"updated":"2026-05-02","corrections":[{"at":"2026-05-02","text":"Oh."}],
		"canonical":"Can","source":"O","licence":"L","photo":"p.jpg"`)))
	if err != nil {
		t.Fatal(err)
	}
	first.forgetText()
	bare, err := parseRecord([]byte(line(`"body_html":"<p>Last.</p>"`)))
	if err != nil {
		t.Fatal(err)
	}
	first.lend(bare)
	want := first.draft
	want.BodyHTML = "<p>Last.</p>"
	if !reflect.DeepEqual(bare.draft, want) || bare.picture.File != "p.jpg" {
		t.Errorf("lent %+v\nwant %+v", bare.draft, want)
	}
	own, err := parseRecord([]byte(line(`"subtitle":"","authors":[],"level":"metered","photo":null,"series":null,"part":null`)))
	if err != nil {
		t.Fatal(err)
	}
	first.lend(own)
	if d := own.draft; d.Standfirst != "" || len(d.Byline) != 0 || d.Level != access.Metered || own.picture.File != "" || d.Series != "" || d.Kind != "essay" {
		t.Errorf("lent %+v", d)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(line(`"hero":{"file":"a"},"corrections":[],"part":1,"kind":"essay"`)))
	f.Add([]byte(line(`"title":"X (Part 1 of 2)","updated":"2026-05-01T00:00:00Z"`)))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := parseRecord(in)
		if err != nil {
			return
		}
		r.findSeries()
		if d := r.draft; d.Source == "" || d.Title == "" || d.BodyHTML == "" == (d.BodyMarkdown == "") {
			t.Errorf("%q was read as %+v", in, d)
		}
		if id := idOf(in); id == "" {
			t.Errorf("%q has an id the first look does not see", in)
		}
	})
}
