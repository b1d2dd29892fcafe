package app

import (
	"fmt"

	"github.com/gatefold/gatefold/internal/api"
	"github.com/gatefold/gatefold/internal/fetch"
	"github.com/gatefold/gatefold/internal/web"
)

// webhooks are the addresses at which providers tell what became of mails and payments: those whose secrets are configured.
func (a *App) webhooks(f api.Fetcher) ([]web.Route, error) {
	c := a.Config.Bounces
	o := api.Options{SESTopics: c.SESTopics, MailgunKey: c.MailgunKey.Reveal(),
		PostmarkPassword: c.PostmarkPassword.Reveal(), SendGridKey: c.SendGridKey,
		Intake: a.Bounces, Fetch: f, Now: a.now, Log: a.Log}
	if a.stripe != nil {
		o.Stripe, o.Till = a.stripe, a.Till
	}
	hooks, err := api.New(o)
	if err != nil {
		return nil, fmt.Errorf("webhooks: %w", err)
	}
	var routes []web.Route
	for _, r := range hooks.Routes() {
		routes = append(routes, web.Route{Pattern: r.Pattern, Handle: r.Handle})
	}
	return routes, nil
}

// fetcher fetches what a webhook names: the certificates of Amazon SNS.
func (a *App) fetcher() api.Fetcher {
	if a.options.fetch != nil {
		return a.options.fetch
	}
	return fetch.New(fetch.Options{})
}
