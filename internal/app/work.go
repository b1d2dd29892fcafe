package app

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// cleanEvery is how often what has run out is deleted.
const cleanEvery = time.Hour

// How long is kept what only serves to look back.
const (
	keepChanges = 7 * 24 * time.Hour // lines of the change log: a node that was away longer starts anew
	keepMails   = 7 * 24 * time.Hour // mails that were sent or given up
)

// workers are what runs beside the site, each until its context ends. Every node runs them all: they share their work
// through the database.
func (a *App) workers() []func(context.Context) {
	return []func(context.Context){
		a.follower.Run,
		a.sendMail,
		a.sendLetters,
		a.takeBounces,
		a.examine,
		a.sell,
		a.remind,
		a.present,
		a.clean,
		a.recut,
		a.Search.Run,
		func(ctx context.Context) { _ = a.Readers.Run(ctx) },     // its error is always nil
		func(ctx context.Context) { _ = a.Insights.Run(ctx) },    // likewise
		func(ctx context.Context) { _ = a.Newsletters.Run(ctx) }, // likewise
		func(ctx context.Context) { _ = a.site.Run(ctx) },        // likewise
	}
}

// changed keeps what this node remembers in step with the database.
func (a *App) changed(cs []storage.Change) {
	for _, c := range cs {
		a.Gate.Changed(c)
		if c.Kind == "reader" {
			a.Readers.Forget(c.Subject)
		}
	}
	a.Search.Changed(cs)
	a.site.Changed(cs)
}

// sendMail empties the outbox into the mail server. The demonstration without one leaves its mails where they can be
// looked at.
func (a *App) sendMail(ctx context.Context) {
	var s outbox.Sender = nobody{}
	switch c := a.Config; {
	case c.MailLeaves():
		p, err := newPostman(c)
		if err != nil {
			a.Log.Error("mail is not sent", "error", err)
			return
		}
		defer func() { _ = p.Close() }()
		s = p
	case a.options.Demo:
		return
	}
	_ = a.Outbox.Run(ctx, s, a.Config.Mail.Concurrency) // its error is always nil
}

// clean deletes what has run out, at once and then every hour.
func (a *App) clean(ctx context.Context) {
	tick := time.NewTicker(cleanEvery)
	defer tick.Stop()
	for {
		a.cleanOnce(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (a *App) cleanOnce(ctx context.Context) {
	now := a.now()
	for what, f := range map[string]func() error{
		"readers":    func() error { return a.Readers.Cleanup(ctx) },
		"staff":      func() error { return a.Staff.Cleanup(ctx) },
		"access":     func() error { return a.Gate.Cleanup(ctx) },
		"change log": func() error { return a.DB.ForgetChanges(ctx, now.Add(-keepChanges)) },
		"outbox":     func() error { return a.Outbox.Forget(ctx, now.Add(-keepMails)) },
		"bounces":    func() error { return a.Bounces.Cleanup(ctx) },
		"groups":     func() error { return a.Groups.Cleanup(ctx) },
	} {
		if err := f(); err != nil && ctx.Err() == nil {
			a.Log.Error("clean up", "what", what, "error", err)
		}
	}
}

// recut cuts teasers anew after wall.teaser_words was changed.
func (a *App) recut(ctx context.Context) {
	n, err := a.Library.Recut(ctx)
	if err != nil && ctx.Err() == nil {
		a.Log.Error("cut teasers anew", "error", err)
	}
	if n > 0 {
		a.Log.Info("teasers cut anew", "articles", n)
	}
}
