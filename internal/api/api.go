package api

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/fetch"
	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// Intake takes what a provider tells. bounces.Bounces is one. An error means that nothing is certain and the provider
// is to try again; the same id taken twice does nothing the second time.
type Intake interface {
	Report(ctx context.Context, source, id string, r bounce.Report) error
}

// Fetcher fetches from addresses that came in a request. fetch.Client is one.
type Fetcher interface {
	Get(ctx context.Context, address string) (fetch.Page, error)
}

// Options of New. A webhook whose secret is missing is off.
type Options struct {
	SESTopics        []string // ARNs of the topics of Amazon SNS that are listened to
	MailgunKey       string   // the webhook signing key
	PostmarkPassword string   // of basic authentication
	SendGridKey      string   // the verification key: an ECDSA public key, DER in base64

	Stripe Payments // nil: the webhook of payments is off
	Till   Hints

	Intake Intake
	Fetch  Fetcher
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means slog.Default()
}

// A Route is one address and what answers it.
type Route struct {
	Pattern string // as http.ServeMux takes it, with its method
	Handle  func(w http.ResponseWriter, r *http.Request) error
}

// API is the webhooks of one publication. It is safe for concurrent use.
type API struct {
	options  Options
	sendGrid *ecdsa.PublicKey
	certs    certificates
	tokens   tokens
}

// New returns the webhooks. It fails when a key is none.
func New(o Options) (*API, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	a := &API{options: o}
	if o.SendGridKey != "" {
		der, err := base64.StdEncoding.DecodeString(o.SendGridKey)
		if err != nil {
			return nil, errors.New("sendgrid key: not in base64")
		}
		key, err := x509.ParsePKIXPublicKey(der)
		ec, ok := key.(*ecdsa.PublicKey)
		if err != nil || !ok {
			return nil, errors.New("sendgrid key: not an ECDSA public key")
		}
		a.sendGrid = ec
	}
	return a, nil
}

// Routes are the addresses of the webhooks that are on.
func (a *API) Routes() []Route {
	var all []Route
	for _, hook := range []struct {
		on   bool
		name string
		take func(ctx context.Context, r *http.Request, body []byte) error
	}{
		{len(a.options.SESTopics) > 0, "ses", a.ses},
		{a.options.MailgunKey != "", "mailgun", a.mailgun},
		{a.options.PostmarkPassword != "", "postmark", a.postmark},
		{a.sendGrid != nil, "sendgrid", a.sendgrid},
		{a.options.Stripe != nil, "stripe", a.stripe},
	} {
		if hook.on {
			all = append(all, Route{"POST /webhooks/" + hook.name, a.handle(hook.name, hook.take)})
		}
	}
	return all
}

// bodyMost is how long a request may be, in bytes.
const bodyMost = 1 << 20

// tolerance is how far a signed time may be from ours, in both directions.
const tolerance = 5 * time.Minute

// refusal is a request that is not believed or not understood.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

func forged(why string) error    { return &refusal{http.StatusUnauthorized, why} }
func malformed(why string) error { return &refusal{http.StatusBadRequest, why} }

// handle reads a request whole, hands it over and answers.
func (a *API) handle(name string, take func(ctx context.Context, r *http.Request, body []byte) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMost))
		if err == nil {
			err = take(r.Context(), r, body)
		}
		status := a.status(name, err)
		w.Header().Set("Cache-Control", "no-store")
		if status == http.StatusNoContent {
			w.WriteHeader(status)
			return nil
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = fmt.Fprintln(w, http.StatusText(status)) // the log says more; a forger need not know it
		return nil
	}
}

// status is the answer to what came of a request.
func (a *API) status(name string, err error) int {
	var refused *refusal
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return http.StatusNoContent
	case errors.As(err, &refused):
		a.options.Log.Warn("webhook refused", "webhook", name, "why", refused.why)
		return refused.status
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return http.StatusBadRequest
	}
	a.options.Log.Error("webhook", "webhook", name, "error", err)
	return http.StatusServiceUnavailable
}

// fresh reports whether a signed time is near enough to ours.
func (a *API) fresh(at time.Time) bool {
	d := a.options.Now().Sub(at)
	return d <= tolerance && d >= -tolerance
}
