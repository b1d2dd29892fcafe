package bounces

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/storage"
)

// taking is one event being taken.
type taking struct {
	*Bounces
	event   Event
	subject subject
	at      time.Time
	arrived time.Time // the newest letter that can be held to have arrived
	outcome Outcome
	reason  string // why the mail ends
}

// returnTime is how long a mail may be on its way before it comes back: servers try for up to five days (RFC 5321,
// 4.5.4.1). One that was taken longer ago, and did not come back, has arrived.
const returnTime = 5 * 24 * time.Hour

// lookBack asks the ledger for the reader's last success, before the transaction.
func (t *taking) lookBack(ctx context.Context) (err error) {
	if t.event.weight() == soft && t.subject.reader != 0 && t.ledger != nil {
		t.arrived, err = t.ledger.LastSent(ctx, t.subject.reader, t.now().Add(-returnTime))
	}
	return err
}

// write keeps the event and its effect.
func (t *taking) write(ctx context.Context, tx *storage.DB) error {
	e, s, mailbox := t.event, t.subject, ""
	if s.key != "" {
		mailbox = t.digest(s.key)
	}
	n, err := tx.Exec(ctx, `INSERT INTO bounces
		(event, source, at, mailbox, reader, mailing, domain, kind, weight, status, reply_code, said)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (event) DO NOTHING`,
		t.eventKey(), e.Source, storage.Micros(t.at), mailbox, s.reader, s.delivery.Mailing, s.domain(), string(e.Record.Kind),
		string(e.weight()), e.Record.Status, e.Record.ReplyCode, excerpt(e.Record.Diagnostic))
	if err != nil {
		return err
	}
	if n == 0 {
		t.outcome = Outcome{Repeated: true}
		return nil
	}
	if mailbox == "" {
		return nil
	}
	switch e.weight() {
	case hard, complaint:
		return t.suppress(ctx, tx, string(e.Record.Kind))
	case soft:
		return t.countSoft(ctx, tx, mailbox)
	case policy:
		return t.refused(ctx, tx)
	}
	return nil
}

// eventKey is as long as an id may be, whatever a provider sends.
func (t *taking) eventKey() string {
	if len(t.event.ID) > 200 {
		return t.event.Source + ":#" + t.digest(t.event.ID)
	}
	return t.event.Source + ":" + t.event.ID
}

// suppress ends the mail to the subject. A complaint about a letter ends the letters and leaves the mails that a reader
// asks for to sign in: who pays must be able to come in. One about any other mail ends all.
func (t *taking) suppress(ctx context.Context, tx *storage.DB, reason string) error {
	scope := All
	if t.event.weight() == complaint && t.subject.delivery.Mailing != 0 {
		scope = Letters
	}
	t.outcome.Suppressed, t.reason = true, reason
	return t.put(ctx, tx, Suppression{Address: t.subject.address, Scope: scope, Reason: reason,
		Evidence: excerpt(t.event.Record.Diagnostic), Source: t.event.Source, At: t.at}, t.subject.key)
}

// countSoft ends the mail after failures that may each have passed, when they did not.
func (t *taking) countSoft(ctx context.Context, tx *storage.DB, mailbox string) error {
	var since int64
	err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(at), 0) FROM bounces WHERE mailbox = $1 AND weight = 'success'`, mailbox).Scan(&since)
	if err != nil {
		return err
	}
	since = max(since, storage.Micros(t.arrived))
	var n int
	var oldest, newest int64
	err = tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MIN(at), 0), COALESCE(MAX(at), 0) FROM bounces
		WHERE mailbox = $1 AND weight = 'soft' AND at > $2`, mailbox, since).Scan(&n, &oldest, &newest)
	if err != nil {
		return err
	}
	over := storage.Time(newest).Sub(storage.Time(oldest))
	if n < t.options.SoftMost || over < t.options.SoftOver {
		return nil
	}
	return t.suppress(ctx, tx, fmt.Sprintf("%s: %d failures in %d days", t.event.Record.Kind, n, int(over.Hours()/24)))
}

// follow does what is no part of the transaction: telling the ledger, the log and the counters.
func (t *taking) follow(ctx context.Context) {
	e, o := t.event, t.outcome
	if t.options.Count != nil {
		t.options.Count(e.Source, string(e.Record.Kind))
	}
	if o.Alerted {
		t.out.Wake()
	}
	log := t.options.Log.With("source", e.Source, "kind", string(e.Record.Kind), "reader", t.subject.reader)
	if o.Suppressed {
		log.Info("bounces: mail to a reader ends", "reason", t.reason)
	}
	if !o.Paused.IsZero() && t.ledger != nil {
		if err := t.ledger.PauseDomain(ctx, t.subject.domain(), o.Paused, string(e.Record.Kind)+": "+withoutAddresses(e.Record.Diagnostic)); err != nil {
			log.Error("bounces: pause a domain", "error", err)
		}
		log.Warn("bounces: mail to a domain waits", "domain", t.subject.domain(), "until", o.Paused)
	}
	if d := t.subject.delivery; d.Mailing != 0 && e.weight() != success && e.weight() != none && e.weight() != complaint && e.Source != "relay" && t.ledger != nil {
		if err := t.ledger.Bounced(ctx, d.Mailing, d.Reader, ledgerKind(e.Record), string(e.Record.Kind)+" "+e.Record.Status); err != nil {
			log.Error("bounces: tell the ledger", "mailing", d.Mailing, "error", err)
		}
	}
}

// ledgerKind says a kind in the words of the ledger.
func ledgerKind(r bounce.Record) mailing.Kind {
	switch r.Kind {
	case bounce.UserUnknown, bounce.HostUnknown:
		return mailing.NoSuchUser
	case bounce.MailboxFull:
		return mailing.Full
	case bounce.Blocked, bounce.Spam, bounce.Auth:
		return mailing.Policy
	case bounce.TooBig, bounce.Filtered:
		return mailing.Content
	case bounce.Temporary:
		return mailing.Busy
	}
	return mailing.Refused
}

// evidenceMost is how much of what a server said is kept, in bytes.
const evidenceMost = 500

func excerpt(s string) string {
	if len(s) <= evidenceMost {
		return s
	}
	cut := evidenceMost
	for cut > 0 && s[cut]&0xc0 == 0x80 { // within a rune
		cut--
	}
	return s[:cut]
}
