package search

import (
	"slices"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/words"
)

// A plan is a query in terms of the index.
type plan struct {
	clauses []clause  // words and phrases to be found
	without []clause  // and not to be found
	filters []termSet // each must hold one of the article's terms
	barred  []termSet // none of these may
	years   []span
	noYears []span
	inTitle bool
	marks   map[string]bool // stems to mark in what is shown
	starts  []string        // beginnings of words to mark
	typed   []typed         // loose words, to be corrected
}

// A clause is met by any of its alternatives.
type clause struct {
	alternatives []alternative
	firm         bool // must be met, even when any of the words will do
}

// An alternative is words that must all be there. Ordered ones must stand at their distances, within what the viewer may
// read; so must those that are reached only there.
type alternative struct {
	stems   []string
	offsets []uint32 // of ordered words, from the first
	ordered bool
	limited bool
	weight  float32 // how much more than once it was typed
}

// A span is years, both in; 0 is open.
type span struct{ from, to int }

func (s span) has(year int) bool {
	return (s.from == 0 || year >= s.from) && (s.to == 0 || year <= s.to)
}

// A termSet holds ids of terms.
type termSet []bool

func (t termSet) any(ids []uint32) bool {
	for _, id := range ids {
		if int(id) < len(t) && t[id] {
			return true
		}
	}
	return false
}

// A typed word is a loose word of the query and where it stands in it.
type typed struct {
	word string
	part int // in Query.Parts
}

// plan makes the plan of a query.
func (s *Search) plan(q Query, e *evaluation) (*plan, error) {
	p := &plan{inTitle: q.InTitle, marks: map[string]bool{}}
	var run []string // stems of loose words in a row
	var stops []string
	flush := func() {
		p.loose(run, s.editorial.Load())
		run = nil
	}
	for i, part := range q.Parts {
		if part.Kind != Words || part.Not {
			flush()
		}
		switch part.Kind {
		case Words:
			for t := range s.language.Tokens(part.Text) {
				stem := s.language.Stem(t.Word)
				switch {
				case part.Not:
					p.without = append(p.without, single(stem))
				case s.language.Stop(t.Word):
					stops = append(stops, stem)
				default:
					run = append(run, stem)
					p.typed = append(p.typed, typed{t.Word, i})
				}
			}
		case Phrase:
			s.planPhrase(p, part)
		case Prefix:
			if err := s.planPrefix(p, part, e); err != nil {
				return nil, err
			}
		case Filed:
			s.planFiled(p, part)
		case Years:
			if y := (span{part.From, part.To}); part.Not {
				p.noYears = append(p.noYears, y)
			} else {
				p.years = append(p.years, y)
			}
		}
	}
	flush()
	if len(p.clauses) == 0 && len(stops) > 0 { // "to be or not to be": titles have these words
		for _, stem := range stops {
			p.marks[stem] = true
			p.clauses = append(p.clauses, single(stem))
		}
	}
	return p, nil
}

func single(stem string) clause {
	return clause{alternatives: []alternative{{stems: []string{stem}, weight: 1}}}
}

// loose adds the clauses of words in a row, with what means the same. A word that is said twice counts for more.
func (p *plan) loose(run []string, e *editorial) {
	for len(run) > 0 {
		n, group := e.match(run)
		c := clause{alternatives: []alternative{{stems: run[:n], weight: 1}}}
		for _, other := range group {
			if !slices.Equal(other, run[:n]) {
				c.alternatives = append(c.alternatives, alternative{stems: other, ordered: len(other) > 1, weight: 1,
					offsets: countUp(len(other))})
			}
		}
		run = run[n:]
		if i := slices.IndexFunc(p.clauses, func(o clause) bool { return !o.firm && slices.Equal(o.alternatives[0].stems, c.alternatives[0].stems) }); i >= 0 {
			p.clauses[i].alternatives[0].weight++
			continue
		}
		p.clauses = append(p.clauses, c)
		for _, a := range c.alternatives {
			for _, stem := range a.stems {
				p.marks[stem] = true
			}
		}
	}
}

func countUp(n int) []uint32 {
	out := make([]uint32, n)
	for i := range out {
		out[i] = uint32(i)
	}
	return out
}

// planPhrase adds a phrase. The words that say nothing are not looked for, but their places are kept free.
func (s *Search) planPhrase(p *plan, part Part) {
	a := alternative{ordered: true, weight: 1}
	var every alternative // with the words that say nothing, which titles have
	place := uint32(0)
	for t := range s.language.Tokens(part.Text) {
		stem := s.language.Stem(t.Word)
		every.stems, every.offsets = append(every.stems, stem), append(every.offsets, place)
		if !s.language.Stop(t.Word) {
			a.stems, a.offsets = append(a.stems, stem), append(a.offsets, place)
		}
		place++
	}
	if len(a.stems) == 0 {
		every.ordered, every.weight = true, 1
		a = every
	}
	if len(a.stems) == 0 {
		return
	}
	for i, first := 0, a.offsets[0]; i < len(a.offsets); i++ {
		a.offsets[i] -= first
	}
	a.ordered = len(a.stems) > 1
	a.limited = !a.ordered && place > 1 // what is left of "the bank of" is not asked as a word by itself is
	c := clause{alternatives: []alternative{a}, firm: true}
	if part.Not {
		p.without = append(p.without, c)
		return
	}
	p.clauses = append(p.clauses, c)
	for _, stem := range a.stems {
		p.marks[stem] = true
	}
}

// kindOf are the kinds of term by the name of their field.
var kindOf = map[string]library.TermKind{"author": library.Byline, "topic": library.Topic, "country": library.Country,
	"region": library.Region, "section": library.Section}

// planFiled adds a filter: the term of this slug, or those whose names hold all the words.
func (s *Search) planFiled(p *plan, part Part) {
	t := s.terms.Load()
	set := t.bySlug(kindOf[part.Field], part.Text)
	if !slices.Contains(set, true) {
		var folded []string
		for tok := range s.language.Tokens(part.Text) {
			folded = append(folded, words.Fold(tok.Word))
		}
		for id, m := range t.byID {
			if m.Kind == kindOf[part.Field] && m.holds(folded) {
				set[id] = true
			}
		}
	}
	if part.Not {
		p.barred = append(p.barred, set)
	} else {
		p.filters = append(p.filters, set)
	}
}

// holds reports whether a name has all of some words.
func (t *term) holds(folded []string) bool {
	for _, w := range folded {
		if !slices.Contains(t.words, w) {
			return false
		}
	}
	return len(folded) > 0
}

// bySlug returns the term of a kind with a slug.
func (t *terms) bySlug(kind library.TermKind, slug string) termSet {
	set := make(termSet, t.last+1)
	for id, m := range t.byID {
		if m.Kind == kind && m.Slug == slug {
			set[id] = true
		}
	}
	return set
}

// restrict adds what a request asks for beside its query.
func (s *Search) restrict(p *plan, r Request) {
	t := s.terms.Load()
	for _, f := range []struct {
		kind  library.TermKind
		slugs []string
	}{{library.Topic, r.Topics}, {library.Country, r.Countries}, {library.Region, r.Regions}, {library.Section, r.Sections},
		{library.Byline, r.Contributors}} {
		for _, slug := range f.slugs {
			p.filters = append(p.filters, t.bySlug(f.kind, slug))
		}
	}
	if r.From != 0 || r.To != 0 {
		p.years = append(p.years, span{r.From, r.To})
	}
}
