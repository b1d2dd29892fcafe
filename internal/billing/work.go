package billing

import (
	"context"
	"errors"
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
	if c.Record.Once {
		if now.Sub(c.Record.Created) < onceAsked {
			next = now.Add(askEvery)
		}
		return next
	}
	if c.Record.Ended.IsZero() {
		next = now.Add(askEvery)
		if due := c.Record.PaidUntil; due.After(now) && due.Before(next) {
			next = due
		}
		if c.Record.CoveredUntil(t.options.Grace).After(now) {
			next = earlier(next, c.Record.CoveredUntil(t.options.Grace))
		}
	}
	for _, m := range t.messages(c, c.Record, now) {
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

// Work looks after what is due now, and returns how much that was. What fails waits for the next time.
func (t *Till) Work(ctx context.Context) (n int, err error) {
	for _, p := range t.providers {
		done, e := t.workFor(ctx, p)
		n, err = n+done, errors.Join(err, e)
	}
	return n, errors.Join(err, t.forgetEvents(ctx))
}

func (t *Till) workFor(ctx context.Context, p Provider) (n int, err error) {
	due, err := t.due(ctx, p.Name())
	if err != nil {
		return 0, err
	}
	for _, c := range due {
		if e := t.lookAfter(ctx, p, c); e != nil {
			err = e
			continue
		}
		n++
	}
	return n, errors.Join(err, t.lookAtCheckouts(ctx, p))
}

// due takes up the contracts of a provider whose time has come. A node that dies lets others have them after claimFor.
func (t *Till) due(ctx context.Context, source string) (list []Contract, err error) {
	now := t.now()
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		rows, err := tx.Query(ctx, `UPDATE contracts SET look_next = $1 WHERE source = $2 AND look_next > 0 AND look_next <= $3
			AND id IN (SELECT id FROM contracts WHERE source = $2 AND look_next > 0 AND look_next <= $3 ORDER BY look_next LIMIT $4)
			RETURNING `+contractColumns, storage.Micros(now.Add(claimFor)), source, storage.Micros(now), workAtOnce)
		list, err = scanContracts(rows, err)
		return err
	})
	return list, err
}

// lookAfter asks for a contract, and ends it when it is refused, its reader is gone or its payment has not come. Goods
// whose buyer is gone end with the period: it is paid for, and others read under it.
func (t *Till) lookAfter(ctx context.Context, p Provider, c Contract) error {
	if err := t.Sync(ctx, c.Source, c.Ref); err != nil {
		return err
	}
	c, err := contractByID(ctx, t.db, c.ID)
	if err != nil || !c.Record.Ended.IsZero() || c.Record.Once {
		return err
	}
	lapsed := !c.Record.LateSince.IsZero() && !t.now().Before(c.Record.CoveredUntil(t.options.Grace))
	switch {
	case c.Refused != "":
		return t.refuse(ctx, c)
	case c.Reader != 0 && !lapsed:
		return t.moveOver(ctx, p, c)
	case c.For != "" && !lapsed && c.Record.Leaves:
		return nil
	}
	at := AtOnce // who does not read is not charged
	if c.For != "" && !lapsed {
		at = AtPeriodEnd
	}
	if err := p.Cancel(ctx, c.Ref, at); err != nil {
		return fmt.Errorf("end contract %d: %w", c.ID, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// lookAtCheckouts settles those that nobody came back from: a browser may be closed right after the payment. Each is
// asked for less and less often.
func (t *Till) lookAtCheckouts(ctx context.Context, p Provider) error {
	due, err := t.dueCheckouts(ctx, p.Name())
	if err != nil {
		return err
	}
	var failed error
	for _, k := range due {
		if err := t.lookAtCheckout(ctx, k); err != nil {
			failed = err // the others do not wait for it
		}
	}
	return failed
}

// dueCheckouts takes up those whose time has come, the number of each at its provider by what it is known by here.
func (t *Till) dueCheckouts(ctx context.Context, source string) (due []checkout, err error) {
	now := storage.Micros(t.now())
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		due = nil
		rows, err := tx.Query(ctx, `UPDATE checkouts SET look_next = $1 + ($1 - created) / 2 WHERE token IN (SELECT token FROM checkouts
			WHERE source = $2 AND contract = 0 AND over = 0 AND look_next <= $1 ORDER BY look_next LIMIT $3)
			RETURNING token, source, ref, created`, now, source, workAtOnce)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k checkout
			var created int64
			if err := rows.Scan(&k.token, &k.source, &k.ref, &created); err != nil {
				return err
			}
			k.old = now-created >= int64(checkoutLife/time.Microsecond)
			due = append(due, k)
		}
		return rows.Err()
	})
	return due, err
}

// lookAtCheckout settles one, or gives it up when it is old and the provider does not say that it was paid.
func (t *Till) lookAtCheckout(ctx context.Context, k checkout) error {
	err := t.Paid(ctx, k.source, k.ref)
	if err != nil && !fault.Is(err, fault.NotFound) || !k.old {
		return err
	}
	return t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE checkouts SET over = 1, address = '' WHERE token = $1 AND contract = 0`, k.token)
		return err
	})
}

// Reconcile asks for every contract that has not ended long ago and every checkout that is open, and returns how many
// contracts those were: what a week without webhooks left undone is done then.
func (t *Till) Reconcile(ctx context.Context) (n int, err error) {
	err = t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE checkouts SET look_next = 0 WHERE contract = 0 AND over = 0`)
		return err
	})
	for _, p := range t.providers {
		if err == nil {
			err = t.lookAtCheckouts(ctx, p)
		}
		asked, e := t.reconcile(ctx, p)
		n, err = n+asked, errors.Join(err, e)
	}
	return n, err
}

func (t *Till) reconcile(ctx context.Context, p Provider) (n int, err error) {
	for after := int64(0); ; {
		list, err := scanContracts(t.db.Query(ctx, `SELECT `+contractColumns+` FROM contracts WHERE source = $1 AND id > $2 ORDER BY id LIMIT $3`,
			p.Name(), after, workAtOnce))
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, c := range list {
			after = c.ID
			if c.Record.Ended.IsZero() || t.now().Sub(c.Record.Ended) < disputable {
				if err := t.lookAfter(ctx, p, c); err != nil {
					return n, err
				}
				n++
			}
		}
	}
}

// disputable is how long after the end of a contract a bank may take a payment back.
const disputable = 180 * 24 * time.Hour
