package web

import (
	"context"
	"fmt"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func TestIndexes(t *testing.T) {
	s := newTestSite(t)
	if _, err := s.lib.SaveTerm(context.Background(), library.Term{Kind: library.Section, Name: "In-Depth", Description: "The long view."}); err != nil {
		t.Fatal(err)
	}
	d := draftOf("far-away", access.Open, testStart.AddDate(0, 0, -1))
	d.Countries, d.Topics = []string{"Åland", "Japan", "Ruritania", "Zambia"}, []string{"Water", "Élan"}
	s.save(d)
	c := s.client(t)

	p := c.Get("/countries").document(t)
	same(t, "regions", p.texts("div.groups h2"), "Africa", "East Asia & Pacific", "Europe", "Elsewhere")
	same(t, "links to them", p.links("div.groups h2 a"), "/regions/africa", "/regions/east-asia-and-pacific", "/regions/europe")
	same(t, "countries", p.links("div.groups li a"), "/countries/zambia", "/countries/japan", "/countries/portugal", "/countries/aland", "/countries/ruritania")
	same(t, "counts", p.texts("div.groups li data"), "1", "1", "9", "1", "1")

	p = c.Get("/topics").document(t)
	same(t, "topics", p.texts("div.groups li a"), "Élan", "Trade", "Water")

	p = c.Get("/sections").document(t)
	same(t, "sections", p.links("ul.terms h2 a"), "/sections/briefings", "/sections/in-depth")
	same(t, "what they are", p.texts("ul.terms p"), "9 articles", "The long view.", "One article")

	p = c.Get("/series").document(t)
	same(t, "series", p.links("ul.terms h2 a"), "/series/the-straits")
	same(t, "parts", p.texts("ul.terms p.meta"), "2 parts")

	for _, path := range []string{"/sections", "/topics", "/countries", "/series", "/contributors"} {
		p := c.Get(path).document(t)
		if len(p.all("h1")) != 1 || p.link(t, "link[rel=canonical]") != s.url+path {
			t.Errorf("%s: %q, %q", path, p.texts("h1"), p.links("link[rel=canonical]"))
		}
	}
}

func TestManyContributorsStandUnderLetters(t *testing.T) {
	s := newTestSite(t)
	for i := range fewPeople {
		d := draftOf(fmt.Sprint("by-", i), access.Open, testStart.AddDate(0, 0, -1))
		d.Byline = []string{fmt.Sprintf("%c. Writer %d", 'A'+i%26, i), "Écrivain", "作家"}
		s.save(d)
	}
	p := s.client(t).Get("/contributors").document(t)
	if got := len(p.all("div.groups section")); got != 27 {
		t.Errorf("%d letters", got)
	}
	for _, to := range p.links("nav.letters-row a") {
		if len(p.all("section[id="+mustURL(t, to).Fragment+"]")) != 1 {
			t.Errorf("%s leads nowhere", to)
		}
	}
	if got := len(p.all("div.groups li a")); got != fewPeople+3 {
		t.Errorf("%d names", got)
	}
}
