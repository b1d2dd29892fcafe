package web

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search"
)

// A facet is a list of words to narrow a search by, each with the number of articles that are then left.
type facet struct {
	Heading string
	Words   []word // those it is narrowed to first
	More    []word // behind a disclosure
}

// How many words of a facet there are, and how many stand open.
const (
	facetOpen = 7
	facetMost = 40
)

// facets are what the hits of an inquiry can be narrowed by. A facet with one word that all hits have says nothing.
func (s *Site) facets(q inquiry, f search.Facets) (out []facet) {
	counts := map[library.TermKind][]search.FacetCount{library.Section: f.Sections, library.Topic: f.Topics,
		library.Country: f.Countries, library.Region: f.Regions, library.Byline: f.Contributors}
	for _, kind := range facetKinds {
		var words []word
		for _, c := range counts[kind][:min(len(counts[kind]), facetMost)] {
			words = append(words, word{Name: c.Name, Path: q.toggled(kind, c.Slug).Path(), Articles: c.N, Here: q.has(kind, c.Slug)})
		}
		slices.SortStableFunc(words, func(a, b word) int {
			switch {
			case a.Here == b.Here:
				return 0
			case a.Here:
				return -1
			}
			return 1
		})
		if len(words) == 0 {
			continue
		}
		open := min(len(words), facetOpen)
		out = append(out, facet{Heading: s.texts.T("feeds." + string(kind)), Words: words[:open], More: words[open:]})
	}
	return out
}

// A histogram is the years of what was found as a row of bars.
type histogram struct {
	Bars        []bar
	Width       int // of the picture, in its units; it is barsHigh high
	First, Last string
	All         *word // leads to all years, nil when these are all
}

// A bar is some years: their number of articles, and where the bar stands.
type bar struct {
	Name, Path string
	Articles   int
	X, Y       int
	Wide, High int
	Here       bool // the search is narrowed to it
}

// The measures of a histogram, in units of its picture.
const (
	barsHigh  = 60
	barWide   = 8
	barStep   = 10
	mostBars  = 40 // when there are more years, a bar is five or ten of them
	leastHigh = 2  // of a bar that stands for anything
)

// histogramOf counts the hits of an inquiry by year: of all years, also when it is narrowed to some. It is nil when
// there is nothing to choose.
func (s *Site) histogramOf(ctx context.Context, viewer access.Standing, q inquiry, r search.Results) (*histogram, error) {
	years := r.Facets.Years
	if q.From != 0 || q.To != 0 {
		all, err := s.Search.Find(ctx, q.within(0, 0).request(viewer, 0))
		if err != nil {
			return nil, err
		}
		years = all.Facets.Years
	}
	if len(years) < 2 {
		return nil, nil
	}
	return s.drawYears(q, years), nil
}

func (s *Site) drawYears(q inquiry, years []search.YearCount) *histogram {
	first, last := years[0].Year, years[len(years)-1].Year
	span := 1
	for _, longer := range []int{5, 10, 50} {
		if (last-first)/span >= mostBars {
			span = longer
		}
	}
	first = first / span * span
	h := &histogram{Width: ((last-first)/span + 1) * barStep}
	most, counts := 0, map[int]int{}
	for _, y := range years {
		at := (y.Year - first) / span
		counts[at] += y.N
		most = max(most, counts[at])
	}
	for at := 0; at*span+first <= last; at++ {
		n := counts[at]
		if n == 0 {
			continue
		}
		from, to := first+at*span, min(first+at*span+span-1, last)
		high := max(leastHigh, n*barsHigh/most)
		h.Bars = append(h.Bars, bar{Name: s.yearsText(from, to), Path: q.within(from, to).Path(), Articles: n,
			X: at*barStep + (barStep-barWide)/2, Y: barsHigh - high, Wide: barWide, High: high,
			Here: (q.From != 0 || q.To != 0) && from >= q.From && (q.To == 0 || to <= q.To)})
	}
	h.First, h.Last = fmt.Sprint(years[0].Year), fmt.Sprint(last)
	if q.From != 0 || q.To != 0 {
		h.All = &word{Name: s.texts.T("search.all-years"), Path: q.within(0, 0).Path()}
	}
	return h
}

// Label says what a bar stands for, to those who do not see it.
func (p searchPage) Label(b bar) string {
	return p.Site.texts.T("search.bar", b.Articles, b.Name, p.Site.number(b.Articles))
}

// memo is a list that is made anew after a while.
type memo struct {
	mu    sync.Mutex
	until time.Time
	words []word
}

func (m *memo) list(now time.Time, make func() ([]word, error)) ([]word, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Before(m.until) {
		return m.words, nil
	}
	words, err := make()
	if err != nil {
		return nil, err
	}
	m.words, m.until = words, now.Add(popularFor)
	return words, nil
}
