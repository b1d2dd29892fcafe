package web

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// story is an article of a section, some hours older than testStart.
func story(id int64, section string, hours int, change ...func(*library.Summary)) library.Summary {
	a := library.Summary{ID: id, Slug: fmt.Sprint("story-", id), Level: access.Metered, Kind: "article",
		Section: library.Term{Slug: section}, Published: testStart.Add(-time.Duration(hours) * time.Hour)}
	for _, f := range change {
		f(&a)
	}
	return a
}

func photographed(a *library.Summary)   { a.Hero = &library.Image{File: "a.jpg"} }
func forSubscribers(a *library.Summary) { a.Level = access.Subscriber }

// paper is a front page with its articles at desks by section.
func paper(articles ...library.Summary) (*makeup, *frontPage) {
	m := &makeup{latest: articles, used: map[int64]bool{}}
	at := map[string]int{}
	for _, a := range articles {
		i, ok := at[a.Section.Slug]
		if !ok {
			i = len(m.desks)
			at[a.Section.Slug] = i
			m.desks = append(m.desks, desk{section: library.Term{ID: int64(i + 1), Slug: a.Section.Slug}})
		}
		m.desks[i].items = append(m.desks[i].items, a)
	}
	for i := range m.desks {
		m.desks[i].role = roleOf(m.desks[i])
	}
	return m, new(frontPage)
}

func TestTopOfTheFrontPage(t *testing.T) {
	for _, c := range []struct {
		name     string
		articles []library.Summary
		lead     int64
		seconds  []int64
	}{
		{"the newest with a photograph leads", []library.Summary{
			story(1, "world", 1), story(2, "world", 2, photographed), story(3, "world", 3, photographed)}, 2, []int64{1, 3}},
		{"without photographs the newest leads", []library.Summary{
			story(1, "world", 1), story(2, "world", 2), story(3, "world", 3), story(4, "world", 4)}, 1, []int64{2, 3}},
		{"an old photograph does not", []library.Summary{
			story(1, "world", 1), story(2, "world", 24*5+2, photographed)}, 1, []int64{2}},
		{"a long piece counts as a day and a half newer", []library.Summary{
			story(1, "world", 1, photographed), story(2, "in-depth", 36, photographed)}, 2, []int64{1}},
		{"and not as more", []library.Summary{
			story(1, "world", 1, photographed), story(2, "in-depth", 38, photographed)}, 1, []int64{2}},
		{"so does a piece for subscribers", []library.Summary{
			story(1, "world", 1), story(2, "world", 2), story(3, "world", 20, forSubscribers)}, 3, []int64{1, 2}},
		{"briefings stay in their band", []library.Summary{
			story(1, "briefings", 1, photographed), story(2, "briefings", 2), story(3, "world", 90, photographed), story(4, "world", 91),
			story(5, "world", 92)}, 3, []int64{4, 5}},
		{"unless there is nothing else", []library.Summary{
			story(1, "briefings", 1), story(2, "briefings", 2), story(3, "briefings", 3)}, 1, []int64{2, 3}},
		{"of two at one time the later saved comes first", []library.Summary{
			story(9, "world", 1), story(8, "world", 1), story(7, "world", 1)}, 9, []int64{8, 7}},
		{"one article is a front page", []library.Summary{story(1, "", 1)}, 1, nil},
	} {
		m, p := paper(c.articles...)
		m.top(p)
		var seconds []int64
		for _, a := range p.Seconds {
			seconds = append(seconds, a.ID)
		}
		if p.Main.ID != c.lead || fmt.Sprint(seconds) != fmt.Sprint(c.seconds) {
			t.Errorf("%s: %d leads, beside %v; want %d beside %v", c.name, p.Main.ID, seconds, c.lead, c.seconds)
		}
	}
}

func TestRolesOfSections(t *testing.T) {
	kind := func(k string) func(*library.Summary) { return func(a *library.Summary) { a.Kind = k } }
	for _, c := range []struct {
		section string
		kinds   []string
		want    role
	}{
		{"briefings", []string{"news", "report"}, briefRole},
		{"columns", []string{"interview"}, columnRole},
		{"in-depth", []string{"article"}, longRole},
		{"breves", []string{"briefing", "briefing", "news"}, briefRole},
		{"chroniques", []string{"column"}, columnRole},
		{"essays", []string{"essay", "analysis"}, plainRole},
		{"dossiers", []string{"analysis", "analysis", "essay"}, longRole},
		{"history", []string{"document", "document"}, plainRole},
	} {
		d := desk{section: library.Term{Slug: c.section}}
		for i, k := range c.kinds {
			d.items = append(d.items, story(int64(i), c.section, i, kind(k)))
		}
		if got := roleOf(d); got != c.want {
			t.Errorf("%s of %v: %d, want %d", c.section, c.kinds, got, c.want)
		}
	}
}

// Whatever the sections are, nothing stands twice and every place keeps its measure.
func TestNothingStandsTwice(t *testing.T) {
	var all []library.Summary
	for i := range 200 {
		section := []string{"briefings", "columns", "in-depth", "africa", "asia", "europe", "books", "trade", "law", "sea", "air"}[i*7%11]
		a := story(int64(1000-i), section, i)
		if i%3 == 0 {
			photographed(&a)
		}
		all = append(all, a)
	}
	m, p := paper(all...)
	m.top(p)
	m.brief(p)
	m.feature(p)
	m.shelve(p)
	placed := append([]library.Summary{*p.Main}, p.Seconds...)
	placed = append(append(placed, p.Brief.Items...), p.Feature.Top)
	placed = append(placed, p.Feature.More...)
	for _, sh := range p.Shelves {
		placed = append(append(placed, sh.Top), sh.More...)
		if sh.Section.ID == p.Feature.Section.ID || sh.Section.ID == p.Brief.Section.ID {
			t.Errorf("%s has two places", sh.Section.Slug)
		}
		if len(sh.More) > onShelf {
			t.Errorf("%d headlines on a shelf", len(sh.More))
		}
	}
	seen := map[int64]bool{}
	for _, a := range placed {
		if seen[a.ID] {
			t.Errorf("article %d stands twice", a.ID)
		}
		seen[a.ID] = true
	}
	if len(p.Shelves) != shelves || len(p.Brief.Items) != briefs || p.Feature.Top.Hero == nil {
		t.Errorf("%d shelves, %d briefings, feature %+v", len(p.Shelves), len(p.Brief.Items), p.Feature.Top)
	}
}

func TestPlacesThatStayEmpty(t *testing.T) {
	t.Run("without briefings what is newest stands there", func(t *testing.T) {
		m, p := paper(story(1, "a", 1), story(2, "a", 2), story(3, "a", 3), story(4, "b", 4), story(5, "b", 5), story(6, "b", 6))
		m.top(p)
		m.brief(p)
		if p.Brief == nil || p.Brief.Section.ID != 0 || len(p.Brief.Items) != 3 {
			t.Errorf("%+v", p.Brief)
		}
	})
	t.Run("too few are no band, and their section is a shelf", func(t *testing.T) {
		m, p := paper(story(1, "briefings", 1), story(2, "briefings", 2), story(3, "a", 3), story(4, "a", 4), story(5, "a", 5))
		m.top(p)
		m.brief(p)
		m.shelve(p)
		if p.Brief != nil || len(p.Shelves) != 1 || p.Shelves[0].Section.Slug != "briefings" || len(p.Shelves[0].More) != 1 {
			t.Errorf("%+v, %+v", p.Brief, p.Shelves)
		}
	})
	t.Run("long pieces without a photograph are a shelf", func(t *testing.T) {
		m, p := paper(story(1, "a", 1), story(2, "a", 2), story(3, "a", 3), story(4, "in-depth", 400), story(5, "in-depth", 500))
		m.top(p)
		m.feature(p)
		m.shelve(p)
		if p.Feature != nil || len(p.Shelves) != 1 || p.Shelves[0].Top.ID != 4 {
			t.Errorf("%+v, %+v", p.Feature, p.Shelves)
		}
	})
	t.Run("a shelf shows a photograph when a new story has one", func(t *testing.T) {
		m, p := paper(story(1, "a", 1), story(2, "a", 2), story(3, "a", 3, photographed), story(4, "a", 4), story(5, "a", 5), story(6, "a", 6, photographed))
		m.shelve(p)
		if p.Shelves[0].Top.ID != 3 {
			t.Errorf("%d is on top", p.Shelves[0].Top.ID)
		}
	})
}

func TestShelvesSideBySide(t *testing.T) {
	for n, want := range map[int]string{1: "one", 2: "two", 3: "three", 4: "two", 5: "three", 6: "three"} {
		if got := (frontPage{Shelves: make([]shelf, n)}).Across(); got != want {
			t.Errorf("%d shelves: %s, want %s", n, got, want)
		}
	}
}
