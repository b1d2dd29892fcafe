package stripe

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/gatefold/gatefold/internal/billing"
)

// Why an event is not taken.
var (
	ErrForged    = errors.New("the signature is not good, or of another time")
	ErrMalformed = errors.New("this is no event of Stripe's")
)

// tolerance is how far the signed time may be from ours, to both sides.
const tolerance = 300 * time.Second

// ParseEvent reads what was sent to the webhook: the bytes as they came. ErrForged unless the endpoint's secret has
// signed them within five minutes of now (S-19); ErrMalformed for what is none. The zero Event, but for its Source, is one
// that says nothing to us.
func (p *Provider) ParseEvent(body []byte, header http.Header) (billing.Event, error) {
	signature := header.Get("Stripe-Signature")
	if err := webhook.ValidatePayloadIgnoringTolerance(body, signature, p.options.SigningSecret); err != nil {
		return billing.Event{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if late := p.options.Now().Sub(signedAt(signature)); late > tolerance || late < -tolerance {
		return billing.Event{}, fmt.Errorf("%w: %s from now", ErrForged, late.Round(time.Second))
	}
	return parseEvent(body)
}

// signedAt is the time in a signature, zero unless there is one alone: of two, another might be taken here than was
// signed.
func signedAt(signature string) (at time.Time) {
	for part := range strings.SplitSeq(signature, ",") {
		if t, ok := strings.CutPrefix(strings.TrimSpace(part), "t="); ok {
			n, err := strconv.ParseInt(t, 10, 64)
			if err != nil || !at.IsZero() {
				return time.Time{}
			}
			at = time.Unix(n, 0)
		}
	}
	return at
}

// An id is what Stripe calls something, also where the thing itself stands.
type id string

// UnmarshalJSON implements json.Unmarshaler.
func (i *id) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		var thing struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(b, &thing)
		*i = id(thing.ID)
		return err
	}
	return json.Unmarshal(b, (*string)(i))
}

// event is what of an event says where to look, in every version of the API.
type event struct {
	ID   string `json:"id"`
	Data struct {
		Object struct {
			ID            string            `json:"id"`
			Object        string            `json:"object"`
			Mode          string            `json:"mode"`
			Subscription  id                `json:"subscription"` // before 2025
			PaymentIntent id                `json:"payment_intent"`
			Metadata      map[string]string `json:"metadata"`
			Parent        struct {
				SubscriptionDetails struct {
					Subscription id `json:"subscription"`
				} `json:"subscription_details"`
			} `json:"parent"`
		} `json:"object"`
	} `json:"data"`
}

func parseEvent(body []byte) (billing.Event, error) {
	var e event
	if err := json.Unmarshal(body, &e); err != nil || e.ID == "" {
		return billing.Event{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	out, o := billing.Event{Source: Source, ID: e.ID}, e.Data.Object
	switch o.Object {
	case "subscription":
		out.Contract = o.ID
	case "invoice":
		out.Contract = string(o.Parent.SubscriptionDetails.Subscription)
		if out.Contract == "" {
			out.Contract = string(o.Subscription)
		}
	case "charge", "refund", "dispute":
		out.Payment = string(o.PaymentIntent)
	case "payment_intent":
		out.Payment = o.ID
	case "checkout.session":
		if o.Mode == "setup" {
			out.Contract, out.CardChanged = o.Metadata[metaFor], true
		} else {
			out.Checkout = o.ID
		}
	}
	if out.Contract == "" && out.Payment == "" && out.Checkout == "" {
		return billing.Event{Source: Source}, nil
	}
	return out, nil
}
