package mailing

import (
	"context"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// outcome is what became of a row.
type outcome struct {
	state  RowState
	kind   string // Kind, or why there was no mail
	reason string // the server's words
	due    time.Time
	tries  int // to be counted
}

// A note asks for outcomes to be written. done is closed when they are durable.
type note struct {
	batch    *batch
	rows     []row
	outcomes []outcome // one a row, or one for all
	done     chan struct{}
}

func (n *note) outcome(i int) outcome { return n.outcomes[min(i, len(n.outcomes)-1)] }

// recorder writes what became of rows. It takes all notes that wait into one transaction: a connection waits for the
// commit before it hands over its next mail, so the number of connections is the size of the group.
type recorder struct {
	mailings *Mailings
	notes    chan *note
	enough   int                      // notes not to wait longer with
	recorded func(b *batch, rows int) // told of rows that are durable
}

const (
	// groupMost bounds a transaction, so that others who write to the database do not wait long.
	groupMost = 256

	// linger is how long the first note waits for others, half of the connections at most: what a commit costs does not
	// depend on how many there are.
	linger = 2 * time.Millisecond
)

// run writes notes until the channel is closed and empty.
func (r *recorder) run(ctx context.Context) {
	group := make([]*note, 0, groupMost)
	for n := range r.notes {
		group = r.gather(append(group[:0], n))
		r.write(ctx, group)
	}
}

// gather takes what waits, and for a moment what comes.
func (r *recorder) gather(group []*note) []*note {
	over := time.NewTimer(linger)
	defer over.Stop()
	for len(group) < r.enough {
		select {
		case n, ok := <-r.notes:
			if !ok {
				return group
			}
			group = append(group, n)
			continue
		case <-over.C:
		}
		break
	}
	for len(group) < groupMost {
		select {
		case n, ok := <-r.notes:
			if !ok {
				return group
			}
			group = append(group, n)
		default:
			return group
		}
	}
	return group
}

// write makes a group durable. A database that does not answer holds all connections back until it does; ctx ends when
// the program cannot wait any longer, and what is not written then is sent again by whoever leases it next.
func (r *recorder) write(ctx context.Context, group []*note) {
	m, rows := r.mailings, rowsOf(group)
	ended := through(rows)
	if !r.insist(ctx, func(tx *storage.DB) error { return m.record(ctx, tx, group, ended) }) {
		return
	}
	var late []*batch
	for b, n := range rows {
		if b.left.Add(-n) == 0 && b.lease != 0 && !slices.Contains(ended, b) {
			late = append(late, b)
		}
	}
	if len(late) > 0 && !r.insist(ctx, func(tx *storage.DB) error { return dropLeases(ctx, tx, late) }) {
		return
	}
	for _, n := range group {
		close(n.done)
		r.recorded(n.batch, len(n.rows))
	}
}

// rowsOf counts the rows of a group by batch.
func rowsOf(group []*note) map[*batch]int64 {
	rows := map[*batch]int64{}
	for _, n := range group {
		rows[n.batch] += int64(len(n.rows))
	}
	return rows
}

// through returns the ranges of which every other row is durable: the transaction that records these may drop the lease.
// One that another recorder has rows of is not among them. Were its lease dropped before these are durable, a process
// killed in between would leave rows in no lease, which nobody takes up again.
func through(rows map[*batch]int64) (ended []*batch) {
	for b, n := range rows {
		if b.lease != 0 && b.left.Load() == n {
			ended = append(ended, b)
		}
	}
	return ended
}

// insist writes until it is done, and reports false when ctx ended before.
func (r *recorder) insist(ctx context.Context, f func(tx *storage.DB) error) bool {
	m := r.mailings
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		err := m.db.Write(ctx, f)
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		m.options.Log.Error("mailing: record what was sent", "error", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
}

// bulk are rows of one mailing with one outcome.
type bulk struct {
	mailing int64
	state   RowState
	kind    string
	tries   int
}

// record writes a group of notes, and drops the leases of batches that are through.
func (m *Mailings) record(ctx context.Context, tx *storage.DB, group []*note, ended []*batch) error {
	now := m.now()
	alike := map[bulk][]int64{}
	sent := 0
	for _, n := range group {
		for i, row := range n.rows {
			o := n.outcome(i)
			if o.due.IsZero() && o.reason == "" {
				key := bulk{n.batch.mailing, o.state, o.kind, o.tries}
				alike[key] = append(alike[key], row.reader)
				if o.state == RowSent {
					sent++
				}
				continue
			}
			if err := putOff(ctx, tx, n.batch.mailing, row.reader, o, now); err != nil {
				return err
			}
		}
	}
	for key, readers := range alike {
		if err := settle(ctx, tx, key, now, readers); err != nil {
			return err
		}
	}
	if err := dropLeases(ctx, tx, ended); err != nil {
		return err
	}
	return m.countDay(ctx, tx, sent)
}

func dropLeases(ctx context.Context, tx *storage.DB, batches []*batch) error {
	for _, b := range batches {
		if err := dropLease(ctx, tx, b.lease); err != nil {
			return err
		}
	}
	return nil
}

// putOff records trouble. The time of the last answer stays when there was none.
func putOff(ctx context.Context, tx *storage.DB, mailing, reader int64, o outcome, now time.Time) error {
	var due any
	if !o.due.IsZero() {
		due = storage.Micros(o.due)
	}
	if o.tries == 0 { // it was not its turn
		_, err := tx.Exec(ctx, `UPDATE deliveries SET due = $1
			WHERE mailing = $2 AND reader = $3 AND state IN ('queued', 'deferred', 'unknown')`, due, mailing, reader)
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE deliveries SET state = $1, due = $2, kind = $3, reason = $4, tries = tries + 1, at = $5
		WHERE mailing = $6 AND reader = $7 AND state <> 'sent'`,
		string(o.state), due, o.kind, shorten(o.reason), storage.Micros(now), mailing, reader)
	return err
}
