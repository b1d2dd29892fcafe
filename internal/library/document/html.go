package document

import (
	"slices"
	"strconv"
	"strings"
)

// HTML is the text for an article's source: library and prose set it as any other. A comment marks the cut.
func (d Document) HTML() string {
	w := htmlWriter{}
	root := d.Normal().root
	for i := range root.Content {
		if isEmpty(root.Content[i]) { // a text with nothing in it has one paragraph
			return ""
		}
		if i > 0 {
			w.b.WriteByte('\n')
		}
		w.block(&root.Content[i])
	}
	w.endnotes()
	return w.b.String()
}

// A htmlWriter writes normal nodes.
type htmlWriter struct {
	b       strings.Builder
	notes   notes
	oneLine bool // no end of line is written as one
}

// notes are the footnotes of a text. Two that say the same are one, called twice.
type notes struct {
	all   []Node
	calls []int
}

// call returns the number of a note, and the id of this place where it is called.
func (s *notes) call(n Node) (number int, ref string) {
	i := slices.IndexFunc(s.all, func(o Node) bool { return sameLine(o.Content, n.Content) })
	if i < 0 {
		i = len(s.all)
		s.all, s.calls = append(s.all, n), append(s.calls, 0)
	}
	s.calls[i]++
	return i + 1, refID(i+1, s.calls[i])
}

// refID is the id of a place where a note is called, as goldmark numbers them.
func refID(note, call int) string {
	if call == 1 {
		return "fnref:" + strconv.Itoa(note)
	}
	return "fnref" + strconv.Itoa(call-1) + ":" + strconv.Itoa(note)
}

func sameLine(a, b []Node) bool {
	return slices.EqualFunc(a, b, func(x, y Node) bool {
		return x.Type == y.Type && x.Text == y.Text && slices.Equal(x.Marks, y.Marks)
	})
}

var (
	escapeText  = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	escapeValue = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;").Replace
)

// open writes a tag with those of its attributes that are not empty.
func (w *htmlWriter) open(tag string, attrs ...string) {
	w.b.WriteByte('<')
	w.b.WriteString(tag)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			w.b.WriteString(" " + attrs[i] + `="` + escapeValue(attrs[i+1]) + `"`)
		}
	}
	w.b.WriteByte('>')
}

func (w *htmlWriter) close(tag string) { w.b.WriteString("</" + tag + ">") }

// plain are the blocks that are an element with their children in it.
var plain = map[string]string{"bullet_list": "ul", "blockquote": "blockquote", "table_row": "tr"}

func (w *htmlWriter) block(n *Node) {
	switch n.Type {
	case "paragraph":
		w.open("p", "lang", n.Attrs.Lang)
		w.line(n.Content)
		w.close("p")
	case "heading":
		tag := "h" + strconv.Itoa(n.Attrs.Level)
		w.open(tag)
		w.line(n.Content)
		w.close(tag)
	case "bullet_list", "blockquote", "table_row":
		w.open(plain[n.Type], "lang", n.Attrs.Lang)
		w.blocks(n)
		w.close(plain[n.Type])
	case "ordered_list":
		w.open("ol", "start", number(n.Attrs.Order))
		w.blocks(n)
		w.close("ol")
	case "pullquote":
		w.open("aside", "class", "pullquote")
		w.blocks(n)
		w.close("aside")
	case "code_block":
		w.code(n)
	case "table_block":
		w.table(n)
	case "table_cell":
		w.cell("td", n)
	case "table_header":
		w.cell("th", n)
	case "figure":
		w.figure(n)
	case "card":
		w.card(n)
	case "horizontal_rule":
		w.open("hr")
	case "cut":
		w.b.WriteString("<!-- cut -->")
	}
}

// number is "" for zero, the default.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (w *htmlWriter) blocks(n *Node) {
	for i := range n.Content {
		if c := &n.Content[i]; c.Type == "list_item" {
			w.open("li")
			w.item(c, n.Attrs.Tight)
			w.close("li")
		} else {
			w.block(c)
		}
	}
}

// item writes what is in an item of a list. The paragraph that begins it may be there for the schema's sake.
func (w *htmlWriter) item(n *Node, tight bool) {
	for i := range n.Content {
		switch c := &n.Content[i]; {
		case i == 0 && len(c.Content) == 0:
		case i == 0 && tight:
			w.line(c.Content)
		default:
			w.block(c)
		}
	}
}

func (w *htmlWriter) code(n *Node) {
	w.b.WriteString("<pre><code>")
	for _, t := range n.Content {
		if s := escapeText(t.Text); w.oneLine {
			w.b.WriteString(strings.ReplaceAll(s, "\n", "&#10;"))
		} else {
			w.b.WriteString(s)
		}
	}
	w.b.WriteString("</code></pre>")
}

// table writes the rows before the first with a plain cell as the head, when a row follows them.
func (w *htmlWriter) table(n *Node) {
	caption, rows := n.Content[0].Content, n.Content[1].Content
	w.open("table")
	if len(caption) > 0 {
		w.open("caption")
		w.line(caption)
		w.close("caption")
	}
	head := headRows(rows)
	for i := range rows {
		switch i {
		case 0:
			if head > 0 {
				w.open("thead")
			} else {
				w.open("tbody")
			}
		case head:
			w.close("thead")
			w.open("tbody")
		}
		w.block(&rows[i])
	}
	w.close("tbody")
	w.close("table")
}

// headRows counts the rows at the beginning that hold heads alone; a table of nothing else has none.
func headRows(rows []Node) int {
	for i, row := range rows {
		plain := func(c Node) bool { return c.Type == "table_cell" }
		if len(row.Content) == 0 || slices.ContainsFunc(row.Content, plain) {
			return i
		}
	}
	return 0
}

func (w *htmlWriter) cell(tag string, n *Node) {
	a := n.Attrs
	w.open(tag, "colspan", number(a.Colspan), "rowspan", number(a.Rowspan), "scope", a.Scope, "align", a.Align)
	if only := n.Content[0]; len(n.Content) == 1 && only.Type == "paragraph" && only.Attrs.Lang == "" {
		w.line(only.Content)
	} else {
		w.blocks(n)
	}
	w.close(tag)
}

func (w *htmlWriter) figure(n *Node) {
	a, caption, credit := n.Attrs, n.Content[0].Content, n.Content[1].Content
	w.open("figure")
	w.open("img", "src", a.Src, "alt", a.Alt, "width", number(a.Width), "height", number(a.Height))
	if len(caption)+len(credit) > 0 {
		w.open("figcaption")
		w.line(caption)
		if len(credit) > 0 {
			if len(caption) > 0 {
				w.b.WriteByte(' ')
			}
			w.open("span", "class", "credit")
			w.line(credit)
			w.close("span")
		}
		w.close("figcaption")
	}
	w.close("figure")
}

// card writes a page that is pointed to: its title, what it says of itself, and whose it is.
func (w *htmlWriter) card(n *Node) {
	a := n.Attrs
	w.open("aside", "class", "card")
	w.b.WriteString("<p>")
	w.open("a", "href", a.Href)
	w.b.WriteString(escapeText(cardTitle(a)))
	w.b.WriteString("</a></p>")
	if a.Description != "" {
		w.b.WriteString("<p>" + escapeText(a.Description) + "</p>")
	}
	if a.Site != "" {
		w.b.WriteString("<p><em>" + escapeText(a.Site) + "</em></p>")
	}
	w.close("aside")
}

func cardTitle(a Attrs) string {
	if a.Title == "" {
		return a.Href
	}
	return a.Title
}

var tags = map[string]string{"link": "a", "strong": "strong", "em": "em", "sup": "sup", "sub": "sub", "code": "code"}

// line writes what stands in a line, tags closed and opened only where marks change.
func (w *htmlWriter) line(line []Node) {
	var open []Mark
	for i := range line {
		n := &line[i]
		same := commonMarks(open, n.Marks)
		w.closeMarks(open[same:])
		for _, m := range n.Marks[same:] {
			w.open(tags[m.Type], "href", m.Attrs.Href, "hreflang", m.Attrs.HrefLang, "lang", m.Attrs.Lang)
		}
		open = n.Marks
		w.inline(n)
	}
	w.closeMarks(open)
}

func (w *htmlWriter) closeMarks(open []Mark) {
	for _, m := range slices.Backward(open) {
		w.close(tags[m.Type])
	}
}

func commonMarks(a, b []Mark) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (w *htmlWriter) inline(n *Node) {
	switch n.Type {
	case "text":
		w.b.WriteString(escapeText(n.Text))
	case "hard_break":
		w.b.WriteString("<br>")
	case "cut_mark":
		w.b.WriteString("<!-- cut -->")
	case "footnote":
		note, id := w.notes.call(*n)
		s := strconv.Itoa(note)
		w.b.WriteString(`<sup id="` + id + `"><a href="#fn:` + s + `" class="footnote-ref" role="doc-noteref">` + s + `</a></sup>`)
	}
}

// endnotes writes the notes that were called, as goldmark does.
func (w *htmlWriter) endnotes() {
	if len(w.notes.all) == 0 {
		return
	}
	w.b.WriteString("\n<div class=\"footnotes\" role=\"doc-endnotes\"><hr><ol>")
	for i, n := range w.notes.all {
		w.open("li", "id", "fn:"+strconv.Itoa(i+1))
		w.b.WriteString("<p>")
		w.line(n.Content)
		for call := range w.notes.calls[i] {
			w.b.WriteString("\u00a0")
			w.open("a", "href", "#"+refID(i+1, call+1), "class", "footnote-backref", "role", "doc-backlink")
			w.b.WriteString("↩︎</a>")
		}
		w.b.WriteString("</p></li>")
	}
	w.b.WriteString("</ol></div>")
}
