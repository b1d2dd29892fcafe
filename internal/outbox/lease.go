package outbox

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Letter is a mail handed to a Sender.
type Letter struct {
	Mail
	ID        int64
	MessageID string // without the angle brackets; the same at every try
	Created   time.Time

	tries   int64 // counts leases, so that a worker whose lease ran out cannot settle its successor's
	useless time.Time
}

// waiting returns when the next mail is due, the zero time when there is none.
func (o *Outbox) waiting(ctx context.Context) (time.Time, error) {
	var due int64
	err := o.db.QueryRow(ctx, `SELECT COALESCE(MIN(due), 0) FROM outbox`).Scan(&due)
	return storage.Time(due), err
}

// lease takes up to n mails that are due into this worker's hands, the oldest first.
//
// Two nodes may choose the same rows, as each reads its own snapshot; the second to update waits for the first, looks
// again at the row it finds (PostgreSQL 17, section 13.2.1), and the repeated condition on due turns it away. On
// SQLite there is one writer.
func (o *Outbox) lease(ctx context.Context, n int) ([]Letter, error) {
	var taken []Letter
	now := o.now()
	err := o.db.Write(ctx, func(tx *storage.DB) error {
		taken = taken[:0] // the transaction may run again
		rows, err := tx.Query(ctx, `UPDATE outbox SET state = 'leased', due = $1, tries = tries + 1
			WHERE id IN (SELECT id FROM outbox WHERE due <= $2 ORDER BY due, id LIMIT $3) AND due <= $2
			RETURNING id, recipient, subject, body_text, body_html, kind, tries, created, useless`,
			storage.Micros(now.Add(o.options.Lease)), storage.Micros(now), n)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Letter
			var created, useless int64
			if err := rows.Scan(&l.ID, &l.To, &l.Subject, &l.Text, &l.HTML, &l.Kind, &l.tries, &created, &useless); err != nil {
				return err
			}
			l.MessageID, l.Created, l.useless = o.messageID(l.ID), storage.Time(created), storage.Time(useless)
			taken = append(taken, l)
		}
		return rows.Err()
	})
	slices.SortFunc(taken, func(a, b Letter) int { return cmp.Compare(a.ID, b.ID) })
	return taken, err
}

// renew gives this worker a whole lease more for a mail it still holds. It changes nothing of one that another took, or
// whose reader has gone.
func (o *Outbox) renew(ctx context.Context, l Letter) error {
	return o.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET due = $1 WHERE id = $2 AND state = 'leased' AND tries = $3`,
			storage.Micros(o.now().Add(o.options.Lease)), l.ID, l.tries)
		return err
	})
}

// sent records a delivery. It holds whoever has the lease by now: the mail is out.
func (o *Outbox) sent(ctx context.Context, l Letter) error {
	return o.settle(ctx, l, Sent, "")
}

// fail records that a mail will not be sent.
func (o *Outbox) fail(ctx context.Context, l Letter, why string) error {
	return o.settle(ctx, l, Failed, why)
}

// settle ends a mail and, unless they are to be kept, drops the bodies with their links. A failure counts only while
// the lease is this worker's; a delivery always.
func (o *Outbox) settle(ctx context.Context, l Letter, state, why string) error {
	keep := 0
	if o.options.Keep {
		keep = 1
	}
	return o.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET state = $1, due = NULL, settled = $2, error = $3,
				body_text = CASE WHEN $4 = 1 THEN body_text ELSE '' END,
				body_html = CASE WHEN $4 = 1 THEN body_html ELSE '' END,
				links = CASE WHEN $4 = 1 THEN links ELSE '[]' END
			WHERE id = $5 AND state <> 'sent' AND ($1 = 'sent' OR (state = 'leased' AND tries = $6))`,
			state, storage.Micros(o.now()), shorten(why), keep, l.ID, l.tries)
		return err
	})
}

// putBack gives a mail back to be tried at a later time.
func (o *Outbox) putBack(ctx context.Context, l Letter, next time.Time, why string) error {
	return o.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE outbox SET state = 'queued', due = $1, error = $2
			WHERE id = $3 AND state = 'leased' AND tries = $4`, storage.Micros(next), shorten(why), l.ID, l.tries)
		return err
	})
}

// release gives a mail back untried, because the program stops.
func (o *Outbox) release(ctx context.Context, l Letter) error {
	return o.putBack(ctx, l, o.now(), "the program stopped before the mail server answered")
}

// waits is how long to wait after the first, second, … try that met trouble; the last holds for all further ones.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// wait returns the pause after a number of tries, up to a fifth longer or shorter, so that the mails of one outage do
// not all come back at one moment.
func wait(tries int64) time.Duration {
	w := waits[min(max(tries, 1), int64(len(waits)))-1]
	return w - w/5 + rand.N(2*w/5)
}

// shorten keeps what a mail server says within a row.
func shorten(s string) string {
	const limit = 500
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
