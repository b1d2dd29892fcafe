package gifts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var morning = time.Date(2027, 1, 31, 9, 0, 0, 0, time.UTC)

// shop sells gifts at the test checkout, with a clock that tests set.
type shop struct {
	t        *testing.T
	gifts    *gifts.Gifts
	till     *billing.Till
	plans    *billing.Billing
	provider *rehearsal.Provider
	readers  *readers.Readers
	out      *outbox.Outbox
	now      time.Time
}

var catalog = billing.Catalog{Plans: []billing.Plan{
	{Slug: "month", Every: billing.Monthly, Prices: []billing.Money{{Amount: 900, Currency: "EUR"}}},
	{Slug: "year", Every: billing.Yearly, Prices: []billing.Money{{Amount: 9000, Currency: "EUR"}}},
}}

func inShop(t *testing.T, f func(s *shop)) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		s := &shop{t: t, now: morning}
		clock := func() time.Time { return s.now }
		ctx := t.Context()
		var err error
		if s.out, err = outbox.New(ctx, db, outbox.Options{Now: clock, Keep: true}); err != nil {
			t.Fatal(err)
		}
		s.readers, err = readers.New(ctx, db, s.out, readers.Options{
			Publication: readers.Publication{Name: "The Review", Origin: "https://review.example"}, Now: clock})
		if err != nil {
			t.Fatal(err)
		}
		s.gifts, err = gifts.New(ctx, db, s.readers, s.out, gifts.Options{Origin: "https://review.example", Name: "The Review", Now: clock,
			Zone: time.FixedZone("east", 3*3600)})
		if err != nil {
			t.Fatal(err)
		}
		s.plans, s.provider = billing.New(db, clock), rehearsal.New(db, "https://review.example", clock)
		s.till, err = billing.NewTill(ctx, db, s.readers, s.out, []billing.Provider{s.provider}, billing.TillOptions{Catalog: catalog,
			Grace: 10 * 24 * time.Hour, Origin: "https://review.example", Name: "The Review", Language: "en", Now: clock,
			Goods: map[string]billing.Goods{gifts.Kind: s.gifts}})
		if err != nil {
			t.Fatal(err)
		}
		f(s)
	})
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// buy gives a gift and pays for it. It returns the gift and what the provider calls its payment.
func (s *shop) buy(d gifts.Draft) (gifts.Gift, string) {
	s.t.Helper()
	ctx := s.t.Context()
	id, err := s.gifts.Draft(ctx, d)
	s.must(err)
	price, err := catalog.GiftPrice(d.Months, "EUR")
	s.must(err)
	started, err := s.till.Buy(ctx, billing.Buyer{Address: "giver@example.org"}, gifts.Purchase(id, d.Months, price, "a gift"))
	s.must(err)
	if started.Pass != "" {
		s.t.Error("paying for a gift lets the browser read")
	}
	ref := started.URL[strings.LastIndex(started.URL, "/")+1:]
	k, err := s.provider.Pay(ctx, ref)
	s.must(err)
	_, err = s.till.Return(ctx, k.Order.Paid[strings.LastIndex(k.Order.Paid, "/")+1:])
	s.must(err)
	g, err := s.gifts.Gift(ctx, id)
	s.must(err)
	return g, ref
}

func (s *shop) reader(address string) int64 {
	s.t.Helper()
	r, err := s.readers.Add(s.t.Context(), address)
	s.must(err)
	return r.ID
}

func (s *shop) reads(reader int64) bool {
	s.t.Helper()
	e, err := s.plans.Active(s.t.Context(), reader, s.now)
	s.must(err)
	return e.Grant == access.BySubscription
}

// mails returns what was sent to an address, by kind.
func (s *shop) mails(to string) (kinds []string, last string) {
	s.t.Helper()
	list, err := s.out.List(s.t.Context(), 100, to)
	s.must(err)
	for _, m := range list {
		kinds = append(kinds, m.Kind)
	}
	if len(list) > 0 {
		last = list[0].Subject + list[0].Text
	}
	return kinds, last
}

func TestGiftIsDeliveredOnItsDayAndRedeemedOnce(t *testing.T) {
	inShop(t, func(s *shop) {
		ctx := t.Context()
		g, ref := s.buy(gifts.Draft{Months: 3, Signed: "Anna", Note: "Happy birthday.\nRead well.", Receiver: "friend@example.org", Day: "2027-02-10"})
		if !g.Good() || g.Giver == 0 {
			t.Fatalf("it is not good: %+v", g)
		}
		if s.reads(g.Giver) {
			t.Error("the giver reads for having given")
		}
		lines, err := s.plans.Ledger(ctx, 1)
		if err != nil || len(lines) != 1 || lines[0].Amount != (billing.Money{Amount: 2700, Currency: "EUR"}) || lines[0].Plan != "gift-3" {
			t.Errorf("the ledger has %+v, %v", lines, err)
		}
		if kinds, text := s.mails("giver@example.org"); fmt.Sprint(kinds) != "[gift-bought]" || !strings.Contains(text, "friend@example.org on 10 February 2027") {
			t.Errorf("the giver has %v: %s", kinds, text)
		}
		s.now = time.Date(2027, 2, 10, 4, 59, 0, 0, time.UTC) // before eight in the publication's zone
		if n, err := s.gifts.Work(ctx); n != 0 || err != nil {
			t.Errorf("%d were sent early, %v", n, err)
		}
		s.now = s.now.Add(time.Minute)
		for range 2 {
			_, err := s.gifts.Work(ctx)
			s.must(err)
		}
		code := s.gifts.Code(g)
		if kinds, text := s.mails("friend@example.org"); fmt.Sprint(kinds) != "[gift]" || !strings.Contains(text, code) || !strings.Contains(text, "“Read well.”") {
			t.Errorf("the receiver has %v: %s", kinds, text)
		}
		friend, other := s.reader("friend@example.org"), s.reader("other@example.org")
		if s.reads(friend) {
			t.Error("it begins before it is redeemed")
		}
		for _, typed := range []string{"", "x", code[:18], code + "0", strings.Repeat("0", 16)} {
			if _, err := s.gifts.Redeem(ctx, typed, other); !fault.Is(err, fault.Invalid) {
				t.Errorf("code %q: %v", typed, err)
			}
		}
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		typed = strings.ReplaceAll(typed, "0", "o")
		for range 2 {
			got, err := s.gifts.Redeem(ctx, typed, friend)
			s.must(err)
			if want := s.now.AddDate(0, 3, 0); !got.Ends.Equal(want) {
				t.Errorf("it ends at %s, want %s", got.Ends, want)
			}
		}
		if _, err := s.gifts.Redeem(ctx, code, other); !fault.Is(err, fault.Invalid) || s.reads(other) {
			t.Errorf("it is redeemed twice: %v", err)
		}
		if !s.reads(friend) {
			t.Error("who redeemed it does not read")
		}
		if contract, err := s.till.Contract(ctx, g.Giver); err != nil || contract.ID != 0 {
			t.Errorf("the giver manages %+v, %v", contract, err)
		}
		s.now = s.now.AddDate(0, 3, 0)
		if s.reads(friend) {
			t.Error("it does not end")
		}
		_, err = s.till.Work(ctx)
		s.must(err)
		if k, err := s.provider.Payment(ctx, ref); err != nil || len(k.Lines) != 1 {
			t.Errorf("it was renewed: %+v, %v", k.Lines, err)
		}
	})
}

func TestRefundRevokesAGift(t *testing.T) {
	inShop(t, func(s *shop) {
		ctx := t.Context()
		unused, ref := s.buy(gifts.Draft{Months: 1, Signed: "Anna"})
		s.must(s.provider.RefundLast(ctx, ref))
		s.must(s.till.Sync(ctx, billing.TestSource, ref))
		friend := s.reader("friend@example.org")
		if _, err := s.gifts.Redeem(ctx, s.gifts.Code(unused), friend); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code of a gift that was paid back: %v", err)
		}
		used, ref := s.buy(gifts.Draft{Months: 12, Signed: "Anna"})
		_, err := s.gifts.Redeem(ctx, s.gifts.Code(used), friend)
		s.must(err)
		s.now = s.now.AddDate(0, 1, 0)
		for range 2 { // told twice
			s.must(s.till.Undo(ctx, billing.Contract{ID: 2, Source: billing.TestSource, Ref: ref}))
		}
		if s.reads(friend) {
			t.Error("a gift outlives its money")
		}
		if kinds, _ := s.mails("friend@example.org"); fmt.Sprint(kinds) != "[gift-revoked]" {
			t.Errorf("its holder has %v", kinds)
		}
		disputed, ref := s.buy(gifts.Draft{Months: 1, Signed: "Anna", Receiver: "x@example.org", Day: "2027-03-20"})
		_, err = s.provider.Dispute(ctx, ref)
		s.must(err)
		s.must(s.till.Sync(ctx, billing.TestSource, ref))
		s.now = s.now.AddDate(0, 1, 0)
		if n, err := s.gifts.Work(ctx); n != 0 || err != nil {
			t.Errorf("a gift in dispute is sent: %d, %v", n, err)
		}
		if g, err := s.gifts.Gift(ctx, disputed.ID); err != nil || g.Good() {
			t.Errorf("it is good: %+v, %v", g, err)
		}
	})
}

// S-14: whoever redeems at once, one has it.
func TestParallelRedeeming(t *testing.T) {
	inShop(t, func(s *shop) {
		g, _ := s.buy(gifts.Draft{Months: 1, Signed: "Anna"})
		code := s.gifts.Code(g)
		var ids []int64
		for i := range 20 {
			ids = append(ids, s.reader(fmt.Sprintf("r%d@example.org", i)))
		}
		var had atomic.Int64
		var wg sync.WaitGroup
		for _, id := range ids {
			wg.Go(func() {
				if _, err := s.gifts.Redeem(context.Background(), code, id); err == nil {
					had.Add(1)
				} else if !fault.Is(err, fault.Invalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		read := 0
		for _, id := range ids {
			if s.reads(id) {
				read++
			}
		}
		if had.Load() != 1 || read != 1 {
			t.Errorf("%d redeemed it, %d read", had.Load(), read)
		}
	})
}

func TestGiftsFollowOnWhatRuns(t *testing.T) {
	inShop(t, func(s *shop) {
		ctx := t.Context()
		friend := s.reader("friend@example.org")
		first, _ := s.buy(gifts.Draft{Months: 1, Signed: "Anna"})
		second, _ := s.buy(gifts.Draft{Months: 1, Signed: "Bea"})
		a, err := s.gifts.Redeem(ctx, s.gifts.Code(first), friend)
		s.must(err)
		b, err := s.gifts.Redeem(ctx, s.gifts.Code(second), friend)
		s.must(err)
		if !b.Starts.Equal(a.Ends) || !b.Ends.Equal(billing.Monthly.After(a.Ends)) {
			t.Errorf("the second runs from %s to %s after the first until %s", b.Starts, b.Ends, a.Ends)
		}
		own := s.reader("own@example.org")
		started, err := s.till.Begin(ctx, billing.Buyer{Reader: own}, billing.Wish{Plan: "month", Currency: "EUR"})
		s.must(err)
		k, err := s.provider.Pay(ctx, started.URL[strings.LastIndex(started.URL, "/")+1:])
		s.must(err)
		_, err = s.till.Return(ctx, k.Order.Paid[strings.LastIndex(k.Order.Paid, "/")+1:])
		s.must(err)
		third, _ := s.buy(gifts.Draft{Months: 1, Signed: "Cleo"})
		if _, err := s.gifts.Redeem(ctx, s.gifts.Code(third), own); !fault.Is(err, fault.Conflict) {
			t.Errorf("who pays redeems: %v", err)
		}
		if _, err := s.gifts.Redeem(ctx, s.gifts.Code(third), friend); err != nil {
			t.Errorf("the code is spoilt by it: %v", err)
		}
	})
}

// Whatever a reader redeems at once follows one on the other.
func TestParallelRedeemingByOne(t *testing.T) {
	inShop(t, func(s *shop) {
		friend := s.reader("friend@example.org")
		var codes []string
		for range 6 {
			g, _ := s.buy(gifts.Draft{Months: 1, Signed: "Anna"})
			codes = append(codes, s.gifts.Code(g))
		}
		starts := make([]time.Time, len(codes))
		var wg sync.WaitGroup
		for i, code := range codes {
			wg.Go(func() {
				g, err := s.gifts.Redeem(context.Background(), code, friend)
				if err != nil {
					t.Error(err)
				}
				starts[i] = g.Starts
			})
		}
		wg.Wait()
		slices.SortFunc(starts, time.Time.Compare)
		for i := 1; i < len(starts); i++ {
			if !starts[i].Equal(billing.Monthly.After(starts[i-1])) {
				t.Errorf("the gifts start on %v", starts)
				break
			}
		}
		if _, err := s.gifts.Redeem(t.Context(), codes[0], friend+1000); err == nil {
			t.Error("nobody redeems")
		}
	})
}

// A subscription that was cancelled and runs out is followed by a gift, as anything else that does not renew itself.
func TestGiftFollowsWhatWasCancelled(t *testing.T) {
	inShop(t, func(s *shop) {
		ctx := t.Context()
		own := s.reader("own@example.org")
		started, err := s.till.Begin(ctx, billing.Buyer{Reader: own}, billing.Wish{Plan: "month", Currency: "EUR"})
		s.must(err)
		k, err := s.provider.Pay(ctx, started.URL[strings.LastIndex(started.URL, "/")+1:])
		s.must(err)
		_, err = s.till.Return(ctx, k.Order.Paid[strings.LastIndex(k.Order.Paid, "/")+1:])
		s.must(err)
		s.must(s.till.Cancel(ctx, own, "price"))
		c, err := s.till.Contract(ctx, own)
		s.must(err)
		g, _ := s.buy(gifts.Draft{Months: 1, Signed: "Anna"})
		if g, err = s.gifts.Redeem(ctx, s.gifts.Code(g), own); err != nil || !g.Starts.Equal(c.Record.PaidUntil) {
			t.Errorf("it starts at %s, and what is paid for ends at %s: %v", g.Starts, c.Record.PaidUntil, err)
		}
	})
}

// The name of a giver goes with their account; the gift does not.
func TestGiverIsForgotten(t *testing.T) {
	inShop(t, func(s *shop) {
		ctx := t.Context()
		g, _ := s.buy(gifts.Draft{Months: 1, Signed: "Anna Giver", Note: "From Anna Giver", Receiver: "friend@example.org", Day: "2027-02-10"})
		s.readers.Attach(nil, []readers.Eraser{s.gifts})
		s.must(s.readers.Delete(ctx, g.Giver, "test"))
		s.now = time.Date(2027, 2, 10, 12, 0, 0, 0, time.UTC)
		_, err := s.gifts.Work(ctx)
		s.must(err)
		kinds, text := s.mails("friend@example.org")
		if fmt.Sprint(kinds) != "[gift]" || strings.Contains(text, "Giver") || !strings.HasPrefix(text, "Somebody has given you a month") {
			t.Errorf("the receiver has %v: %s", kinds, text)
		}
		if g, err = s.gifts.Gift(ctx, g.ID); err != nil || g.Signed != "" || !g.Good() {
			t.Errorf("what is kept: %+v, %v", g, err)
		}
	})
}

func TestWrongDrafts(t *testing.T) {
	inShop(t, func(s *shop) {
		for field, d := range map[string]gifts.Draft{
			"signed":   {Months: 1, Signed: " "},
			"note":     {Months: 1, Signed: "A", Note: strings.Repeat("x", 501)},
			"receiver": {Months: 1, Signed: "A", Receiver: "nobody"},
			"day":      {Months: 1, Signed: "A", Day: "2027-01-30"},
		} {
			_, err := s.gifts.Draft(t.Context(), d)
			var f *fault.Error
			if !fault.Is(err, fault.Invalid) || !errors.As(err, &f) || f.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, day := range []string{"tomorrow", "2029-01-01", "2027-02-30"} {
			if _, err := s.gifts.Draft(t.Context(), gifts.Draft{Months: 1, Signed: "A", Day: day}); !fault.Is(err, fault.Invalid) {
				t.Errorf("day %q: %v", day, err)
			}
		}
		if _, err := s.gifts.Card(t.Context(), s.gifts.CardToken(1)+"x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a card by another token: %v", err)
		}
	})
}

func TestGiftPrices(t *testing.T) {
	for months, want := range map[int]int64{1: 900, 3: 2700, 6: 5400, 12: 9000} {
		if p, err := catalog.GiftPrice(months, "EUR"); err != nil || p.Amount.Amount != want {
			t.Errorf("%d months: %v, %v", months, p, err)
		}
	}
	if _, err := catalog.GiftPrice(3, "USD"); !fault.Is(err, fault.Invalid) {
		t.Errorf("in a currency that is not sold: %v", err)
	}
}
