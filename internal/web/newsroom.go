package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/readers"
)

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
