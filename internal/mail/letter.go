package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
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

// Letter is a compiled LetterSource: static pieces of the mail, in quoted-printable, with holes between them. It does
// not change and is safe for use by many goroutines.
type Letter struct {
	from  string // the From address, as it goes over the wire
	size  int    // bytes of all pieces
	parts []piece
}

// From returns the address the letter is from.
func (l *Letter) From() string { return l.from }

// piece is static text and the hole behind it; the last has none.
type piece struct {
	static []byte
	hole   string
	in     place
}

// place is where a hole is: what a value has to be made fit for.
type place int

const (
	inHeader place = iota
	inText
	inHTML
)

// Personal is what makes a copy of a letter one reader's.
type Personal struct {
	ID     string // the Message-ID without its brackets
	Date   time.Time
	To     netmail.Address
	Values map[string]string // by name of the hole; plain text
}

// CompileLetter writes everything of a letter that is the same in all copies, once. It returns ErrInvalid for what
// cannot be sent.
func CompileLetter(src LetterSource) (*Letter, error) {
	switch {
	case strings.TrimSpace(src.Text) == "" || strings.TrimSpace(src.HTML) == "":
		return nil, invalid("letter", "it needs a text and an HTML part")
	case len(src.HTML) > MostHTML:
		return nil, invalid("letter", fmt.Sprintf("its HTML has %d bytes, and mail programs cut off what is over %d", len(src.HTML), MostHTML))
	case !utf8.ValidString(src.Text) || !utf8.ValidString(src.HTML):
		return nil, invalid("letter", "a part is not UTF-8")
	}
	from, err := Mailbox(src.From.Address)
	if err != nil {
		return nil, err
	}
	c := compiler{}
	if err := c.headers(src); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(src.Text + src.HTML))
	boundary := "=_" + hex.EncodeToString(sum[:12]) // see Message.boundary
	c.print("MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"\r\n")
	for _, part := range []struct {
		kind, text string
		in         place
	}{{"text/plain", src.Text, inText}, {"text/html", src.HTML, inHTML}} {
		c.print("\r\n--" + boundary + "\r\nContent-Type: " + part.kind + "; charset=utf-8\r\n" +
			"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
		if err := c.body(lineEnds.Replace(part.text), part.in); err != nil {
			return nil, err
		}
	}
	c.print("\r\n--" + boundary + "--\r\n")
	c.cut("", inText)
	return &Letter{from: from, size: c.size, parts: c.pieces}, nil
}

// compiler collects the pieces of a letter.
type compiler struct {
	pieces []piece
	static []byte
	size   int
}

func (c *compiler) print(s string) { c.static = append(c.static, s...) }

// cut ends a piece at a hole.
func (c *compiler) cut(hole string, in place) {
	c.size += len(c.static)
	c.pieces = append(c.pieces, piece{slices.Clone(c.static), hole, in})
	c.static = c.static[:0]
}

func (c *compiler) headers(src LetterSource) error {
	from, err := formatAddress(src.From)
	if err != nil {
		return err
	}
	subject, err := formatText(src.Subject)
	if err != nil {
		return err
	}
	fields := []Header{{"From", from}}
	if src.ReplyTo.Address != "" {
		replyTo, err := formatAddress(src.ReplyTo)
		if err != nil {
			return err
		}
		fields = append(fields, Header{"Reply-To", replyTo})
	}
	fields = append(fields, Header{"Subject", subject})
	for _, h := range src.Headers {
		if err := checkHeader(h); err != nil {
			return err
		}
	}
	for _, h := range append(fields, src.Headers...) {
		var b bytes.Buffer
		if err := writeHeader(&b, h.Name, h.Value); err != nil {
			return err
		}
		if err := eachHole(b.String(), c.print, func(hole string) { c.cut(hole, inHeader) }); err != nil {
			return fmt.Errorf("header %s: %w", h.Name, err)
		}
	}
	return nil
}

// body writes a part. A hole has lines of its own, between soft breaks, so that its value can be of any length.
func (c *compiler) body(text string, in place) error {
	column := 0
	err := eachHole(text,
		func(s string) { c.static, column = appendQP(c.static, s, column) },
		func(hole string) {
			c.static = appendSoftBreak(c.static, column)
			c.cut(hole, in)
			column = 0
		})
	if column > 0 {
		c.print("\r\n")
	}
	return err
}

// Holes returns the names of the holes, each once, in alphabetical order.
func (l *Letter) Holes() []string {
	names := map[string]bool{}
	for _, p := range l.parts[:len(l.parts)-1] {
		names[p.hole] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// Size returns the bytes of a copy without its personal values and its Date, To and Message-ID.
func (l *Letter) Size() int { return l.size }

// Append appends a reader's copy to b, in the form Message.Bytes gives. It returns ErrInvalid, and b as it was, when a
// value is missing or cannot stand where its hole is. Equal arguments give equal bytes.
func (l *Letter) Append(b []byte, p Personal) ([]byte, error) {
	before := b
	b, err := appendPersonal(b, p)
	if err != nil {
		return before, err
	}
	for i, part := range l.parts {
		b = append(b, part.static...)
		if i == len(l.parts)-1 {
			break
		}
		value, ok := p.Values[part.hole]
		if !ok {
			return before, invalid("letter", "no value for "+part.hole)
		}
		if b, err = appendValue(b, value, part.in); err != nil {
			return before, fmt.Errorf("value of %s: %w", part.hole, err)
		}
	}
	return b, nil
}

// appendPersonal writes the fields that are each copy's own.
func appendPersonal(b []byte, p Personal) ([]byte, error) {
	local, domain, _ := strings.Cut(p.ID, "@")
	switch {
	case !isDotAtom(local) || !isDotAtom(domain) || len(p.ID) > 250:
		return b, invalid("message id", "expected local@domain (RFC 5322, 3.6.4)")
	case p.Date.IsZero():
		return b, invalid("date", "expected one")
	}
	to, err := formatAddress(p.To)
	if err != nil {
		return b, err
	}
	b = p.Date.AppendFormat(append(b, "Date: "...), dateFormat)
	b = append(b, "\r\nMessage-ID: <"+p.ID+">\r\n"...)
	out := bytes.NewBuffer(b)
	if err := writeHeader(out, "To", to); err != nil {
		return b, err
	}
	return out.Bytes(), nil
}

// valueMost is how long a value in a header may be, so that its line stays within lineMost.
const valueMost = 500

func appendValue(b []byte, value string, in place) ([]byte, error) {
	switch in {
	case inHeader:
		if len(value) > valueMost || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return b, invalid("header", "its value is longer than 500 characters, or not all of printable ASCII without spaces")
		}
		return append(b, value...), nil
	case inHTML:
		value = html.EscapeString(value)
	}
	if !utf8.ValidString(value) {
		return b, invalid("letter", "a value is not UTF-8")
	}
	b, column := appendQP(b, lineEnds.Replace(value), 0)
	return appendSoftBreak(b, column), nil
}
