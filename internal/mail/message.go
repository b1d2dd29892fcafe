package mail

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// Message is one mail to one person.
type Message struct {
	// ID is the Message-ID without its brackets: local@domain. The caller
	// derives it from what the mail is about, so that a repeated delivery
	// carries the same one. The boundary of the parts is made of it.
	ID   string
	Date time.Time

	From    netmail.Address
	ReplyTo netmail.Address // none when its Address is empty
	To      netmail.Address

	Subject string
	Text    string // as plain text; never empty
	HTML    string // the same as HTML; without it the mail is plain text

	// Headers follow those above, in order. Without an Auto-Submitted among
	// them the mail says "auto-generated" (RFC 3834, section 5), so that no
	// machine answers it.
	Headers []Header
}

// WriteTo writes the message in the format of RFC 5322, with lines that end
// in CRLF, hold only ASCII and stay within 998 columns (76 in the parts). Equal
// messages give equal bytes. A message that cannot be written so is
// ErrInvalid, and then nothing has been written.
func (m Message) WriteTo(w io.Writer) (int64, error) {
	data, err := m.Bytes()
	if err != nil {
		return 0, err
	}
	n, err := w.Write(data)
	return int64(n), err
}

// Bytes returns what WriteTo writes.
func (m Message) Bytes() ([]byte, error) {
	var b bytes.Buffer
	b.Grow(1024 + len(m.Text)*5/4 + len(m.HTML)*5/4)
	if err := m.writeHeaders(&b); err != nil {
		return nil, err
	}
	if err := m.writeBody(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (m Message) writeHeaders(b *bytes.Buffer) error {
	fields, err := m.fields()
	if err != nil {
		return err
	}
	for _, f := range fields {
		if err := writeHeader(b, f.Name, f.Value); err != nil {
			return err
		}
	}
	return nil
}

// dateFormat is that of RFC 5322, section 3.3.
const dateFormat = "Mon, 02 Jan 2006 15:04:05 -0700"

func (m Message) fields() ([]Header, error) {
	local, domain, _ := strings.Cut(m.ID, "@")
	switch {
	case !isDotAtom(local) || !isDotAtom(domain):
		return nil, invalid("message id", "expected local@domain (RFC 5322, 3.6.4)")
	case m.Date.IsZero():
		return nil, invalid("date", "expected one")
	}
	from, err := formatAddress(m.From)
	if err != nil {
		return nil, err
	}
	to, err := formatAddress(m.To)
	if err != nil {
		return nil, err
	}
	subject, err := formatText(m.Subject)
	if err != nil {
		return nil, err
	}
	fields := []Header{{"Date", m.Date.Format(dateFormat)}, {"From", from}}
	if m.ReplyTo.Address != "" {
		replyTo, err := formatAddress(m.ReplyTo)
		if err != nil {
			return nil, err
		}
		fields = append(fields, Header{"Reply-To", replyTo})
	}
	fields = append(fields, Header{"To", to}, Header{"Message-ID", "<" + m.ID + ">"}, Header{"Subject", subject})
	return m.appendExtra(fields)
}

func (m Message) appendExtra(fields []Header) ([]Header, error) {
	automatic := Header{"Auto-Submitted", "auto-generated"}
	for _, h := range m.Headers {
		if err := checkHeader(h); err != nil {
			return nil, err
		}
		if strings.EqualFold(h.Name, automatic.Name) {
			automatic = Header{}
		}
	}
	if automatic.Name != "" {
		fields = append(fields, automatic)
	}
	fields = append(fields, m.Headers...)
	return append(fields, Header{"MIME-Version", "1.0"}), nil
}

func (m Message) writeBody(b *bytes.Buffer) error {
	switch {
	case strings.TrimSpace(m.Text) == "":
		return invalid("message", "it has no text part")
	case !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML):
		return invalid("message", "a part is not UTF-8")
	case m.HTML == "":
		return writePart(b, "text/plain", m.Text)
	}
	boundary := m.boundary()
	if err := writeHeader(b, "Content-Type", `multipart/alternative; boundary="`+boundary+`"`); err != nil {
		return err
	}
	// The part a program should prefer comes last (RFC 2046, section 5.1.4).
	for _, part := range []struct{ kind, text string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		b.WriteString("\r\n--" + boundary + "\r\n")
		if err := writePart(b, part.kind, part.text); err != nil {
			return err
		}
	}
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return nil
}

// boundary begins with "=_", which never stands in quoted-printable text
// (RFC 2045, section 6.7), so no part can hold it.
func (m Message) boundary() string {
	sum := sha256.Sum256([]byte(m.ID))
	return "=_" + hex.EncodeToString(sum[:12])
}

// lineEnds leaves LF alone to end a line. quotedprintable.Writer would drop
// an LF that follows a bare CR with an encoded byte between them.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func writePart(b *bytes.Buffer, kind, text string) error {
	text = lineEnds.Replace(text)
	b.WriteString("Content-Type: " + kind + "; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(b)
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if !strings.HasSuffix(text, "\n") {
		b.WriteString("\r\n")
	}
	return nil
}
