package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
)

func TestSubscribe(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) {
		c.Subscribe.PriceMonth, c.Subscribe.PriceYear, c.Subscribe.Contact = "£7.50", "£75", "subs@review.example"
		c.Subscribe.AllAccessLines = []string{"The whole library", "No advertisements"}
	})
	d := s.client(t).Get("/subscribe").document(t)
	same(t, "prices", d.texts("section.price p.sum"), "£7.50 a month", "£75 a year")
	if got := d.texts("section.price p"); !slices.ContainsFunc(got, func(p string) bool { return strings.HasPrefix(p, "Two months free: £15 less") }) {
		t.Errorf("the saving is not told: %q", got)
	}
	same(t, "what it holds", d.texts("section.holds li"), "The whole library", "No advertisements")
	if got := d.texts("dl.answers dd"); !slices.ContainsFunc(got, func(p string) bool { return strings.Contains(p, "three articles of your choice each month") }) {
		t.Errorf("answers %q", got)
	}
	for i, subject := range []string{"All-Access to The Test Review, by the month", "All-Access to The Test Review, by the year"} {
		u, err := url.Parse(d.links("section.price a.button")[i])
		if err != nil {
			t.Fatal(err)
		}
		if u.Scheme != "mailto" || u.Opaque != "subs@review.example" || u.Query().Get("subject") != subject || strings.Contains(u.RawQuery, "+") {
			t.Errorf("the letter is %s", u)
		}
		if strings.Contains(u.Query().Get("body"), "/articles/") {
			t.Errorf("an article is named: %s", u)
		}
	}
	if len(d.all("a[href=/sign-in]")) == 0 {
		t.Error("no way to sign in")
	}
}

func TestSubscribeRemembersTheArticle(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for asked, slug := range map[string]string{meteredOne: meteredOne, oldSlug: renamedArticle} {
		a := c.Get("/subscribe?article=" + asked)
		d := a.document(t)
		same(t, "back", d.links("p.state a"), "/articles/"+slug)
		if u := mustURL(t, d.links("section.price a.button")[1]); !strings.Contains(u.Query().Get("body"), s.url+"/articles/"+slug) {
			t.Errorf("the letter does not name the article: %s", u)
		}
		if len(d.all("dl.answers a[href=/sign-in?return_to=/articles/"+slug+"]")) != 1 {
			t.Errorf("signing in does not lead back: %q", d.links("dl.answers a"))
		}
		if got := a.header.Get("Set-Cookie"); got != "" {
			t.Errorf("a cookie is set: %s", got)
		}
	}
	plain := c.Get("/subscribe").body
	for _, asked := range []string{"nothing", draftOne, scheduledOne, "//evil.example", "https://evil.example", `"><script>`, "../account", ""} {
		a := c.Get("/subscribe?article=" + url.QueryEscape(asked))
		if a.status != 200 || a.body != plain {
			t.Errorf("article %q changes the page: %d", asked, a.status)
		}
	}
}

func TestSubscribeForThoseWhoDo(t *testing.T) {
	s := newTestSite(t)
	paid := s.subscriber(t, "paid@example.org")
	for range 2 {
		d := paid.Get("/subscribe").document(t)
		if got := d.texts("p.state"); len(got) != 1 || !strings.HasPrefix(got[0], "You have All-Access already") {
			t.Errorf("%q", got)
		}
		if got := s.client(t).Get("/subscribe").document(t).texts("p.state"); len(got) != 0 {
			t.Errorf("a visitor is told %q", got)
		}
	}
}

func TestSubscribeWithoutPricesOrFreeArticles(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) {
		c.Subscribe.PriceMonth, c.Wall.FreeArticles = "", 0
	})
	d := s.client(t).Get("/subscribe").document(t)
	same(t, "prices", d.texts("section.price p.sum"), "€90 a year")
	if got := strings.Join(d.texts("main"), " "); strings.Contains(got, "free") {
		t.Errorf("something is said to be free: %s", got)
	}
}
