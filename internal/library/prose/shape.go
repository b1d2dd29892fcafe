package prose

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gatefold/gatefold/internal/fault"
)

// parse reads sanitized HTML into a tree under a node that stands for the body of a page.
func parse(s string) (*html.Node, error) {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "The text is not HTML that can be read.")
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	return body, nil
}

// shape brings a parsed text into the form the site sets: headings from h2 down without gaps, everything in blocks,
// tables in a frame that scrolls, links and pictures with the attributes they need. Shaping twice changes nothing.
func shape(root *html.Node) {
	for _, n := range elements(root) {
		switch n.DataAtom {
		case atom.I:
			rename(n, atom.Em)
		case atom.B:
			rename(n, atom.Strong)
		case atom.Th, atom.Td:
			alignByClass(n)
		case atom.A:
			markForeign(n)
		case atom.Img:
			if attr(n, "src") == "" { // policy refused it
				n.Parent.RemoveChild(n)
				continue
			}
			n.Attr = append(n.Attr, html.Attribute{Key: "loading", Val: "lazy"}, html.Attribute{Key: "decoding", Val: "async"})
			if attr(n, "alt") == "" {
				setAttr(n, "alt", "")
			}
		case atom.Div, atom.Span:
			if class := attr(n, "class"); class != "footnotes" && class != "cut" && class != "credit" {
				unwrap(n)
			}
		}
	}
	dropRepeatedIDs(root)
	rankHeadings(root)
	wrapLoose(root)
	for _, n := range elements(root) {
		switch n.DataAtom {
		case atom.Table:
			frame(n)
		case atom.P:
			dropEmpty(n)
		}
	}
}

// elements returns the elements under a node in document order.
func elements(root *html.Node) []*html.Node {
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, key, value string) {
	dropAttr(n, key)
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func dropAttr(n *html.Node, key string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func rename(n *html.Node, to atom.Atom) { n.DataAtom, n.Data = to, to.String() }

// unwrap puts the children of a node in its place.
func unwrap(n *html.Node) {
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		n.Parent.InsertBefore(c, n)
	}
	n.Parent.RemoveChild(n)
}

// alignByClass says by a class what the attribute align said, which HTML has given up.
func alignByClass(n *html.Node) {
	to := attr(n, "align")
	dropAttr(n, "align")
	if to == "right" || to == "center" {
		setAttr(n, "class", to)
	}
}

// markForeign keeps a page that a link leads to on another site from reaching back into ours.
func markForeign(n *html.Node) {
	href := attr(n, "href")
	if strings.HasPrefix(href, "http:") || strings.HasPrefix(href, "https:") || strings.HasPrefix(href, "//") {
		setAttr(n, "rel", "noopener")
	}
}

// dropRepeatedIDs leaves the first of the elements that share an id with it.
func dropRepeatedIDs(root *html.Node) {
	seen := map[string]bool{}
	for _, n := range elements(root) {
		if id := attr(n, "id"); id != "" {
			if seen[id] {
				dropAttr(n, "id")
			}
			seen[id] = true
		}
	}
}

// headingRank is 1 to 6 for h1 to h6, 0 for anything else.
func headingRank(n *html.Node) int {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(n.Data[1] - '0')
	}
	return 0
}

// rankHeadings makes h2 of the highest headings and closes gaps below them (WCAG 2.2, technique H42); h1 is the
// title's. Nothing goes below h4.
func rankHeadings(root *html.Node) {
	var open []int // the original ranks of the headings the current one stands under, and its own
	for _, n := range elements(root) {
		rank := headingRank(n)
		if rank == 0 {
			continue
		}
		for len(open) > 0 && open[len(open)-1] >= rank {
			open = open[:len(open)-1]
		}
		open = append(open, rank)
		rename(n, [...]atom.Atom{atom.H2, atom.H3, atom.H4}[min(len(open), 3)-1])
	}
}

// isBlock reports whether an element is set as a block of its own.
func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Li, atom.Blockquote, atom.Pre,
		atom.Table, atom.Thead, atom.Tbody, atom.Tfoot, atom.Tr, atom.Th, atom.Td, atom.Caption, atom.Figure,
		atom.Figcaption, atom.Hr, atom.Aside, atom.Div:
		return true
	}
	return false
}

// wrapLoose puts words that stand outside of any block into paragraphs.
func wrapLoose(root *html.Node) {
	var p *html.Node
	for n := root.FirstChild; n != nil; {
		next := n.NextSibling
		switch {
		case n.Type == html.ElementNode && (isBlock(n) || isCut(n)):
			p = nil
		case p == nil && n.Type == html.TextNode && strings.TrimSpace(n.Data) == "":
		default:
			if p == nil {
				p = &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
				root.InsertBefore(p, n)
			}
			root.RemoveChild(n)
			p.AppendChild(n)
		}
		n = next
	}
}

func isCut(n *html.Node) bool { return n.DataAtom == atom.Span && attr(n, "class") == "cut" }

// frame lets a wide table scroll by itself, also with the keyboard.
func frame(table *html.Node) {
	div := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div, Attr: []html.Attribute{
		{Key: "class", Val: "table"}, {Key: "tabindex", Val: "0"}, {Key: "role", Val: "region"},
		{Key: "aria-label", Val: "Table"},
	}}
	table.Parent.InsertBefore(div, table)
	table.Parent.RemoveChild(table)
	div.AppendChild(table)
}

// dropEmpty removes a paragraph in which nothing is left to see. A cut mark that stood alone in it stays.
func dropEmpty(p *html.Node) {
	for n := range p.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" || n.DataAtom == atom.Img {
			return
		}
	}
	for _, n := range elements(p) {
		if isCut(n) {
			n.Parent.RemoveChild(n)
			p.Parent.InsertBefore(n, p)
		}
	}
	p.Parent.RemoveChild(p)
}
