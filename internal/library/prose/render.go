package prose

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// render writes what is under a node. Unlike html.Render it escapes nothing that HTML lets stand, quotation marks in
// text above all: a text that was fine as it came is left as it was, byte for byte. It refuses nodes that sanitized
// text cannot have.
func render(root *html.Node) (string, error) {
	var b strings.Builder
	for n := range root.ChildNodes() {
		if err := renderNode(&b, n); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// HTML Living Standard, 13.3, escaping a string; without U+00A0, which needs none in UTF-8.
var (
	textEscapes  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	valueEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", "&#13;", "\n", "&#10;")
)

func renderNode(b *strings.Builder, n *html.Node) error {
	if n.Type == html.TextNode {
		_, _ = textEscapes.WriteString(b, n.Data) // a strings.Builder takes everything
		return nil
	}
	if n.Type != html.ElementNode || n.Namespace != "" || isRaw(n) {
		return fmt.Errorf("render text: a node %q was not expected", n.Data)
	}
	b.WriteByte('<')
	b.WriteString(n.Data)
	for _, a := range n.Attr {
		b.WriteByte(' ')
		b.WriteString(a.Key)
		b.WriteString(`="`)
		_, _ = valueEscapes.WriteString(b, a.Val)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	if n.DataAtom == atom.Br || n.DataAtom == atom.Hr || n.DataAtom == atom.Img {
		return nil
	}
	if c := n.FirstChild; n.DataAtom == atom.Pre && c != nil && c.Type == html.TextNode && strings.HasPrefix(c.Data, "\n") {
		b.WriteByte('\n') // a parser drops the first
	}
	for c := range n.ChildNodes() {
		if err := renderNode(b, c); err != nil {
			return err
		}
	}
	b.WriteString("</")
	b.WriteString(n.Data)
	b.WriteByte('>')
	return nil
}

// isRaw reports whether the text in an element is not read as HTML, and escaping it would not do.
func isRaw(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Iframe, atom.Noembed, atom.Noframes, atom.Noscript, atom.Plaintext, atom.Script, atom.Style, atom.Textarea,
		atom.Title, atom.Xmp:
		return true
	}
	return false
}
