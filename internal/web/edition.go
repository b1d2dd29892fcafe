package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/newsletters"
)

// editionPage is an edition in the archive, cut for who looks at it. It knows nobody's token.
type editionPage struct {
	Frame
	View   newsletters.View
	Signup signup
}

// editionKey begins the keys of kept editions.
const editionKey = "edition "

func (s *Site) edition(w http.ResponseWriter, r *http.Request) error {
	number, err := numberOf(r.PathValue("number"))
	if err != nil {
		return err
	}
	n, err := s.Newsletters.BySlug(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	e, err := s.Newsletters.Numbered(r.Context(), n, number)
	if err != nil {
		return err
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if v.anonymous() {
		return s.sharedFor(v, w, r, editionKey+strconv.FormatInt(e.ID, 10), func(ctx context.Context) ([]byte, error) {
			return s.renderEdition(ctx, e, access.Person{}, visit{})
		})
	}
	b, err := s.renderEdition(r.Context(), e, v.person, v)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

func (s *Site) renderEdition(ctx context.Context, e newsletters.Edition, who access.Person, v visit) ([]byte, error) {
	view, err := s.Newsletters.View(ctx, e, s.admitFor(who))
	if err != nil {
		return nil, err
	}
	p := editionPage{View: view, Signup: signup{Slug: view.Newsletter.Slug, SignedIn: v.signedIn}}
	path := "/newsletters/" + view.Newsletter.Slug
	if p.Frame, err = s.frame(ctx, view.Subject, path+"/"+strconv.Itoa(e.Number)); err != nil {
		return nil, err
	}
	p.Lead, p.Here = view.Preheader, path
	for _, part := range view.Parts {
		if slot := p.Advertised(part); slot != nil {
			p.Slots = append(p.Slots, *slot)
		}
	}
	return s.screens.edition.Render(p)
}

// Advertised is the place that a part of the edition is, nil for one that is none.
func (p editionPage) Advertised(part newsletters.Part) *ads.Slot {
	if part.Ad == nil {
		return nil
	}
	return &ads.Slot{Place: ads.Place{Slug: string(ads.Letter), Position: ads.Letter, Format: ads.Banner}, Ads: []ads.Ad{*part.Ad}}
}

// ForSubscribers reports that the rest of the editors' words is not for who looks.
func (p editionPage) ForSubscribers() bool {
	return p.View.Shut && p.View.Newsletter.Audience == newsletters.Subscribers
}
