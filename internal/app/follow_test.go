package app

import (
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// While a long transaction holds the change log up, the site answers and says that it may be behind.
func TestReadyTellsOfALateChangeLog(t *testing.T) {
	url := storagetest.Postgres(t)
	n := start(t, testConfig(t.TempDir(), url))
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
	err = n.DB.Write(t.Context(), func(tx *storage.DB) error {
		_, err := tx.Exec(t.Context(), `INSERT INTO changes (at, kind, subject) VALUES ($1, 'site', 0)`,
			storage.Micros(time.Now().Add(-time.Hour)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	told := func() bool {
		status, body := n.get("/readyz")
		if status != http.StatusOK {
			t.Fatalf("%d: %s", status, body)
		}
		return strings.Contains(body, "change log: 1h")
	}
	eventually(t, 30*time.Second, "it says that it is behind", told)
	if err := long.Rollback(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "it says so no more", func() bool { return !told() })
}
