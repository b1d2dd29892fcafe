package billing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Event is what a provider told by itself. It is a hint where to look, and no more: one of Contract, Checkout and
// Payment says where.
type Event struct {
	Source      string // the provider
	ID          string // what it calls the event, the same when it is told again
	Contract    string
	Checkout    string
	Payment     string // Ref of a Payment that may be known
	CardChanged bool   // a card was given for the contract
}

// eventsKept is how long events are known to be dealt with: longer than any provider repeats them.
const eventsKept = 90 * 24 * time.Hour

// errDealtWith says that an event was dealt with before.
var errDealtWith = errors.New("this event was dealt with before")

// Hint looks where an event points and records what is found there, in one transaction with the event's name. An event
// told twice does nothing the second time, and one about what is none of ours does nothing at all. After an error it is
// to be told again.
func (t *Till) Hint(ctx context.Context, e Event) error {
	err := t.hint(ctx, e)
	if errors.Is(err, errDealtWith) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("event %s of %s: %w", e.ID, e.Source, err)
	}
	return nil
}

func (t *Till) hint(ctx context.Context, e Event) error {
	if seen, err := t.seen(ctx, e); err != nil || seen {
		return err
	}
	if e.Checkout != "" {
		if err := t.Paid(ctx, e.Source, e.Checkout); err != nil {
			return err
		}
		return t.done(ctx, e)
	}
	ref, err := t.contractBehind(ctx, e)
	if err != nil {
		return err
	}
	if ref == "" { // what it is about is not known yet: it will be asked for when it is
		return t.done(ctx, e)
	}
	if e.CardChanged {
		p, err := t.of(e.Source)
		if err != nil {
			return err
		}
		if err := p.CardChanged(ctx, ref); err != nil {
			return err
		}
	}
	err = t.sync(ctx, e.Source, ref, e.ID)
	if fault.Is(err, fault.NotFound) {
		return t.done(ctx, e)
	}
	return err
}

// contractBehind is what the provider calls the contract that an event is about, "" for none of ours.
func (t *Till) contractBehind(ctx context.Context, e Event) (ref string, err error) {
	query, name := `SELECT ref FROM contracts WHERE source = $1 AND ref = $2`, e.Contract
	if name == "" {
		query, name = `SELECT c.ref FROM ledger l JOIN contracts c ON c.id = l.contract WHERE l.source = $1 AND l.ref = $2`, e.Payment
	}
	err = t.db.QueryRow(ctx, query, e.Source, name).Scan(&ref)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return ref, err
}

func (t *Till) seen(ctx context.Context, e Event) (bool, error) {
	var n int
	err := t.db.QueryRow(ctx, `SELECT COUNT(*) FROM provider_events WHERE source = $1 AND event = $2`, e.Source, e.ID).Scan(&n)
	return n > 0, err
}

// done notes that an event is dealt with, which changed nothing or what may be done again.
func (t *Till) done(ctx context.Context, e Event) error {
	return t.db.Write(ctx, func(tx *storage.DB) error { return t.dealtWith(ctx, tx, e.Source, e.ID) })
}

// dealtWith notes an event in the transaction of its effect, or returns errDealtWith. "" is no event.
func (t *Till) dealtWith(ctx context.Context, tx *storage.DB, source, event string) error {
	if event == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO provider_events (source, event, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		source, event, storage.Micros(t.now()))
	if err == nil && n == 0 {
		err = errDealtWith
	}
	return err
}

// forgetEvents drops those that no provider repeats any more.
func (t *Till) forgetEvents(ctx context.Context) error {
	return t.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM provider_events WHERE at < $1`, storage.Micros(t.now().Add(-eventsKept)))
		return err
	})
}
