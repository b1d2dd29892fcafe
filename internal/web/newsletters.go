package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// newslettersPage takes an address for the free newsletter. The address is on no list before its mail is confirmed.
type newslettersPage struct {
	Frame
	Typed string
	Fault string
}

func (s *Site) newsletters(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	return s.showNewsletters(w, r, http.StatusOK, v, newslettersPage{})
}

func (s *Site) showNewsletters(w http.ResponseWriter, r *http.Request, status int, v visit, p newslettersPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("nav.newsletters"), "/newsletters"); err != nil {
		return err
	}
	p.Lead = s.texts.T("newsletters.text")
	b, err := s.screens.newsletters.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

func (s *Site) joinNewsletter(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	typed := r.PostForm.Get("email")
	if trapped(r) {
		return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: typed, ReturnTo: "/"})
	}
	answer, err := s.Readers.KeepReading(r.Context(), readers.Ask{Address: typed, Visitor: v.visitor, ReturnTo: "/account?done=newsletter",
		From: network(w, r), Consent: &readers.Consent{Subject: readers.Newsletter, Wording: s.texts.T("newsletters.consent")}})
	if fault.Is(err, fault.Invalid) {
		return s.showNewsletters(w, r, http.StatusUnprocessableEntity, v, newslettersPage{Typed: typed, Fault: faultText(err)})
	}
	if err != nil {
		return err
	}
	s.cookies.know(w, answer.Visitor)
	return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: answer.Address, ReturnTo: "/"})
}
