//go:build e2e

package e2e

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/e2e/lighthouse"
)

// The checks are themselves checked: a sound page passes them all, and each
// fault of an unsound page is found.

const soundHead = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sound</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="A sound page.">
<link rel="icon" href="data:,"><style>
:root { color-scheme: light dark } body { font-family: serif; margin: 1rem }
body { background: light-dark(#fff, #111); color: light-dark(#111, #eee) } a { color: inherit }
a { display: inline-block; padding: .5rem }</style></head>`

const soundPage = soundHead + `<body><main><h1>Sound</h1><p>Nothing to find.</p>
<form method="post" action="/greet"><label for="name">Name</label> <input id="name" name="name">
<button>Greet me</button></form><p><a href="/elsewhere">Elsewhere</a></p></main></body></html>`

const unsoundPage = `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"></head><body><div id="late"></div>
<p style="color:#bbb;background:#fff">Pale</p><img src="THIRD/pixel.png"><img src="/missing.png" alt="">
<div style="width:3000px">Wide</div><p>Pushed down</p>
<script>setTimeout(() => { document.getElementById("late").style.height = "300px" }, 100);
setTimeout(() => { window.moved = true; missing() }, 300)</script></body></html>`

func harnessSite(t *testing.T) *httptest.Server {
	third := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(third.Close)
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, page string) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, page)
	}
	mux.HandleFunc("GET /sound", func(w http.ResponseWriter, _ *http.Request) { write(w, soundPage) })
	mux.HandleFunc("GET /unsound", func(w http.ResponseWriter, _ *http.Request) {
		write(w, strings.ReplaceAll(unsoundPage, "THIRD", third.URL))
	})
	mux.HandleFunc("GET /nowhere", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusNotFound)
		write(w, soundPage)
	})
	mux.HandleFunc("POST /greet", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "name", Value: r.PostFormValue("name"), Path: "/"})
		http.Redirect(w, r, "/hello", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, r *http.Request) {
		name := "stranger"
		if c, err := r.Cookie("name"); err == nil {
			name = c.Value
		}
		write(w, soundHead+"<body><main><h1>Hello "+html.EscapeString(name)+"</h1></main></body></html>")
	})
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site
}

func TestHarnessPassesASoundPage(t *testing.T) {
	site := harnessSite(t)
	eachScreen(t, site.URL+"/sound", "harness")
	for _, shot := range []string{"390-light", "390-dark", "1280-light", "1280-dark"} {
		if info, err := os.Stat("shots/harness-" + shot + ".png"); err != nil || info.Size() < 1000 {
			t.Errorf("picture %s: %v", shot, err)
		}
	}
	p := open(t, narrow.withoutScripts())
	p.visit(site.URL + "/sound")
	p.sound()
}

func TestHarnessFindsFaults(t *testing.T) {
	p := open(t, desktop)
	p.visit(harnessSite(t).URL + "/unsound")
	ask[bool](p, "new Promise(done => { const wait = () => window.moved ? done(true) : setTimeout(wait, 50); wait() })")
	found := strings.Join(p.findings(), "\n")
	for _, want := range []string{
		"html-has-lang: ", "image-alt: ", "color-contrast: ", "document-title: ",
		"third-party request: ", "wider than the screen", "layout shift of ", "missing is not defined", "404 (Not Found)",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("findings lack %q:\n%s", want, found)
		}
	}
}

func TestHarnessWalks(t *testing.T) {
	site := harnessSite(t)
	for _, s := range []screen{desktop, phone.withoutScripts()} {
		p := open(t, s)
		if status := p.visit(site.URL + "/sound"); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		p.fill("#name", "Anna")
		if status := p.follow("form button"); status != http.StatusOK {
			t.Errorf("after the form: status %d", status)
		}
		if got := p.text("h1"); got != "Hello Anna" || p.address().Path != "/hello" {
			t.Errorf("after the form: %q at %s", got, p.address())
		}
		if !strings.Contains(p.html(), "Hello Anna") || p.count("main") != 1 {
			t.Errorf("the document is not the page: %s", p.html())
		}
		p.sound()

		other := open(t, s)
		other.visit(site.URL + "/hello")
		if got := other.text("h1"); got != "Hello stranger" {
			t.Errorf("another person sees %q", got)
		}
		if status := other.visit(site.URL + "/nowhere"); status != http.StatusNotFound {
			t.Errorf("a missing page: status %d", status)
		}
		other.sound()
	}
}

func TestHarnessChecksHTML(t *testing.T) {
	validHTML(t, map[string]string{"sound": soundPage})
	found, err := checkHTML(t.Context(), t.TempDir(), map[string]string{"sound": soundPage, "unsound": unsoundPage})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(found, "\n")
	if !strings.Contains(all, "unsound:") || !strings.Contains(all, "alt") || strings.Contains(all, "\nsound:") {
		t.Errorf("checker found:\n%s", all)
	}
}

func TestHarnessScoresPages(t *testing.T) {
	site := harnessSite(t)
	fullMarks(t, site.URL+"/sound", lighthouse.Accessibility, lighthouse.BestPractices)
	report, err := lighthouse.Run(t.Context(), site.URL+"/unsound", lighthouse.Options{
		Modules: modules, Categories: []string{lighthouse.Accessibility},
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Scores[lighthouse.Accessibility] >= 100 || len(report.Short) == 0 {
		t.Errorf("an unsound page scores %+v", report)
	}
	if _, err := lighthouse.Run(t.Context(), site.URL+"/nowhere", lighthouse.Options{Modules: modules}); err == nil {
		t.Error("a missing page got a report")
	}
}
