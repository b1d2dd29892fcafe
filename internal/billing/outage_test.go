package billing_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

func TestCheckoutsNobodyCameBackFrom(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		paid, _ := s.begin(t, billing.Buyer{Address: "paid@example.org"}, billing.Wish{Plan: "month"})
		left, _ := s.begin(t, billing.Buyer{Address: "left@example.org"}, billing.Wish{Plan: "month"})
		_, err := s.provider.Pay(t.Context(), paid)
		check(t, err)
		s.pass(t, 10*time.Minute, time.Minute)
		who, err := s.readers.Find(t.Context(), "paid@example.org")
		if err != nil || !s.reads(t, who.ID) {
			t.Errorf("who closed the browser after paying does not read: %v", err)
		}
		s.pass(t, 3*day, 6*time.Hour)
		if _, err := s.readers.Find(t.Context(), "left@example.org"); !fault.Is(err, fault.NotFound) {
			t.Errorf("who did not pay is a reader: %v", err)
		}
		if o, err := s.Return(t.Context(), s.tokenOf(t, left)); err != nil || !o.Over || o.Address != "" {
			t.Errorf("left: %+v, %v", o, err)
		}
	})
}

func TestDeletedAccountIsNotCharged(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.readers.Attach([]readers.Exporter{s.plans}, []readers.Eraser{s.plans})
		c := s.buy(t, "a@example.org", "month")
		check(t, s.readers.Delete(t.Context(), c.Reader, "the reader"))
		s.pass(t, 65*day, day)
		if lines, _ := s.Ledger(t.Context(), c.ID); len(lines) != 1 {
			t.Errorf("ledger %+v", lines)
		}
		k, err := s.provider.Payment(t.Context(), c.Ref)
		if err != nil || k.Record.Ended.IsZero() || k.Record.Ended.After(morning.Add(day)) {
			t.Errorf("at the provider: %+v, %v", k.Record.Ended, err)
		}
	})
}

func TestProviderIsAskedByManyAtOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month"})
		token := s.tokenOf(t, ref)
		_, err := s.provider.Pay(t.Context(), ref)
		check(t, err)
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				var err error
				switch i % 3 {
				case 0:
					_, err = s.Return(context.Background(), token)
				case 1:
					err = s.Paid(context.Background(), billing.TestSource, ref)
				default:
					err = s.Sync(context.Background(), billing.TestSource, ref)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		who, err := s.readers.Find(t.Context(), "a@example.org")
		check(t, err)
		if all, _ := s.plans.Subscriptions(t.Context(), who.ID); len(all) != 1 {
			t.Errorf("subscriptions %+v", all)
		}
		if got := fmt.Sprint(s.mails(t, "a@example.org")); got != "[welcome]" {
			t.Errorf("mails %v", got)
		}
	})
}

// An answer that was asked for earlier and comes later does not bring back what was.
type stale struct {
	billing.Provider
	hold chan billing.Record
	ask  chan struct{}
}

func (p *stale) Fetch(ctx context.Context, ref string) (billing.Record, error) {
	r, err := p.Provider.Fetch(ctx, ref)
	if p.ask != nil {
		ask := p.ask
		p.ask = nil
		close(ask)
		<-p.hold
	}
	return r, err
}

func TestOldAnswerDoesNotReplaceANewer(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		slow := &stale{Provider: s.provider, hold: make(chan billing.Record), ask: make(chan struct{})}
		at := s.now.Add(time.Second)
		till, err := billing.NewTill(t.Context(), s.db, s.readers, s.out, []billing.Provider{slow}, billing.TillOptions{Catalog: catalog, Grace: 10 * day,
			Origin: "https://review.example", Name: "The Review", Now: func() time.Time { return at }})
		check(t, err)
		asked, done := slow.ask, make(chan error)
		go func() { done <- till.Sync(context.Background(), c.Source, c.Ref) }()
		<-asked // it has the state of before
		s.now = s.now.Add(time.Minute)
		check(t, s.Cancel(t.Context(), c.Reader, "price"))
		slow.hold <- billing.Record{}
		check(t, <-done)
		if s.status(t, c.Reader) != billing.Leaving {
			t.Errorf("it is %v again", s.status(t, c.Reader))
		}
	})
}
