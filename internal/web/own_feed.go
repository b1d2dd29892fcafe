package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// ownFeedPerMinute is how often a reader's own feed may be fetched in a minute, by all who have its address.
const ownFeedPerMinute = 12

// ownFeed serves the feed of one reader, told by the token in its address: the newest articles, in full where their
// standing opens them at this moment, and the teaser of the others (W-07). Free articles are chosen on the site.
func (s *Site) ownFeed(w http.ResponseWriter, r *http.Request) error {
	format, ok := feedFormats[r.PathValue("feed")]
	if !ok {
		return errNoPage
	}
	token := r.PathValue("token")
	reader, err := s.Readers.ByFeed(r.Context(), token)
	if err != nil {
		return err
	}
	if wait := s.turnstile.pass("feed "+token, ownFeedPerMinute, s.Now()); wait > 0 {
		return fault.Limited(wait, "This feed is fetched too often.")
	}
	f, err := s.feedOf(r.Context(), access.Person{Reader: reader.ID, Staff: reader.Staff})
	if err != nil {
		return err
	}
	f.Self = s.origin + r.URL.Path
	b, err := format.render(s, f)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Content-Type"] = []string{format.media + "; charset=utf-8"}
	h["Cache-Control"] = []string{"private, no-store"}
	h["X-Robots-Tag"] = []string{"noindex, noarchive"}
	_, err = w.Write(b)
	return err
}

func (s *Site) feedOf(ctx context.Context, who access.Person) (feed, error) {
	c := s.Config.Publication
	f := feed{Title: c.Name, Summary: cmp.Or(c.Tagline, c.Name), Path: "/"}
	standing, plan, err := s.Gate.Standing(ctx, who)
	if err != nil {
		return f, err
	}
	if f.Entries, err = s.feedEntries(ctx, library.Filter{}); err != nil {
		return f, err
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		d := s.Gate.AdmitClass(standing, plan.Grant, e.Facts())
		if !d.Full() {
			continue
		}
		body, err := s.Library.Body(ctx, d)
		if fault.Is(err, fault.NotFound) {
			continue // withdrawn since
		}
		if err != nil {
			return f, err
		}
		e.Text = s.absolute(string(body))
	}
	return f, nil
}

// openFeed gives the reader a feed of their own, or a new address of it, and shows the address this once.
func (s *Site) openFeed(w http.ResponseWriter, r *http.Request) error {
	return s.signedIn(w, r, func(v visit) error {
		token, err := s.Readers.OpenFeed(r.Context(), v.person.Reader)
		if err != nil {
			return err
		}
		return s.showAccount(w, r, http.StatusOK, v, accountPage{Feed: s.origin + "/feeds/" + token + "/feed.xml"})
	})
}

func (s *Site) closeFeed(_ http.ResponseWriter, r *http.Request, v visit) (string, error) {
	return "no-feed", s.Readers.CloseFeed(r.Context(), v.person.Reader)
}
