package transfer

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// corpus is the library of real documents beside the project or, where there is none, one made up of the same size.
func corpus(b *testing.B) []Source {
	b.Helper()
	files, err := filepath.Glob("../../../shared/corpus/*.jsonl.gz")
	if err != nil {
		b.Fatal(err)
	}
	if len(files) > 0 {
		return must(Files(files))
	}
	var t strings.Builder
	text := strings.Repeat("<p>"+strings.Repeat("A sentence of seven words, like this. ", 20)+"</p>\n", 8)
	for i := range 28_000 {
		fmt.Fprintf(&t, `{"id":"made-%d","title":"Made up %d","published":"%d-%02d-%02d","section":"Section %d","authors":["Author %d"],`+
			`"topics":["Topic %d","Topic %d"],"countries":["Ghana"],"body_html":%q}`+"\n",
			i, i, 1900+i%120, i%12+1, i%28+1, i%7, i%1000, i%20, i%31, text)
	}
	return []Source{source("made up", t.String())}
}

func openBench(b *testing.B, url string) *storage.DB {
	b.Helper()
	return storagetest.Open(b, url)
}

// BenchmarkImport brings the corpus into a new database of each kind. The budget is 1,000 articles a second.
func BenchmarkImport(b *testing.B) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			in := corpus(b)
			for b.Loop() {
				b.StopTimer()
				db := openBench(b, url(b))
				b.StartTimer()
				r := importAll(b, db, in...)
				b.ReportMetric(float64(r.New)/r.Took.Seconds(), "articles/s")
				again := importAll(b, db, in...)
				b.ReportMetric(float64(again.Lines)/again.Took.Seconds(), "unchanged/s")
			}
		})
	}
}

// BenchmarkRead reads from the imported corpus what pages are made of.
func BenchmarkRead(b *testing.B) {
	ctx := context.Background()
	db := openBench(b, storagetest.SQLite(b))
	importAll(b, db, corpus(b)...)
	l := library.New(db, library.Options{})
	deep := library.Cursor{}
	var page library.Listing
	for range 1000 {
		page = must(l.List(ctx, library.Filter{}, deep, 20))
		deep = page.Older
	}
	topics := must(l.Terms(ctx, library.Topic))
	article := page.Items[0]
	for name, read := range map[string]func() error{
		"page 1":    func() error { _, err := l.List(ctx, library.Filter{}, library.Cursor{}, 20); return err },
		"page 1000": func() error { _, err := l.List(ctx, library.Filter{}, deep, 20); return err },
		"topic": func() error {
			_, err := l.List(ctx, library.Filter{Term: topics[0].ID}, library.Cursor{}, 20)
			return err
		},
		"related":     func() error { _, err := l.Related(ctx, article.ID, 6); return err },
		"article":     func() error { _, err := l.BySlug(ctx, article.Slug); return err },
		"months":      func() error { _, err := l.Months(ctx); return err },
		"topics":      func() error { _, err := l.Terms(ctx, library.Topic); return err },
		"recut check": func() error { _, err := l.Recut(ctx); return err },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
