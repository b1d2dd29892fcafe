package web

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

func TestArchive(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	d := c.Get("/archive").document(t)
	same(t, "heading", d.texts("h1"), "Archive")
	same(t, "standfirst", d.texts("header.page-head p.standfirst"), "Everything we have published since 2025: 9 articles, by year and month.")
	same(t, "years", d.links("ol.years h2 a"), "/archive/2026", "/archive/2025")
	same(t, "months", d.links("ol.months a"), "/archive/2026/9", "/archive/2026/10", "/archive/2026/11", "/archive/2025/10")
	same(t, "counts", d.texts("ol.months data"), "1", "2", "5", "1")
	if got := d.links("ol.story-list h3 a"); len(got) != 9 || got[8] != "/articles/"+meteredFive {
		t.Errorf("newest first: %q", got)
	}

	d = c.Get("/archive/2026").document(t)
	same(t, "heading", d.texts("h1"), "2026")
	same(t, "months", d.links("nav.of-year a"), "/archive/2026/9", "/archive/2026/10", "/archive/2026/11")
	same(t, "beside", d.links("nav.near a"), "/archive/2025")
	if got := d.links("ol.story-list h2 a"); len(got) != 8 || slices.Contains(got, "/articles/"+meteredFive) {
		t.Errorf("the year's: %q", got)
	}

	d = c.Get("/archive/2026/9").document(t)
	same(t, "heading", d.texts("h1"), "September 2026")
	same(t, "here", d.texts("nav.of-year a[aria-current=page]"), "September")
	same(t, "beside", d.links("nav.near a"), "/archive/2026/10", "/archive/2025/10")
	same(t, "the month's", d.links("ol.story-list h2 a"), "/articles/"+renamedArticle)
	same(t, "canonical", d.links("link[rel=canonical]"), s.url+"/archive/2026/9")
}

func TestTimesOfTheArchive(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for path, want := range map[string]int{
		"/archive/2026": 200, "/archive/2025": 200, "/archive/2024": 404, "/archive/2027": 404,
		"/archive/2026/11": 200, "/archive/2026/12": 404, "/archive/2026/8": 404, "/archive/2026/13": 404, "/archive/2026/0": 404,
		"/archive/2026/09": 404, "/archive/02026": 404, "/archive/0": 404, "/archive/-1": 404, "/archive/+2026": 404,
		"/archive/2026/+9": 404, "/archive/2026/9.0": 404, "/archive/2026/١": 404, "/archive/10000": 404,
		"/archive/99999999999999999999": 404, "/archive/x": 404, "/archive/2026/9/1": 404, "/archive/": 404, "/archive/2026/": 404,
		"/archive/2026/11?before=x": 404, "/archive/2026/11?x=y": 200,
	} {
		if a := c.Get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
}

// A month has no page before its first article appears, and has one from that moment.
func TestMonthAppears(t *testing.T) {
	s := newTestSite(t)
	s.save(draftOf("december", access.Open, time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)))
	c := s.client(t)
	c.Get("/archive/2026/12").mustHave(t, 404)
	c.Get("/archive").mustNotHave(t, "/archive/2026/12")
	s.clock.advance(time.Date(2026, 12, 1, 8, 0, 1, 0, time.UTC).Sub(testStart))
	c.Get("/archive/2026/12").mustHave(t, 200, "/articles/december")
	c.Get("/archive").mustHave(t, 200, "/archive/2026/12")
}

// Months begin at midnight where the publication is.
func TestMonthsOfThePublicationsZone(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Publication.TimeZone = "Pacific/Auckland" })
	s.save(draftOf("at-midnight", access.Open, time.Date(2026, 2, 28, 11, 0, 0, 0, time.UTC)), // 1 March, 00:00 there
		draftOf("before-midnight", access.Open, time.Date(2026, 2, 28, 10, 59, 0, 0, time.UTC)))
	c := s.client(t)
	c.Get("/archive/2026/3").mustHave(t, 200, "/articles/at-midnight")
	c.Get("/archive/2026/3").mustNotHave(t, "/articles/before-midnight")
	c.Get("/archive/2026/2").mustHave(t, 200, "/articles/before-midnight")
	c.Get("/archive/2026/2").mustNotHave(t, "/articles/at-midnight")
}

func TestOldYearsGoByDecades(t *testing.T) {
	s := newTestSite(t)
	var years []library.YearCount
	for y := 2026; y >= 1987; y-- {
		years = append(years, library.YearCount{Year: y, Months: [12]int{0, 0, 2}})
	}
	names := func(rows []timeRow) (out []string) {
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.Name, " ", len(r.Words)))
		}
		return out
	}
	same(t, "forty years", names(s.years(years)), "2026 1", "2025 1", "2024 1", "2023 1", "2022 1", "2021 1", "2020 1", "2019 1",
		"2018 1", "2017 1", "2010s 7", "2000s 10", "1990s 10", "1980s 3")
	same(t, "twelve years", names(s.years(years[:12]))[10:], "2016 1", "2015 1")
	same(t, "thirteen years", names(s.years(years[:13]))[9:], "2017 1", "2010s 3")
	if got := s.years(nil); got != nil {
		t.Errorf("no years: %v", got)
	}
	if w := s.years(years)[10].Words[0]; w.Name != "2016" || w.Path != "/archive/2016" || w.Articles != 2 {
		t.Errorf("a year of a decade: %+v", w)
	}
}

// The side column shows the years around the page's own, not hundreds.
func TestYearsBeside(t *testing.T) {
	s := newTestSite(t)
	var years []library.YearCount
	for y := 2026; y >= 1790; y-- {
		years = append(years, library.YearCount{Year: y, Months: [12]int{1}})
	}
	for _, c := range []struct{ year, first, last int }{{2026, 2026, 2003}, {0, 2026, 2003}, {1900, 1912, 1889}, {1790, 1813, 1790}} {
		l, err := s.besideArchive(t.Context(), years, period{year: c.year}, false)
		if err != nil || len(l) != 1 || len(l[0].Words) != besideLimit {
			t.Fatalf("%d: %v, %v", c.year, l, err)
		}
		w := l[0].Words
		if w[0].Name != fmt.Sprint(c.first) || w[len(w)-1].Name != fmt.Sprint(c.last) {
			t.Errorf("beside %d: %s to %s, want %d to %d", c.year, w[0].Name, w[len(w)-1].Name, c.first, c.last)
		}
	}
}
