package search

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
)

// Levels tells the level in force for an article at a time; access.Policy does.
type Levels interface {
	Level(a access.Article, at time.Time) access.Level
}

// Options of Open. The zero value is right for tests.
type Options struct {
	Language string           // of the texts, as a BCP 47 tag; "" is English
	Recency  float64          // how much a new article gains over an old one, 0 for nothing, at most 1
	Zone     *time.Location   // in which years begin; nil is UTC
	Now      func() time.Time // nil is the system's clock
	Log      *slog.Logger     // nil discards
}

// A Search finds articles. It is safe for concurrent use.
type Search struct {
	dir     string
	db      *storage.DB
	library *library.Library
	levels  Levels
	options Options
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
	return &Search{dir: dir, db: db, library: lib, levels: levels, options: o}, nil
}

// Load reads the index that is there, so that the first query finds it. Without one, or with one that cannot be used,
// Health says so, and Run builds it.
func (s *Search) Load(context.Context) {}

// Run keeps the index in step with the library until ctx ends.
func (s *Search) Run(ctx context.Context) { <-ctx.Done() }

// Changed takes a line of the change log.
func (s *Search) Changed(storage.Change) {}

// Close closes the index. Run must have returned, or never have been called. It may be called twice.
func (s *Search) Close() error { return nil }

// A Phase says what a search can do.
type Phase string

// The phases.
const (
	Ready    Phase = "ready"    // everything is found
	Building Phase = "building" // titles are found while the index is built
	Degraded Phase = "degraded" // titles are found; Reason says why
)

// A State is how a search is. Done of Total articles are indexed while an index is built; an index may be built anew
// while the search is Ready.
type State struct {
	Phase       Phase
	Done, Total int
	Reason      string
}

// String writes a state for the logs: "building, 200 of 28,282: no index".
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
func (s *Search) Health() State { return State{Phase: Degraded, Reason: "there is no index"} }

// Find returns a page of what matches a request.
func (s *Search) Find(ctx context.Context, r Request) (Results, error) {
	began := time.Now()
	res, err := s.findTitles(ctx, r)
	res.Took = time.Since(began)
	return res, err
}

// Suggest returns up to n places to go for what someone has typed so far.
func (s *Search) Suggest(ctx context.Context, prefix string, n int) ([]Suggestion, error) {
	res, err := s.findTitles(ctx, Request{Query: prefix, N: n})
	var out []Suggestion
	for _, h := range res.Hits {
		out = append(out, Suggestion{Kind: "article", Title: h.Summary.Title, Slug: h.Slug})
	}
	return out, err
}

// Related returns up to n articles to read after one.
func (s *Search) Related(ctx context.Context, article int64, n int) ([]library.Summary, error) {
	return s.library.Related(ctx, article, n)
}
