package web

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gatefold/gatefold/internal/library"
)

// The outlines of the world's countries, from Natural Earth: see worldmap.
//
//go:embed world.txt
var worldFile string

// A shape is a country as the map has it.
type shape struct {
	slugs []string // of the names it is known by
	x, y  string   // its middle
	path  string   // "" where it is too small to be drawn
}

// world reads the shapes.
var world = sync.OnceValue(func() (out []shape) {
	for line := range strings.Lines(worldFile) {
		names, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		middle, path, _ := strings.Cut(rest, "\t")
		s := shape{path: path}
		s.x, s.y, _ = strings.Cut(middle, " ")
		for name := range strings.SplitSeq(names, "; ") {
			s.slugs = append(s.slugs, library.Slug(name))
		}
		out = append(out, s)
	}
	return out
})

// A worldMap leads to the countries that something was published on. The rest is land.
type worldMap struct {
	Land      string // one path
	Countries []mapped
}

// A mapped is a country on the map. It has a Path to draw, or is a speck at X, Y.
type mapped struct {
	word
	Label string
	Drawn string
	X, Y  string
	Shade int // from 1 to 4: how much was published on it
}

// worldMap draws the countries of the library.
func (s *Site) worldMap(countries []library.TermCount) *worldMap {
	bySlug, shade := map[string]library.TermCount{}, shades(countries)
	for _, c := range countries {
		bySlug[c.Slug] = c
	}
	var m worldMap
	var land strings.Builder
	for _, shape := range world() {
		c, ok := shape.of(bySlug)
		if !ok {
			land.WriteString(shape.path)
			continue
		}
		m.Countries = append(m.Countries, mapped{word: wordOf(c), Drawn: shape.path, X: shape.x, Y: shape.y, Shade: shade(c.Articles),
			Label: fmt.Sprint(c.Name, ", ", s.texts.T("count.articles", c.Articles, s.number(c.Articles)))})
	}
	m.Land = land.String()
	return &m
}

// of finds the country a shape is of: of several that go by its names, the one with the most articles.
func (s shape) of(bySlug map[string]library.TermCount) (found library.TermCount, ok bool) {
	for _, slug := range s.slugs {
		if c, is := bySlug[slug]; is && (!ok || c.Articles > found.Articles) {
			found, ok = c, true
		}
	}
	return found, ok
}

// shades ranks counts in four classes, each smaller than the one before: what is dark shall say something. What is equal
// is in one class.
func shades(countries []library.TermCount) func(n int) int {
	counts := make([]int, len(countries))
	for i, c := range countries {
		counts[i] = c.Articles
	}
	slices.Sort(counts)
	return func(n int) int {
		below, _ := slices.BinarySearch(counts, n)
		share, shade := float64(below)/float64(max(len(counts)-1, 1)), 1
		for _, from := range []float64{0.4, 0.7, 0.9} {
			if share >= from {
				shade++
			}
		}
		return shade
	}
}
