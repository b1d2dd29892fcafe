package gifts

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// errNoCode is the answer to a code that opens nothing, whatever the reason: who guesses learns nothing.
var errNoCode = fault.Field("code", "There is no gift with this code. Please look at it again, letter by letter.")

// Find returns the gift of a code as people type it. Invalid, with the field "code", when there is none that is good.
func (s *Gifts) Find(ctx context.Context, code string) (g Gift, err error) {
	err = g.scan(s.db.QueryRow(ctx, `SELECT `+columns+` FROM gift_subscriptions WHERE code = $1 AND paid > 0 AND revoked = 0`, codeDigest(code)))
	if err = storage.NotFound(err, "no gift"); fault.Is(err, fault.NotFound) {
		return Gift{}, errNoCode
	}
	return g, err
}

// Redeem gives a reader what a gift holds: from now on or, when something else that does not renew itself covers them
// now, from its end. Invalid, with the field "code", for a code that is none or was redeemed by somebody else; Conflict
// for a reader whose own subscription goes on. Redeeming one's own again changes nothing.
func (s *Gifts) Redeem(ctx context.Context, code string, reader int64) (Gift, error) {
	g, err := s.Find(ctx, code)
	if err != nil {
		return Gift{}, err
	}
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		// Of several gifts that one reader redeems at once, each begins where the one before it ends.
		n, err := tx.Exec(ctx, `UPDATE readers SET mailbox = mailbox WHERE id = $1`, reader)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "There is no such reader.")
		}
		if err != nil {
			return err
		}
		// This takes the row: of several who redeem it at once one has it (S-14).
		err = g.scan(tx.QueryRow(ctx, `UPDATE gift_subscriptions SET code = code WHERE id = $1 AND paid > 0 AND revoked = 0 RETURNING `+columns, g.ID))
		switch {
		case err != nil:
			return storage.NotFound(err, "This gift was taken back.")
		case g.Reader == reader:
			return nil
		case g.Redeemed():
			return fault.Field("code", "This gift has been redeemed already.")
		}
		if g.Starts, err = s.startFor(ctx, tx, reader); err != nil {
			return err
		}
		g.Reader, g.Ends = reader, billing.Monthly.Times(g.Starts, g.Months)
		_, err = tx.Exec(ctx, `UPDATE gift_subscriptions SET reader = $1, starts = $2, ends = $3 WHERE id = $4`, reader,
			storage.Micros(g.Starts), storage.Micros(g.Ends), g.ID)
		if err != nil {
			return err
		}
		return s.cover(ctx, tx, g, "redeem gift", g.Ends)
	})
	if err != nil {
		return Gift{}, fmt.Errorf("reader %d redeems a gift: %w", reader, err)
	}
	return g, nil
}

// startFor is when a gift begins for a reader whose row is locked: when what covers them now ends.
func (s *Gifts) startFor(ctx context.Context, tx *storage.DB, reader int64) (time.Time, error) {
	now := s.options.Now()
	goesOn, err := billing.GoesOn(ctx, tx, reader)
	if err != nil {
		return now, err
	}
	if goesOn {
		return now, fault.New(fault.Conflict, "You have a subscription of your own. The code stays good: redeem it when yours has ended, or give it to somebody else.")
	}
	var last int64
	err = tx.QueryRow(ctx, `SELECT COALESCE(MAX(ends), 0) FROM subscriptions WHERE reader = $1 AND ends > $2 AND source NOT LIKE 'seat:%'`,
		reader, storage.Micros(now)).Scan(&last)
	if at := storage.Time(last); at.After(now) {
		now = at
	}
	return now, err
}

// cover writes what the holder of a gift may read until a time, and why it changed.
func (s *Gifts) cover(ctx context.Context, tx *storage.DB, g Gift, what string, ends time.Time) error {
	err := readers.Record(ctx, tx, readers.Event{At: s.options.Now(), Who: readers.Subject(g.Reader), What: what,
		Subject: readers.Subject(g.Reader), After: fmt.Sprintf("%s until %s", source(g.ID), ends.UTC().Format(time.RFC3339))})
	if err != nil {
		return err
	}
	return billing.Cover(ctx, tx, g.Reader, source(g.ID), g.Starts, ends)
}

// Deliver implements billing.Goods: a gift is good while its money is here.
func (s *Gifts) Deliver(ctx context.Context, tx *storage.DB, c billing.Contract, _ time.Time) error {
	id, err := numberOf(c.For)
	if err != nil {
		return fmt.Errorf("contract %d: %w", c.ID, err)
	}
	var g Gift
	err = g.scan(tx.QueryRow(ctx, `UPDATE gift_subscriptions SET code = code WHERE id = $1 RETURNING `+columns, id))
	if err = storage.NotFound(err, "no gift"); fault.Is(err, fault.NotFound) {
		return nil // a draft that was paid for after it was cleared away is found by the ledger, and paid back by hand
	}
	if err != nil {
		return err
	}
	now := s.options.Now()
	kept := c.Record.Kept() > 0
	switch {
	case kept && g.Paid.IsZero():
		g.Paid, g.Giver = c.Record.Created, c.Reader
		if err := s.thank(ctx, tx, g); err != nil {
			return err
		}
	case !kept && g.Revoked.IsZero():
		g.Revoked = now
		err = s.revoke(ctx, tx, g)
	case kept && !g.Revoked.IsZero(): // a dispute was won
		g.Revoked = time.Time{}
		if g.Reader > 0 {
			err = s.cover(ctx, tx, g, "gift goes on", g.Ends)
		}
	default:
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE gift_subscriptions SET giver = $1, paid = $2, revoked = $3 WHERE id = $4`, g.Giver,
		storage.Micros(g.Paid), storage.Micros(g.Revoked), g.ID)
	return err
}

// revoke ends what a gift covers for who redeemed it, and tells them.
func (s *Gifts) revoke(ctx context.Context, tx *storage.DB, g Gift) error {
	if g.Reader <= 0 {
		return nil
	}
	now := s.options.Now()
	if g.Ends.Before(now) {
		return nil
	}
	ends := now
	if g.Starts.After(now) {
		ends = g.Starts
	}
	if err := s.cover(ctx, tx, g, "gift revoked", ends); err != nil {
		return err
	}
	return s.tellRevoked(ctx, tx, g)
}
