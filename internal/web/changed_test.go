package web

import (
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/storage"
)

// What stands in a batch of the change log is dropped, and what it does not concern stays; however long the batch, the
// kept pages are gone through once.
func TestChangesDropWhatTheyConcern(t *testing.T) {
	s := newTestSite(t)
	one, two := (variant{}).key(1, ""), (variant{full: true}).key(2, "2026-11")
	edition, front := editionKey+"today 1", "front"
	all := []string{one, two, edition, front}
	imported := make([]storage.Change, 1000)
	for i := range imported {
		imported[i] = storage.Change{Kind: "article", Subject: int64(100 + i)}
	}
	for _, c := range []struct {
		name    string
		changes []storage.Change
		stay    []string
		drops   uint64
	}{
		{"nothing", nil, all, 0},
		{"a reader", []storage.Change{{Kind: "reader", Subject: 1}}, all, 0},
		{"an article", []storage.Change{{Kind: "article", Subject: 1}}, []string{two}, 1},
		{"two articles", []storage.Change{{Kind: "article", Subject: 1}, {Kind: "article", Subject: 2}}, nil, 1},
		{"an import", imported, []string{one, two}, 1},
		{"all articles", []storage.Change{{Kind: "article"}}, nil, 1},
		{"a newsletter", []storage.Change{{Kind: "newsletter", Subject: 1}}, []string{one, two, front}, 1},
		{"a newsletter and an article", []storage.Change{{Kind: "newsletter"}, {Kind: "article", Subject: 1}}, []string{two}, 1},
		{"a term", []storage.Change{{Kind: "article", Subject: 1}, {Kind: "term", Subject: 1}}, nil, 1},
		{"the site", []storage.Change{{Kind: "site"}}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, key := range all {
				s.pages.Put(key, new(page.Shared), 1, time.Now().Add(time.Hour), s.pages.Generation())
			}
			before := s.pages.Generation()
			s.Changed(c.changes)
			if drops := s.pages.Generation() - before; drops != c.drops {
				t.Errorf("gone through %d times, want %d", drops, c.drops)
			}
			stay := map[string]bool{}
			for _, key := range c.stay {
				stay[key] = true
			}
			for _, key := range all {
				if _, kept := s.pages.Get(key); kept != stay[key] {
					t.Errorf("%q kept: %v, want %v", key, kept, stay[key])
				}
			}
		})
	}
}
