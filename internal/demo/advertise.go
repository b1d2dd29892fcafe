package demo

import (
	"bytes"
	"context"
	"fmt"
	"path"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
)

// A sale is a campaign of the demonstration, with what it shows.
type sale struct {
	campaign  ads.Campaign
	creatives []sold
}

// sold is a creative; file is its picture in sponsors/, "" for words.
type sold struct {
	ads.Creative
	file string
}

// Links of the demonstration's sponsors, who do not exist, lead into the journal.
const nowhere = "/topics/trade"

// sales are two invented sponsors, and the publication's own words for where nobody bought a place.
var sales = []sale{
	{ads.Campaign{Slug: "lantern-and-quay", Sponsor: "Lantern & Quay, chart makers (invented)", Weight: 2, Places: []string{"article", "letter"}},
		[]sold{{ads.Creative{URL: nowhere, Alt: "Lantern & Quay. Charts of every harbour worth entering"}, "lantern-and-quay.png"}}},
	{ads.Campaign{Slug: "slow-railway", Sponsor: "Slow Railway Company (invented)", Weight: 1, Cap: 4, Places: []string{"side", "article"}},
		[]sold{{ads.Creative{URL: nowhere, Alt: "Slow Railway Company. There by Thursday"}, "slow-railway.png"},
			{ads.Creative{URL: nowhere, Headline: "There by Thursday.", Text: "Night trains with a dining car and no hurry, from nine capitals.", Label: "See where we go"}, ""}}},
	{ads.Campaign{Slug: "our-letters", House: true, Weight: 1, Places: []string{"side", "article"}},
		[]sold{{ads.Creative{URL: "/newsletters", Headline: "In your mailbox.", Text: "The free letter brings the week in ten minutes.", Label: "Have it sent"}, ""}}},
}

// advertise makes the campaigns that are not there, and the creatives of those that have none.
func (f *filler) advertise(ctx context.Context) error {
	if f.Ads == nil {
		return nil
	}
	for _, s := range sales {
		c := s.campaign
		c.Starts = f.now.AddDate(0, 0, -1)
		_, err := f.Ads.SaveCampaign(ctx, c)
		if err != nil && !fault.Is(err, fault.Conflict) {
			return fmt.Errorf("campaign %s: %w", c.Slug, err)
		}
		in, err := f.Ads.Campaign(ctx, c.Slug)
		if err != nil {
			return err
		}
		have, err := f.Ads.Creatives(ctx, in.ID)
		if err != nil {
			return err
		}
		if len(have) > 0 {
			continue
		}
		for _, k := range s.creatives {
			if err := f.addCreative(ctx, c.Slug, k); err != nil {
				return fmt.Errorf("campaign %s: %w", c.Slug, err)
			}
		}
	}
	return nil
}

func (f *filler) addCreative(ctx context.Context, campaign string, k sold) error {
	if k.file == "" {
		_, err := f.Ads.AddCreative(ctx, campaign, k.Creative, nil)
		return err
	}
	b, err := files.ReadFile(path.Join("sponsors", k.file))
	if err != nil {
		return err
	}
	_, err = f.Ads.AddCreative(ctx, campaign, k.Creative, bytes.NewReader(b))
	return err
}
