package app

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
)

// stripeStub answers as Stripe does about one checkout and the subscription that it leads to.
type stripeStub struct {
	*httptest.Server
	paid, ended atomic.Bool
	success     atomic.Value // the address to come back to
	order       atomic.Value // the form of the last checkout
}

type object = map[string]any

func newStripeStub(t *testing.T) *stripeStub {
	s := &stripeStub{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(s.answer(r))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stripeStub) answer(r *http.Request) object {
	list := func(all ...any) object { return object{"object": "list", "data": all, "has_more": false} }
	start := time.Now().Add(-time.Minute).Unix()
	end := start + 30*86400
	price := object{"id": "price_1", "currency": "eur", "unit_amount": 900, "recurring": object{"interval": "month"}, "metadata": object{"gatefold_plan": "month"}}
	switch path := strings.TrimPrefix(r.URL.Path, "/v1/"); {
	case path == "prices":
		return list(price)
	case path == "checkout/sessions":
		s.success.Store(r.FormValue("success_url"))
		s.order.Store(r.PostForm)
		return object{"id": "cs_1", "url": "https://checkout.stripe.com/c/pay/cs_1"}
	case path == "checkout/sessions/cs_1" && s.paid.Load() && s.order.Load().(url.Values).Get("mode") == "payment":
		return object{"id": "cs_1", "status": "complete", "payment_status": "paid", "payment_intent": "pi_1"}
	case path == "payment_intents/pi_1":
		order := s.order.Load().(url.Values)
		return object{"id": "pi_1", "status": "succeeded", "created": start, "amount": 2700, "amount_received": 2700, "currency": "eur",
			"metadata":      object{"gatefold_plan": order.Get("payment_intent_data[metadata][gatefold_plan]")},
			"latest_charge": object{"id": "ch_1", "created": start, "amount": 2700, "currency": "eur"}}
	case path == "checkout/sessions/cs_1" && s.paid.Load():
		return object{"id": "cs_1", "status": "complete", "payment_status": "paid", "subscription": "sub_1"}
	case path == "checkout/sessions/cs_1":
		return object{"id": "cs_1", "status": "open", "payment_status": "unpaid"}
	case path == "subscriptions/sub_1":
		sub := object{"id": "sub_1", "status": "active", "created": start, "customer": object{"id": "cus_1"},
			"items": object{"data": []any{object{"id": "si_1", "price": price, "quantity": 1, "current_period_end": end}}}}
		if s.ended.Load() {
			sub["status"], sub["ended_at"] = "canceled", start+1
		}
		return sub
	case path == "invoices":
		return list(object{"id": "in_1", "status": "paid", "created": start, "hosted_invoice_url": "https://invoice.stripe.com/i/in_1",
			"lines": object{"data": []any{object{"amount": 900, "period": object{"start": start, "end": end}}}},
			"payments": object{"data": []any{object{"status": "paid", "amount_paid": 900, "currency": "eur",
				"payment": object{"type": "payment_intent", "payment_intent": "pi_1"}}}}})
	}
	return list()
}

func withStripe(c *config.Config) {
	c.Till.Provider, c.Till.StripeKey, c.Till.StripeSigningSecret = "stripe", "sk_test_1", "whsec_1"
}

// buyer is a browser that is not led away from the site.
func buyer(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Host, "stripe.com") {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

func textOf(t *testing.T, a *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// From the prices to reading and to the end, with what stands for Stripe: W-34 and S-19 as a buyer and a forger meet them.
func TestStripe(t *testing.T) {
	onBoth(t, func(t *testing.T, c config.Config) {
		withStripe(&c)
		stub := newStripeStub(t)
		n := start(t, c, func(_ *App, o *Options) { o.stripeAPI = stub.URL })
		browser := buyer(t)
		a, err := browser.Get(n.url + "/subscribe")
		if body := textOf(t, a, err); !strings.Contains(body, "€9") {
			t.Fatalf("no price: %s", body)
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' https://checkout.stripe.com https://billing.stripe.com;") {
			t.Errorf("forms may not lead to Stripe: %s", csp)
		}
		a, err = browser.PostForm(n.url+"/subscribe", url.Values{"plan": {"month"}, "currency": {"EUR"}, "email": {"a@example.org"}})
		textOf(t, a, err)
		if got := a.Header.Get("Location"); a.StatusCode != http.StatusSeeOther || got != "https://checkout.stripe.com/c/pay/cs_1" {
			t.Fatalf("%d to %q", a.StatusCode, got)
		}
		back := stub.success.Load().(string)
		a, err = browser.Get(back)
		if body := textOf(t, a, err); !strings.Contains(body, "not confirmed yet") {
			t.Errorf("W-34: the address alone is believed: %s", body)
		}
		if _, err := n.Readers.Find(t.Context(), "a@example.org"); err == nil {
			t.Error("W-34: who did not pay is a reader")
		}
		stub.paid.Store(true)
		a, err = browser.Get(back)
		if body := textOf(t, a, err); !strings.Contains(body, "Everything is open to you") {
			t.Errorf("after paying: %s", body)
		}
		who, err := n.Readers.Find(t.Context(), "a@example.org")
		if err != nil {
			t.Fatal(err)
		}
		stub.ended.Store(true)
		event := `{"id":"evt_1","data":{"object":{"id":"sub_1","object":"subscription"}}}`
		for _, forged := range []http.Header{{}, signature(event, "whsec_other", time.Now()), signature(event, "whsec_1", time.Now().Add(-10*time.Minute)),
			signature(event, "whsec_1", time.Now().Add(10*time.Minute))} {
			if got := n.hook(t, event, forged); got != http.StatusUnauthorized {
				t.Errorf("a forged event is answered with %d", got)
			}
		}
		if got := n.hook(t, event+strings.Repeat(" ", 1<<20), signature(event, "whsec_1", time.Now())); got != http.StatusRequestEntityTooLarge {
			t.Errorf("too much is answered with %d", got)
		}
		if s, err := n.Till.Contract(t.Context(), who.ID); err != nil || s.Status(time.Now()) != billing.Active {
			t.Errorf("after forged events: %v, %v", s.Status(time.Now()), err)
		}
		for range 2 {
			if got := n.hook(t, event, signature(event, "whsec_1", time.Now())); got != http.StatusNoContent {
				t.Errorf("an event is answered with %d", got)
			}
		}
		if s, err := n.Till.Contract(t.Context(), who.ID); err != nil || s.Status(time.Now()) != billing.Ended {
			t.Errorf("after the event: %v, %v", s.Status(time.Now()), err)
		}
	})
}

// A gift is one payment at Stripe, and its card is there when Stripe says that it is paid.
func TestStripeSellsGifts(t *testing.T) {
	onBoth(t, func(t *testing.T, c config.Config) {
		withStripe(&c)
		stub := newStripeStub(t)
		n := start(t, c, func(_ *App, o *Options) { o.stripeAPI = stub.URL })
		browser := buyer(t)
		a, err := browser.PostForm(n.url+"/gift", url.Values{"months": {"3"}, "currency": {"EUR"}, "signed": {"Anna"}, "email": {"a@example.org"}})
		if body := textOf(t, a, err); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "https://checkout.stripe.com/c/pay/cs_1" {
			t.Fatalf("%d: %s", a.StatusCode, body)
		}
		if order := stub.order.Load().(url.Values); order.Get("mode") != "payment" || order.Get("line_items[0][price_data][unit_amount]") != "2700" {
			t.Errorf("asked for %v", order)
		}
		stub.paid.Store(true)
		a, err = browser.Get(stub.success.Load().(string))
		if body := textOf(t, a, err); !strings.Contains(body, "From Anna") {
			t.Errorf("after paying: %s", body)
		}
		if list, err := n.Gifts.All(t.Context(), 10); err != nil || len(list) != 1 {
			t.Errorf("gifts: %+v, %v", list, err)
		}
	})
}

func signature(body, secret string, at time.Time) http.Header {
	mac := webhook.ComputeSignature(at, []byte(body), secret)
	return http.Header{"Stripe-Signature": {fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac))}}
}

// hook posts to Stripe's webhook and returns the status of the answer.
func (n *node) hook(t *testing.T, body string, header http.Header) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url+"/webhooks/stripe", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header.Clone()
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = a.Body.Close()
	return a.StatusCode
}

func TestStripeIsNotOpenedHalf(t *testing.T) {
	for name, change := range map[string]func(c *config.Config){
		"no key":            func(c *config.Config) { c.Till.StripeKey = "" },
		"no signing secret": func(c *config.Config) { c.Till.StripeSigningSecret = "" },
		"a price it cannot charge": func(c *config.Config) {
			c.Till.Plans = []config.Plan{{Slug: "month", Name: "Month", Every: "month", Prices: []string{"EUR 9", "KWD 1.005"}}}
		},
	} {
		c := testConfig(t.TempDir(), "")
		withStripe(&c)
		change(&c)
		if a, err := New(t.Context(), c, Options{Log: io.Discard}); err == nil {
			t.Errorf("%s: it starts", name)
			_ = a.Close()
		}
	}
}
