package search

import (
	"html"
	"strings"
)

// textVersion counts the changes of plainText after which an index must be built anew.
const textVersion = 2

// plainText takes the text out of the HTML of an article, with a line for each paragraph, and the text of its headings
// once more. What has no place in a teaser (tables, captions, notes) comes after the rest, so that a teaser's words are
// the first words of the text. The HTML is as package library keeps it: sanitized and well formed.
func plainText(source string) (text, headings string) {
	var x extractor
	x.run(source)
	x.body.WriteByte('\n')
	x.body.WriteString(x.apart.String())
	return strings.TrimSpace(x.body.String()), strings.TrimSpace(x.headings.String())
}

type extractor struct {
	body, apart, headings strings.Builder

	heading bool
	aside   string // the element apart that is read, "" for none
	depth   int    // how many of that name are open
	note    bool   // inside a reference to a footnote
}

func (x *extractor) run(source string) {
	for source != "" {
		text, rest, found := strings.Cut(source, "<")
		x.text(text)
		if !found {
			return
		}
		tag, rest, _ := strings.Cut(rest, ">")
		x.tag(tag)
		source = rest
	}
}

func (x *extractor) text(s string) {
	if s == "" || x.note {
		return
	}
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	if x.aside != "" {
		x.apart.WriteString(s)
		return
	}
	x.body.WriteString(s)
	if x.heading {
		x.headings.WriteString(s)
	}
}

func (x *extractor) tag(tag string) {
	closes := strings.HasPrefix(tag, "/")
	name, attrs, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(tag, "/"), "/"), " ")
	if x.aside == name && name != "" {
		x.depth++
		if closes {
			x.depth -= 2
		}
		if x.depth == 0 {
			x.aside = ""
		}
	} else if x.aside == "" && !closes && apart(name, attrs) {
		x.aside, x.depth = name, 1
	}
	switch name {
	case "em", "strong", "a", "i", "b", "span", "code", "abbr", "cite", "small", "q", "mark", "sub", "u", "s", "time":
		return
	case "sup":
		if x.note = !closes && strings.HasPrefix(attrs, `id="fnref`); !x.note && !closes {
			x.text(" ") // the number of a note is no part of the word before it
		}
		return
	case "h1", "h2", "h3", "h4", "h5", "h6":
		x.heading = !closes
		x.headings.WriteByte('\n')
	}
	if x.aside != "" {
		x.apart.WriteByte('\n')
	} else {
		x.body.WriteByte('\n')
	}
}

// apart reports whether an element stands outside of the run of the text.
func apart(name, attrs string) bool {
	switch name {
	case "figure", "table", "aside", "pre":
		return true
	case "div":
		return attrs == `class="footnotes"` || attrs == `class="table"`
	}
	return false
}
