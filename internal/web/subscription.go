package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
)

// subscription is what a reader sees of the subscription they pay for.
type subscription struct {
	billing.Contract
	Status   billing.Status
	Name     string // of the plan
	Price    string
	LastDay  time.Time // up to whose end it is paid or, while a payment is late, read
	Next     string    // the next sum
	Card     string    // token of the page that changes it
	Withdraw bool      // it may be taken back
	Plans    []offer   // it may be moved to
	Receipts []receipt
	Printed  bool // receipts can be read
	Portal   bool // there are pages for what stands on them
	Moving   billing.Move
	Moved    string // what it costs then
}

// receipt is a line of the ledger, in words.
type receipt struct {
	billing.Entry
	Sum string
}

// LastPaid is the last day a charge paid for.
func (r receipt) LastPaid() time.Time { return r.Ends.Add(-time.Microsecond) }

// subscriptionOf returns what a reader pays for, nil for who never did.
func (s *Site) subscriptionOf(ctx context.Context, reader int64) (*subscription, error) {
	if s.Till == nil {
		return nil, nil
	}
	c, err := s.Till.Contract(ctx, reader)
	if err != nil || c.ID == 0 {
		return nil, err
	}
	r := c.Record
	out := &subscription{Contract: c, Status: c.Status(s.Now()), Name: r.Plan, Price: s.sum(r.Price), Next: s.sum(r.Price),
		LastDay: r.PaidUntil.Add(-time.Microsecond), Card: s.Till.CardToken(c.ID), Withdraw: s.Till.MayWithdraw(c)}
	if out.Status == billing.Late {
		out.LastDay = s.Till.CoveredUntil(c).Add(-time.Microsecond)
	}
	out.Printed, out.Portal = c.Source != billing.TestSource, s.Till.HasPortal(c)
	if out.Moving, err = s.Till.Moving(ctx, c); err != nil {
		return nil, err
	}
	out.Moved = s.sum(out.Moving.To.Amount)
	catalog := s.Till.Catalog()
	who, err := s.Readers.Reader(ctx, reader)
	if err != nil {
		return nil, err
	}
	own, ok := catalog.Plan(r.Plan)
	if ok {
		out.Name = own.Name
	}
	sold := catalog.SoldIn(own.Countries, r.Price.Currency)
	for _, p := range sold {
		if price, ok := p.Price(r.Price.Currency); ok && p.Slug != r.Plan && p.For(who.Address) {
			out.Plans = append(out.Plans, offer{Plan: p, Sum: s.sum(price.Amount), Saving: s.savingOfYear(sold, price)})
		}
	}
	lines, err := s.Till.Ledger(ctx, c.ID)
	for i := len(lines) - 1; i >= 0; i-- {
		out.Receipts = append(out.Receipts, receipt{lines[i], s.sum(lines[i].Amount)})
	}
	return out, err
}

// GoesOn reports that nothing ends it: there is no last day.
func (c subscription) GoesOn() bool { return c.Status == billing.Active || c.Status == billing.Late }

// Yearly reports that it is paid by the year.
func (c subscription) Yearly() bool { return c.Record.Every == billing.Yearly }

// leavePage asks once, and offers one thing, before a subscription is canceled or taken back.
type leavePage struct {
	Frame
	Subscription subscription
	Withdraw     bool
	Reasons      []string
	Pause        bool // is offered
}

func (s *Site) cancelForm(w http.ResponseWriter, r *http.Request) error {
	return s.leavePage(w, r, false)
}

func (s *Site) withdrawForm(w http.ResponseWriter, r *http.Request) error {
	return s.leavePage(w, r, true)
}

func (s *Site) leavePage(w http.ResponseWriter, r *http.Request, withdraw bool) error {
	return s.signedIn(w, r, func(v visit) error {
		c, err := s.subscriptionOf(r.Context(), v.person.Reader)
		if err != nil {
			return err
		}
		if c == nil || c.Status == billing.Ended || !withdraw && c.Status == billing.Leaving || withdraw && !c.Withdraw {
			return to(w, r, "/account#subscription")
		}
		p := leavePage{Subscription: *c, Withdraw: withdraw, Reasons: billing.Reasons, Pause: c.Status == billing.Active}
		heading := "cancel"
		if withdraw {
			heading = "withdraw"
		}
		if p.Frame, err = s.frame(r.Context(), s.texts.T("leave."+heading), r.URL.Path); err != nil {
			return err
		}
		p.NoIndex, p.Canonical = true, ""
		b, err := s.screens.leave.Render(p)
		if err != nil {
			return err
		}
		s.send(w, r, http.StatusOK, v, b)
		return nil
	})
}

func (s *Site) cancelSubscription(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "canceled", s.after(v, s.Till.Cancel(r.Context(), v.person.Reader, r.PostForm.Get("reason")))
}

func (s *Site) resumeSubscription(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "resumed", s.after(v, s.Till.Resume(r.Context(), v.person.Reader))
}

func (s *Site) pauseSubscription(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	months, _ := strconv.Atoi(r.PostForm.Get("months")) // 0 is refused
	return "paused", s.after(v, s.Till.Pause(r.Context(), v.person.Reader, months))
}

func (s *Site) switchPlan(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "plan", s.after(v, s.Till.Switch(r.Context(), v.person.Reader, r.PostForm.Get("plan")))
}

func (s *Site) withdraw(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "withdrawn", s.after(v, s.Till.Withdraw(r.Context(), v.person.Reader))
}

// receipt leads to the receipt of a payment.
func (s *Site) receipt(w http.ResponseWriter, r *http.Request) error {
	entry, err := numberOf(r.PathValue("entry"))
	if err != nil {
		return errNoPage
	}
	return s.signedIn(w, r, func(v visit) error {
		address, err := s.Till.Receipt(r.Context(), v.person.Reader, int64(entry))
		if err != nil {
			return err
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	})
}

// portal leads to the provider's pages for what stands on invoices.
func (s *Site) portal(w http.ResponseWriter, r *http.Request) error {
	return s.signedIn(w, r, func(v visit) error {
		address, err := s.Till.Portal(r.Context(), v.person.Reader)
		if err != nil {
			return err
		}
		http.Redirect(w, r, address, http.StatusSeeOther)
		return nil
	})
}

// after forgets what is kept of a reader whose subscription has changed: the next page shows it.
func (s *Site) after(v visit, err error) error {
	s.Gate.Forget(v.person.Reader)
	return err
}
