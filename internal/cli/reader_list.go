package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
		for _, r := range page {
			is, err := standingOf(ctx, j, r)
			if err != nil {
				return err
			}
			if standing == "" || standing == is {
				listed++
				_, err = fmt.Fprintf(p.Stdout, "%d\t%s\t%s\t%s\n", r.ID, is, r.Created.In(j.Config.Location()).Format(time.DateOnly), r.Address)
			}
			if err != nil {
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

func standingOf(ctx context.Context, j *app.Services, r readers.Reader) (string, error) {
	standing, e, err := j.Gate.Standing(ctx, person(r))
	switch {
	case err != nil:
		return "", err
	case r.Banned:
		return "banned", nil
	case r.Confirmed.IsZero() && e.Plan == "" && !r.Staff:
		return "unconfirmed", nil
	}
	return standing.String(), nil
}
