package ads

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Position is where a place is.
type Position string

// The positions.
const (
	Top       Position = "top"     // under the masthead
	InArticle Position = "article" // in the text, after a paragraph
	Side      Position = "side"    // beside the text, where the window is wide enough
	Foot      Position = "foot"    // under what the page is about
	Letter    Position = "letter"  // the sponsor's block of a newsletter
)

var positions = []Position{Top, InArticle, Side, Foot, Letter}

// A Format is the shape of the pictures that a place takes, and of the room it reserves.
type Format string

// The formats.
const (
	Banner Format = "banner" // four times as wide as high
	Box    Format = "box"    // six to five
)

// ratios are width to height.
var ratios = map[Format]float64{Banner: 4, Box: 1.2}

// ratioSlack is how much a picture may differ from a format, as a part of it.
const ratioSlack = 0.05

// takes reports whether a picture of this size fits.
func (f Format) takes(width, height int) bool {
	r := float64(width) / float64(max(height, 1)) / ratios[f]
	return r > 1-ratioSlack && r < 1+ratioSlack
}

// A Kind is a kind of page that has places.
type Kind string

// The kinds of page.
const (
	FrontPage   Kind = "front"
	ArticlePage Kind = "article"
	ListingPage Kind = "listing" // of a section, topic, country or any other term
	InLetter    Kind = "letter"
)

var kinds = []Kind{FrontPage, ArticlePage, ListingPage}

// A Place is where advertising stands.
type Place struct {
	Slug      string
	Position  Position
	Paragraph int // an InArticle place stands after so many
	Format    Format
	Pages     []Kind
	State     State
}

// check returns an Invalid fault for a place that cannot be.
func (p *Place) check() error {
	if err := checkSlug("place", p.Slug); err != nil {
		return err
	}
	switch {
	case !slices.Contains(positions, p.Position):
		return fault.Field("position", "expected top, article, side, foot or letter, got %q", p.Position)
	case ratios[p.Format] == 0:
		return fault.Field("format", "expected banner or box, got %q", p.Format)
	case p.Position == InArticle && (p.Paragraph < 1 || p.Paragraph > 100):
		return fault.Field("after", "expected the number of the paragraph that the place comes after, 1 to 100, got %d", p.Paragraph)
	case p.Position != InArticle && p.Paragraph != 0:
		return fault.Field("after", "a place in the position %s comes after no paragraph", p.Position)
	}
	switch p.Position {
	case Letter:
		p.Pages = []Kind{InLetter}
	case InArticle:
		p.Pages = []Kind{ArticlePage}
	}
	if len(p.Pages) == 0 {
		p.Pages = kinds
	}
	for _, k := range p.Pages {
		if !slices.Contains(kinds, k) && p.Position != Letter {
			return fault.Field("page", "expected front, article or listing, got %q", k)
		}
	}
	return nil
}

// checkSlug takes what stands in addresses and tickets without being escaped.
func checkSlug(field, s string) error {
	if s == "" || len(s) > 40 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || s[0] == '-' {
		return fault.Field(field, "expected a name of small letters, digits and hyphens, 40 at most, got %q", s)
	}
	return nil
}

// usual are the places that every publication has from the first start. Paused or ended, they stay so.
var usual = []Place{
	{Slug: "top", Position: Top, Format: Banner, Pages: kinds},
	{Slug: "article", Position: InArticle, Paragraph: 4, Format: Banner, Pages: []Kind{ArticlePage}},
	{Slug: "side", Position: Side, Format: Box, Pages: []Kind{ArticlePage, ListingPage}},
	{Slug: "foot", Position: Foot, Format: Banner, Pages: kinds},
	{Slug: "letter", Position: Letter, Format: Banner, Pages: []Kind{InLetter}},
}

// lay makes the usual places that are not there.
func (a *Ads) lay(ctx context.Context) error {
	have, err := a.Places(ctx)
	if err != nil || len(have) >= len(usual) {
		return err
	}
	return a.db.Write(ctx, func(tx *storage.DB) error {
		for _, p := range usual {
			if _, err := insertPlace(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func insertPlace(ctx context.Context, tx *storage.DB, p Place) (inserted int64, err error) {
	return tx.Exec(ctx, `INSERT INTO ad_places (slug, position, paragraph, format, pages, state) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT DO NOTHING`, p.Slug, p.Position, p.Paragraph, p.Format, joined(p.Pages), Running)
}

// AddPlace makes a place, which is running. Conflict when there is one of the name.
func (a *Ads) AddPlace(ctx context.Context, p Place) error {
	if err := p.check(); err != nil {
		return err
	}
	return a.change(ctx, "add place "+p.Slug, func(tx *storage.DB) error {
		n, err := insertPlace(ctx, tx, p)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "there is a place of this name")
		}
		return err
	})
}

// SetPlaceState shows a place again, leaves it out, or takes it away for good. NotFound for one that is not there or
// has ended.
func (a *Ads) SetPlaceState(ctx context.Context, slug string, to State) error {
	return a.setState(ctx, "place", `UPDATE ad_places SET state = $1 WHERE state <> $2 AND slug = $3`, slug, to)
}

// Places returns all places, by their names.
func (a *Ads) Places(ctx context.Context) ([]Place, error) { return places(ctx, a.db) }

func places(ctx context.Context, db *storage.DB) ([]Place, error) {
	rows, err := db.Query(ctx, `SELECT slug, position, paragraph, format, pages, state FROM ad_places ORDER BY slug`)
	if err != nil {
		return nil, fmt.Errorf("places: %w", err)
	}
	defer rows.Close()
	var out []Place
	for rows.Next() {
		var p Place
		var pages string
		if err := rows.Scan(&p.Slug, &p.Position, &p.Paragraph, &p.Format, &pages, &p.State); err != nil {
			return nil, fmt.Errorf("places: %w", err)
		}
		for _, k := range strings.Fields(pages) {
			p.Pages = append(p.Pages, Kind(k))
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// joined writes words as a column has them.
func joined[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = string(w)
	}
	return strings.Join(all, " ")
}
