//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus tells what has the focus: its place in the document, and whether a person can see it and that it is focused.
const focus = `(() => {
	const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
	const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
	return [e.matches(".skip") ? "skip" : e.id || e.name || e.textContent.trim().replace(/\s+/g, " "), seen ? "seen" : "hidden", ring ? "ringed" : "bare"].join("|");
})()`

// tab presses the tab key and returns what then has the focus. It fails the test when that cannot be seen.
func (p *page) tab() string {
	p.t.Helper()
	p.press(kb.Tab)
	parts := strings.Split(ask[string](p, focus), "|")
	if !slices.Equal(parts[1:], []string{"seen", "ringed"}) {
		p.t.Errorf("the focus is on %q, %s", parts[0], strings.Join(parts[1:], " and "))
	}
	return parts[0]
}

// TestKeyboard goes by keyboard alone from the top of an article to its wall, and through the wall.
func TestKeyboard(t *testing.T) {
	d := startDemo(t)
	for _, s := range []screen{phone, desktop} {
		p := open(t, s)
		p.visit(d.url + stories(t, "metered")[0].path())
		if first := p.tab(); first != "skip" {
			t.Errorf("on %s the first tab is at %q, want the link that skips to the text", s, first)
		}
		p.press(kb.Enter)
		if at := p.address().Fragment; at != "main" {
			t.Errorf("the skip link leads to #%s", at)
		}
		var order []string
		for range 60 {
			at := p.tab()
			if order = append(order, at); strings.HasPrefix(at, "Subscribe for") {
				break
			}
		}
		wall := []string{"wall-email", "Read this article", "newsletter", "subscribe for full access", "Sign in"}
		from := slices.Index(order, wall[0])
		if from < 0 || from+len(wall) > len(order) || !slices.Equal(order[from:from+len(wall)], wall) {
			t.Errorf("on %s the order is %q, want %q in it", s, order, wall)
		}
		if slices.Contains(order, "Archive") {
			t.Errorf("on %s the skip link leaves the masthead in the way: %q", s, order)
		}
	}
}

// TestFormByKeyboard sends the form at the wall with the keys alone.
func TestFormByKeyboard(t *testing.T) {
	d := startDemo(t)
	s := stories(t, "metered")[0]
	p := open(t, desktop)
	p.visit(d.url + s.path())
	p.do("focus the field", chromedp.Focus(chromedp.CSS("#wall-email")))
	p.press("dora@example.org" + kb.Tab + kb.Tab + " ")
	if !ask[bool](p, `document.querySelector("[name=newsletter]").checked`) {
		t.Error("the space bar does not tick the box")
	}
	p.do("focus the field", chromedp.Focus(chromedp.CSS("#wall-email")))
	_, err := chromedp.RunResponse(p.ctx, chromedp.KeyEvent(kb.Enter))
	p.ok("send the form", err)
	p.readsWhole(s)
}
