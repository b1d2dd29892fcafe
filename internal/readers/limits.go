package readers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/subnet"
)

// mailGap is the least time between two mails to one mailbox (S-07).
const mailGap = 10 * time.Minute

// mailbook is the mails of the last day to one mailbox. Whoever holds one holds the lock of its row until the
// transaction ends, so that what is decided by it is exact on PostgreSQL too.
type mailbook struct {
	digest string
	recent []int64 // times in microseconds, oldest first
}

// openMailbook locks and reads the book of a mailbox.
func (r *Readers) openMailbook(ctx context.Context, tx *storage.DB, digest string, now time.Time) (mailbook, error) {
	var text string
	err := tx.QueryRow(ctx, `INSERT INTO mail_limits (mailbox, recent, last) VALUES ($1, '[]', $2)
		ON CONFLICT (mailbox) DO UPDATE SET last = excluded.last RETURNING recent`, digest, storage.Micros(now)).Scan(&text)
	if err != nil {
		return mailbook{}, err
	}
	b := mailbook{digest: digest}
	if err := json.Unmarshal([]byte(text), &b.recent); err != nil {
		return mailbook{}, err
	}
	yesterday := storage.Micros(now.Add(-24 * time.Hour))
	b.recent = slices.DeleteFunc(b.recent, func(at int64) bool { return at <= yesterday })
	return b, nil
}

// forgive takes the mails out whose link or code signed the reader in: S-07 guards a mailbox from mails its owner did
// not ask for, and these the owner has answered. Without it, who signs out and in again waits ten minutes for a mail.
func (b *mailbook) forgive(ctx context.Context, tx *storage.DB, reader int64, now time.Time) error {
	rows, err := tx.Query(ctx, `SELECT created FROM attempts
		WHERE reader = $1 AND purpose = $2 AND silent = 0 AND used > 0 AND created > $3`,
		reader, signIn, storage.Micros(now.Add(-24*time.Hour)))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var answered int64
		if err := rows.Scan(&answered); err != nil {
			return err
		}
		b.recent = slices.DeleteFunc(b.recent, func(at int64) bool { return at == answered })
	}
	return rows.Err()
}

// room reports whether one more mail may go, with at least gap after the last and at most perDay in 24 hours.
func (b mailbook) room(now time.Time, gap time.Duration, perDay int) bool {
	n := len(b.recent)
	return n < perDay && (n == 0 || b.recent[n-1] <= storage.Micros(now.Add(-gap)))
}

// close writes the book, with one more mail when one goes out. It writes either way (S-06).
func (b mailbook) close(ctx context.Context, tx *storage.DB, now time.Time, goes bool) error {
	if goes {
		b.recent = append(b.recent, storage.Micros(now))
	}
	text, err := json.Marshal(append([]int64{}, b.recent...))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE mail_limits SET recent = $1 WHERE mailbox = $2`, string(text), b.digest)
	return err
}

// networkOf is the network that limits count by, as the database keeps it: "" for no address, which nothing limits, as a
// command line has none.
func networkOf(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return subnet.Around(p).String()
}

// LimitSignIn counts a form of another way to sign in, by its name, and returns TooMany for a network that sent more of
// it in the hour than sign-in forms may be.
func (r *Readers) LimitSignIn(ctx context.Context, from netip.Prefix, form string) error {
	var wait time.Duration
	err := r.db.Write(ctx, func(tx *storage.DB) (err error) {
		wait, err = r.countAsk(ctx, tx, networkOf(from), form, r.options.SignInPerHour, r.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", form, err)
	}
	return tooMany(wait)
}

// tooMany is the fault of a network that has to wait, nil when it need not.
func tooMany(wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	return fault.Limited(wait, "Too many requests came from your network. Please try again later.")
}

// countAsk counts a form sent by a network and returns how long the network has to wait, 0 when it need not. The count
// is kept in the database: it holds across nodes, and also for the forms that were refused.
func (r *Readers) countAsk(ctx context.Context, tx *storage.DB, network, form string, perHour int, now time.Time) (time.Duration, error) {
	if network == "" {
		return 0, nil
	}
	hour := now.Truncate(time.Hour)
	var count int
	err := tx.QueryRow(ctx, `INSERT INTO asks (network, form, hour, count) VALUES ($1, $2, $3, 1)
		ON CONFLICT (network, form, hour) DO UPDATE SET count = asks.count + 1 RETURNING count`,
		network, form, storage.Micros(hour)).Scan(&count)
	if err != nil || count <= perHour {
		return 0, err
	}
	return hour.Add(time.Hour).Sub(now), nil
}
