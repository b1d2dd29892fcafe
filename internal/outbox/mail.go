package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Mail is one mail to one person.
type Mail struct {
	To      string // local@domain
	Subject string // one line
	Text    string
	HTML    string   // "" for a mail of plain text
	Kind    string   // what it is, such as "sign-in"; for people and for filters
	Links   []string // the links in it that do something, for /dev/outbox

	// UselessAfter is how long after Put the mail is still worth sending; 0 means a day.
	UselessAfter time.Duration

	// Withheld mails get a row like all others and are never sent, so that a form costs the same whether or not the
	// address may have mail (S-06). The row has no body and is not listed.
	Withheld bool
}

// usefulFor is how long a mail that says nothing else is worth sending.
const usefulFor = 24 * time.Hour

// The states of a mail.
const (
	Queued   = "queued"
	Leased   = "leased" // in the hands of a worker
	Sent     = "sent"
	Failed   = "failed" // for good; the row's error says why
	withheld = "withheld"
)

// Put writes a mail into the outbox, in the transaction of what it tells about. After the commit, Wake makes it leave
// at once; without, it leaves within a second. Put refuses a recipient or subject that holds a line break.
func (o *Outbox) Put(ctx context.Context, tx *storage.DB, m Mail) error {
	if err := m.check(); err != nil {
		return fmt.Errorf("put %s mail: %w", m.Kind, err)
	}
	links, err := json.Marshal(append([]string{}, m.Links...))
	if err != nil {
		return fmt.Errorf("put %s mail: %w", m.Kind, err)
	}
	now := o.now()
	if m.UselessAfter == 0 {
		m.UselessAfter = usefulFor
	}
	state, due, settled := Queued, any(storage.Micros(now)), int64(0)
	if m.Withheld {
		state, due, settled = withheld, nil, storage.Micros(now)
		m.Text, m.HTML, links = "", "", []byte("[]")
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox
		(recipient, subject, body_text, body_html, kind, links, created, useless, state, due, settled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.To, m.Subject, m.Text, m.HTML, m.Kind, string(links), storage.Micros(now),
		storage.Micros(now.Add(m.UselessAfter)), state, due, settled)
	if err != nil {
		return fmt.Errorf("put %s mail: %w", m.Kind, err)
	}
	return nil
}

// check keeps header injection (RFC 5322, section 2.2) out before the mail is anybody else's business.
func (m Mail) check() error {
	switch {
	case strings.ContainsAny(m.To, "\r\n\x00 <>,;"):
		return errors.New("recipient is not one address")
	case !strings.Contains(m.To, "@"):
		return errors.New("recipient has no @")
	case strings.ContainsAny(m.Subject, "\r\n\x00"):
		return errors.New("subject holds a line break")
	case m.Text == "":
		return errors.New("no text")
	}
	return nil
}
