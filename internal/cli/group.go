package cli

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/groups"
)

// group is the command "group".
func (p Process) group() *cobra.Command {
	return group("group", "Give seats to groups, and look after them",
		p.listGroups(), p.addGroup(), p.setGroup(), p.showGroup(), p.inviteToGroup(), p.groupDomain())
}

func (p Process) listGroups() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "list",
		Short: "List all groups, their seats and their end",
		Args:  takes(),
	}, func(ctx context.Context, j *app.Services, _ []string) error {
		list, err := j.Groups.All(ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			_, err := fmt.Fprintln(p.Stdout, "There is no group.")
			return err
		}
		for _, g := range list {
			fmt.Fprintln(p.Stdout, groupLine(g, j.Config.Location()))
		}
		return nil
	})
}

// groupLine is a group in one line.
func groupLine(g groups.Group, zone *time.Location) string {
	how := "granted"
	if g.Bought() {
		how = "bought"
	}
	if g.Seats == 0 {
		return fmt.Sprintf("%d\t%s\tnot paid for yet", g.ID, g.Name)
	}
	return fmt.Sprintf("%d\t%s\t%d seats\t%s\tuntil the end of %s", g.ID, g.Name, g.Seats, how, g.Until.Add(-time.Microsecond).In(zone).Format(time.DateOnly))
}

func (p Process) addGroup() *cobra.Command {
	var seats int
	var until, owner, domain string
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Grant seats to a new group",
		Long: `Grant seats to a new group until the end of a day. Its owner invites members on
the page of the group, and has no seat by that.`,
		Example: "  gatefold group add 'Institute of Ports' --seats 20 --until 2027-12-31 --owner library@port.example --domain port.example",
		Args:    takes("NAME"),
	}
	c.Flags().IntVar(&seats, "seats", 0, "`N` seats")
	c.Flags().StringVar(&until, "until", "", "last `DATE` of reading")
	c.Flags().StringVar(&owner, "owner", "", "`EMAIL` of who looks after it")
	c.Flags().StringVar(&domain, "domain", "", "`DOMAIN` whose readers take a seat by themselves")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		end, err := lastDay(c, until, j.Config.Location())
		if err != nil {
			return err
		}
		if owner == "" {
			return misuse(c, "expected an --owner")
		}
		r, err := j.Readers.Add(ctx, owner)
		if err != nil {
			return err
		}
		id, err := j.Groups.Make(ctx, groups.Wish{Name: args[0], Seats: seats, Until: end, Owner: r.ID})
		if err != nil {
			return err
		}
		if domain != "" {
			if err := j.Groups.SetDomain(ctx, id, 0, domain, true); err != nil {
				return err
			}
		}
		_, err = fmt.Fprintf(p.Stdout, "Group %d has %d seats. %s looks after it at %s/account/groups/%d.\n", id, seats, r.Address, j.Config.Publication.URL, id)
		return err
	})
}

// lastDay reads a day and returns the moment after it.
func lastDay(c *cobra.Command, text string, zone *time.Location) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return day, misuse(c, "--until: expected a day, as 2027-12-31, got %q", text)
	}
	return day.AddDate(0, 0, 1), nil
}

// groupIn is the group that an argument names by its number.
func groupIn(ctx context.Context, j *app.Services, number string) (groups.Group, error) {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return groups.Group{}, fmt.Errorf("%q is no number of a group: gatefold group list shows them", number)
	}
	return j.Groups.Group(ctx, id)
}

func (p Process) setGroup() *cobra.Command {
	var seats int
	var until, owner string
	c := &cobra.Command{
		Use:   "set NUMBER",
		Short: "Change the seats, the end or the owner of a group",
		Long: `Change the seats, the end or the owner of a group. Seats and end of one that is
paid for come from its contract. An end in the past ends reading at once.`,
		Example: "  gatefold group set 3 --seats 30 --until 2028-12-31",
		Args:    takes("NUMBER"),
	}
	c.Flags().IntVar(&seats, "seats", 0, "`N` seats (else as they are)")
	c.Flags().StringVar(&until, "until", "", "last `DATE` of reading (else as it is)")
	c.Flags().StringVar(&owner, "owner", "", "`EMAIL` of who looks after it (else as it is)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		g, err := groupIn(ctx, j, args[0])
		if err != nil {
			return err
		}
		end := g.Until
		if until != "" {
			if end, err = lastDay(c, until, j.Config.Location()); err != nil {
				return err
			}
		}
		if !c.Flags().Changed("seats") {
			seats = g.Seats
		}
		if c.Flags().Changed("seats") || !end.Equal(g.Until) {
			if err := j.Groups.Set(ctx, g.ID, seats, end); err != nil {
				return err
			}
		}
		if owner != "" {
			r, err := j.Readers.Add(ctx, owner)
			if err != nil {
				return err
			}
			if err := j.Groups.HandOver(ctx, g.ID, r.ID); err != nil {
				return err
			}
		}
		if g, err = j.Groups.Group(ctx, g.ID); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, groupLine(g, j.Config.Location()))
		return err
	})
}

func (p Process) showGroup() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "show NUMBER",
		Short: "Show who has a seat of a group, and how much they are used",
		Args:  takes("NUMBER"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		g, err := groupIn(ctx, j, args[0])
		if err != nil {
			return err
		}
		seats, err := j.Groups.Seats(ctx, g.ID)
		if err != nil {
			return err
		}
		domains, err := j.Groups.Domains(ctx, g.ID)
		if err != nil {
			return err
		}
		r, err := j.Groups.Report(ctx, g)
		if err != nil {
			return err
		}
		zone := j.Config.Location()
		fmt.Fprintln(p.Stdout, groupLine(g, zone))
		for _, d := range domains {
			fmt.Fprintf(p.Stdout, "open to %s\n", d)
		}
		for _, x := range seats {
			state := "since"
			if x.Reader == 0 {
				state = "invited on"
			}
			fmt.Fprintf(p.Stdout, "  %d\t%s\t%s %s\n", x.Slot, x.Address, state, x.Since.In(zone).Format(time.DateOnly))
		}
		fmt.Fprintf(p.Stdout, "%d members, %d invited, %d joined in thirty days", r.Members, r.Waiting, r.Joined)
		if r.Visited >= 0 {
			fmt.Fprintf(p.Stdout, ", %d were here in thirty days", r.Visited)
		}
		_, err = fmt.Fprintln(p.Stdout)
		return err
	})
}

func (p Process) inviteToGroup() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "invite NUMBER EMAIL",
		Short: "Keep a seat for an address, and write to it",
		Args:  takes("NUMBER", "EMAIL"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		g, err := groupIn(ctx, j, args[0])
		if err != nil {
			return err
		}
		if err := j.Groups.Invite(ctx, g.ID, 0, args[1]); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, "A seat is kept, and the invitation is on its way.")
		return err
	})
}

func (p Process) groupDomain() *cobra.Command {
	var shut bool
	c := &cobra.Command{
		Use:   "domain NUMBER DOMAIN",
		Short: "Let readers with an address of a domain take a seat",
		Args:  takes("NUMBER", "DOMAIN"),
	}
	c.Flags().BoolVar(&shut, "close", false, "close the group to the domain; who has a seat keeps it")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		g, err := groupIn(ctx, j, args[0])
		if err != nil {
			return err
		}
		if err := j.Groups.SetDomain(ctx, g.ID, 0, args[1], !shut); err != nil {
			return err
		}
		said := "Whoever has an address at %s can take a free seat of %s.\n"
		if shut {
			said = "An address at %s opens no seat of %s any more. Who has one keeps it.\n"
		}
		_, err = fmt.Fprintf(p.Stdout, said, args[1], g.Name)
		return err
	})
}
