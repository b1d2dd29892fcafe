package document

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown is the text as CommonMark with tables and footnotes, which package prose reads. What Markdown has no words for
// (a pull quote, a picture with its credit, a table without heads) stands in it as HTML.
func (d Document) Markdown() string {
	root := d.Normal().root
	if isEmpty(root.Content[0]) {
		return ""
	}
	w := mdWriter{raw: hasHiddenNotes(root.Content), html: htmlWriter{oneLine: true}}
	out := w.blocks(root.Content)
	if w.raw {
		w.html.b.Reset()
		w.html.endnotes()
		return join(out, "\n\n", strings.TrimPrefix(w.html.b.String(), "\n")) + "\n"
	}
	for i, n := range w.html.notes.all {
		out = join(out, "\n\n", "[^"+strconv.Itoa(i+1)+"]: "+strings.ReplaceAll(w.line(n.Content), "\n", "\n    "))
	}
	return out + "\n"
}

func join(a, sep, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + sep + b
}

// A mdWriter writes normal nodes.
type mdWriter struct {
	html htmlWriter // of what Markdown has no words for; it keeps the notes
	raw  bool       // notes are written as HTML, as some stand where Markdown is not read
}

// hasHiddenNotes reports whether a note is called within a block that is written as HTML.
func hasHiddenNotes(blocks []Node) bool {
	for i := range blocks {
		n := &blocks[i]
		if asHTML(n) && hasNote(n) || !asHTML(n) && hasHiddenNotes(n.Content) {
			return true
		}
	}
	return false
}

func hasNote(n *Node) bool {
	for i := range n.Content {
		if n.Content[i].Type == "footnote" || hasNote(&n.Content[i]) {
			return true
		}
	}
	return false
}

// asHTML reports whether Markdown has no words for a block.
func asHTML(n *Node) bool {
	switch n.Type {
	case "paragraph", "blockquote":
		return n.Attrs.Lang != ""
	case "heading":
		return len(n.Content) == 0 || slices.ContainsFunc(n.Content, func(c Node) bool { return c.Type == "hard_break" })
	case "bullet_list", "ordered_list":
		return !isPlainList(n)
	case "table_block":
		return !isPlainTable(n)
	case "pullquote", "figure", "card":
		return true
	}
	return false
}

// isPlainList reports whether Markdown keeps a list as it is. A tight list holds lines and tight lists that begin with one; a loose one
// has two blocks somewhere that an empty line can part.
func isPlainList(list *Node) bool {
	for i, item := range list.Content {
		if len(item.Content[0].Content) == 0 || asHTML(&item.Content[0]) {
			return false
		}
		for _, c := range item.Content[1:] {
			if list.Attrs.Tight && !((c.Type == "bullet_list" || c.Type == "ordered_list") && c.Attrs.Tight && c.Attrs.Order == 0 && isPlainList(&c)) {
				return false
			}
		}
		if list.Attrs.Tight && len(item.Content) > 2 || !list.Attrs.Tight && i == 0 && len(list.Content) == 1 && len(item.Content) == 1 {
			return false
		}
	}
	return true
}

// isPlainTable reports whether a table is one of Markdown's: a row of heads, then rows of as many cells, each a line, set
// alike in their columns.
func isPlainTable(n *Node) bool {
	rows := n.Content[1].Content
	if len(n.Content[0].Content) > 0 || headRows(rows) != 1 || len(rows) < 2 {
		return false
	}
	for r, row := range rows {
		if len(row.Content) != len(rows[0].Content) {
			return false
		}
		for i, c := range row.Content {
			a := c.Attrs
			a.Align = ""
			if a != (Attrs{}) || c.Attrs.Align != rows[0].Content[i].Attrs.Align || (c.Type == "table_header") != (r == 0) {
				return false
			}
			if p := c.Content[0]; len(c.Content) != 1 || p.Type != "paragraph" || p.Attrs.Lang != "" ||
				slices.ContainsFunc(p.Content, func(n Node) bool { return n.Type == "hard_break" || hasCode(n) }) {
				return false
			}
		}
	}
	return true
}

func hasCode(n Node) bool {
	return slices.ContainsFunc(n.Marks, func(m Mark) bool { return m.Type == "code" || m.Type == "link" })
}

// blocks writes blocks, an empty line between them.
func (w *mdWriter) blocks(blocks []Node) string {
	out := ""
	for i := range blocks {
		n := &blocks[i]
		if i > 0 && isList(n) && isList(&blocks[i-1]) {
			out = join(out, "\n\n", "<!-- -->") // or they would be one list
		}
		out = join(out, "\n\n", w.block(n))
	}
	return out
}

func isList(n *Node) bool { return n.Type == "bullet_list" || n.Type == "ordered_list" }

func (w *mdWriter) block(n *Node) string {
	if asHTML(n) {
		return w.asHTML(n)
	}
	switch n.Type {
	case "paragraph":
		return w.line(n.Content)
	case "heading":
		return strings.Repeat("#", n.Attrs.Level) + " " + w.line(n.Content)
	case "blockquote":
		return "> " + strings.ReplaceAll(w.blocks(n.Content), "\n", "\n> ")
	case "bullet_list", "ordered_list":
		return w.list(n)
	case "code_block":
		return w.code(n)
	case "table_block":
		return w.table(n.Content[1].Content)
	case "horizontal_rule":
		return "***"
	}
	return "<!-- cut -->"
}

func (w *mdWriter) list(n *Node) string {
	var out strings.Builder
	for i, item := range n.Content {
		if i > 0 {
			out.WriteByte('\n')
			if !n.Attrs.Tight {
				out.WriteByte('\n')
			}
		}
		mark := "- "
		if n.Type == "ordered_list" {
			mark = strconv.Itoa(max(1, n.Attrs.Order)+i) + ". "
		}
		text := ""
		if n.Attrs.Tight {
			text = w.line(item.Content[0].Content)
			if len(item.Content) > 1 {
				text += "\n" + w.block(&item.Content[1])
			}
		} else {
			text = w.blocks(item.Content)
		}
		out.WriteString(mark + indented(text, len(mark)))
	}
	return out.String()
}

// indented indents every line after the first that is not empty.
func indented(s string, by int) string {
	lines := strings.Split(s, "\n")
	for i := 1; i < len(lines); i++ {
		if lines[i] != "" {
			lines[i] = strings.Repeat(" ", by) + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// code writes code in a fence longer than any in it. In a fence the last line ends; code that does not end so is HTML.
func (w *mdWriter) code(n *Node) string {
	code, fence := n.Content[0].Text, "```"
	for line := range strings.SplitSeq(code, "\n") { // what a list or a quotation around it would eat
		if strings.Contains(line, "\t") || line != "" && strings.TrimSpace(line) == "" {
			return w.asHTML(n)
		}
	}
	if !strings.HasSuffix(code, "\n") {
		return w.asHTML(n)
	}
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + "\n" + code + fence
}

// asHTML writes a block as HTML: one line, which is one block of Markdown.
func (w *mdWriter) asHTML(n *Node) string {
	w.html.b.Reset()
	w.html.block(n)
	return w.html.b.String()
}

func (w *mdWriter) table(rows []Node) string {
	var out strings.Builder
	for i, row := range rows {
		for _, c := range row.Content {
			out.WriteString("| " + join(w.line(c.Content[0].Content), "", " "))
		}
		out.WriteString("|")
		if i == 0 {
			out.WriteString("\n")
			for _, c := range row.Content {
				out.WriteString(map[string]string{"": "|---", "right": "|---:", "center": "|:---:"}[c.Attrs.Align])
			}
			out.WriteString("|")
		}
		if i < len(rows)-1 {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// line writes what stands in a line.
func (w *mdWriter) line(line []Node) string {
	l := lineWriter{w: w}
	l.run(line, 0)
	return l.b.String()
}

// A lineWriter writes a line of Markdown.
type lineWriter struct {
	w *mdWriter
	b strings.Builder
}

// run writes nodes that have their first marks in common, and those written.
func (l *lineWriter) run(line []Node, depth int) {
	for i := 0; i < len(line); {
		n := &line[i]
		if len(n.Marks) <= depth {
			l.inline(n)
			i++
			continue
		}
		end := i + 1
		for end < len(line) && len(line[end].Marks) > depth && line[end].Marks[depth] == n.Marks[depth] {
			end++
		}
		l.marked(line[i:end], depth)
		i = end
	}
}

// marked writes a run under a mark.
func (l *lineWriter) marked(run []Node, depth int) {
	m := run[0].Marks[depth]
	switch {
	case m.Type == "code" && len(run) == 1 && isPlainCode(run[0].Text):
		l.b.WriteString("`" + run[0].Text + "`")
		return
	case m.Type == "link" && m.Attrs.Lang == "" && m.Attrs.HrefLang == "" && isPlainLink(run):
		l.b.WriteByte('[')
		l.run(run, depth+1)
		l.b.WriteString("](<" + m.Attrs.Href + ">)")
		return
	case (m.Type == "em" || m.Type == "strong") && m.Attrs.Lang == "" && l.canStar(run, depth):
		star := map[string]string{"em": "*", "strong": "**"}[m.Type]
		l.b.WriteString(star)
		l.run(run, depth+1)
		l.b.WriteString(star)
		return
	}
	l.w.html.b.Reset()
	l.w.html.open(tags[m.Type], "href", m.Attrs.Href, "hreflang", m.Attrs.HrefLang, "lang", m.Attrs.Lang)
	l.b.WriteString(l.w.html.b.String())
	l.run(run, depth+1)
	l.b.WriteString("</" + tags[m.Type] + ">")
}

func isPlainCode(s string) bool {
	return strings.TrimSpace(s) == s && !strings.ContainsAny(s, "`|[]") && s != ""
}

func isPlainLink(run []Node) bool {
	return !slices.ContainsFunc(run, func(n Node) bool { return n.Type != "text" }) && strings.TrimSpace(text(run)) != ""
}

// canStar reports whether stars are read as marks around a run: it begins and ends with letters, and no star is before
// it (CommonMark 0.31.2, 6.2).
func (l *lineWriter) canStar(run []Node, depth int) bool {
	first, last := run[0], run[len(run)-1]
	if first.Type != "text" || last.Type != "text" || len(first.Marks) > depth+1 || len(last.Marks) > depth+1 {
		return false
	}
	a, _ := utf8.DecodeRuneInString(first.Text)
	z, _ := utf8.DecodeLastRuneInString(last.Text)
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return word(a) && word(z) && !strings.HasSuffix(l.b.String(), "*")
}

func (l *lineWriter) inline(n *Node) {
	switch n.Type {
	case "hard_break":
		if strings.HasSuffix(l.b.String(), "\\") { // which would be read as one of a pair
			l.b.WriteString("<br>\n")
		} else {
			l.b.WriteString("\\\n")
		}
	case "cut_mark":
		if before, ok := strings.CutSuffix(l.b.String(), "\n"); ok { // a comment that begins a line begins a block
			before, slash := strings.CutSuffix(before, "\\")
			l.b.Reset()
			l.b.WriteString(before)
			if slash {
				l.b.WriteString("<br>")
			}
		}
		l.b.WriteString("<!-- cut -->")
	case "footnote":
		if l.w.raw {
			l.w.html.b.Reset()
			l.w.html.inline(n)
			l.b.WriteString(l.w.html.b.String())
			return
		}
		note, _ := l.w.html.notes.call(*n)
		l.b.WriteString("[^" + strconv.Itoa(note) + "]")
	default:
		l.text(n.Text)
	}
}

// text writes words, with a backslash before everything that would be read as more than words.
func (l *lineWriter) text(s string) {
	for _, r := range s {
		before := l.b.String()
		start := before == "" || strings.HasSuffix(before, "\n")
		escape := false
		switch r {
		case '\\', '`', '*', '_', '[', ']', '<', '>', '"', '\'', '&', '|', '^', '!', '~', '#':
			escape = true
		case '-':
			escape = start || strings.HasSuffix(before, "-")
		case '.':
			escape = strings.HasSuffix(before, ".") || isNumber(before)
		case ')':
			escape = isNumber(before)
		case ':', '(':
			escape = start || strings.HasSuffix(before, "]")
		case '+', '=':
			escape = start
		}
		if escape {
			l.b.WriteByte('\\')
		}
		l.b.WriteRune(r)
	}
}

// isNumber reports whether a line so far is a number, as before an item of a list.
func isNumber(line string) bool {
	line = line[strings.LastIndexByte(line, '\n')+1:]
	return line != "" && strings.Trim(line, "0123456789") == ""
}
