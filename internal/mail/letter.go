package mail

import (
	netmail "net/mail"
	"time"
)

// MostHTML is how many bytes the HTML of a letter may have, links rewritten: mail programs cut off what is longer
// (Gmail at about 102 KB).
const MostHTML = 80_000

// LetterSource is a mail to many before it is compiled. What differs from copy to copy are holes; To, Message-ID and
// Date are each copy's own.
type LetterSource struct {
	From    netmail.Address
	ReplyTo netmail.Address // none when its Address is empty
	Subject string          // without holes
	HTML    string          // at most MostHTML bytes
	Text    string
	Headers []Header // may hold holes, as in List-Unsubscribe; no Auto-Submitted is added
}

// Hole returns the text that stands for a personal value in the HTML, the text or a header of a LetterSource. It is
// made of ASCII letters, digits and dots, so that neither templates nor rewriters of URLs change it. A name is made of
// small letters and digits.
func Hole(name string) string { return holeBegin + name + holeEnd }

const (
	holeBegin = "gf0hole."
	holeEnd   = ".gf0"
)

// Letter is a compiled LetterSource. It does not change and is safe for use by many goroutines.
type Letter struct{}

// Personal is what makes a copy of a letter one reader's.
type Personal struct {
	ID     string // the Message-ID without its brackets
	Date   time.Time
	To     netmail.Address
	Values map[string]string // by name of the hole; plain text
}

// CompileLetter writes everything of a letter that is the same in all copies, once. It returns ErrInvalid for what
// cannot be sent.
func CompileLetter(src LetterSource) (*Letter, error) { return &Letter{}, nil }

// Append appends a reader's copy to b. It returns ErrInvalid, and b as it was, when a value is missing or cannot stand
// where its hole is.
func (l *Letter) Append(b []byte, p Personal) ([]byte, error) { return b, nil }

// Holes returns the names of the holes, each once, in alphabetical order.
func (l *Letter) Holes() []string { return nil }
