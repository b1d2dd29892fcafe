package stripe_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/stripe"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const (
	day    = 24 * time.Hour
	secret = "whsec_of_the_endpoint"
)

var morning = time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC)

func eur(cents int64) billing.Money { return billing.Money{Amount: cents, Currency: "EUR"} }

// shop is a till with Stripe behind it, as the fake plays it.
type shop struct {
	*billing.Till
	*fake
	stripe *stripe.Provider
	plans  *billing.Billing
	out    *outbox.Outbox
	clock  time.Time
}

func inShop(t *testing.T, f func(t *testing.T, s *shop)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		s := &shop{clock: morning}
		now := func() time.Time { return s.clock }
		s.fake = newFake(t, now)
		var err error
		s.out, err = outbox.New(t.Context(), db, outbox.Options{Now: now})
		check(t, err)
		people, err := readers.New(t.Context(), db, s.out, readers.Options{
			Publication: readers.Publication{Name: "The Review", Origin: "https://review.example"}, Now: now})
		check(t, err)
		s.plans = billing.New(db, now)
		s.stripe, err = stripe.New(stripe.Options{Key: "sk_test_1", SigningSecret: secret, Origin: "https://review.example", API: s.URL, Now: now})
		check(t, err)
		catalog := billing.Catalog{Plans: []billing.Plan{
			{Slug: "month", Name: "By the month", Every: billing.Monthly, Prices: []billing.Money{eur(900)}},
			{Slug: "year", Name: "By the year", Every: billing.Yearly, Prices: []billing.Money{eur(9000)}},
			{Slug: "try", Name: "Try it", Every: billing.Monthly, Prices: []billing.Money{eur(900)}, TrialDays: 14},
			{Slug: "cheap", Name: "Cheap at first", Every: billing.Monthly, Prices: []billing.Money{eur(901)}, First: []billing.Money{eur(100)}}},
			Coupons: []billing.Coupon{{Code: "half", PercentOff: 50, Periods: 3}}}
		s.Till, err = billing.NewTill(t.Context(), db, people, s.out, []billing.Provider{s.stripe}, billing.TillOptions{Catalog: catalog,
			Grace: 10 * day, Origin: "https://review.example", Name: "The Review", Language: "en", Now: now})
		check(t, err)
		f(t, s)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin opens a checkout and returns the session and the token to come back with.
func (s *shop) begin(t *testing.T, b billing.Buyer, w billing.Wish) (id, token string) {
	t.Helper()
	w.Currency = "EUR"
	started, err := s.Begin(t.Context(), b, w)
	check(t, err)
	id = started.URL[strings.LastIndexByte(started.URL, '/')+1:]
	back := s.sessions[id].form.Get("success_url")
	return id, back[strings.LastIndexByte(back, '/')+1:]
}

// buy pays for a plan, and comes back.
func (s *shop) buy(t *testing.T, address string, w billing.Wish) (*sub, billing.Contract) {
	t.Helper()
	id, token := s.begin(t, billing.Buyer{Address: address}, w)
	c := s.pay(id)
	o, err := s.Return(t.Context(), token)
	if err != nil || !o.Paid {
		t.Fatalf("after paying: %+v, %v", o, err)
	}
	return c, o.Contract
}

func (s *shop) reads(t *testing.T, reader int64) bool {
	t.Helper()
	e, err := s.plans.Active(t.Context(), reader, s.clock)
	check(t, err)
	return e.Grant == access.BySubscription
}

// deliver tells an event as Stripe does, signed now.
func (s *shop) deliver(t *testing.T, body string) {
	t.Helper()
	e, err := s.stripe.ParseEvent([]byte(body), signed(body, s.clock, secret))
	check(t, err)
	if e.ID != "" {
		check(t, s.Hint(t.Context(), e))
	}
}

// state is all that is recorded of a contract, without the names that Stripe gave.
func (s *shop) state(t *testing.T, c billing.Contract) string {
	t.Helper()
	got, err := s.ByRef(t.Context(), stripe.Source, c.Ref)
	check(t, err)
	r := got.Record
	r.Customer, r.Card.Fingerprint = "", ""
	lines, err := s.Ledger(t.Context(), got.ID)
	check(t, err)
	out := fmt.Sprintf("%+v covered until %s\n", r, s.CoveredUntil(got))
	for _, l := range lines {
		out += fmt.Sprintf("%s %s %d %s, %s to %s\n", l.At, l.Kind, l.Amount.Amount, l.Plan, l.Starts, l.Ends)
	}
	all, err := s.plans.Subscriptions(t.Context(), got.Reader)
	check(t, err)
	for _, a := range all {
		out += fmt.Sprintf("reads %s to %s\n", a.Starts, a.Ends)
	}
	return out
}

// The life of a subscription, step by step: what happens at Stripe, and how long after the one before.
var steps = []struct {
	after time.Duration
	what  string
	do    func(s *shop, c *sub)
}{
	{32 * day, "renewed", func(*shop, *sub) {}},
	{1 * day, "the card fails from now on", func(_ *shop, c *sub) { c.cardFails = true }},
	{30 * day, "failed", func(*shop, *sub) {}},
	{3 * day, "recovered", func(s *shop, c *sub) { c.cardFails = false; s.paid(c, c.invoices[len(c.invoices)-1]) }},
	{4 * day, "updated", func(s *shop, c *sub) { s.move(c, "gatefold-year-year-eur-9000", "year") }},
	{1 * day, "disputed", func(s *shop, c *sub) { s.dispute(c, c.invoices[0]) }},
	{9 * day, "the dispute is won", func(s *shop, c *sub) { s.winDispute(c, c.invoices[0]) }},
	{1 * day, "refunded", func(s *shop, c *sub) { s.refund(c, c.invoices[1]) }},
	{1 * day, "deleted", func(s *shop, c *sub) { s.end(c, s.now().Unix(), false) }},
}

// live lets a subscription live to the end. After each step deliver may tell what it likes of what is waiting, and keeps
// the rest.
func (s *shop) live(t *testing.T, address string, deliver func(waiting []string) (kept []string)) billing.Contract {
	t.Helper()
	s.clock = morning
	_, token := s.begin(t, billing.Buyer{Address: address}, billing.Wish{Plan: "year"}) // so that there is a price to move to
	_ = token
	id, token := s.begin(t, billing.Buyer{Address: address}, billing.Wish{Plan: "month"})
	c := s.pay(id)
	o, err := s.Return(t.Context(), token)
	check(t, err)
	waiting := deliver(s.told())
	for _, step := range steps {
		s.clock = s.clock.Add(step.after)
		s.at(c, func() { step.do(s, c) })
		waiting = deliver(append(waiting, s.told()...))
	}
	for _, body := range waiting {
		s.deliver(t, body)
	}
	return o.Contract
}

// Created, paid, failed, recovered, updated, disputed, refunded, deleted: told in any order, late, and again and again,
// the events of a life end in the state that they end in when each is told at its time.
func TestAnyOrderAndRepetitionOfEventsEndsTheSame(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		want := s.state(t, s.live(t, "in-order@example.org", func(waiting []string) []string {
			for _, body := range waiting {
				s.deliver(t, body)
			}
			return nil
		}))
		for _, part := range []string{"charge 900", "refund -900", "dispute -900", "dispute won 900", "Plan:year", "Ended:2027-04"} {
			if !strings.Contains(want, part) {
				t.Errorf("the life has no %q:\n%s", part, want)
			}
		}
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 7))
			got := s.state(t, s.live(t, fmt.Sprintf("life-%d@example.org", seed), func(waiting []string) []string {
				random.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
				now := random.IntN(len(waiting) + 1)
				for _, body := range waiting[:now] {
					s.deliver(t, body)
					if random.IntN(3) == 0 {
						s.deliver(t, body)
					}
				}
				return slices.Clone(waiting[now:])
			}))
			if got != want {
				t.Errorf("seed %d ends as\n%s\nin order it is\n%s", seed, got, want)
			}
		}
	})
}

// All orders of four events that come after everything has happened.
func TestEveryOrderOfTheLastEvents(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		var last []string
		c := s.live(t, "a@example.org", func(waiting []string) []string { last = waiting; return waiting })
		want := s.state(t, c)
		n := 0
		for order := range permutations(len(last)-4, len(last)) {
			n++
			for k, i := range order {
				body := strings.Replace(last[i], `"id":"evt_`, fmt.Sprintf(`"id":"evt_%d_%d_`, n, k), 1) // a new event of the same
				s.deliver(t, body)
			}
			if got := s.state(t, c); got != want {
				t.Fatalf("order %v ends as\n%s\nnot\n%s", order, got, want)
			}
		}
		if n != 24 {
			t.Errorf("%d orders", n)
		}
	})
}

// permutations gives all orders of the numbers from one to another, the second excluded.
func permutations(from, to int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		var rest func(done, left []int) bool
		rest = func(done, left []int) bool {
			if len(left) == 0 {
				return yield(done)
			}
			for i := range left {
				if !rest(append(slices.Clone(done), left[i]), slices.Delete(slices.Clone(left), i, i+1)) {
					return false
				}
			}
			return true
		}
		var all []int
		for i := from; i < to; i++ {
			all = append(all, i)
		}
		rest(nil, all)
	}
}

func TestWeekWithoutWebhooksIsHealed(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		_, byWork := s.buy(t, "work@example.org", billing.Wish{Plan: "month"})
		ended, byCommand := s.buy(t, "command@example.org", billing.Wish{Plan: "month"})
		lost, _ := s.begin(t, billing.Buyer{Address: "lost@example.org"}, billing.Wish{Plan: "year"})
		s.clock = s.clock.Add(25 * day)
		late := s.pay(lost) // the browser was closed, and nothing was told
		s.clock = s.clock.Add(7 * day)
		s.at(ended, func() { s.end(ended, s.now().Unix(), false) })
		s.told()
		if _, err := s.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s.reads(t, byCommand.Reader) {
			t.Error("what ended meanwhile is read on")
		}
		if lines, err := s.Ledger(t.Context(), byWork.ID); err != nil || len(lines) != 2 {
			t.Errorf("the payment of the second month: %+v, %v", lines, err)
		}
		found, err := s.ByRef(t.Context(), stripe.Source, late.id)
		if err != nil || !s.reads(t, found.Reader) {
			t.Errorf("who paid and closed the browser does not read: %v", err)
		}
		s.clock = s.clock.Add(31 * day)
		if _, err := s.Work(t.Context()); err != nil { // the nightly job
			t.Fatal(err)
		}
		if lines, err := s.Ledger(t.Context(), byWork.ID); err != nil || len(lines) != 3 {
			t.Errorf("the payment of the third month: %+v, %v", lines, err)
		}
	})
}

func TestCheckoutAsksForWhatIsSold(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		for _, c := range []struct {
			wish billing.Wish
			want map[string]string
			paid string
		}{
			{billing.Wish{Plan: "month"}, map[string]string{"mode": "subscription", "customer_email": "0@example.org", "discounts[0][coupon]": ""}, "900"},
			{billing.Wish{Plan: "try"}, map[string]string{"subscription_data[trial_period_days]": "14"}, ""},
			{billing.Wish{Plan: "cheap"}, map[string]string{"discounts[0][coupon]": "gatefold-eur-801-once"}, "100"},
			{billing.Wish{Plan: "cheap", Coupon: "half"}, map[string]string{"discounts[0][coupon]": "gatefold-eur-451-3"}, "450"},
		} {
			c0 := len(s.sessions)
			id, token := s.begin(t, billing.Buyer{Address: fmt.Sprintf("%d@example.org", c0)}, c.wish)
			form := s.sessions[id].form
			for key, want := range c.want {
				if form.Get(key) != want {
					t.Errorf("%+v: %s is %q, not %q", c.wish, key, form.Get(key), want)
				}
			}
			if o, err := s.Return(t.Context(), token); err != nil || o.Paid || o.Over {
				t.Errorf("before paying: %+v, %v", o, err)
			}
			s.pay(id)
			o, err := s.Return(t.Context(), token)
			if err != nil || !o.Paid || o.Contract.Record.Card.Brand != "Visa" {
				t.Errorf("after paying: %+v, %v", o, err)
			}
			lines, err := s.Ledger(t.Context(), o.Contract.ID)
			check(t, err)
			paid := ""
			for _, l := range lines {
				paid += fmt.Sprint(l.Amount.Amount)
			}
			if paid != c.paid {
				t.Errorf("%+v: paid %q, not %q", c.wish, paid, c.paid)
			}
		}
		if n := strings.Count(strings.Join(s.asked, "\n"), "made gatefold-cheap"); n != 1 {
			t.Errorf("the product was made %d times", n)
		}
	})
}

// A customer of before is one again, for who is signed in; and nobody else is shown to be one.
func TestCustomerIsUsedAgain(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		first, c := s.buy(t, "a@example.org", billing.Wish{Plan: "month"})
		check(t, s.End(t.Context(), c.Reader, false, "test"))
		id, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month"})
		if form := s.sessions[id].form; form.Get("customer") != "" || form.Get("customer_email") != "a@example.org" {
			t.Errorf("not signed in: customer %q", form.Get("customer"))
		}
		id, _ = s.begin(t, billing.Buyer{Reader: c.Reader}, billing.Wish{Plan: "month"})
		if got := s.sessions[id].form.Get("customer"); got != first.customer {
			t.Errorf("signed in: customer %q, not %q", got, first.customer)
		}
	})
}

func TestPausing(t *testing.T) {
	for _, plan := range []string{"month", "year"} {
		inShop(t, func(t *testing.T, s *shop) {
			c, contract := s.buy(t, "a@example.org", billing.Wish{Plan: plan})
			paid := contract.Record.PaidUntil
			check(t, s.Pause(t.Context(), contract.Reader, 2))
			got, err := s.Contract(t.Context(), contract.Reader)
			check(t, err)
			until := billing.Monthly.Times(paid, 2)
			if r := got.Record; !r.PaidUntil.Equal(paid) || !r.PausedTo.Equal(until) || !r.NextCharge.Equal(until) || r.Trial {
				t.Errorf("%s: paused: %+v", plan, r)
			}
			s.clock = paid.Add(time.Hour)
			check(t, s.Sync(t.Context(), stripe.Source, c.id))
			if s.reads(t, contract.Reader) || len(c.invoices) != 2 {
				t.Errorf("%s: it is read, or charged, while it is paused: %d invoices", plan, len(c.invoices))
			}
			s.clock = until.Add(time.Hour)
			check(t, s.Sync(t.Context(), stripe.Source, c.id))
			got, err = s.Contract(t.Context(), contract.Reader)
			check(t, err)
			if lines, _ := s.Ledger(t.Context(), contract.ID); !s.reads(t, contract.Reader) || len(lines) != 2 || got.Status(s.clock) != billing.Active {
				t.Errorf("%s: after the pause: %v, %+v", plan, got.Status(s.clock), lines)
			}
		})
	}
}

func TestPauseIsTakenBack(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		_, early := s.buy(t, "early@example.org", billing.Wish{Plan: "month"})
		_, late := s.buy(t, "late@example.org", billing.Wish{Plan: "month"})
		_, leaves := s.buy(t, "leaves@example.org", billing.Wish{Plan: "month"})
		for _, c := range []billing.Contract{early, late, leaves} {
			check(t, s.Pause(t.Context(), c.Reader, 3))
		}
		check(t, s.Resume(t.Context(), early.Reader))
		check(t, s.Cancel(t.Context(), leaves.Reader, "price"))
		got, err := s.Contract(t.Context(), early.Reader)
		check(t, err)
		if r := got.Record; !r.PausedTo.IsZero() || !r.PaidUntil.Equal(early.Record.PaidUntil) || r.Trial || !r.NextCharge.Equal(r.PaidUntil) {
			t.Errorf("taken back before it began: %+v", r)
		}
		s.clock = early.Record.PaidUntil.Add(10 * day)
		check(t, s.Resume(t.Context(), late.Reader))
		got, err = s.Contract(t.Context(), late.Reader)
		check(t, err)
		if lines, _ := s.Ledger(t.Context(), late.ID); len(lines) != 2 || !lines[1].Starts.Equal(s.clock) || got.Status(s.clock) != billing.Active {
			t.Errorf("taken back in the middle: %v, %+v", got.Status(s.clock), lines)
		}
		if _, err := s.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lines, _ := s.Ledger(t.Context(), leaves.ID); s.reads(t, leaves.Reader) || len(lines) != 1 {
			t.Errorf("left in the pause: %+v", lines)
		}
	})
}

func TestSwitchThatIsDeclinedChangesNothing(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c, contract := s.buy(t, "a@example.org", billing.Wish{Plan: "month"})
		c.cardFails = true
		if err := s.Switch(t.Context(), contract.Reader, "year"); !fault.Is(err, fault.Conflict) {
			t.Errorf("declined: %v", err)
		}
		check(t, s.Sync(t.Context(), stripe.Source, c.id))
		if got, _ := s.Contract(t.Context(), contract.Reader); got.Record.Plan != "month" {
			t.Errorf("it is %s", got.Record.Plan)
		}
		c.cardFails = false
		s.clock = s.clock.Add(15 * day)
		check(t, s.Switch(t.Context(), contract.Reader, "year"))
		got, err := s.Contract(t.Context(), contract.Reader)
		check(t, err)
		lines, err := s.Ledger(t.Context(), contract.ID)
		check(t, err)
		if r := got.Record; r.Plan != "year" || r.Every != billing.Yearly || r.Price != eur(9000) || len(lines) != 2 || lines[1].Plan != "year" || lines[0].Plan != "month" {
			t.Errorf("switched: %+v, %+v", r, lines)
		}
	})
}

func TestAnotherCardPaysWhatIsDue(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c, contract := s.buy(t, "a@example.org", billing.Wish{Plan: "month"})
		c.cardFails = true
		s.clock = s.clock.Add(32 * day)
		if _, err := s.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := s.Contract(t.Context(), contract.Reader)
		if err != nil || got.Status(s.clock) != billing.Late || !s.reads(t, contract.Reader) {
			t.Fatalf("late: %+v, %v", got.Record, err)
		}
		page, err := s.CardPage(t.Context(), s.CardToken(contract.ID))
		check(t, err)
		check(t, s.CardChanged(t.Context(), s.CardToken(contract.ID))) // came back without one
		if got, _ = s.Contract(t.Context(), contract.Reader); got.Status(s.clock) != billing.Late {
			t.Error("no card was given, and all is well")
		}
		s.giveCard(page[strings.LastIndexByte(page, '/')+1:])
		for _, body := range s.told() { // the browser does not come back: the event tells
			s.deliver(t, body)
		}
		got, err = s.Contract(t.Context(), contract.Reader)
		check(t, err)
		if lines, _ := s.Ledger(t.Context(), contract.ID); got.Status(s.clock) != billing.Active || len(lines) != 2 {
			t.Errorf("after another card: %v, %+v", got.Status(s.clock), lines)
		}
		asked := len(s.asked)
		check(t, s.CardChanged(t.Context(), s.CardToken(contract.ID)))
		if slices.Contains(s.asked[asked:], "POST /v1/subscriptions/"+c.id) {
			t.Error("the same card is set again")
		}
	})
}

func TestWithdrawalReturnsEverything(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c, contract := s.buy(t, "a@example.org", billing.Wish{Plan: "year"})
		check(t, s.Withdraw(t.Context(), contract.Reader))
		check(t, s.stripe.Refund(t.Context(), c.id, "pi_"+c.invoices[0].id))
		check(t, s.stripe.Cancel(t.Context(), c.id, billing.AtOnce))
		lines, err := s.Ledger(t.Context(), contract.ID)
		check(t, err)
		if s.reads(t, contract.Reader) || len(lines) != 2 || lines[1].Amount != eur(-9000) {
			t.Errorf("ledger %+v", lines)
		}
		receipt, err := s.stripe.Receipt(t.Context(), c.id, lines[0].Ref)
		if err != nil || !strings.HasPrefix(receipt, "https://invoice.stripe.com/") {
			t.Errorf("receipt %q, %v", receipt, err)
		}
		if _, err := s.stripe.Receipt(t.Context(), c.id, "pi_other"); !fault.Is(err, fault.NotFound) {
			t.Errorf("another's receipt: %v", err)
		}
	})
}

func TestOutage(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		_, contract := s.buy(t, "a@example.org", billing.Wish{Plan: "month"})
		s.down = true
		if _, err := s.Begin(t.Context(), billing.Buyer{Address: "b@example.org"}, billing.Wish{Plan: "month", Currency: "EUR"}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("begin: %v", err)
		}
		if err := s.Cancel(t.Context(), contract.Reader, "price"); !fault.Is(err, fault.Unavailable) || !s.reads(t, contract.Reader) {
			t.Errorf("cancel: %v", err)
		}
	})
}

// Invoices call a plan what it is called, whoever bought it first.
func TestProductsAreCalledWhatTheirPlanIs(t *testing.T) {
	f := newFake(t, func() time.Time { return morning })
	p, err := stripe.New(stripe.Options{Key: "sk_test_1", SigningSecret: secret, Origin: "https://review.example", API: f.URL, Now: f.now,
		Products: map[string]string{"year": "The Review, By the year"}})
	check(t, err)
	for _, name := range []string{"The Review, By the year, 5 seats", "The Review, By the year"} {
		_, _, err = p.Begin(t.Context(), billing.Order{Key: name, Address: "a@example.org", Name: name,
			Offer: billing.Offer{Price: billing.Price{Plan: "year", Every: billing.Yearly, Amount: eur(int64(len(name)) * 100)}}})
		check(t, err)
	}
	if !slices.Equal(f.called, []string{"The Review, By the year"}) {
		t.Errorf("products: %q", f.called)
	}
}

// A payment with nothing after it, as for a gift.
func TestOnePayment(t *testing.T) {
	f := newFake(t, func() time.Time { return morning })
	p, err := stripe.New(stripe.Options{Key: "sk_test_1", SigningSecret: secret, Origin: "https://review.example", API: f.URL, Now: f.now})
	check(t, err)
	ref, _, err := p.Begin(t.Context(), billing.Order{Key: "key", Address: "a@example.org", Once: true, Name: "Three months of The Review",
		Offer: billing.Offer{Price: billing.Price{Plan: "gift-3", Amount: eur(2400)}}})
	check(t, err)
	if form := f.sessions[ref].form; form.Get("mode") != "payment" || form.Get("customer_email") != "a@example.org" || form.Get("line_items[0][price_data][product_data][name]") == "" {
		t.Errorf("asked for %v", form)
	}
	if got, err := p.Completed(t.Context(), ref); err != nil || got != "" {
		t.Errorf("before paying: %q, %v", got, err)
	}
	paid := f.pay(ref)
	contract, err := p.Completed(t.Context(), ref)
	check(t, err)
	r, err := p.Fetch(t.Context(), contract)
	check(t, err)
	if !r.Once || !r.Leaves || r.Plan != "gift-3" || r.Price != eur(2400) || !r.PaidUntil.Equal(morning) || len(r.Payments) != 1 || r.Payments[0].Amount != eur(2400) {
		t.Errorf("fetched %+v", r)
	}
	receipt, err := p.Receipt(t.Context(), contract, r.Payments[0].Ref)
	if err != nil || receipt != "https://pay.stripe.com/receipts/"+contract {
		t.Errorf("receipt %q, %v", receipt, err)
	}
	check(t, p.Refund(t.Context(), contract, r.Payments[0].Ref))
	check(t, p.Cancel(t.Context(), contract, billing.AtOnce))
	if r, err = p.Fetch(t.Context(), contract); err != nil || len(r.Payments) != 2 || r.Payments[1].Amount != eur(-2400) {
		t.Errorf("after the refund: %+v, %v", r.Payments, err)
	}
	f.dispute(paid, paid.invoices[0])
	if r, err = p.Fetch(t.Context(), contract); err != nil || r.Disputed.IsZero() || len(r.Payments) != 3 {
		t.Errorf("after the dispute: %+v, %v", r, err)
	}
}
