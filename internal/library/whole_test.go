package library

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWholesAreForTheIndex: package search alone calls the function that gives texts away without a decision.
func TestWholesAreForTheIndex(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(b), ".Wholes(") && filepath.Dir(name) != filepath.Join("..", "search") {
			t.Errorf("%s calls Wholes", name)
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files, %v", files, err)
	}
}
