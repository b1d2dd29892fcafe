package newsletters

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Kind is a kind of block of an edition.
type Kind string

// The kinds of block.
const (
	Take      Kind = "take"      // what the editors think, in their words
	Latest    Kind = "latest"    // articles by headline and standfirst
	Articles  Kind = "articles"  // articles to be read in the mail: in full by who may, else the opening
	Roundup   Kind = "roundup"   // links to others' news, with a line on each
	Radar     Kind = "radar"     // what to watch: the next days of the calendar and articles that are planned
	Important Kind = "important" // the articles that mattered most
	ToCome    Kind = "to-come"   // what the days after bring
	Sponsor   Kind = "sponsor"   // shown to those who see advertising
	Text      Kind = "text"      // anything else
)

var kinds = []Kind{Take, Latest, Articles, Roundup, Radar, Important, ToCome, Sponsor, Text}

// ofArticles reports whether a block of this kind lists articles of the publication.
func (k Kind) ofArticles() bool { return k == Latest || k == Articles || k == Important }

// headings are what a draft calls its blocks.
var headings = map[Kind]string{Take: "Our take", Latest: "Latest from us", Articles: "Today", Roundup: "News roundup",
	Radar: "On our radar", Important: "The week’s most important", ToCome: "What is to come", Sponsor: "From our sponsor"}

func parseKinds(words string) (list []Kind, err error) {
	for _, w := range strings.Fields(strings.ReplaceAll(words, ",", " ")) {
		k := Kind(w)
		if !slices.Contains(kinds, k) {
			return nil, fault.Field("blocks", "expected some of %s, got %q", kindWords(kinds), w)
		}
		list = append(list, k)
	}
	return list, nil
}

func kindWords(list []Kind) string {
	words := make([]string, len(list))
	for i, k := range list {
		words[i] = string(k)
	}
	return strings.Join(words, " ")
}

// A Document is an edition as an editor writes it: Markdown with a head, and blocks that begin with a heading whose
// end says of which kind they are.
//
//	---
//	subject: The strait reopens
//	preheader: Insurers were told first
//	---
//
//	## Our take {take}
//
//	Any Markdown.
//
//	## Latest from us {latest}
//
//	- /articles/the-underwriters-of-the-strait
//	- /articles/who-enforces-a-sanction | A line in place of the standfirst
//
//	## News roundup {roundup}
//
//	- [The port opens](https://example.org/port) Tankers wait in line.
type Document struct {
	Subject   string
	Preheader string // shown beside the subject by mail programs; "" is made of the first words
	Blocks    []Block
}

// A Block is a part of an edition.
type Block struct {
	Kind    Kind
	Heading string // "" for none
	Items   []Item // of a block of articles
	Text    string // Markdown, of every other
}

// An Item is an article in a block.
type Item struct {
	Slug string
	Line string // in place of the standfirst; "" for that
}

// Limits of a document, in bytes.
const (
	documentLimit = 500_000
	lineLimit     = 500
	blockLimit    = 50
)

var (
	headingForm = regexp.MustCompile(`^##[ \t]*([^{}]*?)[ \t]*\{([a-z-]+)\}[ \t]*$`)
	articleForm = regexp.MustCompile(`^[-*][ \t]+(?:https?://[^/\s]+)?/articles/([^\s|?#]+)[^\s|]*[ \t]*(?:\|[ \t]*(.*))?$`)
)

// Parse reads a document. The error is Invalid and names the line.
func Parse(source string) (Document, error) {
	if len(source) > documentLimit || !utf8.ValidString(source) || strings.ContainsRune(source, 0) {
		return Document{}, fault.Field("edition", "An edition is text in UTF-8 of %d bytes at most.", documentLimit)
	}
	p := documentParser{lines: strings.Split(strings.ReplaceAll(source, "\r\n", "\n"), "\n")}
	if err := p.head(); err != nil {
		return Document{}, err
	}
	for ; p.at < len(p.lines); p.at++ {
		if err := p.line(p.lines[p.at]); err != nil {
			return Document{}, err
		}
	}
	for i := range p.doc.Blocks {
		p.doc.Blocks[i].Text = trimLines(p.doc.Blocks[i].Text)
	}
	return p.doc, nil
}

// documentParser goes through a document line by line.
type documentParser struct {
	lines  []string
	at     int
	doc    Document
	fenced string // what ends the code that stands here, "" outside of code
}

func (p *documentParser) wrong(format string, args ...any) error {
	return fault.Field("edition", "line %d: %s", p.at+1, fmt.Sprintf(format, args...))
}

// head reads what stands between the lines of three hyphens.
func (p *documentParser) head() error {
	for p.at < len(p.lines) && strings.TrimSpace(p.lines[p.at]) == "" {
		p.at++
	}
	if p.at == len(p.lines) || strings.TrimSpace(p.lines[p.at]) != "---" {
		return p.wrong(`expected "---", then "subject: …"`)
	}
	for p.at++; p.at < len(p.lines); p.at++ {
		line := strings.TrimSpace(p.lines[p.at])
		if line == "---" {
			p.at++
			return nil
		}
		name, value, colon := strings.Cut(line, ":")
		value = oneLine(value)
		switch {
		case line == "":
		case !colon || name != "subject" && name != "preheader":
			return p.wrong(`expected "subject: …", "preheader: …" or "---", got %q`, shorten(line, 60))
		case len(value) > lineLimit:
			return p.wrong("a %s may have %d bytes", name, lineLimit)
		case name == "subject":
			p.doc.Subject = value
		default:
			p.doc.Preheader = value
		}
	}
	return p.wrong(`expected "---" after the head`)
}

func (p *documentParser) line(line string) error {
	line = strings.TrimRight(line, " \t")
	if p.fenced == "" {
		if m := headingForm.FindStringSubmatch(line); m != nil {
			return p.begin(m[1], Kind(m[2]))
		}
	}
	if len(p.doc.Blocks) == 0 {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		return p.wrong(`expected a block such as "## Our take {take}", got %q`, shorten(line, 60))
	}
	b := &p.doc.Blocks[len(p.doc.Blocks)-1]
	if !b.Kind.ofArticles() {
		p.fence(line)
		b.Text += line + "\n"
		return nil
	}
	line = strings.TrimSpace(line)
	if line == "" {
		return nil
	}
	m := articleForm.FindStringSubmatch(line)
	if m == nil || len(line) > 4*lineLimit {
		return p.wrong(`expected "- /articles/SLUG" or "- /articles/SLUG | a line on it", got %q`, shorten(line, 60))
	}
	b.Items = append(b.Items, Item{Slug: m[1], Line: oneLine(m[2])})
	return nil
}

func (p *documentParser) begin(heading string, k Kind) error {
	if !slices.Contains(kinds, k) {
		return p.wrong("expected {%s}, got {%s}", strings.ReplaceAll(kindWords(kinds), " ", "}, {"), k)
	}
	if len(p.doc.Blocks) == blockLimit {
		return p.wrong("an edition has %d blocks at most", blockLimit)
	}
	p.doc.Blocks = append(p.doc.Blocks, Block{Kind: k, Heading: oneLine(heading)})
	return nil
}

// fence follows fenced code, in which a line that looks like a heading is none.
func (p *documentParser) fence(line string) {
	line = strings.TrimLeft(line, " ")
	for _, mark := range []string{"```", "~~~"} {
		switch {
		case p.fenced == "" && strings.HasPrefix(line, mark):
			p.fenced = mark
			return
		case p.fenced == mark && strings.HasPrefix(line, mark):
			p.fenced = ""
			return
		}
	}
}

// String writes the document as Parse reads it.
func (d Document) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "---\nsubject: %s\npreheader: %s\n---\n", d.Subject, d.Preheader)
	for _, block := range d.Blocks {
		fmt.Fprintf(&b, "\n## %s{%s}\n\n", headingPrefix(block.Heading), block.Kind)
		for _, item := range block.Items {
			b.WriteString("- /articles/" + item.Slug)
			if item.Line != "" {
				b.WriteString(" | " + item.Line)
			}
			b.WriteByte('\n')
		}
		if block.Text != "" {
			b.WriteString(block.Text + "\n")
		}
	}
	return b.String()
}

func headingPrefix(heading string) string {
	if heading == "" {
		return ""
	}
	return heading + " "
}

// check returns what keeps a document from being sent.
func (d Document) check() error {
	if d.Subject == "" {
		return fault.Field("edition", "The edition has no subject.")
	}
	for _, b := range d.Blocks {
		if len(b.Items) > 0 || b.Text != "" {
			return nil
		}
	}
	return fault.Field("edition", "Nothing stands in the edition yet.")
}

// trimLines drops empty lines before and after a text.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for len(lines) > 0 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// oneLine draws white space together and drops what does not show, so that nothing becomes a line or a header of its
// own.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != ' ' && !unicode.IsSpace(r) && (!unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// shorten keeps the first n characters of a text.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return strings.TrimRight(string(r[:n-1]), " ") + "…"
	}
	return s
}

// webAddress reports whether a text is an address that a link of an edition may lead to: http or https, with a host.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil && len(s) <= 2000 &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"\\", r) })
}
