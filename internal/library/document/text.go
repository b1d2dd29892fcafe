package document

import (
	"strings"
	"unicode"
)

// A Line is the words of a block, as people compare texts by. Kind is the block's type.
type Line struct{ Kind, Text string }

// Lines is the document in words: one line for every block, what a picture, a card or a footnote says among them.
func (d Document) Lines() []Line {
	root := d.Normal().root
	var out []Line
	for i := range root.Content {
		out = appendLines(out, &root.Content[i], "")
	}
	return out
}

func appendLines(out []Line, n *Node, within string) []Line {
	kind := n.Type
	if kind == "paragraph" && within != "" {
		kind = within
	}
	switch {
	case n.Type == "card":
		return append(out, Line{kind, strings.Join(strings.Fields(n.Attrs.Title+" "+n.Attrs.Description+" "+n.Attrs.Href), " ")})
	case n.Type == "cut" || n.Type == "horizontal_rule":
		return append(out, Line{kind, ""})
	case isTextblock(n.Type):
		if len(n.Content) == 0 {
			return out
		}
		return append(out, Line{kind, plainLine(n.Content)})
	case n.Type == "figure":
		out = append(out, Line{kind, n.Attrs.Alt})
	}
	switch n.Type {
	case "list_item", "blockquote", "pullquote", "table_cell", "table_header":
		within = n.Type
	}
	for i := range n.Content {
		out = appendLines(out, &n.Content[i], within)
	}
	return out
}

// Pictures are where the pictures of the document come from, in order.
func (d Document) Pictures() []string { return appendPictures(nil, &d.root) }

func appendPictures(out []string, n *Node) []string {
	if n.Attrs.Src != "" {
		out = append(out, n.Attrs.Src)
	}
	for i := range n.Content {
		out = appendPictures(out, &n.Content[i])
	}
	return out
}

func plainLine(line []Node) string {
	var b strings.Builder
	for i := range line {
		switch n := &line[i]; n.Type {
		case "text":
			b.WriteString(n.Text)
		case "hard_break":
			b.WriteByte(' ')
		case "footnote":
			b.WriteString(" [" + plainLine(n.Content) + "] ")
		}
	}
	return strings.TrimSpace(b.String())
}

// Words counts the words of the text.
func (d Document) Words() int {
	words := 0
	for _, l := range d.Lines() {
		for _, w := range strings.Fields(l.Text) {
			if strings.ContainsFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
				words++
			}
		}
	}
	return words
}
