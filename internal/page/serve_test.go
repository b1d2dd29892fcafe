package page

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

func TestAcceptable(t *testing.T) {
	const gz, br = acceptsGzip, acceptsBrotli
	for _, c := range []struct {
		values []string
		want   int
	}{
		{nil, 0},
		{[]string{""}, 0},
		{[]string{"gzip"}, gz},
		{[]string{"br"}, br},
		{[]string{"gzip, deflate, br, zstd"}, gz | br},
		{[]string{"gzip,br"}, gz | br},
		{[]string{"deflate", "gzip"}, gz},
		{[]string{" GZIP ,\tBr"}, gz | br},
		{[]string{"gzip;q=0.5, br;q=1.0"}, gz | br},
		{[]string{"gzip;q=0"}, 0},
		{[]string{"gzip;q=0.000, br"}, br},
		{[]string{"gzip ; q=0 , br"}, br},
		{[]string{"gzip;Q=0"}, 0},
		{[]string{"gzip;q=0.001"}, gz},
		{[]string{"identity"}, 0},
		{[]string{"*"}, 0},
		{[]string{"x-gzip, gzipped, brotli"}, 0},
		{[]string{",,;;,gzip"}, gz},
	} {
		if have := acceptable(c.values); have != c.want {
			t.Errorf("%q: %b, want %b", c.values, have, c.want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		values []string
		want   bool
	}{
		{nil, false},
		{[]string{`"abc"`}, true},
		{[]string{`"abcgz"`}, true},
		{[]string{`"abcbr"`}, true},
		{[]string{`W/"abcgz"`}, true},
		{[]string{`"xyz", "abcgz"`}, true},
		{[]string{`"xyz"`, ` W/"abc" `}, true},
		{[]string{`*`}, true},
		{[]string{`"ab"`}, false},
		{[]string{`"abcd"`}, false},
		{[]string{`"abcgzip"`}, false},
		{[]string{`abc`}, false},
		{[]string{`"abc`}, false},
		{[]string{`"`, `""`, ``, `,`, `W/`}, false},
		{[]string{`"*"`}, false},
	} {
		if have := matches(c.values, "abc"); have != c.want {
			t.Errorf("%q: %v, want %v", c.values, have, c.want)
		}
	}
}

// get serves a request as f does and returns the answer.
func get(method string, header http.Header, f func(w http.ResponseWriter, r *http.Request)) *http.Response {
	r := httptest.NewRequest(method, "/", nil)
	if header != nil {
		r.Header = header
	}
	w := httptest.NewRecorder()
	f(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// plain is a body without its encoding.
func plain(t *testing.T, r *http.Response) string {
	t.Helper()
	b := body(t, r)
	switch e := r.Header.Get("Content-Encoding"); e {
	case "gzip":
		b = member(t, b)
	case "br":
		var err error
		if b, err = io.ReadAll(brotli.NewReader(bytes.NewReader(b))); err != nil {
			t.Fatal(err)
		}
	case "":
	default:
		t.Fatalf("encoding %q", e)
	}
	return string(b)
}

// headers checks that an answer has exactly these of the headers that matter to caches, and no cookie.
func headers(t *testing.T, name string, r *http.Response, want map[string]string) {
	t.Helper()
	for _, h := range []string{"Content-Type", "Content-Encoding", "Cache-Control", "Vary"} {
		if have := r.Header.Get(h); have != want[h] {
			t.Errorf("%s: %s is %q, want %q", name, h, have, want[h])
		}
	}
	if c := r.Header.Values("Set-Cookie"); c != nil {
		t.Errorf("%s: sets the cookie %q", name, c)
	}
}

const html = "text/html; charset=utf-8"

func TestServeShared(t *testing.T) {
	text := strings.Repeat("The teaser that everyone reads. ", 100)
	s := NewShared(html, []byte(text+Hole("name")), map[string]string{"name": "Sign in"})
	for _, improved := range []bool{false, true} {
		if improved {
			s.Improve()
		}
		tags := map[string]string{}
		for accept, encoding := range map[string]string{"": "", "gzip": "gzip", "br": "br", "gzip, br": "br", "br;q=0, gzip": "gzip", "zstd": ""} {
			if encoding == "br" && !improved {
				encoding = map[string]string{"br": "", "gzip, br": "gzip"}[accept]
			}
			name := "Accept-Encoding: " + accept
			serve := func(w http.ResponseWriter, r *http.Request) { ServeShared(w, r, s) }
			full := get("GET", http.Header{"Accept-Encoding": {accept}}, serve)
			headers(t, name, full, map[string]string{"Content-Type": html, "Content-Encoding": encoding,
				"Cache-Control": "public, no-cache", "Vary": "Accept-Encoding, Cookie"})
			length := full.Header.Get("Content-Length")
			if have := plain(t, full); full.StatusCode != 200 || have != text+"Sign in" {
				t.Errorf("%s: %d, %d bytes", name, full.StatusCode, len(have))
			}
			head := get("HEAD", http.Header{"Accept-Encoding": {accept}}, serve)
			if b := body(t, head); len(b) != 0 || head.StatusCode != 200 {
				t.Errorf("HEAD, %s: %d with %d bytes", name, head.StatusCode, len(b))
			}
			for h := range full.Header {
				if head.Header.Get(h) != full.Header.Get(h) {
					t.Errorf("HEAD, %s: %s is %q, of GET %q", name, h, head.Header.Get(h), full.Header.Get(h))
				}
			}
			if n, err := strconv.Atoi(length); err != nil || encoding == "" && n != len(text)+7 {
				t.Errorf("%s: Content-Length %q", name, length)
			}
			tags[encoding] = full.Header.Get("ETag")
		}
		seen := map[string]bool{}
		for encoding, tag := range tags {
			if seen[tag] || !strings.HasPrefix(tag, `"`) {
				t.Errorf("encoding %q: ETag %s", encoding, tag)
			}
			seen[tag] = true
			for _, method := range []string{"GET", "HEAD"} {
				r := get(method, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {tag}},
					func(w http.ResponseWriter, r *http.Request) { ServeShared(w, r, s) })
				if b := body(t, r); r.StatusCode != 304 || len(b) != 0 || r.Header.Get("Content-Length") != "" {
					t.Errorf("%s again with %s: %d, %d bytes", method, tag, r.StatusCode, len(b))
				}
				headers(t, "304", r, map[string]string{"Cache-Control": "public, no-cache", "Vary": "Accept-Encoding, Cookie"})
				if r.Header.Get("ETag") == "" {
					t.Error("304 without an ETag")
				}
			}
		}
	}
	for name, header := range map[string]http.Header{
		"another tag": {"If-None-Match": {`"another"`}},
		"a range":     {"Range": {"bytes=0-9"}},
		"a date":      {"If-Modified-Since": {"Mon, 23 Nov 2026 12:00:00 GMT"}},
	} {
		r := get("GET", header, func(w http.ResponseWriter, r *http.Request) { ServeShared(w, r, s) })
		if have := plain(t, r); r.StatusCode != 200 || have != text+"Sign in" {
			t.Errorf("%s: %d, %d bytes", name, r.StatusCode, len(have))
		}
	}
}

func TestServePersonal(t *testing.T) {
	text := strings.Repeat("The whole text, for those who may read it. ", 100)
	for _, c := range []struct {
		name   string
		s      *Shared
		fill   string
		want   string
		status int
	}{
		{"with a hole", NewShared(html, []byte(text+Hole("name")), map[string]string{"name": "nobody"}), "Ada", text + "Ada", 200},
		{"with a long fill", NewShared(html, []byte(Hole("name")+text), nil), strings.Repeat("long ", 40_000), strings.Repeat("long ", 40_000) + text, 403},
		{"without a hole", NewShared(html, []byte(text), nil), "", text, 404},
	} {
		for accept, encoding := range map[string]string{"": "", "gzip": "gzip", "br": "", "br, gzip": "gzip", "gzip;q=0": ""} {
			name := c.name + ", " + accept
			serve := func(w http.ResponseWriter, r *http.Request) {
				ServePersonal(w, r, c.status, c.s, func(string) string { return c.fill })
			}
			// A tag of the shared page must not turn this one into "not modified" (W-18).
			r := get("GET", http.Header{"Accept-Encoding": {accept}, "If-None-Match": {c.s.gzip.Load().etag[0], "*"}}, serve)
			headers(t, name, r, map[string]string{"Content-Type": html, "Content-Encoding": encoding,
				"Cache-Control": "private, no-store", "Vary": "Accept-Encoding, Cookie"})
			if tag := r.Header.Get("ETag"); tag != "" {
				t.Errorf("%s: ETag %s", name, tag)
			}
			length := r.Header.Get("Content-Length")
			if have := plain(t, r); r.StatusCode != c.status || have != c.want {
				t.Errorf("%s: %d, %d bytes; want %d, %d", name, r.StatusCode, len(have), c.status, len(c.want))
			}
			head := get("HEAD", http.Header{"Accept-Encoding": {accept}}, serve)
			if b := body(t, head); len(b) != 0 || head.Header.Get("Content-Length") != length || head.StatusCode != c.status {
				t.Errorf("HEAD, %s: %d with %d bytes, Content-Length %s", name, head.StatusCode, len(b), head.Header.Get("Content-Length"))
			}
		}
	}
}
