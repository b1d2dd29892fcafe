package web

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// emptySite is a test site without an article.
func emptySite(t *testing.T) *testSite {
	t.Helper()
	s := newTestSite(t)
	s.clock.at = time.Date(1990, 1, 1, 9, 0, 0, 0, time.UTC) // before everything that is in it
	return s
}

func TestFrontPage(t *testing.T) {
	s := newTestSite(t)
	photo := &library.Image{File: s.photo.Name, Alt: "Ships", Width: s.photo.Width, Height: s.photo.Height}
	var more []library.Draft
	for i, section := range []string{"Columns", "Columns", "In-Depth", "In-Depth", "Essays", "Essays"} {
		d := draftOf(fmt.Sprint(strings.ToLower(section), "-", i), access.Metered, testStart.AddDate(0, 0, -10-i))
		d.Section, d.Hero = section, photo
		more = append(more, d)
	}
	more[0].Byline = []string{"Ruth Adeyemi", "Ines Marvell"}
	s.save(more...)
	d := s.client(t).Get("/").document(t)

	same(t, "the name is the heading", d.texts("h1"), "The Test Review")
	if got := attribute(d.all("meta[property=og:title]")[0], "content"); got != "The Test Review" {
		t.Errorf("a link to the front page is shown as %q", got)
	}
	same(t, "lead", d.links("article.lead h2.headline a"), "/articles/"+meteredOne)
	if got := d.all("article.second"); len(got) != 2 {
		t.Errorf("%d stories beside the lead", len(got))
	}
	same(t, "briefings", d.links("section.briefings ol.timed a"), "/articles/"+registeredOne, "/articles/"+openOne,
		"/articles/"+meteredTwo, "/articles/"+meteredThree, "/articles/"+meteredFour,
		"/articles/"+renamedArticle, "/articles/"+meteredFive)
	if got := d.texts("section.briefings ol.timed time"); got[0] != "Sun" || got[3] != "27 Oct" || got[6] != "Oct 2025" {
		t.Errorf("times %q", got)
	}
	for _, img := range d.all("main img") {
		if attribute(img, "width") == "" || attribute(img, "height") == "" {
			t.Errorf("a picture reserves no place: %v", img.Attr)
		}
	}
	for _, a := range d.links("main a") {
		if strings.Contains(a, scheduledOne) || strings.Contains(a, draftOne) {
			t.Errorf("%s is not to be seen yet", a)
		}
	}
	same(t, "regions", d.links("section.regions dt a"), "/regions/europe")
	same(t, "countries", d.links("section.regions dd a"), "/countries/portugal")
	form := d.all("section.letters form")[0]
	if attribute(form, "action") != "/newsletters" || attribute(form, "method") != "post" || len(d.all("section.letters input[name=email]")) != 1 ||
		len(d.all("section.letters input[name=website]")) != 1 {
		t.Error("the form for the newsletter lacks something")
	}
}

func TestColumnists(t *testing.T) {
	s := newTestSite(t)
	essay := draftOf("essay", access.Metered, testStart.AddDate(0, 0, -10))
	essay.Section = "Essays"
	s.save(essay)
	for i, names := range [][]string{{"Ruth Adeyemi", "Ines Marvell"}, {"Ines Marvell"}, nil, {"Old One"}, {"Older One"}, {"Oldest One"}, {"First One"}} {
		d := draftOf(fmt.Sprint("column-", i), access.Metered, testStart.AddDate(0, 0, -30-i))
		d.Section, d.Kind, d.Byline = "Columns", "column", names
		s.save(d)
	}
	d := s.client(t).Get("/").document(t)
	same(t, "columns", d.links("ul.columnists h3 a"), "/articles/column-0", "/articles/column-1", "/articles/column-2", "/articles/column-3")
	same(t, "who writes them", d.links("ul.columnists p.who a"), "/contributors/ruth-adeyemi", "/contributors/ines-marvell", "/contributors/old-one")
}

// The page without advertisements is for those who pay, and neither page is ever given for the other.
func TestFrontPageAdvertisesToThoseWhoDoNotPay(t *testing.T) {
	s := newTestSite(t)
	visitor, reader, paid := s.client(t), s.reader(t, "reader@example.org"), s.subscriber(t, "paid@example.org")
	for range 2 {
		for who, c := range map[string]*testClient{"visitor": visitor, "reader": reader} {
			if d := c.Get("/").document(t); len(d.all("aside.ad")) != 1 {
				t.Errorf("%s: %d advertisements", who, len(d.all("aside.ad")))
			} else {
				same(t, "the advertisement", d.texts("aside.ad p.pitch"), "Read the Review without advertisements. Subscribe")
				same(t, "its link", d.links("aside.ad a"), "/subscribe")
			}
		}
		a := paid.Get("/")
		if d := a.document(t); len(d.all(".ad")) != 0 || strings.Contains(a.body, "without advertisements") {
			t.Error("a reader who pays is shown an advertisement")
		}
		if got := a.header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("the page of a reader who pays: Cache-Control %q", got)
		}
	}
	if got := visitor.Get("/").header.Get("Cache-Control"); !strings.Contains(got, "public") {
		t.Errorf("the page everyone shares: Cache-Control %q", got)
	}
}

func TestEmptyLibrary(t *testing.T) {
	s := emptySite(t)
	c := s.client(t)
	d := c.Get("/").document(t)
	if len(d.all("section.first-day")) != 1 || len(d.all("article")) != 0 || len(d.all(".ad")) != 0 {
		t.Errorf("an empty front page: %q", d.texts("main"))
	}
	if len(d.all("section.letters form")) != 1 {
		t.Error("an empty front page has no form for the newsletter")
	}
	for _, path := range []string{"/archive", "/sections", "/topics", "/countries", "/series", "/contributors"} {
		if d := c.Get(path).document(t); len(d.all("p.empty")) != 1 {
			t.Errorf("%s says nothing of being empty: %q", path, d.texts("main"))
		}
	}
}

func TestMostRead(t *testing.T) {
	ctx := context.Background()
	s := newTestSite(t)
	s.clock.at = time.Now() // views are counted under the day of the system's clock
	read := func(slug string, times int) {
		for range times {
			s.Insights.Viewed(s.articleID(slug))
		}
	}
	read(meteredFour, 3)
	read(openOne, 2)
	if err := s.Insights.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if d := s.client(t).Get("/").document(t); len(d.all("section.most-read")) != 0 {
		t.Error("two articles were ranked")
	}
	read(meteredFive, 9)
	if err := s.Insights.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	s.clock.advance(keepFor + time.Second)
	d := s.client(t).Get("/").document(t)
	same(t, "most read", d.links("section.most-read ol.ranked a"), "/articles/"+meteredFive, "/articles/"+meteredFour, "/articles/"+openOne)
}

func TestScheduledArticleAppearsOnTheFrontPage(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.Get("/").mustNotHave(t, scheduledOne)
	s.clock.advance(time.Hour - time.Second)
	c.Get("/").mustNotHave(t, scheduledOne)
	s.clock.advance(2 * time.Second)
	c.Get("/").mustHave(t, 200, "/articles/"+scheduledOne)
}

// A library that was imported has sections of its own, no briefings, few photographs and texts without standfirst.
func TestFrontPageOfAnImportedLibrary(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	s := newTestSiteOn(t, db)
	s.clock.at = time.Date(1985, 6, 1, 9, 0, 0, 0, time.UTC)
	var all []library.Draft
	for i := range 300 {
		section := []string{"Europe & Eurasia", "Asia-Pacific", "History", "Middle East & North Africa", "Africa", "", "Speeches & Documents"}[i%7]
		all = append(all, library.Draft{Source: fmt.Sprint("old-", i), Title: fmt.Sprintf("Memorandum %d of the Department", i), Section: section,
			Kind: "document", Countries: []string{[]string{"Japan", "France", "Ruritania"}[i%3]}, Published: s.clock.at.AddDate(0, 0, -40*i-400),
			BodyHTML: "<h2>Subject</h2><p>The first lines of the memorandum, which say what it is about.</p><p>" + strings.Repeat("And so on. ", 150) + "</p>"})
	}
	s.save(all...)
	d := s.client(t).Get("/").document(t)
	same(t, "lead", d.texts("article.lead h2"), "Memorandum 0 of the Department")
	if got := d.texts("article.in-type div.first-lines"); len(got) != 1 || !strings.Contains(got[0], "The first lines of the memorandum") {
		t.Errorf("a lead without a photograph opens with %q", got)
	}
	if got := d.links("section.briefings h2 a"); len(got) != 1 || got[0] != "/archive" || len(d.all("section.briefings li")) != briefs {
		t.Errorf("the latest: %q, %d", got, len(d.all("section.briefings li")))
	}
	if got := len(d.all("section.shelf")); got != 6 {
		t.Errorf("%d shelves", got)
	}
	same(t, "regions", d.texts("section.regions dt a"), "East Asia & Pacific", "Europe") // Ruritania lies in none
	seen := map[string]bool{}
	for _, a := range d.links("main a") {
		if strings.HasPrefix(a, "/articles/") && seen[a] {
			t.Errorf("%s stands twice", a)
		}
		seen[a] = true
	}
	if got := d.texts("nav.sections li a"); !slices.Contains(got, "Europe & Eurasia") {
		t.Errorf("sections %q", got)
	}
}
