package web

import (
	"cmp"
	"context"
	"html/template"
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/library"
)

// frontPage is the front page, in the order in which it is read. What the library has nothing for is nil or empty and
// leaves no gap.
type frontPage struct {
	Frame
	Main     *library.Summary // nil in an empty library
	Opening  template.HTML    // of its text, where there is no photograph to look at
	Seconds  []library.Summary
	Brief    *band // the briefings, or what is newest where there are none
	Columns  *columns
	Feature  *shelf
	Shelves  []shelf
	MostRead []library.Summary
	Regions  []indexGroup
}

// A band is a dense list of one section, or of everything.
type band struct {
	Section library.Term // the zero Term for the newest of everything
	Items   []library.Summary
}

// columns is a section of columns, each with who writes it.
type columns struct {
	Section library.Term
	Items   []columnist
}

// A columnist is a column and the first of its contributors.
type columnist struct {
	library.Summary
	By library.Contributor
}

// A shelf is a section: one story of it, and headlines of others.
type shelf struct {
	Section library.Term
	Top     library.Summary
	More    []library.Summary
}

// Moment writes when something appeared, as shortly as is clear today.
func (p frontPage) Moment(at time.Time) string { return p.Site.moment(at, p.Now) }

// ShortDay writes a day, without the year in which we are.
func (p frontPage) ShortDay(at time.Time) string { return p.Site.shortDay(at, p.Now) }

// Across is a class that says how many shelves stand side by side, where there is room.
func (p frontPage) Across() string {
	switch len(p.Shelves) {
	case 1:
		return "one"
	case 2, 4:
		return "two"
	}
	return "three"
}

// paidKey begins the keys of pages that have no advertising, where those of others have.
const paidKey = "paid "

// front shows the front page: one that everyone shares, and one without advertisement for those who pay.
func (s *Site) front(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	key := "front"
	if v.paid {
		key = paidKey + key
	}
	return s.sharedFor(v, w, r, key, func(ctx context.Context) ([]byte, error) { return s.renderFront(ctx, !v.paid) })
}

func (s *Site) renderFront(ctx context.Context, advertise bool) ([]byte, error) {
	var p frontPage
	var err error
	if p.Frame, err = s.frame(ctx, "", "/"); err != nil {
		return nil, err
	}
	c := s.Config.Publication
	p.Class, p.Here, p.Lead = "front", "/", cmp.Or(c.Tagline, c.Name)
	p.Feeds = feedsFor(c.Name, "/")
	if err := s.compose(ctx, &p); err != nil {
		return nil, err
	}
	p.Card = s.frontCard(p.Main)
	if advertise && p.Main != nil {
		if err := p.advertise(ctx, ads.Page{Kind: ads.FrontPage, Path: "/", Targets: []string{"front"}}); err != nil {
			return nil, err
		}
	}
	return s.screens.front.Render(p)
}

// frontCard is what a shared link to the front page shows: the photograph of the day.
func (s *Site) frontCard(lead *library.Summary) *Card {
	c := &Card{Type: "website"}
	if lead != nil && lead.Hero != nil {
		c.Image, c.Alt = s.origin+s.src(lead.Hero, 1280), lead.Hero.Alt
		c.Width, c.Height = lead.Hero.Width, lead.Hero.Height
	}
	return c
}
