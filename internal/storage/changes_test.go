package storage_test

import (
	"context"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Every node asks four times a second for what is new. That there is nothing must cost nothing, however long the log.
func TestChangesSinceTheLastOneAreCheap(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		err := db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
				INSERT INTO changes (at, kind, subject) SELECT i, 'article', i FROM n`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var last storage.Position
		for deadline := time.Now().Add(20 * time.Second); last == (storage.Position{}); { // others' transactions may be under way
			if last, err = db.LastChange(ctx); err != nil || time.Now().After(deadline) {
				t.Fatalf("last change: %v", err)
			}
		}
		const asked, each = 100, 4 * time.Millisecond
		began := time.Now()
		for range asked {
			if list, err := db.ChangesSince(ctx, last); err != nil || len(list) > 0 {
				t.Fatalf("%d changes after the last: %v", len(list), err)
			}
		}
		if took := time.Since(began); took > asked*each {
			t.Errorf("asking %d times took %v, want at most %v each", asked, took, each)
		}
	})
}
