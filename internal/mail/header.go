package mail

import (
	"encoding/base64"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Header is one header field. Its value is printable ASCII.
type Header struct{ Name, Value string }

const (
	lineAim  = 76  // columns a line keeps to where it can (RFC 2047, section 2)
	lineMost = 998 // columns no line may pass
	wordMost = 60  // columns of a word beyond which a text is encoded, so that it can fold
)

// checkText refuses what must not stand in a header's text: a line break
// would begin a header of its own.
func checkText(s string) error {
	switch {
	case !utf8.ValidString(s):
		return invalid("header", "it is not UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		return invalid("header", "it holds a line break or another control character")
	}
	return nil
}

// isPlain reports whether a text can stand in a header without encoding and
// is read back as it was.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	if strings.Contains(s, "=?") || strings.TrimSpace(s) != s || strings.Contains(s, "  ") {
		return false
	}
	for word := range strings.FieldsSeq(s) {
		if len(word) > wordMost {
			return false
		}
	}
	return true
}

// formatText writes unstructured text, such as a subject.
func formatText(s string) (string, error) {
	if err := checkText(s); err != nil {
		return "", err
	}
	if isPlain(s) {
		return s, nil
	}
	return encodeWords(s), nil
}

// An encoded word is at most 75 characters and its line 76 (RFC 2047,
// section 2). Ours are shorter, for the name of the field to stand on the
// line of the first; "=?UTF-8?Q?" and "?=" take 12.
const encodedMost = 64 - 12

// encodeWords writes a text as encoded words, in whichever of the two
// encodings is shorter. No character is split between words.
func encodeWords(s string) string {
	var q strings.Builder
	for _, r := range s {
		writeQ(&q, r)
	}
	if base64.StdEncoding.EncodedLen(len(s)) < q.Len() {
		return encodeBase64(s)
	}
	return encodeQ(s)
}

func encodeQ(s string) string {
	var all, word, one strings.Builder
	flush := func() {
		if all.Len() > 0 {
			all.WriteByte(' ')
		}
		all.WriteString("=?UTF-8?Q?" + word.String() + "?=")
		word.Reset()
	}
	for _, r := range s {
		one.Reset()
		writeQ(&one, r)
		if word.Len()+one.Len() > encodedMost {
			flush()
		}
		word.WriteString(one.String())
	}
	flush()
	return all.String()
}

// writeQ writes one character in the Q encoding, leaving only what may stand
// in a phrase (RFC 2047, section 5, rule 3).
func writeQ(b *strings.Builder, r rune) {
	const hex = "0123456789ABCDEF"
	switch {
	case r == ' ':
		b.WriteByte('_')
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("!*+-/", r):
		b.WriteByte(byte(r))
	default:
		var buf [utf8.UTFMax]byte
		for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
			b.WriteByte('=')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
}

func encodeBase64(s string) string {
	const most = encodedMost / 4 * 3 // bytes that fit a word
	var words []string
	for len(s) > 0 {
		end := min(most, len(s))
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end--
		}
		words = append(words, "=?UTF-8?B?"+base64.StdEncoding.EncodeToString([]byte(s[:end]))+"?=")
		s = s[end:]
	}
	return strings.Join(words, " ")
}

// checkHeader refuses a field that could break out of its line or stands in
// for one that Message writes.
func checkHeader(h Header) error {
	if h.Name == "" || strings.ContainsFunc(h.Name, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
		return invalid("header", "its name is not one (RFC 5322, 2.2)")
	}
	switch name := strings.ToLower(h.Name); {
	case strings.HasPrefix(name, "content-"), strings.HasPrefix(name, "resent-"):
		return invalid("header "+h.Name, "it is written by the message itself or not at all")
	default:
		for _, own := range []string{
			"date", "from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "subject",
			"mime-version", "received", "return-path",
		} {
			if name == own {
				return invalid("header "+h.Name, "it is written by the message itself or not at all")
			}
		}
	}
	if strings.ContainsFunc(h.Value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return invalid("header "+h.Name, "its value is not printable ASCII")
	}
	if strings.TrimSpace(h.Value) == "" {
		return invalid("header "+h.Name, "it has no value")
	}
	return nil
}

// writeHeader folds a field at its spaces and writes it. The text between
// two spaces must not pass 998 columns.
func writeHeader(w io.Writer, name, value string) error {
	var b strings.Builder
	b.WriteString(name + ":")
	column := b.Len()
	for word := range strings.SplitSeq(value, " ") {
		switch {
		case len(word)+1 > lineMost:
			return invalid("header "+name, "a word of it is longer than a line may be")
		// A line must not be made of white space alone, so no fold before
		// the first word or around an empty one.
		case word != "" && column > len(name)+1 && column+1+len(word) > lineAim:
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
	}
	b.WriteString("\r\n")
	_, err := io.WriteString(w, b.String())
	return err
}
