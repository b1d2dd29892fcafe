package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/demo"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
)

// linkLife is how long the sign-in link of the demonstration works.
const linkLife = 10 * time.Minute

func (p Process) demo() *cobra.Command {
	var s source
	var listen string
	var articles int
	c := &cobra.Command{
		Use:   "demo",
		Short: "Fill a demonstration journal and serve it",
		Long: `Fill a demonstration journal and serve it, with everything embedded: an SQLite
database in DIR (or the PostgreSQL of GATEFOLD_DATABASE_URL), and an outbox that
shows the mails it would send. Run again, it keeps what is there.

It is for trying Gatefold out on one machine. On a loopback address its cookies
work over plain HTTP; on any other they need HTTPS in front, or "localhost".`,
		Args: takes(),
		RunE: func(c *cobra.Command, _ []string) error {
			if articles < 0 {
				return misuse(c, "--articles: expected a number from 0 on, got %d", articles)
			}
			cfg, err := s.loadOver(c, p.Env, demonstration(s.dir, listen))
			if err != nil {
				return err
			}
			o := p.options()
			o.Demo = true
			a, err := app.New(c.Context(), cfg, o)
			if err != nil {
				return err
			}
			return closing(a, p.runDemo(c.Context(), a, articles))
		},
	}
	c.Flags().StringVar(&s.dir, "dir", "./demo-data", "`DIR` of its data, made when missing")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "`ADDR` to listen on; port 0 is any free one")
	c.Flags().IntVar(&articles, "articles", 0, "have `N` generated articles beside the written ones, for load")
	c.Flags().StringArrayVar(&s.set, "set", nil, "set `KEY=VALUE` over the demonstration's settings and the environment")
	s.themeFlag(c)
	return c
}

func (p Process) runDemo(ctx context.Context, a *app.App, articles int) error {
	fmt.Fprintf(p.Stderr, "Filling the demonstration journal in %s …\n", where(a.Config))
	m := newMeter(p.Stderr)
	d := demo.Deps{Library: a.Library, Media: a.Media, Ads: a.Ads,
		Welcome: func(ctx context.Context, g demo.Guest) error { return welcome(ctx, a.Services, g) }}
	filled, err := demo.Fill(ctx, d, demo.Options{Now: time.Now().In(a.Config.Location()), Articles: articles,
		Progress: func(done, total int) {
			m.show(fmt.Sprintf("%s %s of %s generated articles", bar(int64(done), int64(total)), grouped(done), grouped(total)))
		}})
	m.clear()
	if errors.Is(err, context.Canceled) {
		return withHint(errInterrupted, "What was filled stays; the same command again completes it.")
	}
	if err != nil {
		return err
	}
	if err := sendLetters(ctx, a.Services); err != nil {
		return fmt.Errorf("newsletters of the demonstration: %w", err)
	}
	if err := p.printLinks(ctx, a, filled, articles); err != nil {
		return err
	}
	return a.Run(ctx)
}

// welcome makes a guest of the demonstration a reader with a confirmed address, and what they should have.
func welcome(ctx context.Context, j *app.Services, g demo.Guest) error {
	r, err := j.Readers.Add(ctx, g.Address)
	if err != nil {
		return err
	}
	if r.Confirmed.IsZero() {
		if err := confirm(ctx, j.Readers, r.ID); err != nil {
			return err
		}
		if err := j.Readers.Rename(ctx, r.ID, g.Name); err != nil {
			return err
		}
	}
	e, err := j.Plans.Active(ctx, r.ID, time.Now())
	if err != nil || !g.AllAccess || e.Grant != access.None {
		return err
	}
	return j.Plans.Grant(ctx, r.ID, billing.AllAccess, time.Now().AddDate(1, 0, 0), "demonstration")
}

// confirm confirms an address as its owner would, by opening a link; the session this opens is closed again.
func confirm(ctx context.Context, people *readers.Readers, reader int64) error {
	link, err := people.SignInLink(ctx, reader, "/", time.Minute)
	if err != nil {
		return err
	}
	u, err := url.Parse(link)
	if err != nil {
		return err
	}
	e, err := people.UseLink(ctx, u.Query().Get("token"), readers.Device{})
	if err != nil {
		return err
	}
	return people.SignOut(ctx, e.Session)
}

// demoDomain is the domain of an address of the demonstration.
func demoDomain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// printLinks tells where to look.
func (p Process) printLinks(ctx context.Context, a *app.App, filled demo.Summary, generated int) error {
	guests := demo.Guests()
	subscriber, err := a.Readers.Find(ctx, guests[0].Address)
	if err != nil {
		return err
	}
	walled := "/articles/" + filled.Samples[access.Metered]
	link, err := a.Readers.SignInLink(ctx, subscriber.ID, walled, linkLife)
	if err != nil {
		return err
	}
	editor, err := a.Staff.Link(ctx, "editor@"+demoDomain(guests[0].Address), staff.Editor, operator)
	if err != nil {
		return err
	}
	owner, err := a.Staff.Link(ctx, "owner@"+demoDomain(guests[0].Address), staff.Owner, operator)
	if err != nil {
		return err
	}
	base := a.Config.Publication.URL
	holds := fmt.Sprintf("%d articles, %d pictures", filled.Created+filled.Kept, filled.Pictures)
	if generated > 0 {
		holds += fmt.Sprintf(", and %s generated articles", grouped(generated))
	}
	fmt.Fprintf(p.Stdout, `
%s is open: %s.

  Front page                  %s/
  An article behind the wall  %s%s
  The newsletters             %s/newsletters
  The mails it would send     %s/dev/outbox
  Sign in as a subscriber     %s
                              (once, within 10 minutes)
  The newsroom, as an editor  %s
  and as its owner            %s
                              (once each)

  Readers   %s has All-Access, %s has free articles to choose.
            Sign in with any address: the mail is in the outbox.
  Data      %s; run again, it keeps what is there
  Stop      Ctrl-C

`, a.Config.Publication.Name, holds,
		base, base, walled, base, base, link, editor, owner, guests[0].Address, guests[1].Address, where(a.Config))
	return nil
}
