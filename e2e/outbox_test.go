//go:build e2e

package e2e

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestMailInTheOutboxLeadsOn presses the button of a mail where the outbox shows it, in a frame that runs nothing: the
// page that it leads to opens in the window.
func TestMailInTheOutboxLeadsOn(t *testing.T) {
	d := startDemo(t)
	d.guest(t).post("/sign-in", url.Values{"email": {"pressed@example.org"}})
	p := open(t, desktop)
	if status := p.visit(d.url + "/dev/outbox"); status != http.StatusOK {
		t.Fatalf("the outbox answers %d", status)
	}
	p.visit(d.url + ask[string](p, `[...document.querySelectorAll("ol.rows li")].find(l => l.textContent.includes("pressed@example.org")).
		querySelector("a").getAttribute("href")`))
	for range 60 {
		if p.press(kb.Tab); ask[bool](p, `document.activeElement.tagName === "IFRAME"`) {
			break
		}
	}
	p.press(kb.Enter) // the button is the first that the keyboard comes to
	p.soon("the page of the link", `location.pathname === "/confirm"`)
}
