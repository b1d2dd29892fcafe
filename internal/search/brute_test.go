package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// A plainArticle is an article as somebody reads it who knows nothing of an index: lists of words.
type plainArticle struct {
	library.Draft
	title, standfirst, opening, rest []string
	year                             int
}

// A library of made-up words that no stemmer changes, so that what is found can be told by looking at every article.
func plainLibrary(r *rand.Rand, n int) (all []plainArticle) {
	topics, countries, bylines := []string{"Stone", "Sand", "Clay"}, []string{"Malta", "Chad", "Peru"}, []string{"Ada Lund", "Ivo Quist"}
	for i := range n {
		a := plainArticle{title: append(someWords(r, 3), fmt.Sprintf("n%d", i)), standfirst: someWords(r, 4), opening: someWords(r, 12), rest: someWords(r, 25)}
		a.year = 2020 + r.IntN(6)
		a.Draft = library.Draft{Title: strings.Join(a.title, " "), Standfirst: strings.Join(a.standfirst, " "),
			Published: noon.AddDate(a.year-noon.Year(), -1, -i), Level: levels[r.IntN(len(levels))], Section: []string{"Essays", "News"}[r.IntN(2)],
			Topics: topics[r.IntN(3):], Countries: countries[:r.IntN(3)], Byline: bylines[r.IntN(2):]}
		a.year = a.Published.Year()
		a.body()
		all = append(all, a)
	}
	return all
}

func (a *plainArticle) body() {
	a.BodyHTML = "<p>" + strings.Join(a.opening, " ") + ".</p><!-- cut --><p>" + strings.Join(a.rest, " ") + ".</p>"
}

// someWords are syllables: "bax", "dok".
func someWords(r *rand.Rand, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = string([]byte{"bdg"[r.IntN(3)], "aou"[r.IntN(3)], "xkm"[r.IntN(3)]})
	}
	return out
}

// A wish is a query in parts.
type wish struct {
	words, phrase, without, noPhrase []string
	prefix                           string
	topic                            []string
	from, to                         int
	inTitle                          bool
}

func someWish(r *rand.Rand) (w wish) {
	w.words = someWords(r, r.IntN(4))
	for _, p := range []*[]string{&w.phrase, &w.noPhrase} {
		if r.IntN(3) == 0 {
			*p = someWords(r, 2)
		}
	}
	w.without = someWords(r, max(0, r.IntN(6)-4))
	if r.IntN(4) == 0 {
		w.prefix = someWords(r, 1)[0][:2]
	}
	if r.IntN(4) == 0 {
		w.topic = []string{"stone", "sand", "clay"}[r.IntN(3):]
	}
	if r.IntN(4) == 0 {
		w.from, w.to = 2021, 2021+r.IntN(4)
	}
	w.inTitle = r.IntN(8) == 0
	return w
}

func (w wish) request(who access.Standing) Request {
	parts := slices.Clone(w.words)
	if w.phrase != nil {
		parts = append(parts, `"`+strings.Join(w.phrase, " ")+`"`)
	}
	if w.noPhrase != nil {
		parts = append(parts, `-"`+strings.Join(w.noPhrase, " ")+`"`)
	}
	for _, one := range w.without {
		parts = append(parts, "-"+one)
	}
	if w.prefix != "" {
		parts = append(parts, w.prefix+"*")
	}
	if w.inTitle {
		parts = append(parts, "in:title")
	}
	return Request{Query: strings.Join(parts, " "), Topics: w.topic, From: w.from, To: w.to, Viewer: who, N: 100}
}

// places are the texts of an article that phrases and beginnings are looked for in.
func (w wish) places(a plainArticle, who access.Standing) [][]string {
	if w.inTitle {
		return [][]string{a.title}
	}
	if mayRead(who, a.Level) {
		return [][]string{a.title, a.standfirst, slices.Concat(a.opening, a.rest)}
	}
	return [][]string{a.title, a.standfirst, a.opening}
}

func inRow(places [][]string, phrase []string) bool {
	return slices.ContainsFunc(places, func(text []string) bool {
		return strings.Contains(" "+strings.Join(text, " ")+" ", " "+strings.Join(phrase, " ")+" ")
	})
}

// finds tells which articles a wish finds, one after the other.
func (w wish) finds(all []plainArticle, who access.Standing) []plainArticle {
	var every, some []plainArticle
	loose := slices.Compact(slices.Sorted(slices.Values(w.words)))
	for _, a := range all {
		places := w.places(a, who)
		begins := func(text []string) bool {
			return slices.ContainsFunc(text, func(word string) bool { return strings.HasPrefix(word, w.prefix) })
		}
		has := func(word string) bool {
			return slices.Contains(a.title, word) || !w.inTitle && slices.Contains(slices.Concat(a.standfirst, a.opening, a.rest), word)
		}
		switch {
		case w.phrase != nil && !inRow(places, w.phrase), w.noPhrase != nil && inRow(places, w.noPhrase), slices.ContainsFunc(w.without, has),
			w.prefix != "" && !slices.ContainsFunc(places, begins), w.from != 0 && (a.year < w.from || a.year > w.to):
			continue
		}
		filed := true
		for _, t := range w.topic {
			filed = filed && slices.ContainsFunc(a.Topics, func(name string) bool { return library.Slug(name) == t })
		}
		n := 0
		for _, one := range loose {
			if has(one) {
				n++
			}
		}
		if filed && n == len(loose) {
			every = append(every, a)
		}
		if filed && n > 0 {
			some = append(some, a)
		}
	}
	if len(loose) > 1 && len(every) < fewMatches && len(some) > len(every) {
		return some
	}
	return every
}

// What is found and what is counted is what somebody finds and counts who looks at every article.
func TestFindsAndCountsAsByHand(t *testing.T) {
	s, r := onFile(t), rand.New(rand.NewPCG(1, 2))
	all := plainLibrary(r, 60)
	for _, a := range all {
		s.put(a.Draft)
	}
	s.catchUp()
	for range 400 {
		w, who := someWish(r), standings[r.IntN(len(standings))]
		q := w.request(who)
		got, found := s.find(q), w.finds(all, who)
		want, counts := []string{}, map[string]int{}
		for _, a := range found {
			want = append(want, a.Title)
			for _, name := range slices.Concat(a.Topics, a.Countries, a.Byline, []string{a.Section, fmt.Sprint(a.year)}) {
				counts[name]++
			}
		}
		have, n := titles(got), 0
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) || got.Total != len(want) {
			t.Fatalf("%s: %q %v %d..%d finds %d: %q, want %d: %q", who, q.Query, q.Topics, q.From, q.To, got.Total, have, len(want), want)
		}
		for _, f := range slices.Concat(got.Facets.Topics, got.Facets.Countries, got.Facets.Contributors, got.Facets.Sections) {
			if n++; counts[f.Name] != f.N {
				t.Fatalf("%q counts %+v, want %d", q.Query, f, counts[f.Name])
			}
		}
		for _, y := range got.Facets.Years {
			if n++; counts[fmt.Sprint(y.Year)] != y.N {
				t.Fatalf("%q counts %+v, want %d", q.Query, y, counts[fmt.Sprint(y.Year)])
			}
		}
		if n != len(counts) {
			t.Fatalf("%q counts %d things, want %d", q.Query, n, len(counts))
		}
	}
}

// W-22, by two libraries that differ in nothing but what stands behind the wall: the same words in another order, and one
// word in the place of another. To who cannot read that, they are one library: whatever is asked but that very word, hits,
// order, scores, snippets, totals, facets, corrections and suggestions are the same.
func TestW22TwoLibrariesThatDifferBehindTheWall(t *testing.T) {
	one, two, r := onFile(t), onFile(t), rand.New(rand.NewPCG(3, 4))
	all := plainLibrary(r, 60)
	for i, a := range all {
		a.Level = levels[2+i%2]
		a.rest = append(a.rest, fmt.Sprintf("dozz%c%c", 'a'+i/26, 'a'+i%26))
		a.body()
		one.put(a.Draft)
		r.Shuffle(len(a.rest), func(x, y int) { a.rest[x], a.rest[y] = a.rest[y], a.rest[x] })
		a.rest[slices.IndexFunc(a.rest, func(w string) bool { return len(w) > 3 })] = fmt.Sprintf("gazz%c%c", 'a'+i/26, 'a'+i%26)
		a.body()
		two.put(a.Draft)
	}
	one.catchUp()
	two.catchUp()
	told := map[access.Standing]int{}
	for range 400 {
		w, who, order := someWish(r), standings[r.IntN(len(standings))], []Order{ByRelevance, Newest, Oldest}[r.IntN(3)]
		q := w.request(who)
		q.Sort = order
		if r.IntN(4) == 0 {
			q.Query += " dozb" // one slip from no word
		}
		a, b := one.find(q), two.find(q)
		a.Took, b.Took = 0, 0
		if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
			told[who]++
			if who < access.Paid {
				t.Fatalf("%s is told by %q:\n%s\n%s", who, q.Query, x, y)
			}
		}
	}
	for _, typed := range []string{"do", "doz", "ga", "gaz", "gazz", "dok ga", "n1"} {
		a, err1 := one.Suggest(t.Context(), typed, 10)
		b, err2 := two.Suggest(t.Context(), typed, 10)
		if err1 != nil || err2 != nil || !slices.Equal(a, b) {
			t.Errorf("%q suggests %+v and %+v, %v, %v", typed, a, b, err1, err2)
		}
	}
	if told[access.Paid] == 0 || told[access.Newsroom] == 0 {
		t.Errorf("who may read it all finds no difference: %v", told)
	}
}
