// Package rehearsal is a provider of payments that takes no money: the test checkout of the demonstration and of tests.
// It keeps what a real one would keep, charges when the time has come, and forgets nothing between two starts.
package rehearsal

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// Provider is the test checkout. It is safe for concurrent use.
type Provider struct {
	db     *storage.DB
	origin string
	now    func() time.Time
}

// New returns the test checkout of a site. now may be nil for the system's clock.
func New(db *storage.DB, origin string, now func() time.Time) *Provider {
	if now == nil {
		now = time.Now
	}
	return &Provider{db: db, origin: origin, now: now}
}

// Payment is what the test checkout keeps of one order: the checkout and the contract it leads to have one name.
type Payment struct {
	Ref       string         `json:"-"`
	Order     billing.Order  `json:"order"`
	State     State          `json:"state"`
	Record    billing.Record `json:"record"`
	Periods   int            `json:"periods"`    // charged so far, the first and a trial included
	Lines     []line         `json:"lines"`      // payments
	CardFails bool           `json:"card_fails"` // the next charges are declined
}

type line struct {
	billing.Payment
	Returned bool // of a charge
}

// State is what the buyer has done at the checkout.
type State string

// The states of a checkout.
const (
	Open      State = "open"
	Paid      State = "paid"
	Declined  State = "declined" // and open for another try
	Abandoned State = "abandoned"
)

// Name implements billing.Provider.
func (p *Provider) Name() string { return billing.TestSource }

// Begin implements billing.Provider.
func (p *Provider) Begin(ctx context.Context, o billing.Order) (ref, url string, err error) {
	sum := sha256.Sum256([]byte(o.Key))
	ref = base64.RawURLEncoding.EncodeToString(sum[:15])
	kept, err := json.Marshal(Payment{Order: o, State: Open})
	if err != nil {
		return "", "", err
	}
	err = p.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO test_payments (ref, kept) VALUES ($1, $2) ON CONFLICT DO NOTHING`, ref, string(kept))
		return err
	})
	return ref, p.origin + "/test-checkout/" + ref, err
}

// Payment returns what is kept under a name.
func (p *Provider) Payment(ctx context.Context, ref string) (Payment, error) {
	return p.change(ctx, ref, func(*Payment) error { return nil })
}

// change brings a payment up to now, lets f change it, and keeps it.
func (p *Provider) change(ctx context.Context, ref string, f func(k *Payment) error) (k Payment, err error) {
	err = p.db.Write(ctx, func(tx *storage.DB) error {
		k = Payment{} // the transaction may run again
		var kept string
		err := tx.QueryRow(ctx, `UPDATE test_payments SET ref = ref WHERE ref = $1 RETURNING kept`, ref).Scan(&kept)
		if err != nil {
			return storage.NotFound(err, "There is no such payment.")
		}
		if err := json.Unmarshal([]byte(kept), &k); err != nil {
			return err
		}
		k.Ref = ref
		k.advance(p.now())
		if err := f(&k); err != nil {
			return err
		}
		b, err := json.Marshal(k)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE test_payments SET kept = $1 WHERE ref = $2`, string(b), ref)
		return err
	})
	if err != nil {
		return k, fmt.Errorf("test payment %s: %w", ref, err)
	}
	return k, nil
}

// advance does what time has brought: charges, and ends.
func (k *Payment) advance(now time.Time) {
	r := &k.Record
	for k.State == Paid && r.Ended.IsZero() && !now.Before(r.PaidUntil) {
		switch {
		case r.Leaves:
			r.Ended = r.PaidUntil
		case !r.PausedTo.IsZero() && now.Before(r.PausedTo):
			r.NextCharge = r.PausedTo
			return
		case k.CardFails:
			if r.LateSince.IsZero() {
				r.LateSince = r.PaidUntil
			}
			return
		default:
			from := r.PaidUntil
			if !r.PausedTo.IsZero() {
				from, r.PausedTo = r.PausedTo, time.Time{}
			}
			k.charge(from, later(from, r.LateSince, now))
		}
	}
}

// later is when a period is charged: at its beginning, or now when it was late.
func later(from, lateSince, now time.Time) time.Time {
	if lateSince.IsZero() {
		return from
	}
	return now
}

// charge takes the money for the period that begins at a time.
func (k *Payment) charge(from, at time.Time) {
	r, o := &k.Record, k.Order.Offer
	amount, to := r.Price, r.Every.After(from)
	if k.Order.Once {
		to, r.Once, r.Leaves = from, true, true
	}
	switch first := k.Periods == 0; {
	case first && o.TrialDays > 0:
		to = from.AddDate(0, 0, o.TrialDays)
		amount.Amount = 0
	case first:
		amount = o.Today()
	case o.Coupon != nil && k.Periods < o.Coupon.Periods && r.Plan == o.Plan:
		amount.Amount = amount.Amount * int64(100-o.Coupon.PercentOff) / 100
	}
	r.Trial = k.Periods == 0 && o.TrialDays > 0
	k.Periods++
	if amount.Amount > 0 {
		k.Lines = append(k.Lines, line{Payment: billing.Payment{Kind: billing.Charge, Ref: fmt.Sprintf("%s-%d", k.Ref, len(k.Lines)+1), At: at,
			Amount: amount, Plan: r.Plan, Starts: from, Ends: to}})
	}
	r.PaidUntil, r.NextCharge, r.LateSince = to, to, time.Time{}
}

// Pay is the button of the buyer who pays.
func (p *Provider) Pay(ctx context.Context, ref string) (Payment, error) {
	return p.change(ctx, ref, func(k *Payment) error {
		if k.State == Abandoned {
			return fault.New(fault.Conflict, "This checkout was abandoned.")
		}
		if k.State == Paid {
			return nil
		}
		now := p.now().UTC()
		k.State = Paid
		k.Record = billing.Record{Plan: k.Order.Offer.Plan, Price: k.Order.Offer.Amount, Every: k.Order.Offer.Every, Created: now,
			Card: billing.Card{Brand: "Test", Last4: "4242", Month: 12, Year: now.Year() + 3, Fingerprint: "test-" + k.Order.Address}}
		k.charge(now, now)
		return nil
	})
}

// Decline is the button of the buyer whose card is declined.
func (p *Provider) Decline(ctx context.Context, ref string) (Payment, error) {
	return p.unpaid(ctx, ref, Declined)
}

// Abandon is the button of the buyer who leaves.
func (p *Provider) Abandon(ctx context.Context, ref string) (Payment, error) {
	return p.unpaid(ctx, ref, Abandoned)
}

func (p *Provider) unpaid(ctx context.Context, ref string, s State) (Payment, error) {
	return p.change(ctx, ref, func(k *Payment) error {
		if k.State == Paid {
			return fault.New(fault.Conflict, "This was paid already.")
		}
		k.State = s
		return nil
	})
}

// SetCard says whether charges go through from now on. One that is due is tried at once when they do.
func (p *Provider) SetCard(ctx context.Context, ref string, good bool) (Payment, error) {
	return p.change(ctx, ref, func(k *Payment) error {
		k.CardFails = !good
		k.advance(p.now())
		return nil
	})
}

// Renew charges the next period at once, as if its time had come: nobody wants to wait a month for it.
func (p *Provider) Renew(ctx context.Context, ref string) (Payment, error) {
	return p.living(ctx, ref, func(k *Payment) error {
		if k.Record.Leaves || !k.Record.PausedTo.IsZero() {
			return fault.New(fault.Conflict, "This subscription is not renewed.")
		}
		if k.CardFails {
			if k.Record.LateSince.IsZero() {
				k.Record.LateSince, k.Record.PaidUntil = p.now().UTC(), p.now().UTC()
			}
			return nil
		}
		k.charge(k.Record.PaidUntil, p.now().UTC())
		return nil
	})
}

// Dispute has the bank take the last charge back.
func (p *Provider) Dispute(ctx context.Context, ref string) (Payment, error) {
	return p.change(ctx, ref, func(k *Payment) error {
		i := k.last()
		if i < 0 || !k.Record.Disputed.IsZero() {
			return fault.New(fault.Conflict, "There is no charge that could be disputed.")
		}
		now, charge := p.now().UTC(), k.Lines[i].Payment
		k.Record.Disputed = now
		k.Lines = append(k.Lines, line{Payment: billing.Payment{Kind: billing.Dispute, Ref: charge.Ref, At: now, Amount: charge.Amount.Negate(), Plan: charge.Plan}})
		return nil
	})
}

// last is the index of the last charge that was not returned, -1 for none.
func (k *Payment) last() int {
	for i := len(k.Lines) - 1; i >= 0; i-- {
		if k.Lines[i].Kind == billing.Charge && !k.Lines[i].Returned {
			return i
		}
	}
	return -1
}

// Completed implements billing.Provider.
func (p *Provider) Completed(ctx context.Context, ref string) (string, error) {
	k, err := p.Payment(ctx, ref)
	switch {
	case err != nil:
		return "", err
	case k.State == Paid:
		return ref, nil
	case k.State == Abandoned:
		return "", billing.ErrOver
	}
	return "", nil
}

// Fetch implements billing.Provider.
func (p *Provider) Fetch(ctx context.Context, ref string) (billing.Record, error) {
	k, err := p.Payment(ctx, ref)
	if err == nil && k.State != Paid {
		err = fault.New(fault.NotFound, "There is no such contract.")
	}
	if err != nil {
		return billing.Record{}, err
	}
	r := k.Record
	for _, l := range k.Lines {
		r.Payments = append(r.Payments, l.Payment)
	}
	if r.Leaves || !r.Ended.IsZero() {
		r.NextCharge = time.Time{}
	}
	return r, nil
}

var errEnded = errors.New("the contract has ended")

// living changes a contract that has not ended.
func (p *Provider) living(ctx context.Context, ref string, f func(k *Payment) error) (Payment, error) {
	return p.change(ctx, ref, func(k *Payment) error {
		if k.State != Paid || !k.Record.Ended.IsZero() {
			return fault.Wrap(fault.Conflict, errEnded, "This subscription has ended.")
		}
		return f(k)
	})
}

// Cancel implements billing.Provider.
func (p *Provider) Cancel(ctx context.Context, ref string, at billing.Ending) error {
	_, err := p.change(ctx, ref, func(k *Payment) error {
		switch r := &k.Record; {
		case k.State != Paid || !r.Ended.IsZero():
		case at == billing.AtOnce:
			r.Ended = p.now().UTC()
		default:
			r.Leaves = true
			k.advance(p.now()) // there may be nothing left of the period
		}
		return nil
	})
	return err
}

// Resume implements billing.Provider.
func (p *Provider) Resume(ctx context.Context, ref string) error {
	_, err := p.living(ctx, ref, func(k *Payment) error {
		k.Record.Leaves = false
		if !k.Record.PausedTo.IsZero() {
			k.Record.PausedTo = time.Time{}
			if now := p.now().UTC(); k.Record.PaidUntil.Before(now) {
				k.Record.PaidUntil = now // what was paused is not charged
			}
		}
		k.Record.NextCharge = k.Record.PaidUntil
		k.advance(p.now())
		return nil
	})
	return err
}

// Pause implements billing.Provider.
func (p *Provider) Pause(ctx context.Context, ref string, until time.Time) error {
	_, err := p.living(ctx, ref, func(k *Payment) error {
		k.Record.PausedTo, k.Record.NextCharge = until.UTC(), until.UTC()
		return nil
	})
	return err
}

// Switch implements billing.Provider. What is left of the period is set against the new price to the cent, rounded down;
// what the new plan is cheaper by lengthens its first period, as nothing is paid out.
func (p *Provider) Switch(ctx context.Context, ref string, to billing.Price, at billing.Ending) error {
	_, err := p.living(ctx, ref, func(k *Payment) error {
		r, now := &k.Record, p.now().UTC()
		if r.Plan == to.Plan && r.Price == to.Amount {
			return nil
		}
		if at == billing.AtPeriodEnd {
			r.Plan, r.Price, r.Every = to.Plan, to.Amount, to.Every
			return nil
		}
		var credit int64
		if i := k.last(); i >= 0 && k.Lines[i].Ends.After(now) {
			l := k.Lines[i]
			credit = l.Amount.Amount * int64(l.Ends.Sub(now)/time.Second) / int64(l.Ends.Sub(l.Starts)/time.Second)
		}
		r.Plan, r.Price, r.Every, r.Trial = to.Plan, to.Amount, to.Every, false
		due, ends := to.Amount.Amount-credit, to.Every.After(now)
		if due < 0 {
			ends = ends.Add(time.Duration(float64(ends.Sub(now)) * float64(-due) / float64(to.Amount.Amount)))
			due = 0
		}
		if due > 0 {
			k.Lines = append(k.Lines, line{Payment: billing.Payment{Kind: billing.Charge, Ref: fmt.Sprintf("%s-%d", k.Ref, len(k.Lines)+1), At: now,
				Amount: billing.Money{Amount: due, Currency: to.Amount.Currency}, Plan: to.Plan, Starts: now, Ends: ends}})
		}
		r.PaidUntil, r.NextCharge = ends, ends
		return nil
	})
	return err
}

// Refund implements billing.Provider.
func (p *Provider) Refund(ctx context.Context, ref, payment string) error {
	_, err := p.change(ctx, ref, func(k *Payment) error {
		for i := range k.Lines {
			if l := &k.Lines[i]; l.Kind == billing.Charge && l.Ref == payment && !l.Returned {
				l.Returned = true
				k.Lines = append(k.Lines, line{Payment: billing.Payment{Kind: billing.Refund, Ref: payment, At: p.now().UTC(),
					Amount: l.Amount.Negate(), Plan: l.Plan}})
				return nil
			}
		}
		return nil
	})
	return err
}

// CardPage implements billing.Provider.
func (p *Provider) CardPage(_ context.Context, ref, _ string) (string, error) {
	return p.origin + "/test-checkout/" + ref, nil
}

// Receipt implements billing.Provider. Nobody gives receipts for money that was not taken.
func (p *Provider) Receipt(context.Context, string, string) (string, error) {
	return "", fault.New(fault.NotFound, "The test checkout gives no receipts: it takes no money.")
}

// CardChanged implements billing.Provider. What is due is tried by SetCard already.
func (p *Provider) CardChanged(context.Context, string) error { return nil }

// RefundLast returns the last charge and ends the contract, as staff would at a provider.
func (p *Provider) RefundLast(ctx context.Context, ref string) error {
	k, err := p.Payment(ctx, ref)
	if err != nil {
		return err
	}
	i := k.last()
	if i < 0 {
		return fault.New(fault.Conflict, "There is no charge that could be returned.")
	}
	if err := p.Refund(ctx, ref, k.Lines[i].Ref); err != nil {
		return err
	}
	return p.Cancel(ctx, ref, billing.AtOnce)
}
