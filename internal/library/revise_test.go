package library

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestManuscript(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, l := context.Background(), library(db)
		want := draft("a", 1)
		want.Series, want.Part, want.Slug, want.Kind, want.State = "The Strait", 2, "article-a", "column", Published
		want.Corrections = []Correction{{At: noon, Text: "Not so."}}
		want.Hero = &Image{File: strings.Repeat("a", 32) + ".jpg", Alt: "A", Credit: "B"}
		want.BodyHTML, want.BodyMarkdown = "", "One. Two.\n\n<!-- cut -->\n\nThree."
		want.ID = save(t, l, want)[0]
		have, err := l.Manuscript(ctx, want.ID)
		if err != nil {
			t.Fatal(err)
		}
		have.Published, have.Corrections[0].At = have.Published.UTC(), have.Corrections[0].At.UTC()
		if !reflect.DeepEqual(have, want) {
			t.Errorf("the manuscript is\n%+v\nwant\n%+v", have, want)
		}
		_, err = l.Manuscript(ctx, 99)
		wantNotFound(t, "a manuscript that is not there", err)
	})
}

func TestRevise(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, l := context.Background(), library(db)
		id := save(t, l, draft("a", 1))[0]
		before := lines(t, db, "article")
		if err := l.Revise(ctx, id, func(*Draft) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if n := lines(t, db, "article"); n != before {
			t.Errorf("revising nothing wrote %d changes", n-before)
		}
		no := errors.New("no")
		if err := l.Revise(ctx, id, func(d *Draft) error { d.Title = "x"; return no }); !errors.Is(err, no) {
			t.Errorf("a revision that was called off: %v", err)
		}
		if err := l.Revise(ctx, id, func(d *Draft) error { d.Title = " "; return nil }); !fault.Is(err, fault.Invalid) {
			t.Errorf("a revision without a title: %v", err)
		}
		wantNotFound(t, "a revision of nothing", l.Revise(ctx, 99, func(*Draft) error { return nil }))

		var all sync.WaitGroup
		for i := range 6 { // each adds a word of its own: none may be lost
			all.Go(func() {
				word := fmt.Sprint(" more", i)
				if err := l.Revise(ctx, id, func(d *Draft) error { d.Standfirst += word; return nil }); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		d, err := l.Manuscript(ctx, id)
		if err != nil || strings.Count(d.Standfirst, " more") != 6 || d.Title != "Article a" || d.Section != "Briefings" || len(d.Byline) != 2 {
			t.Errorf("after six revisions it is %+v, %v", d, err)
		}
	})
}

// A manuscript is whole: who takes its level away leaves it to the publication. An import that names none keeps it.
func TestReviseTakesTheLevelAway(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, l := context.Background(), library(db)
		d := draft("a", 1)
		d.Level = "open"
		id := save(t, l, d)[0]
		d.Level, d.Title = "", "Imported again"
		save(t, l, d)
		if m, err := l.Manuscript(ctx, id); err != nil || m.Level != "open" || m.Title != "Imported again" {
			t.Errorf("after an import it is %q, %q, %v", m.Title, m.Level, err)
		}
		if err := l.Revise(ctx, id, func(d *Draft) error { d.Level = ""; return nil }); err != nil {
			t.Fatal(err)
		}
		if m, err := l.Manuscript(ctx, id); err != nil || m.Level != "" {
			t.Errorf("the level that was taken away is %q, %v", m.Level, err)
		}
	})
}

// TestManuscriptsAreForTheNewsroom: nobody else calls the function that gives manuscripts away, nor asks Revise for one.
func TestManuscriptsAreForTheNewsroom(t *testing.T) {
	files := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		files++
		b, err := os.ReadFile(name)
		dir, _, _ := strings.Cut(strings.TrimPrefix(filepath.ToSlash(name), "../"), "/")
		if (strings.Contains(string(b), ".Manuscript(") || strings.Contains(string(b), ".ManuscriptIn(") || strings.Contains(string(b), ".Revise(")) && dir != "board" && dir != "desk" && dir != "newsroom" {
			t.Errorf("%s calls Manuscript or Revise", name)
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files, %v", files, err)
	}
}
