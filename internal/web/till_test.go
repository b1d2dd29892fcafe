package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
)

// withTill has a site sell at the test checkout.
func withTill(c *config.Config) { c.Till.Provider = "test" }

// begin fills in the subscription form and returns the path of the checkout.
func (c *testClient) begin(form url.Values) string {
	c.t.Helper()
	if !form.Has("currency") {
		form.Set("currency", "EUR")
	}
	a := c.Post("/subscribe", form)
	if a.status != http.StatusSeeOther {
		c.t.Fatalf("status %d:\n%s", a.status, a.body)
	}
	return strings.TrimPrefix(a.location(), c.site.url)
}

// buy pays at the test checkout and returns the page that the buyer comes back to.
func (c *testClient) buy(form url.Values) answer {
	c.t.Helper()
	return c.follow(c.Post(c.begin(form), url.Values{"do": {"pay"}}))
}

func buyer(address string) url.Values {
	return url.Values{"email": {address}, "plan": {"month"}}
}

func TestVisitorSubscribesFromTheWall(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	if c.reads(subscriberOne) {
		t.Fatal("there is no wall")
	}
	sale := c.Get("/subscribe?article=" + subscriberOne).document(t)
	same(t, "prices", sale.texts("section.price p.sum"), "€9 a month", "€90 a year")
	form := buyer("anna@example.org")
	form.Set("article", subscriberOne)
	checkout := c.begin(form)
	c.Get(checkout).mustHave(t, 200, "No money is taken here", "€9", "anna@example.org")
	if c.reads(subscriberOne) {
		t.Error("who has not paid reads")
	}
	paid := c.follow(c.Post(checkout, url.Values{"do": {"pay"}}))
	paid.mustHave(t, 200, "Everything is open to you", "anna@example.org", `href="/articles/`+subscriberOne+`"`)
	if !c.reads(subscriberOne) || !c.reads(meteredOne) {
		t.Error("who has paid does not read")
	}
	front := c.Get("/")
	front.mustNotHave(t, "Read the Review without advertisements.")
	if got := front.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("a page for one browser may be kept: %q", got)
	}
	if other := s.client(t); other.reads(subscriberOne) {
		t.Error("another browser reads")
	}
	if c.isSignedIn() {
		t.Error("a payment signs in, though the address is not confirmed")
	}
	again := s.client(t)
	again.follow(answer{status: 303, header: http.Header{"Location": {strings.TrimPrefix(paidAddress(t, s), s.url)}}}).mustHave(t, 200, "Everything is open")
	if again.reads(subscriberOne) {
		t.Error("who knows the address of the return reads (W-34)")
	}
	s.clock.advance(time.Hour)
	s.enter(s.client(t), "anna@example.org") // the reader exists and can sign in
}

// paidAddress is where the newest checkout sent its buyer.
func paidAddress(t *testing.T, s *testSite) string {
	t.Helper()
	var ref string
	if err := s.db.QueryRow(context.Background(), `SELECT ref FROM checkouts ORDER BY created DESC LIMIT 1`).Scan(&ref); err != nil {
		t.Fatal(err)
	}
	k, err := s.Rehearsal.Payment(context.Background(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return k.Order.Paid
}

// An address to come back to opens nothing by itself (W-34).
func TestReturnIsNotBelieved(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	c.begin(buyer("a@example.org"))
	a := c.Get(strings.TrimPrefix(paidAddress(t, s), s.url))
	a.mustHave(t, 200, "not confirmed yet")
	if a.header.Get("Refresh") == "" {
		t.Error("the page does not ask again")
	}
	if c.reads(subscriberOne) {
		t.Error("who has not paid reads")
	}
	for _, path := range []string{"/subscribe/return/x", "/test-checkout/x", "/card/1.x"} {
		if got := c.Get(path); got.status != 404 {
			t.Errorf("%s: status %d", path, got.status)
		}
	}
}

// Whoever pays with the address of a subscriber is refused, and reads nothing of theirs (W-34).
func TestRefusedBuyerReadsNothing(t *testing.T) {
	s := newTestSite(t, withTill)
	owner := s.reader(t, "anna@example.org")
	owner.buy(url.Values{"plan": {"month"}}).mustHave(t, 200, "Everything is open to you")
	thief := s.client(t)
	thief.buy(buyer("anna@example.org")).mustHave(t, 200, "You had a subscription already")
	if thief.cookie("pass") == "" || thief.reads(subscriberOne) {
		t.Error("who got the money back reads under the subscription of another")
	}
	if !owner.reads(subscriberOne) {
		t.Error("the subscriber does not read")
	}
}

// A pass ends with the payment behind it, whatever else its reader has (W-34).
func TestDisputedPassReadsNothing(t *testing.T) {
	s := newTestSite(t, withTill)
	s.subscriber(t, "anna@example.org") // was given
	c := s.client(t)
	checkout := c.begin(buyer("anna@example.org"))
	c.follow(c.Post(checkout, url.Values{"do": {"pay"}})).mustHave(t, 200, "Everything is open to you")
	if !c.reads(subscriberOne) {
		t.Fatal("who paid does not read")
	}
	c.Post(checkout, url.Values{"do": {"dispute"}})
	if c.reads(subscriberOne) {
		t.Error("a payment that the bank took back opens what somebody else was given")
	}
}

// S-15: each checkout is kept here and at the provider, so a network and an address begin so many.
func TestCheckoutsAreLimited(t *testing.T) {
	s := newTestSite(t, withTill, func(c *config.Config) { c.Limits.CheckoutsPerMinute = 10 })
	c := s.reader(t, "owner@example.org")
	group := url.Values{"name": {"Port"}, "seats": {"2"}, "plan": {"year"}, "currency": {"EUR"}}
	form := buyer("anna@example.org")
	form.Set("currency", "EUR")
	for i := range 5 {
		if a := s.client(t).Post("/subscribe", form); a.status != 303 {
			t.Fatalf("checkout %d: %d", i, a.status)
		}
	}
	refused := func(a answer) {
		t.Helper()
		a.mustHave(t, 429, "Nothing was charged")
		if a.header.Get("Retry-After") == "" {
			t.Error("nobody says when to come back")
		}
	}
	form.Set("email", "Anna@example.org")
	refused(s.client(t).Post("/subscribe", form))
	for range 10 {
		c.Post("/groups", group)
	}
	refused(c.Post("/groups", group))
	refused(s.client(t).Post("/gift", presentForm("other@example.org")))
	s.clock.advance(time.Minute)
	if a := s.client(t).Post("/subscribe", form); a.status != 303 {
		t.Errorf("a minute later: %d", a.status)
	}
}

func TestDeclinedAndAbandoned(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	checkout := c.begin(buyer("a@example.org"))
	c.follow(c.Post(checkout, url.Values{"do": {"decline"}})).mustHave(t, 200, "The card was declined", "Nothing was charged")
	c.follow(c.Post(checkout, url.Values{"do": {"abandon"}})).mustHave(t, 200, "You left the checkout, and nothing was charged")
	c.Get(strings.TrimPrefix(paidAddress(t, s), s.url)).mustHave(t, 200, "Nothing was charged")
	if a := c.Post(checkout, url.Values{"do": {"pay"}}); a.status != 409 {
		t.Errorf("an abandoned checkout is paid: %d", a.status)
	}
	if c.reads(subscriberOne) || s.sent("") != 0 {
		t.Error("something came of it")
	}
}

func TestWrongWishesComeBackWithTheirForm(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	for name, x := range map[string]struct {
		change func(url.Values)
		text   string
	}{
		"address":  {func(f url.Values) { f.Set("email", "nobody") }, "nobody"},
		"plan":     {func(f url.Values) { f.Set("plan", "decade") }, "not sold any more"},
		"currency": {func(f url.Values) { f.Set("currency", "XXX") }, "not sold in that currency"},
		"coupon":   {func(f url.Values) { f.Set("coupon", "none") }, "There is no such code"},
	} {
		form := buyer("kept@example.org")
		form.Set("currency", "EUR")
		x.change(form)
		a := c.Post("/subscribe", form)
		a.mustHave(t, 422, x.text, `role="alert"`)
		if name != "address" {
			a.mustHave(t, 422, `value="kept@example.org"`)
		}
	}
	if got := c.begin(url.Values{"email": {"x@example.org"}, "plan": {"month"}, "coupon": {"HALF"}}); !strings.HasPrefix(got, "/test-checkout/") {
		t.Errorf("leads to %s", got)
	}
	trap := buyer("bot@example.org")
	trap.Set("website", "x")
	if a := c.Post("/subscribe", trap); a.location() != "/subscribe" {
		t.Errorf("a program that fills in everything goes to %q", a.location())
	}
}

func TestSubscriptionInTheAccount(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.reader(t, "anna@example.org")
	c.Get("/subscribe").mustHave(t, 200, "You subscribe as anna@example.org")
	c.buy(url.Values{"plan": {"month"}}).mustHave(t, 200, "Everything is open to you", "/account#subscription")
	account := c.Get("/account")
	account.mustHave(t, 200, "By the month: €9 a month", "€9 on 16 December", "Test, ending in 4242", "16 November")
	if a := c.Post("/subscribe", url.Values{"plan": {"year"}, "currency": {"EUR"}}); a.status != 409 || !strings.Contains(a.body, "You have a subscription already") {
		t.Errorf("a second one: %d", a.status)
	}
	if strings.Contains(account.body, "until 26 December") || !strings.Contains(account.body, "· All-Access") {
		t.Error("the days of grace are told of as if they were paid for")
	}
	c.Get("/account/subscription/cancel").mustHave(t, 200, "Cancel your subscription", "You read on until 16 December", "Rather a pause?")
	c.follow(c.Post("/account/subscription/cancel", url.Values{"reason": {"price"}})).mustHave(t, 200, "Your subscription is canceled", "Go on with it", "Withdraw, and have your money back")
	if !c.reads(subscriberOne) {
		t.Error("who cancels has lost what is paid")
	}
	c.follow(c.Post("/account/subscription/resume", nil)).mustHave(t, 200, "Your subscription goes on")
	c.follow(c.Post("/account/subscription/plan", url.Values{"plan": {"year"}})).mustHave(t, 200, "Your plan has been changed", "By the year: €90 a year")
	c.follow(c.Post("/account/subscription/pause", url.Values{"months": {"2"}})).mustHave(t, 200, "It is paused", "Withdraw, and have your money back")
	c.follow(c.Post("/account/subscription/resume", nil)).mustHave(t, 200, "Your subscription goes on")
	c.Get("/account/subscription/withdraw").mustHave(t, 200, "we return all you have paid")
	c.follow(c.Post("/account/subscription/withdraw", nil)).mustHave(t, 200, "your money is on its way back", "It has ended", "Returned to you")
	if c.reads(subscriberOne) {
		t.Error("who took the money back reads")
	}
}

func TestCardIsChangedWithoutSigningIn(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	c.buy(buyer("anna@example.org"))
	who, err := s.Readers.Find(context.Background(), "anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := s.Till.Contract(context.Background(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	checkout := "/test-checkout/" + contract.Ref
	c.Post(checkout, url.Values{"do": {"card-fails"}})
	c.follow(c.Post(checkout, url.Values{"do": {"renew"}}))
	mails, err := s.out.List(context.Background(), 1, "anna@example.org")
	if err != nil || mails[0].Kind != "payment-failed" || len(mails[0].Links) != 1 {
		t.Fatalf("the mail: %+v, %v", mails, err)
	}
	stranger := s.client(t)
	path := strings.TrimPrefix(mails[0].Links[0], s.url)
	stranger.Get(path).mustHave(t, 200, "Change the card")
	if got := stranger.Post(path, nil).location(); got != s.url+checkout {
		t.Errorf("the button leads to %q", got)
	}
	if stranger.reads(subscriberOne) || stranger.isSignedIn() {
		t.Error("the link of the mail does something else")
	}
	if !c.reads(subscriberOne) {
		t.Error("there is no grace")
	}
	c.follow(c.Post(checkout, url.Values{"do": {"card-good"}}))
	stranger.Get(path+"?done=1").mustHave(t, 200, "Your card has been noted")
	c.Post(checkout, url.Values{"do": {"dispute"}})
	if c.reads(subscriberOne) {
		t.Error("a payment that the bank took back is read on")
	}
}

func TestSiteWithoutTillHasNoCheckout(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for _, path := range []string{"/subscribe/return/x", "/card/1.x", "/test-checkout/x", "/account/subscription/cancel"} {
		if a := c.Get(path); a.status != 404 {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestStudentKeepsThePriceByTheLinkOfAMail(t *testing.T) {
	s := newTestSite(t, withTill)
	ctx := context.Background()
	s.sells(billing.Plan{Slug: "student", Name: "For students", Every: billing.Monthly, Prices: []billing.Money{{Amount: 400, Currency: "EUR"}},
		Domains: []string{"uni.example"}, Otherwise: "month"})
	form := url.Values{"plan": {"student"}, "currency": {"EUR"}, "email": {"x@uni.example"}}
	s.client(t).Post("/subscribe", form).mustHave(t, 422, "Sign in with yours first")
	c := s.reader(t, "anna@law.uni.example")
	c.Get("/account").mustHave(t, 200, "anna@law.uni.example")
	c.buy(form).mustHave(t, 200, "Everything is open to you")
	s.clock.advance(355 * 24 * time.Hour)
	if _, err := s.Till.Work(ctx); err != nil {
		t.Fatal(err)
	}
	mails, err := s.out.List(ctx, 9, "anna@law.uni.example")
	if err != nil {
		t.Fatal(err)
	}
	path := ""
	for _, m := range mails {
		if m.Kind == "still-there" {
			path = strings.TrimPrefix(m.Links[0], s.url)
		}
	}
	if path == "" {
		t.Fatalf("nobody asks: %d mails", len(mails))
	}
	stranger := s.client(t)
	stranger.Get(path).mustHave(t, 200, "It is still mine")
	stranger.Post(path, nil).mustHave(t, 200, "for another year")
	if a := stranger.Post(path, nil); a.status != 404 {
		t.Errorf("a second time: status %d", a.status)
	}
	if stranger.isSignedIn() || stranger.reads(subscriberOne) {
		t.Error("the link of the mail does something else")
	}
}

// sells has the site sell more plans than testCatalog.
func (s *testSite) sells(plans ...billing.Plan) {
	s.t.Helper()
	sold := billing.Catalog{Plans: append(slices.Clone(testCatalog.Plans), plans...)}
	var err error
	s.Till, err = billing.NewTill(context.Background(), s.db, s.Readers, s.out, []billing.Provider{s.Rehearsal}, billing.TillOptions{Catalog: sold,
		Grace: 10 * 24 * time.Hour, Origin: s.url, Name: "The Review", Language: "en", Now: s.clock.now})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestPricesOfACountryAreShownToWhoChoosesIt(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	c.Get("/subscribe").mustNotHave(t, "You live in")
	s.sells(billing.Plan{Slug: "india", Name: "By the month", Every: billing.Monthly, Countries: []string{"IN"},
		Prices: []billing.Money{{Amount: 300, Currency: "EUR"}, {Amount: 30000, Currency: "INR"}}})
	prices := func(query string, want ...string) {
		t.Helper()
		same(t, query, c.Get("/subscribe"+query).document(t).texts("section.price p.sum"), want...)
	}
	prices("", "€9 a month", "€90 a year")
	prices("?country=FR", "€9 a month", "€90 a year")
	prices("?country=IN", "€90 a year", "€3 a month")
	prices("?country=IN&currency=INR", "₹300 a month")
	c.Get("/subscribe?country=IN&article="+subscriberOne).mustHave(t, 200, `<option value="IN" selected>India</option>`,
		"The price for readers who live in India.", `<input type="hidden" name="country" value="IN">`,
		`href="/subscribe?currency=INR&amp;country=IN&amp;article=`+subscriberOne+`"`)
	form := url.Values{"plan": {"india"}, "currency": {"EUR"}, "email": {"anna@example.org"}}
	c.Post("/subscribe", form).mustHave(t, 422, "This price is for readers in certain countries")
	form.Set("country", "IN")
	checkout := c.begin(form)
	c.Get(checkout).mustHave(t, 200, "€3")
	c.follow(c.Post(checkout, url.Values{"do": {"pay"}})).mustHave(t, 200, "Everything is open to you")
}

func TestGroupsPayThePriceForEveryone(t *testing.T) {
	s := newTestSite(t, withTill)
	price := []billing.Money{{Amount: 100, Currency: "EUR"}}
	s.sells(billing.Plan{Slug: "student", Every: billing.Monthly, Prices: price, Domains: []string{"uni.example"}, Otherwise: "month"},
		billing.Plan{Slug: "india", Every: billing.Monthly, Prices: price, Countries: []string{"IN"}})
	c := s.reader(t, "anna@uni.example")
	c.Get("/groups").mustNotHave(t, `value="student"`, `value="india"`)
	for _, plan := range []string{"student", "india"} {
		c.Post("/groups", url.Values{"name": {"Class"}, "seats": {"5"}, "plan": {plan}, "currency": {"EUR"}}).mustHave(t, 422, "not sold any more")
	}
}

func TestLatePaymentIsSaidOnEveryPage(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.reader(t, "anna@example.org")
	c.buy(url.Values{"plan": {"month"}})
	who, err := s.Readers.Find(context.Background(), "anna@example.org")
	if err != nil {
		t.Fatal(err)
	}
	contract, err := s.Till.Contract(context.Background(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{"/", "/articles/" + subscriberOne, "/account", "/search"}
	says := func(when string, want bool) {
		t.Helper()
		for _, path := range pages {
			if got := strings.Contains(c.Get(path).body, `<a class="due" href="/account#subscription">`); got != want {
				t.Errorf("%s: %s says that a payment is due: %v", when, path, got)
			}
		}
	}
	says("paid", false)
	c.Post("/test-checkout/"+contract.Ref, url.Values{"do": {"card-fails"}})
	c.Post("/test-checkout/"+contract.Ref, url.Values{"do": {"renew"}})
	says("late", true)
	if !c.reads(subscriberOne) {
		t.Error("there is no grace")
	}
	c.Get("/account").mustHave(t, 200, "Change the card")
	c.Get("/account/subscription/cancel").mustHave(t, 200, "it ends at once")
	c.Post("/test-checkout/"+contract.Ref, url.Values{"do": {"card-good"}})
	says("recovered", false)
}
