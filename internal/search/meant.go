package search

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
)

// How words are corrected.
const (
	correctFrom   = 3  // letters a word must have
	shortest      = 4  // letters a word must have that stands in an article
	knownArticles = 3  // in which a word stands that is right by itself
	muchMore      = 30 // times the articles another word stands in, to be meant in the place of a rare one
)

// meant returns the query with its mistyped words put right, "" when nothing seems to be wrong. Corrections are words
// that everyone may read somewhere now.
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
	e := s.evaluate(set, access.Visitor)
	defer e.release()
	known, err := e.living(s.language.Stem(word))
	if err != nil {
		return "", err
	}
	here, others := neighbors(set, s.language, folded)
	if letters < shortest && known+here > 0 {
		return "", nil
	}
	if known >= knownArticles && here >= knownArticles {
		here = max(here, known)
	}
	for _, o := range others {
		if here > 0 && o.docs < here*muchMore || here == 0 && o.docs < known {
			break
		}
		if s.language.Stop(o.text) {
			return o.text, nil
		}
		if shown, err := e.shown(s.language.Stem(o.text)); err != nil || shown {
			return o.text, err
		}
	}
	return "", nil
}

// A neighbor is a word of the vocabulary that is one slip from another, and how many articles speak for it.
type neighbor struct {
	text string
	docs int
}

// neighbors returns in how many articles everyone could read a word when they were indexed, and the words one slip from
// it, the likeliest first. The words that say nothing are in all articles.
func neighbors(set *index.Set, l *words.Language, folded string) (here int, others []neighbor) {
	counts := map[string]int{}
	for w := range l.Stops() {
		if len(w) > 2 && oneSlip(folded, words.Fold(w)) {
			counts[w] = set.Docs
		}
	}
	for _, seg := range set.Segments {
		for i := range seg.Vocabulary.Words {
			w := &seg.Vocabulary.Words[i]
			if w.Folded == folded {
				here += int(w.Docs)
			} else if oneSlip(folded, w.Folded) {
				counts[w.Text] += int(w.Docs)
			}
		}
	}
	for text, n := range counts {
		if words.Fold(text)[0] == folded[0] {
			n *= 2 // first letters are seldom wrong
		}
		others = append(others, neighbor{text, n})
	}
	slices.SortFunc(others, func(a, b neighbor) int { return cmp.Or(cmp.Compare(b.docs, a.docs), cmp.Compare(a.text, b.text)) })
	return here, others
}

// countedDead is in how many places a stem must stand for the dead ones among them not to be counted out: nothing hangs
// on them then.
const countedDead = 1000

// living is how many articles that are there now hold a stem.
func (e *evaluation) living(stem string) (n int, err error) {
	for i, seg := range e.set.Segments {
		entry, ok, err := seg.Lookup(stem)
		if err != nil {
			return 0, err
		}
		if !ok {
			continue
		}
		if entry.Docs > countedDead || e.set.Dead[i].Count() == 0 {
			n += entry.Docs
			continue
		}
		err = e.each(seg, entry, false, func(l *index.Postings) bool {
			if !e.set.Dead[i].Has(l.Doc) {
				n++
			}
			return true
		})
		if err != nil {
			return 0, err
		}
	}
	return n, nil
}

// shown reports whether a stem stands where the viewer may read, in an article that is there now. The vocabulary is of
// the time at which an article was indexed: since then it may have been withdrawn, or closed.
func (e *evaluation) shown(stem string) (found bool, err error) {
	for i, seg := range e.set.Segments {
		entry, ok, err := seg.Lookup(stem)
		if err != nil {
			return false, err
		}
		if !ok {
			continue
		}
		err = e.each(seg, entry, true, func(l *index.Postings) bool {
			found = !e.set.Dead[i].Has(l.Doc) && seg.Published[l.Doc] <= e.now.UnixMicro() && e.reaches(seg, l)
			return !found
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// each goes through the list of a stem as long as f says so.
func (e *evaluation) each(seg *index.Segment, entry index.Entry, positions bool, f func(*index.Postings) bool) error {
	l, err := seg.Postings(entry, positions)
	if err != nil {
		return err
	}
	defer l.Release()
	for l.Next() {
		if !f(l) {
			return nil
		}
	}
	if l.Damaged() {
		return errDamagedList
	}
	return nil
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
