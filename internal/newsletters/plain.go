package newsletters

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textWidth is how wide the text part is set, in characters, so that it stays readable when it is quoted.
const textWidth = 72

// plain writes the text part: the same words in the same order, headings underlined, links on lines of their own.
func (p *paper) plain(q letterPage, v View, k *links) string {
	b := &plainWriter{links: k}
	b.line(strings.ToUpper(p.publication.Name))
	b.line(v.Newsletter.Name + " · " + q.Dateline)
	if q.Online != "" {
		b.line(p.texts.T("letter.online") + ": " + q.Online)
	}
	for i, part := range v.Parts {
		b.gap()
		heading := part.Heading
		if part.Kind == Sponsor { // as the HTML calls it, whatever an editor does
			heading = p.texts.T("letter.advertisement")
		}
		if heading != "" {
			b.heading(heading, "=")
		}
		b.html(part.Text)
		if ad := q.Blocks[i].Ad; ad != nil {
			b.ad(*ad)
		}
		for j, s := range part.Stories {
			p.plainStory(b, s, q.Blocks[i].Stories[j], j)
		}
	}
	b.gap()
	b.line("-- ") // RFC 3676, 4.3: what follows is no part of the words
	b.para("", q.Reason)
	b.line(p.texts.T("letter.unsubscribe") + ": " + q.Unsubscribe)
	b.line(p.texts.T("letter.preferences") + ": " + q.Preferences)
	b.para("", joinNonEmpty(" · ", p.publication.Name, q.Seat, p.publication.Contact))
	return b.String()
}

func (b *plainWriter) ad(ad letterAd) {
	b.para("", ad.Sponsor)
	if ad.Picture != nil {
		b.para("", ad.Picture.Alt)
		b.line(ad.URL)
		return
	}
	b.para("", joinNonEmpty(" ", ad.Headline, ad.Text))
	b.line(ad.Label + ": " + ad.URL)
}

func (p *paper) plainStory(b *plainWriter, s Story, set letterStory, n int) {
	if n > 0 {
		b.gap()
	}
	if s.Body == "" {
		b.para("", s.Title)
		b.para("", s.Line)
		b.para("", set.Byline)
		b.line(set.URL)
		return
	}
	b.heading(s.Title, "-")
	b.para("", s.Line)
	b.para("", set.Byline)
	b.line(set.URL)
	b.gap()
	b.rule = "~"
	b.html(s.Body)
	b.rule = ""
	if set.Button != "" {
		b.line(set.Button + ": " + set.URL)
	}
}

// plainWriter sets words in lines.
type plainWriter struct {
	strings.Builder
	links *links
	notes []string // links of the paragraph under way, told after it
	many  bool     // there are several: then they are numbered
	rule  string   // under the headings of a text; "" is a hyphen
}

// line writes one line as it is.
func (b *plainWriter) line(s string) {
	if s != "" {
		b.WriteString(s + "\n")
	}
}

// gap makes an empty line, unless one is there.
func (b *plainWriter) gap() {
	if s := b.String(); s != "" && !strings.HasSuffix(s, "\n\n") {
		b.WriteByte('\n')
	}
}

func (b *plainWriter) heading(s, rule string) {
	b.para("", s)
	b.line(strings.Repeat(rule, min(textWidth, utf8.RuneCountInString(s))))
	b.gap()
}

// para sets a paragraph between words. first stands before its first line, and as much room before the others.
func (b *plainWriter) para(first, s string) {
	words := strings.Fields(s)
	if len(words) == 0 {
		return
	}
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	if strings.HasPrefix(first, ">") {
		indent = first
	}
	b.WriteString(first)
	width := utf8.RuneCountInString(first)
	for i, w := range words {
		n := utf8.RuneCountInString(w)
		switch {
		case i == 0:
		case width+1+n > textWidth:
			b.WriteString("\n" + indent)
			width = utf8.RuneCountInString(indent)
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(w)
		width += n
	}
	b.WriteByte('\n')
}

// html sets sanitized HTML.
func (b *plainWriter) html(text template.HTML) {
	for _, n := range parseHTML(text) {
		b.block(n, "")
	}
	b.gap()
}

// block sets an element that stands for itself. first is what stands before its first line.
func (b *plainWriter) block(n *html.Node, first string) {
	if n.Type == html.TextNode {
		b.para(first, n.Data)
		return
	}
	switch n.DataAtom {
	case atom.H2, atom.H3, atom.H4:
		b.gap()
		b.heading(b.words(n), firstOf(b.rule, "-"))
	case atom.Ul, atom.Ol:
		b.list(n, first)
	case atom.Blockquote, atom.Aside:
		for c := range n.ChildNodes() {
			b.block(c, "> ")
		}
	case atom.Hr:
		b.line("* * *")
		b.gap()
	case atom.Pre:
		b.line(strings.TrimRight(b.words(n), "\n"))
		b.gap()
	case atom.P, atom.Figcaption, atom.Caption:
		b.para(first, b.words(n))
		b.flush()
		b.gap()
	case atom.Img:
		b.para(first, attr(n, "alt"))
	case atom.Table:
		b.table(n, first)
	case atom.Figure, atom.Div, atom.Section:
		for c := range n.ChildNodes() {
			b.block(c, first)
		}
		b.gap()
	default:
		b.para(first, b.words(n))
	}
}

func (b *plainWriter) list(n *html.Node, first string) {
	i := 0
	if start, err := strconv.Atoi(attr(n, "start")); err == nil {
		i = start - 1
	}
	for c := range n.ChildNodes() {
		if c.DataAtom != atom.Li {
			continue
		}
		i++
		mark := "- "
		if n.DataAtom == atom.Ol {
			mark = fmt.Sprintf("%d. ", i)
		}
		setApart(c)
		b.para(first+mark, b.words(c))
		b.flush()
	}
	b.gap()
}

// setApart puts a sign between what leads a line of a list, a link or words in bold, and what is said of it: in the HTML
// they look different.
func setApart(li *html.Node) {
	lead := li.FirstChild
	if lead == nil || lead.NextSibling == nil || lead.NextSibling.Type != html.TextNode {
		return
	}
	sign := map[atom.Atom]string{atom.A: " –", atom.Strong: ":"}[lead.DataAtom]
	said := strings.TrimLeft(lead.NextSibling.Data, " \n")
	if r, _ := utf8.DecodeRuneInString(said); sign != "" && unicode.IsUpper(r) {
		lead.NextSibling.Data = sign + " " + said
	}
}

// table sets the cells of a table in columns, or with strokes between them where they would be wider than the text.
func (b *plainWriter) table(n *html.Node, first string) {
	var rows [][]string
	var widths []int
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.Caption:
			b.para(first, b.words(c))
		case atom.Tr:
			rows = append(rows, b.row(c))
		}
	}
	total := 0
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, w := range widths {
		total += w + 3
	}
	for _, row := range rows {
		if total > textWidth {
			b.para(first, strings.Join(row, " | "))
			continue
		}
		for i := range row[:max(0, len(row)-1)] {
			row[i] += strings.Repeat(" ", widths[i]-utf8.RuneCountInString(row[i]))
		}
		b.line(first + strings.Join(row, "   "))
	}
	b.flush()
	b.gap()
}

// row returns the cells of a row of a table.
func (b *plainWriter) row(n *html.Node) (cells []string) {
	for c := range n.ChildNodes() {
		if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
			cells = append(cells, strings.Join(strings.Fields(b.words(c)), " "))
		}
	}
	return cells
}

// words returns the words of an element. Links are numbered, and told after the paragraph by flush.
func (b *plainWriter) words(n *html.Node) string {
	var s strings.Builder
	count := 0
	for c := range n.Descendants() {
		if c.DataAtom == atom.A && b.links.to(attr(c, "href")) != "" {
			count++
		}
	}
	b.many = count > 1
	b.inline(&s, n)
	return s.String()
}

func (b *plainWriter) inline(s *strings.Builder, n *html.Node) {
	for c := range n.ChildNodes() {
		switch {
		case c.Type == html.TextNode:
			s.WriteString(c.Data)
		case c.DataAtom == atom.Br:
			s.WriteByte(' ')
		case c.DataAtom == atom.Img:
			s.WriteString(attr(c, "alt"))
		case c.DataAtom == atom.A:
			b.link(s, c)
		case c.DataAtom == atom.P || c.DataAtom == atom.Ul || c.DataAtom == atom.Ol || c.DataAtom == atom.Li:
			s.WriteByte(' ')
			b.inline(s, c)
			s.WriteByte(' ')
		default:
			b.inline(s, c)
		}
	}
}

func (b *plainWriter) link(s *strings.Builder, n *html.Node) {
	if strings.Contains(attr(n, "class"), "footnote-backref") {
		return
	}
	b.inline(s, n)
	if href := b.links.to(attr(n, "href")); href != "" {
		b.notes = append(b.notes, href)
		if b.many {
			fmt.Fprintf(s, " [%d]", len(b.notes))
		}
	}
}

// flush tells where the links of a paragraph lead.
func (b *plainWriter) flush() {
	for i, href := range b.notes {
		if b.many {
			href = fmt.Sprintf("[%d] %s", i+1, href)
		}
		b.line("  " + href)
	}
	b.notes = b.notes[:0]
}
