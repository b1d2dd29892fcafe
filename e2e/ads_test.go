//go:build e2e

package e2e

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// passes lets a tab pass for a person's, where programs are not counted.
func (p *page) passes() {
	p.t.Helper()
	p.do("pass for a person", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, cdpage.AddScriptToEvaluateOnNewDocument,
			cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: "Object.defineProperty(navigator, 'webdriver', { get: () => false })"}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"})
		return err
	}))
}

// follows waits until the running server shows, on the front page, what another command changed.
func (d *demo) follows(t *testing.T, text string) {
	t.Helper()
	for begin := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		r, err := http.Get(d.url)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil || strings.Contains(string(b), text) {
			return
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("the front page never showed %q", text)
		}
	}
}

// reported reports whether the page told the site of something in view.
func (p *page) reported() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.requests, func(address string) bool { return strings.HasSuffix(address, "/ads/seen") })
}

const (
	atFoot  = "document.querySelector('.ad[data-at=foot]')"
	inFoot  = "[..." + atFoot + ".querySelectorAll('.ad-one')].filter(one => getComputedStyle(one).visibility === 'visible').map(one => one.textContent).join()"
	toFoot  = "(" + atFoot + ".scrollIntoView({ block: 'center' }), true)"
	counted = "localStorage.getItem('gatefold-ads')?.includes(':1}') ?? false"
)

// What has a cap is shown as often as that to one visitor, and the house's words after that; nothing moves meanwhile.
func TestAdvertisingWithACap(t *testing.T) {
	d := startDemo(t)
	d.gatefold(t, "ads", "campaign", "add", "capped", "--sponsor", "Capped and Sons", "--cap", "1", "--place", "foot", "--target", "front", "--dir", d.dir)
	d.gatefold(t, "ads", "creative", "add", "capped", "--url", "https://capped.example/", "--text", "Once a day.", "--label", "Look", "--dir", d.dir)
	d.follows(t, "Once a day.")

	still := open(t, phone.withoutScripts())
	still.visit(d.url)
	if shown := ask[string](still, inFoot); strings.Contains(shown, "Once a day.") || shown == "" {
		t.Errorf("without scripts the foot shows %q", shown)
	}
	still.sound()

	p := open(t, desktop)
	p.passes()
	p.visit(d.url)
	p.soon("the script", "document.querySelectorAll('.ad-room:not([data-chosen])').length === 0")
	if shown := ask[string](p, inFoot); !strings.Contains(shown, "Once a day.") {
		t.Errorf("at first the foot shows %q", shown)
	}
	ask[bool](p, toFoot)
	p.soon("the count of a view", counted)
	for begin := time.Now(); !p.reported(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 10*time.Second {
			t.Fatal("what was in view was not reported")
		}
	}
	p.sound()
	p.visit(d.url)
	p.soon("the script", "document.querySelectorAll('.ad-room:not([data-chosen])').length === 0")
	if shown := ask[string](p, inFoot); strings.Contains(shown, "Once a day.") || shown == "" {
		t.Errorf("after its cap the foot shows %q", shown)
	}
	p.sound()
}
