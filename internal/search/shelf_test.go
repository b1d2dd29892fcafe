package search

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// noon is when the clock of every test begins.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// A clock is set by the test alone.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A shelf is a library with a search of it.
type shelf struct {
	*Search
	t      testing.TB
	db     *storage.DB
	lib    *library.Library
	clock  *clock
	policy *access.Policy
	folder string
	stop   func() // ends what follow began
}

// onBoth runs a test on a shelf of either database.
func onBoth(t *testing.T, f func(t *testing.T, s *shelf)) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, newShelf(t, db)) })
}

func newShelf(t testing.TB, db *storage.DB) *shelf {
	t.Helper()
	s := &shelf{t: t, db: db, clock: &clock{at: noon}, policy: &access.Policy{}, folder: filepath.Join(t.TempDir(), "search")}
	s.lib = library.New(db, library.Options{TeaserWords: 12, Now: s.clock.now})
	s.open()
	t.Cleanup(func() { s.close() })
	return s
}

// onFile is a shelf on SQLite, for what has nothing to do with the database.
func onFile(t testing.TB) *shelf {
	t.Helper()
	return newShelf(t, storagetest.Open(t, storagetest.SQLite(t)))
}

// open opens the search as a process does that starts.
func (s *shelf) open() {
	s.t.Helper()
	var err error
	s.Search, err = Open(s.folder, s.db, s.lib, s.policy, Options{Recency: 0.25, Now: s.clock.now})
	if err != nil {
		s.t.Fatal(err)
	}
}

// close ends it as a process that stops.
func (s *shelf) close() {
	s.t.Helper()
	if s.stop != nil {
		s.stop()
		s.stop = nil
	}
	if err := s.Close(); err != nil {
		s.t.Error(err)
	}
}

// follow runs the search as a server does, and follows the change log.
func (s *shelf) follow() {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	after, err := s.db.LastChange(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	running := s.Search
	var tasks sync.WaitGroup
	tasks.Go(func() { running.Run(ctx) })
	tasks.Go(func() { s.db.Follower(after, running.Changed, slog.New(slog.DiscardHandler)).Run(ctx) })
	s.stop = func() {
		cancel()
		tasks.Wait()
	}
}

// ready waits until everything is found.
func (s *shelf) ready() {
	s.t.Helper()
	s.until("the index is ready", func() bool { return s.Health().Phase == Ready })
}

// until waits for something that another goroutine does.
func (s *shelf) until(what string, done func() bool) (took time.Duration) {
	s.t.Helper()
	began := time.Now()
	for !done() {
		if time.Since(began) > 30*time.Second {
			s.t.Fatalf("never happened: %s (the search is %s)", what, s.Health())
		}
		time.Sleep(2 * time.Millisecond)
	}
	return time.Since(began)
}

// catchUp brings the index up to the library in this goroutine.
func (s *shelf) catchUp() {
	s.t.Helper()
	if err := s.CatchUp(s.t.Context(), nil); err != nil {
		s.t.Fatal(err)
	}
}

// put saves articles that are right, those without a time an hour before noon and a minute apart, the first the newest;
// the title is their name: see found.
func (s *shelf) put(drafts ...library.Draft) (ids []int64) {
	s.t.Helper()
	for i := range drafts {
		d := &drafts[i]
		d.Source = cmpOr(d.Source, d.Title)
		d.BodyHTML = cmpOr(d.BodyHTML, "<p>Nothing to say.</p>")
		if d.Published.IsZero() {
			d.Published = noon.Add(-time.Hour - time.Duration(i)*time.Minute)
		}
		d.Level = access.Level(cmpOr(string(d.Level), string(access.Open)))
	}
	for part := range slices.Chunk(drafts, 500) {
		saved, err := s.lib.SaveBatch(context.Background(), part)
		if err != nil {
			s.t.Fatal(err)
		}
		for i, a := range saved {
			if a.Err != nil {
				s.t.Fatalf("save %q: %v", part[i].Title, a.Err)
			}
			ids = append(ids, a.ID)
		}
	}
	return ids
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// find asks for up to a hundred articles.
func (s *shelf) find(r Request) Results {
	s.t.Helper()
	if r.N == 0 {
		r.N = 100
	}
	res, err := s.Find(context.Background(), r)
	if err != nil {
		s.t.Fatalf("find %q: %v", r.Query, err)
	}
	return res
}

// found are the titles of what a visitor finds, in order.
func (s *shelf) found(query string) []string {
	s.t.Helper()
	return titles(s.find(Request{Query: query}))
}

func titles(r Results) []string {
	var out []string
	for _, h := range r.Hits {
		out = append(out, h.Summary.Title)
	}
	return out
}

// wantFound compares what a visitor finds, in whatever order.
func (s *shelf) wantFound(query string, want ...string) {
	s.t.Helper()
	have := s.found(query)
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		s.t.Errorf("%s finds %q, want %q", query, have, want)
	}
}

// text writes fragments as one, what is marked in brackets.
func text(fragments []Fragment) string {
	var b strings.Builder
	for _, f := range fragments {
		if f.Marked {
			fmt.Fprintf(&b, "[%s]", f.Text)
		} else {
			b.WriteString(f.Text)
		}
	}
	return b.String()
}

// shared is a folder beside the project; a test that needs it says so and ends where there is none.
func shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs ../shared/%s beside the project", name)
	}
	return path
}
