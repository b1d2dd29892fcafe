package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/app"
)

// ads is the command "ads".
func (p Process) ads() *cobra.Command {
	return group("ads", "Sell and place advertising, and report to sponsors",
		group("placement", "The places for advertising on pages and in letters",
			p.addPlace(), p.listPlaces(), p.placeState("pause", ads.Paused, "Leave a place out"),
			p.placeState("resume", ads.Running, "Show a place again"), p.placeState("end", ads.Ended, "Take a place away for good")),
		group("campaign", "What sponsors bought, and what the house shows",
			p.addCampaign(), p.setCampaign(), p.listCampaigns(), p.showCampaign(), p.campaignState("pause", ads.Paused, "Show a campaign nowhere for now"),
			p.campaignState("resume", ads.Running, "Show a campaign again"), p.campaignState("end", ads.Ended, "End a campaign for good")),
		group("creative", "The pictures and words of a campaign",
			p.addCreative(), p.listCreatives(), p.creativeState("pause", ads.Paused, "Show a creative nowhere for now"),
			p.creativeState("resume", ads.Running, "Show a creative again"), p.creativeState("end", ads.Ended, "Take a creative away, and its link with it")),
		p.reportAds(), p.linkReport())
}

func (p Process) addPlace() *cobra.Command {
	var place ads.Place
	var position, format string
	var pages []string
	c := &cobra.Command{
		Use:   "add NAME --position POSITION",
		Short: "Make a place for advertising",
		Long: `Make a place for advertising. POSITION is top (under the masthead), article (in
the text, after a paragraph), side (beside the text, on wide windows), foot, or
letter. FORMAT is the shape of its pictures: banner, four times as wide as high,
or box, six to five; words fit in both.`,
		Example: "  gatefold ads placement add article-late --position article --after 12 --format box",
		Args:    takes("NAME"),
	}
	c.Flags().StringVar(&position, "position", "", "`POSITION` on the page (needed)")
	c.Flags().IntVar(&place.Paragraph, "after", 0, "`NUMBER` of the paragraph before it, for the position article")
	c.Flags().StringVar(&format, "format", string(ads.Banner), "`FORMAT` of its pictures: banner or box")
	c.Flags().StringArrayVar(&pages, "page", nil, "`KIND` of page that has it: front, article or listing (else all)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		place.Slug, place.Position, place.Format = args[0], ads.Position(position), ads.Format(format)
		for _, k := range pages {
			place.Pages = append(place.Pages, ads.Kind(k))
		}
		if err := j.Ads.AddPlace(ctx, place); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "The place %s is there.\n", args[0])
		return err
	})
}

func (p Process) listPlaces() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List places: name, position, format, pages, state, parted by tabs", Args: takes()}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		all, err := j.Ads.Places(ctx)
		if err != nil {
			return err
		}
		for _, place := range all {
			position := string(place.Position)
			if place.Paragraph > 0 {
				position += fmt.Sprintf(" after %d", place.Paragraph)
			}
			var pages []string
			for _, k := range place.Pages {
				pages = append(pages, string(k))
			}
			fmt.Fprintf(p.Stdout, "%s\t%s\t%s\t%s\t%s\n", place.Slug, position, place.Format, strings.Join(pages, " "), place.State)
		}
		return nil
	})
}

// What is said of a place, campaign or creative in a state.
var stateWords = map[ads.State]string{ads.Running: "runs", ads.Paused: "is paused", ads.Ended: "has ended"}

func (p Process) placeState(verb string, to ads.State, short string) *cobra.Command {
	c := &cobra.Command{Use: verb + " NAME", Short: short, Args: takes("NAME")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if err := j.Ads.SetPlaceState(ctx, args[0], to); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.Stdout, "The place %s %s.\n", args[0], stateWords[to])
		return err
	})
}

func (p Process) reportAds() *cobra.Command {
	var table bool
	c := &cobra.Command{
		Use:   "report CAMPAIGN",
		Short: "Show how often a campaign was in view and clicked",
		Long: `Show how often a campaign was in view and clicked, by day, place and creative.
With --csv it is a table, as sponsors get it.`,
		Args: takes("CAMPAIGN"),
	}
	c.Flags().BoolVar(&table, "csv", false, "write a table (CSV)")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		r, err := j.Ads.Report(ctx, args[0])
		if err != nil {
			return err
		}
		if table {
			return r.WriteCSV(p.Stdout)
		}
		for _, part := range []struct {
			heading string
			sums    []ads.Total
		}{{"By day", r.Days()}, {"By place", r.Places()}, {"By creative", r.ByCreative()}} {
			if len(part.sums) > 0 {
				fmt.Fprintf(p.Stdout, "%-40s %10s %8s %6s\n", part.heading, "in view", "clicks", "%")
			}
			for _, t := range part.sums {
				fmt.Fprintf(p.Stdout, "  %-38s %10d %8d %6s\n", t.Name, t.Seen, t.Clicked, t.Rate())
			}
		}
		all := r.Total()
		_, err = fmt.Fprintf(p.Stdout, "%s was in view %s and clicked %s.\n", args[0], times(all.Seen), times(all.Clicked))
		return err
	})
}

func times(n int64) string { return plural(int(n), "time", "times") }

func (p Process) linkReport() *cobra.Command {
	var revoke bool
	c := &cobra.Command{
		Use:   "link CAMPAIGN",
		Short: "Make an address of the report for the sponsor, or take it away",
		Long: `Make an address at which the sponsor finds the report of a campaign, without
signing in. Nobody can guess it, and it is shown here once: asked for again, it
is another, and the one before leads nowhere. --revoke takes it away.`,
		Args: takes("CAMPAIGN"),
	}
	c.Flags().BoolVar(&revoke, "revoke", false, "take the address away")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if revoke {
			if err := j.Ads.CloseReport(ctx, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(p.Stdout, "The report of %s has no address any more.\n", args[0])
			return err
		}
		token, err := j.Ads.OpenReport(ctx, args[0])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "%s/ads/report/%s\n", j.Config.Origin(), token)
		return err
	})
}
