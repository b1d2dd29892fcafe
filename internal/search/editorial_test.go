package search

import (
	"slices"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// Synonyms find each other, in both directions, whole phrases among them; and no longer once they are taken away.
func TestSynonyms(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		const union, border = "What the European Union owes", "EU at the border"
		s.put(journal()...)
		s.catchUp()
		s.wantFound("EU", border)
		if err := s.AddSynonyms(t.Context(), []string{"EU", "European  Union", "eu"}); err != nil {
			t.Fatal(err)
		}
		if err := s.AddSynonyms(t.Context(), []string{"tin", "Sn"}); err != nil {
			t.Fatal(err)
		}
		s.heed()
		s.wantFound("EU", union, border)
		s.wantFound("European Union", union, border)
		s.wantFound("european unions border", union, border) // the second has both
		s.wantFound("sn", "The price of tin")
		s.wantFound("union", union)
		if h := s.find(Request{Query: "eu -border"}).Hits; len(h) != 1 || text(h[0].Title) != "What the [European] [Union] owes" {
			t.Errorf("marked: %+v", h)
		}
		all, err := s.Synonyms(t.Context())
		if err != nil || len(all) != 2 || !slices.Equal(all[0].Words, []string{"EU", "European Union", "eu"}) {
			t.Fatalf("%+v, %v", all, err)
		}
		if err := s.RemoveSynonyms(t.Context(), all[0].ID); err != nil {
			t.Fatal(err)
		}
		s.heed()
		s.wantFound("EU", border)
		if err := s.RemoveSynonyms(t.Context(), all[0].ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("removed twice: %v", err)
		}
		for _, few := range [][]string{nil, {"one"}, {"one", "one"}, {"one", " ! "}} {
			if err := s.AddSynonyms(t.Context(), few); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", few, err)
			}
		}
	})
}

// heed reads what the newsroom told, as a running search does when the change log says so.
func (s *shelf) heed() {
	s.t.Helper()
	if err := s.loadEditorial(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// W-22: a synonym of several words is a phrase, and reaches no text behind the wall.
func TestW22SynonymsReachNoText(t *testing.T) {
	s := onFile(t)
	s.put(library.Draft{Title: "Gated", Level: "subscriber", BodyHTML: "<p>An opening.</p><!-- cut --><p>The hidden phrase stands here.</p>"})
	if err := s.AddSynonyms(t.Context(), []string{"xyzzy", "hidden phrase"}); err != nil {
		t.Fatal(err)
	}
	s.catchUp()
	s.wantFound("xyzzy")
	if r := s.find(Request{Query: "xyzzy", Viewer: 2}); r.Total != 1 {
		t.Errorf("a subscriber finds %q", titles(r))
	}
}

// Pins stand first, the last one set before the others, on the pages where they belong; filters and exclusions hold for
// them, and what they add is counted.
func TestPins(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		const copper, tin, dams = "Copper and its miners", "The price of tin", "Dams on the Nile"
		ids := s.put(journal()...)
		s.catchUp()
		plain := s.found("copper")
		for _, n := range []int{7, 2} { // dams do not hold the word, tin does
			if err := s.Pin(t.Context(), "  Copper! ", ids[n]); err != nil {
				t.Fatal(err)
			}
		}
		s.heed()
		for query, want := range map[string][]string{
			"copper":               append([]string{tin, dams}, slices.DeleteFunc(slices.Clone(plain), func(s string) bool { return s == tin })...),
			"COPPER":               append([]string{tin, dams}, slices.DeleteFunc(slices.Clone(plain), func(s string) bool { return s == tin })...),
			"copper water":         s.found("copper water"),
			"topic:mining copper":  s.found("topic:mining copper"),
			"copper -water -price": {copper},
		} {
			r := s.find(Request{Query: query})
			if !slices.Equal(titles(r), want) || r.Total != len(want) {
				t.Errorf("%s finds %d: %q, want %q", query, r.Total, titles(r), want)
			}
		}
		r := s.find(Request{Query: "copper", Countries: []string{"egypt"}})
		if !slices.Equal(titles(r), []string{dams}) || !r.Hits[0].Pinned {
			t.Errorf("in Egypt: %+v", r.Hits)
		}
		first, second := s.find(Request{Query: "copper", N: 1}), s.find(Request{Query: "copper", Offset: 1, N: 1})
		if titles(first)[0] != tin || titles(second)[0] != dams || first.Total != len(plain)+1 {
			t.Errorf("pages: %q, %q of %d", titles(first), titles(second), first.Total)
		}
		if err := s.Unpin(t.Context(), "copper", ids[2]); err != nil {
			t.Fatal(err)
		}
		if err := s.Unpin(t.Context(), "copper", ids[2]); !fault.Is(err, fault.NotFound) {
			t.Errorf("unpinned twice: %v", err)
		}
		if err := s.Pin(t.Context(), "?", ids[2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("pinned for nothing: %v", err)
		}
		s.heed()
		if have := s.found("copper"); have[0] != dams {
			t.Errorf("unpinned: %q", have)
		}
		pins, err := s.Pins(t.Context())
		if err != nil || !slices.Equal(pins, []Pin{{"copper", ids[7]}}) {
			t.Errorf("%+v, %v", pins, err)
		}
	})
}

// A pin that excluded words would find is not shown: they were told not to be.
func TestPinsHeedExclusions(t *testing.T) {
	s := onFile(t)
	ids := s.put(journal()...)
	if err := s.Pin(t.Context(), "copper water", ids[7]); err != nil {
		t.Fatal(err)
	}
	s.catchUp()
	if have := s.found("copper water"); have[0] != "Dams on the Nile" {
		t.Errorf("%q", have)
	}
	if have := s.found("copper -water"); slices.Contains(have, "Dams on the Nile") { // the same words, so the same pin
		t.Errorf("%q", have)
	}
}
