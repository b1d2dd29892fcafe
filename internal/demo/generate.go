package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// Generated articles are older than the written ones, so that these keep the front page.
const (
	newestGenerated = 400  // days before the day of filling
	oldestGenerated = 7300 // twenty years
)

// generateBatch is how many articles are written in one transaction.
const generateBatch = 500

// generate makes articles until there are n generated ones.
func (f *filler) generate(ctx context.Context, n int, progress func(done, total int)) error {
	for from := 0; from < n; from += generateBatch {
		to := min(from+generateBatch, n)
		var sources []string
		for number := from; number < to; number++ {
			sources = append(sources, sourceOf(number))
		}
		created, err := f.save(ctx, sources, func(i int) library.Draft { return f.invent(from + i) })
		if err != nil {
			return err
		}
		f.summary.Generated += created
		if progress != nil {
			progress(to, n)
		}
	}
	return nil
}

func sourceOf(number int) string { return fmt.Sprintf("demo:generated-%06d", number) }

// invent makes the generated article of a number. But for its time it is always the same.
func (f *filler) invent(number int) library.Draft {
	w := &writer{Rand: rand.New(rand.NewPCG(1815, uint64(number)))}
	w.choose(pick(w, grammars))
	section := pick(w, sections).name
	d := library.Draft{
		Source: sourceOf(number), Section: section, Kind: pick(w, kindsOf[section]),
		Level: levels[number%len(levels)], State: library.Published, Topics: w.topics(), Countries: w.countries(),
		Byline: w.byline(f.journal.contributors), Title: w.sentence(pick(w, titles)),
		Standfirst: w.sentence(pick(w, standfirsts)), Published: w.published(f.now),
		Origin: "Generated to fill the demonstration journal", Licence: textLicence,
	}
	if w.IntN(3) == 0 {
		hero := f.heroes[pick(w, f.journal.photos).File]
		d.Hero = &hero
	}
	d.BodyHTML = w.body()
	return d
}

// levels are given in turn.
var levels = []access.Level{access.Open, access.Metered, access.Metered, access.Subscriber, access.Metered,
	access.Registered, access.Metered, access.Metered, access.Subscriber, access.Metered}

var kindsOf = map[string][]string{
	"Briefings": {"briefing", "briefing", "news"},
	"In-Depth":  {"analysis", "analysis", "report", "article"},
	"Columns":   {"column"},
	"Essays":    {"essay", "essay", "review"},
}

// A writer fills the grammar in for one article.
type writer struct {
	*rand.Rand
	topic   grammar // what is left of it: an article keeps to its subject
	country string
}

// choose settles what the article is about.
func (w *writer) choose(g grammar) {
	w.topic = grammar{g.topic, w.some(g.matters, 1), w.some(g.things, 2), w.some(g.people, 2), w.some(g.papers, 1)}
	w.country = pick(w, countries)
}

// some returns n of a list, in any order.
func (w *writer) some(from []string, n int) []string {
	out := make([]string, n)
	for i, j := range w.Perm(len(from))[:n] {
		out[i] = from[j]
	}
	return out
}

func pick[T any](w *writer, from []T) T { return from[w.IntN(len(from))] }

func (w *writer) topics() []string {
	if second := pick(w, grammars).topic; second != w.topic.topic {
		return []string{w.topic.topic, second}
	}
	return []string{w.topic.topic}
}

func (w *writer) countries() []string {
	if second := pick(w, countries); w.IntN(3) == 0 && second != w.country {
		return []string{w.country, second}
	}
	return []string{w.country}
}

func (w *writer) byline(all []contributor) []string {
	first, second := pick(w, all).Name, pick(w, all).Name
	if w.IntN(8) == 0 && first != second {
		return []string{first, second}
	}
	return []string{first}
}

// published is a morning in the twenty years before now.
func (w *writer) published(now time.Time) time.Time {
	o := offset{days: -(newestGenerated + w.IntN(oldestGenerated-newestGenerated)), hour: 5 + w.IntN(5), minute: 15 * w.IntN(4)}
	return o.at(now)
}

// body writes a text of 450 to 900 words, with a heading every third paragraph, that ends by saying what it is.
func (w *writer) body() string {
	var b strings.Builder
	b.Grow(6 << 10)
	said, above := w.some(middles, len(middles)), w.some(headings, len(headings))
	target := 400 + w.IntN(300)
	words := w.paragraph(&b, append([]string{pick(w, openings)}, said[:3]...))
	said = said[3:]
	for part := 1; words < target && len(said) > 0; part++ {
		if part%3 == 0 {
			b.WriteString("<h2>" + w.sentence(above[part/3]) + "</h2>\n")
		}
		n := min(3+w.IntN(3), len(said))
		words += w.paragraph(&b, said[:n])
		said = said[n:]
		if part == 2 && w.IntN(3) == 0 {
			b.WriteString("<blockquote>\n<p>" + w.sentence(pick(w, maxims)) + "</p>\n</blockquote>\n")
		}
	}
	w.paragraph(&b, []string{pick(w, turns), pick(w, closings)})
	b.WriteString("<p><em>" + colophon + "</em></p>\n")
	return b.String()
}

// paragraph writes sentences as a paragraph and returns how many words it has.
func (w *writer) paragraph(b *strings.Builder, templates []string) int {
	from := b.Len()
	b.WriteString("<p>")
	for i, t := range templates {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.sentence(t))
	}
	b.WriteString("</p>\n")
	return strings.Count(b.String()[from:], " ") + 1
}

// sentence fills the blanks of a template and begins it with a capital letter.
func (w *writer) sentence(template string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(template, "{")
		b.WriteString(before)
		if !ok {
			break
		}
		blank, after, _ := strings.Cut(rest, "}")
		b.WriteString(w.blank(blank))
		template = after
	}
	s := b.String()
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func (w *writer) blank(name string) string {
	switch name {
	case "country":
		return w.country
	case "matter":
		return pick(w, w.topic.matters)
	case "things":
		return pick(w, w.topic.things)
	case "people":
		return pick(w, w.topic.people)
	case "paper":
		return pick(w, w.topic.papers)
	case "season":
		return pick(w, seasons)
	case "number":
		return pick(w, numbers)
	}
	panic("demo: no blank " + name) // the grammar is ours and a test fills all of it
}
