package billing

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// AllAccess is the plan under which everything can be read, without advertising.
const AllAccess = "all-access"

// operator is who gives and ends complimentary subscriptions: they are commands of the operator's shell.
const operator = "command line"

// reasonLimit is the longest reason, in runes.
const reasonLimit = 500

// Billing is who is subscribed to what. It is safe for concurrent use.
type Billing struct {
	db  *storage.DB
	now func() time.Time
}

// New returns the subscriptions kept in db. now may be nil for the system's clock.
func New(db *storage.DB, now func() time.Time) *Billing {
	if now == nil {
		now = time.Now
	}
	return &Billing{db: db, now: now}
}

// Grant gives a reader a complimentary subscription to a plan from now until a time, which is the first moment it no
// longer covers. A reader has one complimentary subscription to a plan at a time: granting again moves its end, later
// or earlier, and replaces its reason. Invalid, with the field, when the plan is unknown, the end is not in the future
// (a complimentary subscription always has an end), or the reason is longer than 500 characters.
func (b *Billing) Grant(ctx context.Context, reader int64, plan string, until time.Time, reason string) error {
	now := b.now()
	reason = strings.TrimSpace(reason)
	if err := b.Grantable(plan, until, reason); err != nil {
		return err
	}
	err := b.db.Write(ctx, func(tx *storage.DB) error {
		had, err := active(ctx, tx, reader, now)
		if err != nil {
			return err
		}
		if err := putComplimentary(ctx, tx, reader, plan, now, until, reason); err != nil {
			return err
		}
		given := Subscription{Plan: plan, Source: Complimentary, Starts: now, Ends: until}
		return changed(ctx, tx, reader, readers.Event{At: now, What: "grant", Before: had.words(), After: given.words() + because(reason)})
	})
	if err != nil {
		return fmt.Errorf("grant %s to reader %d: %w", plan, reader, err)
	}
	return nil
}

// Grantable is what Grant would refuse of a plan, its end and the reason, whoever the reader is: Invalid, by field.
func (b *Billing) Grantable(plan string, until time.Time, reason string) error {
	switch {
	case plan != AllAccess:
		return fault.Field("plan", "There is no plan named %q. The plan is %q.", plan, AllAccess)
	case !until.After(b.now()):
		return fault.Field("until", "The end of a subscription has to lie in the future.")
	case utf8.RuneCountInString(strings.TrimSpace(reason)) > reasonLimit:
		return fault.Field("reason", "A reason may have up to %d characters.", reasonLimit)
	}
	return nil
}

// Revoke ends every subscription that a reader has now, and returns how many there were. With none it changes nothing.
func (b *Billing) Revoke(ctx context.Context, reader int64, reason string) (int, error) {
	now := b.now()
	var ended int64
	err := b.db.Write(ctx, func(tx *storage.DB) error {
		had, err := active(ctx, tx, reader, now)
		if err != nil {
			return err
		}
		if ended, err = endAll(ctx, tx, reader, now); err != nil || ended == 0 {
			return err
		}
		return changed(ctx, tx, reader, readers.Event{At: now, What: "revoke", Before: had.words(),
			After: "no subscription" + because(strings.TrimSpace(reason))})
	})
	if err != nil {
		return 0, fmt.Errorf("revoke subscriptions of reader %d: %w", reader, err)
	}
	return int(ended), nil
}

// changed writes what every change of a reader's subscriptions leaves: a line of the audit log and one of the change
// log.
func changed(ctx context.Context, tx *storage.DB, reader int64, e readers.Event) error {
	e.Who, e.Subject = operator, readers.Subject(reader)
	if err := readers.Record(ctx, tx, e); err != nil {
		return err
	}
	return tx.Changed(ctx, "reader", reader)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

// Active returns under what a reader may read everything at a time: the subscription that ends last of those that
// run then. The zero Entitlement when there is none. It implements access.Entitlements.
func (b *Billing) Active(ctx context.Context, reader int64, at time.Time) (access.Entitlement, error) {
	s, err := active(ctx, b.db, reader, at)
	if err != nil || s.ID == 0 {
		return access.Entitlement{}, err
	}
	e := access.Entitlement{Grant: s.grant(), Plan: s.Plan, Until: s.Ends}
	e.Late, err = b.late(ctx, s)
	return e, err
}

// late reports whether a payment is due for a subscription.
func (b *Billing) late(ctx context.Context, s Subscription) (bool, error) {
	if s.Source == Complimentary {
		return false, nil
	}
	var text string
	err := b.db.QueryRow(ctx, `SELECT c.record FROM subscriptions s JOIN contracts c ON c.id = s.contract WHERE s.id = $1`, s.ID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil // nobody pays for it
	}
	var r Record
	if err == nil {
		err = json.Unmarshal([]byte(text), &r)
	}
	return !r.LateSince.IsZero(), err
}

// active returns the subscription of Active, the zero Subscription when there is none.
func active(ctx context.Context, db *storage.DB, reader int64, at time.Time) (s Subscription, err error) {
	err = s.scan(db.QueryRow(ctx, `SELECT id, plan, source, starts, ends, reason FROM subscriptions
		WHERE reader = $1 AND starts <= $2 AND ends > $2 ORDER BY ends DESC, id DESC LIMIT 1`, reader, storage.Micros(at)))
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Subscription{}, fmt.Errorf("active subscription of reader %d: %w", reader, err)
	}
	return s, nil
}
