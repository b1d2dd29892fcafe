package words

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Token is a word where it stands: text[Start:End] is how it is written, Word is that in lower case, without
// apostrophes and the dots of abbreviations, with its accents.
type Token struct {
	Start, End int
	Word       string
}

// tokenLimit is the length in bytes at which a word is cut off: what is longer is none.
const tokenLimit = 64

// Tokens yields the words of a text in order. A word is a run of letters and digits; an apostrophe inside belongs to
// it ("don't", "O'Neill") unless the language elides with it ("l'économie"), and so do the dots of "U.S." and the dots
// and commas of numbers. Each character of Chinese and Japanese is a word.
func (l *Language) Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for i := 0; i < len(text); {
			r, size := rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
			if !inWord(r) {
				i += size
				continue
			}
			end := i + size
			if !alone(r) {
				end = l.end(text, end)
			}
			if w := l.word(text[i:end]); w != "" && !yield(Token{i, end, w}) {
				return
			}
			i = end
		}
	}
}

// end returns where the word ends that goes on at i.
func (l *Language) end(text string, i int) int {
	for i < len(text) {
		c := text[i]
		switch {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
			i++
			continue
		case c == '\'' || c == '.' || c == ',':
			if !l.joins(text, i, 1) {
				return i
			}
			i++
			continue
		case c < utf8.RuneSelf:
			return i
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '’' || r == 'ʼ':
			if !l.joins(text, i, size) {
				return i
			}
		case !inWord(r) || alone(r):
			return i
		}
		i += size
	}
	return i
}

// joins reports whether the mark of some size at i stands inside a word.
func (l *Language) joins(text string, i, size int) bool {
	next, _ := utf8.DecodeRuneInString(text[i+size:])
	last, n := utf8.DecodeLastRuneInString(text[:i])
	if !inWord(next) || alone(next) {
		return false
	}
	switch text[i] {
	case ',':
		return unicode.IsDigit(last) && unicode.IsDigit(next)
	case '.':
		if unicode.IsDigit(last) {
			return unicode.IsDigit(next)
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i-n])
		_, wide := utf8.DecodeRuneInString(text[i+size:])
		after, _ := utf8.DecodeRuneInString(text[i+size+wide:])
		return unicode.IsLetter(next) && !inWord(before) && !inWord(after) // "U.S.": single letters
	}
	return !l.elides
}

func inWord(r rune) bool {
	switch {
	case r < utf8.RuneSelf:
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	case r == utf8.RuneError:
		return false
	}
	return unicode.In(r, unicode.L, unicode.Nd, unicode.M)
}

// alone reports whether a character is a word by itself.
func alone(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// word brings a word as written into its form: lower case, no marks, no "'s".
func (l *Language) word(written string) string {
	simple := true
	for i := range len(written) {
		if c := written[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			simple = false
			break
		}
	}
	if simple {
		return written[:min(len(written), tokenLimit)]
	}
	w := strings.ToLower(written)
	if strings.ContainsAny(w, "'’ʼ") {
		w = apostrophes.Replace(w)
		w = strings.ReplaceAll(strings.TrimSuffix(w, "'s"), "'", "")
	}
	if strings.ContainsAny(w, ".,") {
		w = strings.ReplaceAll(w, ",", "")
		if first := w[0]; first < '0' || first > '9' {
			w = strings.ReplaceAll(w, ".", "")
		}
	}
	if len(w) > tokenLimit {
		w = strings.ToValidUTF8(w[:tokenLimit], "")
	}
	return w
}

var apostrophes = strings.NewReplacer("’", "'", "ʼ", "'")
