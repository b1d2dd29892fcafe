//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// The checks are themselves checked: each fault of an unsound page is found. That they pass what is sound, all other
// tests show.

const soundPage = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sound</title></head>
<body><main><h1>Sound</h1><p>Nothing to find.</p></main></body></html>`

const unsoundPage = `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"></head><body><div id="late"></div>
<p style="color:#bbb;background:#fff">Pale</p><img src="THIRD/pixel.png"><img src="/missing.png" alt="">
<div style="width:3000px">Wide</div><p>Pushed down</p>
<script>setTimeout(() => { document.getElementById("late").style.height = "300px" }, 100);
setTimeout(() => { window.moved = true; missing() }, 300)</script></body></html>`

func TestHarnessFindsFaults(t *testing.T) {
	third := httptest.NewServer(http.NotFoundHandler())
	defer third.Close()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, strings.ReplaceAll(unsoundPage, "THIRD", third.URL))
	}))
	defer site.Close()
	p := open(t, desktop)
	p.visit(site.URL)
	ask[bool](p, "new Promise(done => { const wait = () => window.moved ? done(true) : setTimeout(wait, 50); wait() })")
	found := strings.Join(append(p.axe(), p.findings()...), "\n")
	for _, want := range []string{
		"html-has-lang: ", "image-alt: ", "color-contrast: ", "document-title: ",
		"third-party request: ", "wider than the screen", "layout shift of ", "missing is not defined", "404 (Not Found)",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("findings lack %q:\n%s", want, found)
		}
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
