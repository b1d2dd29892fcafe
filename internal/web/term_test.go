package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func TestTermIsIntroduced(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	before := c.Get("/topics/trade").document(t)
	if n := len(before.all(".introduction")) + len(before.all(".first-reads")); n != 0 {
		t.Errorf("a short list without an introduction has %d", n)
	}
	var more []library.Draft
	for i := range importantFrom {
		d := draftOf(fmt.Sprint("more-", i), access.Metered, testStart.AddDate(0, 0, -100-i))
		d.BodyHTML = "<p>" + filler(100*(i+1)) + "</p><p>And on.</p>"
		more = append(more, d)
	}
	ids := s.save(more...)
	s.Insights.Viewed(ids[3])
	if err := s.Insights.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.lib.Introduce(context.Background(), library.Topic, "trade", "What *crosses* borders, and [who](/topics/water) counts it."); err != nil {
		t.Fatal(err)
	}
	d := c.Get("/topics/trade").document(t)
	same(t, "introduction", d.texts("div.introduction p"), "What crosses borders, and who counts it.")
	same(t, "read first", d.links(".first-reads h3 a"), "/articles/more-3", fmt.Sprint("/articles/more-", importantFrom-1), fmt.Sprint("/articles/more-", importantFrom-2))
	same(t, "headings", d.texts("main h2")[:2], "Read first", "Latest")
	if n := len(d.all("ol.story-list h3")); n < importantFrom {
		t.Errorf("%d articles under the heading", n)
	}
}

func TestFollow(t *testing.T) {
	s := newTestSite(t)
	for _, at := range []struct{ kind, slug, path string }{{"topic", "trade", "/topics/trade"}, {"country", "portugal", "/countries/portugal"},
		{"contributor", "ines-marvell", "/contributors/ines-marvell"}} {
		form := url.Values{"kind": {at.kind}, "slug": {at.slug}, "return_to": {at.path}, "do": {"follow"}}
		stranger := s.client(t)
		stranger.Get(at.path).mustHave(t, http.StatusOK, `action="/follow"`, ">Follow<")
		if a := stranger.Post("/follow", form); a.status != http.StatusSeeOther || a.location() != "/sign-in?return_to="+url.QueryEscape(at.path) {
			t.Errorf("who is not signed in is sent to %d %s", a.status, a.location())
		}
		c := s.reader(t, at.kind+"@example.org")
		a := c.follow(c.Post("/follow", form))
		a.mustHave(t, http.StatusOK, "You follow this.", `value="leave"`)
		if cc := a.header.Get("Cache-Control"); cc != "private, no-store" {
			t.Errorf("the page of one reader: %s", cc)
		}
		c.Get("/account").mustHave(t, http.StatusOK, `href="`+at.path+`"`)
		stranger.Get(at.path).mustNotHave(t, "You follow this.")
		form.Set("do", "leave")
		c.follow(c.Post("/follow", form)).mustNotHave(t, "You follow this.")
		c.Get("/account").mustNotHave(t, `href="`+at.path+`"`)
	}
	c := s.reader(t, "more@example.org")
	for _, form := range []url.Values{{"kind": {"section"}, "slug": {"briefings"}}, {"kind": {"topic"}, "slug": {"no-such"}}, {}} {
		if a := c.Post("/follow", form); a.status != http.StatusNotFound {
			t.Errorf("follow %v: status %d", form, a.status)
		}
	}
	s.client(t).Get("/sections/briefings").mustNotHave(t, `action="/follow"`)
	if a := c.Post("/follow", url.Values{"kind": {"topic"}, "slug": {"trade"}, "return_to": {"https://evil.example/"}}); a.location() != "/" {
		t.Errorf("sent on to %s", a.location())
	}
}

func TestAccountExportsAndForgetsWhatIsFollowed(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	c.Post("/follow", url.Values{"kind": {"topic"}, "slug": {"trade"}})
	c.Post("/search/save", url.Values{"search": {"q=Ships&topic=trade&page=3&utm_source=x"}, "return_to": {"/search?q=Ships"}})
	c.Get("/account").mustHave(t, http.StatusOK, `href="/topics/trade"`, `href="/search?q=Ships&amp;topic=trade"`, "Ships · Trade")
	c.Get("/account/data").mustHave(t, http.StatusOK, `"q=Ships\u0026topic=trade"`, `"Trade"`)
	c.Get("/search").mustHave(t, http.StatusOK, "Ships · Trade")
	c.Post("/search/save", url.Values{"search": {"q=Ships&topic=trade"}, "do": {"remove"}})
	c.Get("/account").mustNotHave(t, "Ships · Trade")
	if a := s.client(t).Post("/search/save", url.Values{"search": {"q=x"}, "return_to": {"/search?q=x"}}); !strings.HasPrefix(a.location(), "/sign-in?return_to=%2Fsearch%3Fq%3Dx") {
		t.Errorf("who is not signed in is sent to %s", a.location())
	}
	if a := c.Post("/search/save", url.Values{"search": {""}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing is saved with %d", a.status)
	}
	c.Post("/account/delete", url.Values{"email": {"anna@example.org"}})
	var n int
	for _, count := range []string{`SELECT COUNT(*) FROM follows`, `SELECT COUNT(*) FROM saved_searches`} {
		if err := s.db.QueryRow(context.Background(), count).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d, %v", count, n, err)
		}
	}
}
