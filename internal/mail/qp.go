package mail

import "strings"

// Quoted-printable (RFC 2045, section 6.7), written so that a mail can be put together of pieces: no line begins with a
// dot, which SMTP would double, or with "From ", which mailboxes of the old kind would quote.

// qpMost is how many columns stand before the "=" of a soft line break.
const qpMost = 75

const softBreak = "=\r\n"

// appendQP appends text, whose lines end in LF, from a column on, and returns the column it ends in.
func appendQP(b []byte, text string, column int) ([]byte, int) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\n' {
			b, column = append(b, "\r\n"...), 0
			continue
		}
		width := 1
		if mustQuote(text, i) {
			width = 3
		}
		if column+width > qpMost {
			b, column = append(b, softBreak...), 0
		}
		if column == 0 && (c == '.' || c == 'F' && strings.HasPrefix(text[i:], "From ")) {
			width = 3
		}
		if width == 1 {
			b = append(b, c)
		} else {
			const hex = "0123456789ABCDEF"
			b = append(b, '=', hex[c>>4], hex[c&15])
		}
		column += width
	}
	return b, column
}

// mustQuote reports whether the byte at i cannot stand for itself: white space only within a line.
func mustQuote(text string, i int) bool {
	switch c := text[i]; {
	case c == ' ' || c == '\t':
		return i+1 < len(text) && text[i+1] == '\n'
	default:
		return c <= ' ' || c > '~' || c == '='
	}
}

// appendSoftBreak ends a line that is not to end in the text.
func appendSoftBreak(b []byte, column int) []byte {
	if column == 0 {
		return b
	}
	return append(b, softBreak...)
}
