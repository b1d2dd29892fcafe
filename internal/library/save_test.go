package library

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func names(ts []Term) (out []string) {
	for _, t := range ts {
		out = append(out, t.Name)
	}
	return out
}

func TestSaveAndRead(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		d := draft("a", 3)
		d.Kind, d.Level, d.Slug = "analysis", access.Subscriber, "chosen"
		d.Series, d.Part = "The Price of Water", 2
		d.Hero = &Image{File: "ab.jpg", Alt: "A ship", Caption: "A ship at sea", Credit: "NASA", Licence: "Public domain", Width: 1200, Height: 675}
		d.Updated = noon.AddDate(0, 0, -1)
		d.Corrections = []Correction{{At: noon.AddDate(0, 0, -1), Text: "It was a boat."}}
		d.Canonical, d.Origin, d.Licence = "https://elsewhere.example/a", "The archive", "CC BY 2.5"
		id := save(t, l, d)[0]
		a := bySlug(t, l, "chosen")
		if a.ID != id || a.Source != "a" || a.Kind != "analysis" || a.Level != access.Subscriber || a.Title != "Article a" ||
			a.Standfirst != d.Standfirst || a.Canonical != d.Canonical || a.Origin != d.Origin || a.Licence != d.Licence || a.Version != 1 {
			t.Errorf("read %+v", a)
		}
		if !a.Published.Equal(d.Published) || !a.Updated.Equal(d.Updated) || !reflect.DeepEqual(a.Corrections, d.Corrections) {
			t.Errorf("times %v, %v, %v", a.Published, a.Updated, a.Corrections)
		}
		if !reflect.DeepEqual(a.Hero, d.Hero) {
			t.Errorf("hero %+v", a.Hero)
		}
		if a.Section.Name != "Briefings" || a.Section.Slug != "briefings" || len(a.Byline) != 2 || a.Byline[0].Name != "Ines Marvell" {
			t.Errorf("section %+v, byline %+v", a.Section, a.Byline)
		}
		if got := fmt.Sprint(names(a.Topics), names(a.Countries), names(a.Regions)); got != "[Trade Law & justice] [Ghana Poland] [Africa Europe]" {
			t.Errorf("filed under %s", got)
		}
		if a.Series == nil || a.Series.Series.Name != "The Price of Water" || a.Series.Number != 2 || len(a.Series.Siblings) != 1 {
			t.Errorf("series %+v", a.Series)
		}
		if a.Teaser != "<p>First sentence of it. Second sentence of it.</p>" || a.Words != 61 {
			t.Errorf("teaser %q, %d words", a.Teaser, a.Words)
		}
		if f := a.Facts(); f != (access.Article{ID: id, Level: access.Subscriber, Section: "briefings", Kind: "analysis", Published: a.Published}) {
			t.Errorf("facts %+v", f)
		}
		body, err := l.Body(context.Background(), full(id))
		if err != nil || string(body) != d.BodyHTML {
			t.Errorf("body %q, %v", body, err)
		}
		if n := lines(t, db, "article"); n != 1 {
			t.Errorf("%d lines in the change log", n)
		}
		if n := lines(t, db, "term"); n != 10 { // section, series, 2 contributors, 2 topics, 2 countries, 2 regions
			t.Errorf("%d terms in the change log", n)
		}
	})
}

func TestSaveTheSameChangesNothing(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 1)
		d.Hero = &Image{File: "ab.jpg"}
		d.Corrections = []Correction{{At: noon.In(time.FixedZone("", 3600)), Text: "It was a boat."}}
		id := save(t, l, d)[0]
		changes := len(storagetest.Log(t, db))
		for _, same := range []func(*Draft){
			func(*Draft) {},
			func(d *Draft) { d.Kind, d.State, d.Slug = "article", Published, "article-a" },
			func(d *Draft) { d.Hero, d.Corrections = nil, nil },
			func(d *Draft) { d.Title = "  Article\t a " },
			func(d *Draft) { d.Published = d.Published.In(time.FixedZone("", 7200)) },
			func(d *Draft) { d.Topics = append([]string{""}, d.Topics...) },
			func(d *Draft) { d.ID, d.Source = id, "" },
		} {
			again := d
			same(&again)
			saved, err := New(db, Options{Now: l.clock}).SaveBatch(ctx, []Draft{again})
			if err != nil || saved[0] != (Saved{ID: id, Slug: "article-a"}) {
				t.Errorf("saved %+v, %v", saved, err)
			}
		}
		if a := bySlug(t, l, "article-a"); a.Version != 1 || a.Hero == nil || len(a.Corrections) != 1 {
			t.Errorf("read %+v", a)
		}
		if after := len(storagetest.Log(t, db)); after != changes {
			t.Errorf("the change log went from %d to %d", changes, after)
		}
	})
}

func TestSaveChanges(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		d := draft("a", 1)
		d.Kind, d.Level, d.Hero = "column", access.Open, &Image{File: "ab.jpg"}
		id := save(t, l, d)[0]
		for i, change := range []func(*Draft){
			func(d *Draft) { d.BodyHTML += "<p>More.</p>" },
			func(d *Draft) { d.Title = "Another title" },
			func(d *Draft) { d.Topics = []string{"Energy"} },
			func(d *Draft) { d.Byline = []string{"Chidera Obanwu", "Ines Marvell"} },
			func(d *Draft) { d.Countries = nil },
			func(d *Draft) { d.Level = access.Subscriber },
			func(d *Draft) { d.Published = noon.AddDate(0, 0, -9) },
			func(d *Draft) { d.Hero = &Image{} },
			func(d *Draft) { d.BodyMarkdown, d.BodyHTML = "One. *Two*.", "" },
		} {
			change(&d)
			saved, err := l.SaveBatch(ctx, []Draft{d})
			if err != nil || saved[0] != (Saved{ID: id, Slug: "article-a", Outcome: Changed}) {
				t.Fatalf("change %d: %+v, %v", i, saved, err)
			}
			if a := bySlug(t, l, "article-a"); a.Version != int64(i+2) {
				t.Errorf("change %d: version %d", i, a.Version)
			}
		}
		a := bySlug(t, l, "article-a")
		if a.Title != "Another title" || a.Level != access.Subscriber || a.Hero != nil || a.Kind != "column" || len(a.Countries)+len(a.Regions) != 0 ||
			fmt.Sprint(names(a.Topics)) != "[Energy]" || a.Byline[0].Name != "Chidera Obanwu" {
			t.Errorf("read %+v", a)
		}
		if body, _ := l.Body(ctx, full(id)); body != "<p>One. <em>Two</em>.</p>\n" {
			t.Errorf("body %q", body)
		}
		trade, err := l.Terms(ctx, Topic)
		if err != nil || len(trade) != 1 || trade[0].Name != "Energy" {
			t.Errorf("topics %+v, %v", trade, err)
		}
	})
}

// TestImportKeepsTheNewsroom: what an import says nothing of stays as the newsroom left it.
func TestImportKeepsTheNewsroom(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		imported := draft("a", 1)
		id := save(t, l, imported)[0]
		edited := imported
		edited.ID, edited.Source = id, ""
		edited.Level, edited.Kind, edited.Slug, edited.Hero = access.Open, "essay", "edited", &Image{File: "ab.jpg"}
		edited.Updated, edited.Corrections = noon, []Correction{{At: noon, Text: "Oh."}}
		save(t, l, edited)
		imported.Standfirst = "Something else."
		save(t, l, imported)
		a := bySlug(t, l, "edited")
		if a.Standfirst != "Something else." || a.Level != access.Open || a.Kind != "essay" || a.Hero == nil || a.Updated != noon ||
			len(a.Corrections) != 1 || a.Source != "a" || a.Version != 3 {
			t.Errorf("read %+v", a)
		}
		wantMoved(t, l, "article-a", "edited")
	})
}

func TestSlugsStayAndLead(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		a, b := draft("a", 1), draft("b", 2)
		save(t, l, a, b)
		a.Slug = "second"
		save(t, l, a)
		wantMoved(t, l, "article-a", "second")
		a.Slug = "third"
		save(t, l, a)
		wantMoved(t, l, "article-a", "third")
		wantMoved(t, l, "second", "third")
		a.Slug = "article-a" // it may have its own old one again
		save(t, l, a)
		wantMoved(t, l, "third", "article-a")
		bySlug(t, l, "article-a")
		b.Slug = "second" // but nobody else's
		if _, err := l.Save(ctx, b); !fault.Is(err, fault.Conflict) {
			t.Errorf("a slug was taken over: %v", err)
		}
		c := draft("c", 3)
		c.Slug = "third"
		if _, err := l.Save(ctx, c); !fault.Is(err, fault.Conflict) {
			t.Errorf("a slug was taken over by a new article: %v", err)
		}
		wantMoved(t, l, "second", "article-a")
		a.Slug, a.Title = "", "Quite another title" // a slug outlives the title
		save(t, l, a)
		bySlug(t, l, "article-a")
		for _, wrong := range []string{"Article-a", "article-a/", "article-a ", "article-a.html", "article-%61", "", "ARTICLE-A"} {
			_, err := l.BySlug(ctx, wrong)
			wantNotFound(t, wrong, err)
		}
	})
}

// TestNamesakes: articles of one title get slugs of their own, the same in whatever order they come but for the first.
func TestNamesakes(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		var drafts []Draft
		for i := range 9 {
			d := draft(fmt.Sprint(i), i)
			d.Title = "Indonesia"
			drafts = append(drafts, d)
		}
		save(t, l, drafts...)
		bySlug(t, l, "indonesia")
		for _, d := range drafts[1:] {
			slugChoices(&d)(func(s string) bool {
				if s == "indonesia" {
					return true
				}
				if a := bySlug(t, l, s); a.Source != d.Source {
					t.Errorf("%s is %s, want %s", s, a.Source, d.Source)
				}
				return false
			})
		}
	})
}

// TestOwnTwins: two of our own that are alike to the letter are still two.
func TestOwnTwins(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		seen := map[int64]bool{}
		for range 12 {
			seen[save(t, l, draft("", 1))[0]] = true
		}
		if len(seen) != 12 {
			t.Errorf("%d articles, want 12", len(seen))
		}
	})
}

func TestSaveRefuses(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		good := draft("good", 1)
		for field, spoil := range map[string]func(*Draft){
			"title":     func(d *Draft) { d.Title = " \x00 " },
			"kind":      func(d *Draft) { d.Kind = "poem" },
			"level":     func(d *Draft) { d.Level = "free" },
			"state":     func(d *Draft) { d.State = "scheduled" },
			"published": func(d *Draft) { d.Published = time.Time{} },
			"part":      func(d *Draft) { d.Part = 2 },
			"slug":      func(d *Draft) { d.Slug = "No Slug" },
			"body":      func(d *Draft) { d.BodyHTML = " " },
			"canonical": func(d *Draft) { d.Canonical = "javascript:alert(1)" },
			"":          func(d *Draft) { d.Published = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) },
		} {
			bad := draft("bad-"+field, 1)
			spoil(&bad)
			saved, err := l.SaveBatch(ctx, []Draft{bad, good})
			if err != nil || saved[1].Err != nil || saved[1].ID == 0 {
				t.Fatalf("%s: %+v, %v", field, saved, err)
			}
			f, ok := saved[0].Err.(*fault.Error)
			if !ok || f.Kind != fault.Invalid || f.Field != field || f.Text == "" {
				t.Errorf("%s: %v", field, saved[0].Err)
			}
		}
		both := draft("both", 1)
		both.BodyMarkdown = "Two."
		long := draft("long", 1)
		long.Standfirst = strings.Repeat("x", shortLimit+1)
		many := draft("many", 1)
		many.Topics = strings.Fields(strings.Repeat("x ", termLimit+1))
		big := draft("big", 1)
		big.BodyHTML = strings.Repeat("x", bodyLimit+1)
		for _, d := range []Draft{both, long, many, big} {
			if _, err := l.Save(ctx, d); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", d.Source, err)
			}
		}
		_, err := l.Save(ctx, Draft{ID: 999, Title: "x", BodyHTML: "x", Published: noon})
		wantNotFound(t, "article 999", err)
		if n := lines(t, db, "article"); n != 1 {
			t.Errorf("%d articles were written, want the good one", n)
		}
	})
}

// TestSaveBatchWithRepeats: of two drafts for one article in a batch the later one wins.
func TestSaveBatchWithRepeats(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		first, last := draft("a", 1), draft("a", 1)
		last.Standfirst = "The last."
		ids := save(t, l, first, draft("b", 1), last, draft("", 1), draft("", 1))
		if ids[0] != ids[2] || ids[3] == ids[4] {
			t.Errorf("ids %v", ids)
		}
		if a := bySlug(t, l, "article-a"); a.Standfirst != "The last." || a.Version != 2 {
			t.Errorf("read %+v", a)
		}
	})
}

// TestSaveRaces: writers that save the same articles, terms and titles at once end with each article once.
func TestSaveRaces(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const writers, articles = 8, 12
		ctx := context.Background()
		var wait sync.WaitGroup
		for w := range writers {
			wait.Go(func() {
				l := library(db) // each with a cache of its own, as on nodes of their own
				for i := range articles {
					d := draft(fmt.Sprint((i+w)%articles), 1)
					d.Title = "One title"
					d.Topics = []string{fmt.Sprint("T", (i+w)%5), fmt.Sprint("T", w%5)}
					d.Standfirst = fmt.Sprint("by ", w)
					if _, err := l.Save(ctx, d); err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		wait.Wait()
		l := library(db)
		page, err := l.List(ctx, Filter{}, Cursor{}, 100)
		if err != nil || len(page.Items) != articles {
			t.Fatalf("%d articles, %v", len(page.Items), err)
		}
		slugs := map[string]bool{}
		for _, s := range page.Items {
			slugs[s.Slug] = true
			if a := bySlug(t, l, s.Slug); len(a.Byline) != 2 || a.Section.Name != "Briefings" || len(a.Topics) == 0 {
				t.Errorf("read %+v", a)
			}
		}
		if len(slugs) != articles {
			t.Errorf("slugs %v", slugs)
		}
		var held int
		if err := db.QueryRow(ctx, `SELECT COUNT(*) FROM slugs WHERE article = 0`).Scan(&held); err != nil || held != 0 {
			t.Errorf("%d slugs are held by no article, %v", held, err)
		}
	})
}
