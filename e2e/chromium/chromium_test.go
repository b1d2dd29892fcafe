package chromium

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestPath(t *testing.T) {
	bin := t.TempDir()
	t.Setenv("PATH", bin)
	t.Setenv("CHROME_PATH", "")
	if _, err := Path(); !errors.Is(err, ErrMissing) {
		t.Errorf("with no browser: error %v, want ErrMissing", err)
	}
	chrome := filepath.Join(bin, "google-chrome")
	for _, program := range []string{chrome, filepath.Join(bin, "chromium")} {
		if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Path(); err != nil || got != filepath.Join(bin, "chromium") {
		t.Errorf("Path() = %q, %v; want Debian's Chromium before Chrome", got, err)
	}
	t.Setenv("CHROME_PATH", chrome)
	if got, err := Path(); err != nil || got != chrome {
		t.Errorf("Path() = %q, %v; want the CHROME_PATH given", got, err)
	}
}

func TestFlags(t *testing.T) {
	flags := Flags()
	if !slices.Contains(flags, "headless") {
		t.Errorf("Flags() = %v: no headless", flags)
	}
	if root := os.Geteuid() == 0; slices.Contains(flags, "no-sandbox") != root {
		t.Errorf("Flags() = %v with root %v: the sandbox is off only as root", flags, root)
	}
}
