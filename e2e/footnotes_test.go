//go:build e2e

package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A footnote opens under the paragraph that calls it, and closes by the same link or by Escape, which leaves the focus
// where it was. Without scripts the link leads to the note at the end.
func TestFootnotesOpenInPlace(t *testing.T) {
	d := startDemo(t)
	reader := d.guest(t)
	reader.signIn("notes@example.org")
	const article = "/articles/the-bank-in-the-mountains"
	reader.post(article+"/unlock", nil)

	p := open(t, phone)
	p.becomes(reader)
	p.visit(d.url + article)
	const called = "document.querySelector('.prose a[role=doc-noteref]')"
	p.do("press the call of the note", chromedp.Click(chromedp.CSS(".prose a[role=doc-noteref]")))
	if n := p.count("p + .note"); n != 1 {
		t.Fatalf("%d notes are open after a press", n)
	}
	if at := ask[string](p, called+".closest('p').nextElementSibling.className"); at != "note" {
		t.Errorf("under the paragraph stands %q", at)
	}
	if state := ask[string](p, called+".getAttribute('aria-expanded')"); state != "true" {
		t.Errorf("aria-expanded is %q while the note is open", state)
	}
	if p.address().Fragment != "" {
		t.Errorf("the page moved to %s", p.address())
	}
	p.sound()

	ask[bool](p, called+".focus() || true")
	p.press(kb.Escape)
	if n := p.count(".note"); n != 0 {
		t.Errorf("%d notes are open after Escape", n)
	}
	if !ask[bool](p, "document.activeElement === "+called) {
		t.Error("the focus is lost")
	}
}

func TestFootnotesWithoutScripts(t *testing.T) {
	d := startDemo(t)
	reader := d.guest(t)
	reader.signIn("notes@example.org")
	const article = "/articles/the-bank-in-the-mountains"
	reader.post(article+"/unlock", nil)
	p := open(t, phone.withoutScripts())
	p.becomes(reader)
	p.visit(d.url + article)
	p.do("press the call of the note", chromedp.Click(chromedp.CSS(".prose a[role=doc-noteref]")))
	if p.address().Fragment != "fn:1" || p.count(`[id="fn:1"]:target`) != 1 {
		t.Errorf("the link leads to %s", p.address())
	}
}
