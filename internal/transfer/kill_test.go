package transfer

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// killed names, for the process that is to be killed, the database it imports into.
const killed = "GATEFOLD_TEST_IMPORT_INTO"

func TestMain(m *testing.M) {
	if url := os.Getenv(killed); url != "" {
		if err := importUntilKilled(url, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// importUntilKilled imports a file and says on standard output when the first articles are in.
func importUntilKilled(url, file string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, url, storage.Options{})
	if err != nil {
		return err
	}
	in, err := Files([]string{file})
	if err != nil {
		return err
	}
	said := false
	_, err = ImportJSONL(ctx, library.New(db, library.Options{}), nil, in, func(p Progress) {
		if p.New > 0 && !said {
			said = true
			fmt.Println("begun")
		}
	})
	return err
}

// TestKilled kills an import without warning, a little later each time, and runs it again.
func TestKilled(t *testing.T) {
	const lines = 4000
	file := filepath.Join(t.TempDir(), "a.jsonl")
	if err := os.WriteFile(file, []byte(articles(lines)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			db := storagetest.Open(t, at)
			for i := range 4 {
				killOne(t, at, file, time.Duration(i)*30*time.Millisecond)
			}
			r := importAll(t, db, must(Files([]string{file}))...)
			if r.Same == 0 || r.New+r.Same != lines || r.Changed+r.Bad != 0 {
				t.Errorf("after the kills: %s", r)
			}
			wantReport(t, importAll(t, db, must(Files([]string{file}))...), fmt.Sprintf("0 new, 0 changed, %d the same", lines))
		})
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// killOne starts an import and kills it some time after its first articles are in, or after it is done.
func killOne(t *testing.T, url, file string, after time.Duration) {
	t.Helper()
	c := exec.Command(os.Args[0], file)
	c.Env = append(os.Environ(), killed+"="+url)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = out.Read(make([]byte, 1)) // the first articles, or the end when all are there already
	time.Sleep(after)
	_ = c.Process.Kill()
	_ = c.Wait()
}
