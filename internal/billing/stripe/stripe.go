// Package stripe is the provider of payments that Stripe is: Checkout, Billing, Tax, refunds and the customer portal.
//
// What Stripe knows is believed, and nothing else: Fetch makes a Record of a subscription, its invoices, and the charges,
// refunds and disputes of its customer. Events are parsed to learn where to look (ParseEvent). The version of the API is
// the one that the library names; see docs/subscriptions.md for the settings at Stripe.
package stripe

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
)

// Source is the name of the provider.
const Source = "stripe"

// Options of New.
type Options struct {
	Key            string            // secret, or restricted to what the documentation lists
	SigningSecret  string            // of the webhook endpoint
	Origin         string            // of the site: scheme, host and port
	Tax            bool              // have Stripe Tax add up what is owed
	PromotionCodes bool              // let buyers type promotion codes that Stripe knows, where no code of ours is used
	Domain         string            // of the publication's own, where Stripe shows its pages; "" for Stripe's
	Products       map[string]string // what invoices call each plan, by its slug
	API            string            // where Stripe is; "" for where it is
	Client         *http.Client
	Now            func() time.Time // nil for the system's clock
}

// Provider is Stripe. It is safe for concurrent use.
type Provider struct {
	api     *stripe.Client
	options Options

	mu     sync.Mutex
	prices map[string]string // ids by lookup key
	portal string            // id of the configuration of the customer portal, "" until it is needed
}

// answerWithin is how long Stripe has for one answer.
const answerWithin = 20 * time.Second

// New returns Stripe as it is used with a key. It fails without a key, and without a signing secret: webhooks that nobody
// signed are not taken (S-19).
func New(o Options) (*Provider, error) {
	switch {
	case o.Key == "":
		return nil, errors.New("stripe: there is no key")
	case !strings.HasPrefix(o.SigningSecret, "whsec_"):
		return nil, errors.New("stripe: there is no signing secret of a webhook endpoint, which begins with whsec_")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: answerWithin}
	}
	backend := &stripe.BackendConfig{HTTPClient: o.Client, LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
		MaxNetworkRetries: stripe.Int64(1), EnableTelemetry: stripe.Bool(false)}
	if o.API != "" {
		backend.URL = stripe.String(o.API)
	}
	api := stripe.NewClient(o.Key, stripe.WithBackends(stripe.NewBackendsWithConfig(backend)))
	return &Provider{api: api, options: o, prices: map[string]string{}}, nil
}

// Name implements billing.Provider.
func (p *Provider) Name() string { return Source }

// Pages are the origins of Stripe's pages that forms of ours lead to.
func (p *Provider) Pages() []string {
	if p.options.Domain != "" {
		return []string{"https://" + p.options.Domain}
	}
	return []string{"https://checkout.stripe.com", "https://billing.stripe.com"}
}

// Sells reports whether a price can be charged, with the reason when it cannot.
func Sells(m billing.Money) error {
	switch m.Currency {
	case "MGA":
		return fmt.Errorf("stripe counts %s in other parts than ISO 4217 does", m.Currency)
	case "BHD", "JOD", "KWD", "OMR", "TND":
		if m.Amount%10 != 0 {
			return fmt.Errorf("stripe takes no thousandths of %s: round to two decimals", m.Currency)
		}
	}
	return nil
}

// hundredths are the currencies without decimals that Stripe counts in hundredths.
var hundredths = map[string]int64{"ISK": 100, "UGX": 100}

// amount is how Stripe counts a sum.
func amount(m billing.Money) int64 { return m.Amount * max(1, hundredths[m.Currency]) }

// money is a sum that Stripe has counted.
func money(n int64, code stripe.Currency) billing.Money {
	c := strings.ToUpper(string(code))
	return billing.Money{Amount: n / max(1, hundredths[c]), Currency: c}
}

func currencyOf(m billing.Money) *string { return stripe.String(strings.ToLower(m.Currency)) }

// moment is a time as Stripe writes it, zero for none.
func moment(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

// errAway is what people read while Stripe does not answer.
const errAway = "Our payment provider does not answer at the moment. Nothing was charged; please try again in a few minutes."

// known says in our terms why Stripe refused something, nil for nil.
func known(err error) error {
	if err == nil {
		return nil
	}
	var e *stripe.Error
	if !errors.As(err, &e) {
		return fault.Wrap(fault.Unavailable, err, "%s", errAway)
	}
	switch {
	case e.Type == stripe.ErrorTypeCard || e.HTTPStatusCode == http.StatusPaymentRequired:
		return fault.Wrap(fault.Conflict, err, "Your bank has declined the payment, and nothing has changed. Another card may go through.")
	case missing(err):
		return fault.Wrap(fault.NotFound, err, "There is no such payment.")
	case e.HTTPStatusCode == http.StatusBadRequest:
		return err // we have asked for something wrong: that is ours to mend
	}
	return fault.Wrap(fault.Unavailable, err, "%s", errAway)
}

func missing(err error) bool { return code(err) == stripe.ErrorCodeResourceMissing }

func code(err error) stripe.ErrorCode {
	var e *stripe.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
