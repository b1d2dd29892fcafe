package storage_test

import (
	"bytes"
	"context"
	"database/sql"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// followed is a follower at work, and what it handed on and said.
type followed struct {
	*storage.Follower
	mu      sync.Mutex
	batches [][]storage.Change
	log     bytes.Buffer
}

func follow(t *testing.T, db *storage.DB) (f *followed, stop func()) {
	t.Helper()
	f = &followed{}
	f.Follower = db.Follower(storage.Position{}, func(cs []storage.Change) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.batches = append(f.batches, cs)
	}, slog.New(slog.NewTextHandler(&f.log, nil)))
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { f.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return f, stop
}

// seen is how many lines were handed on.
func (f *followed) seen() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.batches {
		n += len(b)
	}
	return n
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

// What one transaction wrote is handed on in few pieces, however much it is.
func TestFollowerHandsOnBatches(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const lines = 2500
		err := db.Write(t.Context(), func(tx *storage.DB) error {
			_, err := tx.Exec(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
				INSERT INTO changes (at, kind, subject) SELECT i, 'article', i FROM n`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		f, _ := follow(t, db)
		eventually(t, "all lines", func() bool { return f.seen() == lines })
		next := int64(1)
		for _, b := range f.batches {
			for _, c := range b {
				if c.Subject != next {
					t.Fatalf("line %d follows %d", c.Subject, next-1)
				}
				next++
			}
		}
		if len(f.batches) != 3 {
			t.Errorf("%d lines in %d pieces, want 3", lines, len(f.batches))
		}
	})
}

// Trouble with the log is told of when it begins and when it ends, not four times a second, and nothing is lost by it.
func TestFollowerTellsOfTroubleOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		rename := func(from, to string) {
			err := db.Write(t.Context(), func(tx *storage.DB) error {
				_, err := tx.Exec(t.Context(), `ALTER TABLE `+from+` RENAME TO `+to)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Write(t.Context(), func(tx *storage.DB) error { return note(t.Context(), tx, 1) }); err != nil {
			t.Fatal(err)
		}
		f, stop := follow(t, db)
		eventually(t, "the first line", func() bool { return f.seen() == 1 })
		rename("changes", "lost")
		eventually(t, "it says how far behind it is", func() bool { return f.Behind() > time.Second })
		rename("lost", "changes")
		if err := db.Write(t.Context(), func(tx *storage.DB) error { return note(t.Context(), tx, 2) }); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the second line", func() bool { return f.seen() == 2 })
		eventually(t, "it has caught up", func() bool { return f.Behind() == 0 })
		stop()
		for _, said := range []string{"cannot be read", "is read again"} {
			if n := strings.Count(f.log.String(), said); n != 1 {
				t.Errorf("said %q %d times:\n%s", said, n, f.log.String())
			}
		}
	})
}

// A transaction that writes and stays open holds the log of PostgreSQL up: the follower says so, by its age and once in
// the log, and goes on when the transaction has ended.
func TestFollowerTellsThatItIsHeldUp(t *testing.T) {
	url := storagetest.Postgres(t)
	db := storagetest.Open(t, url)
	other, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	long, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := long.Exec(`SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *storage.DB) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO changes (at, kind, subject) VALUES ($1, 'test', 1)`,
			storage.Micros(time.Now().Add(-time.Hour)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	f, stop := follow(t, db)
	eventually(t, "it says how far behind it is", func() bool { return f.Behind() >= time.Hour })
	if f.seen() != 0 {
		t.Error("a line was handed on that another may still precede")
	}
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the line", func() bool { return f.seen() == 1 })
	eventually(t, "it has caught up", func() bool { return f.Behind() == 0 })
	stop()
	for _, said := range []string{"far behind", "has caught up"} {
		if n := strings.Count(f.log.String(), said); n != 1 {
			t.Errorf("said %q %d times:\n%s", said, n, f.log.String())
		}
	}
}
