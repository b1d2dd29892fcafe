package search

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
)

// suggested are the kinds of term that are suggested, by what a Suggestion calls them.
var suggested = map[library.TermKind]string{library.Byline: "contributor", library.Topic: "topic", library.Country: "country"}

// Suggest returns up to n places to go for what someone has typed so far: contributors, topics and countries by their
// names, articles by the words of their titles, of which the last may be unfinished.
func (s *Search) Suggest(ctx context.Context, prefix string, n int) ([]Suggestion, error) {
	var typed []string
	for t := range s.language.Tokens(prefix) {
		typed = append(typed, t.Word)
	}
	if len(typed) == 0 || n <= 0 {
		return nil, nil
	}
	x := s.live.Load()
	if x == nil {
		res, err := s.findTitles(ctx, Request{Query: prefix, N: n})
		var out []Suggestion
		for _, h := range res.Hits {
			out = append(out, Suggestion{"article", h.Summary.Title, h.Slug})
		}
		return out, err
	}
	out := s.suggestTerms(typed, max(1, n/2))
	list, err := s.suggestTitles(ctx, x.Set(), typed, n-len(out))
	for _, a := range list {
		out = append(out, Suggestion{"article", a.Title, a.Slug})
	}
	return out, err
}

// suggestTitles finds articles whose titles hold all the words but the last, and one that begins as that.
func (s *Search) suggestTitles(ctx context.Context, set *index.Set, typed []string, n int) ([]library.Summary, error) {
	p := &plan{inTitle: true}
	last := len(typed) - 1
	for _, w := range typed[:last] {
		c := single(s.language.Stem(w))
		c.firm = true
		p.clauses = append(p.clauses, c)
	}
	e := s.evaluate(set, access.Visitor)
	defer e.release()
	begins, err := e.beginning(words.Fold(typed[last]), expansions)
	if err != nil {
		return nil, err
	}
	c := clause{firm: true}
	for _, stem := range begins {
		c.alternatives = append(c.alternatives, alternative{stems: []string{stem}, weight: 1})
	}
	p.clauses = append(p.clauses, c)
	if err := e.run(p); err != nil {
		return nil, err
	}
	var ids []int64
	for _, m := range best(e.collect(p).matches, n, e.less(ByRelevance)) {
		ids = append(ids, set.Segments[m.segment].IDs[m.doc])
	}
	return s.library.Summaries(ctx, ids)
}

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
