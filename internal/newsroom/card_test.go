package newsroom

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/fetch"
)

// foreignPage is a page elsewhere.
type foreignPage struct {
	kind, body string
	err        error
}

func (s foreignPage) Get(context.Context, string) (fetch.Page, error) {
	return fetch.Page{Type: s.kind, Body: []byte(s.body)}, s.err
}

func TestCardOf(t *testing.T) {
	const address, html = "https://www.a.example/b?c=d", "text/html; charset=utf-8"
	for _, tt := range []struct {
		name string
		site foreignPage
		want card
	}{
		{"Open Graph", foreignPage{html, `<title>Own</title><meta property="og:title" content="A &amp; b"><meta property="og:description" content="So
			it is."><meta property="og:site_name" content="The A">`, nil}, card{address, "A & b", "So it is.", "The A"}},
		{"its own", foreignPage{html, `<TITLE> Own  title </TITLE><meta name=Description content=Short>`, nil}, card{address, "Own title", "Short", "a.example"}},
		{"nothing", foreignPage{html, `<p>x`, nil}, card{address, address, "", "a.example"}},
		{"a title without an end", foreignPage{html, `<title>`, nil}, card{address, address, "", "a.example"}},
		{"no page", foreignPage{"application/pdf", `<title>x</title>`, nil}, card{address, address, "", "a.example"}},
		{"Latin-1", foreignPage{"text/html; charset=iso-8859-1", "<title>Caf\xe9</title>", nil}, card{address, "Café", "", "a.example"}},
		{"a script", foreignPage{html, `<title><script>x</script></title>`, nil}, card{address, "<script>x</script>", "", "a.example"}}, // words: set as such
		{"long", foreignPage{html, "<title>" + strings.Repeat("é", 400) + "</title>", nil}, card{address, strings.Repeat("é", cardLimit-1) + "…", "", "a.example"}},
	} {
		have, err := cardOf(context.Background(), tt.site, " "+address)
		if err != nil || have != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, have, err, tt.want)
		}
	}
	for _, bad := range []string{"", "a.example", "http://a.example/", "file:///etc/passwd", "https://u:p@a.example/", "javascript:x"} {
		if _, err := cardOf(context.Background(), foreignPage{}, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := cardOf(context.Background(), foreignPage{err: errors.New("no")}, address); !fault.Is(err, fault.Invalid) {
		t.Errorf("a page that cannot be read: %v", err)
	}
}
