package stripe

import (
	"context"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/billing"
)

// EveryOther makes the calls that the examples of stripe-mock do not lead to.
func (p *Provider) EveryOther(ctx context.Context) error {
	s, err := p.subscription(ctx, "sub_123")
	if err != nil {
		return err
	}
	if err := p.payDue(ctx, s, "pm_123"); err != nil {
		return err
	}
	u := &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: stripe.String("pm_123"), TrialEndNow: stripe.Bool(true)}
	u.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldCancelAt)
	u.AddUnsetField(stripe.SubscriptionUpdateParamsUnsetFieldPauseCollection)
	u.AddMetadata(metaTo, "")
	if err := p.update(ctx, "sub_123", u); err != nil {
		return err
	}
	if _, err := p.lastCard(ctx, s); err != nil {
		return err
	}
	if err := p.end(ctx, "sub_123"); err != nil {
		return err
	}
	if _, err := p.disputesOf(ctx, nil, "ch_123"); err != nil {
		return err
	}
	_, err = p.makePrice(ctx, "gatefold-key", priceForTest, "By the month")
	return err
}

var priceForTest = billing.Price{Plan: "month", Every: billing.Monthly, Amount: billing.Money{Amount: 900, Currency: "EUR"}}
