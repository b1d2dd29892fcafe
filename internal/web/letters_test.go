package web

import (
	"context"
	"log/slog"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/readers"
)

// letters wires the newsletters of a test site as the app does.
func (s *testSite) letters(ctx context.Context, c config.Config, gate *access.Gate, plans *billing.Billing, people *readers.Readers,
	followed *follows.Follows, log *slog.Logger) *newsletters.Newsletters {
	s.t.Helper()
	runs, err := mailing.New(ctx, s.db, mailing.Options{Domain: "review.example", Now: s.clock.now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := newsletters.New(ctx, s.db, newsletters.Deps{Publication: newsletters.Publication{Name: c.Publication.Name, Origin: c.Publication.URL,
		From: c.Sender(), Zone: c.Location()}, Library: s.lib, Gate: gate, Plans: plans, Readers: people, Follows: followed,
		Ads: ads.New(nil), Outbox: s.out, Mailings: runs, Now: s.clock.now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	people.Attach([]readers.Exporter{l}, []readers.Eraser{l})
	return l
}
