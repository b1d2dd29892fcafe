package stripe

import (
	"context"
	"fmt"
	"strings"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/fault"
)

// Refund implements billing.Provider. What was returned already, by us or by a bank, is not returned again.
func (p *Provider) Refund(ctx context.Context, _, payment string) error {
	r := &stripe.RefundCreateParams{}
	if strings.HasPrefix(payment, "ch_") {
		r.Charge = &payment
	} else {
		r.PaymentIntent = &payment
	}
	_, err := p.api.V1Refunds.Create(ctx, r)
	switch code(err) {
	case stripe.ErrorCodeChargeAlreadyRefunded, stripe.ErrorCodeChargeDisputed:
		return nil
	}
	if err != nil {
		return fmt.Errorf("stripe: return %s: %w", payment, known(err))
	}
	return nil
}

// Receipt implements billing.Provider with the page of the invoice, which has its PDF and the receipt.
func (p *Provider) Receipt(ctx context.Context, contract, payment string) (string, error) {
	if single(contract) {
		i, err := p.api.V1PaymentIntents.Retrieve(ctx, contract, &stripe.PaymentIntentRetrieveParams{Expand: stripe.StringSlice([]string{"latest_charge"})})
		if err != nil {
			return "", fmt.Errorf("stripe: payment %s: %w", contract, known(err))
		}
		if i.LatestCharge != nil && i.LatestCharge.ReceiptURL != "" {
			return i.LatestCharge.ReceiptURL, nil
		}
		return "", errNoReceipt
	}
	list := &stripe.InvoiceListParams{Subscription: &contract, Expand: stripe.StringSlice([]string{"data.payments"})}
	list.Limit = stripe.Int64(100)
	for i, err := range p.api.V1Invoices.List(ctx, list).All(ctx) {
		if err != nil {
			return "", fmt.Errorf("stripe: invoices of %s: %w", contract, known(err))
		}
		if i.Payments == nil {
			continue
		}
		for _, paid := range i.Payments.Data {
			if ref, ok := refOf(paid); ok && ref == payment && i.HostedInvoiceURL != "" {
				return i.HostedInvoiceURL, nil
			}
		}
	}
	return "", errNoReceipt
}

var errNoReceipt = fault.New(fault.NotFound, "There is no receipt for this payment.")

// CardPage implements billing.Provider with a Checkout session that takes a card and no money.
func (p *Provider) CardPage(ctx context.Context, contract, back string) (string, error) {
	s, err := p.subscription(ctx, contract)
	if err != nil {
		return "", fmt.Errorf("stripe: subscription %s: %w", contract, known(err))
	}
	address := p.options.Origin + back
	session, err := p.api.V1CheckoutSessions.Create(ctx, &stripe.CheckoutSessionCreateParams{Mode: stripe.String(stripe.CheckoutSessionModeSetup),
		Customer: &s.Customer.ID, Currency: stripe.String(string(s.Currency)), SuccessURL: &address, CancelURL: &address,
		Metadata:        map[string]string{metaFor: contract},
		SetupIntentData: &stripe.CheckoutSessionCreateSetupIntentDataParams{Metadata: map[string]string{metaFor: contract}}})
	if err != nil {
		return "", fmt.Errorf("stripe: open the page for a card: %w", known(err))
	}
	return session.URL, nil
}

// CardChanged implements billing.Provider. A charge that fails again is no error: the state of the contract tells.
func (p *Provider) CardChanged(ctx context.Context, contract string) error {
	s, err := p.subscription(ctx, contract)
	if err != nil {
		return fmt.Errorf("stripe: subscription %s: %w", contract, known(err))
	}
	if s.EndedAt != 0 {
		return nil
	}
	method, err := p.lastCard(ctx, s)
	if err != nil {
		return fmt.Errorf("stripe: card of %s: %w", contract, known(err))
	}
	if method == "" || s.DefaultPaymentMethod != nil && s.DefaultPaymentMethod.ID == method {
		return nil
	}
	if err := p.update(ctx, contract, &stripe.SubscriptionUpdateParams{DefaultPaymentMethod: &method}); err != nil {
		return err
	}
	return p.payDue(ctx, s, method)
}

// lastCard is the payment method that was given last for a subscription, "" for none.
func (p *Provider) lastCard(ctx context.Context, s *stripe.Subscription) (string, error) {
	list := &stripe.CheckoutSessionListParams{Customer: &s.Customer.ID, Status: stripe.String(string(stripe.CheckoutSessionStatusComplete)),
		Expand: stripe.StringSlice([]string{"data.setup_intent"})}
	for session, err := range p.api.V1CheckoutSessions.List(ctx, list).All(ctx) { // the newest first
		if err != nil {
			return "", err
		}
		if session.Metadata[metaFor] == s.ID && session.SetupIntent != nil && session.SetupIntent.PaymentMethod != nil {
			return session.SetupIntent.PaymentMethod.ID, nil
		}
	}
	return "", nil
}

// payDue tries with a payment method what is due.
func (p *Provider) payDue(ctx context.Context, s *stripe.Subscription, method string) error {
	list := &stripe.InvoiceListParams{Subscription: &s.ID, Status: stripe.String(string(stripe.InvoiceStatusOpen))}
	for i, err := range p.api.V1Invoices.List(ctx, list).All(ctx) {
		if err != nil {
			return fmt.Errorf("stripe: invoices of %s: %w", s.ID, known(err))
		}
		_, err := p.api.V1Invoices.Pay(ctx, i.ID, &stripe.InvoicePayParams{PaymentMethod: &method})
		if err := known(err); err != nil && !fault.Is(err, fault.Conflict) {
			return fmt.Errorf("stripe: pay %s: %w", i.ID, err)
		}
	}
	return nil
}

// Portal is an address at which a buyer sees all invoices and changes what stands on them, leading back to a path of
// ours.
func (p *Provider) Portal(ctx context.Context, customer, back string) (string, error) {
	id, err := p.portalID(ctx)
	if err != nil {
		return "", fmt.Errorf("stripe: set up the customer portal: %w", known(err))
	}
	s, err := p.api.V1BillingPortalSessions.Create(ctx, &stripe.BillingPortalSessionCreateParams{Customer: &customer, Configuration: &id,
		ReturnURL: stripe.String(p.options.Origin + back)})
	if err != nil {
		return "", fmt.Errorf("stripe: open the customer portal: %w", known(err))
	}
	return s.URL, nil
}

// portalUse marks our configuration of the portal among others.
const portalUse = "invoices"

// portalID is our configuration of the portal, which is made when it is needed first. Subscriptions are changed on our
// own pages.
func (p *Provider) portalID(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.portal != "" {
		return p.portal, nil
	}
	for c, err := range p.api.V1BillingPortalConfigurations.List(ctx, &stripe.BillingPortalConfigurationListParams{Active: stripe.Bool(true)}).All(ctx) {
		if err != nil {
			return "", err
		}
		if c.Metadata[metaUse] == portalUse {
			p.portal = c.ID
			return p.portal, nil
		}
	}
	on := stripe.Bool(true)
	c, err := p.api.V1BillingPortalConfigurations.Create(ctx, &stripe.BillingPortalConfigurationCreateParams{
		Metadata: map[string]string{metaUse: portalUse},
		Features: &stripe.BillingPortalConfigurationCreateFeaturesParams{
			CustomerUpdate: &stripe.BillingPortalConfigurationCreateFeaturesCustomerUpdateParams{Enabled: on,
				AllowedUpdates: stripe.StringSlice([]string{"name", "address", "tax_id"})},
			InvoiceHistory: &stripe.BillingPortalConfigurationCreateFeaturesInvoiceHistoryParams{Enabled: on}}})
	if err != nil {
		return "", err
	}
	p.portal = c.ID
	return p.portal, nil
}
