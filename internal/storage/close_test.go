package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// A database that was closed in order is one file: whoever copies it then has everything.
func TestCloseLeavesOneFile(t *testing.T) {
	ctx, path := context.Background(), storagetest.SQLite(t)
	db, err := storage.Open(ctx, path, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, 7) }); err != nil {
		t.Fatal(err)
	}
	if !subjects(t, db)[7] {
		t.Fatal("what was written is not there")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left behind (%v)", suffix, err)
		}
	}
	if !subjects(t, storagetest.Open(t, path))[7] {
		t.Error("after opening again it is gone")
	}
}
