package prose

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// sentenceEnds returns the byte offsets at which the sentences of a block end; the last is where its words end. In
// doubt, as after an abbreviation, it sees no end: a teaser may be shorter for it but never ends within a sentence.
func sentenceEnds(text string) []int {
	var ends []int
	last := len(strings.TrimRightFunc(text, unicode.IsSpace))
	start := 0
	for i := 0; i < last; {
		r, size := utf8.DecodeRuneInString(text[i:])
		at := i
		i += size
		if !isStop(r) {
			continue
		}
		for i < last { // "…?!”)"
			r, size := utf8.DecodeRuneInString(text[i:])
			if !isStop(r) && !isClosing(r) {
				break
			}
			i += size
		}
		if i < last && hasWord(text[start:at]) && endsSentence(text[start:at], r, text[i:last]) {
			ends = append(ends, i)
			start = i
		}
	}
	if last > start && hasWord(text[start:last]) {
		return append(ends, last)
	}
	if len(ends) > 0 {
		ends[len(ends)-1] = last
	}
	return ends
}

func isStop(r rune) bool { return strings.ContainsRune(".!?…。！？", r) }

func isClosing(r rune) bool { return strings.ContainsRune("\"'”’»›)]", r) }

func isOpening(r rune) bool { return strings.ContainsRune("\"'“‘«‹([¿¡„", r) }

// endsSentence reports whether a stop ends the sentence before it, when after follows it.
func endsSentence(before string, stop rune, after string) bool {
	next, _ := utf8.DecodeRuneInString(after)
	if strings.ContainsRune("。！？", stop) {
		return true
	}
	if !unicode.IsSpace(next) {
		return false
	}
	after = strings.TrimLeftFunc(after, func(r rune) bool { return unicode.IsSpace(r) || isOpening(r) })
	next, _ = utf8.DecodeRuneInString(after)
	if unicode.IsLower(next) {
		return false
	}
	return stop != '.' || !isAbbreviation(before)
}

// isAbbreviation reports whether a full stop after a text belongs to its last word: an initial, a numbering, a word
// of the list, or letters with stops between them.
func isAbbreviation(before string) bool {
	i := strings.LastIndexFunc(before, func(r rune) bool { return unicode.IsSpace(r) || isOpening(r) || r == '-' || r == '–' || r == '—' })
	word := before
	if i >= 0 {
		_, size := utf8.DecodeRuneInString(before[i:])
		word = before[i+size:]
	}
	if utf8.RuneCountInString(word) == 1 && unicode.IsLetter(firstRune(word)) || strings.Contains(word, ".") && !hasDigit(word) {
		return true
	}
	if isNumber(word) && strings.TrimSpace(before[:len(before)-len(word)]) == "" { // "2. The treaty"
		return true
	}
	return abbreviations[strings.ToLower(word)]
}

var abbreviations = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`adm amb approx apr art assn asst aug ave bros brig capt cf ch cir cmdr co col comdr corp cpl dec
		dept dist div dr eds est et etc ext feb fed ff fig figs fr fri ft gen gov hon inc incl jan jr jul jun
		lt ltd maj mar messrs mgr mlle mme mo mon mr mrs ms msgr mt mtn no nos nov oct op para paras pfc ph pl pp pres prof
		pt pvt rep reps res rev ret sec sect secs sen sens sep sept sgt sr st ste supp supt sun thurs tel tues univ vol vols vs wed
		viz`) {
		m[w] = true
	}
	return m
}()

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func hasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

func isNumber(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

func hasWord(s string) bool { return strings.ContainsFunc(s, isWordRune) }

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// countWords counts the words of a text: what stands between spaces and holds a letter or a digit.
func countWords(s string) int {
	n := 0
	counted := false // the word under way
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
				if !counted {
					n++
					counted = true
				}
			case c == ' ' || '\t' <= c && c <= '\r':
				counted = false
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if unicode.IsSpace(r) {
			counted = false
		} else if !counted && isWordRune(r) {
			n++
			counted = true
		}
	}
	return n
}
