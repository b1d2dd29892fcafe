package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func TestListings(t *testing.T) {
	s := newTestSite(t)
	ctx := context.Background()
	if _, err := s.lib.SaveTerm(ctx, library.Term{Kind: library.Topic, Name: "Trade", Description: "What crosses borders."}); err != nil {
		t.Fatal(err)
	}
	two := draftOf("two-hands", access.Open, testStart.AddDate(0, 0, -1))
	two.Countries, two.Byline, two.Topics = []string{"Spain", "Japan"}, []string{"Ruth Adeyemi", "Jonas Rydel"}, []string{"Water"}
	s.save(two)
	c := s.client(t)
	for _, l := range []struct {
		path, label, heading, standfirst, count string
		side                                    []string
	}{
		{"/sections/briefings", "Section", "Briefings", "", "9 articles", []string{"Ines Marvell", "Jonas Rydel", "Ruth Adeyemi", "Trade", "Water", "In-Depth"}},
		{"/topics/trade", "Topic", "Trade", "What crosses borders.", "9 articles", []string{"Ines Marvell", "Portugal", "Water"}},
		{"/countries/portugal", "Country", "Portugal", "", "9 articles", []string{"Ines Marvell", "Trade", "Spain"}},
		{"/countries/japan", "Country", "Japan", "", "One article", []string{"Jonas Rydel", "Ruth Adeyemi", "Water"}},
		{"/regions/europe", "Region", "Europe", "", "10 articles", []string{"Ines Marvell", "Jonas Rydel", "Ruth Adeyemi", "Trade", "Water", "Portugal", "Spain"}},
		{"/contributors/ines-marvell", "Contributor", "Ines Marvell", "Ines Marvell writes on ports.", "9 articles", []string{"Trade", "Portugal"}},
		{"/contributors/jonas-rydel", "Contributor", "Jonas Rydel", "", "One article", []string{"Water", "Japan", "Spain"}},
		{"/series/the-straits", "Series", "The Straits", "", "2 articles", nil},
	} {
		d := c.Get(l.path).document(t)
		same(t, l.path+" label", d.texts("header.page-head p.label"), l.label)
		same(t, l.path+" heading", d.texts("h1"), l.heading)
		if got := strings.Join(d.texts("header.page-head p.standfirst"), ""); got != l.standfirst {
			t.Errorf("%s: standfirst %q", l.path, got)
		}
		same(t, l.path+" count", d.texts("header.page-head p.more span"), l.count)
		same(t, l.path+" side", d.texts("aside.side ul.words a"), l.side...)
		same(t, l.path+" canonical", d.links("link[rel=canonical]"), s.url+l.path)
		same(t, l.path+" feeds", d.links("header.page-head p.more a"), l.path+"/feed.xml", l.path+"/feed.atom", l.path+"/feed.json")
		if got := len(d.all("link[rel=alternate]")); got != 3 {
			t.Errorf("%s: %d feeds in the head", l.path, got)
		}
		for _, h := range d.links("ol.story-list h2 a") {
			if !strings.HasPrefix(h, "/articles/") || strings.Contains(h, scheduledOne) || strings.Contains(h, draftOne) {
				t.Errorf("%s lists %s", l.path, h)
			}
		}
	}
}

func TestListingShowsWhoSheIs(t *testing.T) {
	s := newTestSite(t)
	if _, err := s.lib.SaveContributor(context.Background(), library.Contributor{Term: library.Term{Kind: library.Byline, Name: "Ines Marvell"},
		Line: "Ines Marvell writes on ports.", Biography: "Ines Marvell has written on ports for twenty years.",
		Portrait: &library.Image{File: s.photo.Name, Width: s.photo.Width, Height: s.photo.Height}}); err != nil {
		t.Fatal(err)
	}
	d := s.client(t).Get("/contributors/ines-marvell").document(t)
	same(t, "biography", d.texts("aside.first p"), "Ines Marvell has written on ports for twenty years.")
	if got := d.all("header.person img.portrait"); len(got) != 1 || !strings.Contains(attribute(got[0], "src"), s.photo.Name) {
		t.Errorf("%d portraits", len(got))
	}
	d = s.client(t).Get("/contributors").document(t)
	same(t, "introduced", d.texts("ul.people p"), "Ines Marvell writes on ports.", "9 articles")
	if len(d.all("ul.people img.portrait")) != 1 {
		t.Error("the index has no portrait")
	}
}

func TestSeriesIsInOrder(t *testing.T) {
	s := newTestSite(t)
	d := s.client(t).Get("/series/the-straits?before=o1-1").document(t)
	same(t, "parts", d.links("ol.parts h2 a"), "/articles/"+meteredTwo, "/articles/"+meteredOne)
	same(t, "numbers", d.texts("ol.parts p.label"), "Part one", "Part two")
	if len(d.all("nav.pager")) != 0 {
		t.Error("a series has one page")
	}
}

func TestListingOfATermWithoutArticles(t *testing.T) {
	s := newTestSite(t)
	if _, err := s.lib.SaveTerm(context.Background(), library.Term{Kind: library.Section, Name: "Books", Description: "Reviews and essays."}); err != nil {
		t.Fatal(err)
	}
	d := s.client(t).Get("/sections/books").document(t)
	same(t, "where to go instead", d.links("p.empty a"), "/", "/archive")
	if len(d.all("header.page-head p.more span")) != 0 {
		t.Error("nothing is counted")
	}
}

// walk follows a pager from a page on and returns the articles of every page.
func walk(t *testing.T, c *testClient, path, rel string) (articles []string, last string) {
	t.Helper()
	for pages := 0; ; pages++ {
		if pages > 20 {
			t.Fatalf("%s has no end", path)
		}
		d := c.Get(path).document(t)
		articles = append(articles, d.links("ol.story-list .headline a")...)
		next := d.link(t, "nav.pager a[rel="+rel+"]")
		if next == "" {
			return articles, path
		}
		path = next
	}
}

func TestPagesOfAListing(t *testing.T) {
	s := newTestSite(t)
	var drafts []library.Draft
	for i := range 100 {
		drafts = append(drafts, draftOf(fmt.Sprint("page-", i), access.Open, testStart.AddDate(-2, 0, -i/3))) // three at a time
	}
	s.save(drafts...)
	c := s.client(t)
	for _, path := range []string{"/sections/briefings", "/archive", "/countries/portugal"} {
		down, last := walk(t, c, path, "next")
		all, err := s.lib.List(context.Background(), library.Filter{}, library.Cursor{}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, a := range all.Items {
			if path != "/sections/briefings" || a.Section.Slug == "briefings" {
				want = append(want, "/articles/"+a.Slug)
			}
		}
		same(t, path+" page by page", down, want...)

		var up []string
		for page := last; page != ""; {
			d := c.Get(page).document(t)
			up = append(d.links("ol.story-list .headline a"), up...)
			page = d.link(t, "nav.pager a[rel=prev]")
		}
		for _, a := range want {
			if !slices.Contains(up, a) {
				t.Errorf("%s back up: %s is on no page", path, a)
			}
		}
		deep := c.Get(last, "Accept-Encoding", "identity")
		d := deep.document(t)
		if got := d.all("meta[name=robots]"); len(got) != 1 || attribute(got[0], "content") != "noindex" || len(d.all("link[rel=canonical]")) != 0 {
			t.Errorf("%s is to be indexed", last)
		}
		if len(c.Get(path).document(t).all("meta[name=robots]")) != 0 {
			t.Errorf("%s is not to be indexed", path)
		}
		if head := c.Head(last, "Accept-Encoding", "identity"); head.status != http.StatusOK || head.body != "" || head.header.Get("Etag") != deep.header.Get("Etag") {
			t.Errorf("HEAD %s: %d, %q", last, head.status, head.header.Get("Etag"))
		}
	}
}

func TestAddressesOfListings(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	list, err := s.lib.List(context.Background(), library.Filter{}, library.Cursor{}, 3)
	if err != nil {
		t.Fatal(err)
	}
	older := list.Older.String()
	newer := "n" + older[1:]
	for path, want := range map[string]int{
		"/sections/briefings":                                     200,
		"/sections/briefings?utm_source=x&page=9":                 200,
		"/sections/briefings?before=":                             200,
		"/sections/briefings?before=" + older:                     200,
		"/sections/briefings?after=" + newer:                      200,
		"/sections/briefings?before=" + newer:                     404,
		"/sections/briefings?after=" + older:                      404,
		"/sections/briefings?before=" + older + "&after=" + newer: 404,
		"/sections/briefings?before=o1-1":                         404, // past the end
		"/sections/briefings?before=o01-1":                        404,
		"/sections/briefings?before=" + older + "x":               404,
		"/sections/briefings?before=x":                            404,
		"/sections/briefings?before=%00":                          404,
		"/sections/Briefings":                                     404,
		"/sections/briefings/":                                    404,
		"/sections/briefings%2f":                                  404,
		"/sections/briefings%3Fbefore=" + older:                   404,
		"/sections/nothing":                                       404,
		"/topics/briefings":                                       404,
		"/topics/" + url.PathEscape("trade' OR '1'='1"):           404,
		"/contributors/ines-marvell?before=" + older:              200,
		"/regions/europe":                                         200,
		"/regions/atlantis":                                       404,
		"/regions":                                                301,
	} {
		if a := c.Get(path); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
		if a := c.Head(path); a.status != want {
			t.Errorf("HEAD %s: %d, want %d", path, a.status, want)
		}
	}
	if a := c.Get("/regions"); a.location() != "/countries" {
		t.Errorf("/regions leads to %q", a.location())
	}
}

// A page that was kept for one address is never given for another.
func TestListingKeysDoNotMeet(t *testing.T) {
	keys := map[string]string{}
	cursor, err := library.ParseCursor("o1-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/topics/a", "/topics/a o1-1", "/topics/o1-1 /topics/a", "/archive"} {
		for _, at := range []place{{}, {cursor}} {
			k, is := at.key(path), fmt.Sprint(at, path)
			if other, taken := keys[k]; taken {
				t.Errorf("%s and %s are kept under one key", is, other)
			}
			if strings.HasPrefix(k, articleKey) {
				t.Errorf("%s is kept as an article", is)
			}
			keys[k] = is
		}
	}
}

func TestListingAfterAChange(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.Get("/topics/trade").mustNotHave(t, "/articles/new-one")
	s.save(draftOf("new-one", access.Open, testStart.AddDate(0, 0, -1)))
	c.Get("/topics/trade").mustHave(t, 200, "/articles/new-one", "10 articles")
}
