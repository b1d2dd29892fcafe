package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/words"
)

// suggested are the kinds of term that are suggested, by what a Suggestion calls them.
var suggested = map[library.TermKind]string{library.Byline: "contributor", library.Topic: "topic", library.Country: "country"}

// suggestTerms finds terms whose names hold all the words, each as the beginning of one. Only what an article that can
// be seen is filed under is told.
func (s *Search) suggestTerms(typed []string, n int) []Suggestion {
	folded := make([]string, len(typed))
	for i, w := range typed {
		folded[i] = words.Fold(w)
	}
	var found []*term
	for _, t := range s.terms.Load().byID {
		if suggested[t.Kind] != "" && t.begins(folded) {
			found = append(found, t)
		}
	}
	counts := s.filed(found)
	found = slices.DeleteFunc(found, func(t *term) bool { return counts[t.ID] == 0 })
	whole := strings.Join(folded, " ")
	slices.SortFunc(found, func(a, b *term) int {
		return cmp.Or(-compareBool(strings.HasPrefix(a.folded, whole), strings.HasPrefix(b.folded, whole)),
			cmp.Compare(counts[b.ID], counts[a.ID]), cmp.Compare(a.Name, b.Name))
	})
	var out []Suggestion
	for _, t := range found[:min(n, len(found))] {
		out = append(out, Suggestion{suggested[t.Kind], t.Name, t.Slug})
	}
	return out
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// begins reports whether each of some words begins a word of the name.
func (t *term) begins(folded []string) bool {
	for _, w := range folded {
		if !slices.ContainsFunc(t.words, func(have string) bool { return strings.HasPrefix(have, w) }) {
			return false
		}
	}
	return true
}

// filed counts the articles of the index under terms.
func (s *Search) filed(list []*term) map[int64]int {
	counts := map[int64]int{}
	x := s.live.Load()
	if len(list) == 0 || x == nil {
		return counts
	}
	wanted := make(termSet, s.terms.Load().last+1)
	for _, t := range list {
		if int(t.ID) < len(wanted) {
			wanted[t.ID] = true
		}
	}
	set, now := x.Set(), s.now().UnixMicro()
	for i, seg := range set.Segments {
		for d := range uint32(seg.Len()) {
			for _, id := range seg.Terms(d) {
				if int(id) < len(wanted) && wanted[id] && !set.Dead[i].Has(d) && seg.Published[d] <= now {
					counts[int64(id)]++
				}
			}
		}
	}
	return counts
}
