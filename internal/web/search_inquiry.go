package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search"
)

// An inquiry is a search as its address says it. Every state of the search page has one address, to be shared.
type inquiry struct {
	Text     string
	Terms    map[library.TermKind][]string // slugs, each once, in order
	From, To int                           // years; 0 is open
	Sort     search.Order
	Page     int // from 1
}

// facetKinds are what a search is narrowed by, in the order of the page. The kind is the name of the parameter.
var facetKinds = []library.TermKind{library.Section, library.Topic, library.Country, library.Region, library.Byline}

// How much an inquiry may hold. What is more is left out: an odd address is no error.
const (
	longestInquiry = 500 // bytes of text
	mostTerms      = 10  // of a kind
	lastPage       = 50
)

// orders are the values of ?sort=.
var orders = map[string]search.Order{"newest": search.Newest, "oldest": search.Oldest}

// inquiryOf reads an address. Whatever it does not understand it leaves out.
func inquiryOf(v url.Values) inquiry {
	q := inquiry{Text: strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(v.Get("q"), "\x00", ""), "")), " "),
		Terms: map[library.TermKind][]string{}, Sort: orders[v.Get("sort")], Page: 1}
	if len(q.Text) > longestInquiry {
		q.Text = strings.ToValidUTF8(q.Text[:longestInquiry], "")
	}
	for _, kind := range facetKinds {
		for _, slug := range v[string(kind)] {
			if library.Slug(slug) == slug && slug != "" && len(q.Terms[kind]) < mostTerms {
				q.Terms[kind] = append(q.Terms[kind], slug)
			}
		}
		slices.Sort(q.Terms[kind])
		q.Terms[kind] = slices.Compact(q.Terms[kind])
	}
	for name, year := range map[string]*int{"from": &q.From, "to": &q.To} {
		if n, ok := numeral(v.Get(name), 9999); ok {
			*year = n
		}
	}
	if q.To != 0 && q.From > q.To {
		q.From, q.To = q.To, q.From
	}
	if n, ok := numeral(v.Get("page"), lastPage); ok {
		q.Page = n
	}
	return q
}

// Empty reports that nothing is asked.
func (q inquiry) Empty() bool { return q.Text == "" && !q.Narrowed() }

// Narrowed reports that more than words are asked for.
func (q inquiry) Narrowed() bool {
	for _, slugs := range q.Terms {
		if len(slugs) > 0 {
			return true
		}
	}
	return q.From != 0 || q.To != 0
}

// Query is the canonical form of the address after the question mark, without the page: what is saved and followed.
func (q inquiry) Query() string {
	var parts []string
	add := func(name, value string) { parts = append(parts, name+"="+url.QueryEscape(value)) }
	if q.Text != "" {
		add("q", q.Text)
	}
	for _, kind := range facetKinds {
		for _, slug := range q.Terms[kind] {
			add(string(kind), slug)
		}
	}
	for _, year := range []struct {
		name string
		n    int
	}{{"from", q.From}, {"to", q.To}} {
		if year.n != 0 {
			add(year.name, strconv.Itoa(year.n))
		}
	}
	for name, order := range orders {
		if q.Sort == order {
			add("sort", name)
		}
	}
	return strings.Join(parts, "&")
}

// searchPath is the address of the search page.
const searchPath = "/search"

// at is the address of a screen that answers this inquiry.
func (q inquiry) at(path string) string {
	query := q.Query()
	if q.Page > 1 {
		query = strings.TrimPrefix(query+"&page="+strconv.Itoa(q.Page), "&")
	}
	if query == "" {
		return path
	}
	return path + "?" + query
}

// Path is the address of the search page for this inquiry.
func (q inquiry) Path() string { return q.at(searchPath) }

// The inquiries next to this one. Each begins at its first page.

func (q inquiry) saying(text string) inquiry {
	q.Text, q.Page = text, 1
	return q
}

func (q inquiry) sorted(by search.Order) inquiry {
	q.Sort, q.Page = by, 1
	return q
}

func (q inquiry) within(from, to int) inquiry {
	q.From, q.To, q.Page = from, to, 1
	return q
}

func (q inquiry) onPage(n int) inquiry {
	q.Page = n
	return q
}

// has reports whether the inquiry is narrowed to a term.
func (q inquiry) has(kind library.TermKind, slug string) bool {
	return slices.Contains(q.Terms[kind], slug)
}

// toggled narrows to a term, or no longer does.
func (q inquiry) toggled(kind library.TermKind, slug string) inquiry {
	terms := map[library.TermKind][]string{}
	for k, slugs := range q.Terms {
		terms[k] = slugs
	}
	if q.has(kind, slug) {
		terms[kind] = slices.DeleteFunc(slices.Clone(q.Terms[kind]), func(s string) bool { return s == slug })
	} else {
		terms[kind] = append(slices.Clone(q.Terms[kind]), slug)
		slices.Sort(terms[kind])
	}
	q.Terms, q.Page = terms, 1
	return q
}

// request is the inquiry as package search takes it, for somebody of a standing.
func (q inquiry) request(viewer access.Standing, n int) search.Request {
	return search.Request{Query: q.Text, Topics: q.Terms[library.Topic], Countries: q.Terms[library.Country],
		Regions: q.Terms[library.Region], Sections: q.Terms[library.Section], Contributors: q.Terms[library.Byline],
		From: q.From, To: q.To, Sort: q.Sort, Offset: (q.Page - 1) * n, N: n, Viewer: viewer}
}
