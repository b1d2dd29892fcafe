package search

import (
	"strings"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/words"
)

// A marker finds the words of a query in texts.
type marker struct {
	language *words.Language
	plan     *plan
	known    map[string]string // marks of words: texts repeat them, and so do the texts of one result
}

func newMarker(l *words.Language, p *plan) marker { return marker{l, p, map[string]string{}} }

// stem returns the mark of a word, "" when it was not asked for.
func (m marker) stem(word string) string {
	mark, known := m.known[word]
	if !known {
		mark = m.markOf(word)
		m.known[word] = mark
	}
	return mark
}

func (m marker) markOf(word string) string {
	if stem := m.language.Stem(word); m.plan.marks[stem] {
		return stem
	}
	folded := words.Fold(word)
	for _, start := range m.plan.starts {
		if strings.HasPrefix(folded, start) {
			return start
		}
	}
	return ""
}

// mark returns a text with its words marked.
func (m marker) mark(text string) []Fragment {
	var out []Fragment
	at := 0
	for t := range m.language.Tokens(text) {
		if m.stem(t.Word) == "" {
			continue
		}
		if t.Start > at {
			out = append(out, Fragment{Text: text[at:t.Start]})
		}
		out = append(out, Fragment{Text: text[t.Start:t.End], Marked: true})
		at = t.End
	}
	if at < len(text) {
		out = append(out, Fragment{Text: text[at:]})
	}
	return out
}

// snippetWords is how long a snippet is.
const snippetWords = 32

// snippet returns the stretch of a text that has the most of what was asked for; the standfirst where the text has
// nothing of it, or nothing was asked for.
func (m marker) snippet(a library.Summary, text string) []Fragment {
	stretch, found := m.stretch(text)
	if a.Standfirst != "" && (!found || len(m.plan.marks)+len(m.plan.starts) == 0) {
		return m.mark(a.Standfirst)
	}
	return m.mark(stretch)
}

// spot is a word of the text.
type spot struct {
	start, end int
	stem       string
}

func (m marker) stretch(text string) (stretch string, found bool) {
	var spots []spot
	for t := range m.language.Tokens(text) {
		spots = append(spots, spot{t.Start, t.End, m.stem(t.Word)})
	}
	if len(spots) == 0 {
		return "", false
	}
	from, most := 0, 0
	counts := map[string]int{}
	worth := 0 // of the window: a word for the first time counts much, again a little
	for i, s := range spots {
		if s.stem != "" {
			if counts[s.stem]++; counts[s.stem] == 1 {
				worth += 10
			} else {
				worth++
			}
		}
		if i >= snippetWords {
			if out := spots[i-snippetWords].stem; out != "" {
				if counts[out]--; counts[out] == 0 {
					worth -= 10
				} else {
					worth--
				}
			}
		}
		if worth > most {
			most, from = worth, max(0, i-snippetWords*2/3)
		}
	}
	to := min(from+snippetWords, len(spots)) - 1
	start, end, before, after := spots[from].start, spots[to].end, "… ", " …"
	if from == 0 {
		start, before = 0, ""
	}
	if to == len(spots)-1 {
		end, after = len(text), ""
	}
	stretch = before + strings.Join(strings.Fields(text[start:end]), " ") + after
	return stretch, most > 0
}
