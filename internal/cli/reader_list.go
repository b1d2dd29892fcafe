package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/readers"
)

// listPage is how many readers are read at a time.
const listPage = 500

// The words --standing takes: the standings a reader can have, and what keeps one from reading at all.
var listStandings = []string{"registered", "subscriber", "staff", "unconfirmed", "banned"}

func (p Process) listReaders() *cobra.Command {
	var standing string
	c := &cobra.Command{
		Use:   "list",
		Short: "List readers: id, standing, since when, address, parted by tabs",
		Args:  takes(),
	}
	c.Flags().StringVar(&standing, "standing", "", "only those who are `STANDING`: "+strings.Join(listStandings, ", "))
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, _ []string) error {
		if standing != "" && !slices.Contains(listStandings, standing) {
			return misuse(c, "--standing: expected %s, got %q", strings.Join(listStandings, ", "), standing)
		}
		return p.list(ctx, j, standing)
	})
}

func (p Process) list(ctx context.Context, j *app.Services, standing string) error {
	listed := 0
	for after := int64(0); ; {
		page, err := j.Readers.List(ctx, after, listPage)
		if err != nil {
			return err
		}
		standings, err := standingsOf(ctx, j, page)
		if err != nil {
			return err
		}
		for i, r := range page {
			if standing != "" && standing != standings[i] {
				continue
			}
			listed++
			if _, err := fmt.Fprintf(p.Stdout, "%d\t%s\t%s\t%s\n", r.ID, standings[i],
				r.Created.In(j.Config.Location()).Format(time.DateOnly), r.Address); err != nil {
				return err
			}
		}
		if len(page) < listPage {
			break
		}
		after = page[len(page)-1].ID
	}
	if listed == 0 {
		fmt.Fprintln(p.Stderr, "No such readers in "+where(j.Config)+".")
	}
	return nil
}

// standingsOf returns the standing of each reader, asking for the subscriptions of all of them at once.
func standingsOf(ctx context.Context, j *app.Services, page []readers.Reader) ([]string, error) {
	ids := make([]int64, len(page))
	for i, r := range page {
		ids[i] = r.ID
	}
	subscribed, err := j.Plans.ActiveAmong(ctx, ids, time.Now())
	if err != nil {
		return nil, err
	}
	out := make([]string, len(page))
	for i, r := range page {
		_, subscriber := subscribed[r.ID]
		switch {
		case r.Banned:
			out[i] = "banned"
		case r.Staff:
			out[i] = access.Newsroom.String()
		case subscriber:
			out[i] = access.Paid.String()
		case r.Confirmed.IsZero():
			out[i] = "unconfirmed"
		default:
			out[i] = access.Reader.String()
		}
	}
	return out, nil
}
