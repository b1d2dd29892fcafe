package newsletters

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/storage"
)

// sponsored reports whether the edition has a sponsor's block that is filled from what was sold.
func (m material) sponsored() bool {
	return slices.ContainsFunc(m.document.Blocks, func(b Block) bool { return b.Kind == Sponsor && b.Text == "" })
}

// adOf returns the advertisement that the letters of an edition have, nil for none: the one they were given, or, before
// they go, the one they would be given now.
func (l *Newsletters) adOf(ctx context.Context, n Newsletter, e Edition) (*ads.Ad, error) {
	var creative int64
	err := l.db.QueryRow(ctx, `SELECT creative FROM edition_ads WHERE edition = $1`, e.ID).Scan(&creative)
	given := err == nil || !e.Started.IsZero() && errors.Is(err, sql.ErrNoRows) // what went before anything was sold has the house's
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("advertisement of edition %d: %w", e.ID, err)
	}
	var ad ads.Ad
	var ok bool
	if given {
		ad, ok, err = l.Ads.InLetter(ctx, e.ID, creative)
	} else {
		ad, ok, err = l.Ads.ForLetter(ctx, n.Slug, e.ID)
	}
	if err != nil || !ok {
		return nil, err
	}
	return &ad, nil
}

// giveAd gives an edition that is about to be sent its advertisement: the same for every copy, on whatever node it is
// written, and however long the sending takes.
func (l *Newsletters) giveAd(ctx context.Context, n Newsletter, e Edition) error {
	ad, ok, err := l.Ads.ForLetter(ctx, n.Slug, e.ID)
	if err != nil {
		return fmt.Errorf("choose the advertisement of edition %d: %w", e.ID, err)
	}
	address := ad.URL
	if ok && strings.HasPrefix(address, "/") {
		address = l.Publication.Origin + address
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO edition_ads (edition, creative, url) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, e.ID, ad.ID, address)
		return err
	})
	if err != nil {
		return fmt.Errorf("give edition %d its advertisement: %w", e.ID, err)
	}
	return nil
}

// countAd counts a visitor's click for the advertisement of the edition, when the link is its, as often as one on a page
// would count.
func (l *Newsletters) countAd(ctx context.Context, tx *storage.DB, v *visitor, link int64) error {
	var creative int64
	err := tx.QueryRow(ctx, `SELECT a.creative FROM edition_ads a JOIN edition_links k ON k.edition = a.edition AND k.url = a.url
		WHERE a.edition = $1 AND k.link = $2 AND a.creative > 0`, v.edition, link).Scan(&creative)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil || !l.Ads.Believes(creative, string(ads.Letter), v.client) {
		return err
	}
	return insights.AddAds(ctx, tx, insights.AdCount{Creative: creative, Day: insights.AdDay(l.now()), Place: string(ads.Letter), Clicked: 1})
}
