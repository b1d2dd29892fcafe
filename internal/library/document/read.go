package document

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
)

// FromSource reads the text of an article as the library keeps it. It returns Invalid for one that cannot be read.
func FromSource(source string, f prose.Format) (Document, error) {
	shaped, err := prose.Shape(source, f)
	if err != nil {
		return Document{}, err
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(shaped), body)
	if err != nil {
		return Document{}, fault.Wrap(fault.Invalid, err, "The text is not HTML that can be read.")
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	r := reader{notes: map[string][]Node{}}
	r.collectNotes(body)
	d := Document{Node{Type: "doc", Content: r.blocks(body)}}.Normal()
	c := checker{}
	return d, c.node(&d.root, 1)
}

// A reader makes nodes of shaped HTML.
type reader struct {
	notes map[string][]Node // the lines of footnotes, by id
	inner bool              // within a note
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func attrNumber(n *html.Node, key string) int {
	i, _ := strconv.Atoi(attr(n, key))
	return i
}

func isEndnotes(n *html.Node) bool { return n.DataAtom == atom.Div && attr(n, "class") == "footnotes" }

// collectNotes reads the notes at the end, before the places that call them.
func (r *reader) collectNotes(root *html.Node) {
	r.inner = true
	for n := range root.Descendants() {
		if id := attr(n, "id"); n.DataAtom == atom.Li && strings.HasPrefix(id, "fn:") {
			var line []Node
			r.flat(n, nil, &line)
			r.notes[id] = withoutBackspace(line)
		}
	}
	r.inner = false
}

// withoutBackspace takes the space off that stood before the way back to the text.
func withoutBackspace(line []Node) []Node {
	for len(line) > 0 {
		last := &line[len(line)-1]
		if last.Type == "text" {
			if last.Text = strings.TrimRight(last.Text, " \u00a0\n\t"); last.Text != "" {
				break
			}
		} else if last.Type != "hard_break" {
			break
		}
		line = line[:len(line)-1]
	}
	return line
}

// blocks reads the children of an element as blocks. Words between them become paragraphs.
func (r *reader) blocks(parent *html.Node) []Node {
	var out, line []Node
	flush := func() {
		if strings.TrimSpace(text(line)) != "" || slices.ContainsFunc(line, func(n Node) bool { return n.Type != "text" }) {
			out = append(out, Node{Type: "paragraph", Content: line})
		}
		line = nil
	}
	for n := range parent.ChildNodes() {
		switch {
		case isCut(n) && isBlank(line):
			line = nil
			out = append(out, Node{Type: "cut"})
		case r.isLine(n):
			r.inline(n, nil, &line)
		default:
			flush()
			out = append(out, r.block(n)...)
		}
	}
	flush()
	return out
}

// text is the words of a line.
func text(line []Node) string {
	var b strings.Builder
	for _, n := range line {
		b.WriteString(n.Text)
	}
	return b.String()
}

func isCut(n *html.Node) bool { return n.DataAtom == atom.Span && attr(n, "class") == "cut" }

// isLine reports whether a node stands within a line: anything but a block, and what has a block in it.
func (r *reader) isLine(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return true
	}
	switch n.DataAtom {
	case atom.A, atom.Em, atom.Strong, atom.Sup, atom.Sub, atom.Code, atom.Span, atom.Br:
		for c := range n.ChildNodes() {
			if !r.isLine(c) {
				return false
			}
		}
		return true
	}
	return false
}

// block reads an element that is a block. Most are one node; what has no node of its own gives what is in it.
func (r *reader) block(n *html.Node) []Node {
	switch n.DataAtom {
	case atom.P:
		return r.paragraph(n)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		level := max(2, min(4, int(n.Data[1]-'0')))
		return []Node{{Type: "heading", Attrs: Attrs{Level: level}, Content: r.line(n)}}
	case atom.Ul:
		return r.list("bullet_list", n)
	case atom.Ol:
		return r.list("ordered_list", n)
	case atom.Blockquote:
		return filled(Node{Type: "blockquote", Attrs: Attrs{Lang: attr(n, "lang")}, Content: r.blocks(n)})
	case atom.Pre:
		return r.code(n)
	case atom.Aside:
		return r.aside(n)
	case atom.Table:
		return r.table(n)
	case atom.Figure:
		return r.figure(n)
	case atom.Img:
		return []Node{picture(n)}
	case atom.Hr:
		return []Node{{Type: "horizontal_rule"}}
	}
	if isEndnotes(n) {
		return nil
	}
	return r.blocks(n)
}

// filled is a node, or nothing when it has nothing in it.
func filled(n Node) []Node {
	if len(n.Content) == 0 {
		return nil
	}
	return []Node{n}
}

// paragraph reads a paragraph. A picture in it parts it.
func (r *reader) paragraph(p *html.Node) []Node {
	var out, line []Node
	flush := func() {
		out = append(out, Node{Type: "paragraph", Attrs: Attrs{Lang: attr(p, "lang")}, Content: line})
		line = nil
	}
	for n := range p.ChildNodes() {
		if r.isLine(n) {
			r.inline(n, nil, &line)
			continue
		}
		flush()
		out = append(out, r.block(n)...)
	}
	flush()
	return out
}

func (r *reader) code(n *html.Node) []Node {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return []Node{{Type: "code_block", Content: []Node{{Type: "text", Text: b.String()}}}}
}

// list reads a list. Its items are lines unless one of them has a paragraph.
func (r *reader) list(name string, list *html.Node) []Node {
	out := Node{Type: name, Attrs: Attrs{Tight: true}}
	if name == "ordered_list" {
		out.Attrs.Order = attrNumber(list, "start")
	}
	for n := range list.ChildNodes() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) == "" {
			continue
		}
		item := Node{Type: "list_item"}
		if n.DataAtom == atom.Li {
			item.Content = r.blocks(n)
			for c := range n.ChildNodes() {
				out.Attrs.Tight = out.Attrs.Tight && c.DataAtom != atom.P
			}
		} else {
			item.Content = r.block(n)
		}
		if len(item.Content) == 0 || item.Content[0].Type != "paragraph" {
			item.Content = append([]Node{{Type: "paragraph"}}, item.Content...)
		}
		out.Content = append(out.Content, item)
	}
	return filled(out)
}

func (r *reader) aside(n *html.Node) []Node {
	content := r.blocks(n)
	if attr(n, "class") == "card" {
		if card, ok := cardOf(content); ok {
			return []Node{card}
		}
		return content
	}
	content = withoutCuts(content)
	for i, c := range content { // a pull quote holds paragraphs and nothing else
		if c.Type != "paragraph" {
			return append(filled(Node{Type: "pullquote", Content: content[:i]}), content[i:]...)
		}
	}
	return filled(Node{Type: "pullquote", Content: content})
}

// cardOf is the card that was written as these paragraphs.
func cardOf(ps []Node) (Node, bool) {
	card := Node{Type: "card"}
	for i := range ps {
		ps[i] = normalBlock(ps[i])
		switch line := ps[i].Content; {
		case ps[i].Type != "paragraph" || len(line) != 1 || line[0].Type != "text" || ps[i].Attrs != Attrs{}:
			return Node{}, false
		case i == 0 && len(line[0].Marks) == 1 && line[0].Marks[0].Type == "link":
			card.Attrs.Href = line[0].Marks[0].Attrs.Href
			if card.Attrs.Title = line[0].Text; card.Attrs.Title == card.Attrs.Href {
				card.Attrs.Title = ""
			}
		case i > 0 && len(line[0].Marks) == 0 && card.Attrs.Description == "" && card.Attrs.Site == "":
			card.Attrs.Description = line[0].Text
		case i > 0 && len(line[0].Marks) == 1 && line[0].Marks[0].Type == "em" && card.Attrs.Site == "":
			card.Attrs.Site = line[0].Text
		default:
			return Node{}, false
		}
	}
	return card, card.Attrs.Href != ""
}

func (r *reader) table(table *html.Node) []Node {
	caption, out := Node{Type: "table_caption"}, Node{Type: "table"}
	var rows func(*html.Node)
	rows = func(n *html.Node) {
		for n := range n.ChildNodes() {
			switch n.DataAtom {
			case atom.Caption:
				caption.Content = r.line(n)
			case atom.Tr:
				row := Node{Type: "table_row"}
				for c := range n.ChildNodes() {
					if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
						row.Content = append(row.Content, r.cell(c))
					}
				}
				out.Content = append(out.Content, row)
			default:
				rows(n)
			}
		}
	}
	rows(table)
	if len(out.Content) == 0 {
		return filled(Node{Type: "paragraph", Content: caption.Content})
	}
	return []Node{{Type: "table_block", Content: []Node{caption, out}}}
}

func (r *reader) cell(n *html.Node) Node {
	out := Node{Type: "table_cell", Content: r.blocks(n)}
	out.Attrs = Attrs{Colspan: min(attrNumber(n, "colspan"), 1000), Rowspan: min(attrNumber(n, "rowspan"), 1000), Align: attr(n, "class")}
	if n.DataAtom == atom.Th {
		out.Type, out.Attrs.Scope = "table_header", attr(n, "scope")
	}
	if len(out.Content) == 0 {
		out.Content = []Node{{Type: "paragraph"}}
	}
	return out
}

// picture is the figure of a picture, without a caption.
func picture(img *html.Node) Node {
	return Node{Type: "figure", Content: []Node{{Type: "caption"}, {Type: "credit"}}, Attrs: Attrs{Src: attr(img, "src"),
		Alt: attr(img, "alt"), Width: attrNumber(img, "width"), Height: attrNumber(img, "height")}}
}

// figure reads a figure with one picture. Any other gives what is in it, its caption as a paragraph.
func (r *reader) figure(n *html.Node) []Node {
	var img, caption *html.Node
	others := false
	for c := range n.ChildNodes() {
		switch {
		case c.DataAtom == atom.Img && img == nil:
			img = c
		case c.DataAtom == atom.Figcaption && caption == nil:
			caption = c
		default:
			others = others || c.Type == html.ElementNode || strings.TrimSpace(c.Data) != ""
		}
	}
	if img == nil || others {
		return r.blocks(n)
	}
	out := picture(img)
	if caption != nil {
		for c := range caption.Descendants() {
			if c.DataAtom == atom.Span && attr(c, "class") == "credit" {
				r.flat(c, nil, &out.Content[1].Content)
				c.Parent.RemoveChild(c)
				break
			}
		}
		out.Content[1].Content = normalLine(textOnly(out.Content[1].Content), true)
		out.Content[0].Content = r.line(caption)
	}
	return []Node{out}
}

func textOnly(line []Node) []Node {
	return slices.DeleteFunc(line, func(n Node) bool { return n.Type != "text" })
}
