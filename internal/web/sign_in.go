package web

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// signInPage asks for an address.
type signInPage struct {
	Frame
	Done     string // key of the text that says what was just done
	ReturnTo string
	Typed    string
	Fault    string
}

// inboxPage says where to look, and takes the code.
type inboxPage struct {
	Frame
	Address  string
	ReturnTo string
	Letters  string // the newsletter that was asked for, if it was
	Code     string // what was typed
	Fault    string
}

func (s *Site) signInForm(w http.ResponseWriter, r *http.Request) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	back := q.Get("return_to")
	if v.signedIn && !q.Has("other") { // who asks for it may sign in as somebody else
		if back == "" {
			back = "/account"
		}
		return to(w, r, here(back))
	}
	return s.showSignIn(w, r, http.StatusOK, v, signInPage{Done: endKeys[q.Get("done")], ReturnTo: withLetter(here(back), letterBehind(r))})
}

// endKeys are what ended a session, for the page that comes after it.
var endKeys = map[string]string{"deleted": "account.done.deleted", "moved": "account.done.moved-sign-in"}

func (s *Site) showSignIn(w http.ResponseWriter, r *http.Request, status int, v visit, p signInPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("sign-in.heading"), "/sign-in"); err != nil {
		return err
	}
	p.Lead = s.texts.T("sign-in.text")
	b, err := s.screens.signIn.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// signIn sends the mail, or not; the page that follows is the same for every address.
func (s *Site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	back, typed := here(r.PostForm.Get("return_to")), r.PostForm.Get("email")
	if trapped(r) {
		return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: typed, ReturnTo: back})
	}
	if err := s.stamps.unstamped(r, s.Config.Limits.UnseenFormsPerMinute); err != nil {
		return s.showSignIn(w, r, http.StatusUnprocessableEntity, v, signInPage{ReturnTo: back, Typed: typed, Fault: s.texts.Fault(err)})
	}
	return s.ask(w, r, v, readers.Ask{Address: typed, ReturnTo: back})
}

// ask sends a mail to sign in with and shows where to look for it.
func (s *Site) ask(w http.ResponseWriter, r *http.Request, v visit, a readers.Ask) error {
	a.Visitor, a.From = v.visitor, network(w, r)
	answer, err := s.Readers.SignIn(r.Context(), a)
	if fault.Is(err, fault.Invalid) {
		return s.showSignIn(w, r, http.StatusUnprocessableEntity, v,
			signInPage{ReturnTo: a.ReturnTo, Typed: a.Address, Fault: s.texts.Fault(err)})
	}
	if err != nil {
		return err
	}
	s.cookies.know(w, answer.Visitor)
	return s.showInbox(w, r, http.StatusOK, v, inboxPage{Address: answer.Address, ReturnTo: a.ReturnTo})
}

func (s *Site) showInbox(w http.ResponseWriter, r *http.Request, status int, v visit, p inboxPage) (err error) {
	if p.Frame, err = s.frame(r.Context(), s.texts.T("inbox.heading"), "/sign-in"); err != nil {
		return err
	}
	p.NoIndex = true
	b, err := s.screens.inbox.Render(p)
	if err != nil {
		return err
	}
	s.send(w, r, status, v, b)
	return nil
}

// signOut ends the session on the server, and leaves nothing in the browser that Back could show (W-37).
func (s *Site) signOut(w http.ResponseWriter, r *http.Request) error {
	if s.newsroom != nil {
		if err := s.newsroom.Leave(w, r); err != nil {
			return err
		}
	}
	if err := s.Leave(w, r); err != nil {
		return err
	}
	return to(w, r, "/")
}

// leave takes the session from the browser. Clear-Site-Data wants a secure origin (W3C Clear Site Data, 3.1); cookies
// are cleared by name, so that the visitor's own stays and a shared computer gives no second courtesy.
func (s *Site) leave(w http.ResponseWriter) {
	s.cookies.signOut(w)
	if s.cookies.secure {
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
}
