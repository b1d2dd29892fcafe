package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// A desk is an installation to fill, with a clock of its own.
type desk struct {
	deps    Deps
	db      *storage.DB
	now     time.Time
	welcome []Guest
}

// newDesk returns an installation that shares its pictures with the others: to make them takes seconds.
func newDesk(t *testing.T, db *storage.DB) *desk {
	t.Helper()
	d := &desk{db: db, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	sold, err := ads.New(t.Context(), db, ads.Options{Media: pictures, Now: func() time.Time { return d.now }})
	if err != nil {
		t.Fatal(err)
	}
	d.deps = Deps{
		Ads:     sold,
		Library: library.New(db, library.Options{Now: func() time.Time { return d.now }}),
		Media:   pictures,
		Welcome: func(_ context.Context, g Guest) error { d.welcome = append(d.welcome, g); return nil },
	}
	return d
}

var pictures *media.Images

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gatefold-demo-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	db, err := storage.Open(context.Background(), filepath.Join(dir, "gatefold.db"), storage.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(context.Background()); err != nil {
		panic(err)
	}
	pictures = newPictures(db, dir)
	return m.Run()
}

func newPictures(db *storage.DB, dir string) *media.Images {
	disk, err := media.OpenDisk(filepath.Join(dir, "media"))
	if err != nil {
		panic(err)
	}
	return media.New(db, disk)
}

func (d *desk) fill(t *testing.T, articles int) Summary {
	t.Helper()
	s, err := Fill(context.Background(), d.deps, Options{Now: d.now, Articles: articles})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (d *desk) article(t *testing.T, slug string) library.Article {
	t.Helper()
	a, err := d.deps.Library.BySlug(context.Background(), slug)
	if err != nil {
		t.Fatalf("%s: %v", slug, err)
	}
	return a
}

// sold counts the campaigns and creatives of the demonstration.
func (d *desk) sold(t *testing.T) (campaigns, creatives int) {
	t.Helper()
	all, err := d.deps.Ads.Campaigns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	shown, err := d.deps.Ads.Creatives(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(all), len(shown)
}

// changes counts the lines of the change log.
func (d *desk) changes(t *testing.T) int { return len(storagetest.Log(t, d.db)) }

func TestFill(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		d := newDesk(t, db)
		d.deps.Media = newPictures(db, t.TempDir())
		j := embedded(t)
		s := d.fill(t, 0)
		if s.Created != len(j.articles) || s.Kept != 0 || s.Generated != 0 || s.Pictures != len(j.photos) {
			t.Errorf("summary %+v", s)
		}
		if !slices.Equal(d.welcome, Guests()) {
			t.Errorf("welcomed %v", d.welcome)
		}
		for level, slug := range s.Samples {
			if a := d.article(t, slug); a.Level != level || a.Published.After(d.now) {
				t.Errorf("the sample for %s is %s, %s, published %s", level, slug, a.Level, a.Published)
			}
		}
		if len(s.Samples) != 4 {
			t.Errorf("samples %v", s.Samples)
		}
		d.now = d.now.AddDate(0, 0, 2) // all are published
		for _, a := range j.articles {
			checkArticle(t, d, j, a)
		}
	})
}

// checkArticle compares what readers find with what is embedded.
func checkArticle(t *testing.T, d *desk, j journal, want article) {
	t.Helper()
	got := d.article(t, want.Slug)
	var byline, topics []string
	for _, c := range got.Byline {
		byline = append(byline, c.Name)
		if c.Line == "" || c.Biography == "" {
			t.Errorf("%s by %s, who has no line or biography", want.Slug, c.Name)
		}
	}
	for _, x := range got.Topics {
		topics = append(topics, x.Name)
	}
	have := fmt.Sprint(got.Title, got.Standfirst, got.Kind, got.Level, got.Section.Name, byline, topics, len(got.Countries))
	if w := fmt.Sprint(want.Title, want.Standfirst, want.Kind, want.Level, want.Section, want.Contributors, want.Topics,
		len(want.Countries)); have != w {
		t.Errorf("%s is\n%s, want\n%s", want.Slug, have, w)
	}
	if n := len(strings.Fields(want.text)); got.Words < n*9/10 || got.Words > n*11/10 {
		t.Errorf("%s has %d words, want about %d", want.Slug, got.Words, n)
	}
	if got.Teaser == "" || strings.Contains(string(got.Teaser), "cut") && !strings.Contains(strings.SplitN(want.text, "<!--", 2)[0], "cut") {
		t.Errorf("the teaser of %s is %q", want.Slug, got.Teaser)
	}
	if want.Photo == "" {
		if got.Hero != nil {
			t.Errorf("%s has a photograph", want.Slug)
		}
		return
	}
	p, _ := j.photo(want.Photo)
	hero := got.Hero
	if hero == nil || hero.Alt != want.Alt || hero.Caption != p.Caption || hero.Credit != p.Credit || hero.Licence != p.Licence {
		t.Errorf("the photograph of %s is %+v", want.Slug, hero)
		return
	}
	f, err := d.deps.Media.Open(context.Background(), hero.File, 640)
	if err != nil || hero.Width != p.Width || hero.Height != p.Height {
		t.Errorf("the photograph of %s is %+v, %v", want.Slug, hero, err)
		return
	}
	_ = f.Close()
}

func TestTheEditorsCutIsTheTeaser(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		d := newDesk(t, db)
		d.fill(t, 0)
		// In this article the cut follows its second paragraph, far before the usual length.
		teaser := string(d.article(t, "genuine-pictures-wrong-captions").Teaser)
		if !strings.HasSuffix(teaser, "the men of Srebrenica.</p>") || strings.Count(teaser, "<p>") != 2 {
			t.Errorf("the teaser is %q", teaser)
		}
	})
}

func TestFillFilesTheJournal(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		d.fill(t, 0)
		l := d.deps.Library
		a := d.article(t, "treaties-for-rivers-that-have-changed")
		if a.Series == nil || a.Series.Number != 2 || len(a.Series.Siblings) != 3 {
			t.Fatalf("part 2 is %+v", a.Series)
		}
		for i, s := range a.Series.Siblings {
			if s.SeriesPart != i+1 {
				t.Errorf("part %d stands in place %d", s.SeriesPart, i+1)
			}
		}
		var ids []int64
		for _, s := range sections {
			term, err := l.Term(ctx, library.Section, library.Slug(s.name))
			if err != nil || term.Description != s.description {
				t.Errorf("section %s: %+v, %v", s.name, term, err)
			}
			ids = append(ids, term.ID)
		}
		if !slices.IsSorted(ids) {
			t.Errorf("the sections were made out of order: %v", ids)
		}
		if got, err := l.Terms(ctx, library.Region); err != nil || len(got) < 8 {
			t.Errorf("%d regions, %v", len(got), err)
		}
		// The one article of tomorrow is not there today and is there tomorrow.
		const tomorrows = "after-the-dollar-is-adopted"
		if _, err := l.BySlug(ctx, tomorrows); !fault.Is(err, fault.NotFound) {
			t.Errorf("the scheduled article: %v", err)
		}
		next, err := l.NextScheduled(ctx)
		if want := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC); err != nil || !next.Equal(want) {
			t.Errorf("next scheduled at %s, %v", next, err)
		}
		d.now = next
		d.article(t, tomorrows)
	})
}

func TestFillAgainChangesNothing(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		first := d.fill(t, 40)
		edited := d.article(t, "how-hunger-is-graded")
		if _, err := d.deps.Library.Save(ctx, library.Draft{ID: edited.ID, Source: edited.Source, Title: "By the newsroom",
			BodyHTML: "<p>Another text. And more.</p>", Published: edited.Published}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.deps.Library.SaveTerm(ctx, library.Term{Kind: library.Section, Name: "Briefings", Description: "Ours"}); err != nil {
			t.Fatal(err)
		}
		before := d.changes(t)
		d.now = d.now.AddDate(0, 0, 11)
		again := d.fill(t, 40)
		if again.Created != 0 || again.Kept != first.Created || again.Generated != 0 || again.Pictures != first.Pictures {
			t.Errorf("summary %+v, first %+v", again, first)
		}
		if campaigns, creatives := d.sold(t); campaigns != len(sales) || creatives != 4 {
			t.Errorf("%d campaigns with %d creatives", campaigns, creatives)
		}
		if after := d.changes(t); after != before {
			t.Errorf("the change log went from %d lines to %d", before, after)
		}
		if more := d.fill(t, 50); more.Generated != 10 {
			t.Errorf("ten more were %d", more.Generated)
		}
	})
}

func TestFillThatWasInterruptedIsCompleted(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		d := newDesk(t, db)
		cut, cancel := context.WithCancel(ctx)
		_, err := Fill(cut, d.deps, Options{Now: d.now, Articles: 1200, Progress: func(done, total int) {
			if total != 1200 || done%generateBatch != 0 {
				t.Errorf("%d of %d are done", done, total)
			}
			cancel()
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("Fill = %v", err)
		}
		if s := d.fill(t, 1200); s.Generated != 700 || s.Kept != len(embedded(t).articles) {
			t.Errorf("completed: %+v", s)
		}
	})
}

func TestFillSaysWhatFailed(t *testing.T) {
	d := newDesk(t, storagetest.Open(t, storagetest.SQLite(t)))
	d.deps.Welcome = func(context.Context, Guest) error { return errors.New("the mailbox is odd") }
	_, err := Fill(context.Background(), d.deps, Options{Now: d.now})
	if want := "fill the demonstration: reader subscriber@example.org: the mailbox is odd"; err == nil || err.Error() != want {
		t.Errorf("Fill = %v, want %s", err, want)
	}
	d.deps.Welcome = nil
	if s := d.fill(t, 0); s.Created != 0 {
		t.Errorf("articles were made twice: %+v", s)
	}
}

func TestSamplesAreTheNewestOfTheirLevel(t *testing.T) {
	d := newDesk(t, storagetest.Open(t, storagetest.SQLite(t)))
	want := map[access.Level]string{access.Open: "the-count-behind-the-verdict", access.Registered: "the-price-of-the-second-border",
		access.Metered: "the-convention-at-the-bosphorus", access.Subscriber: "the-underwriters-of-the-strait"}
	if s := d.fill(t, 0); fmt.Sprint(s.Samples) != fmt.Sprint(want) {
		t.Errorf("samples %v, want %v", s.Samples, want)
	}
}

// Topics and countries have introductions, whose links lead to articles; what staff write instead stays.
func TestFillIntroducesTerms(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		d, ctx := newDesk(t, db), context.Background()
		d.fill(t, 0)
		links := regexp.MustCompile(`href="/articles/([^"]+)"`)
		introduced := map[library.TermKind]int{}
		for _, i := range embedded(t).introduced {
			term, err := d.deps.Library.Term(ctx, i.Kind, i.Slug)
			if err != nil {
				t.Fatal(err)
			}
			have, err := d.deps.Library.Introduction(ctx, term.ID)
			if err != nil || have.Text == "" {
				t.Errorf("%s %s: %+v, %v", i.Kind, i.Slug, have, err)
			}
			introduced[i.Kind]++
			for _, link := range links.FindAllStringSubmatch(string(have.Text), -1) {
				if _, err := d.deps.Library.BySlug(ctx, link[1]); err != nil {
					t.Errorf("%s %s leads to %s: %v", i.Kind, i.Slug, link[1], err)
				}
			}
		}
		if introduced[library.Topic] != len(topics) || introduced[library.Country] == 0 {
			t.Errorf("introduced: %v", introduced)
		}
		if err := d.deps.Library.Introduce(ctx, library.Topic, "law", "Our own words."); err != nil {
			t.Fatal(err)
		}
		d.fill(t, 0)
		term, err := d.deps.Library.Term(ctx, library.Topic, "law")
		if err != nil {
			t.Fatal(err)
		}
		if have, err := d.deps.Library.Introduction(ctx, term.ID); err != nil || have.Source != "Our own words." {
			t.Errorf("after another fill: %+v, %v", have, err)
		}
	})
}
