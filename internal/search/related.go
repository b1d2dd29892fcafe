package search

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
)

// How related articles are found.
const (
	relatedWords = 24    // of the article that are looked for: the rarest and most frequent in it
	relatedKeep  = 12    // that are kept
	relatedLimit = 20000 // articles that are remembered
	sharedTerm   = 0.15  // what a term in common is worth, as a share of the score
	crowding     = 0.15  // what is lost by standing in many lists already
)

// A relatedCache keeps what was found for each article.
type relatedCache struct {
	mu    sync.Mutex
	lists map[int64]relatedList
	given map[int64]int // in how many lists an article stands
}

type relatedList struct {
	version int64
	ids     []int64
}

func (c *relatedCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lists, c.given = map[int64]relatedList{}, map[int64]int{}
}

// Related returns up to n articles to read after one: its neighbors in a series, then those most like it by text and by
// what they are filed under. It is worked out once for each version of the article, and again when an article comes,
// changes or goes that stands in the list or belongs there. What stands in many lists already is given less.
func (s *Search) Related(ctx context.Context, article int64, n int) ([]library.Summary, error) {
	x := s.live.Load()
	if x == nil {
		return s.library.Related(ctx, article, n)
	}
	version := x.Version(article)
	s.related.mu.Lock()
	list, ok := s.related.lists[article]
	s.related.mu.Unlock()
	if !ok || list.version != version {
		ids, err := s.relate(ctx, x.Set(), article)
		if err != nil {
			return nil, err
		}
		list = relatedList{version, ids}
		s.related.keep(article, list)
	}
	all, err := s.library.Summaries(ctx, list.ids)
	return all[:min(max(n, 0), len(all))], err
}

func (c *relatedCache) keep(article int64, list relatedList) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lists == nil || len(c.lists) >= relatedLimit {
		c.lists, c.given = map[int64]relatedList{}, map[int64]int{}
	}
	for _, id := range c.lists[article].ids {
		c.given[id]--
	}
	for _, id := range list.ids {
		c.given[id]++
	}
	c.lists[article] = list
}

// manyChanges is how many articles change at once when all lists are worked out anew.
const manyChanges = 50

// relatedChanged forgets the lists that articles stand in or belong to, after a change of these.
func (s *Search) relatedChanged(ctx context.Context, x *index.Index, articles []int64) error {
	if len(articles) > manyChanges {
		s.related.clear()
		return nil
	}
	s.related.forget(articles, true)
	for _, id := range articles {
		if s.related.empty() {
			return nil
		}
		like, err := s.relate(ctx, x.Set(), id)
		if err != nil {
			return err
		}
		s.related.forget(like, false)
	}
	return nil
}

func (c *relatedCache) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.lists) == 0
}

// forget drops the lists of articles, and the lists that hold them if that is asked.
func (c *relatedCache) forget(articles []int64, holders bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := map[int64]bool{}
	for _, id := range articles {
		changed[id] = true
	}
	for id, list := range c.lists {
		if changed[id] || holders && slices.ContainsFunc(list.ids, func(in int64) bool { return changed[in] }) {
			for _, in := range list.ids {
				c.given[in]--
			}
			delete(c.lists, id)
		}
	}
}

func (s *Search) relate(ctx context.Context, set *index.Set, article int64) ([]int64, error) {
	wholes, err := s.library.Wholes(ctx, []int64{article})
	if err != nil || len(wholes) == 0 {
		return nil, err
	}
	neighbors, err := s.library.Related(ctx, article, relatedKeep)
	if err != nil {
		return nil, err
	}
	own := termSet(make([]bool, s.terms.Load().last+1))
	for _, id := range wholes[0].Terms {
		if t := s.terms.Load().byID[id]; t != nil && t.Kind != library.Section && t.Kind != library.Region {
			own[id] = true
		}
	}
	e := s.evaluate(set, 0)
	defer e.release()
	p, err := e.likeness(wholes[0])
	if err != nil {
		return nil, err
	}
	if err := e.run(p); err != nil {
		return nil, err
	}
	matches := e.gatherAny(p)
	s.related.weigh(e, matches, own, article)
	var ids []int64
	for _, a := range neighbors {
		if a.SeriesPart > 0 && len(ids) < relatedKeep/2 && sharesSeries(s.terms.Load(), set, a.ID, own) {
			ids = append(ids, a.ID)
		}
	}
	for _, m := range best(matches, 2*relatedKeep, e.less(ByRelevance)) {
		if id := set.Segments[m.segment].IDs[m.doc]; id != article && !slices.Contains(ids, id) && len(ids) < relatedKeep {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// sharesSeries reports whether an article is filed under a series that is among some terms.
func sharesSeries(t *terms, set *index.Set, article int64, own termSet) bool {
	for i, seg := range set.Segments {
		for d, id := range seg.IDs {
			if id != article || set.Dead[i].Has(uint32(d)) {
				continue
			}
			return slices.ContainsFunc(seg.Terms(uint32(d)), func(x uint32) bool {
				m := t.byID[int64(x)]
				return m != nil && m.Kind == library.Series && int(x) < len(own) && own[x]
			})
		}
	}
	return false
}

// likeness is a query of the words that tell an article from others.
func (e *evaluation) likeness(a library.Whole) (*plan, error) {
	l := e.search.language
	counts := map[string]int{}
	text, _ := plainText(string(a.Body))
	for _, part := range []string{a.Title, a.Title, a.Title, a.Standfirst, text} {
		for t := range l.Tokens(part) {
			if !l.Stop(t.Word) && correctLength(t.Word) {
				counts[l.Stem(t.Word)]++
			}
		}
	}
	type weighed struct {
		stem   string
		weight float64
	}
	var all []weighed
	for stem, n := range counts {
		docs, err := docsOf(e.set, stem)
		if err != nil {
			return nil, err
		}
		if docs > 1 {
			all = append(all, weighed{stem, (1 + math.Log(float64(n))) * math.Log(1+e.articles/docs)})
		}
	}
	slices.SortFunc(all, func(x, y weighed) int {
		switch {
		case x.weight > y.weight:
			return -1
		case x.weight < y.weight:
			return 1
		case x.stem < y.stem:
			return -1
		}
		return 1
	})
	p := &plan{}
	for _, w := range all[:min(len(all), relatedWords)] {
		p.clauses = append(p.clauses, single(w.stem))
	}
	return p, nil
}

func correctLength(word string) bool { return len(word) > 2 && len(word) < 30 }

// weigh adds what matches share with the article, and takes off what they are given everywhere.
func (c *relatedCache) weigh(e *evaluation, matches []match, own termSet, article int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range matches {
		m := &matches[i]
		seg := e.set.Segments[m.segment]
		shared := 0
		for _, id := range seg.Terms(m.doc) {
			if int(id) < len(own) && own[id] {
				shared++
			}
		}
		m.all = false
		m.score *= float32(1+sharedTerm*math.Min(float64(shared), 6)) / float32(1+crowding*float64(c.given[seg.IDs[m.doc]]))
		if seg.IDs[m.doc] == article {
			m.score = 0
		}
	}
}
