package page_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/page"
	"github.com/prometheus/client_golang/prometheus"
)

// blank is a ResponseWriter that costs nothing.
type blank struct{ h http.Header }

func (b *blank) Header() http.Header         { return b.h }
func (b *blank) Write(p []byte) (int, error) { return len(p), nil }
func (b *blank) WriteHeader(int)             {}

func benchChain(b *testing.B, serve func(w http.ResponseWriter, r *http.Request)) {
	mux := http.NewServeMux()
	access := page.NewAccessLog(io.Discard)
	defer access.Close()
	c := page.NewChain(mux, page.ChainOptions{MaxBody: 1 << 20, Log: slog.New(slog.DiscardHandler), Access: access,
		Metrics: page.NewMetrics(prometheus.NewRegistry()),
		Headers: map[string]string{"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"},
		Error:   func(w http.ResponseWriter, _ *http.Request, status int, _ error) { w.WriteHeader(status) }})
	mux.HandleFunc("GET /articles/{slug}", serve)
	r := httptest.NewRequest(http.MethodGet, "/articles/the-bank-in-the-mountains", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := &blank{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.h)
		r.Pattern = ""
		c.ServeHTTP(w, r)
	}
}

func BenchmarkSharedPage(b *testing.B) {
	p := page.NewShared("text/html; charset=utf-8", []byte(strings.Repeat("<p>Some text.</p>", 2000)), nil)
	benchChain(b, func(w http.ResponseWriter, r *http.Request) { page.ServeShared(w, r, p) })
}

func BenchmarkPersonalPage(b *testing.B) {
	text := strings.Repeat("<p>Some text.</p>", 1000)
	p := page.NewShared("text/html; charset=utf-8", []byte(text+page.Hole("doors")+text+page.Hole("notice")+text), nil)
	benchChain(b, func(w http.ResponseWriter, r *http.Request) {
		page.ServePersonal(w, r, http.StatusOK, p, func(string) string { return `<a href="/account">Your account</a>` })
	})
}
