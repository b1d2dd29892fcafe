package billing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const day = 24 * time.Hour

var morning = time.Date(2027, 1, 31, 9, 0, 0, 0, time.UTC)

// shop is a till with the test checkout behind it, and a clock that tests set.
type shop struct {
	*billing.Till
	plans    *billing.Billing
	provider *rehearsal.Provider
	readers  *readers.Readers
	out      *outbox.Outbox
	db       *storage.DB
	now      time.Time
}

func eur(cents int64) billing.Money { return billing.Money{Amount: cents, Currency: "EUR"} }

var catalog = billing.Catalog{
	Plans: []billing.Plan{
		{Slug: "month", Name: "By the month", Every: billing.Monthly, Prices: []billing.Money{eur(900), {Amount: 1000, Currency: "USD"}}},
		{Slug: "year", Name: "By the year", Every: billing.Yearly, Prices: []billing.Money{eur(9000)}},
		{Slug: "try", Name: "Try it", Every: billing.Monthly, Prices: []billing.Money{eur(900)}, TrialDays: 14},
		{Slug: "cheap", Name: "Cheap at first", Every: billing.Monthly, Prices: []billing.Money{eur(900)}, First: []billing.Money{eur(100)}},
		{Slug: "old", Name: "Not sold", Every: billing.Monthly, Prices: []billing.Money{eur(500)}, Closed: true},
	},
	Coupons: []billing.Coupon{
		{Code: "half", PercentOff: 50, Periods: 2},
		{Code: "twice", PercentOff: 10, Periods: 1, Uses: 2},
		{Code: "past", PercentOff: 10, Periods: 1, Ends: morning.AddDate(0, 0, -1)},
		{Code: "yearly", PercentOff: 10, Periods: 1, Plan: "year"},
	},
}

func inShop(t *testing.T, f func(t *testing.T, s *shop)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, newShop(t, db)) })
}

func newShop(t *testing.T, db *storage.DB) *shop {
	t.Helper()
	s := &shop{db: db, now: morning}
	clock := func() time.Time { return s.now }
	var err error
	if s.out, err = outbox.New(t.Context(), db, outbox.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
	s.readers, err = readers.New(t.Context(), db, s.out, readers.Options{
		Publication: readers.Publication{Name: "The Review", Origin: "https://review.example"}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	s.plans, s.provider = billing.New(db, clock), rehearsal.New(db, "https://review.example", clock)
	s.Till, err = billing.NewTill(t.Context(), db, s.readers, s.out, []billing.Provider{s.provider}, billing.TillOptions{Catalog: catalog, Grace: 10 * day,
		Origin: "https://review.example", Name: "The Review", Language: "en", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tokenOf is the token of the address that the buyer comes back to.
func (s *shop) tokenOf(t *testing.T, ref string) string {
	t.Helper()
	k, err := s.provider.Payment(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return k.Order.Paid[strings.LastIndexByte(k.Order.Paid, '/')+1:]
}

func (s *shop) begin(t *testing.T, b billing.Buyer, w billing.Wish) (ref, pass string) {
	t.Helper()
	if w.Currency == "" {
		w.Currency = "EUR"
	}
	started, err := s.Begin(t.Context(), b, w)
	if err != nil {
		t.Fatal(err)
	}
	return started.URL[strings.LastIndexByte(started.URL, '/')+1:], started.Pass
}

// buy pays for a plan and returns the contract.
func (s *shop) buy(t *testing.T, address, plan string) billing.Contract {
	t.Helper()
	ref, _ := s.begin(t, billing.Buyer{Address: address}, billing.Wish{Plan: plan})
	return s.pay(t, ref).Contract
}

func (s *shop) pay(t *testing.T, ref string) billing.Outcome {
	t.Helper()
	if _, err := s.provider.Pay(t.Context(), ref); err != nil {
		t.Fatal(err)
	}
	o, err := s.Return(t.Context(), s.tokenOf(t, ref))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (s *shop) reads(t *testing.T, reader int64) bool {
	t.Helper()
	e, err := s.plans.Active(t.Context(), reader, s.now)
	if err != nil {
		t.Fatal(err)
	}
	return e.Grant == access.BySubscription
}

// mails are the kinds of the mails to an address, the first first.
func (s *shop) mails(t *testing.T, address string) (kinds []string) {
	t.Helper()
	list, err := s.out.List(t.Context(), 1000, address)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(list) - 1; i >= 0; i-- {
		kinds = append(kinds, list[i].Kind)
	}
	return kinds
}

// pass lets time go by as a server sees it: it works every so often.
func (s *shop) pass(t *testing.T, d, step time.Duration) {
	t.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(min(step, end.Sub(s.now)))
		if _, err := s.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *shop) status(t *testing.T, reader int64) billing.Status {
	t.Helper()
	c, err := s.Contract(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	return c.Status(s.now)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Of several checkouts at once no two hold the same use of a code, new or given up (S-14).
func TestParallelCoupons(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for round := range 2 {
			var held atomic.Int64
			var wg sync.WaitGroup
			for i := range 12 {
				wg.Go(func() {
					_, err := s.Begin(context.Background(), billing.Buyer{Address: fmt.Sprintf("r%d-%d@example.org", round, i)},
						billing.Wish{Plan: "month", Currency: "EUR", Coupon: "twice"})
					if err == nil {
						held.Add(1)
					} else if !fault.Is(err, fault.Invalid) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if held.Load() != 2 {
				t.Errorf("round %d: %d of 2 uses are held", round, held.Load())
			}
			s.now = s.now.Add(25 * time.Hour)
		}
	})
}

func TestBuying(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		ref, pass := s.begin(t, billing.Buyer{Address: "Anna@Example.org", Back: "/articles/one", Campaign: "article:one"}, billing.Wish{Plan: "month"})
		token := s.tokenOf(t, ref)
		o, err := s.Return(t.Context(), token)
		if err != nil || o.Paid || o.Over {
			t.Errorf("before paying: %+v, %v", o, err)
		}
		if p, err := s.Pass(t.Context(), pass); err != nil || p.Contract != 0 {
			t.Errorf("the browser reads before paying: %+v, %v", p, err)
		}
		o = s.pay(t, ref)
		if !o.Paid || o.Back != "/articles/one" || o.Contract.Campaign != "article:one" || o.Contract.Status(s.now) != billing.Active {
			t.Errorf("after paying: %+v", o)
		}
		who, err := s.readers.Find(t.Context(), "anna@example.org")
		if err != nil || who.ID != o.Contract.Reader || !s.reads(t, who.ID) {
			t.Errorf("the reader: %+v, %v", who, err)
		}
		if p, err := s.Pass(t.Context(), pass); err != nil || p.Contract != o.Contract.ID || !p.Until.Equal(s.now.Add(7*day)) {
			t.Errorf("the browser that paid: %+v, %v", p, err)
		}
		if p, _ := s.Pass(t.Context(), pass+"x"); p.Contract != 0 {
			t.Error("another pass opens the same")
		}
		lines, err := s.Ledger(t.Context(), o.Contract.ID)
		if err != nil || len(lines) != 1 || lines[0].Amount != eur(900) || !lines[0].Ends.Equal(time.Date(2027, 2, 28, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("ledger %+v, %v", lines, err)
		}
		for range 3 {
			if _, err := s.Return(t.Context(), token); err != nil {
				t.Error(err)
			}
		}
		if got := s.mails(t, "Anna@example.org"); fmt.Sprint(got) != "[welcome]" {
			t.Errorf("mails %v", got)
		}
		s.now = s.now.Add(8 * day)
		if p, _ := s.Pass(t.Context(), pass); p.Contract != 0 {
			t.Error("the pass does not end")
		}
	})
}

// What a browser paid for is all it reads under: not what the reader has whose address it gave (W-34).
func TestPassOpensWhatWasPaidForAlone(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		opens := func(pass string) bool {
			t.Helper()
			p, err := s.Pass(t.Context(), pass)
			check(t, err)
			return p.Contract != 0
		}
		first, own := s.begin(t, billing.Buyer{Address: "anna@example.org"}, billing.Wish{Plan: "year"})
		paid := s.pay(t, first)
		again, stolen := s.begin(t, billing.Buyer{Address: "anna@example.org"}, billing.Wish{Plan: "month"})
		if o := s.pay(t, again); o.Refused != billing.Twice {
			t.Fatalf("a second contract: %+v", o)
		}
		if opens(stolen) || !opens(own) {
			t.Error("who was refused reads under the contract of another, or who paid does not")
		}
		err := s.plans.Grant(t.Context(), paid.Contract.Reader, billing.AllAccess, s.now.Add(90*day), "a gift")
		check(t, err)
		_, err = s.provider.Dispute(t.Context(), first)
		check(t, err)
		check(t, s.Sync(t.Context(), paid.Contract.Source, paid.Contract.Ref))
		if opens(own) || !s.reads(t, paid.Contract.Reader) {
			t.Error("after a dispute the pass opens what the reader was given, or the reader lost it")
		}
	})
}

func TestWishesThatCannotBeMet(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for i := range 2 {
			s.begin(t, billing.Buyer{Address: fmt.Sprintf("user%d@example.org", i)}, billing.Wish{Plan: "month", Coupon: "twice"})
		}
		for _, c := range []struct {
			name  string
			buyer billing.Buyer
			wish  billing.Wish
			field string
		}{
			{"no plan", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "decade", Currency: "EUR"}, "plan"},
			{"a closed plan", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "old", Currency: "EUR"}, "plan"},
			{"no such currency", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "year", Currency: "USD"}, "currency"},
			{"no address", billing.Buyer{Address: "nobody"}, billing.Wish{Plan: "year", Currency: "EUR"}, "email"},
			{"no such code", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "year", Currency: "EUR", Coupon: "x"}, "coupon"},
			{"a code of the past", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "year", Currency: "EUR", Coupon: "PAST"}, "coupon"},
			{"a code for another plan", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month", Currency: "EUR", Coupon: "yearly"}, "coupon"},
			{"a code used up", billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month", Currency: "EUR", Coupon: "twice"}, "coupon"},
		} {
			_, err := s.Begin(t.Context(), c.buyer, c.wish)
			fe, ok := err.(*fault.Error)
			if !ok || fe.Kind != fault.Invalid || fe.Field != c.field {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		s.now = s.now.Add(25 * time.Hour) // nobody paid: the code can be used again
		s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month", Coupon: "twice"})
	})
}

func TestOffersForNewcomersAreHadOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "ann.a+news@gmail.com", "cheap")
		lines, _ := s.Ledger(t.Context(), c.ID)
		if len(lines) != 1 || lines[0].Amount != eur(100) {
			t.Errorf("first: %+v", lines)
		}
		check(t, s.Withdraw(t.Context(), c.Reader))
		again := s.buy(t, "anna@gmail.com", "cheap") // the same mailbox in another spelling
		lines, _ = s.Ledger(t.Context(), again.ID)
		if len(lines) != 1 || lines[0].Amount != eur(900) {
			t.Errorf("again: %+v", lines)
		}
		free := s.buy(t, "new@example.org", "try")
		if free.Status(s.now) != billing.Trialing || !s.reads(t, free.Reader) {
			t.Errorf("trial: %+v", free.Record)
		}
		if lines, _ := s.Ledger(t.Context(), free.ID); len(lines) != 0 {
			t.Errorf("a trial is charged: %+v", lines)
		}
		s.pass(t, 15*day, day)
		lines, _ = s.Ledger(t.Context(), free.ID)
		if len(lines) != 1 || lines[0].Amount != eur(900) || s.status(t, free.Reader) != billing.Active {
			t.Errorf("after the trial: %+v", lines)
		}
		if got := fmt.Sprint(s.mails(t, "new@example.org")); got != "[welcome trial-ends]" {
			t.Errorf("mails %v", got)
		}
	})
}

func TestLeavingAndComingBack(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		check(t, s.Cancel(t.Context(), c.Reader, "price"))
		if s.status(t, c.Reader) != billing.Leaving || !s.reads(t, c.Reader) {
			t.Error("who cancels has lost what is paid")
		}
		check(t, s.Resume(t.Context(), c.Reader))
		if s.status(t, c.Reader) != billing.Active {
			t.Error("it does not go on")
		}
		check(t, s.Cancel(t.Context(), c.Reader, "price"))
		s.pass(t, 27*day+23*time.Hour, 23*time.Hour)
		if !s.reads(t, c.Reader) {
			t.Error("the last day is not the reader's")
		}
		s.pass(t, 2*time.Hour, time.Hour)
		if s.reads(t, c.Reader) || s.status(t, c.Reader) != billing.Ended {
			t.Error("it does not end")
		}
		if err := s.Resume(t.Context(), c.Reader); !fault.Is(err, fault.Conflict) {
			t.Errorf("what has ended goes on: %v", err)
		}
		if got := fmt.Sprint(s.mails(t, "a@example.org")); got != "[welcome canceled resumed ended]" {
			t.Errorf("mails %v", got)
		}
		if lines, _ := s.Ledger(t.Context(), c.ID); len(lines) != 1 {
			t.Errorf("charged after leaving: %+v", lines)
		}
	})
}

func TestPause(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		for _, months := range []int{0, 4} {
			if err := s.Pause(t.Context(), c.Reader, months); !fault.Is(err, fault.Invalid) {
				t.Errorf("%d months: %v", months, err)
			}
		}
		check(t, s.Pause(t.Context(), c.Reader, 2))
		s.pass(t, 30*day, 5*day)
		if s.reads(t, c.Reader) || s.status(t, c.Reader) != billing.Paused {
			t.Error("the pause does not begin")
		}
		s.pass(t, 60*day, 5*day)
		if !s.reads(t, c.Reader) || s.status(t, c.Reader) != billing.Active {
			t.Error("the pause does not end")
		}
		if lines, _ := s.Ledger(t.Context(), c.ID); len(lines) != 2 {
			t.Errorf("ledger %+v", lines)
		}
	})
}

func TestPaymentThatFails(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		good, bad := s.buy(t, "good@example.org", "month"), s.buy(t, "bad@example.org", "month")
		for _, c := range []billing.Contract{good, bad} {
			_, err := s.provider.SetCard(t.Context(), c.Ref, false)
			check(t, err)
		}
		s.pass(t, 33*day, 12*time.Hour)
		if s.status(t, good.Reader) != billing.Late || !s.reads(t, good.Reader) {
			t.Error("there is no grace")
		}
		_, err := s.provider.SetCard(t.Context(), good.Ref, true)
		check(t, err)
		s.pass(t, 10*day, 12*time.Hour)
		if !s.reads(t, good.Reader) || s.status(t, good.Reader) != billing.Active {
			t.Error("who has paid does not read")
		}
		if s.reads(t, bad.Reader) || s.status(t, bad.Reader) != billing.Ended {
			t.Errorf("who has not paid reads: %v", s.status(t, bad.Reader))
		}
		if got := fmt.Sprint(s.mails(t, "good@example.org")); got != "[welcome payment-failed payment-failed receipt payment-recovered]" {
			t.Errorf("good: mails %v", got)
		}
		if got := fmt.Sprint(s.mails(t, "bad@example.org")); got != "[welcome payment-failed payment-failed payment-failed ended]" {
			t.Errorf("bad: mails %v", got)
		}
		s.pass(t, 100*day, 5*day)
		if lines, _ := s.Ledger(t.Context(), bad.ID); len(lines) != 1 {
			t.Errorf("who does not read is charged: %+v", lines)
		}
		if got := s.mails(t, "bad@example.org"); len(got) != 5 {
			t.Errorf("somebody who agreed to no letters has them: %v", got)
		}
	})
}

func TestCardPageNeedsItsToken(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		a, b := s.buy(t, "a@example.org", "month"), s.buy(t, "b@example.org", "month")
		token := s.CardToken(a.ID)
		if page, err := s.CardPage(t.Context(), token); err != nil || !strings.HasSuffix(page, a.Ref) {
			t.Errorf("%q, %v", page, err)
		}
		_, mac, _ := strings.Cut(token, ".")
		for _, wrong := range []string{"", "x", fmt.Sprintf("%d.%s", b.ID, mac), token + "x", strings.TrimSuffix(token, token[len(token)-1:])} {
			if _, err := s.CardPage(t.Context(), wrong); !fault.Is(err, fault.NotFound) {
				t.Errorf("%q: %v", wrong, err)
			}
		}
	})
}

func TestWithdrawal(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "year")
		s.now = s.now.Add(14*day - time.Minute)
		check(t, s.Withdraw(t.Context(), c.Reader))
		if s.reads(t, c.Reader) {
			t.Error("who took the money back reads")
		}
		if sum := s.sum(t, c.ID); sum != 0 {
			t.Errorf("kept %d", sum)
		}
		late := s.buy(t, "b@example.org", "year")
		s.now = s.now.Add(14 * day)
		if err := s.Withdraw(t.Context(), late.Reader); !fault.Is(err, fault.Conflict) {
			t.Errorf("after fourteen days: %v", err)
		}
	})
}

func (s *shop) sum(t *testing.T, contract int64) (sum int64) {
	t.Helper()
	lines, err := s.Ledger(t.Context(), contract)
	check(t, err)
	for _, l := range lines {
		sum += l.Amount.Amount
	}
	return sum
}

func TestSecondSubscriptionIsPaidBack(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		first := s.buy(t, "a@example.org", "year")
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month"})
		o := s.pay(t, ref)
		if o.Paid || o.Refused != billing.Twice || s.sum(t, o.Contract.ID) != 0 {
			t.Errorf("second: %+v", o)
		}
		if got, _ := s.Contract(t.Context(), first.Reader); got.ID != first.ID || got.Status(s.now) != billing.Active {
			t.Errorf("the first: %+v", got)
		}
		if _, err := s.Begin(t.Context(), billing.Buyer{Reader: first.Reader}, billing.Wish{Plan: "month", Currency: "EUR"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("signed in: %v", err)
		}
		if got := fmt.Sprint(s.mails(t, "a@example.org")); got != "[welcome paid-twice refund]" {
			t.Errorf("mails %v", got)
		}
		check(t, s.Cancel(t.Context(), first.Reader, "price")) // who leaves may come back on other terms
		ref, _ = s.begin(t, billing.Buyer{Reader: first.Reader}, billing.Wish{Plan: "month"})
		if o := s.pay(t, ref); !o.Paid {
			t.Errorf("after leaving: %+v", o)
		}
	})
}

func TestDisputeEndsReading(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		s.now = s.now.Add(day)
		_, err := s.provider.Dispute(t.Context(), c.Ref)
		check(t, err)
		check(t, s.Sync(t.Context(), c.Source, c.Ref))
		if s.reads(t, c.Reader) || s.sum(t, c.ID) != 0 {
			t.Error("a payment that the bank took back is read on")
		}
	})
}

func TestSwitching(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		s.now = s.now.Add(14 * day)
		check(t, s.Switch(t.Context(), c.Reader, "year"))
		got, err := s.Contract(t.Context(), c.Reader)
		check(t, err)
		if got.Record.Plan != "year" || got.Record.Every != billing.Yearly || s.sum(t, c.ID) != 9000+450 {
			t.Errorf("switched to %+v, paid %d", got.Record, s.sum(t, c.ID))
		}
		for _, plan := range []string{"year", "old", "decade"} {
			if err := s.Switch(t.Context(), c.Reader, plan); !fault.Is(err, fault.Invalid) {
				t.Errorf("to %s: %v", plan, err)
			}
		}
	})
}

// Whatever a life was like, however its events were told: what is recorded is what the provider has.
func TestAnyOrderOfEventsEndsTheSame(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for seed := range uint64(4) {
			random := rand.New(rand.NewPCG(seed, 1))
			address := fmt.Sprintf("life%d@example.org", seed)
			c := s.buy(t, address, []string{"month", "try", "cheap"}[seed%3])
			for range 8 {
				s.now = s.now.Add(time.Duration(random.IntN(20*24)) * time.Hour)
				s.happen(t, random, c)
				for range random.IntN(3) { // told never, once, or again and again
					check(t, s.Sync(t.Context(), c.Source, c.Ref))
				}
			}
			if _, err := s.Reconcile(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.agrees(t, c)
		}
	})
}

// happen does one thing that happens to contracts. One that cannot happen now does not.
func (s *shop) happen(t *testing.T, random *rand.Rand, c billing.Contract) {
	ctx := t.Context()
	switch random.IntN(8) {
	case 0:
		_ = s.provider.Cancel(ctx, c.Ref, billing.AtPeriodEnd)
	case 1:
		_ = s.provider.Resume(ctx, c.Ref)
	case 2:
		_, _ = s.provider.SetCard(ctx, c.Ref, false)
	case 3, 4:
		_, _ = s.provider.SetCard(ctx, c.Ref, true)
	case 5:
		_ = s.provider.Pause(ctx, c.Ref, s.now.AddDate(0, 2, 0))
	case 6:
		_ = s.provider.Switch(ctx, c.Ref, billing.Price{Plan: "year", Every: billing.Yearly, Amount: eur(9000)}, billing.AtOnce)
	case 7:
		if k, err := s.provider.Payment(ctx, c.Ref); err == nil && len(k.Lines) > 0 {
			_ = s.provider.Refund(ctx, c.Ref, k.Lines[0].Ref)
		}
	}
}

// agrees compares what is recorded with what the provider has.
func (s *shop) agrees(t *testing.T, c billing.Contract) {
	t.Helper()
	want, err := s.provider.Fetch(t.Context(), c.Ref)
	check(t, err)
	got, err := s.Contract(t.Context(), c.Reader)
	check(t, err)
	lines, err := s.Ledger(t.Context(), c.ID)
	check(t, err)
	var paid int64
	for _, p := range want.Payments {
		paid += p.Amount.Amount
	}
	if len(lines) != len(want.Payments) || s.sum(t, c.ID) != paid {
		t.Errorf("the ledger has %d lines of %d, the provider %d of %d", len(lines), s.sum(t, c.ID), len(want.Payments), paid)
	}
	want.Payments = nil
	if fmt.Sprintf("%+v", got.Record) != fmt.Sprintf("%+v", want) {
		t.Errorf("recorded %+v\nprovider %+v", got.Record, want)
	}
	if covered := want.CoveredUntil(10 * day).After(s.now); covered != s.reads(t, c.Reader) {
		t.Errorf("covered %v, reads %v", covered, s.reads(t, c.Reader))
	}
}
