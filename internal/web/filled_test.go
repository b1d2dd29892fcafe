package web

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/storage"
)

// The files of a test site, under its folder.
const (
	database = "gatefold.db"
	pictures = "media"
)

// openFile opens the database in a folder as it is.
func openFile(t testing.TB, dir string) *storage.DB {
	t.Helper()
	db, err := storage.Open(context.Background(), filepath.Join(dir, database), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// filled are the files of a test site that nobody has asked for anything yet. They are made once: to copy them takes a
// tenth of the time.
var filled struct {
	sync.Mutex
	files fstest.MapFS
	photo media.Image
}

func fillOnce(t testing.TB) (fs.FS, media.Image) {
	t.Helper()
	filled.Lock()
	defer filled.Unlock()
	if filled.files != nil {
		return filled.files, filled.photo
	}
	dir, ctx := t.TempDir(), context.Background()
	db, err := storage.Open(ctx, filepath.Join(dir, database), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	s := &testSite{t: t, db: db, clock: &clock{at: testStart}, log: &logbook{}, disk: filepath.Join(dir, pictures)}
	s.Site = &Site{Deps: s.deps(ctx, config.Default())}
	s.fill(ctx)
	if err := db.Close(); err != nil { // which leaves one file
		t.Fatal(err)
	}
	files, all := fstest.MapFS{}, os.DirFS(dir)
	if err := fs.WalkDir(all, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(all, path)
		files[path] = &fstest.MapFile{Data: b, Mode: 0o600}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	filled.files, filled.photo = files, s.photo
	return filled.files, filled.photo
}
