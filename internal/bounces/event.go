package bounces

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail/bounce"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/storage"
)

// Event is one notification about one mail to one recipient.
type Event struct {
	Source string // where it came from: "listener", "ses", "mailgun", "postmark", "sendgrid", "relay"
	ID     string // tells it from all others of the source
	At     time.Time

	// Whose mail it was, the surest first. What is empty is not known.
	Token     string // of the VERP address
	MessageID string // of the mail, without the angle brackets
	Recipient string

	Record bounce.Record
}

// weight is what an event counts for.
type weight string

const (
	none      weight = ""
	hard      weight = "hard"
	soft      weight = "soft"
	policy    weight = "policy"
	complaint weight = "complaint"
	success   weight = "success"
)

func (e Event) weight() weight {
	switch r := e.Record; {
	case r.Kind == bounce.Complaint:
		return complaint
	case r.Kind.Policy():
		return policy
	case r.Delayed:
		return none // what becomes of it is told later
	case r.Hard:
		return hard
	case r.Kind == bounce.Delivered:
		return success
	case r.Kind == bounce.TooBig, r.Kind == bounce.AutoReply, r.Kind == bounce.Vacation:
		return none
	}
	return soft
}

// subject is whom an event is about.
type subject struct {
	key, address string // "" when it is not known
	reader       int64
	delivery     mailing.Delivery // zero when it is about no letter
}

func (s subject) domain() string { return s.key[strings.LastIndexByte(s.key, '@')+1:] }

// attribute finds whom an event is about: by the VERP token, else by the Message-ID, else by the recipient. A reader who
// has moved to another address since the mail was sent is not meant any more.
func (b *Bounces) attribute(ctx context.Context, e Event) (subject, error) {
	for _, token := range []string{e.Token, localPart(e.MessageID)} {
		if token == "" || b.ledger == nil {
			continue
		}
		d, err := b.ledger.Delivery(ctx, token)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return subject{}, err
		}
		p, err := b.people.Person(ctx, d.Reader)
		switch {
		case fault.Is(err, fault.NotFound):
			return subject{delivery: d}, nil
		case err != nil:
			return subject{}, err
		case !d.At.IsZero() && p.Since.After(d.At):
			return subject{delivery: d}, nil
		}
		return subject{key: p.Key, address: p.Address, reader: p.ID, delivery: d}, nil
	}
	return b.byRecipient(ctx, e.Recipient)
}

func (b *Bounces) byRecipient(ctx context.Context, recipient string) (subject, error) {
	if recipient == "" {
		return subject{}, nil
	}
	typed, key, err := b.options.Canonical(recipient)
	if err != nil {
		return subject{}, nil // what is no address is nobody's
	}
	s := subject{key: key, address: typed}
	if b.people == nil {
		return s, nil
	}
	p, err := b.people.Find(ctx, recipient)
	switch {
	case fault.Is(err, fault.NotFound):
		return s, nil
	case err != nil:
		return subject{}, err
	}
	s.reader = p.ID
	return s, nil
}

func localPart(id string) string {
	local, _, _ := strings.Cut(id, "@")
	return local
}

// Outcome is what an event led to.
type Outcome struct {
	Repeated   bool // it was known already; nothing was done
	Attributed bool
	Suppressed bool      // the mail to its reader ends
	Alerted    bool      // the newsroom is told
	Paused     time.Time // until when mail to the domain waits; zero when it does not
}

// Take counts an event, once, and does what follows from it. An event that can be told to be about nobody is kept and
// leads to nothing.
func (b *Bounces) Take(ctx context.Context, e Event) (Outcome, error) {
	if e.Source == "" || e.ID == "" {
		return Outcome{}, fault.New(fault.Invalid, "A notification needs a source and an id.")
	}
	s, err := b.attribute(ctx, e)
	if err != nil {
		return Outcome{}, fmt.Errorf("take %s notification: %w", e.Source, err)
	}
	t := taking{Bounces: b, event: e, subject: s, at: b.when(e)}
	if err := t.lookBack(ctx); err != nil {
		return Outcome{}, fmt.Errorf("take %s notification: %w", e.Source, err)
	}
	err = b.db.Write(ctx, func(tx *storage.DB) error {
		t.outcome = Outcome{Attributed: s.key != ""} // the transaction may run again
		return t.write(ctx, tx)
	})
	if err != nil {
		return Outcome{}, fmt.Errorf("take %s notification: %w", e.Source, err)
	}
	if !t.outcome.Repeated {
		t.follow(ctx)
	}
	return t.outcome, nil
}

// when is the time of an event: as it says, but not in the future, and not so long ago that it would be deleted at once.
func (b *Bounces) when(e Event) time.Time {
	now := b.now()
	if at := e.At.UTC().Truncate(time.Microsecond); !e.At.IsZero() && at.Before(now) && at.After(now.Add(-keepBounces/2)) {
		return at
	}
	return now
}

// Refused implements mailing.Refusals: a server refused a mail while it was handed over.
func (b *Bounces) Refused(ctx context.Context, r mailing.Refusal) {
	stage := bounce.AtUnknown
	if r.Kind == mailing.NoSuchUser {
		stage = bounce.AtRecipient
	}
	record := bounce.Judge(r.Address, fmt.Sprint(r.Code), r.Enhanced, r.Text, stage)
	switch {
	case r.Code == 0: // nobody said anything: nothing is known of the reader
		return
	case r.Kind == mailing.Policy && !record.Kind.Policy():
		record.Kind, record.Hard = bounce.Blocked, false
	}
	e := Event{Source: "relay", ID: fmt.Sprintf("%d/%d/%d", r.Mailing, r.Reader, r.At.UnixMicro()), At: r.At, Recipient: r.Address, Record: record}
	if _, err := b.Take(ctx, e); err != nil {
		b.options.Log.Error("bounces: a refusal is lost", "mailing", r.Mailing, "reader", r.Reader, "error", err)
	}
}
