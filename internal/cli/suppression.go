package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/bounces"
	"github.com/gatefold/gatefold/internal/fault"
)

func (p Process) suppression() *cobra.Command {
	return group("suppression", "See and change which addresses get no mail, and why",
		p.listSuppressions(), p.showSuppression(), p.addSuppression(), p.removeSuppression())
}

func (p Process) listSuppressions() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "list",
		Short: "List addresses without mail: since when, scope, reason, address, parted by tabs",
		Long: `List the addresses that get no mail, the newest first: since when, whether all mail
or letters only, the reason, the address. The address of a reader who was deleted
is not known any more, only that its mailbox is on the list.`,
		Args: takes(),
	}, func(ctx context.Context, j *app.Services, _ []string) error {
		listed := 0
		for last := (bounces.Suppression{}); ; {
			page, err := j.Bounces.List(ctx, last, listPage)
			if err != nil {
				return err
			}
			for _, s := range page {
				listed++
				if _, err := fmt.Fprintf(p.Stdout, "%s\t%s\t%s\t%s\n", s.At.In(j.Config.Location()).Format(time.DateOnly), s.Scope, s.Reason, s.Address); err != nil {
					return err
				}
			}
			if len(page) < listPage {
				break
			}
			last = page[len(page)-1]
		}
		if listed == 0 {
			fmt.Fprintln(p.Stderr, "Every address gets its mail in "+where(j.Config)+".")
		}
		return nil
	})
}

func (p Process) showSuppression() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "show EMAIL",
		Short: "Show why an address gets no mail, and what came back from it",
		Args:  takes("EMAIL"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		s, err := j.Bounces.Find(ctx, args[0])
		switch {
		case fault.Is(err, fault.NotFound):
			fmt.Fprintln(p.Stdout, "Gets its mail.")
		case err != nil:
			return err
		default:
			fmt.Fprintf(p.Stdout, "Gets no mail (%s) since %s: %s, told by %s.\n", s.Scope, moment(s.At, j.Config.Location()), s.Reason, s.Source)
			if s.Evidence != "" {
				fmt.Fprintf(p.Stdout, "The server said: %q\n", s.Evidence)
			}
		}
		history, err := j.Bounces.History(ctx, args[0], 50)
		if err != nil {
			return err
		}
		for _, b := range history {
			if _, err := fmt.Fprintf(p.Stdout, "%s\t%s\t%s\t%s\t%q\n", moment(b.At, j.Config.Location()), b.Kind, b.Status, b.Source, b.Said); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p Process) addSuppression() *cobra.Command {
	var reason string
	var all bool
	c := &cobra.Command{
		Use:   "add EMAIL --reason TEXT",
		Short: "Send an address no more letters, or no mail at all",
		Args:  takes("EMAIL"),
	}
	c.Flags().StringVar(&reason, "reason", "", "why: `TEXT` for whoever looks it up later")
	c.Flags().BoolVar(&all, "all", false, "no mail at all, not even to sign in")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if reason == "" {
			return misuse(c, "expected --reason TEXT")
		}
		scope := bounces.Letters
		if all {
			scope = bounces.All
		}
		if err := j.Bounces.Suppress(ctx, args[0], scope, reason, operator); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "%s gets no more mail (%s).\n", args[0], scope)
		return err
	})
}

func (p Process) removeSuppression() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "remove EMAIL",
		Short: "Let an address have its mail again",
		Args:  takes("EMAIL"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		if err := j.Bounces.Lift(ctx, args[0], operator); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "%s gets its mail again.\n", args[0])
		return err
	})
}
