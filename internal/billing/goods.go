package billing

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// Goods is what is bought at the till for others than the buyer: gifts, the seats of a group.
type Goods interface {
	// Deliver takes up what a contract of theirs has come to, in the transaction that records it: c.Record holds all
	// payments, and until is when reading under it ends. It is called after every answer of the provider, so that
	// delivering the same twice changes nothing.
	Deliver(ctx context.Context, tx *storage.DB, c Contract, until time.Time) error
}

// A Purchase is something other than a subscription of the buyer's own.
type Purchase struct {
	For    string // its kind, as in TillOptions.Goods, and its number there: "gift:12"
	Name   string // as the buyer reads it
	Price  Price
	Once   bool   // it is paid once
	Source string // the provider, "" for the first
	Left   string // path for who leaves without paying
}

// Buy opens a checkout for a purchase. Invalid, with the field "email", for an address that is none. Paying for it lets
// the browser read nothing.
func (t *Till) Buy(ctx context.Context, b Buyer, w Purchase) (Started, error) {
	if kind, _, _ := strings.Cut(w.For, ":"); t.options.Goods[kind] == nil {
		return Started{}, fmt.Errorf("buy %q: nobody delivers it", w.For)
	}
	p, err := t.sells(w.Source)
	if err != nil {
		return Started{}, err
	}
	if _, err := t.identify(ctx, &b); err != nil {
		return Started{}, err
	}
	return t.begin(ctx, p, b, Order{Key: rand.Text(), Offer: Offer{Price: w.Price}, Once: w.Once,
		Name: t.options.Name + ", " + w.Name, Left: t.options.Origin + w.Left}, w.For, "")
}

// deliver hands over what a contract has come to that is not a subscription of its reader.
func (t *Till) deliver(ctx context.Context, tx *storage.DB, c Contract) error {
	kind, _, _ := strings.Cut(c.For, ":")
	goods := t.options.Goods[kind]
	if goods == nil {
		return fmt.Errorf("contract %d: nobody delivers %q", c.ID, c.For)
	}
	if !c.Record.Once {
		if err := t.cover(ctx, tx, c, 0); err != nil {
			return err
		}
	}
	return goods.Deliver(ctx, tx, c, c.Record.CoveredUntil(t.options.Grace))
}

// Kept is what stayed of the money of a contract that was just answered for: all that was paid less all that went back.
func (r Record) Kept() (sum int64) {
	for _, p := range r.Payments {
		sum += p.Amount.Amount
	}
	return sum
}

// onceAsked is how long after its payment a contract that is paid once is asked for: a dispute may come late.
const onceAsked = 180 * 24 * time.Hour

// Bought returns the contract of what was bought as Purchase.For says, the newest when there were several. NotFound when
// it was not paid.
func (t *Till) Bought(ctx context.Context, what string) (c Contract, err error) {
	err = c.scan(t.db.QueryRow(ctx, `SELECT `+contractColumns+` FROM contracts WHERE bought_for = $1 ORDER BY id DESC LIMIT 1`, what))
	if err != nil {
		return c, fmt.Errorf("contract of %s: %w", what, storage.NotFound(err, "This was not paid for."))
	}
	return c, nil
}

// Reprice changes what a contract of goods costs, at once and with what is left of the period set against it.
func (t *Till) Reprice(ctx context.Context, c Contract, to Price) error {
	return t.actOn(ctx, c, "reprice", func(p Provider) error { return p.Switch(ctx, c.Ref, to, AtOnce) })
}

// CancelBought ends a contract of goods with the period that is paid for.
func (t *Till) CancelBought(ctx context.Context, c Contract) error {
	return t.actOn(ctx, c, "cancel", func(p Provider) error { return p.Cancel(ctx, c.Ref, AtPeriodEnd) })
}

// ResumeBought takes a CancelBought back.
func (t *Till) ResumeBought(ctx context.Context, c Contract) error {
	return t.actOn(ctx, c, "resume", func(p Provider) error { return p.Resume(ctx, c.Ref) })
}

// actOn has the provider do something to a contract that lives, and records what has become of it.
func (t *Till) actOn(ctx context.Context, c Contract, verb string, do func(p Provider) error) error {
	if !c.Record.Ended.IsZero() {
		return fault.New(fault.Conflict, "This has ended already.")
	}
	p, err := t.of(c.Source)
	if err == nil {
		err = do(p)
	}
	if err != nil {
		return fmt.Errorf("%s contract %d: %w", verb, c.ID, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// Undo ends a contract at once and returns all that was paid for it.
func (t *Till) Undo(ctx context.Context, c Contract) error {
	p, err := t.of(c.Source)
	if err != nil {
		return err
	}
	if err := t.undo(ctx, p, c); err != nil {
		return fmt.Errorf("undo contract %d: %w", c.ID, err)
	}
	return t.Sync(ctx, c.Source, c.Ref)
}

// HandOver makes the contracts of what was bought another reader's: mails about them go there from now on.
func HandOver(ctx context.Context, tx *storage.DB, what string, reader int64) error {
	_, err := tx.Exec(ctx, `UPDATE contracts SET reader = $1 WHERE bought_for = $2`, reader, what)
	if err != nil {
		return fmt.Errorf("hand over %s: %w", what, err)
	}
	return nil
}

// Cover writes that a reader may read everything from one time until another under what somebody else pays for. source is
// "seat:12" or "gift:7"; a reader is covered once by each. Covering again moves the end, also to the past.
func Cover(ctx context.Context, tx *storage.DB, reader int64, source string, starts, ends time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO subscriptions (reader, plan, source, starts, ends, reason) VALUES ($1, $2, $3, $4, $5, '')
		ON CONFLICT (reader, plan, source, contract) WHERE open = 1 DO UPDATE SET ends = excluded.ends`,
		reader, AllAccess, source, storage.Micros(starts), storage.Micros(ends))
	if err != nil {
		return fmt.Errorf("cover reader %d by %s: %w", reader, source, err)
	}
	return tx.Changed(ctx, "reader", reader)
}

// GiftPrices is what a gift of some months costs in each currency: so many times the first plan by the month, and for
// whole years no more than the first plan by the year. Nil when nothing is sold that it could be counted by.
func (c Catalog) GiftPrices(months int) (list []Money) {
	for _, code := range c.Currencies() {
		month, byMonth := c.firstPrice(Monthly, code)
		year, byYear := c.firstPrice(Yearly, code)
		sum := Money{int64(months) * month.Amount, code}
		if whole := int64(months / 12); byYear && months%12 == 0 && (!byMonth || whole*year.Amount < sum.Amount) {
			sum.Amount = whole * year.Amount
		} else if !byMonth {
			continue
		}
		list = append(list, sum)
	}
	return list
}

func (c Catalog) firstPrice(every Period, code string) (Money, bool) {
	for _, p := range c.Plans {
		if m, ok := in(p.Prices, code); ok && p.Every == every && !p.Closed && p.ForAll() {
			return m, true
		}
	}
	return Money{}, false
}

// errNotSold is what a form answers whose price is not there any more.
var errNotSold = fault.Field("months", "This is not sold any more. Please choose again.")

// GiftPrice is what a gift of some months costs in a currency. Invalid when it is not sold.
func (c Catalog) GiftPrice(months int, code string) (Price, error) {
	m, ok := in(c.GiftPrices(months), code)
	if !ok || months < 1 || months > 12 {
		return Price{}, errNotSold
	}
	return Price{Plan: fmt.Sprintf("gift-%d", months), Every: Monthly, Amount: m}, nil
}
