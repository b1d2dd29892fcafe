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

type exportedPayment struct {
	At       time.Time   `json:"at"`
	Kind     PaymentKind `json:"kind"`
	Amount   int64       `json:"amount"` // in the smallest part of the currency
	Currency string      `json:"currency"`
	Plan     string      `json:"plan"`
	Ref      string      `json:"ref"`
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

// Payments gives the payments of a reader for "download my data". It implements readers.Exporter.
type Payments struct{ *Billing }

// ExportReader implements readers.Exporter.
func (p Payments) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	out := []exportedPayment{}
	contracts, err := p.Contracts(ctx, reader)
	for _, c := range contracts {
		lines, err := p.Ledger(ctx, c.ID)
		if err != nil {
			return "", nil, err
		}
		for _, l := range lines {
			out = append(out, exportedPayment{l.At, l.Kind, l.Amount.Amount, l.Amount.Currency, l.Plan, l.Ref})
		}
	}
	return "payments", out, err
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
