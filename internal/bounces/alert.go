package bounces

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// How a domain that refuses us is treated.
const (
	refusalWindow = time.Hour          // within which refused readers are counted
	alertEvery    = 24 * time.Hour     // of one domain
	alertsMost    = 20                 // of all domains within alertEvery
	pauseFirst    = time.Hour          // doubled each time it goes on
	pauseMost     = 24 * time.Hour     //
	pauseForget   = 2 * 24 * time.Hour // after which the count of pauses begins anew
	alertUseful   = 3 * 24 * time.Hour // how long the mail is worth sending
)

// refused counts a refusal that is about us. The newsroom hears of the first of a domain and day; mail to the domain
// waits once several readers of it were refused, so that nobody can hold up a domain with the one token they have.
func (t *taking) refused(ctx context.Context, tx *storage.DB) error {
	domain, now := t.subject.domain(), t.now()
	var readers int
	err := tx.QueryRow(ctx, `SELECT COUNT(DISTINCT mailbox) FROM bounces WHERE domain = $1 AND at > $2 AND weight = 'policy'`,
		domain, storage.Micros(now.Add(-refusalWindow))).Scan(&readers)
	if err != nil {
		return err
	}
	if readers >= t.options.Refusers {
		if err := t.pause(ctx, tx, domain, now); err != nil {
			return err
		}
	}
	var today int
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM refusing_domains WHERE alerted > $1`, storage.Micros(now.Add(-alertEvery))).Scan(&today)
	if err != nil || today >= alertsMost || t.options.Contact == "" {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO refusing_domains (domain, alerted) VALUES ($1, $2)
		ON CONFLICT (domain) DO UPDATE SET alerted = excluded.alerted WHERE refusing_domains.alerted <= $3`,
		domain, storage.Micros(now), storage.Micros(now.Add(-alertEvery)))
	if err != nil || n == 0 {
		return err
	}
	t.outcome.Alerted = true
	return t.out.Put(ctx, tx, t.alert(domain, readers))
}

// pause works out until when mail to a domain waits: an hour, two, four, … up to a day, as long as it goes on refusing.
func (t *taking) pause(ctx context.Context, tx *storage.DB, domain string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO refusing_domains (domain, alerted) VALUES ($1, 0) ON CONFLICT (domain) DO NOTHING`, domain)
	if err != nil {
		return err
	}
	var pauses, until int64
	err = tx.QueryRow(ctx, `SELECT pauses, until FROM refusing_domains WHERE domain = $1`, domain).Scan(&pauses, &until)
	switch {
	case err != nil:
		return err
	case storage.Time(until).After(now): // it waits already; these mails were under way
		return nil
	case storage.Time(until).Before(now.Add(-pauseForget)):
		pauses = 0
	}
	t.outcome.Paused = now.Add(min(pauseFirst<<min(pauses, 10), pauseMost))
	_, err = tx.Exec(ctx, `UPDATE refusing_domains SET pauses = $1, until = $2 WHERE domain = $3`,
		pauses+1, storage.Micros(t.outcome.Paused), domain)
	return err
}

var whatToDo = map[bounce.Kind]string{
	bounce.Auth: "The mails are not accepted as ours: SPF, DKIM or DMARC do not pass. Run \"gatefold doctor\", which says what to publish.",
	bounce.Spam: "The mails are held to be spam. See that only those who asked get them, and look at what is new in them: links, a picture, an attachment.",
	bounce.Blocked: "The sending address or domain is not wanted there, or sent too fast. Look it up in the block lists the answer names, run " +
		"\"gatefold doctor\", and ask their postmaster.",
}

// alert is the mail to the newsroom. It names no reader.
func (t *taking) alert(domain string, readers int) outbox.Mail {
	wait := "Mail to that domain goes on for now."
	if !t.outcome.Paused.IsZero() {
		wait = "Mail to that domain waits until " + t.outcome.Paused.Format("2006-01-02 15:04 MST") + "."
	}
	text := fmt.Sprintf("The mail servers of %s refuse the mail of %s (%s).\n\nThey said:\n\n    %s\n\nReaders concerned within the last hour: %d. None of them is taken off the list for it. %s\n\n%s\n\n"+
		"You hear of a domain once a day at most.\n", domain, t.options.Site, t.event.Record.Kind, withoutAddresses(t.event.Record.Diagnostic), readers, wait, whatToDo[t.event.Record.Kind])
	return outbox.Mail{To: t.options.Contact, Kind: "alert", Subject: fmt.Sprintf("%s refuses our mail: %s", domain, t.event.Record.Kind),
		Text: text, UselessAfter: alertUseful}
}

var anyAddress = regexp.MustCompile(`[^\s<>"'(),:;\[\]]{1,128}@[A-Za-z0-9_.-]{1,253}`)

// withoutAddresses takes the readers' addresses out of what a server said.
func withoutAddresses(s string) string { return anyAddress.ReplaceAllString(s, "[address]") }
