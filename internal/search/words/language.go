package words

import (
	"iter"
	"maps"
	"strings"

	snowball "github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"
)

// A Language knows the words of one language. It is safe for concurrent use.
type Language struct {
	Code   string // "en", or "" of a language without endings to take off
	stem   func(*snowball.Env) bool
	stop   map[string]bool
	elides bool // an apostrophe parts words
	early  bool // accents are folded before the stem is found: they are foreign to the language
}

// stemmers by the language of a BCP 47 tag.
var stemmers = map[string]func(*snowball.Env) bool{
	"da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem, "fr": french.Stem,
	"hu": hungarian.Stem, "it": italian.Stem, "nb": norwegian.Stem, "nl": dutch.Stem, "nn": norwegian.Stem,
	"no": norwegian.Stem, "pt": portuguese.Stem, "ro": romanian.Stem, "ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// For returns the language of a BCP 47 tag, English for "". Words of a language without a stemmer keep their endings.
func For(tag string) *Language {
	code, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if code == "" {
		code = "en"
	}
	l := &Language{Code: code, stem: stemmers[code], stop: map[string]bool{}, early: code == "en",
		elides: code == "fr" || code == "it" || code == "ca"}
	if l.stem == nil {
		l.Code = ""
	}
	for w := range strings.FieldsSeq(stopWords[code]) {
		l.stop[w] = true
		l.stop[Fold(w)] = true
	}
	return l
}

// Stem returns what the forms of a word have in common, without accents: "economies" and "économie" are one word where
// the language says so. The word is as Tokens gives it.
func (l *Language) Stem(word string) string {
	if l.stem == nil {
		return Fold(word)
	}
	if l.early {
		word = Fold(word)
	}
	env := snowball.NewEnv(word)
	l.stem(env)
	stem := env.Current()
	if stem == "" {
		stem = word
	}
	return Fold(stem)
}

// Stop reports whether a word says nothing of what a text is about.
func (l *Language) Stop(word string) bool { return l.stop[word] }

// Stops yields the words that Stop knows.
func (l *Language) Stops() iter.Seq[string] { return maps.Keys(l.stop) }
