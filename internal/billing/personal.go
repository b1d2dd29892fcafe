package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

type exportedSubscription struct {
	Plan   string    `json:"plan"`
	Source string    `json:"source"`
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
	Reason string    `json:"reason,omitempty"`
}

// ExportReader gives the subscriptions of a reader for "download my data". It implements readers.Exporter.
func (b *Billing) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	all, err := b.Subscriptions(ctx, reader)
	out := make([]exportedSubscription, len(all))
	for i, s := range all {
		out[i] = exportedSubscription{Plan: s.Plan, Source: s.Source, Starts: s.Starts, Ends: s.Ends, Reason: s.Reason}
	}
	return "subscriptions", out, err
}

// EraseReader deletes the subscriptions of a reader. Contracts are nobody's from now on, and the till ends them at their
// provider; the ledger keeps what was paid, under a number that leads to nobody. It implements readers.Eraser.
func (b *Billing) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM subscriptions WHERE reader = $1`, reader); err != nil {
		return fmt.Errorf("erase subscriptions of reader %d: %w", reader, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM checkouts WHERE reader = $1`, reader); err != nil {
		return fmt.Errorf("erase checkouts of reader %d: %w", reader, err)
	}
	_, err := tx.Exec(ctx, `UPDATE contracts SET reader = 0, look_next = $1 WHERE reader = $2`, storage.Micros(b.now()), reader)
	if err != nil {
		return fmt.Errorf("let contracts of reader %d end: %w", reader, err)
	}
	return nil
}
