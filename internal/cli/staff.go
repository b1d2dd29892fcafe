package cli

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
)

func (p Process) staff() *cobra.Command {
	return group("staff", "Look after who works in the newsroom", p.addStaff(), p.listStaff(), p.setRole(), p.removeStaff())
}

func (p Process) addStaff() *cobra.Command {
	var role string
	c := &cobra.Command{
		Use:   "add EMAIL --role ROLE",
		Short: "Make the link by which somebody joins the newsroom",
		Long: `Make the link by which somebody joins the newsroom, as owner, editor, author,
marketing or support. It works once, within seven days. For who works there
already it sets up their sign-in anew, as after the loss of a phone; their role
stays.`,
		Args: takes("EMAIL"),
	}
	c.Flags().StringVar(&role, "role", "", "`ROLE`: owner, editor, author, marketing or support (needed)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		as, err := staff.ParseRole(role)
		if err != nil {
			return misuse(c, "--role: %s", sentence(err))
		}
		link, err := j.Staff.Link(ctx, args[0], as, operator)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s\nGive this link to its owner: it works once, within seven days.\n", link)
		return err
	})
}

func (p Process) listStaff() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List who works in the newsroom", Args: takes()}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		list, err := j.Staff.Members(ctx)
		if err != nil {
			return err
		}
		t := tabwriter.NewWriter(p.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "reader\trole\taddress\tname\tlast here\tsign-in")
		for _, m := range list {
			seen, secured := "never", "not secured"
			if !m.Seen.IsZero() {
				seen = m.Seen.Format(time.DateOnly)
			}
			if m.Secured {
				secured = "secured"
			}
			fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", m.ID, m.Role, m.Address, m.Name, seen, secured)
		}
		return t.Flush()
	})
}

func (p Process) setRole() *cobra.Command {
	c := &cobra.Command{
		Use:   "role EMAIL ROLE",
		Short: "Give a member of staff another role",
		Long:  "Give a member of staff another role. They are signed out of the newsroom and sign in anew.",
		Args:  takes("EMAIL", "ROLE"),
	}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		as, err := staff.ParseRole(args[1])
		if err != nil {
			return misuse(c, "ROLE: %s", sentence(err))
		}
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		if err := j.Staff.SetRole(ctx, r.ID, as, operator); err != nil {
			return notThere(err, r)
		}
		_, err = fmt.Fprintf(p.Stdout, "%s is %s.\n", r.Address, as)
		return err
	})
}

func (p Process) removeStaff() *cobra.Command {
	c := &cobra.Command{
		Use:   "remove EMAIL",
		Short: "End somebody's work in the newsroom",
		Long:  "End somebody's work in the newsroom: they are a reader like others again, and signed out. The last owner stays.",
		Args:  takes("EMAIL"),
	}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := findReader(ctx, j, args[0])
		if err != nil {
			return err
		}
		if err := j.Staff.Remove(ctx, r.ID, operator); err != nil {
			return notThere(err, r)
		}
		_, err = fmt.Fprintf(p.Stdout, "%s works in the newsroom no more.\n", r.Address)
		return err
	})
}

// notThere is why something could not be done to a member of staff, in one sentence.
func notThere(err error, r readers.Reader) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "%s does not work in the newsroom.", r.Address)
	}
	return sentence(err)
}
