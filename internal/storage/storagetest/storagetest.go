// Package storagetest runs a store's tests on both databases.
package storagetest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"path/filepath"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
)

// Run runs f on a fresh, migrated SQLite database and on a fresh, migrated PostgreSQL database. Without PostgreSQL
// its half is skipped with a clear line; in CI (CI=true) it fails.
func Run(t *testing.T, f func(t *testing.T, db *storage.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, Open(t, SQLite(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, openMigrated(t)) })
}

// SQLite returns the path of a database that is not made yet.
func SQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "gatefold.db") }

// Open opens and migrates a database and closes it after the test.
func Open(t testing.TB, url string) *storage.DB {
	t.Helper()
	ctx := context.Background()
	db, err := storage.Open(ctx, url, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return db
}

// Log returns the whole change log by kind and subject, settled or not: other tests' transactions on the same
// PostgreSQL hold back what LastChange and ChangesSince tell.
func Log(t testing.TB, db *storage.DB) (log []storage.Change) {
	t.Helper()
	rows, err := db.Query(context.Background(), `SELECT kind, subject FROM changes ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var c storage.Change
		if err := rows.Scan(&c.Kind, &c.Subject); err != nil {
			t.Fatal(err)
		}
		log = append(log, c)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return log
}

func random() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
