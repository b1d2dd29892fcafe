package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/app"
)

func (p Process) addCreative() *cobra.Command {
	var k ads.Creative
	var file, tag string
	c := &cobra.Command{
		Use:   "add CAMPAIGN --url ADDRESS",
		Short: "Add a picture, words or a tag to a campaign",
		Long: `Add a picture, words or a tag to a campaign.

A picture is a JPEG, PNG, GIF or WebP file. It is encoded anew, without what a
camera wrote into it. Its shape is that of a place the campaign runs in: a
banner is four times as wide as high (1456 by 364 pixels do well), a box six to
five (600 by 500). Words are plain text.

A tag is HTML of another company. It is kept as it is, and shown in a frame on
the host of ads.frame_url alone, to those who asked for it.`,
		Example: "  gatefold ads creative add harbour-autumn --url https://bank.example/ --picture banner.png --alt \"Harbour Bank: money at anchor\"\n" +
			"  gatefold ads creative add harbour-autumn --url https://bank.example/ --headline \"Harbour Bank.\" --text \"Money at anchor.\" --label \"See our terms\"",
		Args: takes("CAMPAIGN"),
	}
	c.Flags().StringVar(&k.URL, "url", "", "`ADDRESS` that the link leads to (needed, but for a tag)")
	c.Flags().StringVar(&file, "picture", "", "`FILE` of the picture")
	c.Flags().StringVar(&tag, "tag", "", "`FILE` with the tag of another company")
	c.Flags().StringVar(&k.Alt, "alt", "", "`TEXT` that says what the picture says")
	c.Flags().StringVar(&k.Headline, "headline", "", "`TEXT` in front, of at most 50 letters")
	c.Flags().StringVar(&k.Text, "text", "", "`TEXT` of at most 140 letters")
	c.Flags().StringVar(&k.Label, "label", "", "`TEXT` of the link, of at most 30 letters")
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		if tag != "" {
			text, err := os.ReadFile(tag)
			if err != nil {
				return err
			}
			if k.Tag = string(text); k.Tag == "" {
				return misuse(c, "--tag: the file %s is empty", tag)
			}
		}
		var picture io.Reader
		if file != "" {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			picture = f
		}
		added, err := j.Ads.AddCreative(ctx, args[0], k, picture)
		if err != nil {
			return err
		}
		p.printCreative(added)
		return nil
	})
}

// printCreative writes a creative in one line.
func (p Process) printCreative(k ads.Creative) {
	switch {
	case k.Tag != "":
		fmt.Fprintf(p.Stdout, "%d\t%s\ttag of %d bytes\n", k.ID, k.State, len(k.Tag))
	case k.Picture != nil:
		fmt.Fprintf(p.Stdout, "%d\t%s\tpicture of %d by %d\t%s\t%s\n", k.ID, k.State, k.Picture.Width, k.Picture.Height, k.Alt, k.URL)
	default:
		fmt.Fprintf(p.Stdout, "%d\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.State, k.Headline, k.Text, k.Label, k.URL)
	}
}

func (p Process) listCreatives() *cobra.Command {
	c := &cobra.Command{Use: "list CAMPAIGN", Short: "List the creatives of a campaign", Args: takes("CAMPAIGN")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		in, err := j.Ads.Campaign(ctx, args[0])
		if err != nil {
			return err
		}
		all, err := j.Ads.Creatives(ctx, in.ID)
		if err != nil {
			return err
		}
		for _, k := range all {
			p.printCreative(k)
		}
		return nil
	})
}

func (p Process) creativeState(verb string, to ads.State, short string) *cobra.Command {
	c := &cobra.Command{Use: verb + " NUMBER", Short: short, Args: takes("NUMBER")}
	return p.readerCommand(c, func(ctx context.Context, j *app.Services, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil || id < 1 {
			return misuse(c, "expected the number of a creative, got %q", args[0])
		}
		if err := j.Ads.SetCreativeState(ctx, id, to); err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.Stdout, "Creative %d %s.\n", id, stateWords[to])
		return err
	})
}
