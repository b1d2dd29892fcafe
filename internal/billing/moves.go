package billing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A price that changes: its payers are told moveTold before the first charge that is another where there is time, and
// moveNotice before it always. The provider learns of it moveWithin before that charge.
const (
	moveNotice = 30 * 24 * time.Hour
	moveTold   = 45 * 24 * time.Hour
	moveWithin = 48 * time.Hour
)

// A Move is a change of the price of a contract that goes on.
type Move struct {
	To   Price
	From time.Time // of the first charge that is another
}

// moveOf is where the plan of a contract goes over to and when at the earliest: as the plan says or, of one for certain
// domains, a year after the address was shown last. key names the notice among the mails of the contract. Goods stay at
// the price they were bought at: a plan's price is that of one reader.
func (t *Till) moveOf(c Contract) (from, to Plan, on time.Time, key string, ok bool) {
	if from, ok = t.options.Catalog.Plan(c.Record.Plan); !ok || c.For != "" {
		return from, to, on, "", false
	}
	slug, on, round := from.MovesTo, from.MovesOn, ""
	if slug == "" && len(from.Domains) > 0 {
		slug, on, round = from.Otherwise, c.shown.AddDate(1, 0, 0), c.shown.Format(" 2006-01-02")
	}
	to, ok = t.options.Catalog.Plan(slug)
	return from, to, on, "price " + from.Slug + " " + slug + round, ok && slug != ""
}

// move is the change that is before a contract whose payer is told of it at a time. It reports false when there is none:
// who leaves, is late or has paused is not moved until that is over.
func (t *Till) move(c Contract, told time.Time) (m Move, ok bool) {
	r := c.Record
	_, to, on, _, ok := t.moveOf(c)
	if !ok || r.NextCharge.IsZero() || !r.LateSince.IsZero() || !r.PausedTo.IsZero() {
		return m, false
	}
	if m.To, ok = to.Price(r.Price.Currency); !ok || to.Every != r.Every {
		return m, false
	}
	earliest := told.Add(moveNotice)
	if on.After(earliest) {
		earliest = on
	}
	for n := 0; m.From.Before(earliest); n++ {
		m.From = r.Every.Times(r.NextCharge, n)
	}
	return m, true
}

// ofMoves is the notice of a price that changes.
func (t *Till) ofMoves(c Contract, now time.Time) []message {
	m, ok := t.move(c, now)
	if !ok {
		return nil
	}
	at := m.From.Add(-moveTold)
	if at.Before(now) {
		at = now
	}
	from, _, _, key, _ := t.moveOf(c)
	if len(from.Domains) > 0 && from.MovesTo == "" {
		return []message{t.message(c, key, at, t.askAgain(c, m))}
	}
	return []message{t.message(c, key, at, readers.Notice{
		Kind: "price-changes", Subject: "The price of your subscription changes", Heading: "The price of your subscription changes",
		Lines: []string{fmt.Sprintf("You pay %s now. From %s it will be %s.", t.price(c.Record), t.day(m.From), t.period(m.To.Amount, m.To.Every)),
			"You need not do anything. If you do not want that, cancel before: your account has the button, and you read on to the end of what is paid."}})}
}

// Moving is the change that a reader was told of and that is still to come, the zero Move for none.
func (t *Till) Moving(ctx context.Context, c Contract) (Move, error) {
	_, _, _, key, ok := t.moveOf(c)
	if !ok {
		return Move{}, nil
	}
	var told int64
	err := t.db.QueryRow(ctx, `SELECT at FROM contract_mails WHERE contract = $1 AND mail = $2`, c.ID, key).Scan(&told)
	if errors.Is(err, sql.ErrNoRows) {
		return Move{}, nil
	}
	if err != nil {
		return Move{}, fmt.Errorf("notice of contract %d: %w", c.ID, err)
	}
	m, _ := t.move(c, storage.Time(told))
	return m, nil
}

// moveOver gives the provider the new price of a contract whose next charge is the first with it. One that was looked
// after too late keeps its price for another period.
func (t *Till) moveOver(ctx context.Context, p Provider, c Contract) error {
	m, err := t.Moving(ctx, c)
	if err != nil || m.From.IsZero() {
		return err
	}
	next, now := c.Record.NextCharge, t.now()
	if next.Before(m.From) || !next.After(now) || next.Sub(now) > moveWithin {
		return nil
	}
	if err := p.Switch(ctx, c.Ref, m.To, AtPeriodEnd); err != nil {
		return fmt.Errorf("move contract %d to %s: %w", c.ID, m.To.Plan, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}
