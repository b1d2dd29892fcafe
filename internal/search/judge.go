package search

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/access"
)

// A Judged is a query whose answers were judged.
type Judged struct{ ID, Text string }

// Judgments are the grades of documents by query: more is better, 0 is not relevant. A document is the Source of its
// article.
type Judgments map[string]map[string]int

// A Verdict is how the ranking did, on the mean of the judged queries.
type Verdict struct {
	NDCG     float64 // at 10, linear gain, log2(rank+1), ideal from all judged
	MAP      float64 // over the first 1,000
	PerQuery time.Duration
	Queries  int
}

// The depths of the measures.
const (
	ndcgDepth = 10
	mapDepth  = 1000
)

// Judge ranks the library for each query, any of its words being enough, and compares with the judgments as trec_eval
// does. It needs an index: see CatchUp.
func (s *Search) Judge(ctx context.Context, queries []Judged, j Judgments) (Verdict, error) {
	var v Verdict
	sources, err := s.library.Sources(ctx)
	if err != nil {
		return v, err
	}
	var spent time.Duration
	for _, q := range queries {
		grades := j[q.ID]
		if !slices.ContainsFunc(slices.Collect(values(grades)), func(g int) bool { return g > 0 }) {
			continue
		}
		began := time.Now()
		ids, err := s.rank(q.Text)
		if err != nil {
			return v, err
		}
		spent += time.Since(began)
		ranking := make([]int, len(ids))
		for i, id := range ids {
			ranking[i] = grades[sources[id]]
		}
		v.NDCG += ndcg(ranking, grades)
		v.MAP += averagePrecision(ranking, grades)
		v.Queries++
	}
	if n := float64(v.Queries); n > 0 {
		v.NDCG, v.MAP, v.PerQuery = v.NDCG/n, v.MAP/n, spent/time.Duration(v.Queries)
	}
	return v, nil
}

func values(m map[string]int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for _, g := range m {
			if !yield(g) {
				return
			}
		}
	}
}

// rank returns the ids of the best articles for a text, any of whose words are enough.
func (s *Search) rank(text string) ([]int64, error) {
	x := s.live.Load()
	if x == nil {
		return nil, errNoIndex
	}
	p := &plan{marks: map[string]bool{}}
	var run []string
	for t := range s.language.Tokens(text) {
		if !s.language.Stop(t.Word) {
			run = append(run, s.language.Stem(t.Word))
		}
	}
	p.loose(run, s.editorial.Load())
	e := s.evaluate(x.Set(), access.Newsroom)
	defer e.release()
	if err := e.run(p); err != nil {
		return nil, err
	}
	top := best(e.gatherAny(p), mapDepth, e.less(ByRelevance))
	if err := e.nearness(p, top); err != nil {
		return nil, err
	}
	for i := range top {
		top[i].all = false
	}
	slices.SortFunc(top, e.less(ByRelevance))
	ids := make([]int64, len(top))
	for i, m := range top {
		ids[i] = e.set.Segments[m.segment].IDs[m.doc]
	}
	return ids, nil
}

func ndcg(ranking []int, grades map[string]int) float64 {
	ideal := slices.Sorted(values(grades))
	slices.Reverse(ideal)
	return gain(ranking) / gain(ideal)
}

func gain(ranking []int) (sum float64) {
	for i, g := range ranking[:min(len(ranking), ndcgDepth)] {
		sum += float64(max(g, 0)) / math.Log2(float64(i+2))
	}
	return sum
}

func averagePrecision(ranking []int, grades map[string]int) float64 {
	relevant := 0
	for _, g := range grades {
		if g > 0 {
			relevant++
		}
	}
	found, sum := 0, 0.0
	for i, g := range ranking {
		if g > 0 {
			found++
			sum += float64(found) / float64(i+1)
		}
	}
	return sum / float64(relevant)
}
