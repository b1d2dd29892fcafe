package search

import (
	"context"
	"strings"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/words"
)

// terms are what articles are filed under, by id. They do not change; new ones take their place.
type terms struct {
	byID map[int64]*term
	last int64 // the highest id
}

// A term is one of them, with the words of its name.
type term struct {
	library.Term
	words  []string // folded
	folded string   // these joined by spaces
}

func newTerm(t library.Term, l *words.Language) *term {
	out := &term{Term: t}
	for tok := range l.Tokens(t.Name) {
		out.words = append(out.words, words.Fold(tok.Word))
	}
	out.folded = strings.Join(out.words, " ")
	return out
}

// loadTerms reads all terms.
func (s *Search) loadTerms(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	list, err := s.library.TermsAfter(ctx, 0)
	if err != nil {
		return err
	}
	s.terms.Store(with(&terms{}, list, s.language))
	return nil
}

// knowTerms reads the terms of articles that are not known yet.
func (s *Search) knowTerms(ctx context.Context, list []library.Whole) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	known := s.terms.Load()
	for _, a := range list {
		for _, id := range a.Terms {
			if id > known.last {
				more, err := s.library.TermsAfter(ctx, known.last)
				if err != nil {
					return err
				}
				s.terms.Store(with(known, more, s.language))
				return nil
			}
		}
	}
	return nil
}

func with(t *terms, more []library.Term, l *words.Language) *terms {
	out := &terms{byID: make(map[int64]*term, len(t.byID)+len(more)), last: t.last}
	for id, old := range t.byID {
		out.byID[id] = old
	}
	for _, m := range more {
		out.byID[m.ID] = newTerm(m, l)
		out.last = max(out.last, m.ID)
	}
	return out
}

// names are the names an article can be found by: of those who wrote it, and what it is about, a line each.
func (t *terms) names(ids []int64) string {
	var names []string
	for _, id := range ids {
		if m := t.byID[id]; m != nil && (m.Kind == library.Byline || m.Kind == library.Topic || m.Kind == library.Country) {
			names = append(names, m.Name)
		}
	}
	return strings.Join(names, "\n")
}
