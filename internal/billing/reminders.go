package billing

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// Who was given a subscription is reminded of its end two weeks before, if it was given for four weeks at least.
const (
	remindBefore = 14 * 24 * time.Hour
	remindOf     = 28 * 24 * time.Hour
	remindEvery  = time.Hour
	remindAtOnce = 100
)

// RemindersOptions of NewReminders.
type RemindersOptions struct {
	Origin string // of the site: scheme, host and port
	Zone   *time.Location
	Now    func() time.Time // nil for the system's clock
	Log    *slog.Logger     // nil for the default
}

// Reminders tells readers that a complimentary subscription is about to end. It is safe for concurrent use, on several
// nodes.
type Reminders struct {
	db      *storage.DB
	readers *readers.Readers
	out     *outbox.Outbox
	options RemindersOptions
}

// NewReminders returns the reminders of a publication.
func NewReminders(db *storage.DB, r *readers.Readers, out *outbox.Outbox, o RemindersOptions) *Reminders {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Reminders{db: db, readers: r, out: out, options: o}
}

// Run writes reminders until ctx ends. Trouble is logged and waited out. Its error is nil.
func (r *Reminders) Run(ctx context.Context) error {
	tick := time.NewTicker(remindEvery)
	defer tick.Stop()
	for {
		if _, err := r.Work(ctx); err != nil && ctx.Err() == nil {
			r.options.Log.Error("remind of subscriptions that end", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Work writes the reminders that are due now, each once for each end, and returns how many subscriptions it looked at.
func (r *Reminders) Work(ctx context.Context) (n int, err error) {
	for {
		var part int
		err := r.db.Write(ctx, func(tx *storage.DB) (err error) {
			part, err = r.remind(ctx, tx)
			return err
		})
		if err != nil {
			return n, fmt.Errorf("remind of subscriptions that end: %w", err)
		}
		if n += part; part < remindAtOnce {
			r.out.Wake()
			return n, nil
		}
	}
}

// given is a subscription that is about to end.
type given struct {
	reader int64
	ends   time.Time
}

func (r *Reminders) remind(ctx context.Context, tx *storage.DB) (int, error) {
	due, err := r.due(ctx, tx)
	if err != nil {
		return 0, err
	}
	for _, g := range due {
		if err := r.write(ctx, tx, g); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// due takes up those whose reader is to be reminded.
func (r *Reminders) due(ctx context.Context, tx *storage.DB) (list []given, err error) {
	now := r.options.Now()
	rows, err := tx.Query(ctx, `UPDATE subscriptions SET reminded = ends WHERE id IN (SELECT id FROM subscriptions
		WHERE contract = 0 AND open = 1 AND source = $1 AND reminded <> ends AND ends > $2 AND ends <= $3 AND ends - starts >= $4 ORDER BY ends LIMIT $5)
		RETURNING reader, ends`, Complimentary, storage.Micros(now), storage.Micros(now.Add(remindBefore)), remindOf.Microseconds(), remindAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g given
		var ends int64
		if err := rows.Scan(&g.reader, &ends); err != nil {
			return nil, err
		}
		g.ends = storage.Time(ends)
		list = append(list, g)
	}
	return list, rows.Err()
}

// write puts one reminder into the outbox, unless the reader reads on under something else.
func (r *Reminders) write(ctx context.Context, tx *storage.DB, g given) error {
	var others int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM subscriptions WHERE reader = $1 AND ends > $2`, g.reader, storage.Micros(g.ends)).Scan(&others)
	if err != nil || others > 0 {
		return err
	}
	n := readers.Notice{Kind: "complimentary-ends", Subject: "Your subscription ends soon", Heading: "Your subscription ends soon",
		Lines: []string{fmt.Sprintf("Your complimentary subscription runs until %s. Nothing is charged when it ends, and your account stays, with its free articles and newsletters.",
			g.ends.Add(-time.Microsecond).In(r.options.Zone).Format("2 January 2006")), "If you would like to read on, you can subscribe at any time."},
		Link: r.options.Origin + "/subscribe", Button: "See what it holds", UselessAfter: remindBefore}
	n.Preheader = n.Lines[0]
	err = tx.QueryRow(ctx, `SELECT address FROM readers WHERE id = $1`, g.reader).Scan(&n.To)
	if err != nil {
		if err := storage.NotFound(err, "There is no such reader."); !fault.Is(err, fault.NotFound) {
			return err
		}
		return nil // the account is gone
	}
	mail, err := r.readers.Compose(n)
	if err != nil {
		return err
	}
	return r.out.Put(ctx, tx, mail)
}
