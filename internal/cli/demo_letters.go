package cli

import (
	"context"
	"net/netip"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/demo"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/newsletters"
)

// demoLetters are the newsletters of which the demonstration sends an edition at its first start, with what an editor
// might have written.
var demoLetters = []struct{ slug, take string }{
	{"free", "Most of what reaches a front page has been decided weeks earlier, in a committee room or a clause. " +
		"This week we read the clauses. Start with the insurers: they price a war before anybody declares one."},
	{"daily-review", "A sanction is a sentence that somebody else has to carry out. The pieces below follow the ones who do: the clerk " +
		"at the port, the bank's second reader, the captain who decides not to sail.\n\nNone of them is named in the law. All of them decide what it means."},
	{"weekly-review", "The map of the week is a map of rivers. Whoever is upstream knows first, and whoever is downstream pays."},
	{"today", ""},
}

// sendLetters sends an edition of each newsletter to the demonstration's guests, once: it is then in the archive, and its
// copies in the outbox.
func sendLetters(ctx context.Context, j *app.Services) error {
	l := j.Newsletters
	for _, d := range demoLetters {
		n, err := l.BySlug(ctx, d.slug)
		if err != nil {
			return err
		}
		if had, err := l.Editions(ctx, n.ID, 1); err != nil || len(had) > 0 {
			return err
		}
		if err := haveGuests(ctx, j, n); err != nil {
			return err
		}
		if err := sendDemo(ctx, j, n, d.take); err != nil {
			return err
		}
	}
	return nil
}

// haveGuests puts the guests who may have it on the list of a newsletter.
func haveGuests(ctx context.Context, j *app.Services, n newsletters.Newsletter) error {
	for _, g := range demo.Guests() {
		r, err := j.Readers.Find(ctx, g.Address)
		if err != nil {
			return err
		}
		e, err := j.Plans.Active(ctx, r.ID, time.Now())
		if err != nil {
			return err
		}
		if n.Audience == newsletters.Subscribers && e.Grant == access.None {
			continue
		}
		if err := j.Newsletters.Subscribe(ctx, r.ID, newsletters.Choice{Newsletter: n}, "A guest of the demonstration.", netip.Prefix{}); err != nil {
			return err
		}
	}
	return nil
}

func sendDemo(ctx context.Context, j *app.Services, n newsletters.Newsletter, take string) error {
	l := j.Newsletters
	e, err := l.Compose(ctx, n)
	if fault.Is(err, fault.Conflict) {
		return nil // nothing was published in its time
	}
	if err != nil {
		return err
	}
	doc, err := newsletters.Parse(e.Source)
	if err != nil {
		return err
	}
	for i := range doc.Blocks {
		if doc.Blocks[i].Kind == newsletters.Take {
			doc.Blocks[i].Text = take
		}
	}
	if err := l.Edit(ctx, e.ID, e.Version, doc.String()); err != nil {
		return err
	}
	if err := l.Approve(ctx, e.ID); err != nil {
		return err
	}
	return l.Send(ctx, e.ID)
}
