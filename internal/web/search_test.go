package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

func TestSearchPage(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	a := c.Get("/search?q=metered&utm_source=x")
	d := a.document(t)
	for _, h := range d.links("ol.hits h2 a") {
		if !strings.HasPrefix(h, "/articles/") || strings.Contains(h, scheduledOne) || strings.Contains(h, draftOne) {
			t.Errorf("found %s", h)
		}
	}
	if n := len(d.all("ol.hits li")); n != 5 {
		t.Errorf("%d articles have it in their title", n)
	}
	same(t, "count", d.texts("p.count"), "5 articles")
	if got := attribute(d.all("input[name=q]")[0], "value"); got != "metered" {
		t.Errorf("the field holds %q", got)
	}
	same(t, "robots", []string{attribute(d.all("meta[name=robots]")[0], "content")}, "noindex")
	same(t, "feeds", d.links("link[rel=alternate]"), "/search/feed.xml?q=metered", "/search/feed.atom?q=metered", "/search/feed.json?q=metered")
	if cc := a.header.Get("Cache-Control"); cc != "private, no-store" {
		t.Errorf("Cache-Control %q", cc)
	}
	if n := len(a.header["Set-Cookie"]); n != 0 {
		t.Errorf("%d cookies", n)
	}
	if h1 := d.texts("h1"); len(h1) != 1 {
		t.Errorf("headings %q", h1)
	}
	same(t, "title", d.texts("title"), "“metered” in search · The Test Review")
}

func TestSearchBegins(t *testing.T) {
	s := newTestSite(t)
	s.save(draftOf("more", access.Open, testStart.AddDate(0, 0, -1)))
	for range popularTimes {
		s.Insights.Searched("Strait of Hormuz", 3)
		s.Insights.Searched("nothing at all", 0)
	}
	s.Insights.Searched("asked once", 3)
	if err := s.Insights.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.clock.at = time.Now() // the days of insights are those of the system
	d := s.client(t).Get("/search").document(t)
	same(t, "headings", d.texts("section.begin-list h2"), "Searched for on this device", "Often searched for", "Topics", "Regions and countries", "How to ask")
	got := d.links("section.begin-list a")
	for _, want := range []string{"/search?q=strait+of+hormuz", "/topics/trade", "/regions/europe"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%s is not among %q", want, got)
		}
	}
	if text := strings.Join(d.texts("main"), " "); strings.Contains(text, "nothing at all") || strings.Contains(text, "asked once") {
		t.Errorf("suggested: %s", text)
	}
	if len(d.all("meta[name=robots]")) != 0 {
		t.Error("the search page itself is not to be found")
	}
}

func TestSearchFindsNothing(t *testing.T) {
	s := newTestSite(t)
	d := s.client(t).Get("/search?q=nosuchword&topic=trade").document(t)
	same(t, "count", d.texts("p.count"), "Nothing found")
	same(t, "next step", d.links("ul.advice a"), "/search?q=nosuchword", "/archive")
	if len(d.all("section.begin-list")) == 0 {
		t.Error("nowhere to begin")
	}
	for _, path := range []string{"/search?q=nosuchword&page=2", "/search/feed.txt?q=metered", "/search/feed.xml", "/search/x"} {
		if a := s.client(t).Get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestSearchPages(t *testing.T) {
	s := newTestSite(t)
	var more []library.Draft
	for i := range 2*hitsPerPage + 1 {
		more = append(more, draftOf(fmt.Sprint("walnut-", i), access.Open, testStart.AddDate(0, 0, -i-1)))
	}
	s.save(more...)
	c := s.client(t)
	seen := map[string]bool{}
	path, pages := "/search?q=walnut", 0
	for path != "" {
		d := c.Get(path).document(t)
		for _, h := range d.links("ol.hits h2 a") {
			if seen[h] {
				t.Errorf("%s is found twice", h)
			}
			seen[h] = true
		}
		if back := d.link(t, "nav.pager a[rel=prev]"); (back == "") != (pages == 0) {
			t.Errorf("%s leads back to %q", path, back)
		}
		path = d.link(t, "nav.pager a[rel=next]")
		pages++
	}
	if pages != 3 || len(seen) != len(more) {
		t.Errorf("%d articles on %d pages", len(seen), pages)
	}
}

func TestSearchJSON(t *testing.T) {
	s := newTestSite(t)
	var got struct {
		Query, URL, Next string
		Total            int
		Took             *float64 `json:"took_ms"`
		Hits             []struct{ Title, URL, Snippet, Level string }
		Facets           map[string][]struct{ Slug, Name string }
	}
	a := s.client(t).Get("/search.json?q=metered&limit=2")
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v:\n%s", err, a.body)
	}
	if got.Query != "metered" || got.Total != 5 || len(got.Hits) != 2 || got.Took == nil || got.URL != s.url+"/search?q=metered" ||
		got.Next != s.url+"/search.json?q=metered&page=2&limit=2" {
		t.Errorf("%+v", got)
	}
	if h := got.Hits[0]; !strings.HasPrefix(h.URL, s.url+"/articles/metered-") || h.Title == "" || h.Snippet == "" || h.Level != "metered" {
		t.Errorf("%+v", h)
	}
	for _, name := range []string{"topic", "country", "region", "section", "contributor", "year"} {
		if got.Facets[name] == nil {
			t.Errorf("no facet %s", name)
		}
	}
	if a := s.client(t).Get("/search.json"); a.status != http.StatusOK || !strings.Contains(a.body, `"hits":[`) {
		t.Errorf("without a query: %d %s", a.status, a.body)
	}
}

func TestSearchFeeds(t *testing.T) {
	s := newTestSite(t)
	for name, want := range map[string]string{"feed.xml": "application/rss+xml", "feed.atom": "application/atom+xml", "feed.json": "application/feed+json"} {
		a := s.subscriber(t, name+"@example.org").Get("/search/" + name + "?q=metered")
		a.mustHave(t, http.StatusOK, "Title of "+meteredOne, teaserOf(meteredOne), "“metered” in search")
		a.mustNotHave(t, restOf(meteredOne))
		if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", name, got)
		}
		if again := s.client(t).Get("/search/"+name+"?q=metered", "If-None-Match", a.header.Get("Etag")); again.status != http.StatusNotModified {
			t.Errorf("%s, asked again: status %d", name, again.status)
		}
	}
}

func TestSuggest(t *testing.T) {
	s := newTestSite(t)
	for query, want := range map[string]string{"": "[]\n", "+": "[]\n", strings.Repeat("x", longestPrefix+1): "[]\n"} {
		if a := s.client(t).Get("/search/suggest?q=" + query); a.body != want || a.status != http.StatusOK {
			t.Errorf("%.20q: %d %s", query, a.status, a.body)
		}
	}
	var got []suggestion
	a := s.client(t).Get("/search/suggest?q=metered")
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got) == 0 {
		t.Fatalf("%v: %s", err, a.body)
	}
	for _, one := range got {
		if one.Title == "" || s.client(t).Get(one.Path).status != http.StatusOK {
			t.Errorf("%+v leads nowhere", one)
		}
	}
}

func TestSearchingHasALimit(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Limits.SearchesPerMinute = 2 })
	stranger, reader := s.client(t), s.reader(t, "reader@example.org")
	for _, path := range []string{"/search?q=a", "/search.json?q=a"} {
		stranger.Get(path).mustHave(t, http.StatusOK)
	}
	for _, path := range []string{"/search?q=a", "/search.json?q=a", "/search/feed.xml?q=a"} {
		a := stranger.Get(path)
		a.mustHave(t, http.StatusTooManyRequests, "A moment, please", "sign in: readers may search far more")
		if wait := a.header.Get("Retry-After"); wait == "" || wait == "0" {
			t.Errorf("%s: Retry-After %q", path, wait)
		}
	}
	stranger.Get("/search/suggest?q=me").mustHave(t, http.StatusOK) // counted apart
	stranger.Get("/").mustHave(t, http.StatusOK)
	for range 2 * readersPass {
		reader.Get("/search?q=a").mustHave(t, http.StatusOK)
	}
	reader.Get("/search?q=a").mustHave(t, http.StatusTooManyRequests, "You have searched very often")
	s.clock.advance(time.Minute)
	stranger.Get("/search?q=a").mustHave(t, http.StatusOK)
}
