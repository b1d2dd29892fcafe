package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/readers"
)

// A Newsroom is what the site asks of the newsroom: a device that is signed in there has a session in each (S-02).
type Newsroom interface {
	// Leave ends the session there of the browser that sent a request.
	Leave(w http.ResponseWriter, r *http.Request) error
	// LeaveOthers ends a reader's sessions there but that of the browser that sent a request.
	LeaveOthers(r *http.Request, reader int64) error
}

// Beside names the newsroom that the site stands beside, before anybody is served. Without one there is none.
func (s *Site) Beside(n Newsroom) { s.newsroom = n }

// Leave ends the session on the site of the browser that sent a request.
func (s *Site) Leave(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err == nil && v.token != "" {
		err = s.Readers.SignOut(r.Context(), v.token)
	}
	if err != nil {
		return err
	}
	s.leave(w)
	return nil
}

// endOthersThere ends a reader's sessions in the newsroom on other devices.
func (s *Site) endOthersThere(r *http.Request, reader int64) error {
	if s.newsroom == nil {
		return nil
	}
	return s.newsroom.LeaveOthers(r, reader)
}

// Reader returns the reader who is signed in on the site in the browser that sent a request, and false when nobody is.
// The newsroom asks: who signs in there with a code has shown their mailbox here.
func (s *Site) Reader(r *http.Request) (readers.Reader, bool, error) {
	v, err := s.visit(r)
	return v.session.Reader, v.signedIn, err
}

// Admit signs a browser in as a reader whom the newsroom recognized, so that they read the site as staff.
func (s *Site) Admit(w http.ResponseWriter, r *http.Request, reader int64) error {
	v, err := s.visit(r)
	if err != nil || v.signedIn && v.session.Reader.ID == reader {
		return err
	}
	token, err := s.Readers.Open(r.Context(), reader, readers.Device{Agent: r.UserAgent(), Session: v.token, Visitor: v.visitor, From: network(w, r)})
	if err != nil {
		return err
	}
	s.cookies.signIn(w, token)
	return nil
}
