package ads

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Creative is one advertisement: a picture, or words, of which nothing is loaded from elsewhere and no text is HTML; or
// the tag of another company.
type Creative struct {
	ID       int64 // 0 for words of the publication's settings, which are not counted
	Campaign int64
	State    State
	URL      string // where the link leads: an address of the web, or a path of the site
	Picture  *media.Image
	Alt      string // what the picture says, for those who do not see it
	Headline string // a few words in front, or ""
	Text     string // a sentence or two
	Label    string // the words of the link
	Tag      string // HTML of another company, as it was given: for a document on the host of frames, and for no page
	Created  time.Time
}

// How long the texts of a creative may be, in letters: they fit in the room that places reserve.
const (
	mostAlt      = 200
	mostHeadline = 50
	mostText     = 140
	mostLabel    = 30
)

// check returns an Invalid fault for a creative that cannot be shown.
func (c *Creative) check() error {
	if c.Tag != "" {
		return c.checkTag()
	}
	if !leads(c.URL) {
		return fault.Field("url", "expected an address that begins with https:// or http://, or a path of the site, got %q", c.URL)
	}
	if c.Picture != nil {
		if c.Headline+c.Text+c.Label != "" {
			return fault.Field("picture", "expected a picture with its alternative text, or words, not both")
		}
		return checkLine("alt", &c.Alt, mostAlt, true)
	}
	if c.Alt != "" {
		return fault.Field("alt", "there is no picture that it could describe")
	}
	if err := checkLine("headline", &c.Headline, mostHeadline, false); err != nil {
		return err
	}
	if err := checkLine("text", &c.Text, mostText, true); err != nil {
		return err
	}
	return checkLine("label", &c.Label, mostLabel, true)
}

// leads reports whether a link may lead to an address: the web, with a host and without a password, or a path of the
// site.
func leads(address string) bool {
	u, err := url.Parse(address)
	odd := strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("<>\"\\", r) })
	switch {
	case err != nil || odd || len(address) > 2000:
		return false
	case u.Scheme == "" && u.Host == "":
		return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
}

// AddCreative adds a creative to a campaign, which is running. picture, unless it is nil, is an upload, which is
// recognized, decoded and encoded anew (SECURITY S-11); its shape must be that of a place the campaign runs in. Invalid
// for anything that cannot be shown, Conflict for a campaign that has ended.
func (a *Ads) AddCreative(ctx context.Context, campaign string, c Creative, picture io.Reader) (Creative, error) {
	in, err := a.Campaign(ctx, campaign)
	if err != nil {
		return c, err
	}
	if picture != nil {
		c.Picture = &media.Image{} // it is checked before a large picture is decoded for nothing
	}
	if err := c.check(); err != nil {
		return c, err
	}
	if c.Tag != "" {
		if err := a.admits(in); err != nil {
			return c, err
		}
	}
	if picture != nil {
		if err := a.hang(ctx, in, &c, picture); err != nil {
			return c, err
		}
	}
	c.Campaign, c.State, c.Created = in.ID, Running, a.now()
	err = a.change(ctx, "add a creative to "+campaign, func(tx *storage.DB) error {
		var i media.Image
		if c.Picture != nil {
			i = *c.Picture
		}
		var state State
		if err := tx.QueryRow(ctx, `SELECT state FROM ad_campaigns WHERE id = $1`, in.ID).Scan(&state); err != nil {
			return err
		}
		if state == Ended {
			return fault.New(fault.Conflict, "the campaign has ended")
		}
		return tx.QueryRow(ctx, `INSERT INTO ad_creatives (campaign, state, url, picture, width, height, alt, headline, line, label, tag, created)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id`, c.Campaign, c.State, c.URL, i.Name, i.Width, i.Height,
			c.Alt, c.Headline, c.Text, c.Label, c.Tag, storage.Micros(c.Created)).Scan(&c.ID)
	})
	return c, err
}

// hang keeps the picture of a creative, when a place has room for its shape.
func (a *Ads) hang(ctx context.Context, in Campaign, c *Creative, picture io.Reader) error {
	i, err := a.Media.Put(ctx, picture)
	if err != nil {
		return err
	}
	known, err := a.Places(ctx)
	if err != nil {
		return err
	}
	c.Picture = &i
	if !slices.ContainsFunc(known, func(p Place) bool { return in.in(p.Slug, in.Targets) && p.holds(*c) }) {
		return fault.Field("picture", "The picture is %d by %d pixels. No place of the campaign has this shape: a banner is four times as wide as high, a box six to five.",
			i.Width, i.Height)
	}
	return nil
}

// holds reports whether the place has room for a creative: for words always, for a picture of its shape, for a tag where
// there can be a frame.
func (p Place) holds(c Creative) bool {
	return p.State != Ended && (c.Tag == "" || p.Position != Letter) && (c.Picture == nil || p.Format.takes(c.Picture.Width, c.Picture.Height))
}

// SetCreativeState shows a creative again, leaves it out, or takes it away for good. NotFound for one that is not there
// or has ended.
func (a *Ads) SetCreativeState(ctx context.Context, id int64, to State) error {
	return a.setState(ctx, "creative", `UPDATE ad_creatives SET state = $1 WHERE state <> $2 AND id = $3`, id, to)
}

// Creatives returns the creatives of a campaign, the oldest first.
func (a *Ads) Creatives(ctx context.Context, campaign int64) ([]Creative, error) {
	return creatives(ctx, a.db, campaign)
}

// creatives reads those of one campaign, or of all for 0.
func creatives(ctx context.Context, db *storage.DB, campaign int64) ([]Creative, error) {
	rows, err := db.Query(ctx, `SELECT id, campaign, state, url, picture, width, height, alt, headline, line, label, tag, created FROM ad_creatives
		WHERE campaign = $1 OR $1 = 0 ORDER BY campaign, id`, campaign)
	if err != nil {
		return nil, fmt.Errorf("creatives: %w", err)
	}
	defer rows.Close()
	var out []Creative
	for rows.Next() {
		var c Creative
		var i media.Image
		var created int64
		if err := rows.Scan(&c.ID, &c.Campaign, &c.State, &c.URL, &i.Name, &i.Width, &i.Height, &c.Alt, &c.Headline, &c.Text, &c.Label,
			&c.Tag, &created); err != nil {
			return nil, fmt.Errorf("creatives: %w", err)
		}
		if c.Created = storage.Time(created); i.Name != "" {
			c.Picture = &i
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
