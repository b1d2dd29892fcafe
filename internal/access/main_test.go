package access

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		if err := child(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// plans are entitlements that nobody changes.
type plans map[int64]Entitlement

func (p plans) Active(_ context.Context, reader int64, _ time.Time) (Entitlement, error) {
	return p[reader], nil
}

// asked answers as billing would, and can be anything.
type asked func(reader int64) (Entitlement, error)

func (a asked) Active(_ context.Context, reader int64, _ time.Time) (Entitlement, error) {
	return a(reader)
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *clock) add(d time.Duration) { c.set(c.Now().Add(d)) }

// usual is the policy of a publication that changed nothing.
var usual = Policy{Free: 3, CourtesyDays: 30, CourtesiesByNetwork: 5}

// subscriber is the id of a reader whom gates of these tests know to have a subscription.
const subscriber = 1000

func newGate(db *storage.DB, p Policy, e Entitlements) (*Gate, *clock) {
	if e == nil {
		e = plans{subscriber: {Grant: BySubscription, Plan: "all-access", Until: noon.AddDate(1, 0, 0)}}
	}
	c := &clock{now: noon}
	return NewGate(db, p, e, slog.New(slog.DiscardHandler), c.Now), c
}

// run runs a test of a gate with the usual policy on both databases.
func run(t *testing.T, f func(t *testing.T, g *Gate, c *clock)) {
	t.Helper()
	runWith(t, usual, f)
}

func runWith(t *testing.T, p Policy, f func(t *testing.T, g *Gate, c *clock)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		g, c := newGate(db, p, nil)
		f(t, g, c)
	})
}

func metered(id int64) Article {
	return Article{ID: id, Level: Metered, Published: noon.AddDate(0, 0, -1)}
}

func reader(id int64) Person { return Person{Reader: id} }

func (g *Gate) admit(t *testing.T, who Person, a Article) Decision {
	t.Helper()
	d, err := g.Admit(t.Context(), who, a)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (g *Gate) unlock(t *testing.T, who Person, a Article) Decision {
	t.Helper()
	d, err := g.Unlock(t.Context(), who, a)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (g *Gate) spentBy(t *testing.T, reader int64) []Unlock {
	t.Helper()
	all, err := g.Unlocks(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rows counts the rows of a table.
func rows(t *testing.T, db *storage.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
