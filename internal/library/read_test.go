package library

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// canary stands everywhere in a text after its teaser.
const canary = "Zyxomma"

var gated = `<p>An opening sentence. Another one.</p><p>` + words(60) + `</p>
<p>` + canary + ` said so.<sup id="fnref:1"><a href="#fn:1" class="footnote-ref">1</a></sup></p>
<figure><img src="/media/` + canary + `.jpg" alt="` + canary + `"><figcaption>` + canary + `</figcaption></figure>
<aside class="pullquote">` + canary + `</aside><table><tr><td>` + canary + `</td></tr></table>
<h2>` + canary + `</h2><div class="footnotes"><ol><li id="fn:1">` + canary + `</li></ol></div>`

// TestOnlyBodyGivesTheText calls every function of the library and looks for the text in what comes back.
func TestOnlyBodyGivesTheText(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 2)
		d.BodyHTML, d.Level, d.Series, d.Part = gated, access.Open, "S", 1
		d2 := draft("b", 1)
		d2.BodyHTML, d2.Level, d2.Series, d2.Part = gated, access.Subscriber, "S", 2
		ids := save(t, l, d, d2)
		a := bySlug(t, l, "article-a")
		calls := map[string]func() (any, error){
			"BySlug":            func() (any, error) { return l.BySlug(ctx, "article-b") },
			"Body":              func() (any, error) { return l.Body(ctx, access.Decision{}) },
			"Term":              func() (any, error) { return l.Term(ctx, Topic, "trade") },
			"ContributorBySlug": func() (any, error) { return l.ContributorBySlug(ctx, "ines-marvell") },
			"Terms":             func() (any, error) { return l.Terms(ctx, Series) },
			"List":              func() (any, error) { return l.List(ctx, Filter{}, Cursor{}, 10) },
			"Months":            func() (any, error) { return l.Months(ctx) },
			"NextScheduled":     func() (any, error) { return l.NextScheduled(ctx) },
			"Related":           func() (any, error) { return l.Related(ctx, ids[0], 10) },
			"Summaries":         func() (any, error) { return l.Summaries(ctx, ids) },
			"Teasers":           func() (any, error) { return l.Teasers(ctx, ids) },
			"Parts":             func() (any, error) { return l.Parts(ctx, a.Series.Series.ID) },
			"Known":             func() (any, error) { return l.Known(ctx, []string{"a", "b"}) },
			"Recut":             func() (any, error) { return New(db, Options{TeaserWords: 30, Now: l.clock}).Recut(ctx) },
			"Save":              func() (any, error) { return l.Save(ctx, d) },
			"SaveBatch":         func() (any, error) { return l.SaveBatch(ctx, []Draft{d, d2}) },
			"SaveTerm":          func() (any, error) { return l.SaveTerm(ctx, Term{Kind: Topic, Name: "Trade"}) },
			"AppearedSince":     func() (any, error) { return l.AppearedSince(ctx, noon.AddDate(-1, 0, 0)) },
			"Beside":            func() (any, error) { return l.Beside(ctx, a.Series.Series.ID, Topic, 10) },
			"DefaultLevel":      func() (any, error) { return l.DefaultLevel(), nil },
			"Sources":           func() (any, error) { return l.Sources(ctx) },
			"Introduce":         func() (any, error) { return nil, l.Introduce(ctx, Topic, "trade", "What crosses borders.") },
			"Introduction":      func() (any, error) { return l.Introduction(ctx, a.Topics[0].ID) },
			"Longest":           func() (any, error) { return l.Longest(ctx, a.Series.Series.ID, 10) },
			"Planned":           func() (any, error) { return l.Planned(ctx, noon.AddDate(1, 0, 0), 10) },
			"Unknown":           func() (any, error) { return l.Unknown(ctx, Topic, "trade", "nothing") },
			"TermsOf":           func() (any, error) { return l.TermsOf(ctx, Topic) },
			"TermsAfter":        func() (any, error) { return l.TermsAfter(ctx, 0) },
			"Versions":          func() (any, error) { return nil, l.Versions(ctx, func(int64, int64) {}) },
			"Wholes":            func() (any, error) { return nil, nil }, // the text, for the index: TestWholesAreForTheIndex
			"Manuscript":        func() (any, error) { return nil, nil }, // the text, for who writes it: TestManuscriptsAreForTheNewsroom
			"ManuscriptIn":      func() (any, error) { return nil, nil },
			"Revise":            func() (any, error) { return nil, l.Revise(ctx, a.ID, func(*Draft) error { return nil }) },
			"WithTitle":         func() (any, error) { return l.WithTitle(ctx, []string{"article"}, 10) },
			"SaveContributor":   func() (any, error) { return l.SaveContributor(ctx, Contributor{Term: Term{Kind: Byline, Name: "X"}}) },
		}
		for m := range reflect.TypeFor[*Library]().Methods() {
			call := calls[m.Name]
			if call == nil {
				t.Errorf("this test does not know %s: see that it gives no text away", m.Name)
				continue
			}
			got, err := call()
			text, _ := json.Marshal(got)
			if said := fmt.Sprintf("%s %#v %v", text, got, err); strings.Contains(said, canary) {
				t.Errorf("%s gives the text away: %s", m.Name, said)
			}
			if m.Name == "Body" != fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", m.Name, err)
			}
		}
		body, err := l.Body(ctx, full(ids[1]))
		if n := strings.Count(string(body), canary); err != nil || n != 8 {
			t.Errorf("the whole text has %d canaries of 8, %v", n, err)
		}
	})
}

// TestBodyAsksForADecision: nothing but a decision that opens this very article opens it.
func TestBodyAsksForADecision(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 1)
		d.Level = access.Subscriber
		id := save(t, l, d)[0]
		facts := access.Facts{Article: access.Article{ID: id}, Level: access.Subscriber}
		for name, decision := range map[string]access.Decision{
			"none": {}, "made by hand": {Grant: access.ByStaff}, "refused": access.Decide(facts),
		} {
			if body, err := l.Body(ctx, decision); body != "" || !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %q, %v", name, body, err)
			}
		}
		_, err := l.Body(ctx, full(id+1))
		wantNotFound(t, "of another article", err)
		facts.Standing, facts.Plan = access.Paid, access.BySubscription
		if body, err := l.Body(ctx, access.Decide(facts)); err != nil || string(body) != d.BodyHTML {
			t.Errorf("granted: %q, %v", body, err)
		}
	})
}

// TestUnpublishedNeverShows asks every function for a draft and a scheduled article, then lets time pass.
func TestUnpublishedNeverShows(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		now := noon
		l := New(db, Options{Now: func() time.Time { return now }})
		shown := draft("shown", 1)
		shown.Topics, shown.Series, shown.Part = []string{"Trade"}, "S", 1
		later, never := shown, shown
		later.Source, later.Title, later.Published, later.Part = "later", "Embargoed later", noon.Add(time.Minute), 2
		later.Topics, later.Byline, later.Section = []string{"Trade", "Embargoed topic"}, []string{"Embargoed Author"}, "Embargoed section"
		never.Source, never.Title, never.State, never.Part = "never", "Embargoed never", Drafted, 3
		later.BodyHTML += "<p>Embargoed text.</p>"
		never.BodyHTML += "<p>Embargoed never.</p>"
		ids := save(t, l, shown, later, never)
		look := func() string {
			var b strings.Builder
			see := func(v any, err error) { fmt.Fprintf(&b, "%+v %v\n", v, err) }
			article := bySlug(t, l, "article-shown")
			b.WriteString(fmt.Sprintf("%+v", article))
			for _, slug := range []string{"embargoed-later", "embargoed-never"} {
				see(l.BySlug(ctx, slug))
			}
			for _, kind := range []TermKind{Section, Topic, Country, Region, Series, Byline} {
				terms, err := l.Terms(ctx, kind)
				see(terms, err)
				for _, t := range terms {
					see(l.List(ctx, Filter{Term: t.ID}, Cursor{}, 10))
					see(l.List(ctx, Filter{Term: t.ID}, Cursor{newer: true, shown: article.Published.UnixMicro(), id: ids[0]}, 10))
				}
			}
			see(l.Term(ctx, Topic, "embargoed-topic"))
			see(l.ContributorBySlug(ctx, "embargoed-author"))
			see(l.List(ctx, Filter{}, Cursor{}, 10))
			see(l.List(ctx, Filter{Until: noon.AddDate(9, 0, 0)}, Cursor{shown: 1<<63 - 1, id: 1}, 10))
			see(l.List(ctx, Filter{From: noon}, Cursor{newer: true, shown: 1, id: 1}, 10))
			see(l.Months(ctx))
			see(l.Related(ctx, ids[0], 10))
			see(l.Summaries(ctx, ids))
			see(l.Teasers(ctx, ids[1:]))
			see(l.Parts(ctx, article.Series.Series.ID))
			for _, id := range ids[1:] {
				see(l.Body(ctx, full(id)))
			}
			return b.String()
		}
		if saw := look(); strings.Contains(saw, "mbargoed") {
			t.Errorf("before its time:\n%s", saw)
		}
		if at, err := l.NextScheduled(ctx); err != nil || !at.Equal(later.Published) {
			t.Errorf("next scheduled %v, %v", at, err)
		}
		now = noon.Add(time.Minute)
		if saw := look(); !strings.Contains(saw, "Embargoed later") || !strings.Contains(saw, "Embargoed Author") || !strings.Contains(saw, "Embargoed text") || strings.Contains(saw, "mbargoed never") {
			t.Errorf("at its time:\n%s", saw)
		}
		if at, err := l.NextScheduled(ctx); err != nil || !at.IsZero() {
			t.Errorf("next scheduled %v, %v", at, err)
		}
		if m, _ := l.Months(ctx); fmt.Sprint(m) != "[{2026 [0 0 0 1 1 0 0 0 0 0 0 0]}]" {
			t.Errorf("months %v", m)
		}
		shown.State = Drafted // and what is taken back is gone
		save(t, l, shown)
		_, err := l.BySlug(ctx, "article-shown")
		wantNotFound(t, "an article taken back", err)
		if got, _ := l.List(ctx, Filter{}, Cursor{}, 10); len(got.Items) != 1 {
			t.Errorf("listed %+v", got.Items)
		}
	})
}

// What no slug can be leads nowhere on either database: PostgreSQL takes neither NUL nor broken UTF-8 for text.
func TestNoSlugLeadsNowhere(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		for _, slug := range []string{"", "\x00", "a\x00b", "\xff", "\xc0\xaf", "\xed\xa0\x80", "A-Slug", "a/b", strings.Repeat("a", 100_000)} {
			_, err := l.BySlug(ctx, slug)
			wantNotFound(t, fmt.Sprintf("article %.10q", slug), err)
			_, err = l.Term(ctx, Topic, slug)
			wantNotFound(t, fmt.Sprintf("topic %.10q", slug), err)
			_, err = l.ContributorBySlug(ctx, slug)
			wantNotFound(t, fmt.Sprintf("contributor %.10q", slug), err)
		}
	})
}

// An article that names no level has the publication's, also when that changes after the article came in.
func TestDefaultLevel(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		named, unnamed := draft("named", 1), draft("unnamed", 2)
		named.Level, unnamed.Level = access.Open, ""
		ids := save(t, New(db, Options{Now: library(db).clock}), named, unnamed)
		for _, level := range []access.Level{access.Registered, access.Subscriber} {
			l := New(db, Options{DefaultLevel: level, Now: library(db).clock})
			if saved := save(t, l, named, unnamed); !slices.Equal(saved, ids) {
				t.Fatalf("saved again as %v", saved)
			}
			for slug, want := range map[string]access.Level{"article-named": access.Open, "article-unnamed": level} {
				if a := bySlug(t, l, slug); a.Level != want || a.Facts().Level != want || a.Version != 1 {
					t.Errorf("%s: level %s in version %d, want %s", slug, a.Level, a.Version, want)
				}
			}
			list, err := l.Summaries(t.Context(), ids)
			if err != nil || len(list) != 2 || list[0].Level != access.Open || list[1].Level != level {
				t.Errorf("%+v, %v", list, err)
			}
		}
	})
}
