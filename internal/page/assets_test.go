package page

import (
	"net/http"
	"strings"
	"testing"
)

func TestAssets(t *testing.T) {
	a := NewAssets("/assets/")
	css := strings.Repeat("p { margin: 0 }\n", 50)
	a.Add("site.css", []byte(css))
	path, err := a.Path("site.css")
	if err != nil || !strings.HasPrefix(path, "/assets/site.") || !strings.HasSuffix(path, ".css") {
		t.Fatalf("%q, %v", path, err)
	}
	if _, err := a.Path("sight.css"); err == nil {
		t.Error("a name that was never added has a path")
	}
	name := strings.TrimPrefix(path, "/assets/")
	serve := func(w http.ResponseWriter, r *http.Request) {
		if !a.Serve(w, r, name) {
			t.Error("not found")
		}
	}
	want := map[string]string{"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable",
		"Vary": "Accept-Encoding"}
	for accept, encoding := range map[string]string{"": "", "gzip": "gzip", "gzip, br": "br"} {
		want["Content-Encoding"] = encoding
		r := get("GET", http.Header{"Accept-Encoding": {accept}}, serve)
		headers(t, "GET "+accept, r, want)
		headers(t, "HEAD "+accept, get("HEAD", http.Header{"Accept-Encoding": {accept}}, serve), want)
		tag := r.Header.Get("ETag")
		if have := plain(t, r); have != css {
			t.Errorf("%s: %q", accept, have)
		}
		again := get("GET", http.Header{"If-None-Match": {tag}}, serve)
		if again.StatusCode != 304 || again.Header.Get("Cache-Control") != want["Cache-Control"] {
			t.Errorf("again: %d, %v", again.StatusCode, again.Header)
		}
	}
	get("GET", nil, func(w http.ResponseWriter, r *http.Request) {
		for _, n := range []string{"", "site.css", "site.000000000000.css", name + "/", "../" + name} {
			if a.Serve(w, r, n) {
				t.Errorf("%q is served", n)
			}
		}
	})
	a.Add("site.css", []byte("p { margin: 1px }"))
	if other, _ := a.Path("site.css"); other == path {
		t.Error("another content has the same path")
	}
}

func TestJoinedAssets(t *testing.T) {
	own := files("look/10-a.css", "a", "look/20-b.css", "b", "look/notes.txt", "x", "other/c.css", "x")
	over := files("look/20-b.css", "B", "look/15-c.css", "c")
	a := NewAssets("/assets/")
	if err := a.AddJoined("site.css", "0", "look/*.css", own, over); err != nil {
		t.Fatal(err)
	}
	path, _ := a.Path("site.css")
	if have := string(a.byPath[strings.TrimPrefix(path, "/assets/")].Bytes()); have != "0a\nc\nB\n" {
		t.Errorf("%q", have)
	}
	if err := a.AddJoined("none.css", "", "nowhere/*.css", own, over); err == nil {
		t.Error("nothing was joined without an error")
	}
	if err := a.AddJoined("bad.css", "", "[", own); err == nil {
		t.Error("a broken pattern was accepted")
	}
}
