package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// The rows written here are what the product takes for a reader who signed in.
func TestSeededReadersAreSignedIn(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		first, err := addReaders(t.Context(), db, 3)
		if err != nil {
			t.Fatal(err)
		}
		second, err := addReaders(t.Context(), db, 2)
		if err != nil {
			t.Fatal(err)
		}
		out, err := outbox.New(t.Context(), db, outbox.Options{Domain: "bench.example"})
		if err != nil {
			t.Fatal(err)
		}
		all, err := readers.New(t.Context(), db, out, readers.Options{Publication: readers.Publication{Name: "The Bench", Origin: "http://bench.example"}})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int64]bool{}
		for _, p := range slices.Concat(first, second) {
			s, err := all.Session(t.Context(), strings.TrimPrefix(p.cookie, "session="))
			if err != nil || s.Reader.ID != p.id || s.Reader.Confirmed.IsZero() || seen[p.id] {
				t.Errorf("reader %d: session of reader %d, confirmed %v, %v", p.id, s.Reader.ID, s.Reader.Confirmed, err)
			}
			seen[p.id] = true
		}
	})
}

func TestNewestOf(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library.New(db, library.Options{})
		begin := time.Now().Add(-1000 * time.Hour)
		for i := range 6 {
			_, err := l.Save(t.Context(), library.Draft{Title: fmt.Sprintf("Article %d", i), BodyMarkdown: "Text.",
				Level: []access.Level{access.Metered, access.Open}[i%2], Published: begin.Add(time.Duration(i) * time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := newestOf(t.Context(), l, access.Metered, 2)
		if err != nil || fmt.Sprint(got) != "[article-4 article-2]" {
			t.Errorf("the newest two behind the wall: %v, %v", got, err)
		}
		if _, err := newestOf(t.Context(), l, access.Metered, 4); err == nil {
			t.Error("a fourth was found of three")
		}
	})
}
