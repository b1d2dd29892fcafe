package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

const (
	askEvery   = 24 * time.Hour   // each contract that lives is asked for once a day, whatever webhooks said
	claimFor   = 10 * time.Minute // a node that takes a contract up has so long before another does
	workEvery  = time.Minute
	workAtOnce = 100
)

// lookNext is when a contract is to be looked at again.
func (t *Till) lookNext(c Contract) time.Time {
	now := t.now()
	var next time.Time
	if c.Record.Ended.IsZero() {
		next = now.Add(askEvery)
		if due := c.Record.PaidUntil; due.After(now) && due.Before(next) {
			next = due
		}
		if c.Record.CoveredUntil(t.options.Grace).After(now) {
			next = earlier(next, c.Record.CoveredUntil(t.options.Grace))
		}
	}
	for _, m := range t.messages(c, c.Record) {
		if m.at.After(now) {
			next = earlier(next, m.at)
		}
	}
	return next
}

// earlier returns the earlier of two times; a zero a is no time.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Run looks after contracts and checkouts until ctx ends: what a webhook did not tell is found here, and the mails that
// the calendar calls for are written. Trouble is logged and waited out. Its error is nil.
func (t *Till) Run(ctx context.Context) error {
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	for {
		if _, err := t.Work(ctx); err != nil && ctx.Err() == nil {
			t.options.Log.Error("till: look after contracts", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Work looks after what is due now, and returns how much that was. Of several errors it returns one; the others wait
// for the next time as well.
func (t *Till) Work(ctx context.Context) (n int, err error) {
	due, err := t.due(ctx)
	if err != nil {
		return 0, err
	}
	for _, c := range due {
		if e := t.lookAfter(ctx, c); e != nil {
			err = e
			continue
		}
		n++
	}
	if e := t.lookAtCheckouts(ctx); e != nil {
		err = e
	}
	return n, err
}

// due takes up the contracts whose time has come. A node that dies lets others have them after claimFor.
func (t *Till) due(ctx context.Context) (list []Contract, err error) {
	now := t.now()
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		rows, err := tx.Query(ctx, `UPDATE contracts SET look_next = $1 WHERE source = $2 AND look_next > 0 AND look_next <= $3
			AND id IN (SELECT id FROM contracts WHERE source = $2 AND look_next > 0 AND look_next <= $3 ORDER BY look_next LIMIT $4)
			RETURNING `+contractColumns, storage.Micros(now.Add(claimFor)), t.provider.Name(), storage.Micros(now), workAtOnce)
		list, err = scanContracts(rows, err)
		return err
	})
	return list, err
}

// lookAfter asks for a contract, and ends it when its reader is gone or its payment has not come.
func (t *Till) lookAfter(ctx context.Context, c Contract) error {
	if err := t.Sync(ctx, c.Ref); err != nil {
		return err
	}
	c, err := contractByID(ctx, t.db, c.ID)
	if err != nil || !c.Record.Ended.IsZero() {
		return err
	}
	lapsed := !c.Record.LateSince.IsZero() && !t.now().Before(c.Record.CoveredUntil(t.options.Grace))
	if c.Reader != 0 && !lapsed {
		return nil
	}
	if err := t.provider.Cancel(ctx, c.Ref, AtOnce); err != nil { // who does not read is not charged
		return fmt.Errorf("end contract %d: %w", c.ID, err)
	}
	return t.Sync(ctx, c.Ref)
}

// lookAtCheckouts settles those that nobody came back from: a browser may be closed right after the payment.
func (t *Till) lookAtCheckouts(ctx context.Context) error {
	now := t.now()
	rows, err := t.db.Query(ctx, `SELECT ref FROM checkouts WHERE source = $1 AND contract = 0 AND over = 0 AND created < $2
		ORDER BY created DESC LIMIT $3`, t.provider.Name(), storage.Micros(now.Add(-5*time.Minute)), workAtOnce)
	if err != nil {
		return err
	}
	defer rows.Close()
	var refs []string
	for rows.Next() {
		var ref string
		if err := rows.Scan(&ref); err != nil {
			return err
		}
		refs = append(refs, ref)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, ref := range refs {
		if err := t.Paid(ctx, ref); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE checkouts SET over = 1, address = '' WHERE contract = 0 AND over = 0 AND created < $1`,
			storage.Micros(now.Add(-checkoutLife)))
		return err
	})
}

// Reconcile asks for every contract that has not ended, and returns how many those were: what a week without webhooks
// left undone is done then.
func (t *Till) Reconcile(ctx context.Context) (n int, err error) {
	for after := int64(0); ; {
		list, err := scanContracts(t.db.Query(ctx, `SELECT `+contractColumns+` FROM contracts WHERE source = $1 AND id > $2 ORDER BY id LIMIT $3`,
			t.provider.Name(), after, workAtOnce))
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, c := range list {
			after = c.ID
			if c.Record.Ended.IsZero() || t.now().Sub(c.Record.Ended) < 180*24*time.Hour { // a dispute may come late
				if err := t.lookAfter(ctx, c); err != nil {
					return n, err
				}
				n++
			}
		}
	}
}
