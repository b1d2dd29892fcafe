package storage_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// While another process holds the file, writing is unavailable, and works again afterwards.
func TestLockedSQLiteIsUnavailable(t *testing.T) {
	ctx, path := context.Background(), storagetest.SQLite(t)
	db, err := storage.Open(ctx, path, storage.Options{BusyTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	held, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	write := func() error {
		return db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, 7) })
	}
	err = write()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Unavailable || f.RetryAfter <= 0 {
		t.Errorf("writing to a locked file: %v", err)
	}
	if err := held.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Errorf("after it was let go: %v", err)
	}
}

// What is wrong with a statement is not the database's being away.
func TestFaultyStatementIsNoOutage(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		if _, err := db.Query(t.Context(), "SELECT nothing FROM nowhere"); err == nil || fault.Is(err, fault.Unavailable) {
			t.Errorf("a table that is not there: %v", err)
		}
	})
}

// A connection that is lost in the midst of a write is an outage, and the next one works again.
func TestLostConnectionIsUnavailable(t *testing.T) {
	db := storagetest.Open(t, storagetest.Postgres(t))
	err := db.Write(t.Context(), func(tx *storage.DB) error {
		if err := note(t.Context(), tx, 1); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("the statement that the connection broke in: %v", err)
		}
		return note(t.Context(), tx, 2)
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("the write that goes on: %v", err)
	}
	if err := db.Write(t.Context(), func(tx *storage.DB) error { return note(t.Context(), tx, 3) }); err != nil {
		t.Errorf("a write afterwards: %v", err)
	}
}

func TestPostgreSQLOutOfReachIsUnavailable(t *testing.T) {
	_, err := storage.Open(t.Context(), "postgres://nobody@127.0.0.1:1/none?connect_timeout=1", storage.Options{})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("nobody listens there: %v", err)
	}
}
