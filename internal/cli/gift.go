package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/app"
	"github.com/gatefold/gatefold/internal/gifts"
)

// gift is the command "gift".
func (p Process) gift() *cobra.Command {
	return group("gift", "See subscriptions that were given, and return what was paid for one", p.listGifts(), p.refundGift())
}

var errNoGifts = errors.New("no gifts are sold here: till.provider is not set, or does not sell them")

// giftsShown is how many gifts a list has.
const giftsShown = 200

func (p Process) listGifts() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "list",
		Short: "List the gifts that were paid for, the newest first",
		Long: fmt.Sprintf(`List the newest %d gifts that were paid for: number, day, months, where the gift
goes, and what has become of it. Codes are not shown.`, giftsShown),
		Args: takes(),
	}, func(ctx context.Context, j *app.Services, _ []string) error {
		if j.Gifts == nil {
			return errNoGifts
		}
		list, err := j.Gifts.All(ctx, giftsShown)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			_, err := fmt.Fprintln(p.Stdout, "No gift was paid for.")
			return err
		}
		zone := j.Config.Location()
		for _, g := range list {
			to := g.Receiver
			if to == "" {
				to = "a card"
			}
			fmt.Fprintf(p.Stdout, "%d\t%s\t%d months\t%s\t%s\n", g.ID, g.Paid.In(zone).Format(time.DateOnly), g.Months, to, giftState(g, zone))
		}
		return nil
	})
}

// giftState is what has become of a gift.
func giftState(g gifts.Gift, zone *time.Location) string {
	switch {
	case !g.Revoked.IsZero():
		return "revoked on " + g.Revoked.In(zone).Format(time.DateOnly)
	case g.Redeemed():
		return "redeemed, until " + g.Ends.In(zone).Format(time.DateOnly)
	case g.Receiver == "":
		return "not redeemed yet"
	case g.Delivered.IsZero():
		return "to be sent on " + g.Deliver.In(zone).Format(time.DateOnly)
	}
	return "sent on " + g.Delivered.In(zone).Format(time.DateOnly)
}

func (p Process) refundGift() *cobra.Command {
	return p.readerCommand(&cobra.Command{
		Use:   "refund NUMBER",
		Short: "Return what was paid for a gift, and revoke it",
		Long: `Return what was paid for a gift, and revoke it: its code opens nothing any more,
and who has redeemed it reads no longer under it and is told by mail.`,
		Args: takes("NUMBER"),
	}, func(ctx context.Context, j *app.Services, args []string) error {
		if j.Gifts == nil {
			return errNoGifts
		}
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no number of a gift: gatefold gift list shows them", args[0])
		}
		contract, err := j.Till.Bought(ctx, gifts.For(id))
		if err != nil {
			return err
		}
		if err := j.Till.Undo(ctx, contract); err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.Stdout, "The gift is revoked, and its payment goes back.")
		return err
	})
}
