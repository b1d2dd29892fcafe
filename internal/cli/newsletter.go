package cli

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/newsletters"
)

// newsletter is the command "newsletter".
func (p Process) newsletter() *cobra.Command {
	return group("newsletter", "Write newsletters, send them and see what became of them",
		p.newsletterList(), p.newsletterSet(), p.newsletterDraft(), p.newsletterShow(), p.newsletterEdit(), p.newsletterPreview(),
		p.newsletterTest(), p.newsletterApprove(), p.newsletterDiscard(), p.newsletterSend(), p.newsletterStatus(), p.newsletterReport(),
		p.newsletterPause(), p.newsletterResume(), p.newsletterResend(), p.newsletterSubscribe(), p.newsletterUnsubscribe(),
		p.newsletterLink(), p.newsletterEvent(), p.newsletterStar())
}

// editionCommand is a command on one edition.
func (p Process) editionCommand(use, short string, f func(ctx context.Context, j *app.Services, id int64, args []string) error) *cobra.Command {
	names := strings.Fields(use)[1:]
	c := &cobra.Command{Use: use, Short: short, Args: takes(names...)}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || id < 1 {
			return misuse(c, "expected the number of an edition, got %q", args[0])
		}
		return f(ctx, j, id, args[1:])
	})
}

func (p Process) newsletterList() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the newsletters and their newest editions", Args: takes()}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		all, err := j.Newsletters.All(ctx)
		if err != nil {
			return err
		}
		for _, n := range all {
			readers, err := j.Readers.AgreedCount(ctx, n.Consent())
			if err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "%s: %s, %s, %s, %s\n", n.Slug, n.Name, n.Audience, n.Schedule, plural(readers, "reader", "readers"))
			list, err := j.Newsletters.Editions(ctx, n.ID, 5)
			if err != nil {
				return err
			}
			for _, e := range list {
				fmt.Fprintf(p.Stdout, "  edition %d\t%s\t%s\t%s\n", e.ID, e.State, dueWords(e, j.Config.Location()), e.Subject)
			}
		}
		return nil
	})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// dueWords says when an edition went or goes out.
func dueWords(e newsletters.Edition, zone *time.Location) string {
	switch {
	case !e.Started.IsZero():
		return e.Started.In(zone).Format("2006-01-02 15:04")
	case !e.Due.IsZero():
		return "due " + e.Due.In(zone).Format("2006-01-02 15:04")
	}
	return "by hand"
}

func (p Process) newsletterSet() *cobra.Command {
	c := &cobra.Command{
		Use: "set NEWSLETTER SETTING=VALUE…", Short: "Change settings of a newsletter, or make one", Args: takes("NEWSLETTER"),
		Long: `Change settings of a newsletter. One of a new name is made, with the settings
of the free newsletter. Without settings, those there are are printed.`,
		Example: "  gatefold newsletter set daily-review \"schedule=weekdays 06:30\" unattended=on\n" +
			"  gatefold newsletter set energy name=Energy \"rule=follows topic:energy\" \"schedule=friday 08:00\"",
	}
	c.Args = takes("NEWSLETTER", "SETTING=VALUE…")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		n, err := j.Newsletters.BySlug(ctx, args[0])
		if fault.Is(err, fault.NotFound) {
			if n, err = j.Newsletters.BySlug(ctx, "free"); err == nil {
				n.Slug, n.Name, n.Description = args[0], args[0], ""
			}
		}
		if err != nil {
			return err
		}
		for _, s := range args[1:] {
			name, value, ok := strings.Cut(s, "=")
			if !ok {
				return misuse(c, "expected SETTING=VALUE, got %q", s)
			}
			if err := n.Set(name, value); err != nil {
				return err
			}
		}
		if err := j.Newsletters.Save(ctx, n); err != nil {
			return err
		}
		for _, name := range newsletters.Settings() {
			fmt.Fprintf(p.Stdout, "%s=%s\n", name, n.Value(name))
		}
		return nil
	})
}

func (p Process) newsletterDraft() *cobra.Command {
	c := &cobra.Command{Use: "draft NEWSLETTER", Short: "Draft an edition of what came since the last one", Args: takes("NEWSLETTER")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		n, err := j.Newsletters.BySlug(ctx, args[0])
		if err != nil {
			return err
		}
		e, err := j.Newsletters.Compose(ctx, n)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "Edition %d of %s is drafted: %s\n", e.ID, n.Name, e.Subject)
		return err
	})
}

func (p Process) newsletterShow() *cobra.Command {
	return p.editionCommand("show EDITION", "Show where an edition stands, and its text", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		e, err := j.Newsletters.Edition(ctx, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.Stdout, "Edition %d, %s, version %d, %s\n", e.ID, e.State, e.Version, dueWords(e, j.Config.Location()))
		if e.Note != "" {
			fmt.Fprintln(p.Stdout, e.Note)
		}
		_, err = fmt.Fprintf(p.Stdout, "\n%s", e.Source)
		return err
	})
}

func (p Process) newsletterEdit() *cobra.Command {
	var file string
	var version int64
	c := p.editionCommand("edit EDITION", "Print the text of a draft, or read another from a file", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		e, err := j.Newsletters.Edition(ctx, id)
		if err != nil {
			return err
		}
		if file == "" {
			_, err = fmt.Fprint(p.Stdout, e.Source)
			return err
		}
		text, err := p.readText(file)
		if err != nil {
			return err
		}
		if version == 0 {
			version = e.Version
		}
		if err := j.Newsletters.Edit(ctx, id, version, string(text)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "Edition %d is version %d now.\n", id, version+1)
		return err
	})
	c.Flags().StringVar(&file, "from", "", "`FILE` to read the text from; - is standard input")
	c.Flags().Int64Var(&version, "version", 0, "`NUMBER` of the version the text was made from; refuses if it was changed since")
	c.Example = "  gatefold newsletter edit 12 > edition.md\n  gatefold newsletter edit 12 --from edition.md --version 3"
	return c
}

func (p Process) newsletterPreview() *cobra.Command {
	var as, out, text string
	c := p.editionCommand("preview EDITION", "Write the copy of a reader into a file", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		e, err := j.Newsletters.Edition(ctx, id)
		if err != nil {
			return err
		}
		var reader int64
		if as != "" {
			who, err := findReader(ctx, j, as)
			if err != nil {
				return err
			}
			reader = who.ID
		}
		v, err := j.Newsletters.Preview(ctx, e, reader)
		if err != nil {
			return err
		}
		if text != "" {
			if err := os.WriteFile(text, []byte(v.Text), 0o600); err != nil {
				return err
			}
		}
		if err := os.WriteFile(out, []byte(v.HTML), 0o600); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s: %d bytes of HTML, subject %q.\n", out, len(v.HTML), v.Subject)
		return err
	})
	c.Flags().StringVar(&as, "as", "", "`EMAIL` of the reader whose copy it is; a subscriber's without")
	c.Flags().StringVar(&out, "out", "edition.html", "`FILE` for the HTML")
	c.Flags().StringVar(&text, "text", "", "`FILE` for the text part")
	return c
}

func (p Process) newsletterTest() *cobra.Command {
	return p.editionCommand("test EDITION EMAIL…", "Send a test to one address or several", func(ctx context.Context, j *app.Services, id int64, args []string) error {
		for _, address := range args {
			if err := j.Newsletters.Test(ctx, id, address); err != nil {
				return err
			}
			fmt.Fprintf(p.Stdout, "A test is on its way to %s.\n", address)
		}
		return nil
	})
}

func (p Process) newsletterApprove() *cobra.Command {
	return p.editionCommand("approve EDITION", "Let a draft go out at its time", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		if err := j.Newsletters.Approve(ctx, id); err != nil {
			return err
		}
		e, err := j.Newsletters.Edition(ctx, id)
		if err != nil {
			return err
		}
		when := "when you send it"
		if !e.Due.IsZero() {
			when = "at " + e.Due.In(j.Config.Location()).Format("2006-01-02 15:04 MST")
		}
		_, err = fmt.Fprintf(p.Stdout, "Edition %d is approved. It goes out %s.\n", id, when)
		return err
	})
}

func (p Process) newsletterDiscard() *cobra.Command {
	return p.editionCommand("discard EDITION", "Take an edition that was not sent out of the way", func(ctx context.Context, j *app.Services, id int64, _ []string) error {
		if err := j.Newsletters.Discard(ctx, id, "discarded by hand"); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "Edition %d is discarded.\n", id)
		return err
	})
}

func (p Process) newsletterSubscribe() *cobra.Command {
	var pace string
	var followed bool
	c := &cobra.Command{Use: "subscribe NEWSLETTER EMAIL", Short: "Put a reader who asked for it on a list", Args: takes("NEWSLETTER", "EMAIL"),
		Long: "Put a reader who asked for it on a list. Nothing is sent to them before their\naddress is confirmed, which signing in does."}
	c.Flags().StringVar(&pace, "pace", "daily", "`PACE` of articles: daily or published")
	c.Flags().BoolVar(&followed, "followed", false, "only articles on what they follow")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		n, err := j.Newsletters.BySlug(ctx, args[0])
		if err != nil {
			return err
		}
		r, err := j.Readers.Add(ctx, args[1])
		if err != nil {
			return err
		}
		err = j.Newsletters.Subscribe(ctx, r.ID, newsletters.Choice{Newsletter: n, Pace: newsletters.Pace(pace), Followed: followed},
			"Asked for by other means; noted at the command line.", netip.Prefix{})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) has %s.\n", r.Address, r.ID, n.Name)
		return err
	})
}

func (p Process) newsletterUnsubscribe() *cobra.Command {
	c := &cobra.Command{Use: "unsubscribe NEWSLETTER EMAIL", Short: "Take a reader off a list", Args: takes("NEWSLETTER", "EMAIL")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		n, err := j.Newsletters.BySlug(ctx, args[0])
		if err != nil {
			return err
		}
		r, err := findReader(ctx, j, args[1])
		if err != nil {
			return err
		}
		if err := j.Newsletters.Unsubscribe(ctx, r.ID, n); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s (reader %d) has left %s.\n", r.Address, r.ID, n.Name)
		return err
	})
}
