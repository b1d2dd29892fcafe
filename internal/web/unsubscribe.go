package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/newsletters"
)

// leavingPage has one button, which leaves a newsletter. Opening it changes nothing: mail scanners follow links (S-08).
type leavingPage struct {
	Frame
	Newsletter newsletters.Newsletter
	Token      string
	Left       bool   // it is done
	Choose     string // token of the page of preferences
}

func (s *Site) leaving(w http.ResponseWriter, r *http.Request) error {
	n, reader, err := s.Newsletters.Leaving(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	return s.showLeaving(w, r, leavingPage{Newsletter: n, Choose: s.Newsletters.PreferencesToken(reader)})
}

// leaveNewsletter does it, for the button of the page and for that of a mail program. It asks for nothing else: no cookie, no
// question, no signing in (RFC 8058, section 3.2).
func (s *Site) leaveNewsletter(w http.ResponseWriter, r *http.Request) error {
	n, reader, err := s.Newsletters.Leaving(r.Context(), r.PathValue("token"))
	if err != nil {
		return err
	}
	if _, err := s.Newsletters.Leave(r.Context(), r.PathValue("token")); err != nil {
		return err
	}
	return s.showLeaving(w, r, leavingPage{Newsletter: n, Left: true, Choose: s.Newsletters.PreferencesToken(reader)})
}

func (s *Site) showLeaving(w http.ResponseWriter, r *http.Request, p leavingPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("unsubscribe.heading", p.Newsletter.Name), ""); err != nil {
		return err
	}
	p.Canonical, p.NoIndex, p.Token = "", true, r.PathValue("token")
	b, err := s.screens.leaving.Render(p)
	if err != nil {
		return err
	}
	w.Header().Set("Referrer-Policy", "no-referrer")
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	s.send(w, r, http.StatusOK, v, b)
	return nil
}

// click leads on to where a link of a letter goes, and to nowhere else. On the site, the address says by which edition
// somebody came.
func (s *Site) click(w http.ResponseWriter, r *http.Request) error {
	address, edition, err := s.Newsletters.Follow(r.Context(), newsletters.Click{Token: r.PathValue("token"),
		Client: adClient(w, r), Machine: r.Method != http.MethodGet || prefetched(r)})
	if err != nil {
		return err
	}
	if strings.HasPrefix(address, s.origin+"/") {
		path, fragment, cut := strings.Cut(address, "#")
		address = withLetter(path, strconv.FormatInt(edition, 10))
		if cut {
			address += "#" + fragment
		}
	}
	h := w.Header()
	h.Set("Cache-Control", "private, no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	http.Redirect(w, r, address, http.StatusFound)
	return nil
}
