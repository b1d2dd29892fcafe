package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// campaignFlags are what a campaign is made of, as flags.
type campaignFlags struct {
	sponsor, from, until string
	house                bool
	weight, limit        int
	targets, places      []string
}

func (f *campaignFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.sponsor, "sponsor", "", "`NAME` of who pays, said beside the advertisement")
	c.Flags().BoolVar(&f.house, "house", false, "the publication's own, shown where nothing is sold")
	c.Flags().StringVar(&f.from, "from", "", "first `DATE` (else at once)")
	c.Flags().StringVar(&f.until, "until", "", "last `DATE` (else without end)")
	c.Flags().IntVar(&f.weight, "weight", 1, "`NUMBER`: twice as much is shown twice as often")
	c.Flags().IntVar(&f.limit, "cap", 0, "`TIMES` one visitor is shown it in a day (else any)")
	c.Flags().StringArrayVar(&f.targets, "target", nil, "`WORD` of where it is shown: front, section:…, topic:…, country:… or newsletter:… (else everywhere)")
	c.Flags().StringArrayVar(&f.places, "place", nil, "`NAME` of a place it runs in (else all)")
}

// into sets what was given on the command line, and leaves the rest.
func (f *campaignFlags) into(c *cobra.Command, to *ads.Campaign, zone *time.Location) error {
	given := c.Flags().Changed
	if given("sponsor") {
		to.Sponsor = f.sponsor
	}
	if given("house") {
		to.House = f.house
	}
	if given("weight") {
		to.Weight = f.weight
	}
	if given("cap") {
		to.Cap = f.limit
	}
	if given("target") {
		to.Targets = strings.Fields(strings.Join(f.targets, " "))
	}
	if given("place") {
		to.Places = strings.Fields(strings.Join(f.places, " "))
	}
	if f.from != "" {
		end, err := endOf(f.from, zone)
		if err != nil {
			return misuse(c, "--from: %s", err)
		}
		if to.Starts = end; len(f.from) == len(time.DateOnly) {
			to.Starts = end.AddDate(0, 0, -1) // a day begins where the one before it ends
		}
	}
	if given("until") {
		if to.Ends = (time.Time{}); f.until == "" {
			return nil
		}
		end, err := endOf(f.until, zone)
		if err != nil {
			return misuse(c, "--until: %s", err)
		}
		to.Ends = end
	}
	return nil
}

func (p Process) addCampaign() *cobra.Command {
	var f campaignFlags
	c := &cobra.Command{
		Use:   "add NAME --sponsor SPONSOR",
		Short: "Make a campaign",
		Long: `Make a campaign. It runs from its first day on, as soon as it has a creative.

A visitor's browser keeps how often it was shown a campaign with a cap today;
we do not. Where scripts are off, and in letters, a campaign with a cap does not
run: nothing could hold it.`,
		Example: "  gatefold ads campaign add harbour-autumn --sponsor \"Harbour Bank\" --from 2026-11-01 --until 2026-11-30 --target topic:energy --cap 3",
		Args:    takes("NAME"),
	}
	f.add(c)
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		to := ads.Campaign{Slug: args[0], Weight: 1, Starts: time.Now()}
		if err := f.into(c, &to, j.Config.Location()); err != nil {
			return err
		}
		return p.saveCampaign(ctx, j, to)
	})
}

func (p Process) setCampaign() *cobra.Command {
	var f campaignFlags
	c := &cobra.Command{
		Use:     "set NAME",
		Short:   "Change a campaign: what is given, and nothing else",
		Example: "  gatefold ads campaign set harbour-autumn --until 2026-12-15 --weight 2",
		Args:    takes("NAME"),
	}
	f.add(c)
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		to, err := j.Ads.Campaign(ctx, args[0])
		if err != nil {
			return err
		}
		if err := f.into(c, &to, j.Config.Location()); err != nil {
			return err
		}
		return p.saveCampaign(ctx, j, to)
	})
}

func (p Process) saveCampaign(ctx context.Context, j *app.Services, c ads.Campaign) error {
	if err := knownTargets(ctx, j, c.Targets); err != nil {
		return err
	}
	c, err := j.Ads.SaveCampaign(ctx, c)
	if err != nil {
		return err
	}
	p.printCampaign(c, j.Config.Location())
	return nil
}

// knownTargets refuses a target that names nothing there is: it would never be shown.
func knownTargets(ctx context.Context, j *app.Services, targets []string) error {
	for _, t := range targets {
		kind, slug, ok := strings.Cut(t, ":")
		if !ok {
			continue // "front", or what the campaign refuses
		}
		var err error
		if kind == "newsletter" {
			_, err = j.Newsletters.BySlug(ctx, slug)
		} else {
			_, err = j.Library.Term(ctx, library.TermKind(kind), slug)
		}
		if fault.Is(err, fault.NotFound) {
			return fault.Field("target", "there is no %s %q", kind, slug)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p Process) listCampaigns() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List campaigns, the newest first", Args: takes()}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		all, err := j.Ads.Campaigns(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			p.printCampaign(c, j.Config.Location())
		}
		if len(all) == 0 {
			fmt.Fprintf(p.Stderr, "No campaigns in %s.\n", where(j.Config))
		}
		return nil
	})
}

// printCampaign writes a campaign in one line.
func (p Process) printCampaign(c ads.Campaign, zone *time.Location) {
	ends := "without end"
	if !c.Ends.IsZero() {
		ends = "until " + moment(c.Ends, zone)
	}
	words := []string{c.Slug, string(c.State), "from " + c.Starts.In(zone).Format("2006-01-02 15:04"), ends, fmt.Sprintf("weight %d", c.Weight)}
	if c.House {
		words = append(words, "house")
	}
	if c.Sponsor != "" {
		words = append(words, "for "+c.Sponsor)
	}
	if c.Cap > 0 {
		words = append(words, fmt.Sprintf("%d a day", c.Cap))
	}
	for _, list := range [][]string{c.Targets, c.Places} {
		if len(list) > 0 {
			words = append(words, strings.Join(list, " "))
		}
	}
	fmt.Fprintln(p.Stdout, strings.Join(words, "\t"))
}

func (p Process) showCampaign() *cobra.Command {
	c := &cobra.Command{Use: "show NAME", Short: "Show a campaign, its creatives and its counts", Args: takes("NAME")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := j.Ads.Report(ctx, args[0])
		if err != nil {
			return err
		}
		p.printCampaign(r.Campaign, j.Config.Location())
		if r.Campaign.Shared() {
			fmt.Fprintln(p.Stdout, "The sponsor has an address of the report.")
		}
		for _, k := range r.Creatives {
			p.printCreative(k)
		}
		all := r.Total()
		_, err = fmt.Fprintf(p.Stdout, "In view %s, clicked %s.\n", times(all.Seen), times(all.Clicked))
		return err
	})
}

func (p Process) campaignState(verb string, to ads.State, short string) *cobra.Command {
	c := &cobra.Command{Use: verb + " NAME", Short: short, Args: takes("NAME")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if err := j.Ads.SetCampaignState(ctx, args[0], to); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "The campaign %s %s.\n", args[0], stateWords[to])
		return err
	})
}
