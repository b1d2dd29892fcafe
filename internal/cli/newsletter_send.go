package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/newsletters"
)

func (p Process) newsletterSend() *cobra.Command {
	return p.editionCommand("send EDITION", "Begin to send an approved edition now", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		if err := j.Newsletters.Send(ctx, id); err != nil {
			return err
		}
		s, err := j.Newsletters.Status(ctx, id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "Edition %d goes to %s. A running server sends it; \"gatefold newsletter status %d --follow\" shows how far it is.\n",
			id, plural(s.Total, "reader", "readers"), id)
		return err
	})
}

func (p Process) newsletterStatus() *cobra.Command {
	var follow bool
	c := p.editionCommand("status EDITION", "Tell how far the sending of an edition is", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		m := newMeter(p.Stderr)
		for {
			s, err := j.Newsletters.Status(ctx, id)
			if err != nil {
				return err
			}
			if !follow || s.Done() {
				m.clear()
				return p.printStatus(s)
			}
			m.show(fmt.Sprintf("%s %s of %s sent, %.0f a second", bar(int64(s.Total-s.Queued-s.Leased), int64(s.Total)), grouped(s.Sent), grouped(s.Total), s.Rate))
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		}
	})
	c.Flags().BoolVar(&follow, "follow", false, "go on until it is done")
	return c
}

func (p Process) printStatus(s mailing.Status) error {
	fmt.Fprintf(p.Stdout, "%s: %d of %d sent\n", s.State, s.Sent, s.Total)
	for _, line := range []struct {
		name string
		n    int
	}{{"queued", s.Queued}, {"in flight", s.Leased}, {"to be tried again", s.Deferred}, {"without an answer", s.Unknown},
		{"failed", s.Failed}, {"not sent to", s.Skipped}} {
		if line.n > 0 {
			fmt.Fprintf(p.Stdout, "  %s\t%d\n", line.name, line.n)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(s.ByReason)) {
		fmt.Fprintf(p.Stdout, "    %s\t%d\n", reason, s.ByReason[reason])
	}
	if s.Trouble != "" {
		fmt.Fprintf(p.Stdout, "  %s\n", s.Trouble)
	}
	return nil
}

func (p Process) newsletterReport() *cobra.Command {
	return p.editionCommand("report EDITION", "Tell what became of an edition", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		r, err := j.Newsletters.Report(ctx, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "%s, edition %d: %s\n", r.Newsletter.Name, r.Edition.Number, r.Edition.Subject)
		if err := p.printStatus(r.Status); err != nil {
			return err
		}
		for _, k := range []newsletters.Result{newsletters.Visited, newsletters.Joined, newsletters.Subscribed, newsletters.Left} {
			fmt.Fprintf(p.Stdout, "  %ss\t%d\n", k, r.Results[k])
		}
		for _, l := range r.Links {
			fmt.Fprintf(p.Stdout, "  %d\t(machines %d)\t%s\n", l.People, l.Machines, l.URL)
		}
		return nil
	})
}

func (p Process) newsletterPause() *cobra.Command {
	return p.editionCommand("pause EDITION", "Stop sending an edition for now", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		return p.told(j.Newsletters.Pause(ctx, id), "Edition %d is paused. Mails in flight may still arrive.\n", id)
	})
}

func (p Process) newsletterResume() *cobra.Command {
	return p.editionCommand("resume EDITION", "Go on sending an edition", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		return p.told(j.Newsletters.Resume(ctx, id), "Edition %d goes on.\n", id)
	})
}

func (p Process) newsletterResend() *cobra.Command {
	return p.editionCommand("resend EDITION", "Send an edition to those who joined since", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		n, err := j.Newsletters.Resend(ctx, id)
		return p.told(err, "Edition %d goes to %s who joined since.\n", id, plural(n, "reader", "readers"))
	})
}

// told prints a line unless there was an error.
func (p Process) told(err error, format string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(p.Stdout, format, args...)
	}
	return err
}
