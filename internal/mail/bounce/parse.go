package bounce

import (
	"bytes"
	"cmp"
	"io"
	netmail "net/mail"
	"strings"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // bounces come in every charset there is
)

// What Parse looks at.
const (
	sizeMost       = 1 << 20 // bytes of the mail
	textMost       = 1 << 18 // bytes of what is written in it
	partsMost      = 64
	depthMost      = 8
	recipientsMost = 100
	saidMost       = 500 // bytes of a Diagnostic
)

// Parse reads one mail: header and body in the form of RFC 5322, with any line ends.
func Parse(raw []byte) Report {
	m := gather(raw)
	r := m.report()
	r.MessageID = cmp.Or(r.MessageID, m.messageID)
	r.ID = identifier(m.header.Get("Message-Id"))
	r.Senders = append(r.Senders, m.senders...)
	return r
}

func (m *mailing) report() Report {
	switch {
	case m.feedback != nil:
		return m.complaint()
	case len(m.status) == 0 && m.automatic():
		return m.reply()
	}
	if r, ok := SES([]byte(strings.ReplaceAll(m.text(), "!\n ", ""))); ok { // Sendmail cuts long lines so
		return r
	}
	if records := m.notified(); len(records) > 0 {
		return Report{Records: records, Notified: true}
	}
	if m.hasComplainant() {
		return m.complaint()
	}
	if m.personal() {
		return m.reply()
	}
	return Report{Records: m.told()}
}

// mailing is what a mail holds, taken apart.
type mailing struct {
	header    message.Header
	texts     []string // what is written for people
	status    []fields // groups of message/delivery-status
	feedback  fields   // message/feedback-report, nil without one
	original  *message.Header
	messageID string
	senders   []string
	parts     int
	written   int // bytes in texts
}

// gather takes a mail apart. What is not MIME, or is broken, is a text.
func gather(raw []byte) *mailing {
	m := &mailing{}
	raw = lineEnds(raw[:min(len(raw), sizeMost)])
	e, err := message.Read(bytes.NewReader(raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		m.write(string(raw))
		return m
	}
	m.header = e.Header
	m.walk(e, 0)
	if len(m.texts) == 0 && m.feedback == nil && len(m.status) == 0 { // a multipart without its boundary
		_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
		m.write(string(body))
	}
	if len(m.status) == 0 && m.feedback == nil {
		m.findStatus()
	}
	m.findOriginal()
	return m
}

// lineEnds gives every line its CRLF, and leaves out the first line of a mailbox file.
func lineEnds(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	if bytes.HasPrefix(raw, []byte("From ")) {
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

func (m *mailing) walk(e *message.Entity, depth int) {
	if m.parts++; m.parts > partsMost || depth > depthMost {
		return
	}
	if parts := e.MultipartReader(); parts != nil {
		for {
			part, err := parts.NextPart()
			if part == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) || m.parts > partsMost {
				return
			}
			m.walk(part, depth+1)
		}
	}
	kind, _, _ := e.Header.ContentType()
	body, _ := io.ReadAll(io.LimitReader(e.Body, textMost)) // what was read before an error is looked at
	m.leaf(strings.ToLower(kind), string(body))
}

// leaf sorts one part by its type.
func (m *mailing) leaf(kind, body string) {
	switch kind {
	case "message/delivery-status", "message/global-delivery-status", "message/xdelivery-status":
		m.status = append(m.status, groups(body)...)
	case "message/feedback-report":
		m.feedback = fields{}
		for _, g := range groups(body) {
			m.feedback.add(g)
		}
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/partial":
		m.keepOriginal(body)
		m.unwrap(body)
	case "text/html":
		m.write(plain(body))
	default:
		if kind == "" || strings.HasPrefix(kind, "text/") || strings.HasPrefix(kind, "multipart/") {
			m.write(body)
		}
	}
}

func (m *mailing) write(text string) {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if m.written += len(text); m.written <= 2*textMost {
		m.texts = append(m.texts, text)
	}
}

// keepOriginal reads the header of the mail that came back.
func (m *mailing) keepOriginal(text string) {
	if m.original != nil {
		return
	}
	text = strings.TrimLeft(text, "\r\n\t ") + "\r\n\r\n"
	e, _ := message.Read(strings.NewReader(text))
	if e != nil {
		m.original = &e.Header
	}
}

// unwrap reads a notification that a filter sent on inside a mail of its own.
func (m *mailing) unwrap(text string) {
	e, err := message.Read(strings.NewReader(text))
	if err != nil || len(m.status) > 0 || m.parts >= partsMost/2 {
		return
	}
	if kind, _, _ := e.Header.ContentType(); kind == "multipart/report" {
		m.original = nil
		m.walk(e, depthMost-2)
	}
}

// text is all that is written for people.
func (m *mailing) text() string { return strings.Join(m.texts, "\n\n") }

// separators begin the copy of the original in a report of plain text. They are looked for in small letters.
var separators = []string{
	"below this line is a copy of the message", "this is a copy of the message", "enclosed is a copy of the message",
	"----- original message -----", "original message follows", "--- the header of the original message",
	"message headers follow", "-------original message", "below is a copy of the original message",
	"included is a copy of the message header", "unsent message follows", "---- original message", "--- returned message",
	"original mail as follows", "the original message headers", "----- message header follows", "original message headers:",
	"------ this is a copy of your message", "--- undelivered message follows", "the body of the message is", "received:from ",
	"here is a copy of your message", "----- original message follows", "the first 50 lines of the original message",
	"--- message header", "----- unsent message", "message header follows", "copy of the original message",
}

// findOriginal splits the copy of the original off the text, and takes from it what tells whose mail it was.
func (m *mailing) findOriginal() {
	for i, text := range m.texts {
		own, copied := split(text)
		m.texts[i] = own
		m.keepCopied(copied)
	}
	if m.original != nil {
		m.messageID = identifier(m.original.Get("Message-Id"))
		m.sender(m.original.Get("Return-Path"), m.original.Get("X-Envelope-From"), m.original.Get("Sender"))
	}
	for _, g := range m.status {
		m.messageID = cmp.Or(m.messageID, identifier(g["x-original-message-id"]), identifier(g["original-message-id"]))
		m.sender(address(g["x-postfix-sender"]), g["original-mail-from"], address(g["x-sender"]))
	}
	for _, text := range m.texts {
		m.messageID = cmp.Or(m.messageID, namedID(text))
	}
	m.messageID = cmp.Or(m.messageID, references(m.header))
}

func (m *mailing) keepCopied(copied string) {
	if copied == "" {
		return
	}
	lines := strings.Split(copied, "\n")
	from := 0
	for from < len(lines) && (!strings.Contains(lines[from], ":") || strings.HasPrefix(strings.TrimSpace(lines[from]), "--")) {
		from++
	}
	indent := 0
	if from < len(lines) {
		indent = len(lines[from]) - len(strings.TrimLeft(lines[from], " \t>"))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i][min(indent, len(lines[i])):], " \t")
	}
	m.keepOriginal(strings.Join(lines[min(from, len(lines)):], "\r\n"))
}

// split parts a text from the copy of the original in it, where that begins with words or as a header does.
func split(text string) (own, copied string) {
	cut := len(text)
	small := strings.ToLower(text)
	if len(small) != len(text) { // letters whose small form is longer: positions would not fit
		small = text
	}
	for _, s := range separators {
		if i := strings.Index(small, s); i >= 0 && i < cut {
			cut = i
		}
	}
	for _, s := range []string{"\nreturn-path: <", "\nreceived: from ", "\nreceived: by ", "\nreceived: (qmail"} {
		if i := strings.Index(small, s); i >= 0 && i < cut {
			cut = i
		}
	}
	return text[:cut], text[cut:]
}

// sender notes addresses that may be the envelope sender of the original.
func (m *mailing) sender(candidates ...string) {
	for _, c := range candidates {
		if a := address(c); a != "" && len(m.senders) < recipientsMost {
			m.senders = append(m.senders, a)
		}
	}
}

// identifier takes a Message-ID out of its angle brackets.
func identifier(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, '<'); i >= 0 {
		s, _, _ = strings.Cut(s[i+1:], ">")
	}
	if len(s) > 300 || strings.ContainsAny(s, " \t\r\n") {
		return ""
	}
	return s
}

// namedID finds the Message-ID that a text gives in a line of its own.
func namedID(text string) string {
	for line := range strings.Lines(text) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if ok && strings.EqualFold(strings.TrimSpace(name), "message-id") {
			return identifier(value)
		}
	}
	return ""
}

// references is the last mail that this one answers (RFC 5322, section 3.6.4).
func references(h message.Header) string {
	for _, name := range []string{"In-Reply-To", "References"} {
		if all := strings.Fields(h.Get(name)); len(all) > 0 {
			return identifier(all[len(all)-1])
		}
	}
	return ""
}

// address takes one address out of a field of a report or a header, in small letters; "" when there is none.
func address(field string) string {
	if _, after, ok := strings.Cut(field, ";"); ok { // rfc822; local@domain
		field = after
	}
	field = strings.Trim(strings.TrimSpace(field), `"'`)
	if a, err := netmail.ParseAddress(field); err == nil {
		field = a.Address
	} else if found := anyAddress.FindString(field); found != "" {
		field = found
	}
	field = strings.ToLower(strings.Trim(field, "<> \t"))
	if len(field) > 320 || strings.Count(field, "@") < 1 || strings.ContainsAny(field, " \t\r\n<>") {
		return ""
	}
	if _, route, ok := strings.Cut(field, ":"); ok && strings.HasPrefix(field, "@") { // @relay:local@domain (RFC 5321, C)
		field = route
	}
	return field
}
