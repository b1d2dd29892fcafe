package search

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
)

// How words count: BM25F (Robertson, Zaragoza, Taylor, CIKM 2004). The frequencies in the fields, each weighed and
// related to the field's length, are added up before they are dampened.
const (
	dampening = 1.2 // k1: how soon more of the same word says nothing more
)

var (
	fieldWeight = [index.Fields]float64{index.Title: 3, index.Standfirst: 1.8, index.Names: 1.2, index.Headings: 0.8, index.Body: 1}
	lengthShare = [index.Fields]float64{index.Title: 0.5, index.Standfirst: 0.5, index.Names: 0.4, index.Headings: 0.4, index.Body: 0.75} // b
)

// An evaluation is one query on one state of the index.
type evaluation struct {
	search   *Search
	set      *index.Set
	terms    *terms
	viewer   access.Standing
	now      time.Time
	articles float64                    // in the index
	norms    [index.Fields][256]float32 // weight by length
	inTitle  bool
	*scratch
}

// A scratch is the memory of an evaluation, which is used again.
type scratch struct {
	score  []float32
	met    []uint64  // the clauses that an article meets, a bit each
	given  []float32 // what the clause at hand gave an article so far; nothing between clauses
	docs   []uint32  // what a clause gives
	scores []float32
	one    []uint32
	two    []uint32
	counts []int32
}

// without is the bit of articles that hold what must not be there.
const without = 1 << 63

func (s *Search) evaluate(set *index.Set, viewer access.Standing) *evaluation {
	e := &evaluation{search: s, set: set, terms: s.terms.Load(), viewer: viewer, now: s.now(), articles: float64(max(set.Slots, 1))}
	e.scratch, _ = s.scratch.Get().(*scratch)
	if e.scratch == nil {
		e.scratch = &scratch{}
	}
	e.score, e.met, e.given = cleared(e.score, set.Slots), cleared(e.met, set.Slots), cleared(e.given, set.Slots)
	for f := range index.Fields {
		mean := max(float64(set.Words[f])/e.articles, 1)
		for packed := range 256 {
			n := index.Length(uint8(packed))
			e.norms[f][packed] = float32(fieldWeight[f] / (1 - lengthShare[f] + lengthShare[f]*n/mean))
		}
	}
	return e
}

func (e *evaluation) release() { e.search.scratch.Put(e.scratch) }

func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// run adds up what the clauses give every article.
func (e *evaluation) run(p *plan) error {
	e.inTitle = p.inTitle
	for i, c := range p.clauses {
		if err := e.clause(c, 1<<min(i, 62)); err != nil {
			return err
		}
	}
	for _, c := range p.without {
		if err := e.clause(c, without); err != nil {
			return err
		}
	}
	return nil
}

// clause evaluates a clause in every segment and notes a bit where it is met. Of several alternatives the best counts.
func (e *evaluation) clause(c clause, bit uint64) error {
	weights := make([][]float32, len(c.alternatives))
	for i, a := range c.alternatives {
		for _, stem := range a.stems {
			w, err := e.rarity(stem)
			if err != nil {
				return err
			}
			weights[i] = append(weights[i], w*a.weight)
		}
	}
	base := uint32(0)
	for _, seg := range e.set.Segments {
		e.docs, e.scores = e.docs[:0], e.scores[:0]
		for i, a := range c.alternatives {
			if err := e.alternative(seg, a, weights[i]); err != nil {
				return err
			}
		}
		e.add(base, bit)
		base += uint32(seg.Len())
	}
	return nil
}

// add gives the articles of a segment that begins at base what the clause gives each, the highest score once.
func (e *evaluation) add(base uint32, bit uint64) {
	for i, d := range e.docs {
		e.met[base+d] |= bit
		if gain := e.scores[i] - e.given[base+d]; gain > 0 {
			e.score[base+d] += gain
			e.given[base+d] = e.scores[i]
		}
	}
	for _, d := range e.docs {
		e.given[base+d] = 0
	}
}

// rarity is the inverse document frequency of a stem.
func (e *evaluation) rarity(stem string) (float32, error) {
	n, err := docsOf(e.set, stem)
	return float32(math.Log(1 + (e.articles-n+0.5)/(n+0.5))), err
}

func docsOf(set *index.Set, stem string) (float64, error) {
	n := 0
	for _, seg := range set.Segments {
		entry, ok, err := seg.Lookup(stem)
		if err != nil {
			return 0, err
		}
		if ok {
			n += entry.Docs
		}
	}
	return float64(n), nil
}

// alternative appends the articles of a segment that hold an alternative, and their scores.
func (e *evaluation) alternative(seg *index.Segment, a alternative, weights []float32) error {
	lists := make([]*index.Postings, 0, len(a.stems))
	defer func() {
		for _, l := range lists {
			l.Release()
		}
	}()
	for _, stem := range a.stems {
		entry, ok, err := seg.Lookup(stem)
		if err != nil || !ok {
			return err
		}
		l, err := seg.Postings(entry, a.ordered || a.limited && e.viewer < access.Paid)
		if err != nil {
			return err
		}
		lists = append(lists, l)
	}
	if len(lists) == 1 {
		e.word(seg, lists[0], a, weights[0])
	} else {
		e.together(seg, lists, a, weights)
	}
	for _, l := range lists {
		if l.Damaged() {
			return errDamagedList
		}
	}
	return nil
}

// word appends the articles that hold one word.
func (e *evaluation) word(seg *index.Segment, l *index.Postings, a alternative, weight float32) {
	limited := a.limited && e.viewer < access.Paid
	for l.Next() {
		if e.inTitle && l.Mask&(1<<index.Title) == 0 || limited && !e.reaches(seg, l) {
			continue
		}
		e.docs = append(e.docs, l.Doc)
		e.scores = append(e.scores, weight*e.dampened(seg, l))
	}
}

// dampened is what a word is worth in an article but for its rarity.
func (e *evaluation) dampened(seg *index.Segment, l *index.Postings) float32 {
	var w float32
	if l.Mask == 1<<index.Body {
		w = float32(l.TF[index.Body]) * e.norms[index.Body][seg.Lengths[index.Body][l.Doc]]
	} else {
		for f := range index.Fields {
			if l.Mask&(1<<f) != 0 {
				w += float32(l.TF[f]) * e.norms[f][seg.Lengths[f][l.Doc]]
			}
		}
	}
	return w * (dampening + 1) / (w + dampening)
}

// public are the fields that everyone may read.
const publicFields = 1<<index.Title | 1<<index.Standfirst | 1<<index.Names

// reaches reports whether the word stands where the viewer may read.
func (e *evaluation) reaches(seg *index.Segment, l *index.Postings) bool {
	if l.Mask&publicFields != 0 {
		return true
	}
	e.one = l.Positions(index.Body, e.one[:0])
	return len(e.one) > 0 && e.one[0] < seg.Public[l.Doc] || e.mayRead(seg, l.Doc)
}

// mayRead reports whether the viewer may read the whole text by standing, under the rules of the moment.
func (e *evaluation) mayRead(seg *index.Segment, doc uint32) bool {
	if e.viewer >= access.Paid {
		return true
	}
	return e.search.allows(e.viewer, e.search.facts(seg, doc, e.terms), e.now)
}

// allows reports whether a standing opens an article, unlocks and gifts aside.
func (s *Search) allows(viewer access.Standing, a access.Article, now time.Time) bool {
	return s.decide(viewer, a, now).Full()
}

// decide is the decision on an article by standing alone.
func (s *Search) decide(viewer access.Standing, a access.Article, now time.Time) access.Decision {
	return access.Decide(access.Facts{Article: a, Level: s.levels.Level(a, now), Standing: viewer, Plan: access.BySubscription})
}

// facts are what the wall needs to know of an article of the index.
func (s *Search) facts(seg *index.Segment, doc uint32, t *terms) access.Article {
	a := access.Article{ID: seg.IDs[doc], Level: access.Level(seg.Table.Words[seg.Levels[doc]]), Kind: seg.Table.Words[seg.Kinds[doc]],
		Published: time.UnixMicro(seg.Published[doc])}
	a.Level = cmp.Or(a.Level, s.library.DefaultLevel())
	if section := t.byID[int64(seg.Sections[doc])]; section != nil {
		a.Section = section.Slug
	}
	return a
}

// open reports whether everyone may read an article now.
func (s *Search) open(a library.Whole) bool {
	facts := access.Article{ID: a.ID, Level: cmp.Or(a.Level, s.library.DefaultLevel()), Section: a.Section.Slug, Kind: a.Kind,
		Published: a.Published}
	return s.levels.Level(facts, s.now()) == access.Open
}

// together appends the articles that hold all words of several lists, in their order if that is asked.
func (e *evaluation) together(seg *index.Segment, lists []*index.Postings, a alternative, weights []float32) {
	for _, l := range lists[1:] {
		if !l.Next() {
			return
		}
	}
	for lists[0].Next() && align(lists) {
		if !e.fits(seg, lists, a) {
			continue
		}
		var score float32
		for i, l := range lists {
			score += weights[i] * e.dampened(seg, l)
		}
		e.docs, e.scores = append(e.docs, lists[0].Doc), append(e.scores, score)
	}
}

// align goes on to the next article that all lists have, and reports whether there is one.
func align(lists []*index.Postings) bool {
	doc := lists[0].Doc
	for i := 0; i < len(lists); i++ {
		l := lists[i]
		for l.Doc < doc {
			if !l.Next() {
				return false
			}
		}
		if l.Doc > doc {
			doc, i = l.Doc, -1
		}
	}
	return true
}

// fits reports whether the words of an alternative stand as they must in the article that all lists are at.
func (e *evaluation) fits(seg *index.Segment, lists []*index.Postings, a alternative) bool {
	if !a.ordered {
		return !e.inTitle || !slices.ContainsFunc(lists, func(l *index.Postings) bool { return l.Mask&(1<<index.Title) == 0 })
	}
	const all = ^uint32(0)
	switch {
	case e.inRow(lists, a.offsets, index.Title, all):
		return true
	case e.inTitle:
		return false
	case e.inRow(lists, a.offsets, index.Standfirst, all), e.inRow(lists, a.offsets, index.Names, all):
		return true
	}
	doc := lists[0].Doc
	if !e.mayRead(seg, doc) {
		return e.inRow(lists, a.offsets, index.Body, seg.Public[doc])
	}
	return e.inRow(lists, a.offsets, index.Body, all)
}

// inRow reports whether the words stand at their distances in a field, before some place.
func (e *evaluation) inRow(lists []*index.Postings, offsets []uint32, f index.Field, before uint32) bool {
	for _, l := range lists {
		if l.Mask&(1<<f) == 0 {
			return false
		}
	}
	e.one = lists[0].Positions(f, e.one[:0])
	for i, l := range lists[1:] {
		e.two = l.Positions(f, e.two[:0])
		e.one = shifted(e.one, e.two, offsets[i+1])
		if len(e.one) == 0 {
			return false
		}
	}
	last := offsets[len(offsets)-1]
	return slices.ContainsFunc(e.one, func(p uint32) bool { return uint64(p)+uint64(last) < uint64(before) })
}

// shifted leaves those of one that have their fellow in two, so many places on. Both rise.
func shifted(one, two []uint32, by uint32) []uint32 {
	kept := one[:0]
	j := 0
	for _, p := range one {
		for j < len(two) && two[j] < p+by {
			j++
		}
		if j < len(two) && two[j] == p+by {
			kept = append(kept, p)
		}
	}
	return kept
}

// errDamagedList is what a list of words that makes no sense comes to.
var errDamagedList = errors.New("a list of the index is damaged")
