//go:build e2e

package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/e2e/lighthouse"
)

// A view is one screen of the site: where it is, who looks at it, and the way there when an address is not enough.
type view struct {
	name   string
	path   string
	who    *guest // nil is a visitor who was never here
	status int    // 0 is 200
	then   func(p *page)
	marker string // what must be on it, as CSS
}

// cast are the guests whose state the screens need.
type cast struct {
	visitor    *guest // left an address and reads an article by courtesy
	turnedAway *guest // left an address a second time: past the courtesy
	reader     *guest // signed in, with a free article chosen
	usedUp     *guest // signed in, with none left
	subscriber *guest
}

func (d *demo) cast(t *testing.T, metered []story) cast {
	t.Helper()
	c := cast{d.guest(t), d.guest(t), d.guest(t), d.guest(t), d.guest(t)}
	c.visitor.keepReading(metered[0], "visitor@example.org")
	c.turnedAway.keepReading(metered[0], "turned-away@example.org")
	c.turnedAway.keepReading(metered[1], "turned-away@example.org")
	c.reader.signIn("reader@example.org")
	c.reader.unlock(metered[0])
	c.usedUp.signIn("used-up@example.org")
	c.usedUp.unlock(metered[:3]...)
	c.subscriber.signIn("subscriber@example.org")
	return c
}

// views lists every screen there is.
func (d *demo) views(t *testing.T) []view {
	metered := stories(t, "metered")
	c := d.cast(t, metered)
	all := append(lists(), walls(t, metered, c)...)
	all = append(all, forms(metered[2])...)
	return append(all, []view{
		{name: "confirm", path: d.confirmPath(t), marker: `form[action="/confirm"] button`},
		{name: "confirm-gone", path: "/confirm?token=none", status: http.StatusGone, marker: `a[href="/sign-in"]`},
		{name: "account", path: "/account", who: c.reader, marker: `form[action="/account/name"]`},
		{name: "account-refused", path: "/account", who: c.reader, then: func(p *page) {
			p.fill("#sure", "not-mine@example.org")
			p.follow(`form[action="/account/delete"] button`)
		}, marker: "#sure-fault"},
		{name: "account-subscriber", path: "/account", who: c.subscriber, marker: ".plain-head"},
		{name: "outbox", path: "/dev/outbox", marker: "ol.rows"},
		{name: "outbox-mail", path: "/dev/outbox", then: func(p *page) { p.follow("ol.rows a") }, marker: ".mail iframe"},
		{name: "missing", path: "/articles/no-such-article", status: http.StatusNotFound, marker: ".more-from"},
	}...)
}

// confirmPath makes a mail and returns the path of its link.
func (d *demo) confirmPath(t *testing.T) string {
	t.Helper()
	const address = "link@example.org"
	d.guest(t).post("/sign-in", url.Values{"email": {address}})
	return strings.TrimPrefix(d.link(t, address), d.url)
}

func lists() []view {
	return []view{
		{name: "front", path: "/", marker: ".front-page .lead"},
		{name: "section", path: "/sections/columns", marker: ".story-list"},
		{name: "section-empty", path: "/sections/no-such-section", status: http.StatusNotFound, marker: ".more-from"},
		{name: "topic", path: "/topics/diplomacy", marker: ".story-list"},
		{name: "country", path: "/countries/turkey", marker: ".story-list"},
		{name: "region", path: "/regions/europe", marker: ".story-list"},
		{name: "contributor", path: "/contributors/tomasz-wierzbin", marker: ".story-list"},
		{name: "series", path: "/series/the-price-of-water", marker: ".story-list.parts"},
		{name: "archive", path: "/archive", marker: ".years"},
		{name: "year", path: "/archive", then: func(p *page) { p.follow(".years h2 a") }, marker: ".months"},
		{name: "month", path: "/archive", then: func(p *page) { p.follow(".months a") }, marker: ".story-list"},
		{name: "sections", path: "/sections", marker: "main a"},
		{name: "topics", path: "/topics", marker: ".words"},
		{name: "countries", path: "/countries", marker: ".words"},
		{name: "regions", path: "/regions", marker: "main a"},
		{name: "all-series", path: "/series", marker: "main a"},
		{name: "contributors", path: "/contributors", marker: "main a"},
		{name: "search", path: "/search", marker: ".begin-list"},
		{name: "search-found", path: "/search?q=the", marker: ".hits"},
		{name: "search-nothing", path: "/search?q=nosuchword&topic=trade", marker: ".advice"},
		{name: "feeds", path: "/feeds", marker: "main a"},
		{name: "subscribe", path: "/subscribe", marker: ".price"},
		{name: "newsletters", path: "/newsletters", marker: `form[action="/newsletters"]`},
	}
}

func walls(t *testing.T, metered []story, c cast) []view {
	registered, subscriber := stories(t, "registered")[0], stories(t, "subscriber")
	return []view{
		{name: "article-open", path: stories(t, "open")[0].path(), marker: ".ad"},
		{name: "wall-keep-reading", path: metered[0].path(), marker: `.wall form[action="/keep-reading"]`},
		{name: "wall-registered", path: registered.path(), marker: `.wall form[action="/keep-reading"]`},
		{name: "wall-subscriber", path: subscriber[0].path(), marker: ".wall .holds"},
		{name: "article-courtesy", path: metered[0].path(), who: c.visitor, marker: ".courtesy form"},
		{name: "wall-check-inbox", path: metered[1].path(), who: c.turnedAway, marker: ".courtesy form"},
		{name: "wall-choose", path: metered[1].path(), who: c.reader, marker: `.wall form[action$="/unlock"]`},
		{name: "article-unlocked", path: metered[0].path(), who: c.reader, marker: ".meter"},
		{name: "wall-used-up", path: metered[3].path(), who: c.usedUp, marker: ".wall .holds"},
		{name: "article-series", path: "/articles/the-bank-in-the-mountains", who: c.subscriber, marker: ".series"},
		{name: "article-subscriber", path: subscriber[0].path(), who: c.subscriber, marker: ".prose p:nth-of-type(5)"},
	}
}

// forms are the screens that a form leads to.
func forms(s story) []view {
	unchecked := func(form string) string { return `document.querySelector('` + form + `').noValidate = true` }
	return []view{
		{name: "sign-in", path: "/sign-in", marker: "#email"},
		{name: "sign-in-refused", path: "/sign-in", then: func(p *page) {
			ask[bool](p, unchecked(`form[action="/sign-in"]`))
			p.fill("#email", "anna@nowhere")
			p.follow(`form[action="/sign-in"] button`)
		}, marker: "#email-fault"},
		{name: "keep-reading-refused", path: s.path(), then: func(p *page) {
			ask[bool](p, unchecked(`form[action="/keep-reading"]`))
			p.fill("#wall-email", "anna@nowhere")
			p.follow(`form[action="/keep-reading"] button`)
		}, marker: "#wall-email-fault"},
		{name: "inbox", path: "/sign-in", then: func(p *page) {
			p.fill("#email", "inbox@example.org")
			p.follow(`form[action="/sign-in"] button`)
		}, marker: "#code"},
		{name: "inbox-refused", path: "/sign-in", then: func(p *page) {
			p.fill("#email", "inbox@example.org")
			p.follow(`form[action="/sign-in"] button`)
			p.fill("#code", "000000")
			p.follow(`form[action="/confirm"] button`)
		}, marker: "#code-fault"},
	}
}

// TestScreens looks at every screen on phone and desktop, in light and dark, on the narrowest phone, and enlarged to
// 200 % (WCAG 2.2, 1.4.4 and 1.4.10): each must be sound and its HTML valid. A picture of each is kept.
func TestScreens(t *testing.T) {
	d := startDemo(t)
	var mu sync.Mutex
	documents := map[string]string{}
	all := d.views(t)
	t.Run("each", func(t *testing.T) {
		for _, v := range all {
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				source := d.look(t, v)
				mu.Lock()
				defer mu.Unlock()
				documents[v.name] = source
			})
		}
	})
	if len(documents) < len(all) {
		t.Errorf("%d of %d screens were seen", len(documents), len(all))
	}
	validHTML(t, documents)
}

// look shows a view on every screen and returns its document.
func (d *demo) look(t *testing.T, v view) string {
	p := open(t, phone)
	if v.who != nil {
		p.becomes(v.who)
	}
	for _, s := range []screen{phone, phone.inDark(), desktop, desktop.inDark(), narrow} {
		p.turn(s)
		p.goes(d, v)
		p.sound()
		if s != narrow {
			p.shoot(v.name)
		}
	}
	p.turn(enlarged)
	p.goes(d, v)
	p.fits()
	return p.source()
}

// goes takes the way to a view.
func (p *page) goes(d *demo, v view) {
	p.t.Helper()
	want := v.status
	if want == 0 {
		want = http.StatusOK
	}
	if status := p.visit(d.url + v.path); status != want {
		p.t.Fatalf("%s: status %d, want %d", v.path, status, want)
	}
	if v.then != nil {
		v.then(p)
	}
	if p.count(v.marker) == 0 {
		p.t.Fatalf("%s lacks %s:\n%s", p.address(), v.marker, p.text("main"))
	}
}

// TestFullMarks asks Lighthouse about front page and article. Performance is measured by make bench, where nothing
// else runs.
func TestFullMarks(t *testing.T) {
	d := startDemo(t)
	for name, path := range map[string]string{"front": "/", "article": stories(t, "metered")[0].path()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fullMarks(t, d.url+path, lighthouse.Accessibility, lighthouse.BestPractices, lighthouse.SEO)
		})
	}
}
