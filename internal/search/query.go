package search

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Query is what someone asks for, taken apart:
//
//	water treaty          words, all of them if enough articles hold all
//	"water treaty"        one after the other
//	-oil, -"oil price"    without
//	trea*                 words that begin so
//	author:adeyemi        by this contributor; also topic:, country:, region:, section:
//	year:2014, year:2014..2019, year:2014.., year:..2019
//	in:title              all of it in the title
type Query struct {
	Parts   []Part
	InTitle bool
}

// A Kind is a kind of Part.
type Kind int

// The kinds.
const (
	Words  Kind = iota // one word, or what reads as several: "cease-fire"
	Phrase             // words in this order
	Prefix             // the beginning of a word
	Filed              // under a term of the kind Field
	Years              // from From to To, 0 is open
)

// A Part is one condition of a query.
type Part struct {
	Kind     Kind
	Not      bool
	Field    string // of Filed: "author", "topic", "country", "region" or "section"
	Text     string // of all but Years, as written, without quotes
	From, To int
}

// How much of a query is read: what follows is dropped.
const (
	queryBytes = 2000
	queryParts = 64
)

// Parse reads a query. It never fails: what is no syntax is words.
func Parse(text string) Query {
	if len(text) > queryBytes {
		text = text[:queryBytes]
	}
	p := parser{rest: strings.ToValidUTF8(text, " ")}
	var q Query
	for len(q.Parts) < queryParts {
		part, ok := p.next()
		if !ok {
			break
		}
		if part.Field == "in" {
			q.InTitle = q.InTitle || !part.Not
		} else {
			q.Parts = append(q.Parts, part)
		}
	}
	return q
}

// String writes the query in its one form; Parse reads the same query from it.
func (q Query) String() string {
	var all []string
	for _, p := range q.Parts {
		all = append(all, p.String())
	}
	if q.InTitle {
		all = append(all, "in:title")
	}
	return strings.Join(all, " ")
}

// String writes a part as it is typed.
func (p Part) String() string {
	text := p.Text
	switch p.Kind {
	case Phrase:
		text = `"` + text + `"`
	case Prefix:
		text += "*"
	case Filed:
		if strings.ContainsFunc(text, unicode.IsSpace) {
			text = `"` + text + `"`
		}
		text = p.Field + ":" + text
	case Years:
		text = "year:" + p.years()
	}
	if p.Not {
		return "-" + text
	}
	return text
}

func (p Part) years() string {
	year := func(y int) string {
		if y == 0 {
			return ""
		}
		return strconv.Itoa(y)
	}
	if p.From == p.To {
		return year(p.From)
	}
	return fmt.Sprintf("%s..%s", year(p.From), year(p.To))
}

// A parser goes through a query.
type parser struct{ rest string }

// next reads a part.
func (p *parser) next() (Part, bool) {
	for {
		p.rest = strings.TrimLeftFunc(p.rest, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		if p.rest == "" {
			return Part{}, false
		}
		not := false
		if r, size := utf8.DecodeRuneInString(p.rest); (r == '-' || r == '−' || r == '–') && len(p.rest) > size {
			not, p.rest = true, p.rest[size:]
		}
		part, ok := p.part()
		if ok {
			part.Not = not
			return part, true
		}
	}
}

// part reads what stands after a minus, or without one.
func (p *parser) part() (Part, bool) {
	if text, ok := p.quoted(); ok {
		text = tidy(text)
		return Part{Kind: Phrase, Text: text}, hasWord(text)
	}
	chunk := p.chunk()
	field, value, isField := strings.Cut(chunk, ":")
	if field = fieldOf(field); isField && field != "" {
		if value == "" {
			quoted, ok := p.quoted()
			if value = tidy(quoted); !ok || !hasWord(value) {
				return Part{}, false
			}
		}
		if part, ok := fieldPart(field, value); ok {
			return part, true
		}
	}
	chunk = strings.Trim(chunk, `"“”„«»`)
	if start, ok := strings.CutSuffix(chunk, "*"); ok && isPrefix(start) {
		return Part{Kind: Prefix, Text: start}, true
	}
	chunk = strings.TrimFunc(chunk, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.N, unicode.M) })
	if field, value, ok := strings.Cut(chunk, ":"); ok && fieldOf(field) != "" { // "(year:2014)", "in:title!"
		if part, ok := fieldPart(fieldOf(field), value); ok {
			return part, true
		}
	}
	return Part{Kind: Words, Text: chunk}, hasWord(chunk)
}

// quotes are the marks that open a phrase, with those that end it.
var quotes = map[rune]string{'"': `"`, '“': "”\"“", '„': "“”\"", '«': "»"}

// quoted reads a text in quotation marks; one that is not closed goes to the end.
func (p *parser) quoted() (text string, ok bool) {
	open, size := utf8.DecodeRuneInString(p.rest)
	ends := quotes[open]
	if ends == "" {
		return "", false
	}
	text = p.rest[size:]
	p.rest = ""
	if i := strings.IndexAny(text, ends); i >= 0 {
		_, size := utf8.DecodeRuneInString(text[i:])
		text, p.rest = text[:i], text[i+size:]
	}
	return text, true
}

// chunk reads up to the next space, or up to the quotation mark that follows a colon.
func (p *parser) chunk() string {
	end := len(p.rest)
	for i, r := range p.rest {
		if unicode.IsSpace(r) || unicode.IsControl(r) || quotes[r] != "" && i > 0 {
			end = i
			break
		}
	}
	chunk := p.rest[:end]
	p.rest = p.rest[end:]
	return chunk
}

// fieldOf returns the one name of a field, "" for what is none.
func fieldOf(name string) string {
	switch name := strings.ToLower(name); name {
	case "author", "topic", "country", "region", "section", "year", "in":
		return name
	case "by", "contributor":
		return "author"
	case "years":
		return "year"
	}
	return ""
}

func fieldPart(field, value string) (Part, bool) {
	switch field {
	case "year":
		return yearsPart(value)
	case "in":
		return Part{Kind: Filed, Field: "in"}, strings.EqualFold(value, "title")
	}
	value = tidy(strings.Trim(value, `"“”„«»`))
	return Part{Kind: Filed, Field: field, Text: value}, hasWord(value)
}

func yearsPart(value string) (Part, bool) {
	from, to, isRange := strings.Cut(value, "..")
	a, ok1 := yearOf(from)
	b, ok2 := yearOf(to)
	if !isRange {
		b, ok2 = a, a != 0
	}
	if !ok1 || !ok2 || a == 0 && b == 0 {
		return Part{}, false
	}
	if b != 0 && a > b {
		a, b = b, a
	}
	return Part{Kind: Years, From: a, To: b}, true
}

// yearOf reads a year of the calendar; nothing is 0.
func yearOf(s string) (int, bool) {
	if s == "" {
		return 0, true
	}
	y, err := strconv.Atoi(s)
	return y, err == nil && y >= firstYear && y <= lastYear && len(s) == 4
}

// tidy leaves single spaces and no quotation marks.
func tidy(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`"“”„«»`, r)
	}), " ")
}

func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.L, unicode.Nd) })
}

// isPrefix reports whether a beginning is long enough to say something: two letters, and nothing else.
func isPrefix(s string) bool {
	n := 0
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
			return false
		}
		n++
	}
	return n >= 2
}
