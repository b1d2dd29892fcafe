package newsletters

import (
	"errors"
	"html/template"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/gatefold/gatefold/internal/library"
)

// asMoved is errors.As for the error of an article that has another slug.
func asMoved(err error, m **library.Moved) bool { return errors.As(err, m) }

// Mail programs read no stylesheet for certain, so that every element of a text carries its style. Classes are for the
// dark scheme alone.
var inline = map[atom.Atom]string{
	atom.P:          `class="ink" style="margin:0 0 16px;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.H2:         `class="ink" style="margin:26px 0 10px;font-size:21px;line-height:26px;font-weight:600;color:#1c1b19;"`,
	atom.H3:         `class="ink" style="margin:24px 0 8px;font-size:19px;line-height:25px;font-weight:600;color:#1c1b19;"`,
	atom.H4:         `class="ink" style="margin:22px 0 8px;font-size:18px;line-height:25px;font-weight:600;font-style:italic;color:#1c1b19;"`,
	atom.Ul:         `class="ink" style="margin:0 0 16px;padding:0 0 0 22px;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.Ol:         `class="ink" style="margin:0 0 16px;padding:0 0 0 26px;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.Li:         `style="margin:0 0 8px;"`,
	atom.Blockquote: `class="rule" style="margin:0 0 16px;padding:0 0 0 18px;border-left:2px solid #d9d4c9;"`,
	atom.Aside:      `class="rule" style="margin:24px 0;padding:14px 0;border-top:1px solid #d9d4c9;border-bottom:1px solid #d9d4c9;font-style:italic;"`,
	atom.Figure:     `style="margin:0 0 20px;"`,
	atom.Figcaption: `class="soft" style="margin:6px 0 0;font-size:14px;line-height:20px;color:#5c5850;"`,
	atom.Table:      `class="ink" style="width:100%;margin:0 0 20px;border-collapse:collapse;font-size:15px;line-height:21px;color:#1c1b19;"`,
	atom.Caption:    `class="soft" style="padding:0 0 8px;text-align:left;font-size:14px;line-height:20px;color:#5c5850;"`,
	atom.Th:         `class="rule" style="padding:6px 10px 6px 0;border-bottom:1px solid #d9d4c9;text-align:left;vertical-align:top;font-weight:600;"`,
	atom.Td:         `class="rule" style="padding:6px 10px 6px 0;border-bottom:1px solid #d9d4c9;text-align:left;vertical-align:top;"`,
	atom.Pre:        `class="ink" style="margin:0 0 16px;font-size:14px;line-height:20px;white-space:pre-wrap;color:#1c1b19;"`,
	atom.Code:       `style="font-family:Consolas,Menlo,monospace;font-size:0.9em;"`,
	atom.Sup:        `style="font-size:0.75em;line-height:0;"`,
	atom.Sub:        `style="font-size:0.75em;line-height:0;"`,
	atom.Hr:         `class="rule" style="margin:24px 0;border:0;border-top:1px solid #d9d4c9;"`,
	atom.Em:         "", atom.Strong: "", atom.Br: "", atom.Thead: "", atom.Tbody: "", atom.Tfoot: "", atom.Tr: "",
}

// mailHTML writes sanitized HTML of the site for mail programs.
func mailHTML(text template.HTML, k *links) template.HTML {
	var b strings.Builder
	for _, n := range parseHTML(text) {
		writeMail(&b, n, k)
	}
	return template.HTML(b.String())
}

// parseHTML reads sanitized HTML as a list of nodes. What was sanitized can be read.
func parseHTML(text template.HTML) []*html.Node {
	if text == "" {
		return nil
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(string(text)), body)
	if err != nil {
		return nil // reading from memory does not fail
	}
	return nodes
}

func writeMail(b *strings.Builder, n *html.Node, k *links) {
	if n.Type == html.TextNode {
		b.WriteString(template.HTMLEscapeString(n.Data))
		return
	}
	if n.Type != html.ElementNode {
		return
	}
	switch n.DataAtom {
	case atom.A:
		writeMailLink(b, n, k)
		return
	case atom.Img:
		writeMailImage(b, n, k)
		return
	}
	style, known := inline[n.DataAtom]
	if !known { // frames of the site's own, and what is yet to come: what stands in it counts
		writeChildren(b, n, k)
		return
	}
	b.WriteString("<" + n.Data)
	if style != "" {
		b.WriteString(" " + style)
	}
	for _, name := range []string{"lang", "start", "colspan", "rowspan", "scope"} {
		if v := attr(n, name); v != "" {
			b.WriteString(" " + name + `="` + template.HTMLEscapeString(v) + `"`)
		}
	}
	b.WriteByte('>')
	if n.DataAtom == atom.Br || n.DataAtom == atom.Hr {
		return
	}
	writeChildren(b, n, k)
	b.WriteString("</" + n.Data + ">")
}

func writeChildren(b *strings.Builder, n *html.Node, k *links) {
	for c := range n.ChildNodes() {
		writeMail(b, c, k)
	}
}

// writeMailLink writes a link that leads somewhere. Links within the text, as to a footnote, work in few mail programs:
// their words stay.
func writeMailLink(b *strings.Builder, n *html.Node, k *links) {
	href := k.to(attr(n, "href"))
	if strings.Contains(attr(n, "class"), "footnote-backref") {
		return
	}
	if href == "" {
		writeChildren(b, n, k)
		return
	}
	b.WriteString(`<a href="` + template.HTMLEscapeString(href) + `" class="ink" style="color:#1c1b19;text-decoration:underline;">`)
	writeChildren(b, n, k)
	b.WriteString("</a>")
}

func writeMailImage(b *strings.Builder, n *html.Node, k *links) {
	width, _ := strconv.Atoi(attr(n, "width"))
	if src := attr(n, "src"); strings.HasPrefix(src, "/media/") {
		if width <= 0 || width > pictureWidth {
			width = pictureWidth
		}
		b.WriteString(`<img src="` + template.HTMLEscapeString(k.own(src)) + `" width="` + strconv.Itoa(width) + `" alt="` +
			template.HTMLEscapeString(attr(n, "alt")) + `" style="display:block;width:100%;max-width:` + strconv.Itoa(width) + `px;height:auto;border:0;">`)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
