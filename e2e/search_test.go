//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// soon waits for an expression to hold in the page.
func (p *page) soon(what, expression string) {
	p.t.Helper()
	for begin := time.Now(); !ask[bool](p, expression); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			p.t.Fatalf("%s never came: %s", what, p.html())
		}
	}
}

// TestSearchSuggests types in the field of the search page: it suggests, by the keys alone, as a combobox does.
func TestSearchSuggests(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	p.visit(d.url + "/search")
	if !ask[bool](p, `document.activeElement.matches("#q[role=combobox][aria-expanded=false][aria-autocomplete=list]")`) {
		t.Fatal("the field is no combobox, or has not the focus")
	}
	p.press("count")
	p.soon("a suggestion", `document.querySelectorAll("#q-suggestions:not([hidden]) [role=option]").length > 0`)
	p.sound()
	p.press(kb.ArrowDown)
	if !ask[bool](p, `document.querySelector("[role=option][aria-selected=true]").id === q.getAttribute("aria-activedescendant") && document.activeElement === q`) {
		t.Error("the arrow chooses no suggestion")
	}
	p.press(kb.Escape)
	if !ask[bool](p, `q.getAttribute("aria-expanded") === "false" && document.querySelector("#q-suggestions").hidden && q.value === "count"`) {
		t.Error("Escape does not close the suggestions, or takes what was typed")
	}
	p.press(kb.Backspace)
	p.soon("suggestions again", `!document.querySelector("#q-suggestions").hidden`)
	p.press(kb.ArrowDown + kb.Enter)
	p.soon("the page that was chosen", `/^\/(articles|topics|countries|contributors)\//.test(location.pathname)`)
}

// TestSearchByKeyboard walks from the field through what was found, and back.
func TestSearchByKeyboard(t *testing.T) {
	d := startDemo(t)
	p := open(t, desktop)
	p.visit(d.url + "/search?q=the")
	at := func() string {
		return ask[string](p, `document.activeElement.getAttribute("href") || document.activeElement.id`)
	}
	ask[bool](p, `q.focus() === undefined`)
	p.press(kb.ArrowDown)
	first := at()
	p.press("j")
	if second := at(); second == first || !strings.HasPrefix(first, "/articles/") || !strings.HasPrefix(second, "/articles/") {
		t.Errorf("from the field to %q, then to %q", first, second)
	}
	p.press("k" + kb.ArrowUp)
	if got := at(); got != "q" {
		t.Errorf("back up at %q, want the field", got)
	}
	p.visit(d.url + "/search")
	p.soon("what was searched for", `[...document.querySelectorAll(".recent:not([hidden]) a")].some(a => a.textContent === "the")`)
	ask[bool](p, `document.querySelector(".recent button").click() === undefined`)
	p.visit(d.url + "/search")
	if !ask[bool](p, `document.querySelector(".recent").hidden`) {
		t.Error("what was searched for is not forgotten")
	}
}
