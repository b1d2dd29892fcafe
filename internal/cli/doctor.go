package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/doctor"
)

// prescription is what is asked of the doctor beside an examination.
type prescription struct {
	override, withdraw, reason, by string
	json                           bool
}

func (p Process) doctor() *cobra.Command {
	var o prescription
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine whether letters to many will arrive, and say what to do",
		Long: `Examine name servers, mail server, clock and bounce address, and say what to do.

Letters to all are refused while a check is wrong or could not be asked, unless
it is overridden by its name; the override stands until it is withdrawn. The exit
code is 1 while letters are refused. The server must run for the check "bounces".`,
		Example: "  gatefold doctor --override dkim --reason \"the mail service signs\" --by \"Ines Marvell\"",
		Args:    takes(),
	}
	c.Flags().StringVar(&o.override, "override", "", "let letters go out in spite of `CHECK`")
	c.Flags().StringVar(&o.withdraw, "withdraw", "", "take the override of `CHECK` back")
	c.Flags().StringVar(&o.reason, "reason", "", "why: `TEXT` that stands with the override")
	c.Flags().StringVar(&o.by, "by", operator, "who: `NAME` that stands with the override")
	c.Flags().BoolVar(&o.json, "json", false, "print JSON")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		if o.override != "" && o.reason == "" {
			return misuse(c, "expected --reason TEXT")
		}
		return p.examine(ctx, j.Doctor, o)
	})
}

var errNotReady = errors.New("letters to all are refused")

func (p Process) examine(ctx context.Context, d *doctor.Doctor, o prescription) error {
	if o.override != "" {
		if err := d.Override(ctx, o.override, o.by, o.reason); err != nil {
			return err
		}
	}
	if o.withdraw != "" {
		if err := d.Withdraw(ctx, o.withdraw, o.by); err != nil {
			return err
		}
	}
	found, err := d.Examine(ctx)
	if err != nil {
		return err
	}
	if o.json {
		e := json.NewEncoder(p.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(found)
	} else {
		err = p.tellFindings(found)
	}
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Stops() {
			return errNotReady
		}
	}
	return nil
}

func (p Process) tellFindings(found []doctor.Finding) error {
	for _, f := range found {
		text := fmt.Sprintf("%-8s %-7s %s\n", f.Name, f.State, f.Finding)
		if f.Remedy != "" {
			text += "                 " + f.Remedy + "\n"
		}
		if o := f.Override; o != nil {
			text += fmt.Sprintf("                 Overridden by %s on %s: %s\n", o.Who, o.At.Format("2006-01-02 15:04 MST"), o.Reason)
		}
		if _, err := fmt.Fprint(p.Stdout, text); err != nil {
			return err
		}
	}
	return nil
}
