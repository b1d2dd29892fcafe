package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// A Piece is words that stand in both texts ("same"), in the earlier alone ("gone") or in the later alone ("new").
type Piece struct{ Is, Words string }

// A Compared is a block of two texts that were compared. Kind is its type in package document, or "title", "standfirst".
type Compared struct {
	Kind   string
	Pieces []Piece
}

// Changed reports whether the block is not the same in both.
func (c Compared) Changed() bool { return len(c.Pieces) != 1 || c.Pieces[0].Is != "same" }

// Compare sets two texts beside each other word by word.
func Compare(earlier, later Text) []Compared {
	codes := coder{codes: map[string]rune{}}
	a, b := codes.of(earlier), codes.of(later)
	d := diffmatchpatch.New()
	diffs := d.DiffMainRunes(a, b, false)
	var out []Compared
	current := &Compared{}
	for _, diff := range diffs {
		is := map[diffmatchpatch.Operation]string{diffmatchpatch.DiffEqual: "same", diffmatchpatch.DiffDelete: "gone",
			diffmatchpatch.DiffInsert: "new"}[diff.Type]
		for _, r := range diff.Text {
			word := codes.words[index(r)]
			if kind, ok := strings.CutPrefix(word, "\x00"); ok { // a block begins
				if len(current.Pieces) > 0 {
					out = append(out, *current)
				}
				current = &Compared{Kind: kind}
				if is != "same" || isBare(kind) {
					current.add(is, "")
				}
				continue
			}
			current.add(is, word)
		}
	}
	if len(current.Pieces) > 0 {
		out = append(out, *current)
	}
	return out
}

func isBare(kind string) bool { return kind == "cut" || kind == "horizontal_rule" }

func (c *Compared) add(is, word string) {
	if last := len(c.Pieces) - 1; last >= 0 && c.Pieces[last].Is == is {
		c.Pieces[last].Words += word
		return
	}
	if last := len(c.Pieces) - 1; last >= 0 && c.Pieces[last].Words == "" && word != "" { // only the beginning was new
		c.Pieces = c.Pieces[:last]
	}
	c.Pieces = append(c.Pieces, Piece{is, word})
}

// A coder gives every word a rune of its own, for an algorithm that compares runes.
type coder struct {
	codes map[string]rune
	words []string
}

// Runes from 1 on, without the surrogates, which are none.
const surrogates, surrogateCount = 0xD800, 0x800

func index(r rune) int {
	if r >= surrogates {
		r -= surrogateCount
	}
	return int(r) - 1
}

func (c *coder) code(word string) rune {
	r, ok := c.codes[word]
	if !ok {
		c.words = append(c.words, word)
		if r = rune(len(c.words)); r >= surrogates {
			r += surrogateCount
		}
		r = min(r, utf8.MaxRune) // a million different words: the last ones are taken for one
		c.codes[word] = r
	}
	return r
}

func (c *coder) of(t Text) []rune {
	out := c.line(nil, "title", t.Title)
	out = c.line(out, "standfirst", t.Standfirst)
	for _, l := range t.Document.Lines() {
		out = c.line(out, l.Kind, l.Text)
	}
	return out
}

// line gives the beginning of a block, then its words, each with the space after it.
func (c *coder) line(out []rune, kind, text string) []rune {
	out = append(out, c.code("\x00"+kind))
	for text != "" {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			return append(out, c.code(text))
		}
		for end < len(text) && unicode.IsSpace(firstRune(text[end:])) {
			end += len(string(firstRune(text[end:])))
		}
		out = append(out, c.code(text[:end]))
		text = text[end:]
	}
	return out
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
