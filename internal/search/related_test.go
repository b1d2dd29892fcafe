package search

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
)

// related are the titles of what stands beside an article.
func (s *shelf) related(article int64, n int) (out []string) {
	s.t.Helper()
	list, err := s.Related(s.t.Context(), article, n)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range list {
		out = append(out, a.Title)
	}
	return out
}

// What is like an article in its words comes before what shares a topic alone; what shares nothing does not come.
func TestRelatedByTextAndTopic(t *testing.T) {
	s := onFile(t)
	ids := s.put(
		library.Draft{Title: "Cod", Topics: []string{"Fish"}, BodyHTML: "<p>Trawlers landed cod in the fjord before the quota fell.</p>"},
		library.Draft{Title: "Herring", Topics: []string{"Fish"}, BodyHTML: "<p>Trawlers landed herring in the fjord; the quota rose.</p>"},
		library.Draft{Title: "Quota", BodyHTML: "<p>How trawlers share a quota in one fjord.</p>"},
		library.Draft{Title: "Carp", Topics: []string{"Fish"}, BodyHTML: "<p>Ponds are dug in clay, and monks landed there.</p>"},
		library.Draft{Title: "Opera", BodyHTML: "<p>Tenors sing at night.</p>"},
		library.Draft{Title: "Ballet", BodyHTML: "<p>Dancers turn at night.</p>"},
	)
	s.catchUp()
	if got := s.related(ids[0], 5); !slices.Equal(got, []string{"Herring", "Quota", "Carp"}) {
		t.Errorf("beside Cod: %q", got)
	}
	if got := s.related(ids[0], 1); !slices.Equal(got, []string{"Herring"}) {
		t.Errorf("one beside Cod: %q", got)
	}
}

// Neighbors in a series come first, however like another article is.
func TestRelatedInASeries(t *testing.T) {
	s := onFile(t)
	var drafts []library.Draft
	for part := 1; part <= 5; part++ {
		drafts = append(drafts, library.Draft{Title: fmt.Sprint("Part ", part), Series: "The river", Part: part,
			BodyHTML: fmt.Sprintf("<p>Chapter%d of its own.</p>", part)})
	}
	drafts = append(drafts, library.Draft{Title: "Twin", BodyHTML: "<p>Chapter3 of its own, chapter3 again.</p>"})
	ids := s.put(drafts...)
	s.catchUp()
	got := s.related(ids[2], 5)
	if len(got) < 3 || !slices.Contains(got[:2], "Part 2") || !slices.Contains(got[:2], "Part 4") || !slices.Contains(got, "Twin") || slices.Contains(got, "Part 3") {
		t.Errorf("beside the third part: %q", got)
	}
}

// Articles that are all alike do not all lead to the same five.
func TestRelatedIsNotTheSameFiveEverywhere(t *testing.T) {
	s := onFile(t)
	const alike = 40
	var drafts []library.Draft
	for i := range alike {
		drafts = append(drafts, library.Draft{Title: fmt.Sprint("Report ", i), Topics: []string{"Ore"}, BodyHTML: fmt.Sprintf("<p>Ore of mine%d is weighed.</p>", i)})
	}
	ids := s.put(drafts...)
	s.catchUp()
	shown := map[string]int{}
	for _, id := range ids {
		for _, title := range s.related(id, 5) {
			shown[title]++
		}
	}
	for title, n := range shown {
		if n > alike/2 {
			t.Errorf("%s stands beside %d of %d", title, n, alike)
		}
	}
	if len(shown) < alike/2 {
		t.Errorf("%d articles stand beside %d", len(shown), alike)
	}
}

// A list is worked out once for a version. It is worked out again when its article changes, or one that stands in it or
// belongs there.
func TestRelatedIsWorkedOutOncePerVersion(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		tin := library.Draft{Title: "Tin", BodyHTML: "<p>Smelters buy cassiterite by the ton.</p>"}
		ore := library.Draft{Title: "Ore", BodyHTML: "<p>Cassiterite is dug by hand for smelters.</p>"}
		ids := s.put(tin, ore, library.Draft{Title: "Wool", BodyHTML: "<p>Sheep stand in rain.</p>"}, library.Draft{Title: "Rain", BodyHTML: "<p>Sheep stand in rain.</p>"})
		s.follow()
		s.ready()
		beside := func(want ...string) func() bool {
			return func() bool { return slices.Equal(s.related(ids[0], 5), want) }
		}
		s.until("what is alike stands beside it", beside("Ore"))
		kept := &s.Search.related.lists
		s.Search.related.mu.Lock()
		before := len(*kept)
		s.Search.related.mu.Unlock()
		if beside("Ore")(); before != 1 {
			t.Errorf("%d lists are kept", before)
		}
		s.put(library.Draft{Title: "Cassiterite", BodyHTML: "<p>Smelters pay for cassiterite in advance.</p>"})
		s.until("a new article comes in", func() bool { return len(s.related(ids[0], 5)) == 2 })
		ore.State = library.Drafted
		s.put(ore)
		s.until("one that is withdrawn goes", beside("Cassiterite"))
		tin.BodyHTML = "<p>Sheep stand in rain.</p>"
		s.put(tin)
		s.until("a new text has other neighbors", func() bool {
			got := s.related(ids[0], 5)
			return slices.Contains(got, "Wool") && slices.Contains(got, "Rain") && !slices.Contains(got, "Cassiterite")
		})
	})
}
