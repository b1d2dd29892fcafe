package stripe

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/billing"
)

// What is written at Stripe beside what it knows by itself.
const (
	metaPlan = "gatefold_plan"       // slug of the plan, of a price, a subscription and a payment
	metaPaid = "gatefold_paid_until" // Unix time up to which a subscription was paid for when it was paused
	metaTo   = "gatefold_paused_to"  // Unix time at which a pause ends
	metaFor  = "gatefold_card_for"   // the subscription that a card is given for, of a session
	metaUse  = "gatefold_use"        // of a configuration of the portal
)

// Begin implements billing.Provider with a Checkout session.
func (p *Provider) Begin(ctx context.Context, o billing.Order) (ref, url string, err error) {
	sum := sha256.Sum256([]byte(o.Key))
	key := hex.EncodeToString(sum[:16])
	s := &stripe.CheckoutSessionCreateParams{SuccessURL: &o.Paid, CancelURL: &o.Left, ClientReferenceID: &key,
		Metadata:     map[string]string{metaPlan: o.Offer.Plan},
		AutomaticTax: &stripe.CheckoutSessionCreateAutomaticTaxParams{Enabled: &p.options.Tax}}
	s.SetIdempotencyKey("gatefold-checkout-" + key)
	p.buyer(s, o)
	if o.Once {
		once(s, o)
	} else if err := p.subscribe(ctx, s, o); err != nil {
		return "", "", err
	}
	session, err := p.api.V1CheckoutSessions.Create(ctx, s)
	if err != nil {
		return "", "", fmt.Errorf("stripe: open a checkout: %w", known(err))
	}
	return session.ID, session.URL, nil
}

// subscribe has a session sell a subscription.
func (p *Provider) subscribe(ctx context.Context, s *stripe.CheckoutSessionCreateParams, o billing.Order) error {
	price, err := p.price(ctx, o.Offer.Price, o.Name)
	if err != nil {
		return err
	}
	s.Mode = stripe.String(stripe.CheckoutSessionModeSubscription)
	s.LineItems = []*stripe.CheckoutSessionCreateLineItemParams{{Price: &price, Quantity: stripe.Int64(1)}}
	s.SubscriptionData = &stripe.CheckoutSessionCreateSubscriptionDataParams{Metadata: map[string]string{metaPlan: o.Offer.Plan}}
	if o.Offer.TrialDays > 0 {
		s.SubscriptionData.TrialPeriodDays = stripe.Int64(int64(o.Offer.TrialDays))
	}
	return p.discount(ctx, s, o.Offer)
}

// once has a session take one payment, with an invoice of its own.
func once(s *stripe.CheckoutSessionCreateParams, o billing.Order) {
	s.Mode = stripe.String(stripe.CheckoutSessionModePayment)
	s.LineItems = []*stripe.CheckoutSessionCreateLineItemParams{{Quantity: stripe.Int64(1),
		PriceData: &stripe.CheckoutSessionCreateLineItemPriceDataParams{Currency: currencyOf(o.Offer.Amount), UnitAmount: stripe.Int64(amount(o.Offer.Amount)),
			TaxBehavior: stripe.String(stripe.PriceTaxBehaviorInclusive),
			ProductData: &stripe.CheckoutSessionCreateLineItemPriceDataProductDataParams{Name: &o.Name}}}}
	s.PaymentIntentData = &stripe.CheckoutSessionCreatePaymentIntentDataParams{Metadata: map[string]string{metaPlan: o.Offer.Plan}}
	s.InvoiceCreation = &stripe.CheckoutSessionCreateInvoiceCreationParams{Enabled: stripe.Bool(true)}
	if o.Customer == "" {
		s.CustomerCreation = stripe.String(stripe.CheckoutSessionCustomerCreationAlways)
	}
}

// buyer says who pays: a customer of before, or whoever has an address.
func (p *Provider) buyer(s *stripe.CheckoutSessionCreateParams, o billing.Order) {
	if o.Customer == "" {
		s.CustomerEmail = &o.Address
	} else {
		s.Customer = &o.Customer
	}
	if !p.options.Tax {
		return
	}
	s.TaxIDCollection = &stripe.CheckoutSessionCreateTaxIDCollectionParams{Enabled: stripe.Bool(true)}
	if o.Customer != "" {
		s.CustomerUpdate = &stripe.CheckoutSessionCreateCustomerUpdateParams{Address: stripe.String("auto"), Name: stripe.String("auto")}
	}
}

// price returns the id of a price, which is made when it is sold first. Its lookup key holds all that it is, so a price
// of ours is never another at Stripe.
func (p *Provider) price(ctx context.Context, price billing.Price, name string) (id string, err error) {
	key := strings.ToLower(fmt.Sprintf("gatefold-%s-%s-%s-%d", price.Plan, price.Every, price.Amount.Currency, price.Amount.Amount))
	p.mu.Lock()
	id = p.prices[key]
	p.mu.Unlock()
	if id != "" {
		return id, nil
	}
	list := &stripe.PriceListParams{LookupKeys: []*string{&key}, Active: stripe.Bool(true)}
	for found, err := range p.api.V1Prices.List(ctx, list).All(ctx) {
		if err != nil {
			return "", fmt.Errorf("stripe: look for price %s: %w", key, known(err))
		}
		id = found.ID
	}
	if id == "" {
		if id, err = p.makePrice(ctx, key, price, name); err != nil {
			return "", fmt.Errorf("stripe: make price %s: %w", key, known(err))
		}
	}
	p.mu.Lock()
	p.prices[key] = id
	p.mu.Unlock()
	return id, nil
}

// makePrice makes a price, and the product of its plan with the first. The product is called what the plan is, and not
// what the first buyer ordered: all invoices of the plan name it.
func (p *Provider) makePrice(ctx context.Context, key string, price billing.Price, name string) (string, error) {
	product := "gatefold-" + price.Plan
	name = cmp.Or(p.options.Products[price.Plan], name)
	made := func(product *string, data *stripe.PriceCreateProductDataParams) (*stripe.Price, error) {
		return p.api.V1Prices.Create(ctx, &stripe.PriceCreateParams{Currency: currencyOf(price.Amount), UnitAmount: stripe.Int64(amount(price.Amount)),
			LookupKey: &key, TransferLookupKey: stripe.Bool(true), Metadata: map[string]string{metaPlan: price.Plan},
			TaxBehavior: stripe.String(stripe.PriceTaxBehaviorInclusive), // what the page says is what is charged
			Recurring:   &stripe.PriceCreateRecurringParams{Interval: stripe.String(string(price.Every))}, Product: product, ProductData: data})
	}
	found, err := made(&product, nil)
	if missing(err) {
		found, err = made(nil, &stripe.PriceCreateProductDataParams{ID: &product, Name: &name})
	}
	if code(err) == stripe.ErrorCodeResourceAlreadyExists { // somebody else has made the product meanwhile
		found, err = made(&product, nil)
	}
	if err != nil {
		return "", err
	}
	return found.ID, nil
}

// discount lowers what is charged at first, to the cent: Stripe is told the sum and not the part, which it would round
// in its own way.
func (p *Provider) discount(ctx context.Context, s *stripe.CheckoutSessionCreateParams, o billing.Offer) error {
	off, periods := o.Amount.Amount-o.Today().Amount, 1
	if o.Coupon != nil {
		periods = o.Coupon.Periods
	}
	if o.TrialDays > 0 || off <= 0 {
		if p.options.PromotionCodes {
			s.AllowPromotionCodes = stripe.Bool(true)
		}
		return nil
	}
	id, err := p.coupon(ctx, billing.Money{Amount: off, Currency: o.Amount.Currency}, o.Every, periods)
	if err != nil {
		return fmt.Errorf("stripe: make a coupon: %w", known(err))
	}
	s.Discounts = []*stripe.CheckoutSessionCreateDiscountParams{{Coupon: &id}}
	return nil
}

// coupon makes the coupon that takes a sum off some periods, unless it is there. Its name holds all that it is.
func (p *Provider) coupon(ctx context.Context, off billing.Money, every billing.Period, periods int) (string, error) {
	c := &stripe.CouponCreateParams{AmountOff: stripe.Int64(amount(off)), Currency: currencyOf(off), Duration: stripe.String(stripe.CouponDurationOnce)}
	id := fmt.Sprintf("gatefold-%s-%d-once", *c.Currency, off.Amount)
	if periods > 1 {
		months := int64(periods)
		if every == billing.Yearly {
			months *= 12
		}
		c.Duration, c.DurationInMonths = stripe.String(stripe.CouponDurationRepeating), &months
		id = fmt.Sprintf("gatefold-%s-%d-%d", *c.Currency, off.Amount, months)
	}
	c.ID = &id
	_, err := p.api.V1Coupons.Create(ctx, c)
	if code(err) == stripe.ErrorCodeResourceAlreadyExists {
		err = nil
	}
	return id, err
}

// Completed implements billing.Provider.
func (p *Provider) Completed(ctx context.Context, checkout string) (string, error) {
	s, err := p.api.V1CheckoutSessions.Retrieve(ctx, checkout, nil)
	switch {
	case err != nil:
		return "", fmt.Errorf("stripe: checkout %s: %w", checkout, known(err))
	case s.Status == stripe.CheckoutSessionStatusExpired:
		return "", billing.ErrOver
	case s.Status != stripe.CheckoutSessionStatusComplete || s.PaymentStatus == stripe.CheckoutSessionPaymentStatusUnpaid:
		return "", nil // a debit may take days
	case s.Subscription != nil:
		return s.Subscription.ID, nil
	case s.PaymentIntent != nil:
		return s.PaymentIntent.ID, nil
	}
	return "", nil
}
