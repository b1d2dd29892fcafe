package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// An Entry is a line of the ledger. Nothing in this program changes or deletes one.
type Entry struct {
	Payment
	ID       int64
	Booked   time.Time
	Contract int64
	Reader   int64
	Source   string
}

// book writes those payments of a contract that are not in the ledger yet.
func (t *Till) book(ctx context.Context, tx *storage.DB, c Contract, payments []Payment) error {
	for _, p := range payments {
		_, err := tx.Exec(ctx, `INSERT INTO ledger (at, booked, kind, contract, reader, source, ref, plan, amount, currency, starts, ends)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
			storage.Micros(p.At), storage.Micros(t.now()), string(p.Kind), c.ID, c.Reader, c.Source, p.Ref, p.Plan,
			p.Amount.Amount, p.Amount.Currency, storage.Micros(p.Starts), storage.Micros(p.Ends))
		if err != nil {
			return fmt.Errorf("book %s %s: %w", p.Kind, p.Ref, err)
		}
	}
	return nil
}

// Ledger is Billing.Ledger.
func (t *Till) Ledger(ctx context.Context, contract int64) ([]Entry, error) {
	return ledgerOf(ctx, t.db, contract)
}

// Ledger returns what was paid and returned for a contract, the first first.
func (b *Billing) Ledger(ctx context.Context, contract int64) ([]Entry, error) {
	return ledgerOf(ctx, b.db, contract)
}

// Contracts returns all that a reader pays and paid for, the newest first.
func (b *Billing) Contracts(ctx context.Context, reader int64) ([]Contract, error) {
	return contractsOf(ctx, b.db, reader)
}

func ledgerOf(ctx context.Context, db *storage.DB, contract int64) ([]Entry, error) {
	rows, err := db.Query(ctx, `SELECT id, at, booked, kind, contract, reader, source, ref, plan, amount, currency, starts, ends
		FROM ledger WHERE contract = $1 ORDER BY at, id`, contract)
	if err != nil {
		return nil, fmt.Errorf("ledger of contract %d: %w", contract, err)
	}
	defer rows.Close()
	list := []Entry{}
	for rows.Next() {
		var e Entry
		var at, booked, starts, ends int64
		err := rows.Scan(&e.ID, &at, &booked, &e.Kind, &e.Contract, &e.Reader, &e.Source, &e.Ref, &e.Plan,
			&e.Amount.Amount, &e.Amount.Currency, &starts, &ends)
		if err != nil {
			return nil, fmt.Errorf("ledger of contract %d: %w", contract, err)
		}
		e.At, e.Booked, e.Starts, e.Ends = storage.Time(at), storage.Time(booked), storage.Time(starts), storage.Time(ends)
		list = append(list, e)
	}
	return list, rows.Err()
}
