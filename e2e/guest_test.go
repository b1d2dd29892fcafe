//go:build e2e

package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// guest is a person with a plain HTTP client: what must have happened before a screen can be looked at goes quicker
// that way, and every form works so.
type guest struct {
	t      *testing.T
	d      *demo
	client *http.Client
}

func (d *demo) guest(t *testing.T) *guest {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &guest{t, d, &http.Client{Jar: jar}}
}

// post sends a form and returns the address it leads to.
func (g *guest) post(path string, form url.Values) *url.URL {
	g.t.Helper()
	r, err := g.client.PostForm(g.d.url+path, form)
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if body, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK {
		g.t.Fatalf("POST %s: status %d, %v\n%s", path, r.StatusCode, err, body)
	}
	return r.Request.URL
}

func (g *guest) keepReading(s story, address string) {
	g.t.Helper()
	g.post("/keep-reading", url.Values{"email": {address}, "article": {s.slug}, "newsletter": {"on"}})
}

// signIn makes the guest a reader, by the code of the newest mail.
func (g *guest) signIn(address string) {
	g.t.Helper()
	g.post("/sign-in", url.Values{"email": {address}})
	g.post("/confirm", url.Values{"code": {g.d.code(g.t, address)}})
}

func (g *guest) unlock(stories ...story) {
	g.t.Helper()
	for _, s := range stories {
		g.post(s.path()+"/unlock", nil)
	}
}

// becomes gives the tab the cookies of a guest.
func (p *page) becomes(g *guest) {
	p.t.Helper()
	home, err := url.Parse(g.d.url)
	p.ok("become a guest", err)
	for _, c := range g.client.Jar.Cookies(home) {
		_, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: g.d.url})
		p.ok("become a guest", err)
	}
}

var sixDigits = regexp.MustCompile(`(?m)^\s*(\d{3}) ?(\d{3})$`)

// code returns the six digits of the newest mail to an address that has some: letters may come in between.
func (d *demo) code(t *testing.T, address string) string {
	t.Helper()
	for _, m := range d.mails(t, address) {
		if digits := sixDigits.FindStringSubmatch(m.Text); digits != nil {
			return digits[1] + digits[2]
		}
	}
	t.Fatalf("no mail to %s has a code", address)
	return ""
}

// link returns the link to confirm with in the newest mail to an address that has one.
func (d *demo) link(t *testing.T, address string) string {
	t.Helper()
	for _, m := range d.mails(t, address) {
		for _, link := range m.Links {
			if strings.Contains(link, "/confirm?") {
				return link
			}
		}
	}
	t.Fatalf("no mail to %s has a link to confirm with", address)
	return ""
}
