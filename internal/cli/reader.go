package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// operator is whom the audit log names for what is done here.
const operator = "command line"

// reader is the command "reader".
func (p Process) reader() *cobra.Command {
	return group("reader", "Look readers up, give and end their subscriptions",
		p.grantReader(), p.revokeReader(), p.showReader(), p.listReaders(), p.banReader(), p.unbanReader(), p.staffReader(),
		p.deleteReader())
}

// readerCommand completes a command that works on an open journal.
func (p Process) readerCommand(c *cobra.Command, f func(ctx context.Context, j *app.Services, args []string) error) *cobra.Command {
	var s source
	s.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		cfg, err := s.load(c, p.Env)
		if err != nil {
			return err
		}
		return p.withServices(c.Context(), cfg, func(j *app.Services) error { return f(c.Context(), j, args) })
	}
	return c
}

func (p Process) grantReader() *cobra.Command {
	var plan, until, reason string
	c := &cobra.Command{
		Use:   "grant EMAIL --until DATE",
		Short: "Give a reader a subscription",
		Long: `Give a reader a complimentary subscription, or move the end of the one they have.

DATE is the last day of it, as 2027-01-31 in the publication's time zone, or its
end to the second, as 2027-01-31T18:00:00Z.

An address that is not known becomes a reader. The subscription works from the
first sign-in on, which also confirms the address: nobody reads under it who
cannot open that mailbox. A running server knows of it within seconds.`,
		Example: "  gatefold reader grant anna@example.org --plan all-access --until 2027-01-31 --reason \"press copy\"",
		Args:    takes("EMAIL"),
	}
	c.Flags().StringVar(&plan, "plan", billing.AllAccess, "`PLAN` given; there is one")
	c.Flags().StringVar(&until, "until", "", "`DATE` it ends (needed)")
	c.Flags().StringVar(&reason, "reason", "", "`TEXT` for the audit log")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if until == "" {
			return misuse(c, "expected --until DATE")
		}
		end, err := endOf(until, j.Config.Location())
		if err != nil {
			return misuse(c, "%s", err)
		}
		return p.grant(ctx, j, args[0], plan, end, reason)
	})
}

func (p Process) grant(ctx context.Context, j *app.Services, address, plan string, end time.Time, reason string) error {
	if err := j.Plans.Grantable(plan, end, reason); err != nil { // before a reader is made for it
		return err
	}
	r, err := j.Readers.Add(ctx, address)
	if err != nil {
		return err
	}
	if err := j.Plans.Grant(ctx, r.ID, plan, end, reason); err != nil {
		return err
	}
	fmt.Fprintf(p.Stdout, "%s (reader %d) has the plan %s until %s.\n", r.Address, r.ID, plan, moment(end, j.Config.Location()))
	if r.Confirmed.IsZero() {
		fmt.Fprintln(p.Stdout, "The address is not confirmed yet: signing in does that.")
	}
	return nil
}

// endOf reads a day, which is covered whole, or a moment.
func endOf(s string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, nil
	}
	return time.Time{}, fmt.Errorf("expected a date such as 2027-01-31, got %q", s)
}

// moment writes a time for people. The beginning of a day, where a day that is covered whole ends, is told as the end
// of the day before.
func moment(at time.Time, zone *time.Location) string {
	l := at.In(zone)
	if h, m, s := l.Clock(); h == 0 && m == 0 && s == 0 {
		return "the end of " + l.Add(-time.Second).Format(time.DateOnly)
	}
	return l.Format("2006-01-02 15:04 MST")
}

func (p Process) revokeReader() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "revoke EMAIL",
		Short: "End a reader's subscriptions",
		Long:  "End a reader's subscriptions now. A running server knows of it within seconds.",
		Args:  takes("EMAIL"),
	}
	c.Flags().StringVar(&reason, "reason", "", "`TEXT` for the audit log")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		n, err := j.Plans.Revoke(ctx, r.ID, reason)
		if err != nil {
			return err
		}
		text := "%s (reader %d) had no subscription; nothing was changed.\n"
		if n > 0 {
			text = "The subscription of %s (reader %d) has ended.\n"
		}
		_, err = fmt.Fprintf(p.Stdout, text, r.Address, r.ID)
		return err
	})
}

// findReader returns the reader of an address, with a hint when there is none.
func findReader(ctx context.Context, j *app.Services, address string) (readers.Reader, error) {
	r, err := j.Readers.Find(ctx, address)
	if fault.Is(err, fault.NotFound) {
		err = withHint(fmt.Errorf("no reader has the address %s", address), "The journal is in %s.", where(j.Config))
	}
	return r, err
}

func (p Process) deleteReader() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use:   "delete EMAIL",
		Short: "Delete a reader and everything kept of them",
		Long: `Delete a reader and everything kept of them: account, sessions, consents,
subscriptions, articles read. It cannot be undone. The audit log keeps that it
was done, without the address. Who sits at a terminal is asked to type the
address once more; a script is not asked.`,
		Args: takes("EMAIL"),
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		if !yes && isTerminal(p.Stdin) {
			fmt.Fprintf(p.Stdout, "Delete %s (reader %d) and everything kept of them? It cannot be undone.\nType the address to do it: ", r.Address, r.ID)
			answer, _ := bufio.NewReader(p.Stdin).ReadString('\n') // the end of the input is no answer
			if strings.TrimSpace(answer) != r.Address {
				return withHint(fmt.Errorf("%s was not deleted", r.Address), "--yes does not ask.")
			}
		}
		if err := j.Readers.Delete(ctx, r.ID, operator); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) is deleted.\n", r.Address, r.ID)
		return err
	})
}
