package storage_test

import (
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

// Every node asks four times a second for what is new. That there is nothing must cost nothing, however long the log:
// both databases begin to read at the place asked after.
func TestChangesAreFoundByTheirPlace(t *testing.T) {
	want := map[storage.Dialect]string{
		storage.SQLite:     "SEARCH changes USING INTEGER PRIMARY KEY (rowid>?)",
		storage.PostgreSQL: "Index Cond: ((ROW(tx, id) > ROW(",
	}
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, explain := context.Background(), "EXPLAIN QUERY PLAN "
		err := db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
				INSERT INTO changes (at, kind, subject) SELECT i, 'article', i FROM n`)
			if err == nil && tx.Dialect() == storage.PostgreSQL {
				explain = "EXPLAIN "
				_, err = tx.Exec(ctx, `ANALYZE changes`) // or the plan is one for a table nothing is known of
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := db.Query(ctx, explain+`SELECT tx, id, kind, subject FROM changes WHERE `+db.Since()+` LIMIT 1000`, 0, 19_000)
		if err != nil {
			t.Fatal(err)
		}
		if plan := lastColumn(t, rows); !strings.Contains(plan, want[db.Dialect()]) {
			t.Errorf("the plan is\n%s\nwant %s", plan, want[db.Dialect()])
		}
	})
}

// Following takes none of the connections that everything else waits for.
func TestFollowOverOneConnection(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			at := url(t)
			storagetest.Open(t, at) // brings it to its schema
			db, err := storage.Open(ctx, at, storage.Options{ReadConnections: 1})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			seen := make(chan int64, 10)
			var following sync.WaitGroup
			following.Go(func() {
				db.Follower(storage.Position{}, func(cs []storage.Change) {
					for _, c := range cs {
						seen <- c.Subject
					}
				}, slog.New(slog.DiscardHandler)).Run(ctx)
			})
			for subject := range int64(10) {
				if err := db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, subject) }); err != nil {
					t.Fatal(err)
				}
				if got := <-seen; got != subject {
					t.Errorf("saw %d, want %d", got, subject)
				}
			}
			cancel()
			following.Wait()
		})
	}
}

// lastColumn returns the texts of the last column, a line each.
func lastColumn(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var text string
	row := make([]any, len(columns))
	for i := range row {
		row[i] = new(any)
	}
	row[len(row)-1] = &text
	var all strings.Builder
	for rows.Next() {
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		all.WriteString(text + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
