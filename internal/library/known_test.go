package library_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestKnown(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		l := library.New(db, library.Options{})
		want := map[string]int64{}
		var ask []string
		for n := range 50 {
			d := library.Draft{Source: fmt.Sprint("paper:", n), Title: fmt.Sprint("Article ", n), BodyHTML: "<p>Text.</p>",
				Published: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
			ask = append(ask, d.Source)
			if n%3 == 0 {
				continue
			}
			if n%2 == 0 {
				d.State = library.Drafted
			}
			id, err := l.Save(ctx, d)
			if err != nil {
				t.Fatal(err)
			}
			want[d.Source] = id
		}
		got, err := l.Known(ctx, append(ask, "", ask[1]))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Known = %v, %v, want %v", got, err, want)
		}
		if got, err := l.Known(ctx, nil); err != nil || len(got) != 0 {
			t.Errorf("Known of nothing = %v, %v", got, err)
		}
	})
}
