package stripe

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/billing"
)

// life is all that Stripe knows of one contract.
type life struct {
	sub      *stripe.Subscription
	invoices []*stripe.Invoice // the oldest first
	charges  []*stripe.Charge  // of the customer, the refunds within
	disputes []*stripe.Dispute
}

// Fetch implements billing.Provider.
func (p *Provider) Fetch(ctx context.Context, ref string) (billing.Record, error) {
	if single(ref) {
		return p.fetchOnce(ctx, ref)
	}
	l, err := p.life(ctx, ref)
	if err != nil {
		return billing.Record{}, fmt.Errorf("stripe: subscription %s: %w", ref, known(err))
	}
	return l.record(), nil
}

// single reports that a contract is one payment, and no subscription.
func single(ref string) bool { return strings.HasPrefix(ref, "pi_") }

// fetchOnce tells of one payment.
func (p *Provider) fetchOnce(ctx context.Context, ref string) (billing.Record, error) {
	i, err := p.api.V1PaymentIntents.Retrieve(ctx, ref, &stripe.PaymentIntentRetrieveParams{Expand: stripe.StringSlice([]string{"latest_charge.refunds"})})
	if err != nil {
		return billing.Record{}, fmt.Errorf("stripe: payment %s: %w", ref, known(err))
	}
	at, plan := moment(i.Created), i.Metadata[metaPlan]
	r := billing.Record{Plan: plan, Price: money(i.Amount, i.Currency), Once: true, Leaves: true}
	if i.Customer != nil {
		r.Customer = i.Customer.ID
	}
	if c := i.LatestCharge; c != nil && i.Status == stripe.PaymentIntentStatusSucceeded {
		at = moment(c.Created)
		l := life{charges: []*stripe.Charge{c}}
		if c.Disputed {
			if l.disputes, err = p.disputesOf(ctx, nil, c.ID); err != nil {
				return r, fmt.Errorf("stripe: payment %s: %w", ref, known(err))
			}
		}
		r.Payments = []billing.Payment{{Kind: billing.Charge, Ref: ref, At: at, Amount: money(i.AmountReceived, i.Currency), Plan: plan}}
		back, disputed := l.wentBack(c.ID, plan)
		r.Payments, r.Disputed = append(r.Payments, back...), disputed
	}
	r.Created, r.PaidUntil = at, at
	return r, nil
}

func (p *Provider) subscription(ctx context.Context, ref string) (*stripe.Subscription, error) {
	return p.api.V1Subscriptions.Retrieve(ctx, ref, &stripe.SubscriptionRetrieveParams{
		Expand: stripe.StringSlice([]string{"default_payment_method", "customer.invoice_settings.default_payment_method"})})
}

func (p *Provider) life(ctx context.Context, ref string) (l life, err error) {
	if l.sub, err = p.subscription(ctx, ref); err != nil {
		return l, err
	}
	invoices := &stripe.InvoiceListParams{Subscription: &ref, Expand: stripe.StringSlice([]string{"data.payments"})}
	invoices.Limit = stripe.Int64(100)
	for i, err := range p.api.V1Invoices.List(ctx, invoices).All(ctx) {
		if err != nil {
			return l, err
		}
		l.invoices = append(l.invoices, i)
	}
	slices.SortStableFunc(l.invoices, func(a, b *stripe.Invoice) int { return int(a.Created - b.Created) })
	charges := &stripe.ChargeListParams{Customer: &l.sub.Customer.ID, Expand: stripe.StringSlice([]string{"data.refunds"})}
	charges.Limit = stripe.Int64(100)
	for c, err := range p.api.V1Charges.List(ctx, charges).All(ctx) {
		if err != nil {
			return l, err
		}
		l.charges = append(l.charges, c)
		if c.Disputed {
			if l.disputes, err = p.disputesOf(ctx, l.disputes, c.ID); err != nil {
				return l, err
			}
		}
	}
	return l, nil
}

func (p *Provider) disputesOf(ctx context.Context, list []*stripe.Dispute, charge string) ([]*stripe.Dispute, error) {
	for d, err := range p.api.V1Disputes.List(ctx, &stripe.DisputeListParams{Charge: &charge}).All(ctx) {
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// record says in our terms what Stripe knows.
func (l life) record() billing.Record {
	s := l.sub
	r := billing.Record{Plan: planOf(s), Created: moment(s.Created), Ended: moment(s.EndedAt), Customer: s.Customer.ID,
		Leaves: s.CancelAtPeriodEnd || s.CancelAt != 0, Card: cardOf(s), PaidUntil: l.paidUntil()}
	r.Price, r.Every = priceOf(s)
	paid := moment(number(s.Metadata[metaPaid]))
	switch to := moment(number(s.Metadata[metaTo])); {
	case s.Status == stripe.SubscriptionStatusTrialing && s.TrialEnd == to.Unix():
		r.PausedTo, r.PaidUntil = to, paid
	case s.Status == stripe.SubscriptionStatusTrialing && s.TrialEnd == paid.Unix():
		r.PaidUntil = paid // a pause was taken back before it began
	case s.PauseCollection != nil: // by staff, at Stripe
		r.PausedTo = moment(s.PauseCollection.ResumesAt)
		if r.PausedTo.IsZero() {
			r.PausedTo = periodEnd(s)
		}
	default:
		r.Trial = s.Status == stripe.SubscriptionStatusTrialing
	}
	if s.Status == stripe.SubscriptionStatusIncompleteExpired && r.Ended.IsZero() {
		r.Ended = r.Created
	}
	r.LateSince = l.lateSince()
	r.NextCharge = l.nextCharge(r)
	r.Payments, r.Disputed = l.payments()
	return r
}

// item is what is subscribed to, nil when Stripe does not say.
func item(s *stripe.Subscription) *stripe.SubscriptionItem {
	if s.Items == nil || len(s.Items.Data) == 0 {
		return nil
	}
	return s.Items.Data[0]
}

func planOf(s *stripe.Subscription) string {
	if i := item(s); i != nil && i.Price != nil && i.Price.Metadata[metaPlan] != "" {
		return i.Price.Metadata[metaPlan]
	}
	return s.Metadata[metaPlan]
}

func priceOf(s *stripe.Subscription) (sum billing.Money, every billing.Period) {
	i := item(s)
	if i == nil || i.Price == nil {
		return sum, every
	}
	if i.Price.Recurring != nil {
		every = billing.Period(i.Price.Recurring.Interval)
	}
	return money(i.Price.UnitAmount*max(1, i.Quantity), i.Price.Currency), every
}

func periodEnd(s *stripe.Subscription) time.Time {
	if i := item(s); i != nil {
		return moment(i.CurrentPeriodEnd)
	}
	return time.Time{}
}

// cardOf is the card that a subscription is paid with: its own, else the customer's.
func cardOf(s *stripe.Subscription) billing.Card {
	m := s.DefaultPaymentMethod
	if m == nil && s.Customer.InvoiceSettings != nil {
		m = s.Customer.InvoiceSettings.DefaultPaymentMethod
	}
	if m == nil || m.Card == nil {
		return billing.Card{}
	}
	c := m.Card
	return billing.Card{Brand: brand(string(c.Brand)), Last4: c.Last4, Month: int(c.ExpMonth), Year: int(c.ExpYear), Fingerprint: c.Fingerprint}
}

// brand is what people call a brand of cards.
func brand(name string) string {
	switch name {
	case "visa":
		return "Visa"
	case "mastercard":
		return "Mastercard"
	case "amex":
		return "American Express"
	case "diners":
		return "Diners Club"
	case "discover":
		return "Discover"
	case "jcb":
		return "JCB"
	case "unionpay":
		return "UnionPay"
	}
	return "bank"
}

// paidUntil is the end of the time that the last invoice was for that is paid. An invoice over nothing counts: free days,
// and what a credit has paid.
func (l life) paidUntil() time.Time {
	for _, i := range slices.Backward(l.invoices) {
		if i.Status == stripe.InvoiceStatusPaid {
			_, end := timeOf(i)
			return end
		}
	}
	return moment(l.sub.Created)
}

// timeOf is the time that an invoice is for: that of its lines, without those that give time back.
func timeOf(i *stripe.Invoice) (start, end time.Time) {
	if i.Lines == nil {
		return moment(i.PeriodStart), moment(i.PeriodEnd)
	}
	for _, line := range i.Lines.Data {
		if line.Amount < 0 || line.Period == nil {
			continue
		}
		if from := moment(line.Period.Start); start.IsZero() || from.Before(start) {
			start = from
		}
		if to := moment(line.Period.End); to.After(end) {
			end = to
		}
	}
	return start, end
}

// lateSince is when the payment failed first that is due now, or that a subscription ended for.
func (l life) lateSince() time.Time {
	switch s := l.sub; {
	case s.Status == stripe.SubscriptionStatusPastDue, s.Status == stripe.SubscriptionStatusUnpaid:
	case s.CancellationDetails != nil && s.CancellationDetails.Reason == stripe.SubscriptionCancellationDetailsReasonPaymentFailed:
	default:
		return time.Time{}
	}
	for _, i := range l.invoices {
		if i.Status == stripe.InvoiceStatusOpen || i.Status == stripe.InvoiceStatusUncollectible {
			if i.StatusTransitions != nil && i.StatusTransitions.FinalizedAt != 0 {
				return moment(i.StatusTransitions.FinalizedAt)
			}
			return moment(i.Created)
		}
	}
	return moment(l.sub.EndedAt)
}

func (l life) nextCharge(r billing.Record) time.Time {
	switch {
	case !r.Ended.IsZero(), r.Leaves:
		return time.Time{}
	case !r.PausedTo.IsZero():
		return r.PausedTo
	case !r.LateSince.IsZero():
		if n := len(l.invoices); n > 0 {
			return moment(l.invoices[n-1].NextPaymentAttempt)
		}
	}
	return periodEnd(l.sub)
}

// payments are all that was paid for a subscription and all that went back, and when a bank took something back.
func (l life) payments() (list []billing.Payment, disputed time.Time) {
	for _, i := range l.invoices {
		start, end := timeOf(i)
		plan := l.sub.Metadata[metaPlan]
		if i.Parent != nil && i.Parent.SubscriptionDetails != nil && i.Parent.SubscriptionDetails.Metadata[metaPlan] != "" {
			plan = i.Parent.SubscriptionDetails.Metadata[metaPlan] // as it was then
		}
		if i.Payments == nil {
			continue
		}
		for _, paid := range i.Payments.Data {
			ref, ok := refOf(paid)
			if !ok {
				continue
			}
			list = append(list, billing.Payment{Kind: billing.Charge, Ref: ref, At: paidAt(i, paid), Amount: money(paid.AmountPaid, paid.Currency),
				Plan: plan, Starts: start, Ends: end})
			back, at := l.wentBack(ref, plan)
			list = append(list, back...)
			if !at.IsZero() && (disputed.IsZero() || at.Before(disputed)) {
				disputed = at
			}
		}
	}
	return list, disputed
}

// refOf is what a payment of an invoice is known by. It reports false for what is not paid, and what Stripe did not take.
func refOf(paid *stripe.InvoicePayment) (string, bool) {
	switch {
	case paid.Status != "paid" || paid.AmountPaid <= 0 || paid.Payment == nil:
		return "", false
	case paid.Payment.PaymentIntent != nil:
		return paid.Payment.PaymentIntent.ID, true
	case paid.Payment.Charge != nil:
		return paid.Payment.Charge.ID, true
	}
	return "", false
}

func paidAt(i *stripe.Invoice, paid *stripe.InvoicePayment) time.Time {
	switch {
	case paid.StatusTransitions != nil && paid.StatusTransitions.PaidAt != 0:
		return moment(paid.StatusTransitions.PaidAt)
	case i.StatusTransitions != nil && i.StatusTransitions.PaidAt != 0:
		return moment(i.StatusTransitions.PaidAt)
	}
	return moment(i.Created)
}

// wentBack is what of a payment was returned or disputed.
func (l life) wentBack(ref, plan string) (list []billing.Payment, disputed time.Time) {
	for _, c := range l.charges {
		if c.ID != ref && (c.PaymentIntent == nil || c.PaymentIntent.ID != ref) {
			continue
		}
		if c.Refunds != nil {
			for _, r := range c.Refunds.Data {
				list = append(list, refund(r, plan)...)
			}
		}
		for _, d := range l.disputes {
			if d.Charge == nil || d.Charge.ID != c.ID {
				continue
			}
			lines, at := dispute(d, plan)
			list = append(list, lines...)
			if !at.IsZero() && (disputed.IsZero() || at.Before(disputed)) {
				disputed = at
			}
		}
	}
	return list, disputed
}

// refund is one that has gone, and come back again if it did.
func refund(r *stripe.Refund, plan string) []billing.Payment {
	sum := money(r.Amount, r.Currency)
	gone := billing.Payment{Kind: billing.Refund, Ref: r.ID, At: moment(r.Created), Amount: sum.Negate(), Plan: plan}
	switch r.Status {
	case stripe.RefundStatusSucceeded:
		return []billing.Payment{gone}
	case stripe.RefundStatusFailed, stripe.RefundStatusCanceled:
		back := gone
		back.Kind, back.Amount = billing.RefundFailed, sum
		return []billing.Payment{gone, back}
	}
	return nil // it is on its way: Stripe tells when it has arrived
}

// dispute is what a bank took back, and returned if it did. It tells when it was taken, zero when it is ours again. An
// inquiry takes nothing.
func dispute(d *stripe.Dispute, plan string) (list []billing.Payment, at time.Time) {
	switch d.Status {
	case stripe.DisputeStatusNeedsResponse, stripe.DisputeStatusUnderReview, stripe.DisputeStatusLost:
		at = moment(d.Created)
	case stripe.DisputeStatusWon:
	default:
		return nil, time.Time{}
	}
	sum := money(d.Amount, d.Currency)
	list = []billing.Payment{{Kind: billing.Dispute, Ref: d.ID, At: moment(d.Created), Amount: sum.Negate(), Plan: plan}}
	if d.Status == stripe.DisputeStatusWon {
		won := billing.Payment{Kind: billing.DisputeWon, Ref: d.ID, At: moment(d.Created), Amount: sum, Plan: plan}
		for _, b := range d.BalanceTransactions {
			if b.Amount > 0 {
				won.At = moment(b.Created)
			}
		}
		list = append(list, won)
	}
	return list, at
}

// number reads one that we have written, 0 for none.
func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}
