package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// presentForm is the form of a gift, filled in by a giver.
func presentForm(giver string) url.Values {
	return url.Values{"months": {"3"}, "currency": {"EUR"}, "signed": {"Anna"}, "note": {"Read <b>well</b>."},
		"receiver": {"friend@example.org"}, "day": {"2026-11-20"}, "email": {giver}}
}

// present gives a subscription and pays for it, and returns the page with the card.
func (c *testClient) present(form url.Values) answer {
	c.t.Helper()
	a := c.Post("/gift", form)
	if a.status != http.StatusSeeOther {
		c.t.Fatalf("status %d:\n%s", a.status, a.body)
	}
	checkout := strings.TrimPrefix(a.location(), c.site.url)
	c.Get(checkout).mustHave(c.t, 200, "€27", "nothing")
	return c.follow(c.follow(c.Post(checkout, url.Values{"do": {"pay"}})))
}

// presentCardPath is the address of the card of a gift that was paid.
func (s *canarySite) presentCardPath() string {
	s.t.Helper()
	s.client(s.t).present(presentForm("sweep@example.org"))
	list, err := s.Gifts.All(context.Background(), 1)
	if err != nil || len(list) != 1 {
		s.t.Fatalf("%d gifts, %v", len(list), err)
	}
	return "/gift/card/" + s.Gifts.CardToken(list[0].ID)
}

// codeOn is the code that stands on a card.
func codeOn(t *testing.T, card answer) string {
	t.Helper()
	return card.document(t).texts(".gift-code b")[0]
}

func TestSubscriptionIsGivenAndRedeemed(t *testing.T) {
	s := newTestSite(t, withTill)
	giver := s.client(t)
	giver.Get("/gift").mustHave(t, 200, "One month", "€9", "€27", "€54", "€90")
	card := giver.present(presentForm("anna@example.org"))
	card.mustHave(t, 200, "Three months of reading everything", "From Anna", "Read &lt;b&gt;well&lt;/b&gt;.", "We send it to friend@example.org on 20 November 2026")
	if giver.reads(subscriberOne) {
		t.Error("who gives reads")
	}
	s.clock.advance(5 * 24 * time.Hour)
	if n, err := s.Gifts.Work(context.Background()); n != 1 || err != nil {
		t.Fatalf("%d sent, %v", n, err)
	}
	mails, err := s.out.List(context.Background(), 1, "friend@example.org")
	if err != nil || len(mails) != 1 || len(mails[0].Links) == 0 {
		t.Fatalf("the mail: %+v, %v", mails, err)
	}
	path := strings.TrimPrefix(mails[0].Links[0], s.url)
	friend := s.client(t)
	friend.Get(path).mustHave(t, 200, "Three months of reading everything", "Anna gives you everything", `action="/sign-in"`, `value="/redeem?code=`)
	if a := friend.Post("/redeem", url.Values{"code": {codeOn(t, card)}}); a.status != 303 || friend.reads(subscriberOne) {
		t.Errorf("who is not signed in redeems: %d", a.status)
	}
	s.enter(friend, "friend@example.org")
	friend.Get(path).mustHave(t, 200, "Begin now")
	if friend.reads(subscriberOne) {
		t.Error("a GET redeems (S-08)")
	}
	friend.follow(friend.Post("/redeem", url.Values{"code": {strings.ToLower(codeOn(t, card))}})).
		mustHave(t, 200, "It is yours", "21 November 2026 to 21 February 2027")
	if !friend.reads(subscriberOne) {
		t.Error("who redeemed does not read")
	}
	other := s.reader(t, "other@example.org")
	other.Get(path).mustHave(t, 422, "has been redeemed already")
	other.Post("/redeem", url.Values{"code": {codeOn(t, card)}}).mustHave(t, 422, "has been redeemed already")
	s.clock.advance(time.Hour)
	s.enter(giver, "anna@example.org")
	giver.Get("/account").mustHave(t, 200, "Subscriptions you have given", "for friend@example.org", "It has been redeemed.")

	k, err := s.Till.Bought(context.Background(), "gift:1")
	if err != nil {
		t.Fatal(err)
	}
	giver.Post("/test-checkout/"+k.Ref, url.Values{"do": {"refund"}})
	s.Gate.Forget(s.readerOf("friend@example.org").ID)
	if friend.reads(subscriberOne) {
		t.Error("a gift outlives its money")
	}
	giver.Get("/account").mustHave(t, 200, "Its payment went back")
}

func TestWrongGiftsComeBackWithTheirForm(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.client(t)
	for field, text := range map[string]string{"months": "not sold any more", "signed": "who the gift is from", "receiver": "no email address", "day": "today or on a day within a year", "email": ""} {
		form := presentForm("kept@example.org")
		form.Set(field, map[string]string{"months": "40", "day": "2020-01-01", "signed": "", "receiver": "x", "email": "y"}[field])
		a := c.Post("/gift", form)
		a.mustHave(t, 422, text, `role="alert"`, "Read &lt;b&gt;well")
		if s.sent("") != 0 {
			t.Errorf("%s: something was sent", field)
		}
	}
	trap := presentForm("bot@example.org")
	trap.Set("website", "x")
	if a := c.Post("/gift", trap); a.location() != "/gift" {
		t.Errorf("a program that fills in everything goes to %q", a.location())
	}
}

// Codes cannot be guessed: they are long, and few can be tried.
func TestCodesAreNotGuessed(t *testing.T) {
	s := newTestSite(t, withTill)
	c := s.reader(t, "r@example.org")
	for range redeemsPerMinute {
		c.Get("/redeem?code="+letters(16)).mustHave(t, 422, "There is no gift with this code")
	}
	if a := c.Post("/redeem", url.Values{"code": {letters(16)}}); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("one more: status %d", a.status)
	}
	for _, path := range []string{"/gift/card/1." + letters(43), "/gift/card/x"} {
		if a := c.Get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

// Whoever buys a gift with another's address reads nothing of theirs.
func TestGiftBoughtWithAnothersAddress(t *testing.T) {
	s := newTestSite(t, withTill)
	s.subscriber(t, "owner@example.org")
	c := s.client(t)
	c.present(presentForm("owner@example.org"))
	if c.reads(subscriberOne) || c.isSignedIn() {
		t.Error("the buyer of a gift reads under the subscription of the address that was typed")
	}
}
