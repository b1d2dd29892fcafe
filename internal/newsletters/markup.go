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
// dark scheme alone. Word's engine, which Outlook sets mails with, gives room on cells of tables and on paragraphs, and
// nowhere else; what needs more is a box.
var inline = map[atom.Atom]string{
	atom.P:       `class="ink" style="margin:0 0 16px;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.H2:      `class="ink" style="margin:26px 0 10px;font-size:21px;line-height:26px;font-weight:600;color:#1c1b19;"`,
	atom.H3:      `class="ink" style="margin:24px 0 8px;font-size:19px;line-height:25px;font-weight:600;color:#1c1b19;"`,
	atom.H4:      `class="ink" style="margin:22px 0 8px;font-size:18px;line-height:25px;font-weight:600;font-style:italic;color:#1c1b19;"`,
	atom.Ul:      `class="ink" style="margin:0 0 16px 24px;padding:0;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.Ol:      `class="ink" style="margin:0 0 16px 28px;padding:0;font-size:18px;line-height:28px;color:#1c1b19;"`,
	atom.Li:      `style="margin:0 0 8px;"`,
	atom.Table:   `class="ink" style="width:100%;margin:0 0 20px;border-collapse:collapse;font-size:15px;line-height:21px;color:#1c1b19;"`,
	atom.Caption: `class="soft" style="padding:0 0 8px;text-align:left;font-size:14px;line-height:20px;color:#5c5850;"`,
	atom.Th:      `class="rule" style="padding:6px 10px 6px 0;border-bottom:1px solid #d9d4c9;text-align:left;vertical-align:top;font-weight:600;"`,
	atom.Td:      `class="rule" style="padding:6px 10px 6px 0;border-bottom:1px solid #d9d4c9;text-align:left;vertical-align:top;"`,
	atom.Pre:     `class="ink" style="margin:0 0 16px;font-size:14px;line-height:20px;white-space:pre-wrap;color:#1c1b19;"`,
	atom.Code:    `style="font-family:Consolas,Menlo,monospace;font-size:90%;"`,
	atom.Sup:     `style="font-size:75%;line-height:0;"`,
	atom.Sub:     `style="font-size:75%;line-height:0;"`,
	atom.Em:      "", atom.Strong: "", atom.Br: "", atom.Thead: "", atom.Tbody: "", atom.Tfoot: "", atom.Tr: "",
}

// tight is the last paragraph of a box, below which the box itself gives the room.
const tight = `class="ink" style="margin:0;font-size:18px;line-height:28px;color:#1c1b19;"`

// Boxes are cells of tables: what is around the outer one is room, the inner one has the line.
const (
	boxEnd     = `</td></tr></table></td></tr></table>`
	quoteBox   = `<table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td style="padding:0 0 16px;"><table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td class="rule" style="padding:0 0 0 18px;border-left:2px solid #d9d4c9;">`
	asideBox   = `<table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td style="padding:8px 0 24px;"><table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td class="rule ink" style="padding:14px 0;border-top:1px solid #d9d4c9;border-bottom:1px solid #d9d4c9;font-size:18px;line-height:28px;font-style:italic;color:#1c1b19;">`
	figureBox  = `<table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td style="padding:0 0 20px;"><table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td style="padding:0;">`
	captionBox = `</td></tr><tr><td class="soft" style="padding:6px 0 0;font-size:14px;line-height:20px;color:#5c5850;">`
	ruleBox    = `<table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td style="padding:8px 0 24px;"><table role="presentation" style="width:100%;border-collapse:collapse;"><tr><td class="rule" style="padding:0;border-top:1px solid #d9d4c9;font-size:1px;line-height:1px;">&nbsp;`
)

var boxes = map[atom.Atom]string{atom.Blockquote: quoteBox, atom.Aside: asideBox, atom.Figure: figureBox, atom.Hr: ruleBox}

// mirrored turns the styles round for what is written from right to left.
var mirrored = strings.NewReplacer("text-align:left", "text-align:right", "border-left:", "border-right:",
	"padding:0 0 0 18px", "padding:0 18px 0 0", "padding:6px 10px 6px 0", "padding:6px 0 6px 10px",
	"margin:0 0 16px 24px", "margin:0 24px 16px 0", "margin:0 0 16px 28px", "margin:0 28px 16px 0")

// mailHTML writes sanitized HTML of the site for mail programs.
func mailHTML(text template.HTML, k *links, direction string) template.HTML {
	w := mailWriter{links: k, rtl: direction == "rtl"}
	for _, n := range parseHTML(text) {
		w.node(n)
	}
	return template.HTML(w.String())
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

// mailWriter writes elements with their styles.
type mailWriter struct {
	strings.Builder
	links *links
	rtl   bool
	boxed bool // within a box: its last paragraph is tight
}

// styled writes what has styles in it.
func (w *mailWriter) styled(s string) {
	if w.rtl {
		s = mirrored.Replace(s)
	}
	w.WriteString(s)
}

func (w *mailWriter) node(n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		w.WriteString(template.HTMLEscapeString(n.Data))
		return
	case n.Type != html.ElementNode:
		return
	case boxes[n.DataAtom] != "":
		w.box(n)
		return
	}
	switch n.DataAtom {
	case atom.A:
		w.link(n)
		return
	case atom.Img:
		w.image(n)
		return
	case atom.Figcaption: // of no figure of its own
		w.children(n)
		return
	}
	style, known := inline[n.DataAtom]
	if !known { // frames of the site's own, and what is yet to come: what stands in it counts
		w.children(n)
		return
	}
	if n.DataAtom == atom.P && w.boxed && isLast(n) {
		style = tight
	}
	w.element(n, style)
}

// isLast reports whether no element follows in the same one.
func isLast(n *html.Node) bool {
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		if s.Type == html.ElementNode {
			return false
		}
	}
	return true
}

func (w *mailWriter) element(n *html.Node, style string) {
	w.WriteString("<" + n.Data)
	if style != "" {
		w.styled(" " + style)
	}
	for _, name := range []string{"lang", "start", "colspan", "rowspan", "scope"} {
		if v := attr(n, name); v != "" {
			w.WriteString(" " + name + `="` + template.HTMLEscapeString(v) + `"`)
		}
	}
	w.WriteByte('>')
	if n.DataAtom == atom.Br {
		return
	}
	w.children(n)
	w.WriteString("</" + n.Data + ">")
}

// box writes an element as cells of tables, a figure with its caption in a cell of its own.
func (w *mailWriter) box(n *html.Node) {
	outer := w.boxed
	w.boxed = true
	w.styled(boxes[n.DataAtom])
	for c := range n.ChildNodes() {
		if n.DataAtom == atom.Figure && c.DataAtom == atom.Figcaption {
			w.styled(captionBox)
			w.children(c)
			continue
		}
		w.node(c)
	}
	w.WriteString(boxEnd)
	w.boxed = outer
}

func (w *mailWriter) children(n *html.Node) {
	for c := range n.ChildNodes() {
		w.node(c)
	}
}

// link writes a link that leads somewhere. Links within the text, as to a footnote, work in few mail programs: their
// words stay.
func (w *mailWriter) link(n *html.Node) {
	href := w.links.to(attr(n, "href"))
	if strings.Contains(attr(n, "class"), "footnote-backref") {
		return
	}
	if href == "" {
		w.children(n)
		return
	}
	w.WriteString(`<a href="` + template.HTMLEscapeString(href) + `" class="ink" style="color:#1c1b19;text-decoration:underline;">`)
	w.children(n)
	w.WriteString("</a>")
}

func (w *mailWriter) image(n *html.Node) {
	width, _ := strconv.Atoi(attr(n, "width"))
	if src := attr(n, "src"); strings.HasPrefix(src, "/media/") {
		if width <= 0 || width > pictureWidth {
			width = pictureWidth
		}
		w.WriteString(`<img src="` + template.HTMLEscapeString(w.links.own(src)) + `" width="` + strconv.Itoa(width) + `" alt="` +
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
