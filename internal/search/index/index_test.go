package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/search/words"
)

var english = words.For("en")

// doc is a document of a title and a text.
func doc(id, version int64, title, body string) Document {
	d := Document{ID: id, Version: version, Published: id * 1e6, Level: "open", Kind: "news", Section: 3, Terms: []int64{3, id + 100}}
	d.Text[Title], d.Text[Body] = title, body
	return d
}

func build(docs ...Document) *Builder {
	b := NewBuilder(english)
	for _, d := range docs {
		b.Add(d)
	}
	return b
}

// found returns where a stem stands, a line an article, of those that are there.
func found(t testing.TB, x *Index, stem string) (lines []string) {
	t.Helper()
	set := x.Set()
	for i, s := range set.Segments {
		e, ok, err := s.Lookup(stem)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			continue
		}
		p, err := s.Postings(e, true)
		if err != nil {
			t.Fatal(err)
		}
		for p.Next() {
			if set.Dead[i].Has(p.Doc) {
				continue
			}
			line := fmt.Sprint(s.IDs[p.Doc])
			for f := range Fields {
				if p.Mask&(1<<f) != 0 {
					line += fmt.Sprintf(" %d×%d%v", f, p.TF[f], p.Positions(f, nil))
				}
			}
			lines = append(lines, line)
		}
		if p.Damaged() {
			t.Errorf("%s: damaged", stem)
		}
		p.Release()
	}
	slices.Sort(lines)
	return lines
}

func want(t testing.TB, x *Index, stem string, lines ...string) {
	t.Helper()
	if have := found(t, x, stem); !slices.Equal(have, lines) {
		t.Errorf("%s stands in %q, want %q", stem, have, lines)
	}
}

func TestApplyReplacesAndDeletes(t *testing.T) {
	dir := t.TempDir()
	x, err := Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		b       *Builder
		deleted []int64
	}{
		{build(doc(1, 1, "Banks of Ghana", "The banks lend; a bank fails."), doc(2, 1, "Rivers", "The river bank.")), nil},
		{build(doc(2, 2, "Rivers", "Only water.")), nil},
		{build(doc(3, 1, "Gone", "A bank."), doc(4, 1, "Bank", "A bank.")), nil},
		{build(), []int64{3, 99}},
	}
	for _, s := range steps {
		if err := x.Apply(s.b, s.deleted); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"as written", "opened again", "merged"} {
		t.Run(name, func(t *testing.T) {
			switch name {
			case "opened again":
				if err := x.Close(); err != nil {
					t.Fatal(err)
				}
				if x, err = Open(dir); err != nil {
					t.Fatal(err)
				}
			case "merged":
				if err := x.MergeAll(); err != nil {
					t.Fatal(err)
				}
				if n := len(x.Set().Segments); n != 1 {
					t.Errorf("%d segments", n)
				}
			}
			want(t, x, "bank", "1 0×1[0] 4×2[1 4]", "4 0×1[0] 4×1[1]")
			want(t, x, "river", "2 0×1[0]")
			want(t, x, "water", "2 4×1[1]")
			want(t, x, "of", "1 0×1[1]")
			want(t, x, "the")
			if x.Set().Docs != 3 || x.Version(2) != 2 || x.Version(3) != 0 {
				t.Errorf("%d articles, 2 in version %d, 3 in %d", x.Set().Docs, x.Version(2), x.Version(3))
			}
		})
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

// What is merged while articles come, change and go says the same as an index that was built at once.
func TestMergedIsTheSameAsFresh(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range 3 + r.IntN(40) {
			fmt.Fprintf(&b, "w%d ", r.IntN(60)*r.IntN(60))
		}
		return b.String()
	}
	x, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := map[int64]Document{}
	for step := range 60 {
		b := NewBuilder(english)
		for range r.IntN(8) {
			d := doc(int64(1+r.IntN(80)), int64(step+1), text(), text())
			now[d.ID] = d
			b.Add(d)
		}
		var gone []int64
		if id := int64(1 + r.IntN(80)); step%3 == 0 {
			gone = append(gone, id)
			if !slices.Contains(b.table.IDs, id) {
				delete(now, id)
			}
		}
		merged := make(chan error, 1)
		go func() { _, err := x.Merge(); merged <- err }()
		if err := x.Apply(b, gone); err != nil {
			t.Fatal(err)
		}
		if err := <-merged; err != nil {
			t.Fatal(err)
		}
	}
	fresh, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	all := NewBuilder(english)
	for _, d := range now {
		all.Add(d)
	}
	if err := fresh.Apply(all, nil); err != nil {
		t.Fatal(err)
	}
	if a, b := x.Set(), fresh.Set(); a.Docs != b.Docs || len(a.Segments) > mergeAbove+1 {
		t.Errorf("%d articles in %d segments, fresh %d", a.Docs, len(a.Segments), b.Docs)
	}
	for n := range 3600 {
		want(t, x, fmt.Sprintf("w%d", n), found(t, fresh, fmt.Sprintf("w%d", n))...)
	}
}

func TestDictionary(t *testing.T) {
	b := NewBuilder(english)
	var text strings.Builder
	for n := range 1000 {
		fmt.Fprintf(&text, "q%04dx ", n*7)
	}
	b.Add(doc(1, 1, "T", text.String()))
	x, err := Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Apply(b, nil); err != nil {
		t.Fatal(err)
	}
	s := x.Set().Segments[0]
	for n := range 7000 {
		_, ok, err := s.Lookup(fmt.Sprintf("q%04dx", n))
		if err != nil || ok != (n%7 == 0) {
			t.Fatalf("q%04dx: %v, %v", n, ok, err)
		}
	}
	for start, n := range map[string]int{"q": 1000, "q00": 15, "q0007x": 1, "q0008": 0, "a": 0, "zz": 0, "": 1001} {
		list, err := s.Prefixed(start, 2000)
		if err != nil || len(list) != n {
			t.Errorf("%d words begin with %q, want %d (%v)", len(list), start, n, err)
		}
	}
	if list, _ := s.Prefixed("q", 10); len(list) != 10 {
		t.Errorf("%d words, want 10", len(list))
	}
}

func TestLengths(t *testing.T) {
	for n := range 31 {
		if got := Length(packLength(n)); got != float64(n) {
			t.Errorf("%d is kept as %v", n, got)
		}
	}
	for n := 32; n < 200_000; n = n*9/8 + 1 {
		if got := Length(packLength(n)); got < float64(n)*0.975 || got > float64(n)*1.025 {
			t.Errorf("%d is kept as %v", n, got)
		}
	}
}

func TestPublicWords(t *testing.T) {
	d := doc(1, 1, "Title", "Opening words of it. Secret rest opening.")
	d.Teaser = "Opening words of it."
	b := build(d)
	if got := b.table.Public[0]; got != 4 {
		t.Errorf("%d words are public, want 4", got)
	}
	v, err := decodeVocabulary(b.vocabulary())
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, w := range v.Words {
		have = append(have, w.Text)
	}
	if !slices.Equal(have, []string{"opening", "title", "words"}) {
		t.Errorf("the vocabulary is %q", have)
	}
}
