package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
)

// testPage is the test checkout of the demonstration: where a provider would take the money, it says that it takes none.
type testPage struct {
	Frame
	Payment  rehearsal.Payment
	Today    string
	Then     string
	Receipts []receipt
}

func (s *Site) testCheckout(w http.ResponseWriter, r *http.Request) error {
	k, err := s.Rehearsal.Payment(r.Context(), r.PathValue("ref"))
	if err != nil {
		return err
	}
	offer := k.Order.Offer
	p := testPage{Payment: k, Today: s.sum(offer.Today()), Then: s.sum(offer.Amount)}
	if p.Frame, err = s.frame(r.Context(), s.texts.T("test-checkout.heading"), r.URL.Path); err != nil {
		return err
	}
	p.NoIndex, p.Canonical = true, ""
	b, err := s.screens.test.Render(p)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// testCheckoutDo does what the buyer, the bank or the calendar does, and then tells the till, as a webhook would.
func (s *Site) testCheckoutDo(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	ctx, ref := r.Context(), r.PathValue("ref")
	var k rehearsal.Payment
	var err error
	next := ""
	switch r.PostForm.Get("do") {
	case "pay":
		k, err = s.Rehearsal.Pay(ctx, ref)
		next = k.Order.Paid
	case "decline":
		k, err = s.Rehearsal.Decline(ctx, ref)
	case "abandon":
		k, err = s.Rehearsal.Abandon(ctx, ref)
		next = k.Order.Left
	case "renew":
		k, err = s.Rehearsal.Renew(ctx, ref)
	case "card-fails":
		k, err = s.Rehearsal.SetCard(ctx, ref, false)
	case "card-good":
		k, err = s.Rehearsal.SetCard(ctx, ref, true)
	case "refund":
		err = s.Rehearsal.RefundLast(ctx, ref)
	case "dispute":
		k, err = s.Rehearsal.Dispute(ctx, ref)
	default:
		return errNoPage
	}
	if err != nil {
		return err
	}
	if next != "" {
		return to(w, r, next)
	}
	if k.State != rehearsal.Declined {
		if err := s.Till.Sync(ctx, billing.TestSource, ref); err != nil {
			return err
		}
		if c, err := s.Till.ByRef(ctx, billing.TestSource, ref); err == nil {
			s.Gate.Forget(c.Reader)
		}
	}
	return to(w, r, "/test-checkout/"+ref)
}
