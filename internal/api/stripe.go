package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/stripe"
)

// Payments reads what a provider of payments tells, once it believes the signature. stripe.Provider is one.
type Payments interface {
	ParseEvent(body []byte, header http.Header) (billing.Event, error)
}

// Hints takes a hint where to look. billing.Till is one. An error means that the provider is to tell it again.
type Hints interface {
	Hint(ctx context.Context, e billing.Event) error
}

// stripe takes an event of Stripe's. What it says is not believed either: the till asks.
func (a *API) stripe(ctx context.Context, r *http.Request, body []byte) error {
	e, err := a.options.Stripe.ParseEvent(body, r.Header)
	switch {
	case errors.Is(err, stripe.ErrForged):
		return forged(err.Error())
	case err != nil:
		return malformed(err.Error())
	case e.ID == "":
		return nil // it says nothing to us
	}
	return a.options.Till.Hint(ctx, e)
}
