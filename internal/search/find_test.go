package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
)

// journal is a small library that the tests of finding share.
func journal() []library.Draft {
	of := func(title, standfirst, body string) library.Draft {
		return library.Draft{Title: title, Standfirst: standfirst, BodyHTML: "<p>" + body + "</p>"}
	}
	drafts := []library.Draft{
		of("Copper and its miners", "What the red metal pays.", "Zambia exports copper. The economy hangs on it."),
		of("A strike in the pits", "Miners stay at home.", "The copper price fell. Miners in Kitwe stay at home."),
		of("The price of tin", "", "Tin follows copper, as it always did. A price of its own it never had."),
		of("Łódź rebuilds its mills", "Weaving again.", "Zoë Müller went to Łódź and saw the mills of Cañada Street."),
		of("What the European Union owes", "Debts of a club.", "Brussels counts."),
		of("EU at the border", "Customs again.", "Lorries wait."),
		of("To be or not to be", "A play.", "Elsinore, as usual."),
		of("Dams on the Nile", "Water, shared.", "Egypt and Sudan talk of water. Ethiopia builds. The U.S. watches, and O'Neill's committee too."),
		of("Water treaties", "Who drinks first.", "A water treaty binds whom it binds. Treaties of water are old."),
		of("国際法の話", "", "国際法は長い。"),
	}
	file := func(i int, section, byline string, topics, countries []string, year int) {
		d := &drafts[i]
		d.Section, d.Byline, d.Topics, d.Countries = section, []string{byline}, topics, countries
		d.Published = noon.AddDate(year-noon.Year(), 0, -i)
	}
	file(0, "In-Depth", "Chidera Obanwu", []string{"Mining", "Trade"}, []string{"Zambia"}, 2014)
	file(1, "Briefings", "Chidera Obanwu", []string{"Mining", "Labor"}, []string{"Zambia"}, 2016)
	file(2, "Briefings", "Inès Marvell", []string{"Mining"}, []string{"Bolivia"}, 2019)
	file(3, "Essays", "Zoë Müller", []string{"Cities"}, []string{"Poland"}, 2019)
	file(7, "In-Depth", "Inès Marvell", []string{"Water"}, []string{"Egypt", "Sudan"}, 2020)
	file(8, "Columns", "Ruth Adeyemi", []string{"Water", "Law"}, nil, 2021)
	return drafts
}

func TestFind(t *testing.T) {
	const (
		copper, strike, tin, lodz = "Copper and its miners", "A strike in the pits", "The price of tin", "Łódź rebuilds its mills"
		union, border, play, dams = "What the European Union owes", "EU at the border", "To be or not to be", "Dams on the Nile"
		treaties, law             = "Water treaties", "国際法の話"
	)
	onBoth(t, func(t *testing.T, s *shelf) {
		s.put(journal()...)
		s.catchUp()
		for query, want := range map[string][]string{
			"tin":                               {tin},
			"COPPER miner":                      {copper, strike, tin}, // fewer than five have both: any will do
			"economies":                         {copper},
			"treaty":                            {treaties},
			`"water treaty"`:                    {treaties},
			`"treaty water"`:                    nil,
			`"treaties of water"`:               {treaties},
			`"Egypt and Sudan talk"`:            {dams},
			`"Egypt or Sudan talk"`:             {dams}, // which of the small words it was does not count
			`"binds binds"`:                     nil,
			"water -treaty":                     {dams},
			`water -"water treaty"`:             {dams},
			"copper -price":                     {copper},
			"trea*":                             {treaties},
			"treat* -law*":                      nil,
			"-copper -water in:title":           {dams, lodz, union, border, play, law, strike, tin},
			"author:obanwu":                     {copper, strike},
			`author:"Chidera Obanwu"`:           {copper, strike},
			"by:ines":                           {tin, dams},
			"author:nobody":                     nil,
			"topic:mining country:zambia":       {copper, strike},
			"topic:mining -country:zambia":      {tin},
			"country:sudan":                     {dams},
			"region:africa water":               {dams},
			"region:africa -topic:water":        {copper, strike},
			"section:briefings":                 {strike, tin},
			"section:in-depth year:2014..2019":  {copper},
			"year:2019":                         {tin, lodz},
			"year:..2016":                       {copper, strike},
			"year:2014.. -year:2016..":          {copper},
			"price in:title":                    {tin},
			"lodz":                              {lodz},
			"Łódz muller":                       {lodz},
			"zoe":                               {lodz},
			"canada":                            {lodz},
			"o’neill us committee":              {dams},
			"oneill":                            {dams},
			"to be or not to be":                {play},
			"the":                               {copper, tin, strike, union, border, dams}, // titles and standfirsts have it
			"国際":                                {law},
			"marvell nile":                      {dams, tin},
			"copper copper copper price -price": {copper},
		} {
			s.wantFound(query, want...)
		}
		for _, query := range []string{"", "???", `""`} {
			if r := s.find(Request{Query: query}); r.Total != len(journal()) {
				t.Errorf("%q finds %d: without words everything matches", query, r.Total)
			}
		}
	})
}

// What was asked for first comes first: title before standfirst before text, near before far, all words before some.
func TestRanking(t *testing.T) {
	s := onFile(t)
	filler := strings.Repeat("Of other things there is much to tell as well. ", 8)
	body := func(text string) string { return "<p>" + text + " " + filler + "</p>" }
	same := noon.AddDate(0, 0, -9)
	s.put(
		library.Draft{Title: "In the text", BodyHTML: body("Glass and sand."), Published: same},
		library.Draft{Title: "In the standfirst", Standfirst: "Glass.", BodyHTML: body("Sand."), Published: same},
		library.Draft{Title: "Glass in the title", BodyHTML: body("Sand."), Published: same},
		library.Draft{Title: "Side by side", BodyHTML: body("A river bank."), Published: same},
		library.Draft{Title: "Apart", BodyHTML: body("A bank.") + body("The river."), Published: same},
		library.Draft{Title: "One alone", BodyHTML: body("A bank, a bank, a bank."), Published: same},
		library.Draft{Title: "Old oak", BodyHTML: body("Wood."), Published: noon.AddDate(-12, 0, 0)},
		library.Draft{Title: "New oak", BodyHTML: body("Wood."), Published: same},
	)
	s.catchUp()
	for query, want := range map[string][]string{
		"glass":      {"Glass in the title", "In the standfirst", "In the text"},
		"river bank": {"Side by side", "Apart", "One alone"},
		"oak":        {"New oak", "Old oak"},
	} {
		if have := s.found(query); !slices.Equal(have, want) {
			t.Errorf("%s finds %q, want %q", query, have, want)
		}
	}
}

// Recency is a setting: without it age counts for nothing.
func TestRecencyIsASetting(t *testing.T) {
	s := onFile(t)
	s.put(library.Draft{Title: "Old oak", Published: noon.AddDate(-12, 0, 0)}, library.Draft{Title: "New oak"})
	for _, recency := range []float64{0, 0.25} {
		s.recency = recency
		s.catchUp()
		h := s.find(Request{Query: "oak"}).Hits
		if more := h[0].Score/h[1].Score - 1; more < recency*0.9 || more > recency*1.1 {
			t.Errorf("at %v the new article gains %.3f", recency, more)
		}
	}
}

// With five articles that hold all the words, those that hold some are not shown; with four they are, after them.
func TestAnyWordWillDoWhenFewHoldAll(t *testing.T) {
	s := onFile(t)
	for i := range fewMatches {
		if i == fewMatches-1 {
			s.put(library.Draft{Title: "Only salt", BodyHTML: "<p>Salt salt salt.</p>"})
			s.catchUp()
			r := s.find(Request{Query: "salt pepper"})
			if !r.Any || r.Total != fewMatches || r.Hits[r.Total-1].Summary.Title != "Only salt" {
				t.Errorf("with %d: any %v, %q", i, r.Any, titles(r))
			}
			if r := s.find(Request{Query: `salt "pepper with"`}); r.Any {
				t.Errorf("a phrase must stand, and %q were found", titles(r))
			}
		}
		s.put(library.Draft{Title: fmt.Sprint("Both ", i), BodyHTML: "<p>Salt, and pepper with it.</p>"})
	}
	s.catchUp()
	if r := s.find(Request{Query: "salt pepper"}); r.Any || r.Total != fewMatches {
		t.Errorf("with five: any %v, %q", r.Any, titles(r))
	}
}

// Facets count all that was found, whatever is shown of it; sorting and paging show every article once.
func TestFacetsOrdersAndPages(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		var drafts []library.Draft
		for i := range 57 {
			drafts = append(drafts, library.Draft{Title: fmt.Sprintf("Piece %02d", i), BodyHTML: "<p>Of granite.</p>",
				Published: noon.AddDate(-i%3, 0, -i), Topics: []string{[]string{"Stone", "Sand"}[i%2]}, Countries: []string{"Malta"},
				Section: "Briefings", Byline: []string{"Ines Marvell"}})
		}
		s.put(drafts...)
		s.put(library.Draft{Title: "Something else", Topics: []string{"Stone"}})
		s.catchUp()
		r := s.find(Request{Query: "granite", N: 10})
		want := Facets{Topics: []FacetCount{{"stone", "Stone", 29}, {"sand", "Sand", 28}}, Countries: []FacetCount{{"malta", "Malta", 57}},
			Regions: []FacetCount{{"europe", "Europe", 57}}, Sections: []FacetCount{{"briefings", "Briefings", 57}},
			Contributors: []FacetCount{{"ines-marvell", "Ines Marvell", 57}}, Years: []YearCount{{2024, 19}, {2025, 19}, {2026, 19}}}
		if fmt.Sprint(r.Facets) != fmt.Sprint(want) || r.Total != 57 || len(r.Hits) != 10 {
			t.Errorf("%d of %d, %+v, want %+v", len(r.Hits), r.Total, r.Facets, want)
		}
		for _, f := range append(r.Facets.Topics, r.Facets.Regions...) { // a count is what narrowing gives
			narrow := Request{Query: "granite", Topics: []string{f.Slug}}
			if f.Slug == "europe" {
				narrow = Request{Query: "granite", Regions: []string{f.Slug}}
			}
			if n := s.find(narrow).Total; n != f.N {
				t.Errorf("%s counts %d and gives %d", f.Slug, f.N, n)
			}
		}
		for _, o := range []Order{ByRelevance, Newest, Oldest} {
			s.wantPages(o, 57)
		}
		if n := s.find(Request{Query: "granite", From: 2024, To: 2025, Topics: []string{"sand"}, Countries: []string{"malta"}}).Total; n != 19 {
			t.Errorf("narrowed to two years of sand, %d", n)
		}
		if r := s.find(Request{Query: "granite", Offset: 1000, N: 10}); r.Total != 57 || len(r.Hits) != 0 {
			t.Errorf("beyond the end: %d of %d", len(r.Hits), r.Total)
		}
	})
}

// wantPages walks through all pages of granite.
func (s *shelf) wantPages(o Order, total int) {
	s.t.Helper()
	seen := map[string]bool{}
	var last library.Summary
	for offset := 0; offset < total; offset += 10 {
		for _, h := range s.find(Request{Query: "granite", Sort: o, Offset: offset, N: 10}).Hits {
			if seen[h.Slug] {
				s.t.Errorf("order %d: %s comes twice", o, h.Slug)
			}
			seen[h.Slug] = true
			if !last.Published.IsZero() && (o == Newest && h.Published.After(last.Published) || o == Oldest && h.Published.Before(last.Published)) {
				s.t.Errorf("order %d: %s after %s", o, h.Slug, last.Slug)
			}
			last = h.Summary
		}
	}
	if len(seen) != total {
		s.t.Errorf("order %d: %d of %d", o, len(seen), total)
	}
}

// Snippets show where the words stand, marked, and in the form they have there.
func TestSnippets(t *testing.T) {
	s := onFile(t)
	long := strings.Repeat("Nothing is said here about anything at all. ", 30)
	s.put(library.Draft{Title: "Banks of Ghana", Standfirst: "The lenders.", BodyHTML: "<p>" + long + "</p><h2>Who lends</h2><p>Then a bank lends, and banking &amp; lending end in &lt;tears&gt;.</p><p>" + long + "</p>"},
		library.Draft{Title: "Without a standfirst", BodyHTML: "<p>Short <em>granite</em><sup id=\"fnref1\">1</sup> story.</p>"})
	s.catchUp()
	for query, want := range map[string][2]string{
		"bank lend": {"[Banks] of Ghana", "a [bank] [lends], and [banking] & [lending] end in <tears>."},
		"ghana":     {"Banks of [Ghana]", "The lenders."},
		"lend*":     {"Banks of Ghana", "Who [lends]"},
		"granite":   {"Without a standfirst", "Short [granite] 1 story."},
	} {
		h := s.find(Request{Query: query}).Hits
		if len(h) != 1 || text(h[0].Title) != want[0] || !strings.Contains(text(h[0].Snippet), want[1]) {
			t.Errorf("%s: %+v", query, h)
			continue
		}
		plain := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(text(h[0].Snippet)))
		if len(plain) > snippetWords+6 {
			t.Errorf("%s: the snippet has %d words", query, len(plain))
		}
	}
}

// What cannot be read as a query is words, and nothing that is typed is an error.
func TestOddInputIsNoError(t *testing.T) {
	s := onFile(t)
	s.put(journal()...)
	s.catchUp()
	for _, q := range []string{`"copper`, "-", "a*", "-a*", `author:"`, "year:0000..9999", "in:title in:title", "\x00\xff*", "国*", `-"the"`,
		"the* -the", "copper\u202ecopper", strings.Repeat("copper ", 400), strings.Repeat("x", 1<<20), `"` + strings.Repeat("the ", 300) + `"`} {
		for _, r := range []Request{{Query: q, N: 10}, {Query: q, Offset: -5, N: -1}, {Query: q, Offset: 1 << 40, N: 1 << 40, Sort: 99},
			{Query: q, N: 10, Topics: []string{"\x00", ""}, From: 9999, To: -4}} {
			if found, err := s.Find(t.Context(), r); err != nil || len(found.Hits) > found.Total {
				t.Errorf("%.40q: %d of %d, %v", q, len(found.Hits), found.Total, err)
			}
		}
		if _, err := s.Suggest(t.Context(), q, 8); err != nil {
			t.Errorf("suggest %.40q: %v", q, err)
		}
	}
}
