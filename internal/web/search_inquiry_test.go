package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search"
)

// read reads the address of a search.
func read(t *testing.T, query string) inquiry {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return inquiryOf(v)
}

// Every search has one address, and every address is a search.
func TestInquiryHasOneAddress(t *testing.T) {
	for query, want := range map[string]string{
		"":                                "/search",
		"q=":                              "/search",
		"q=++grain+++trade+":              "/search?q=grain+trade",
		"sort=newest&q=grain":             "/search?q=grain&sort=newest",
		"q=grain&sort=best":               "/search?q=grain",
		"topic=water&topic=law&q=x":       "/search?q=x&topic=law&topic=water",
		"topic=water&topic=water":         "/search?topic=water",
		"topic=Water&topic=a/b&topic=":    "/search",
		"contributor=ines-marvell&q=x":    "/search?q=x&contributor=ines-marvell",
		"country=egypt&section=briefings": "/search?section=briefings&country=egypt",
		"q=x&from=2014&to=2019":           "/search?q=x&from=2014&to=2019",
		"q=x&from=2019&to=2014":           "/search?q=x&from=2014&to=2019",
		"q=x&from=02014&to=never":         "/search?q=x",
		"q=x&page=1":                      "/search?q=x",
		"q=x&page=3":                      "/search?q=x&page=3",
		"q=x&page=51":                     "/search?q=x",
		"page=3":                          "/search?page=3",
		"q=x&utm_source=letter&fbclid=1":  "/search?q=x",
		"q=%22a+b%22+-c":                  "/search?q=%22a+b%22+-c",
		"q=a%00b%ff":                      "/search?q=ab",
		"q=Nil%26x":                       "/search?q=Nil%26x",
		"q=é":                             "/search?q=%C3%A9",
	} {
		q := read(t, query)
		if got := q.Path(); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
		_, again, _ := strings.Cut(q.Path(), "?")
		if got := read(t, again).Path(); got != want {
			t.Errorf("%s, read again: %s, want %s", query, got, want)
		}
	}
}

func TestInquiryIsBounded(t *testing.T) {
	query := "q=" + strings.Repeat("%C3%A9", longestInquiry)
	for range 2 * mostTerms {
		query += "&topic=" + letters(8)
	}
	q := read(t, query)
	if len(q.Text) > longestInquiry || strings.Trim(q.Text, "é") != "" || len(q.Terms[library.Topic]) != mostTerms {
		t.Errorf("%d bytes, %d topics", len(q.Text), len(q.Terms[library.Topic]))
	}
}

func TestInquiriesBeside(t *testing.T) {
	q := read(t, "q=grain&topic=water&from=2014&to=2019&sort=oldest&page=4")
	for what, c := range map[string]struct {
		have inquiry
		want string
	}{
		"narrowed":  {q.toggled(library.Country, "egypt"), "q=grain&topic=water&country=egypt&from=2014&to=2019&sort=oldest"},
		"in order":  {q.toggled(library.Topic, "law"), "q=grain&topic=law&topic=water&from=2014&to=2019&sort=oldest"},
		"widened":   {q.toggled(library.Topic, "water"), "q=grain&from=2014&to=2019&sort=oldest"},
		"all years": {q.within(0, 0), "q=grain&topic=water&sort=oldest"},
		"said":      {q.saying("wheat"), "q=wheat&topic=water&from=2014&to=2019&sort=oldest"},
		"sorted":    {q.sorted(search.Newest), "q=grain&topic=water&from=2014&to=2019&sort=newest"},
		"paged":     {q.onPage(2), "q=grain&topic=water&from=2014&to=2019&sort=oldest&page=2"},
	} {
		if got := strings.TrimPrefix(c.have.Path(), "/search?"); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
	if got := strings.TrimPrefix(q.Path(), "/search?"); got != "q=grain&topic=water&from=2014&to=2019&sort=oldest&page=4" {
		t.Errorf("the inquiry itself has become %s", got)
	}
	r := q.request(access.Paid, 20)
	if r.Query != "grain" || r.Offset != 60 || r.N != 20 || r.From != 2014 || r.To != 2019 || r.Viewer != access.Paid || r.Sort != search.Oldest || len(r.Topics) != 1 {
		t.Errorf("asked as %+v", r)
	}
}
