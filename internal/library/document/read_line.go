package document

import (
	"slices"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// line reads everything in an element as one line, blocks in it parted by breaks.
func (r *reader) line(n *html.Node) []Node {
	var out []Node
	r.flat(n, nil, &out)
	return normalLine(out, false)
}

// flat reads the children of a node into a line.
func (r *reader) flat(n *html.Node, marks []Mark, line *[]Node) {
	for c := range n.ChildNodes() {
		if r.isLine(c) {
			r.inline(c, marks, line)
			continue
		}
		if len(*line) > 0 && (*line)[len(*line)-1].Type != "hard_break" && text(*line) != "" {
			*line = append(*line, Node{Type: "hard_break"})
		}
		r.flat(c, marks, line)
	}
}

// inline reads one node that stands in a line.
func (r *reader) inline(n *html.Node, marks []Mark, line *[]Node) {
	if n.Type == html.TextNode {
		if n.Data != "" {
			*line = append(*line, Node{Type: "text", Text: n.Data, Marks: slices.Clone(marks)})
		}
		return
	}
	switch n.DataAtom {
	case atom.Br:
		*line = append(*line, Node{Type: "hard_break"})
	case atom.Span:
		if isCut(n) && !r.inner {
			*line = append(*line, Node{Type: "cut_mark"})
		} else {
			r.flat(n, marks, line)
		}
	case atom.A:
		switch class := attr(n, "class"); {
		case class == "footnote-backref":
		case class == "footnote-ref" && r.call(n, marks, line):
		default:
			r.marked(n, "link", Attrs{Href: attr(n, "href"), HrefLang: attr(n, "hreflang"), Lang: attr(n, "lang")}, marks, line)
		}
	case atom.Sup:
		if note := n.FirstChild; note != nil && note.NextSibling == nil && note.DataAtom == atom.A && r.call(note, marks, line) {
			return
		}
		r.marked(n, "sup", Attrs{}, marks, line)
	case atom.Em, atom.Strong, atom.Sub, atom.Code:
		r.marked(n, n.Data, Attrs{Lang: attr(n, "lang")}, marks, line)
	default:
		r.flat(n, marks, line)
	}
}

// marked reads an element that is a mark. One that leads nowhere, or stands in its like, is none.
func (r *reader) marked(n *html.Node, name string, a Attrs, marks []Mark, line *[]Node) {
	had := slices.ContainsFunc(marks, func(m Mark) bool { return m.Type == name })
	if name == "link" {
		if _, ok := address(a.Href); !ok {
			had = true
		}
	}
	if name != "em" && name != "link" {
		a.Lang = ""
	}
	if !had {
		marks = append(slices.Clone(marks), Mark{Type: name, Attrs: a})
	}
	r.flat(n, marks, line)
}

// call reads the place that calls a footnote. It reports false when there is no such note.
func (r *reader) call(a *html.Node, marks []Mark, line *[]Node) bool {
	href := attr(a, "href")
	if attr(a, "class") != "footnote-ref" || href == "" || r.inner {
		return false
	}
	content, ok := r.notes[href[1:]]
	if ok {
		*line = append(*line, Node{Type: "footnote", Content: content, Marks: slices.Clone(marks)})
	}
	return ok
}
