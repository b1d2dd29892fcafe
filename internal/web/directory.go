package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/library"
)

// A directory keeps what the library holds, counted: the terms of each kind and the months of the archive. Counting
// reads every filing, so that a page must never do it for itself.
type directory struct {
	mu     sync.Mutex
	terms  map[library.TermKind]counted[[]library.TermCount]
	months counted[[]library.YearCount]
}

// counted is a list and the time after which it may be wrong.
type counted[T any] struct {
	list  T
	until time.Time
}

// termsOf returns the terms of a kind with their articles, by name. The slice is shared: it must not be changed.
func (s *Site) termsOf(ctx context.Context, kind library.TermKind) ([]library.TermCount, error) {
	d := &s.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.terms[kind]; ok && s.Now().Before(c.until) {
		return c.list, nil
	}
	until, err := s.freshUntil(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Library.Terms(ctx, kind)
	if err != nil {
		return nil, err
	}
	sortByName(list)
	if d.terms == nil {
		d.terms = map[library.TermKind]counted[[]library.TermCount]{}
	}
	d.terms[kind] = counted[[]library.TermCount]{list, until}
	return list, nil
}

// monthsOf returns how many articles each month of the archive has, the latest year first. The slice is shared.
func (s *Site) monthsOf(ctx context.Context) ([]library.YearCount, error) {
	d := &s.directory
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.months.list != nil && s.Now().Before(d.months.until) {
		return d.months.list, nil
	}
	until, err := s.freshUntil(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.Library.Months(ctx)
	if err != nil {
		return nil, err
	}
	d.months = counted[[]library.YearCount]{list, until}
	return list, nil
}

// drop forgets every list. It waits for one that is being read, which may be from before the change.
func (d *directory) drop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.terms, d.months = nil, counted[[]library.YearCount]{}
}

func sortByName(terms []library.TermCount) {
	keys := make(map[int64]string, len(terms))
	for _, t := range terms {
		keys[t.ID] = sortKey(t.Name)
	}
	slices.SortStableFunc(terms, func(a, b library.TermCount) int { return cmp.Compare(keys[a.ID], keys[b.ID]) })
}

// sortKey puts names where readers look for them: accents and case aside. Names without a Latin spelling come last.
func sortKey(name string) string {
	if key := library.Slug(name); key != "" {
		return key
	}
	return "~" + strings.ToLower(name)
}

// initial is the letter a name is listed under: a Latin capital, a digit's "0–9", or its own first letter.
func initial(name string) string {
	key := library.Slug(name)
	switch {
	case key == "":
		r, _ := utf8.DecodeRuneInString(name)
		return strings.ToUpper(string(r))
	case key[0] >= '0' && key[0] <= '9':
		return "0–9"
	}
	return strings.ToUpper(key[:1])
}

// most returns the n terms with the most articles, in the order they were in.
func most(terms []library.TermCount, n int) []library.TermCount {
	if len(terms) <= n {
		return terms
	}
	ranked := slices.Clone(terms)
	slices.SortStableFunc(ranked, func(a, b library.TermCount) int { return cmp.Compare(b.Articles, a.Articles) })
	least := map[int64]bool{}
	for _, t := range ranked[n:] {
		least[t.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(terms), func(t library.TermCount) bool { return least[t.ID] })
}
