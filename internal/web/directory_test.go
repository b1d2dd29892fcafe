package web

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

func TestNamesAreSortedAsReadersLookForThem(t *testing.T) {
	var terms []library.TermCount
	for i, name := range []string{"Zambia", "Éritrea", "中国", "albania", "Åland", "3 Musketeers", "Côte d’Ivoire"} {
		terms = append(terms, library.TermCount{Term: library.Term{ID: int64(i), Name: name}})
	}
	sortByName(terms)
	var names, letters []string
	for _, t := range terms {
		names, letters = append(names, t.Name), append(letters, initial(t.Name))
	}
	same(t, "names", names, "3 Musketeers", "Åland", "albania", "Côte d’Ivoire", "Éritrea", "Zambia", "中国")
	same(t, "letters", letters, "0–9", "A", "A", "C", "E", "Z", "中")
}

func TestMost(t *testing.T) {
	var terms []library.TermCount
	for i, n := range []int{5, 1, 9, 1, 7} {
		terms = append(terms, library.TermCount{Term: library.Term{ID: int64(i), Name: string(rune('a' + i))}, Articles: n})
	}
	for n, want := range map[int]string{0: "", 1: "c", 3: "ace", 4: "abce", 5: "abcde", 6: "abcde"} {
		got := ""
		for _, t := range most(terms, n) {
			got += t.Name
		}
		if got != want {
			t.Errorf("the %d with most: %q, want %q", n, got, want)
		}
	}
	if slices.IndexFunc(terms, func(t library.TermCount) bool { return t.Name == "b" }) != 1 {
		t.Error("most changed the list it was given")
	}
}

// The lists are read once, and again after a change and when a scheduled article appears.
func TestDirectoryIsKeptAndDropped(t *testing.T) {
	ctx := context.Background()
	s := newTestSite(t)
	s.settle()
	count := func() (articles, months int) {
		t.Helper()
		terms, err := s.termsOf(ctx, library.Section)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range terms {
			articles += one.Articles
		}
		years, err := s.monthsOf(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return articles, total(years)
	}
	const filled = 9
	if a, m := count(); a != filled || m != filled {
		t.Fatalf("%d articles by section and %d by month, want %d", a, m, filled)
	}
	s.save(draftOf("one-more", access.Open, testStart.AddDate(0, 0, -1)))
	if a, m := count(); a != filled || m != filled {
		t.Errorf("%d and %d: the lists were read again without a change being told", a, m)
	}
	s.settle()
	if a, m := count(); a != filled+1 || m != filled+1 {
		t.Errorf("%d and %d after a change, want %d", a, m, filled+1)
	}
	s.clock.advance(time.Hour + time.Minute)
	if a, m := count(); a != filled+2 || m != filled+2 {
		t.Errorf("%d and %d after a scheduled article appeared, want %d", a, m, filled+2)
	}
}
