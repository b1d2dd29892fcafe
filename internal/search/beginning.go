package search

import (
	"cmp"
	"maps"
	"slices"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
)

// expansions is how many stems a beginning may stand for: those of the most articles.
const expansions = 50

// formsOfStem is how many words are stemmed for each stem that is wanted: more would add only what is rare.
const formsOfStem = 6

func (s *Search) planPrefix(p *plan, part Part, e *evaluation) error {
	start := ""
	for t := range s.language.Tokens(part.Text) {
		start = words.Fold(t.Word)
	}
	stems, err := e.beginning(start, expansions)
	if err != nil {
		return err
	}
	c := clause{firm: true}
	for _, stem := range stems {
		c.alternatives = append(c.alternatives, alternative{stems: []string{stem}, limited: true, weight: 1})
	}
	if part.Not {
		p.without = append(p.without, c)
		return nil
	}
	p.clauses = append(p.clauses, c)
	p.starts = append(p.starts, start)
	return nil
}

// beginning returns the stems of words that begin in some way, those of the most articles first. Who may not read
// everything is given those that everyone could read when they were indexed, and only then what else stands where they
// may read: which words there are behind the wall, and how many, changes nothing.
func (e *evaluation) beginning(start string, limit int) ([]string, error) {
	written := map[string]int{}
	for _, seg := range e.set.Segments {
		for w := range seg.Vocabulary.Beginning(start) {
			written[w.Text] += int(w.Docs)
		}
	}
	docs := map[string]int{}
	for _, w := range firstOf(mostFirst(written), formsOfStem*limit) {
		docs[e.search.language.Stem(w)] += written[w]
	}
	all := e.viewer >= access.Paid
	if !all && len(docs) >= limit {
		return firstOf(mostFirst(docs), limit), nil
	}
	others, err := dictionary(e.set, start, e.search.language.Stem(start), 40*limit)
	if err != nil {
		return nil, err
	}
	if all {
		for stem, n := range others {
			docs[stem] = max(docs[stem], n)
		}
	}
	out := mostFirst(docs)
	for _, stem := range slices.Sorted(maps.Keys(others)) {
		if _, known := docs[stem]; known || len(out) >= limit {
			continue
		}
		shown, err := e.shown(stem)
		if err != nil {
			return nil, err
		}
		if shown {
			out = append(out, stem)
		}
	}
	return firstOf(out, limit), nil
}

func firstOf(list []string, n int) []string { return list[:min(len(list), n)] }

// dictionary returns the stems that begin in some way, and the one of that beginning as a word ("treati" of "treaty"),
// with the articles that they stand in.
func dictionary(set *index.Set, start, whole string, limit int) (map[string]int, error) {
	docs := map[string]int{}
	for _, seg := range set.Segments {
		list, err := seg.Prefixed(start, limit)
		if err != nil {
			return nil, err
		}
		for _, entry := range list {
			docs[entry.Term] += entry.Docs
		}
	}
	if docs[whole] == 0 {
		n, err := docsOf(set, whole)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			docs[whole] = int(n)
		}
	}
	return docs, nil
}

func mostFirst(docs map[string]int) []string {
	return slices.SortedFunc(maps.Keys(docs), func(a, b string) int { return cmp.Or(cmp.Compare(docs[b], docs[a]), cmp.Compare(a, b)) })
}
