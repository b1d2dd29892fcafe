package ads

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Campaign is what a sponsor bought, or what the house shows where nothing was sold.
type Campaign struct {
	ID      int64
	Slug    string
	Sponsor string // who pays, said beside the advertisement
	House   bool   // the publication's own: shown where no sponsor's runs
	State   State
	Starts  time.Time
	Ends    time.Time // the zero time for never
	Weight  int       // how often it is shown, against the others that run in the same place
	Cap     int       // how often one visitor is shown it in a day; 0 for any number
	Targets []string  // words as "section:briefings"; it is shown where one of them holds, everywhere without any
	Places  []string  // the names of the places it runs in, all without any
	Created time.Time

	report string // hash of the token of its report, "" for none
}

// Bounds of what a campaign may say.
const (
	mostWeight = 1000
	mostCap    = 100
	mostWords  = 60 // targets, and places
)

var targetWord = regexp.MustCompile(`^(front|(section|topic|country|newsletter):[a-z0-9][a-z0-9-]{0,99})$`)

// check returns an Invalid fault for a campaign that cannot be.
func (c *Campaign) check() error {
	if err := checkSlug("campaign", c.Slug); err != nil {
		return err
	}
	if err := checkLine("sponsor", &c.Sponsor, 60, !c.House); err != nil {
		return err
	}
	switch {
	case c.Weight < 1 || c.Weight > mostWeight:
		return fault.Field("weight", "expected 1 to %d, got %d", mostWeight, c.Weight)
	case c.Cap < 0 || c.Cap > mostCap:
		return fault.Field("cap", "expected 0, for no cap, to %d times a day, got %d", mostCap, c.Cap)
	case !c.Ends.IsZero() && !c.Starts.Before(c.Ends):
		return fault.Field("until", "expected an end after the start")
	case len(c.Targets) > mostWords || len(c.Places) > mostWords:
		return fault.Field("target", "expected at most %d words", mostWords)
	}
	for _, t := range c.Targets {
		if !targetWord.MatchString(t) {
			return fault.Field("target", `expected "front", or a section, topic, country or newsletter as "topic:energy", got %q`, t)
		}
	}
	return nil
}

// checkLine takes one line of text of at most so many letters.
func checkLine(field string, s *string, most int, needed bool) error {
	*s = strings.TrimSpace(*s)
	switch {
	case *s == "" && needed:
		return fault.Field(field, "expected one line of text")
	case !utf8.ValidString(*s) || strings.ContainsFunc(*s, unicode.IsControl):
		return fault.Field(field, "expected one line of text without control characters")
	case utf8.RuneCountInString(*s) > most:
		return fault.Field(field, "expected at most %d letters, got %d", most, utf8.RuneCountInString(*s))
	}
	return nil
}

// runs reports whether the campaign is to be shown at a time.
func (c Campaign) runs(at time.Time) bool {
	return c.State == Running && !at.Before(c.Starts) && (c.Ends.IsZero() || at.Before(c.Ends))
}

// in reports whether the campaign runs in a place on a page about these targets.
func (c Campaign) in(place string, targets []string) bool {
	if len(c.Places) > 0 && !slices.Contains(c.Places, place) {
		return false
	}
	return len(c.Targets) == 0 || slices.ContainsFunc(c.Targets, func(t string) bool { return slices.Contains(targets, t) })
}

// SaveCampaign makes a campaign, which is running, or changes the one whose ID is set. Conflict for a name that is taken,
// Invalid for places that are not there.
func (a *Ads) SaveCampaign(ctx context.Context, c Campaign) (Campaign, error) {
	if err := c.check(); err != nil {
		return c, err
	}
	known, err := a.Places(ctx)
	if err != nil {
		return c, err
	}
	for _, slug := range c.Places {
		if !slices.ContainsFunc(known, func(p Place) bool { return p.Slug == slug && p.State != Ended }) {
			return c, fault.Field("place", "there is no place %q", slug)
		}
	}
	err = a.change(ctx, "save campaign "+c.Slug, func(tx *storage.DB) error { return a.saveCampaign(ctx, tx, &c) })
	return c, err
}

func (a *Ads) saveCampaign(ctx context.Context, tx *storage.DB, c *Campaign) error {
	var ends int64
	if !c.Ends.IsZero() {
		ends = storage.Micros(c.Ends)
	}
	if c.ID != 0 {
		n, err := tx.Exec(ctx, `UPDATE ad_campaigns SET sponsor = $1, house = $2, starts = $3, ends = $4, weight = $5, cap = $6, targets = $7,
			places = $8 WHERE id = $9 AND state <> $10`, c.Sponsor, number(c.House), storage.Micros(c.Starts), ends, c.Weight, c.Cap,
			joined(c.Targets), joined(c.Places), c.ID, Ended)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "the campaign has ended")
		}
		return err
	}
	c.State, c.Created = Running, a.now()
	n, err := tx.Exec(ctx, `INSERT INTO ad_campaigns (slug, sponsor, house, state, starts, ends, weight, cap, targets, places, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`, c.Slug, c.Sponsor, number(c.House), c.State,
		storage.Micros(c.Starts), ends, c.Weight, c.Cap, joined(c.Targets), joined(c.Places), storage.Micros(c.Created))
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "there is a campaign of this name")
	}
	return tx.QueryRow(ctx, `SELECT id FROM ad_campaigns WHERE slug = $1`, c.Slug).Scan(&c.ID)
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// SetCampaignState lets a campaign run again, pauses it, or ends it for good. NotFound for one that is not there or has
// ended.
func (a *Ads) SetCampaignState(ctx context.Context, slug string, to State) error {
	return a.setState(ctx, "campaign", `UPDATE ad_campaigns SET state = $1 WHERE state <> $2 AND slug = $3`, slug, to)
}

// Campaigns returns all campaigns, the newest first.
func (a *Ads) Campaigns(ctx context.Context) ([]Campaign, error) { return campaigns(ctx, a.db, "") }

// Campaign returns the campaign of a name, or NotFound.
func (a *Ads) Campaign(ctx context.Context, slug string) (Campaign, error) {
	list, err := campaigns(ctx, a.db, slug)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "there is no campaign %q", slug)
	}
	if err != nil {
		return Campaign{}, err
	}
	return list[0], nil
}

// campaigns reads one campaign, or all of them for "".
func campaigns(ctx context.Context, db *storage.DB, slug string) ([]Campaign, error) {
	rows, err := db.Query(ctx, `SELECT id, slug, sponsor, house, state, starts, ends, weight, cap, targets, places, report, created
		FROM ad_campaigns WHERE slug = $1 OR $1 = '' ORDER BY id DESC`, slug)
	if err != nil {
		return nil, fmt.Errorf("campaigns: %w", err)
	}
	defer rows.Close()
	var out []Campaign
	for rows.Next() {
		var c Campaign
		var starts, ends, created int64
		var targets, in string
		if err := rows.Scan(&c.ID, &c.Slug, &c.Sponsor, &c.House, &c.State, &starts, &ends, &c.Weight, &c.Cap, &targets, &in,
			&c.report, &created); err != nil {
			return nil, fmt.Errorf("campaigns: %w", err)
		}
		c.Starts, c.Created, c.Targets, c.Places = storage.Time(starts), storage.Time(created), strings.Fields(targets), strings.Fields(in)
		if ends != 0 {
			c.Ends = storage.Time(ends)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
