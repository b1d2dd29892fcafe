package search

import (
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
)

// How words are corrected.
const (
	correctFrom   = 4  // letters a word must have
	knownArticles = 3  // in which a word stands that is right by itself
	muchMore      = 30 // times the articles another word stands in, to be meant in the place of a rare one
)

// meant returns the query with its mistyped words put right, "" when nothing seems to be wrong. Corrections are words
// that everyone may read somewhere.
func (s *Search) meant(set *index.Set, q Query, p *plan) (string, error) {
	changed := false
	for _, t := range p.typed {
		better, err := s.correct(set, t.word)
		if err != nil {
			return "", err
		}
		if better != "" && Parse(q.Parts[t.part].Text).String() == q.Parts[t.part].Text {
			if !changed {
				q.Parts = append([]Part(nil), q.Parts...)
				changed = true
			}
			q.Parts[t.part].Text = better
		}
	}
	if !changed {
		return "", nil
	}
	return q.String(), nil
}

// correct returns the word that a word may have been meant to be, "" when it is right.
func (s *Search) correct(set *index.Set, word string) (string, error) {
	folded := words.Fold(word)
	letters := utf8.RuneCountInString(folded)
	if letters < correctFrom || len(folded) > 40 {
		return "", nil
	}
	known, err := docsOf(set, s.language.Stem(word))
	if err != nil {
		return "", err
	}
	counts := map[string]uint32{}
	var here uint32
	for _, seg := range set.Segments {
		for i := range seg.Vocabulary.Words {
			w := &seg.Vocabulary.Words[i]
			if w.Folded == folded {
				here += w.Docs
			} else if oneSlip(folded, w.Folded) {
				counts[w.Text] += w.Docs
			}
		}
	}
	if uint32(known) >= knownArticles && here >= knownArticles {
		here = max(here, uint32(known))
	}
	best, most := "", uint32(0)
	for w, n := range counts {
		if words.Fold(w)[0] == folded[0] {
			n *= 2 // first letters are seldom wrong
		}
		if n > most || n == most && w < best {
			best, most = w, n
		}
	}
	if best == "" || here > 0 && most < here*muchMore || here == 0 && known > 0 && float64(most) < known {
		return "", nil
	}
	if there, err := docsOf(set, s.language.Stem(best)); err != nil || there == 0 {
		return "", err
	}
	return best, nil
}

// oneSlip reports whether one word becomes the other by one letter that is wrong, missing or too many, or by two that
// have changed places.
func oneSlip(a, b string) bool {
	if d := len(a) - len(b); d < -2 || d > 2 {
		return false
	}
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	x, y := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	switch {
	case x+y == 1, x == 1 && y == 1:
		return true
	case x == 2 && y == 2 && len(a) == len(b):
		_, n := utf8.DecodeRuneInString(a)
		return a[n:]+a[:n] == b
	}
	return false
}
