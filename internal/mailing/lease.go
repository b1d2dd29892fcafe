package mailing

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// leaseMost is how many rows one lease holds.
const leaseMost = 500

// A batch are rows in this node's hands. Rows of their first turn are leased as a range, which writes nothing into
// them; rows that were put off are leased one by one, by their due time.
type batch struct {
	mailing int64
	lease   int64 // of mailing_leases; 0 for rows that were put off
	holder  string
	rows    []row

	until atomic.Int64 // when the lease ends, in microseconds; renewed
	left  atomic.Int64 // rows that are not durably recorded yet
	open  atomic.Int64 // rows that are not recorded or dropped yet
}

// holds reports whether the rows are still this node's, with time enough to hand one over.
func (b *batch) holds(now time.Time) bool {
	return storage.Micros(now.Add(leaseMargin)) < b.until.Load()
}

// leaseMargin is how long before its end a lease is not relied on any more.
const leaseMargin = 50 * time.Millisecond

func (b *batch) readers() []int64 {
	list := make([]int64, len(b.rows))
	for i, r := range b.rows {
		list[i] = r.reader
	}
	return list
}

// row is what a node knows of one row it has in hand.
type row struct {
	reader int64
	state  RowState
	tries  int64
}

// lease takes up to n rows of a running mailing into this node's hands: those of a lease that ended, else those whose
// time has come, else the next that had no turn yet. A batch without rows says that there are none now.
//
// Two nodes may choose the same: the second to write waits for the first, looks again at the row it finds (PostgreSQL
// 17, section 13.2.1), and the repeated condition turns it away. On SQLite there is one writer.
func (m *Mailings) lease(ctx context.Context, mailing int64, n int) (*batch, error) {
	var b *batch
	holder, now := rand.Text(), m.now()
	until := now.Add(m.options.Lease)
	err := m.db.Write(ctx, func(tx *storage.DB) error {
		b = &batch{mailing: mailing, holder: holder} // the transaction may run again
		var state State
		err := tx.QueryRow(ctx, `SELECT state FROM mailings WHERE id = $1`, mailing).Scan(&state)
		if err != nil || state != Running {
			return err
		}
		for _, take := range []func(context.Context, *storage.DB, *batch, leasing) error{m.takeOver, takeDue, takeFresh} {
			if err := take(ctx, tx, b, leasing{holder, n, now, until}); err != nil || len(b.rows) > 0 {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.until.Store(storage.Micros(until))
	b.left.Store(int64(len(b.rows)))
	b.open.Store(int64(len(b.rows)))
	return b, nil
}

// leasing is what is asked of a lease.
type leasing struct {
	holder     string
	n          int
	now, until time.Time
}

// takeOver takes a range whose lease has ended: its node died, or gave it back. Leases with nothing left go.
func (m *Mailings) takeOver(ctx context.Context, tx *storage.DB, b *batch, l leasing) error {
	for {
		var low, high int64
		err := tx.QueryRow(ctx, `UPDATE mailing_leases SET until = $1, holder = $2
			WHERE id = (SELECT id FROM mailing_leases WHERE mailing = $3 AND until <= $4 ORDER BY until, id LIMIT 1) AND until <= $4
			RETURNING id, low, high`, storage.Micros(l.until), l.holder, b.mailing, storage.Micros(l.now)).Scan(&b.lease, &low, &high)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			b.lease = 0
			return nil
		case err != nil:
			return err
		}
		if err := b.read(tx.Query(ctx, `SELECT reader, state, tries FROM deliveries
			WHERE mailing = $1 AND reader >= $2 AND reader <= $3 AND state = 'queued' AND due IS NULL ORDER BY reader`,
			b.mailing, low, high)); err != nil || len(b.rows) > 0 {
			return err
		}
		if err := dropLease(ctx, tx, b.lease); err != nil {
			return err
		}
	}
}

// takeDue takes rows that were put off until now.
func takeDue(ctx context.Context, tx *storage.DB, b *batch, l leasing) error {
	return b.read(tx.Query(ctx, `UPDATE deliveries SET due = $1
		WHERE mailing = $2 AND due <= $3 AND reader IN
			(SELECT reader FROM deliveries WHERE mailing = $2 AND due <= $3 ORDER BY due, reader LIMIT $4)
		RETURNING reader, state, tries`, storage.Micros(l.until), b.mailing, storage.Micros(l.now), l.n))
}

// takeFresh takes the next rows in order of readers.
func takeFresh(ctx context.Context, tx *storage.DB, b *batch, l leasing) error {
	var taken int64
	if err := tx.QueryRow(ctx, `SELECT taken FROM mailings WHERE id = $1`, b.mailing).Scan(&taken); err != nil {
		return err
	}
	err := b.read(tx.Query(ctx, `SELECT reader, state, tries FROM deliveries
		WHERE mailing = $1 AND reader > $2 AND state = 'queued' AND due IS NULL ORDER BY reader LIMIT $3`, b.mailing, taken, l.n))
	if err != nil || len(b.rows) == 0 {
		return err
	}
	low, high := b.rows[0].reader, b.rows[len(b.rows)-1].reader
	n, err := tx.Exec(ctx, `UPDATE mailings SET taken = $1 WHERE id = $2 AND taken = $3`, high, b.mailing, taken)
	if err != nil {
		return err
	}
	if n == 0 { // another node was first; the rows are its
		b.rows = nil
		return errRaced
	}
	return tx.QueryRow(ctx, `INSERT INTO mailing_leases (mailing, low, high, until, holder) VALUES ($1, $2, $3, $4, $5) RETURNING id`,
		b.mailing, low, high, storage.Micros(l.until), l.holder).Scan(&b.lease)
}

// errRaced says that another node took the rows first: ask again.
var errRaced = errors.New("another node was first")

func (b *batch) read(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.reader, &r.state, &r.tries); err != nil {
			return err
		}
		b.rows = append(b.rows, r)
	}
	return rows.Err()
}

func dropLease(ctx context.Context, tx *storage.DB, id int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM mailing_leases WHERE id = $1`, id)
	return err
}

// renew extends the lease of a batch. When another node may have taken it over meanwhile, the batch ends at once: of a
// range its holder tells, of rows that were put off the time, as nobody takes them before the lease ends.
func (m *Mailings) renew(ctx context.Context, b *batch) error {
	before, until, held := b.until.Load(), m.now().Add(m.options.Lease), true
	err := m.db.Write(ctx, func(tx *storage.DB) error {
		if b.lease == 0 {
			return postpone(ctx, tx, b, until, b.readers())
		}
		n, err := tx.Exec(ctx, `UPDATE mailing_leases SET until = $1 WHERE id = $2 AND holder = $3`,
			storage.Micros(until), b.lease, b.holder)
		held = n == 1
		return err
	})
	switch {
	case err != nil:
		return err
	case !held, b.lease == 0 && storage.Micros(m.now()) >= before:
		b.until.Store(0)
		return nil
	}
	b.until.Store(storage.Micros(until))
	return nil
}

// giveBack lets others have at once what this node did not come to.
func (m *Mailings) giveBack(ctx context.Context, b *batch) error {
	return m.db.Write(ctx, func(tx *storage.DB) error {
		if b.lease == 0 {
			return postpone(ctx, tx, b, m.now(), b.readers())
		}
		_, err := tx.Exec(ctx, `UPDATE mailing_leases SET until = 0 WHERE id = $1 AND holder = $2`, b.lease, b.holder)
		return err
	})
}
