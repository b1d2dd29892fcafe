package search

import (
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// An Order says how hits are sorted.
type Order int

// The orders.
const (
	ByRelevance Order = iota
	Newest
	Oldest
)

// A Request asks for articles. Every slug must be met, beside the query: what a facet counts is what is left when its
// slug is added. Without a query all articles match.
type Request struct {
	Query        string
	Topics       []string // slugs, as all of these
	Countries    []string
	Regions      []string
	Sections     []string
	Contributors []string
	From, To     int // the first and the last year, in the publication's time zone; 0 is open
	Sort         Order
	Offset, N    int             // N is at most 1,000
	Viewer       access.Standing // who asks; the zero value is a visitor
}

// maxHits bounds N.
const maxHits = 1000

// Results are a page of hits and what is known of all of them.
type Results struct {
	Total  int // hits in all
	Hits   []Hit
	Facets Facets
	Meant  string // the query as it may have been meant, "" when there is nothing to say
	Any    bool   // fewer than five articles held all the words: those that hold any of them count too
	Titles bool   // the index is not ready: only titles were searched, and nothing was counted
	Took   time.Duration
}

// A Hit is an article that was found. Its summary may be shown to everyone, and so may its fragments be to the viewer
// who asked.
type Hit struct {
	library.Summary
	Title   []Fragment // the title, whole
	Snippet []Fragment // where the words stand
	Score   float64
	Pinned  bool // put there by the newsroom
}

// A Fragment is a piece of text: the fragments of a text joined are the text. Marked ones are the words that were
// asked for.
type Fragment struct {
	Text   string
	Marked bool
}

// Facets count all hits by what they are filed under, the most frequent first, and by year, the earliest first.
type Facets struct {
	Topics       []FacetCount
	Countries    []FacetCount
	Regions      []FacetCount
	Sections     []FacetCount
	Contributors []FacetCount
	Years        []YearCount
}

// A FacetCount is how many hits are filed under a term.
type FacetCount struct {
	Slug, Name string
	N          int
}

// A YearCount is how many hits were published in a year.
type YearCount struct{ Year, N int }

// A Suggestion is somewhere to go: Kind is "article", "topic", "country" or "contributor", Slug its slug of that kind.
type Suggestion struct {
	Kind  string
	Title string
	Slug  string
}
