package demo

import (
	"context"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func inventor(t testing.TB) *filler {
	f := &filler{journal: embedded(t), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), heroes: map[string]library.Image{}}
	for _, p := range f.journal.photos {
		f.heroes[p.File] = library.Image{File: p.File}
	}
	return f
}

var tag = regexp.MustCompile(`</?[a-z0-9]+>`)

func TestInvent(t *testing.T) {
	f := inventor(t)
	counts := map[string]int{}
	years := map[int]int{}
	titles := map[string]bool{}
	const n = 5000
	for number := range n {
		d := f.invent(number)
		if again := f.invent(number); !reflect.DeepEqual(d, again) {
			t.Fatalf("article %d is not always the same", number)
		}
		text := tag.ReplaceAllString(d.BodyHTML, " ")
		if words := len(strings.Fields(text)); words < 400 || words > 900 {
			t.Errorf("article %d has %d words", number, words)
		}
		if all := d.Title + d.Standfirst + d.BodyHTML; strings.ContainsAny(all, "{}&\"'") || strings.Contains(all, "  ") ||
			strings.Contains(text, "<") || !strings.Contains(text, colophon) || !unicode.IsUpper([]rune(d.Title)[0]) {
			t.Errorf("article %d: %s / %s / %s", number, d.Title, d.Standfirst, d.BodyHTML)
		}
		if age := f.now.Sub(d.Published); age < (newestGenerated-1)*24*time.Hour || age > (oldestGenerated+1)*24*time.Hour {
			t.Errorf("article %d is %s old", number, age)
		}
		for _, name := range append([]string{string(d.Level), d.Section, d.Kind}, append(d.Topics, append(d.Byline, d.Countries...)...)...) {
			counts[name]++
		}
		years[d.Published.Year()]++
		titles[d.Title] = true
	}
	expected := append(append(append(names(sections), names(topics)...), f.journal.names()...), countries...)
	for _, name := range append(expected, "open", "registered", "metered", "subscriber") {
		if counts[name] == 0 {
			t.Errorf("none of %d is %s", n, name)
		}
	}
	for y := 2007; y <= 2025; y++ {
		if years[y] < n/40 {
			t.Errorf("%d of %d are of %d", years[y], n, y)
		}
	}
	if counts["metered"] != n*6/10 || len(titles) < n/3 {
		t.Errorf("%d are metered, %d titles differ", counts["metered"], len(titles))
	}
}

// Every template of the grammar can be filled in for every topic.
func TestTheGrammarIsWhole(t *testing.T) {
	topicsKnown := names(topics)
	for i, g := range grammars {
		if g.topic != topicsKnown[i] {
			t.Errorf("grammar %d is of %s, want %s", i, g.topic, topicsKnown[i])
		}
		w := &writer{Rand: rand.New(rand.NewPCG(1, 2)), topic: g, country: "Chile"}
		for _, list := range [][]string{titles, standfirsts, openings, turns, closings, headings, maxims, middles} {
			for _, template := range list {
				if s := w.sentence(template); s == "" || strings.ContainsAny(s, "{}") {
					t.Errorf("%q became %q", template, s)
				}
			}
		}
	}
	for _, c := range countries {
		if library.RegionOf(c) == "" {
			t.Errorf("the region of %s is not known", c)
		}
	}
}

func BenchmarkInvent(b *testing.B) {
	f := inventor(b)
	for n := 0; b.Loop(); n++ {
		f.invent(n)
	}
}

// BenchmarkGenerate writes articles to a SQLite database, with everything that belongs to saving them. The budget is
// 1,000 a second.
func BenchmarkGenerate(b *testing.B) {
	ctx := context.Background()
	db := storagetest.Open(b, storagetest.SQLite(b))
	f := inventor(b)
	f.Deps = Deps{Library: library.New(db, library.Options{}), Media: pictures}
	b.ResetTimer()
	if err := f.generate(ctx, b.N, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(f.summary.Generated)/b.Elapsed().Seconds(), "articles/s")
}
