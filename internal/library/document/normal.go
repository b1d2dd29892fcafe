package document

import (
	"slices"
	"strings"
	"unicode"
)

// Normal is the document in the one form that it has after HTML or Markdown: single spaces, no empty paragraphs, text
// that is set alike in one node, headings from level 2 down without gaps. It says the same to a reader.
func (d Document) Normal() Document {
	root := d.root
	root.Content = normalBlocks(root.Content)
	if len(root.Content) == 0 {
		return Empty()
	}
	var open []int
	rank(&root, &open)
	return Document{root}
}

// normalBlocks gives the blocks that are not empty.
func normalBlocks(in []Node) []Node {
	var out []Node
	for _, n := range in {
		n = normalBlock(n)
		for n.Type == "paragraph" {
			i := slices.IndexFunc(n.Content, func(c Node) bool { return c.Type == "cut_mark" })
			if i < 0 || !isBlank(n.Content[:i]) {
				break
			}
			out = append(out, Node{Type: "cut"}) // before a paragraph and at its beginning is the same place
			n.Content = normalLine(n.Content[i+1:], false)
		}
		if !isEmpty(n) {
			out = append(out, n)
		}
	}
	return out
}

func normalBlock(n Node) Node {
	n.Attrs = n.Attrs.normal()
	switch {
	case n.Type == "code_block":
		n.Content = joined(n.Content, strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace)
	case isTextblock(n.Type):
		n.Content = normalLine(n.Content, n.Type == "credit")
	case n.Type == "table_row" || n.Type == "table" || n.Type == "table_block" || n.Type == "figure":
		n.Content = eachNode(n.Content, normalBlock)
	case n.Type == "bullet_list" || n.Type == "ordered_list":
		n.Content = eachNode(n.Content, normalBlock)
		n.Attrs.Tight = isTight(n)
	case n.Type == "list_item":
		n.Content = normalBlocks(n.Content)
		if len(n.Content) == 0 || n.Content[0].Type != "paragraph" {
			n.Content = append([]Node{{Type: "paragraph"}}, n.Content...)
		}
	case n.Type == "table_cell" || n.Type == "table_header" || n.Type == "pullquote":
		n.Content = normalBlocks(n.Content)
		if n.Type == "pullquote" {
			n.Content = withoutCuts(n.Content)
		} else if len(n.Content) == 0 {
			n.Content = []Node{{Type: "paragraph"}}
		}
	case len(n.Content) > 0:
		n.Content = normalBlocks(n.Content)
	}
	return n
}

// withoutCuts drops cuts from where they have no meaning: a pull quote is no part of the opening.
func withoutCuts(in []Node) []Node {
	return slices.DeleteFunc(in, func(n Node) bool { return n.Type == "cut" })
}

func eachNode(in []Node, f func(Node) Node) []Node {
	out := make([]Node, len(in))
	for i, n := range in {
		out[i] = f(n)
	}
	return out
}

// isTight reports whether a list may be set as lines: no item has a second paragraph, or a cut, which would join the first.
func isTight(list Node) bool {
	words := false
	for _, item := range list.Content {
		for i, n := range item.Content {
			if n.Type == "cut" || n.Type == "paragraph" && (i > 0 || n.Attrs.Lang != "") {
				return false
			}
			words = words || n.Type == "paragraph" && len(n.Content) > 0
		}
	}
	return list.Attrs.Tight || !words
}

// isEmpty reports whether nothing of a block would be seen.
func isEmpty(n Node) bool {
	switch n.Type {
	case "paragraph", "heading":
		return isBlank(n.Content)
	case "blockquote", "pullquote":
		return len(n.Content) == 0
	case "code_block":
		return len(n.Content) == 0
	}
	return false
}

// isBlank reports whether a line holds nothing but space.
func isBlank(line []Node) bool {
	for _, n := range line {
		if n.Type != "hard_break" && (n.Type != "text" || strings.TrimSpace(n.Text) != "") {
			return false
		}
	}
	return true
}

// joined makes one text of what is in a block of code.
func joined(line []Node, f func(string) string) []Node {
	var b strings.Builder
	for _, n := range line {
		b.WriteString(n.Text)
	}
	if s := f(strings.ToValidUTF8(b.String(), "\uFFFD")); s != "" {
		return []Node{{Type: "text", Text: s}}
	}
	return nil
}

// normalLine brings a line into its form. A plain one has no marks.
func normalLine(line []Node, plain bool) []Node {
	var out []Node
	space := true // at the beginning, after a break or a space: another would not be seen
	for _, n := range line {
		if n.Marks = normalMarks(n.Marks); plain {
			n.Marks = nil
		}
		switch n.Type {
		case "text":
			n.Text, space = singleSpaces(n.Text, space)
			if n.Text == "" {
				continue
			}
			if last := len(out) - 1; last >= 0 && out[last].Type == "text" && slices.Equal(out[last].Marks, n.Marks) {
				out[last].Text += n.Text
				continue
			}
		case "hard_break":
			if n.Marks, out, space = nil, trimEnd(out), true; len(out) == 0 {
				continue
			}
		case "footnote":
			n.Marks = nil
			if n.Content = withoutBackspace(normalLine(n.Content, false)); isBlank(n.Content) {
				continue
			}
			space = false
		default:
			n.Marks, space = nil, false
		}
		out = append(out, n)
	}
	out = trimEnd(out)
	for len(out) > 0 && out[len(out)-1].Type == "hard_break" {
		out = trimEnd(out[:len(out)-1])
	}
	return out
}

// trimEnd takes the space off the end of a line.
func trimEnd(line []Node) []Node {
	for len(line) > 0 && line[len(line)-1].Type == "text" {
		last := &line[len(line)-1]
		if last.Text = strings.TrimRight(last.Text, " "); last.Text != "" {
			break
		}
		line = line[:len(line)-1]
	}
	return line
}

// singleSpaces makes one space of many, and of breaks of lines; none after another. Other control characters go.
func singleSpaces(s string, after bool) (string, bool) {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f':
			if !after {
				b.WriteByte(' ')
			}
			after = true
		case unicode.IsControl(r):
		default:
			b.WriteRune(r)
			after = false
		}
	}
	return b.String(), after
}

func normalMarks(in []Mark) []Mark {
	if len(in) == 0 {
		return nil
	}
	out := slices.Clone(in)
	for i := range out {
		out[i].Attrs = out[i].Attrs.normal()
	}
	slices.SortStableFunc(out, func(a, b Mark) int { return markRank(a.Type) - markRank(b.Type) })
	return out
}

func (a Attrs) normal() Attrs {
	if a.Colspan == 1 {
		a.Colspan = 0
	}
	if a.Rowspan == 1 {
		a.Rowspan = 0
	}
	if a.Order == 1 {
		a.Order = 0
	}
	if a.Href != "" {
		a.Href, _ = address(a.Href)
	}
	for _, s := range []*string{&a.Alt, &a.Title, &a.Description, &a.Site} {
		*s, _ = singleSpaces(strings.Join(strings.Fields(*s), " "), true)
	}
	if a.Title == a.Href {
		a.Title = ""
	}
	return a
}

// rank makes level 2 of the highest headings and closes gaps below them, as the site does.
func rank(n *Node, open *[]int) {
	n.Content = slices.Clone(n.Content)
	for i := range n.Content {
		c := &n.Content[i]
		if c.Type == "heading" {
			for len(*open) > 0 && (*open)[len(*open)-1] >= c.Attrs.Level {
				*open = (*open)[:len(*open)-1]
			}
			*open = append(*open, c.Attrs.Level)
			c.Attrs.Level = 1 + min(len(*open), 3)
		}
		rank(c, open)
	}
}
