package stripe

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
)

// Cancel implements billing.Provider. What has ended stays so.
func (p *Provider) Cancel(ctx context.Context, ref string, at billing.Ending) error {
	if single(ref) {
		return nil // nothing comes after it
	}
	s, err := p.subscription(ctx, ref)
	if err != nil {
		return fmt.Errorf("stripe: subscription %s: %w", ref, known(err))
	}
	if s.EndedAt != 0 || s.Status == stripe.SubscriptionStatusIncompleteExpired {
		return nil
	}
	paid, paused := pauseOf(s)
	if at == billing.AtOnce || paused && !paid.After(p.options.Now()) { // nothing is left of what was paid
		err = p.end(ctx, ref)
	} else {
		u := &stripe.SubscriptionUpdateParams{CancelAtPeriodEnd: stripe.Bool(true)}
		if paused {
			takeUp(u, paid)
		}
		_, err = p.api.V1Subscriptions.Update(ctx, ref, u)
	}
	if err != nil && !missing(err) { // ended meanwhile
		return fmt.Errorf("stripe: cancel %s: %w", ref, known(err))
	}
	return nil
}

// end ends a subscription at once. What is left of it is not paid back: Refund does that.
func (p *Provider) end(ctx context.Context, ref string) error {
	_, err := p.api.V1Subscriptions.Cancel(ctx, ref, &stripe.SubscriptionCancelParams{InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false)})
	return err
}

// pauseOf reports whether a subscription is paused as Pause does, and up to when it was paid for.
func pauseOf(s *stripe.Subscription) (paid time.Time, paused bool) {
	return moment(number(s.Metadata[metaPaid])), s.Status == stripe.SubscriptionStatusTrialing && s.TrialEnd == number(s.Metadata[metaTo])
}

// takeUp ends a pause at the end of what is paid for.
func takeUp(u *stripe.SubscriptionUpdateParams, paid time.Time) {
	u.TrialEnd, u.ProrationBehavior = stripe.Int64(paid.Unix()), stripe.String("none")
	u.AddMetadata(metaTo, "")
}

// Resume implements billing.Provider. A pause that has begun ends with a charge.
func (p *Provider) Resume(ctx context.Context, ref string) error {
	s, err := p.subscription(ctx, ref)
	if err != nil {
		return fmt.Errorf("stripe: subscription %s: %w", ref, known(err))
	}
	u := &stripe.SubscriptionUpdateParams{}
	if s.CancelAt != 0 && !s.CancelAtPeriodEnd {
		u.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldCancelAt)
	} else {
		u.CancelAtPeriodEnd = stripe.Bool(false)
	}
	if s.PauseCollection != nil {
		u.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldPauseCollection)
	}
	if paid, paused := pauseOf(s); paused {
		takeUp(u, paid)
		if !paid.After(p.options.Now()) {
			u.TrialEnd, u.TrialEndNow = nil, stripe.Bool(true)
		}
	}
	return p.update(ctx, ref, u)
}

func (p *Provider) update(ctx context.Context, ref string, u *stripe.SubscriptionUpdateParams) error {
	_, err := p.api.V1Subscriptions.Update(ctx, ref, u)
	if missing(err) {
		return fault.Wrap(fault.Conflict, err, "This subscription has ended.")
	}
	if err != nil {
		return fmt.Errorf("stripe: change %s: %w", ref, known(err))
	}
	return nil
}

// Pause implements billing.Provider. Stripe's own pause leaves the days of charging where they are, so that a year's
// subscription would read for nothing, or not at all, until the next: instead the time up to the end of the pause is
// free, and what was paid for is written down.
func (p *Provider) Pause(ctx context.Context, ref string, until time.Time) error {
	l, err := p.life(ctx, ref)
	if err != nil {
		return fmt.Errorf("stripe: subscription %s: %w", ref, known(err))
	}
	u := &stripe.SubscriptionUpdateParams{TrialEnd: stripe.Int64(until.Unix()), ProrationBehavior: stripe.String("none")}
	u.AddMetadata(metaPaid, strconv.FormatInt(l.record().PaidUntil.Unix(), 10))
	u.AddMetadata(metaTo, strconv.FormatInt(until.Unix(), 10))
	return p.update(ctx, ref, u)
}

// Switch implements billing.Provider. At once, what is left of the period is set against the new price, and what that
// leaves to be paid is charged or nothing changes.
func (p *Provider) Switch(ctx context.Context, ref string, to billing.Price, at billing.Ending) error {
	s, err := p.subscription(ctx, ref)
	if err != nil {
		return fmt.Errorf("stripe: subscription %s: %w", ref, known(err))
	}
	old := item(s)
	if old == nil {
		return fmt.Errorf("stripe: subscription %s has no price", ref)
	}
	price, err := p.price(ctx, to, to.Plan)
	if err != nil {
		return err
	}
	if old.Price != nil && old.Price.ID == price {
		return nil
	}
	u := &stripe.SubscriptionUpdateParams{Items: []*stripe.SubscriptionUpdateItemParams{{ID: &old.ID, Price: &price, Quantity: stripe.Int64(1)}}}
	u.AddMetadata(metaPlan, to.Plan)
	if at == billing.AtPeriodEnd {
		u.ProrationBehavior = stripe.String("none")
		return p.update(ctx, ref, u)
	}
	u.ProrationBehavior, u.PaymentBehavior = stripe.String("always_invoice"), stripe.String("error_if_incomplete")
	u.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldDiscounts) // they were for the old price
	if s.Status == stripe.SubscriptionStatusTrialing {
		u.TrialEndNow = stripe.Bool(true)
	} else {
		u.BillingCycleAnchorNow = stripe.Bool(true)
	}
	return p.update(ctx, ref, u)
}
