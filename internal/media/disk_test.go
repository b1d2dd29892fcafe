package media

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func openDisk(t *testing.T, dir string) *Disk {
	t.Helper()
	d, err := OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestDiskKeeps(t *testing.T) {
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "made", "when missing")
	d := openDisk(t, dir)
	var wg sync.WaitGroup
	for range 8 { // the same key by many
		wg.Go(func() {
			if err := d.Keep(ctx, "3f/3f9a-320.jpg", []byte("a picture")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, d := range []*Disk{d, openDisk(t, dir)} {
		f, err := d.Open(ctx, "3f/3f9a-320.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, []byte("a picture")) || f.Close() != nil {
			t.Errorf("read %q, %v", b, err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left unfinished: %v, %v", left, err)
	}
	if _, err := d.Open(ctx, "3f/other"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open what is not there: %v", err)
	}
}

func TestDiskStaysInItsFolder(t *testing.T) {
	ctx := context.Background()
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(outside, "pictures")
	d := openDisk(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../secret", "link/secret", filepath.Join(outside, "secret"), "3f/../../secret", ""} {
		if _, err := d.Open(ctx, key); err == nil {
			t.Errorf("%q was opened", key)
		}
		if err := d.Keep(ctx, key, []byte("overwritten")); err == nil {
			t.Errorf("%q was written", key)
		}
	}
	if b, err := os.ReadFile(filepath.Join(outside, "secret")); err != nil || string(b) != "secret" {
		t.Errorf("the file outside holds %q, %v", b, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, unfinished)); err != nil || len(left) != 0 {
		t.Errorf("left unfinished: %v, %v", left, err)
	}
}

// What a killed process left is swept away, what one that lives is writing is not.
func TestDiskSweepsWhatWasAbandoned(t *testing.T) {
	dir := t.TempDir()
	openDisk(t, dir)
	for name, age := range map[string]time.Duration{"old": 2 * abandoned, "young": 0} {
		file := filepath.Join(dir, unfinished, name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	openDisk(t, dir)
	left, err := os.ReadDir(filepath.Join(dir, unfinished))
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestDiskSaysWhyItCannotOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDisk(file); err == nil {
		t.Error("a file was opened as a folder")
	}
}
