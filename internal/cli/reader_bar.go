package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
)

func (p Process) banReader() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "ban EMAIL --reason TEXT",
		Short: "Shut a reader out",
		Long: `Shut a reader out: their sessions and their feed end, and nobody signs in with the
address. Forms answer as to everyone. Their subscription and what is kept of them
stay. The audit log keeps the reason.`,
		Args: takes("EMAIL"),
	}
	c.Flags().StringVar(&reason, "reason", "", "`TEXT` for the audit log (needed)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if reason == "" {
			return misuse(c, "expected --reason TEXT")
		}
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		if r.Banned {
			_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) is banned already; nothing was changed.\n", r.Address, r.ID)
			return err
		}
		if err := j.Readers.Ban(ctx, r.ID, operator, reason); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) is banned and signed out everywhere.\n", r.Address, r.ID)
		return err
	})
}

func (p Process) unbanReader() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "unban EMAIL",
		Short: "Let a reader back in",
		Long:  "Let a reader back in who was banned. They sign in anew; what they had is there.",
		Args:  takes("EMAIL"),
	}
	c.Flags().StringVar(&reason, "reason", "", "`TEXT` for the audit log")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		if !r.Banned {
			_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) is not banned; nothing was changed.\n", r.Address, r.ID)
			return err
		}
		if err := j.Readers.Unban(ctx, r.ID, operator, reason); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) may sign in again.\n", r.Address, r.ID)
		return err
	})
}

func (p Process) staffReader() *cobra.Command {
	var end bool
	c := &cobra.Command{
		Use:   "staff EMAIL",
		Short: "Make a reader one of the newsroom, who read everything",
		Long: `Make a reader one of the newsroom, who read everything that is published; --end takes
it back. They are signed out and sign in anew. The audit log keeps it.`,
		Args: takes("EMAIL"),
	}
	c.Flags().BoolVar(&end, "end", false, "make them a reader like others again")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		text := "%s (reader %d) is one of the newsroom and signs in anew.\n"
		if end {
			text = "%s (reader %d) is not one of the newsroom any more and signs in anew.\n"
		}
		if r.Staff != end {
			text = "%s (reader %d) is so already; nothing was changed.\n"
		} else if err := j.Readers.SetStaff(ctx, r.ID, !end, operator); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, text, r.Address, r.ID)
		return err
	})
}
