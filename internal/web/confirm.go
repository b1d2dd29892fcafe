package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// confirmPage is the page of a mail's link: one button. It consumes nothing, as mail scanners follow links (S-04).
type confirmPage struct {
	Frame
	Token string
	Link  readers.Link
	Fault string // why the button was refused, "" where it was not pressed
}

// Usable, Late and Moves tell the forms of the page apart.
func (p confirmPage) Usable() bool { return p.Link.State == readers.Usable }

// Late reports that the link confirms the address and no more.
func (p confirmPage) Late() bool { return p.Link.State == readers.Late }

func (s *Site) confirmForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	token := r.URL.Query().Get("token")
	if token == "" {
		return s.showInbox(w, r, http.StatusOK, v, inboxPage{ReturnTo: "/"})
	}
	l, err := s.Readers.OpenLink(r.Context(), token)
	if err != nil {
		return err
	}
	return s.showConfirm(w, r, v, confirmPage{Token: token, Link: l})
}

func (s *Site) showConfirm(w http.ResponseWriter, r *http.Request, v visit, p confirmPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("confirm.title"), "/confirm"); err != nil {
		return err
	}
	p.NoIndex = true
	w.Header().Set("Referrer-Policy", "no-referrer") // the token stands in the address
	status := http.StatusOK
	if p.Link.State == readers.Gone {
		status = http.StatusGone
	}
	b, err := s.screens.confirm.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// confirm takes the button of a link, or a code.
func (s *Site) confirm(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	device := readers.Device{Agent: r.UserAgent(), Session: v.token, Visitor: v.visitor, From: network(w, r)}
	if token := r.PostForm.Get("token"); token != "" {
		return s.useLink(w, r, v, token, device)
	}
	code := r.PostForm.Get("code")
	e, err := s.Readers.UseCode(r.Context(), code, device)
	if fault.Is(err, fault.Invalid) {
		asked, perr := s.Readers.Pending(r.Context(), v.visitor)
		if perr != nil {
			return perr
		}
		return s.showInbox(w, r, http.StatusUnprocessableEntity, v,
			inboxPage{Address: asked.Address, ReturnTo: asked.ReturnTo, Code: code, Fault: s.texts.Fault(err)})
	}
	if err != nil {
		return err
	}
	return s.enter(w, r, e)
}

func (s *Site) useLink(w http.ResponseWriter, r *http.Request, v visit, token string, d readers.Device) error {
	e, err := s.Readers.UseLink(r.Context(), token, d)
	switch {
	case fault.Is(err, fault.Conflict):
		return s.showConfirm(w, r, v, confirmPage{Fault: s.texts.Fault(err)})
	case err != nil:
		return err
	case e.Fresh != nil: // confirmed, but too late to sign in: a fresh mail is on its way
		s.cookies.know(w, e.Fresh.Visitor)
		return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: e.Fresh.Address, ReturnTo: e.ReturnTo})
	}
	return s.enter(w, r, e)
}

// enter hands over the session and goes on to where the mail was asked for. Who just answered a mail has proved to be
// a person.
func (s *Site) enter(w http.ResponseWriter, r *http.Request, e readers.Entry) error {
	if e.Session != "" {
		s.cookies.signIn(w, e.Session)
		if err := s.Gate.Vouch(r.Context(), e.Reader.ID); err != nil {
			s.Log.Error("reading pace: other nodes are not told", "reader", e.Reader.ID, "error", err)
		}
	}
	if e.Moved {
		if err := s.endOthersThere(r, e.Reader.ID); err != nil {
			return err
		}
	}
	if e.New {
		s.cameBy(r.Context(), e.ReturnTo)
	}
	switch {
	case e.Moved && e.Session == "":
		return to(w, r, "/sign-in?done=moved")
	case e.Moved:
		return to(w, r, "/account?done=moved")
	case e.ReturnTo == "":
		return to(w, r, "/account")
	}
	return to(w, r, here(e.ReturnTo))
}
