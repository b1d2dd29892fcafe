package billing_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
)

// bank is the test checkout with one card for everybody, which is away when it is told to be.
type bank struct {
	billing.Provider
	card string
	away bool
	asks atomic.Int64
}

func (b *bank) Fetch(ctx context.Context, ref string) (billing.Record, error) {
	b.asks.Add(1)
	r, err := b.Provider.Fetch(ctx, ref)
	if b.card != "" {
		r.Card.Fingerprint = b.card
	}
	return r, err
}

func (b *bank) Cancel(ctx context.Context, ref string, at billing.Ending) error {
	if b.away {
		return fault.New(fault.Unavailable, "The provider does not answer.")
	}
	return b.Provider.Cancel(ctx, ref, at)
}

func (b *bank) Completed(ctx context.Context, ref string) (string, error) {
	if b.away {
		return "", fault.New(fault.Unavailable, "The provider does not answer.")
	}
	return b.Provider.Completed(ctx, ref)
}

// through puts a bank before the shop's provider.
func (s *shop) through(t *testing.T, b *bank) {
	t.Helper()
	b.Provider = s.provider
	var err error
	s.Till, err = billing.NewTill(t.Context(), s.db, s.readers, s.out, []billing.Provider{b}, billing.TillOptions{Catalog: catalog, Grace: 10 * day,
		Origin: "https://review.example", Name: "The Review", Language: "en", Now: func() time.Time { return s.now }})
	check(t, err)
}

func TestOneCardHasOneOfferForNewcomers(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		b := &bank{card: "the same"}
		s.through(t, b)
		first := s.buy(t, "a@example.org", "cheap")
		ref, _ := s.begin(t, billing.Buyer{Address: "b@example.org"}, billing.Wish{Plan: "try"})
		_, err := s.provider.Pay(t.Context(), ref)
		check(t, err)
		o, err := s.Return(t.Context(), s.tokenOf(t, ref))
		if err != nil || o.Paid || o.Refused != billing.Had || s.reads(t, o.Contract.Reader) {
			t.Errorf("the same card at another address: %+v, %v", o, err)
		}
		if got := fmt.Sprint(s.mails(t, "b@example.org")); got != "[offer-had]" {
			t.Errorf("mails %v", got)
		}
		if !s.reads(t, first.Reader) {
			t.Error("the first has lost it")
		}
		if c := s.buy(t, "c@example.org", "month"); c.Refused != "" {
			t.Errorf("the usual price with the same card: %+v", c)
		}
	})
}

// Two checkouts of one mailbox that are open at once are both offered the price for newcomers: one has it.
func TestOffersThatAreOpenAtOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		one, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "cheap"})
		two, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "cheap"})
		first := s.pay(t, one)
		check(t, s.Withdraw(t.Context(), first.Contract.Reader))
		if o := s.pay(t, two); o.Refused != billing.Had || s.sum(t, o.Contract.ID) != 0 {
			t.Errorf("the second: %+v", o)
		}
	})
}

func TestRefusedContractIsUndoneWhenTheProviderIsBack(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		b := &bank{}
		s.through(t, b)
		s.buy(t, "a@example.org", "year")
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month"})
		_, err := s.provider.Pay(t.Context(), ref)
		check(t, err)
		token := s.tokenOf(t, ref)
		b.Provider = outage{s.provider}
		if _, err := s.Return(t.Context(), token); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the provider is away: %v", err)
		}
		b.Provider = s.provider
		s.pass(t, 25*time.Hour, time.Hour)
		c, err := s.ByRef(t.Context(), billing.TestSource, ref)
		if err != nil || c.Record.Ended.IsZero() || s.sum(t, c.ID) != 0 {
			t.Errorf("it was not undone: %+v, %v", c, err)
		}
	})
}

// outage returns nothing, and does all else.
type outage struct{ billing.Provider }

func (outage) Refund(context.Context, string, string) error {
	return fault.New(fault.Unavailable, "The provider does not answer.")
}

func TestEventsHaveTheirEffectOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		b := &bank{}
		s.through(t, b)
		c := s.buy(t, "a@example.org", "month")
		check(t, s.provider.Cancel(t.Context(), c.Ref, billing.AtPeriodEnd))
		before := b.asks.Load()
		e := billing.Event{Source: billing.TestSource, ID: "evt_1", Contract: c.Ref}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if err := s.Hint(context.Background(), e); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		asked := b.asks.Load()
		check(t, s.Hint(t.Context(), e))
		if s.status(t, c.Reader) != billing.Leaving || asked == before || b.asks.Load() != asked {
			t.Errorf("status %v, asked %d times and then %d", s.status(t, c.Reader), asked-before, b.asks.Load()-asked)
		}
		for _, other := range []billing.Event{{ID: "evt_2", Contract: "nobody's"}, {ID: "evt_3", Payment: "nobody's"}, {ID: "evt_4", Checkout: "nobody's"}} {
			other.Source = billing.TestSource
			check(t, s.Hint(t.Context(), other))
		}
		if b.asks.Load() != asked {
			t.Error("the provider is asked for what is none of ours")
		}
		lines, err := s.Ledger(t.Context(), c.ID)
		check(t, err)
		check(t, s.provider.Cancel(t.Context(), c.Ref, billing.AtOnce))
		check(t, s.Hint(t.Context(), billing.Event{Source: billing.TestSource, ID: "evt_5", Payment: lines[0].Ref}))
		if s.status(t, c.Reader) != billing.Ended {
			t.Error("an event about a payment does not lead to its contract")
		}
	})
}

// A server that was down for a week finds what was paid meanwhile, and by whom.
func TestCheckoutPaidWhileTheServerWasDown(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		b := &bank{}
		s.through(t, b)
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "year"})
		_, err := s.provider.Pay(t.Context(), ref)
		check(t, err)
		s.now = s.now.Add(7 * day)
		b.away = true
		if _, err := s.Work(t.Context()); !fault.Is(err, fault.Unavailable) {
			t.Errorf("the provider is away: %v", err)
		}
		b.away = false
		if _, err := s.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		who, err := s.readers.Find(t.Context(), "a@example.org")
		if err != nil || !s.reads(t, who.ID) {
			t.Errorf("who paid does not read: %v", err)
		}
	})
}
