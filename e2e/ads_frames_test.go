//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A company sends advertisements of its own, and tries what it may not.
type company struct {
	*httptest.Server
	mu       sync.Mutex
	asked    int
	referers []string
	told     url.Values // what its script found out, nil until it ran
}

// prying tells what a script of the company reaches of the page that it stands in.
const prying = `
const reaches = f => { try { f(); return "yes"; } catch { return "no"; } };
const found = new URLSearchParams({
	parent: reaches(() => parent.document.title), cookie: reaches(() => document.cookie), store: reaches(() => localStorage.length),
	leads: reaches(() => { top.location = %[1]q; }), origin: self.origin, referrer: document.referrer,
});
new Image().src = %[1]q + "/told?" + found;`

func newCompany(t *testing.T) *company {
	t.Helper()
	c := &company{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.asked++
		c.referers = append(c.referers, r.Referer())
		if r.URL.Path == "/told" {
			c.told = r.URL.Query()
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.Header().Set("Content-Type", "text/javascript")
		_, _ = fmt.Fprintf(w, prying, c.URL)
	}))
	t.Cleanup(c.Close)
	return c
}

// requests is how often it was asked for anything.
func (c *company) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// hears waits for what its script found out.
func (c *company) hears(t *testing.T) url.Values {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		c.mu.Lock()
		told := c.told
		c.mu.Unlock()
		if told != nil {
			return told
		}
		if time.Since(begin) > 15*time.Second {
			t.Fatal("what the visitor asked for was never shown")
		}
	}
}

const (
	chosen    = "document.querySelectorAll('.ad-room:not([data-chosen])').length === 0"
	frames    = "document.querySelectorAll('iframe').length"
	footShift = "window.layoutShift"
)

// Another company hears of a visitor after they asked to see what it sends, and reaches nothing of the page.
func TestFramesOfOtherCompanies(t *testing.T) {
	other := newCompany(t)
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GATEFOLD_ADS_FRAME_URL", "http://frames.localhost:"+port)
	d := startDemoAt(t, address)
	tag := filepath.Join(t.TempDir(), "tag.html")
	if err := os.WriteFile(tag, []byte(`<p>From elsewhere</p><script src="`+other.URL+`/tag.js"></script>`), 0o600); err != nil {
		t.Fatal(err)
	}
	d.gatefold(t, "ads", "campaign", "add", "exchange", "--sponsor", "Exchange and Sons", "--place", "foot", "--target", "front", "--dir", d.dir)
	d.gatefold(t, "ads", "creative", "add", "exchange", "--tag", tag, "--dir", d.dir)
	d.follows(t, "Exchange and Sons")

	still := open(t, phone.withoutScripts())
	still.visit(d.url)
	if shown := ask[string](still, inFoot); shown == "" || ask[bool](still, atFoot+".querySelector('.ad-ask').checkVisibility()") {
		t.Errorf("without scripts the foot shows %q, or asks", shown)
	}
	still.sound()

	for _, s := range []screen{phone.inDark(), desktop} {
		other.mu.Lock()
		other.asked, other.told, other.referers = 0, nil, nil
		other.mu.Unlock()
		p := open(t, s)
		p.visit(d.url)
		p.soon("the script", chosen)
		ask[bool](p, toFoot)
		if shown := ask[string](p, inFoot); shown == "" || ask[int](p, frames) != 0 {
			t.Errorf("before consent the foot shows %q, and %d frames", shown, ask[int](p, frames))
		}
		p.sound()
		p.shoot("ad-asks")
		if n := other.requests(); n != 0 {
			t.Errorf("%d requests before consent", n)
		}
		p.follow(".ad[data-at=foot] .ad-ask button[value=yes]")
		p.soon("the script", chosen)
		ask[bool](p, toFoot)
		told := other.hears(t)
		if told.Encode() != "cookie=no&leads=no&origin=null&parent=no&referrer=&store=no" {
			t.Errorf("the frame reaches %v", told)
		}
		other.mu.Lock()
		for _, r := range other.referers {
			if r != "" {
				t.Errorf("the company is told of %q", r)
			}
		}
		other.mu.Unlock()
		if at := p.address(); at.Host != address || ask[int](p, frames) != 1 {
			t.Errorf("with the frame the page is at %s, with %d frames", at, ask[int](p, frames))
		}
		if shift := ask[float64](p, footShift); shift > maxShift {
			t.Errorf("layout shift of %.4f", shift)
		}
		p.fails(p.axe())
		p.shoot("ad-frame")
		p.follow(".ad[data-at=foot] .ad-ask button[value=no]")
		p.soon("the script", chosen)
		ask[bool](p, toFoot)
		before := other.requests()
		p.visit(d.url)
		p.soon("the script", chosen)
		ask[bool](p, toFoot)
		if n := other.requests(); n != before || ask[int](p, frames) != 0 {
			t.Errorf("%d requests and %d frames after the consent was taken back", n-before, ask[int](p, frames))
		}
		p.sound()
	}
}
