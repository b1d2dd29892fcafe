package search

import (
	"github.com/gatefold/gatefold/internal/storage"
)

// kindSearch is the kind of the lines of the change log that are for search. The others it heeds are the library's.
const kindSearch = "search"

// Subjects of kindSearch.
const (
	editorialChanged int64 = 0
	rebuildWanted    int64 = 1
)

// pending is what the change log told and the index does not have yet.
type pending struct {
	articles  map[int64]bool
	all       bool // any article may have changed
	terms     map[int64]bool
	editorial bool
}

// Changed takes lines of the change log. It returns at once; Run does what follows.
func (s *Search) Changed(cs []storage.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range cs {
		s.changed(c)
	}
}

func (s *Search) changed(c storage.Change) {
	switch {
	case c.Kind == "article" && c.Subject == 0:
		s.pending.all = true
	case c.Kind == "article":
		if s.pending.articles == nil {
			s.pending.articles = map[int64]bool{}
		}
		s.pending.articles[c.Subject] = true
	case c.Kind == "term":
		if s.pending.terms == nil {
			s.pending.terms = map[int64]bool{}
		}
		s.pending.terms[c.Subject] = true
	case c.Kind == kindSearch && c.Subject == editorialChanged:
		s.pending.editorial = true
	case c.Kind == kindSearch && c.Subject == rebuildWanted:
		signal(s.rebuild)
		return
	default:
		return
	}
	signal(s.wake)
}

// signal makes sure that who waits on a channel of one place goes on.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take takes what is pending, articles up to a number.
func (s *Search) take(articles int) pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pending
	s.pending = pending{}
	if len(p.articles) <= articles {
		return p
	}
	rest := p.articles
	p.articles = map[int64]bool{}
	for id := range rest {
		if len(p.articles) == articles {
			break
		}
		p.articles[id] = true
		delete(rest, id)
	}
	s.pending.articles = rest
	signal(s.wake)
	return p
}

// putBack returns what could not be done.
func (s *Search) putBack(p pending) {
	var again []storage.Change
	for id := range p.articles {
		again = append(again, storage.Change{Kind: "article", Subject: id})
	}
	for id := range p.terms {
		again = append(again, storage.Change{Kind: "term", Subject: id})
	}
	if p.all {
		again = append(again, storage.Change{Kind: "article"})
	}
	if p.editorial {
		again = append(again, storage.Change{Kind: kindSearch})
	}
	s.Changed(again)
}
