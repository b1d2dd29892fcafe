package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/insights"
)

// reportSearches is the command "search report".
func (p Process) reportSearches() *cobra.Command {
	var days, times, most int
	c := &cobra.Command{
		Use:   "report",
		Short: "What readers search for, and what they do not find",
		Long: `Show what readers searched for most, and what found nothing: how often, how many
articles were found, and the words, parted by tabs. Searches are counted without
who asked; addresses, numbers and long texts are not counted at all.`,
		Args: takes(),
	}
	c.Flags().IntVar(&days, "days", 30, "of the last `N` days, 90 at most")
	c.Flags().IntVar(&times, "times", 2, "only what was asked `N` times or more")
	c.Flags().IntVar(&most, "most", 50, "`N` lines of each")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		since := time.Now().AddDate(0, 0, -days)
		found, err := j.Insights.MostSearched(ctx, since, int64(times), most)
		if err != nil {
			return err
		}
		nothing, err := j.Insights.FoundNothing(ctx, since, int64(times), most)
		if err != nil {
			return err
		}
		if len(found)+len(nothing) == 0 {
			fmt.Fprintln(p.Stderr, "Nothing was searched for that often in "+where(j.Config)+".")
			return nil
		}
		if err := p.queries("Searched for most", found); err != nil {
			return err
		}
		return p.queries("Found nothing", nothing)
	})
}

// queries writes a list of queries under a heading, nothing for none.
func (p Process) queries(heading string, list []insights.Query) error {
	if len(list) == 0 {
		return nil
	}
	fmt.Fprintln(p.Stdout, heading)
	for _, q := range list {
		if _, err := fmt.Fprintf(p.Stdout, "%d\t%d\t%s\n", q.Times, q.Total, q.Text); err != nil {
			return err
		}
	}
	return nil
}
