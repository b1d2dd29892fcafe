package search

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/search/index"
)

// Find returns a page of what matches a request.
func (s *Search) Find(ctx context.Context, r Request) (Results, error) {
	began := time.Now()
	r.N, r.Offset = min(max(r.N, 0), maxHits), max(r.Offset, 0)
	var res Results
	var err error
	if x := s.live.Load(); x == nil {
		res, err = s.findTitles(ctx, r)
	} else if res, err = s.find(ctx, x.Set(), r); err != nil && ctx.Err() == nil && broken(err) {
		s.damaged(err)
		res, err = s.findTitles(ctx, r)
	}
	res.Took = time.Since(began)
	return res, err
}

// broken reports whether an error is one of the index, not of the database.
func broken(err error) bool {
	var path *fs.PathError
	return errors.Is(err, errDamagedList) || errors.Is(err, index.ErrDamaged) || errors.As(err, &path)
}

func (s *Search) find(ctx context.Context, set *index.Set, r Request) (Results, error) {
	q := Parse(r.Query)
	e := s.evaluate(set, r.Viewer)
	defer e.release()
	p, err := s.plan(q, e)
	if err != nil {
		return Results{}, err
	}
	s.restrict(p, r)
	if err := e.run(p); err != nil {
		return Results{}, err
	}
	found := e.collect(p)
	pinned := e.pin(&found, p, s.editorial.Load().pins[s.pinKey(r.Query)])
	top, err := e.page(p, found, r, pinned)
	if err != nil {
		return Results{}, err
	}
	out := Results{Total: len(found.matches), Any: found.any, Facets: e.facets(found.matches)}
	if out.Hits, err = s.hits(ctx, e, p, top, pinned); err != nil {
		return Results{}, err
	}
	out.Meant, err = s.meant(set, q, p)
	return out, err
}

// page returns the matches of a page, in order.
func (e *evaluation) page(p *plan, found selection, r Request, pinned map[int64]int) ([]match, error) {
	less := e.less(r.Sort)
	n := r.Offset + r.N
	if r.Sort != ByRelevance {
		top := best(found.matches, n, less)
		return top[min(r.Offset, len(top)):], nil
	}
	top := best(found.matches, max(n, nearestMatches), less)
	if err := e.nearness(p, top); err != nil {
		return nil, err
	}
	slices.SortFunc(top, less)
	if len(pinned) > 0 {
		top = e.first(top, found, pinned)
	}
	top = top[:min(n, len(top))]
	return top[min(r.Offset, len(top)):], nil
}

// pin adds the pinned articles that the words do not find, if filters, exclusions and clock let them pass, and returns
// the places of those that are there. They are counted as what they are shown among is: totals, facets and pages agree.
func (e *evaluation) pin(found *selection, p *plan, ids []int64) map[int64]int {
	if len(ids) == 0 {
		return nil
	}
	places := map[int64]int{}
	here := map[int64]bool{}
	for _, m := range found.matches {
		here[e.set.Segments[m.segment].IDs[m.doc]] = true
	}
	base := 0
	for i, seg := range e.set.Segments {
		for d, id := range seg.IDs {
			n := slices.Index(ids, id)
			if n < 0 || e.set.Dead[i].Has(uint32(d)) || seg.Published[d] > e.now.UnixMicro() || e.met[base+d]&without != 0 ||
				!e.passes(p, seg, uint32(d)) {
				continue
			}
			places[id] = n
			if !here[id] {
				found.matches = append(found.matches, match{segment: i, doc: uint32(d)})
			}
		}
		base += seg.Len()
	}
	return places
}

// first puts the pinned matches before the others.
func (e *evaluation) first(top []match, found selection, pinned map[int64]int) []match {
	id := func(m match) int64 { return e.set.Segments[m.segment].IDs[m.doc] }
	is := func(m match) bool { _, ok := pinned[id(m)]; return ok }
	var out []match
	for _, m := range found.matches {
		if is(m) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b match) int { return pinned[id(a)] - pinned[id(b)] })
	return append(out, slices.DeleteFunc(top, is)...)
}

// hits fills in what is shown of the matches.
func (s *Search) hits(ctx context.Context, e *evaluation, p *plan, top []match, pinned map[int64]int) ([]Hit, error) {
	ids := make([]int64, len(top))
	scores := map[int64]float64{}
	for i, m := range top {
		ids[i] = e.set.Segments[m.segment].IDs[m.doc]
		scores[ids[i]] = float64(m.score)
	}
	list, err := s.library.Summaries(ctx, ids)
	if err != nil {
		return nil, err
	}
	teasers, err := s.library.Teasers(ctx, ids)
	if err != nil {
		return nil, err
	}
	m := newMarker(s.language, p)
	out := make([]Hit, 0, len(list))
	for _, a := range list {
		h := Hit{Summary: a, Score: scores[a.ID], Title: m.mark(a.Title)}
		_, h.Pinned = pinned[a.ID]
		text, _ := plainText(string(teasers[a.ID]))
		if d := s.decide(e.viewer, a.Facts(), e.now); d.Full() && len(p.clauses) > 0 {
			body, err := s.library.Body(ctx, d)
			if err != nil {
				return nil, err
			}
			text, _ = plainText(string(body))
		}
		h.Snippet = m.snippet(a, text)
		out = append(out, h)
	}
	return out, nil
}
