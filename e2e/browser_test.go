//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/gatefold/gatefold/e2e/chromium"
)

// pageTime is the longest that one page's whole test may take.
const pageTime = 2 * time.Minute

// browser is the one Chromium of all tests; open gives each person in it an
// empty set of cookies.
var browser context.Context

func TestMain(m *testing.M) { os.Exit(withBrowser(m)) }

func withBrowser(m *testing.M) int {
	path, err := chromium.Path()
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	if workshop, err = os.MkdirTemp("", "gatefold-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(workshop) }()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path))
	for _, flag := range chromium.Flags() {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, quit := chromedp.NewContext(allocator)
	defer quit()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "e2e: start Chromium:", err)
		return 1
	}
	browser = ctx
	return m.Run()
}

// screen is the device a person reads on, and how.
type screen struct {
	width, height int64
	dark          bool
	noScripts     bool
}

var (
	narrow   = screen{width: 320, height: 640}
	phone    = screen{width: 390, height: 844}
	enlarged = screen{width: 640, height: 450} // a desktop at 200 %
	desktop  = screen{width: 1280, height: 900}
)

func (s screen) inDark() screen         { s.dark = true; return s }
func (s screen) withoutScripts() screen { s.noScripts = true; return s }

func (s screen) scheme() string {
	if s.dark {
		return "dark"
	}
	return "light"
}

func (s screen) String() string { return fmt.Sprintf("%d-%s", s.width, s.scheme()) }

// page is one person's browser tab. Its methods fail the test at the first step
// that cannot be taken.
type page struct {
	t      *testing.T
	ctx    context.Context
	screen screen

	mu       sync.Mutex
	document network.RequestID // of the page itself
	requests []string          // addresses asked for since the last visit
	faults   []string          // script errors, blocked and failed loads since the last visit
}

// countShifts sums up the layout shifts that no input caused.
const countShifts = `window.layoutShift = 0;
new PerformanceObserver(list => {
	for (const e of list.getEntries()) if (!e.hadRecentInput) window.layoutShift += e.value;
}).observe({type: "layout-shift", buffered: true});`

// open returns a tab of a person who was never here before.
func open(t *testing.T, s screen) *page {
	t.Helper()
	timed, end := context.WithTimeout(browser, pageTime)
	ctx, closeTab := chromedp.NewContext(timed, chromedp.WithNewBrowserContext())
	t.Cleanup(func() { closeTab(); end() })

	p := &page{t: t, ctx: ctx, screen: s}
	p.ok("open a tab", chromedp.Listen(ctx, p.note))
	p.do("set up the tab", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdpage.AddScriptToEvaluateOnNewDocument,
			cdpage.AddScriptToEvaluateOnNewDocumentParams{Source: countShifts})
		return err
	}))
	p.turn(s)
	return p
}

// turn changes the device under the open page.
func (p *page) turn(s screen) {
	p.t.Helper()
	p.screen = s
	var options []chromedp.EmulateViewportOption
	if s.width < 800 {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	p.do("set the screen", chromedp.EmulateViewport(s.width, s.height, options...),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: s.scheme()}},
			})
			return err
		}),
		runScripts(!s.noScripts))
}

// runScripts is the step that turns a page's scripts on or off.
func runScripts(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}

// note keeps what the page asks for and what goes wrong on it.
func (p *page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
		if p.document == "" && e.Type == network.ResourceTypeDocument {
			p.document = e.RequestID
		}
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, "script: "+(&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			p.faults = append(p.faults, "console.error was called")
		}
	case *log.EventEntryAdded:
		// A page that answers 404 is logged as a failed load of itself: no fault.
		itself := len(p.requests) > 0 && e.Entry.URL == p.requests[0]
		if e.Entry.Level == log.EntryLevelError && !itself {
			p.faults = append(p.faults, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (p *page) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document, p.requests, p.faults = "", nil, nil
}

func (p *page) ok(step string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", step, err)
	}
}

func (p *page) do(step string, actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.ok(step, chromedp.Do(p.ctx, actions...))
}

// visit goes to an address and returns the status of its answer.
func (p *page) visit(address string) int {
	p.t.Helper()
	p.forget()
	response, err := chromedp.Run(p.ctx, chromedp.NavigateResponse(address))
	p.ok("visit "+address, err)
	return int(response.Status)
}

// follow clicks a link or button and returns the status of the page it leads to.
func (p *page) follow(css string) int {
	p.t.Helper()
	p.forget()
	response, err := chromedp.RunResponse(p.ctx, chromedp.Click(chromedp.CSS(css)))
	p.ok("follow "+css, err)
	return int(response.Status)
}

// fill empties a field and types into it.
func (p *page) fill(css, text string) {
	p.t.Helper()
	p.do("fill "+css, chromedp.Clear(chromedp.CSS(css)), chromedp.SendKeys(chromedp.CSS(css), text))
}

// press sends keys (package chromedp/kb) to whatever has the focus.
func (p *page) press(keys string) {
	p.t.Helper()
	p.do("press a key", chromedp.KeyEvent(keys))
}

// text returns the visible text of the first element that matches.
func (p *page) text(css string) string {
	p.t.Helper()
	text, err := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS(css)))
	p.ok("read "+css, err)
	return text
}

// count returns how many elements match.
func (p *page) count(css string) int {
	p.t.Helper()
	return ask[int](p, fmt.Sprintf("document.querySelectorAll(%q).length", css))
}

// address returns where the person is, as the address line shows it.
func (p *page) address() *url.URL {
	p.t.Helper()
	u, err := url.Parse(ask[string](p, "location.href"))
	p.ok("read the address", err)
	return u
}

// html returns the whole document as the browser holds it now.
func (p *page) html() string {
	p.t.Helper()
	return ask[string](p, "document.documentElement.outerHTML")
}

// source returns the document as the server sent it.
func (p *page) source() string {
	p.t.Helper()
	p.mu.Lock()
	id := p.document
	p.mu.Unlock()
	answer, err := chromedp.Call(p.ctx, network.GetResponseBody, network.GetResponseBodyParams{RequestID: id})
	p.ok("read the document", err)
	return string(answer.Body)
}

// ask evaluates a JavaScript expression, also on a page whose scripts are off.
func ask[T any](p *page, expression string) T {
	p.t.Helper()
	answer, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	p.ok("evaluate in the page", err)
	return answer
}

// loadPictures loads what would load only when it comes into sight.
const loadPictures = `Promise.all([...document.images].map(i => { i.loading = "eager"; return i.decode().catch(() => {}) })).then(() => true)`

// shoot keeps a picture of the whole page as shots/NAME-WIDTH-SCHEME.png.
func (p *page) shoot(name string) {
	p.t.Helper()
	ask[bool](p, loadPictures)
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	p.ok("take a picture", err)
	file := filepath.Join("shots", strings.ReplaceAll(name, "/", "-")+"-"+p.screen.String()+".png")
	p.ok("keep a picture", os.MkdirAll("shots", 0o755))
	p.ok("keep a picture", os.WriteFile(file, picture, 0o644))
}
