package readers

import (
	"time"

	"github.com/gatefold/gatefold/internal/outbox"
)

// A Notice is a mail of another part of the publication, set in the frame of all mails to readers.
type Notice struct {
	To        string // the address
	Kind      string // what it is, as in outbox.Mail
	Subject   string
	Preheader string // what mail programs show beside the subject
	Heading   string
	Lines     []string // a paragraph each, in plain text
	Button    string   // what the button says; "" without a Link
	Link      string   // where it leads
	Aside     string   // the small print, or ""

	UselessAfter time.Duration // as in outbox.Mail
}

// Compose writes a notice. It sends nothing: the caller puts the mail into the outbox, in the transaction of what it
// tells about.
func (r *Readers) Compose(n Notice) (outbox.Mail, error) {
	d := letter{Address: n.To, Subject: oneLine(n.Subject), Preheader: n.Preheader, Heading: n.Heading, Lines: n.Lines,
		Button: n.Button, Link: n.Link, Aside: n.Aside}
	m, err := r.letters.write("notice", d)
	m.Kind, m.UselessAfter = n.Kind, n.UselessAfter
	return m, err
}
