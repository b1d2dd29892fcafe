// Package storagetest runs a store's tests on both databases.
package storagetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
)

// PostgresEnv names the variable that holds the URL of a PostgreSQL whose databases the tests may make and drop.
const PostgresEnv = "GATEFOLD_TEST_POSTGRES"

// Run runs f on a fresh, migrated SQLite database and on a fresh, migrated PostgreSQL database. Without PostgreSQL
// its half is skipped with a clear line; in CI (CI=true) it fails.
func Run(t *testing.T, f func(t *testing.T, db *storage.DB)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, Open(t, SQLite(t))) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, Open(t, Postgres(t))) })
}

// SQLite returns the path of a database that is not made yet.
func SQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "gatefold.db") }

// Postgres returns the URL of a fresh, empty database that is dropped after the test.
func Postgres(t testing.TB) string {
	t.Helper()
	base := os.Getenv(PostgresEnv)
	if base == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: in CI the tests run on PostgreSQL too", PostgresEnv)
		}
		t.Skipf("the PostgreSQL half is skipped: set %s=postgres://… to run it", PostgresEnv)
	}
	u, err := url.Parse(base)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresEnv)
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	name := "gatefold_test_" + random()
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
		_ = admin.Close()
	})
	u.Path = "/" + name
	return u.String()
}

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
