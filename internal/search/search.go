package search

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
	"github.com/gatefold/gatefold/internal/storage"
)

// Levels tells the level in force for an article at a time; access.Policy does.
type Levels interface {
	Level(a access.Article, at time.Time) access.Level
}

// Options of Open. The zero value is right for tests.
type Options struct {
	Language string           // of the texts, as a BCP 47 tag; "" is English
	Recency  float64          // how much a new article gains over an old one: 0.25 is up to a quarter, 0 nothing
	Zone     *time.Location   // in which years begin; nil is UTC
	Now      func() time.Time // nil is the system's clock
	Log      *slog.Logger     // nil discards
}

// A Search finds articles. It is safe for concurrent use.
type Search struct {
	dir      string
	db       *storage.DB
	library  *library.Library
	levels   Levels
	language *words.Language
	recency  float64
	years    *calendar
	now      func() time.Time
	log      *slog.Logger

	live      atomic.Pointer[index.Index] // nil: titles are searched
	terms     atomic.Pointer[terms]
	reading   sync.Mutex // held while terms are read
	editorial atomic.Pointer[editorial]
	related   relatedCache
	scratch   sync.Pool // of *scratch

	mu      sync.Mutex
	state   State
	pending pending
	wake    chan struct{} // something is pending
	rebuild chan struct{} // an index is wanted
	loaded  bool
	all     []*index.Index // to close
}

// Open returns the search of a library whose index is kept in a folder. It reads nothing yet: see Load. The caller
// closes it.
func Open(dir string, db *storage.DB, lib *library.Library, levels Levels, o Options) (*Search, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Search{dir: dir, db: db, library: lib, levels: levels, language: words.For(o.Language), recency: o.Recency,
		years: newCalendar(o.Zone), now: o.Now, log: o.Log, wake: make(chan struct{}, 1), rebuild: make(chan struct{}, 1),
		state: State{Phase: Degraded, Reason: "the index was not read yet"}}
	s.terms.Store(&terms{byID: map[int64]*term{}})
	s.editorial.Store(&editorial{})
	return s, nil
}

// Close closes the index. Run must have returned, or never have been called. It may be called twice.
func (s *Search) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live.Store(nil)
	var errs []error
	for _, x := range s.all {
		errs = append(errs, x.Close())
	}
	s.all = nil
	return errors.Join(errs...)
}

// A Phase says what a search can do.
type Phase string

// The phases.
const (
	Ready    Phase = "ready"    // everything is found
	Building Phase = "building" // titles are found while the index is built
	Degraded Phase = "degraded" // titles are found; Reason says why
)

// A State is how a search is. Done of Total articles are indexed while an index is built, which may also be while the
// search is Ready: then the old one serves.
type State struct {
	Phase       Phase
	Done, Total int
	Reason      string
}

// String writes a state for people: "building, 200 of 28282: there is no index".
func (s State) String() string {
	text := string(s.Phase)
	if s.Total > 0 {
		text += fmt.Sprintf(", %d of %d", s.Done, s.Total)
	}
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// Health tells how the search is.
func (s *Search) Health() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// setState changes the state.
func (s *Search) setState(f func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.state)
}

// Articles is how many articles the index holds, Bytes how large its files are.
func (s *Search) Articles() (articles int, bytes int64) {
	if x := s.live.Load(); x != nil {
		return x.Set().Docs, x.Set().Bytes
	}
	return 0, 0
}
