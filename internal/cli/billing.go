package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/billing"
)

// billing is the command "billing".
func (p Process) billing() *cobra.Command {
	return group("billing", "See what is sold, and put right what a provider knows better",
		p.reportBilling(), p.reconcile(), p.showPayments(), p.endContract())
}

// plan is the command "plan".
func (p Process) plan() *cobra.Command {
	return group("plan", "See the plans and codes that the settings sell", p.listPlans())
}

var errNoTill = errors.New("nothing is sold here: till.provider is not set")

func (p Process) listPlans() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "list",
		Short: "List plans, their prices and the codes that lower them",
		Long: `List plans, their prices and the codes that lower them.

They are set in the settings, under till.plans and till.coupons. A plan that
somebody has keeps its price: give a new price a slug of its own, and mark the
old plan closed.`,
		Args: takes(),
	}, func(_ context.Context, j *app.Services, _ []string) error {
		c, err := j.Catalog()
		if err != nil {
			return err
		}
		for _, plan := range c.Plans {
			line := fmt.Sprintf("%s\t%s\tevery %s", plan.Slug, plan.Name, plan.Every)
			for _, m := range plan.Prices {
				line += "\t" + m.Format("en")
			}
			if plan.TrialDays > 0 {
				line += fmt.Sprintf("\t%d days free", plan.TrialDays)
			}
			for _, m := range plan.First {
				line += "\tfirst " + m.Format("en")
			}
			if plan.Closed {
				line += "\tclosed"
			}
			if len(plan.Domains) > 0 {
				line += "\tfor " + strings.Join(plan.Domains, ", ") + ", else " + plan.Otherwise
			}
			if len(plan.Countries) > 0 {
				line += "\tin " + strings.Join(plan.Countries, ", ")
			}
			if plan.MovesTo != "" {
				line += "\tmoves to " + plan.MovesTo
			}
			fmt.Fprintln(p.Stdout, line)
		}
		for _, k := range c.Coupons {
			fmt.Fprintf(p.Stdout, "code %s\t%d %% off\tof %d payments\n", k.Code, k.PercentOff, k.Periods)
		}
		return nil
	})
}

func (p Process) reportBilling() *cobra.Command {
	var from, to string
	c := &cobra.Command{
		Use:   "report",
		Short: "Count subscriptions and money between two days",
		Long: `Count subscriptions and money between two days, by plan, source and currency.

Monthly is what those who are active, and not on free days, pay in a month: a
year's price counts a twelfth. Churn is the part of those there were that lapsed.
Money is what the ledger has.`,
		Example: "  gatefold billing report --from 2027-01-01 --to 2027-01-31",
		Args:    takes(),
	}
	c.Flags().StringVar(&from, "from", "", "first `DATE` (else the first of this month)")
	c.Flags().StringVar(&to, "to", "", "last `DATE` (else today)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		zone := j.Config.Location()
		now := time.Now().In(zone)
		begin, end := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone), now
		var err error
		if from != "" {
			if begin, err = time.ParseInLocation(time.DateOnly, from, zone); err != nil {
				return misuse(c, "--from: expected a day, as 2027-01-31, got %q", from)
			}
		}
		if to != "" {
			if end, err = time.ParseInLocation(time.DateOnly, to, zone); err != nil {
				return misuse(c, "--to: expected a day, as 2027-01-31, got %q", to)
			}
			end = end.AddDate(0, 0, 1)
		}
		if end.After(now) {
			end = now
		}
		if !begin.Before(end) {
			return misuse(c, "expected a --from before the --to, and not in the future")
		}
		r, err := j.Plans.Report(ctx, begin, end)
		if err != nil {
			return err
		}
		p.writeReport(r)
		return nil
	})
}

func (p Process) writeReport(r billing.Report) {
	fmt.Fprintf(p.Stdout, "From %s to %s\n\n", r.From.Format("2006-01-02 15:04"), r.To.Format("2006-01-02 15:04"))
	if len(r.Lines) == 0 && len(r.Money) == 0 {
		fmt.Fprintln(p.Stdout, "Nothing was sold.")
		return
	}
	fmt.Fprintf(p.Stdout, "%-14s %-8s %7s %5s %7s %7s %6s %12s %7s\n", "plan", "source", "before", "new", "lapsed", "active", "trials", "monthly", "churn")
	for _, l := range r.Lines {
		fmt.Fprintf(p.Stdout, "%-14s %-8s %7d %5d %7d %7d %6d %12s %6.1f%%\n", l.Plan, l.Source, l.Before, l.New, l.Lapsed, l.Active, l.Trials,
			l.Monthly.Format("en"), 100*l.Churn())
	}
	fmt.Fprintln(p.Stdout)
	for _, m := range r.Money {
		fmt.Fprintf(p.Stdout, "%s: %d charges of %s, %d returned of %s, net %s\n", m.Charged.Currency, m.Charges, m.Charged.Format("en"),
			m.Refunds, m.Refunded.Negate().Format("en"), m.Net().Format("en"))
	}
}

func (p Process) reconcile() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "reconcile",
		Short: "Ask the provider of payments about every subscription",
		Long: `Ask the provider of payments about every subscription, and record the answers.

A running server does it by itself, each subscription once a day: this is for the
day after a long outage, when nobody wants to wait for that.`,
		Args: takes(),
	}, func(ctx context.Context, j *app.Services, _ []string) error {
		if j.Till == nil {
			return errNoTill
		}
		n, err := j.Till.Reconcile(ctx)
		if err != nil {
			return fmt.Errorf("after %d: %w", n, err)
		}
		_, err = fmt.Fprintf(p.Stdout, "The provider was asked about %s subscriptions.\n", grouped(n))
		return err
	})
}

func (p Process) showPayments() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "show EMAIL",
		Short: "Show what a reader pays for, and every payment",
		Args:  takes("EMAIL"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := j.Readers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		list, err := j.Plans.Contracts(ctx, r.ID)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			_, err := fmt.Fprintln(p.Stdout, "This reader has paid for nothing here.")
			return err
		}
		zone := j.Config.Location()
		for _, c := range list {
			fmt.Fprintf(p.Stdout, "%s %s\t%s, %s a %s\tpaid until %s\n", c.Source, c.Ref, c.Status(time.Now()), c.Record.Price.Format("en"),
				c.Record.Every, c.Record.PaidUntil.In(zone).Format(time.DateOnly))
			lines, err := j.Plans.Ledger(ctx, c.ID)
			if err != nil {
				return err
			}
			for _, l := range lines {
				fmt.Fprintf(p.Stdout, "  %s\t%s\t%s\t%s\n", l.At.In(zone).Format("2006-01-02 15:04"), l.Kind, l.Amount.Format("en"), l.Ref)
			}
		}
		return nil
	})
}

func (p Process) endContract() *cobra.Command {
	var refund bool
	c := &cobra.Command{
		Use:   "end EMAIL",
		Short: "End a reader's paid subscription at once, at the provider too",
		Long: `End a reader's paid subscription at once, at the provider too. Nothing more is
charged. With --refund all that was paid for it goes back.

What was given by hand ends with "gatefold reader revoke".`,
		Args: takes("EMAIL"),
	}
	c.Flags().BoolVar(&refund, "refund", false, "return all that was paid for it")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if j.Till == nil {
			return errNoTill
		}
		r, err := j.Readers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := j.Till.End(ctx, r.ID, refund, operator); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, "The subscription has ended.")
		return err
	})
}
