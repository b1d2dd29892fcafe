package billing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/storage"
)

// Complimentary is the source of subscriptions that the publication gives.
const Complimentary = "complimentary"

// A Subscription is a time in which a reader may read under a plan.
type Subscription struct {
	ID     int64
	Plan   string
	Source string
	Starts time.Time
	Ends   time.Time // the first moment it no longer covers; moved when it was ended early
	Reason string    // why it was given
}

// Runs reports whether the subscription covers a time.
func (s Subscription) Runs(at time.Time) bool { return !at.Before(s.Starts) && at.Before(s.Ends) }

// grant is under what the subscription opens articles.
func (s Subscription) grant() access.Grant {
	if strings.HasPrefix(s.Source, "seat:") {
		return access.BySeat
	}
	return access.BySubscription
}

// words is how the audit log tells of a subscription.
func (s Subscription) words() string {
	if s.Plan == "" {
		return "no subscription"
	}
	return fmt.Sprintf("%s %s until %s", s.Source, s.Plan, s.Ends.UTC().Format(time.RFC3339))
}

func (s *Subscription) scan(row interface{ Scan(...any) error }) error {
	var starts, ends int64
	if err := row.Scan(&s.ID, &s.Plan, &s.Source, &starts, &ends, &s.Reason); err != nil {
		return err
	}
	s.Starts, s.Ends = storage.Time(starts), storage.Time(ends)
	return nil
}

// Subscriptions returns all that a reader has and had, the one that ends last first.
func (b *Billing) Subscriptions(ctx context.Context, reader int64) ([]Subscription, error) {
	rows, err := b.db.Query(ctx, `SELECT id, plan, source, starts, ends, reason FROM subscriptions
		WHERE reader = $1 ORDER BY ends DESC, id DESC`, reader)
	if err != nil {
		return nil, fmt.Errorf("subscriptions of reader %d: %w", reader, err)
	}
	defer rows.Close()
	all := []Subscription{}
	for rows.Next() {
		var s Subscription
		if err := s.scan(rows); err != nil {
			return nil, fmt.Errorf("subscriptions of reader %d: %w", reader, err)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// putComplimentary closes the reader's complimentary subscription if it has run out, then moves the end of the open
// one, or makes one. The unique index lets only one of several grants under way at once make it.
func putComplimentary(ctx context.Context, tx *storage.DB, reader int64, plan string, now, until time.Time, reason string) error {
	if _, err := tx.Exec(ctx, `UPDATE subscriptions SET open = 0
		WHERE reader = $1 AND plan = $2 AND source = $3 AND open = 1 AND ends <= $4`,
		reader, plan, Complimentary, storage.Micros(now)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO subscriptions (reader, plan, source, starts, ends, reason) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (reader, plan, source, contract) WHERE open = 1 DO UPDATE SET ends = excluded.ends, reason = excluded.reason`,
		reader, plan, Complimentary, storage.Micros(now), storage.Micros(until), reason)
	return err
}

// endAll ends what was given and has not ended, and returns how many that were. What is paid for ends with its contract.
func endAll(ctx context.Context, tx *storage.DB, reader int64, now time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE subscriptions SET ends = $2, open = 0 WHERE reader = $1 AND ends > $2 AND contract = 0`,
		reader, storage.Micros(now))
}
