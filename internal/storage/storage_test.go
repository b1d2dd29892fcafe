package storage_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func note(ctx context.Context, tx *storage.DB, subject int64) error {
	return tx.Changed(ctx, "test", subject)
}

func subjects(t *testing.T, db *storage.DB) map[int64]bool {
	t.Helper()
	out := map[int64]bool{}
	for _, c := range storagetest.Log(t, db) {
		out[c.Subject] = true
	}
	return out
}

func TestWriteKeepsWhatSucceedsAndUndoesWhatFails(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		refused := errors.New("refused")
		var wg sync.WaitGroup
		for i := range int64(60) {
			wg.Go(func() {
				err := db.Write(ctx, func(tx *storage.DB) error {
					if err := note(ctx, tx, i); err != nil {
						return err
					}
					if i%3 == 0 {
						return refused
					}
					return nil
				})
				if (i%3 == 0) != errors.Is(err, refused) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		have := subjects(t, db)
		for i := range int64(60) {
			if have[i] != (i%3 != 0) {
				t.Errorf("write %d: present %v", i, have[i])
			}
		}
	})
}

func TestPanicRollsBackAndReachesItsCaller(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not reach the caller")
				}
			}()
			_ = db.Write(ctx, func(tx *storage.DB) error {
				if err := note(ctx, tx, 1); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		if err := db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, 2) }); err != nil {
			t.Fatal(err)
		}
		if have := subjects(t, db); have[1] || !have[2] {
			t.Errorf("subjects %v, want 2 alone", have)
		}
	})
}

// many writes the change of subject 0, and after it others for a while.
func many(ctx context.Context, tx *storage.DB) error {
	_, err := tx.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO changes (at, kind, subject) SELECT i, 'test', CASE WHEN i = 0 THEN 0 ELSE 1000 + i END FROM n`)
	return err
}

// A request that is given up before or in the midst of its write is there or is not, as it was answered, and takes
// nothing of the others with it.
func TestCancelledWriteLeavesTheBatchWhole(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		if err := db.Write(gone, func(tx *storage.DB) error { return note(gone, tx, 100) }); err == nil {
			t.Error("a cancelled write was answered as done")
		}
		done := make([]bool, 20)
		var wg sync.WaitGroup
		for i := range done {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				err := db.Write(ctx, func(tx *storage.DB) error {
					switch {
					case i == 0: // in the midst of a statement
						time.AfterFunc(10*time.Millisecond, cancel)
						return many(ctx, tx)
					case i%4 == 0: // between two
						cancel()
					}
					return note(ctx, tx, int64(i))
				})
				if done[i] = err == nil; err != nil && i%4 != 0 {
					t.Errorf("write %d suffered: %v", i, err)
				}
			})
		}
		wg.Wait()
		have := subjects(t, db)
		for i := range done {
			if have[int64(i)] != done[i] {
				t.Errorf("write %d: answered %v, present %v", i, done[i], have[int64(i)])
			}
		}
		if have[100] {
			t.Error("the cancelled write is there")
		}
	})
}

// Who waits for a connection of PostgreSQL is not handed one that was closed because somebody else gave up.
func TestGivenUpWritesHarmNobody(t *testing.T) {
	ctx, url := context.Background(), storagetest.Postgres(t)
	storagetest.Open(t, url) // brings it to its schema
	db, err := storage.Open(ctx, url, storage.Options{ReadConnections: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 20 {
				ctx, cancel := context.WithCancel(ctx)
				err := db.Write(ctx, func(tx *storage.DB) error {
					if i%4 != 0 {
						cancel()
					}
					return note(ctx, tx, int64(i))
				})
				if cancel(); err != nil && i%4 == 0 {
					t.Errorf("a write that nobody gave up: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestExecOutsideOfWriteIsRefused(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		if _, err := db.Exec(context.Background(), `DELETE FROM changes`); err == nil {
			t.Error("Exec ran outside of Write")
		}
		err := db.Read(context.Background(), func(tx *storage.DB) error {
			return tx.Write(context.Background(), func(*storage.DB) error { return nil })
		})
		if err == nil {
			t.Error("Write ran inside of Read")
		}
	})
}

func TestReadSeesOneSnapshot(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		count := func(d *storage.DB) (n int) {
			if err := d.QueryRow(ctx, `SELECT COUNT(*) FROM changes`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		err := db.Read(ctx, func(tx *storage.DB) error {
			before := count(tx)
			if err := db.Write(ctx, func(w *storage.DB) error { return note(ctx, w, 1) }); err != nil {
				return err
			}
			if after := count(tx); after != before {
				t.Errorf("the snapshot moved from %d to %d", before, after)
			}
			return nil
		})
		if err != nil || count(db) != 1 {
			t.Errorf("err %v, count %d", err, count(db))
		}
	})
}

func TestFollowSeesEveryChangeOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		const writers, each = 8, 50
		seen := make(chan storage.Change, writers*each)
		go db.Follower(storage.Position{}, func(cs []storage.Change) {
			for _, c := range cs {
				seen <- c
			}
		}, slog.New(slog.DiscardHandler)).Run(ctx)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					if err := db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, int64(w*each+i)) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		have, times := map[int64]bool{}, 0
		for len(have) < writers*each {
			select {
			case c := <-seen:
				times++
				have[c.Subject] = true
			case <-ctx.Done():
				t.Fatalf("%d of %d changes seen", len(have), writers*each)
			}
		}
		if times != writers*each {
			t.Errorf("%d changes seen in %d calls", writers*each, times)
		}
	})
}

// Processes that start at once on a new database migrate it one after the other.
func TestMigrateAtOnce(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			ctx, at := t.Context(), url(t)
			var starting sync.WaitGroup
			for range 4 {
				starting.Go(func() {
					db, err := storage.Open(ctx, at, storage.Options{})
					if err != nil {
						t.Error(err)
						return
					}
					if err := errors.Join(db.Migrate(ctx), db.CheckSchema(ctx), db.Close()); err != nil {
						t.Error(err)
					}
				})
			}
			starting.Wait()
			var rows, versions int
			err := storagetest.Open(t, at).QueryRow(ctx, `SELECT COUNT(*), COUNT(DISTINCT version_id) FROM goose_db_version`).Scan(&rows, &versions)
			if err != nil || rows != versions || rows < 2 {
				t.Errorf("%d migrations of %d versions, %v", rows, versions, err)
			}
		})
	}
}

// A database that is not migrated is told from one that is, and is not touched by that.
func TestCheckSchema(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			db, err := storage.Open(t.Context(), url(t), storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			for range 2 {
				if err := db.CheckSchema(t.Context()); err == nil || !strings.Contains(err.Error(), "has schema 0") ||
					!strings.Contains(err.Error(), "gatefold migrate") {
					t.Errorf("an empty database: %v", err)
				}
			}
			if err := db.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := db.CheckSchema(t.Context()); err != nil {
				t.Errorf("one that was migrated: %v", err)
			}
		})
	}
}

func TestMigrateTwiceAndRefuseANewerSchema(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		if err := db.Migrate(ctx); err != nil {
			t.Fatalf("second Migrate: %v", err)
		}
		err := db.Write(ctx, func(tx *storage.DB) error {
			yes := "1"
			if tx.Dialect() == storage.PostgreSQL {
				yes = "TRUE"
			}
			_, err := tx.Exec(ctx, fmt.Sprintf(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, %s)`, yes))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if db.Migrate(ctx) == nil || db.CheckSchema(ctx) == nil {
			t.Error("a schema newer than the binary was accepted")
		}
	})
}

func TestTimesRoundTrip(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 1000).UTC(), time.Date(1790, 1, 8, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 23, 6, 0, 0, 123456000, time.UTC)} {
		if got := storage.Time(storage.Micros(at)); !got.Equal(at) {
			t.Errorf("%v came back as %v", at, got)
		}
	}
}
