package stripe_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/stripe"
)

func newProvider(t testing.TB, api string) *stripe.Provider {
	t.Helper()
	p, err := stripe.New(stripe.Options{Key: "sk_test_123", SigningSecret: secret, Origin: "https://review.example", API: api,
		Now: func() time.Time { return morning }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestThereIsNoStripeWithoutASigningSecret(t *testing.T) {
	for _, o := range []stripe.Options{{}, {Key: "sk_live_1"}, {Key: "sk_live_1", SigningSecret: "secret"}, {SigningSecret: secret}} {
		if _, err := stripe.New(o); err == nil {
			t.Errorf("%+v opens a till", o)
		}
	}
}

// S-19: the endpoint's secret over the bytes as they came, and a time within five minutes to both sides.
func TestOnlySignedEventsAreTaken(t *testing.T) {
	p := newProvider(t, "")
	body := `{"id":"evt_1","type":"customer.subscription.updated","data":{"object":{"id":"sub_1","object":"subscription"}}}`
	good := signed(body, morning, secret)
	for _, c := range []struct {
		name   string
		body   string
		header http.Header
		good   bool
	}{
		{"now", body, good, true},
		{"299 s ago", body, signed(body, morning.Add(-299*time.Second), secret), true},
		{"301 s ago", body, signed(body, morning.Add(-301*time.Second), secret), false},
		{"299 s ahead", body, signed(body, morning.Add(299*time.Second), secret), true},
		{"301 s ahead", body, signed(body, morning.Add(301*time.Second), secret), false},
		{"another secret", body, signed(body, morning, "whsec_other"), false},
		{"another body", body + " ", good, false},
		{"no signature", body, http.Header{}, false},
		{"an empty one", body, http.Header{"Stripe-Signature": {""}}, false},
		{"an old one with the time of now before it", body, twoTimes(body, morning.Add(-time.Hour), morning), false},
		{"a time alone", body, http.Header{"Stripe-Signature": {"t=1800003600"}}, false},
	} {
		e, err := p.ParseEvent([]byte(c.body), c.header)
		if c.good && (err != nil || e.Contract != "sub_1" || e.ID != "evt_1" || e.Source != stripe.Source) {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
		if !c.good && !errors.Is(err, stripe.ErrForged) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// twoTimes is a good signature of one time, with another put before it.
func twoTimes(body string, signedAt, claimed time.Time) http.Header {
	h := signed(body, signedAt, secret)
	h.Set("Stripe-Signature", fmt.Sprintf("t=%d,%s", claimed.Unix(), h.Get("Stripe-Signature")))
	return h
}

func TestEventsSayWhereToLook(t *testing.T) {
	p := newProvider(t, "")
	for object, want := range map[string]billing.Event{
		`{"id":"in_1","object":"invoice","parent":{"subscription_details":{"subscription":"sub_2"}}}`:        {Contract: "sub_2"},
		`{"id":"in_1","object":"invoice","subscription":"sub_3"}`:                                            {Contract: "sub_3"},
		`{"id":"in_1","object":"invoice","parent":{"subscription_details":{"subscription":{"id":"sub_4"}}}}`: {Contract: "sub_4"},
		`{"id":"ch_1","object":"charge","payment_intent":"pi_1"}`:                                            {Payment: "pi_1"},
		`{"id":"dp_1","object":"dispute","payment_intent":"pi_1"}`:                                           {Payment: "pi_1"},
		`{"id":"re_1","object":"refund","payment_intent":"pi_1"}`:                                            {Payment: "pi_1"},
		`{"id":"pi_1","object":"payment_intent"}`:                                                            {Payment: "pi_1"},
		`{"id":"cs_1","object":"checkout.session","mode":"subscription","subscription":"sub_1"}`:             {Checkout: "cs_1"},
		`{"id":"cs_1","object":"checkout.session","mode":"setup","metadata":{"gatefold_card_for":"sub_5"}}`:  {Contract: "sub_5", CardChanged: true},
		`{"id":"cs_1","object":"checkout.session","mode":"setup","metadata":{}}`:                             {},
		`{"id":"cus_1","object":"customer"}`:                                                                 {},
		`{"id":"in_1","object":"invoice","parent":null,"subscription":null}`:                                 {},
	} {
		body := `{"id":"evt_1","data":{"object":` + object + `}}`
		got, err := p.ParseEvent([]byte(body), signed(body, morning, secret))
		want.Source = stripe.Source
		if want.Contract != "" || want.Payment != "" || want.Checkout != "" {
			want.ID = "evt_1"
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", object, got, err)
		}
	}
	for _, body := range []string{"", "[]", "null", `{"data":{}}`, `{"id":1}`} {
		if _, err := p.ParseEvent([]byte(body), signed(body, morning, secret)); !errors.Is(err, stripe.ErrMalformed) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func FuzzEvent(f *testing.F) {
	f.Add(`{"id":"evt_1","data":{"object":{"id":"in_1","object":"invoice","parent":{"subscription_details":{"subscription":{"id":"sub_4"}}}}}}`)
	f.Add(`{"id":"evt_1","data":{"object":{"id":"cs_1","object":"checkout.session","mode":"setup","metadata":{"gatefold_card_for":"sub_5"}}}}`)
	p := newProvider(f, "")
	f.Fuzz(func(t *testing.T, body string) {
		e, err := p.ParseEvent([]byte(body), signed(body, morning, secret))
		if err == nil && e.ID != "" && e.Contract == "" && e.Checkout == "" && e.Payment == "" {
			t.Errorf("%+v says nothing, and has to be dealt with", e)
		}
	})
}
