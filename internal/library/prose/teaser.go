package prose

import (
	"sort"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// teaserShare is how much of the words of a text its teaser may hold at the most, in percent, when no editor marked
// the cut: what is short is not given away by a generous limit.
const teaserShare = 40

// A block is the words of one paragraph, heading or list item.
type block struct {
	text    string
	pieces  []piece
	words   int
	heading bool
}

// A piece is a text node and where its words begin in the text of its block.
type piece struct {
	node *html.Node
	from int
}

// A place is a point in the words of a text: an offset in the text of a block.
type place struct{ block, offset int }

// A reading is the words of a text in order: without pictures, tables, asides and notes, which have no place in a
// teaser.
type reading struct {
	blocks []block
	words  int
	mark   *place // where the editor put the cut
}

// read collects the words of a shaped text.
func read(root *html.Node) *reading {
	c := collector{reading: &reading{}}
	c.walk(root, false)
	c.flush(false)
	return c.reading
}

type collector struct {
	reading *reading
	text    strings.Builder
	pieces  []piece
}

func (c *collector) walk(n *html.Node, heading bool) {
	for n := range n.ChildNodes() {
		switch {
		case n.Type == html.TextNode:
			c.pieces = append(c.pieces, piece{n, c.text.Len()})
			c.text.WriteString(n.Data)
		case n.Type != html.ElementNode:
		case isCut(n):
			if c.reading.mark == nil {
				c.reading.mark = &place{len(c.reading.blocks), c.text.Len()}
			}
		case n.DataAtom == atom.Br:
			c.text.WriteByte('\n')
		case isBlock(n):
			c.flush(heading)
			if !isLeftOut(n) {
				c.walk(n, headingRank(n) > 0)
				c.flush(headingRank(n) > 0)
			}
		case !isLeftOut(n):
			c.walk(n, heading)
		}
	}
}

// flush ends the block that is being collected. One without words is forgotten.
func (c *collector) flush(heading bool) {
	text := c.text.String()
	if words := countWords(text); words > 0 {
		c.reading.blocks = append(c.reading.blocks, block{text, c.pieces, words, heading})
		c.reading.words += words
		c.pieces = nil
	} else if m := c.reading.mark; m != nil && m.block == len(c.reading.blocks) {
		m.offset = 0
	}
	c.pieces = c.pieces[:0]
	c.text.Reset()
}

// isLeftOut reports whether an element has no place in a teaser.
func isLeftOut(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Figure, atom.Img, atom.Table, atom.Aside, atom.Hr, atom.Pre:
		return true
	case atom.Div:
		return attr(n, "class") == "footnotes" || attr(n, "class") == "table"
	case atom.Sup:
		return strings.HasPrefix(attr(n, "id"), "fnref")
	case atom.A:
		return strings.HasPrefix(attr(n, "class"), "footnote-")
	}
	return false
}

// cutTeaser returns the opening of a shaped text, up to the editor's mark or about limit words, ending on a whole
// sentence. It is empty when nothing would be left to read after it, and when the editor marked the very beginning.
func cutTeaser(root *html.Node, limit int) (string, error) {
	p := read(root)
	var end place
	var ok bool
	if p.mark != nil && p.follows(*p.mark) {
		end, ok = p.lastSentence(*p.mark)
	} else {
		end, ok = p.opening(min(limit, p.words*teaserShare/100))
	}
	if !ok {
		return "", nil
	}
	b := p.blocks[end.block]
	i := sort.Search(len(b.pieces), func(i int) bool { return b.pieces[i].from >= end.offset }) - 1
	cut := cutter{last: b.pieces[i].node, keep: end.offset - b.pieces[i].from}
	s, err := render(cut.copy(root))
	return strings.TrimSpace(s), err
}

// follows reports whether there are words after a place.
func (p *reading) follows(at place) bool {
	return at.block < len(p.blocks)-1 ||
		at.block == len(p.blocks)-1 && hasWord(p.blocks[at.block].text[min(at.offset, len(p.blocks[at.block].text)):])
}

// lastSentence returns the end of the last sentence that ends at or before a place and is not a heading.
func (p *reading) lastSentence(at place) (place, bool) {
	for i := min(at.block, len(p.blocks)-1); i >= 0; i-- {
		b := &p.blocks[i]
		if b.heading {
			continue
		}
		ends := sentenceEnds(b.text)
		for j := len(ends) - 1; j >= 0; j-- {
			if i < at.block || ends[j] <= at.offset {
				return place{i, ends[j]}, true
			}
		}
	}
	return place{}, false
}

// opening returns where a teaser of up to budget words ends: after the last paragraph that fits whole or, when that
// leaves more than half of the budget unused, after the last sentence that fits. The first sentence is given even
// when it alone is longer, if another follows.
func (p *reading) opening(budget int) (place, bool) {
	var end place
	used, ok := 0, false
	for i := range p.blocks {
		b := &p.blocks[i]
		if used+b.words <= budget {
			used += b.words
			if !b.heading && !leadsOn(b.text) {
				end, ok = place{i, len(strings.TrimRightFunc(b.text, unicode.IsSpace))}, true
			}
			continue
		}
		if b.heading || ok && used > budget/2 {
			break
		}
		if offset := sentencesWithin(b.text, budget-used); offset > 0 {
			end, ok = place{i, offset}, true
		}
		break
	}
	if !ok {
		end, ok = p.firstSentence()
	}
	return end, ok && p.follows(end)
}

// firstSentence returns where the first sentence that is not a heading ends.
func (p *reading) firstSentence() (place, bool) {
	for i := range p.blocks {
		if !p.blocks[i].heading {
			return place{i, sentenceEnds(p.blocks[i].text)[0]}, true
		}
	}
	return place{}, false
}

// sentencesWithin returns where the last sentence ends that is within a number of words, 0 when none is.
func sentencesWithin(text string, words int) int {
	last := 0
	for _, end := range sentenceEnds(text) {
		if words -= countWords(text[last:end]); words < 0 {
			break
		}
		last = end
	}
	return last
}

// leadsOn reports whether a paragraph points to what comes next, and so cannot be the last.
func leadsOn(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, ",") || strings.HasSuffix(text, ";") ||
		strings.HasSuffix(text, "—")
}

// A cutter copies a tree up to a point in its last text node, without what is left out of teasers.
type cutter struct {
	last *html.Node
	keep int // bytes of last
	done bool
}

// copy returns nil for what is left out, lies after the end or would be empty.
func (c *cutter) copy(n *html.Node) *html.Node {
	if c.done || n.Type == html.ElementNode && (isLeftOut(n) || isCut(n)) {
		return nil
	}
	out := &html.Node{Type: n.Type, DataAtom: n.DataAtom, Data: n.Data, Attr: n.Attr}
	if n == c.last {
		c.done = true
		out.Data = n.Data[:min(c.keep, len(n.Data))]
	}
	for n := range n.ChildNodes() {
		if child := c.copy(n); child != nil {
			out.AppendChild(child)
		}
	}
	if n.Type == html.ElementNode && n.DataAtom != atom.Br && n.DataAtom != atom.Body && isBare(out) {
		return nil
	}
	return out
}

// isBare reports whether nothing but space is in an element.
func isBare(n *html.Node) bool {
	for n := range n.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			return false
		}
	}
	return true
}
