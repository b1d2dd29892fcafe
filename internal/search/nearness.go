package search

import (
	"cmp"
	"slices"

	"github.com/gatefold/gatefold/internal/search/index"
)

// Words that were typed together and stand together say more than each by itself. That is looked for in the best
// matches only, and only as far as the viewer may read.

// How nearness counts, as a share of a match's score.
const (
	nearestMatches = 100 // that are looked at
	nearWords      = 8   // how far apart words are still near
	sideBySide     = 0.3 // all pairs of words stand side by side, in their order
	near           = 0.1 // or near each other
	wholeTitle     = 0.3 // all words are in the title
)

// A pairing is what is known of one match.
type pairing struct {
	match    *match
	places   [][]uint32 // by clause, in the text
	titles   [][]uint32 // likewise, in the title
	inTitle  int
	readable uint32 // how much of the text the viewer may read
}

// nearness raises the scores of the best matches. They are in order before; they are sorted again by the caller.
func (e *evaluation) nearness(p *plan, top []match) error {
	var stems []string
	for _, c := range p.clauses {
		if a := c.alternatives; len(a) > 0 && len(a[0].stems) == 1 && !a[0].limited {
			stems = append(stems, a[0].stems[0])
		}
	}
	if len(stems) < 2 || len(stems) > nearWords*2 {
		return nil
	}
	top = top[:min(len(top), nearestMatches)]
	pairs := make([]pairing, len(top))
	for i := range top {
		m := &top[i]
		seg := e.set.Segments[m.segment]
		pairs[i] = pairing{match: m, places: make([][]uint32, len(stems)), titles: make([][]uint32, len(stems)), readable: ^uint32(0)}
		if !e.mayRead(seg, m.doc) {
			pairs[i].readable = seg.Public[m.doc]
		}
	}
	slices.SortFunc(pairs, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(a.match.segment, b.match.segment), cmp.Compare(a.match.doc, b.match.doc))
	})
	for n, stem := range stems {
		if err := e.places(pairs, n, stem); err != nil {
			return err
		}
	}
	for _, x := range pairs {
		x.match.score *= 1 + x.gain(len(stems))
	}
	return nil
}

// places notes where a stem stands in each of the articles.
func (e *evaluation) places(pairs []pairing, n int, stem string) error {
	for len(pairs) > 0 {
		number := pairs[0].match.segment
		end := slices.IndexFunc(pairs, func(x pairing) bool { return x.match.segment != number })
		if end < 0 {
			end = len(pairs)
		}
		if err := placesIn(e.set.Segments[number], pairs[:end], n, stem); err != nil {
			return err
		}
		pairs = pairs[end:]
	}
	return nil
}

func placesIn(seg *index.Segment, pairs []pairing, n int, stem string) error {
	entry, ok, err := seg.Lookup(stem)
	if err != nil || !ok {
		return err
	}
	l, err := seg.Postings(entry, true)
	if err != nil {
		return err
	}
	defer l.Release()
	for more := l.Next(); more && len(pairs) > 0; {
		x := &pairs[0]
		switch {
		case l.Doc < x.match.doc:
			more = l.Next()
			continue
		case l.Doc == x.match.doc:
			x.places[n] = l.Positions(index.Body, nil)
			x.titles[n] = l.Positions(index.Title, nil)
			if len(x.titles[n]) > 0 {
				x.inTitle++
			}
		}
		pairs = pairs[1:]
	}
	if l.Damaged() {
		return errDamagedList
	}
	return nil
}

// gain is the share of its score that a match wins.
func (x *pairing) gain(stems int) float32 {
	var sum float32
	for i := range stems - 1 {
		switch d := min(distance(x.places[i], x.places[i+1], x.readable), distance(x.titles[i], x.titles[i+1], ^uint32(0))); {
		case d == 1:
			sum += sideBySide
		case d <= nearWords:
			sum += near
		}
	}
	sum /= float32(stems - 1)
	if x.inTitle == stems {
		sum += wholeTitle
	}
	return sum
}

// distance is how far apart two words come nearest, before some place: 1 is side by side in their order; in the other
// order they are one further apart.
func distance(a, b []uint32, before uint32) uint32 {
	nearest := ^uint32(0)
	for i, j := 0, 0; i < len(a) && j < len(b) && a[i] < before && b[j] < before; {
		if b[j] > a[i] {
			nearest = min(nearest, b[j]-a[i])
			i++
		} else {
			nearest = min(nearest, a[i]-b[j]+1)
			j++
		}
	}
	return nearest
}
