package mailing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A WarmUp makes a new sender known to the large receivers, who distrust one that sends much on its first day: mails
// accepted a day, by all nodes, from its first day on. After the plan's last day there is no limit.
type WarmUp struct {
	From time.Time // the first day, in UTC; the zero time means no plan
	Plan []int     // mails on the first day, the second, …
}

// UsualPlan grows to a hundred thousand a day in two weeks.
var UsualPlan = []int{500, 1_000, 2_000, 3_000, 5_000, 8_000, 12_000, 18_000, 25_000, 35_000, 50_000, 65_000, 80_000, 100_000}

const day = 24 * time.Hour

// allows returns what the plan allows on the day of a time; limited is false when it says nothing.
func (w WarmUp) allows(now time.Time) (mails int, limited bool) {
	n := dayOf(now) - dayOf(w.From)
	if w.From.IsZero() || n >= int64(len(w.Plan)) {
		return 0, false
	}
	return w.Plan[max(n, 0)], true
}

func dayOf(t time.Time) int64 { return t.Unix() / int64(day/time.Second) }

// allowance returns how many rows may be leased now: no more than leave within the horizon at the node's rate, and than
// the day has left.
func (r *run) allowance(ctx context.Context) (int, error) {
	n := leaseMost
	if rate := r.options.Rate; rate > 0 {
		n = max(1, min(n, int(rate*horizon.Seconds())))
	}
	now := r.now()
	most, limited := r.options.WarmUp.allows(now)
	if !limited {
		return n, nil
	}
	held := r.inHand() // before what was sent is read: a mail recorded in between counts twice rather than not at all
	var sent int
	err := r.db.QueryRow(ctx, `SELECT sent FROM mailing_days WHERE day = $1`, dayOf(now)).Scan(&sent)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	return max(0, min(n, most-sent-held)), nil
}

// inHand counts the rows this node holds that are not recorded.
func (r *run) inHand() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for b := range r.held {
		n += int(b.open.Load())
	}
	return n
}

// countDay counts what was accepted today, while a plan asks for it.
func (m *Mailings) countDay(ctx context.Context, tx *storage.DB, sent int) error {
	now := m.now()
	if _, limited := m.options.WarmUp.allows(now); !limited || sent == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO mailing_days (day, sent) VALUES ($1, $2)
		ON CONFLICT (day) DO UPDATE SET sent = mailing_days.sent + excluded.sent`, dayOf(now), sent)
	return err
}
