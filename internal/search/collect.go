package search

import (
	"cmp"
	"container/heap"
	"math"
	"slices"
	"sort"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
)

// A match is an article that a query found.
type match struct {
	segment int
	doc     uint32
	score   float32
	all     bool // it holds all the words
}

// A selection is everything a query found.
type selection struct {
	matches []match
	any     bool // any of the words was enough
}

// fewMatches is how many articles must hold all the words, or any will do.
const fewMatches = 5

// collect goes through all articles and keeps what meets the plan.
func (e *evaluation) collect(p *plan) selection {
	var all, firm uint64
	loose := 0
	for i, c := range p.clauses {
		bit := uint64(1) << min(i, 62)
		all |= bit
		if c.firm {
			firm |= bit
		} else {
			loose++
		}
	}
	out := selection{matches: e.gather(p, func(met uint64) bool { return met&(all|without) == all }, all)}
	if loose < 2 || len(out.matches) >= fewMatches {
		return out
	}
	some := e.gather(p, func(met uint64) bool { return met&(firm|without) == firm && met&all&^firm != 0 }, all)
	if len(some) > len(out.matches) {
		out = selection{some, true}
	}
	return out
}

// gatherAny keeps what holds any of the words.
func (e *evaluation) gatherAny(p *plan) []match {
	return e.gather(p, func(met uint64) bool { return met != 0 && met&without == 0 }, 0)
}

func (e *evaluation) gather(p *plan, enough func(met uint64) bool, all uint64) (out []match) {
	base := 0
	now, fresh := e.now.UnixMicro(), newFreshness(e.search.recency, e.now.UnixMicro())
	for i, seg := range e.set.Segments {
		dead := e.set.Dead[i]
		for d := range uint32(seg.Len()) {
			met := e.met[base+int(d)]
			if !enough(met) || dead.Has(d) || seg.Published[d] > now || !e.passes(p, seg, d) {
				continue
			}
			score := e.score[base+int(d)]
			if len(p.clauses) == 0 {
				score = 1
			}
			out = append(out, match{i, d, score * fresh.of(seg.Published[d]), met&all == all})
		}
		base += seg.Len()
	}
	return out
}

// passes applies the filters.
func (e *evaluation) passes(p *plan, seg *index.Segment, d uint32) bool {
	if len(p.filters)+len(p.barred) > 0 {
		ids := seg.Terms(d)
		for _, f := range p.filters {
			if !f.any(ids) {
				return false
			}
		}
		for _, f := range p.barred {
			if f.any(ids) {
				return false
			}
		}
	}
	if len(p.years)+len(p.noYears) > 0 {
		year := e.search.years.year(seg.Published[d])
		for _, y := range p.years {
			if !y.has(year) {
				return false
			}
		}
		for _, y := range p.noYears {
			if y.has(year) {
				return false
			}
		}
	}
	return true
}

// freshness is what being new is worth: a share of the score that is halved every two years.
type freshness struct {
	now    int64
	factor [ages]float32 // by age in steps of a month
}

const (
	ages      = 256
	month     = 30 * 24 * 3600 * 1_000_000 // microseconds
	halfMonth = 24.                        // months until half of the gain is lost
)

func newFreshness(recency float64, now int64) *freshness {
	f := &freshness{now: now}
	for i := range f.factor {
		f.factor[i] = float32(1 + recency*math.Exp2(-float64(i)/halfMonth))
	}
	return f
}

func (f *freshness) of(published int64) float32 {
	return f.factor[min(max((f.now-published)/month, 0), ages-1)]
}

// less orders matches, the better first; those that hold all the words come before the others.
func (e *evaluation) less(o Order) func(a, b match) int {
	published := func(m match) int64 { return e.set.Segments[m.segment].Published[m.doc] }
	id := func(m match) int64 { return e.set.Segments[m.segment].IDs[m.doc] }
	switch o {
	case Newest:
		return func(a, b match) int {
			return cmp.Or(cmp.Compare(published(b), published(a)), cmp.Compare(id(b), id(a)))
		}
	case Oldest:
		return func(a, b match) int {
			return cmp.Or(cmp.Compare(published(a), published(b)), cmp.Compare(id(a), id(b)))
		}
	}
	return func(a, b match) int {
		if a.all != b.all {
			if a.all {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(published(b), published(a)), cmp.Compare(id(b), id(a)))
	}
}

// best returns the first n matches in an order.
func best(matches []match, n int, less func(a, b match) int) []match {
	h := &worstFirst{less: less}
	for _, m := range matches {
		switch {
		case len(h.kept) < n:
			heap.Push(h, m)
		case n > 0 && less(m, h.kept[0]) < 0:
			h.kept[0] = m
			heap.Fix(h, 0)
		}
	}
	slices.SortFunc(h.kept, less)
	return h.kept
}

// worstFirst is a heap with the last of the kept matches on top.
type worstFirst struct {
	kept []match
	less func(a, b match) int
}

func (h *worstFirst) Len() int           { return len(h.kept) }
func (h *worstFirst) Less(i, j int) bool { return h.less(h.kept[i], h.kept[j]) > 0 }
func (h *worstFirst) Swap(i, j int)      { h.kept[i], h.kept[j] = h.kept[j], h.kept[i] }
func (h *worstFirst) Push(m any)         { h.kept = append(h.kept, m.(match)) }
func (h *worstFirst) Pop() any {
	last := h.kept[len(h.kept)-1]
	h.kept = h.kept[:len(h.kept)-1]
	return last
}

// facetLimit is how many terms of a kind are told.
const facetLimit = 100

// facets counts matches.
func (e *evaluation) facets(matches []match) Facets {
	e.counts = cleared(e.counts, int(e.terms.last)+1)
	years := map[int]int{}
	for _, m := range matches {
		seg := e.set.Segments[m.segment]
		for _, id := range seg.Terms(m.doc) {
			if int(id) < len(e.counts) {
				e.counts[id]++
			}
		}
		years[e.search.years.year(seg.Published[m.doc])]++
	}
	var f Facets
	lists := map[library.TermKind]*[]FacetCount{library.Topic: &f.Topics, library.Country: &f.Countries,
		library.Region: &f.Regions, library.Section: &f.Sections, library.Byline: &f.Contributors}
	for id, n := range e.counts {
		if t := e.terms.byID[int64(id)]; n > 0 && t != nil && lists[t.Kind] != nil {
			*lists[t.Kind] = append(*lists[t.Kind], FacetCount{t.Slug, t.Name, int(n)})
		}
	}
	for _, list := range lists {
		slices.SortFunc(*list, func(a, b FacetCount) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
		*list = (*list)[:min(len(*list), facetLimit)]
	}
	for y, n := range years {
		f.Years = append(f.Years, YearCount{y, n})
	}
	sort.Slice(f.Years, func(i, j int) bool { return f.Years[i].Year < f.Years[j].Year })
	return f
}
