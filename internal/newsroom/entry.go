package newsroom

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/subnet"
)

func (n *Newsroom) entryRoutes() []Route {
	return []Route{
		{Pattern: "GET /newsroom/sign-in", Public: true, Handle: n.signInForm},
		{Pattern: "POST /newsroom/sign-in/passkey", Public: true, Handle: n.passkeyOptions},
		{Pattern: "POST /newsroom/sign-in/passkey/answer", Public: true, Handle: n.passkeySignIn},
		{Pattern: "POST /newsroom/sign-in/code", Public: true, Handle: n.codeSignIn},
		{Pattern: "POST /newsroom/sign-out", Public: true, Handle: n.signOut},
		{Pattern: "GET /newsroom/join", Public: true, Handle: n.joinForm},
		{Pattern: "POST /newsroom/join", Public: true, Handle: n.join},
		{Pattern: "GET /newsroom/prove", For: staff.Everyone, Handle: n.proveForm},
		{Pattern: "POST /newsroom/prove/passkey/answer", For: staff.Everyone, Handle: n.provePasskey},
		{Pattern: "POST /newsroom/prove/code", For: staff.Everyone, Handle: n.proveCode},
	}
}

// signInPage offers the ways in.
type signInPage struct {
	Frame
	ReturnTo string
	Reader   string // the address that is signed in on the site, "" for none
	Code     bool   // and may give a code
}

func (n *Newsroom) signInForm(w http.ResponseWriter, r *http.Request, v visit) error {
	if v.signedIn() {
		return to(w, r, here(r.URL.Query().Get("return_to")))
	}
	return n.showSignIn(w, r, http.StatusOK, n.frame(v, n.texts.T("room.sign-in.heading"), ""), here(r.URL.Query().Get("return_to")))
}

func (n *Newsroom) showSignIn(w http.ResponseWriter, r *http.Request, status int, f Frame, back string) error {
	p := signInPage{Frame: f, ReturnTo: back}
	reader, ok, err := n.Site.Reader(r)
	if err != nil {
		return err
	}
	if ok {
		p.Reader = reader.Address
		if p.Code, err = n.Staff.HasAuthenticator(r.Context(), reader.ID); err != nil {
			return err
		}
	}
	return show(w, r, status, n.screens.signIn, p)
}

// device is the browser that signs in.
func device(r *http.Request, v visit) staff.Device {
	return staff.Device{Agent: r.UserAgent(), Session: v.token}
}

// enter hands the session to the browser, and one on the site with it.
func (n *Newsroom) enter(w http.ResponseWriter, r *http.Request, e staff.Entry) error {
	if err := n.Site.Admit(w, r, e.Member.ID); err != nil {
		return err
	}
	n.cookies.set(w, n.cookies.session, e.Session, sessionAge)
	return nil
}

// passkeyOptions begins a ceremony. The browser keeps its token until it answers. A ceremony is kept until it is over:
// those of strangers are counted by their network.
func (n *Newsroom) passkeyOptions(w http.ResponseWriter, r *http.Request, _ visit) error {
	if err := n.Readers.LimitSignIn(r.Context(), subnet.Of(page.Client(w, r)), "passkey"); err != nil {
		return err
	}
	options, token, err := n.Staff.BeginSignIn(r.Context())
	if err != nil {
		return err
	}
	return n.sendOptions(w, options, token)
}

func (n *Newsroom) sendOptions(w http.ResponseWriter, options []byte, token string) error {
	n.cookies.set(w, n.cookies.ceremony, token, ceremonyAge)
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(options)
	return err
}

// answered reads what a passkey answered, and the token of its ceremony.
func (n *Newsroom) answered(w http.ResponseWriter, r *http.Request) (answer []byte, token string, err error) {
	c, err := r.Cookie(n.cookies.ceremony)
	if err != nil {
		return nil, "", fault.New(fault.Invalid, "%s", n.texts.T("room.sign-in.late"))
	}
	n.cookies.set(w, n.cookies.ceremony, "", 0)
	answer, err = io.ReadAll(http.MaxBytesReader(w, r.Body, publicBody))
	return answer, c.Value, err
}

// sent tells a script where to go on.
func sent(w http.ResponseWriter, path string) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]string{"to": path})
}

func (n *Newsroom) passkeySignIn(w http.ResponseWriter, r *http.Request, v visit) error {
	answer, token, err := n.answered(w, r)
	if err != nil {
		return err
	}
	e, err := n.Staff.SignInWithPasskey(r.Context(), token, answer, device(r, v))
	if err != nil {
		return err
	}
	if err := n.enter(w, r, e); err != nil {
		return err
	}
	return sent(w, here(r.URL.Query().Get("return_to")))
}

// codeSignIn takes a code from a browser whose reader is signed in on the site, and so has shown their mailbox.
func (n *Newsroom) codeSignIn(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	back := here(r.PostForm.Get("return_to"))
	reader, ok, err := n.Site.Reader(r)
	if err != nil {
		return err
	}
	if !ok {
		return to(w, r, "/newsroom/sign-in")
	}
	e, err := n.Staff.SignInWithCode(r.Context(), reader.ID, r.PostForm.Get("code"), device(r, v))
	if err != nil {
		f := n.frame(v, n.texts.T("room.sign-in.heading"), "")
		status, err := f.refuse(err)
		if err != nil {
			return err
		}
		return n.showSignIn(w, r, status, f, back)
	}
	if err := n.enter(w, r, e); err != nil {
		return err
	}
	return to(w, r, back)
}

// Leave ends the session of the browser that sent a request.
func (n *Newsroom) Leave(w http.ResponseWriter, r *http.Request) error {
	v, err := n.visit(r)
	if err == nil && v.token != "" {
		err = n.Staff.SignOut(r.Context(), v.token)
		n.cookies.set(w, n.cookies.session, "", 0)
	}
	return err
}

// LeaveOthers ends a member's sessions but that of the browser that sent a request.
func (n *Newsroom) LeaveOthers(r *http.Request, member int64) error {
	v, err := n.visit(r)
	if err != nil {
		return err
	}
	return n.Staff.EndSessions(r.Context(), member, "", v.Session.ID)
}

// signOut ends both sessions of the device: who leaves a borrowed computer by one door leaves no other open (S-02).
func (n *Newsroom) signOut(w http.ResponseWriter, r *http.Request, _ visit) error {
	if err := n.Leave(w, r); err != nil {
		return err
	}
	if err := n.Site.Leave(w, r); err != nil {
		return err
	}
	return to(w, r, "/newsroom/sign-in")
}

// errForm is the fault of a form that cannot be read.
func errForm(err error) error {
	return fault.Wrap(fault.Invalid, err, "The form did not arrive whole. Send it again.")
}

// joinPage welcomes somebody who was invited.
type joinPage struct {
	Frame
	Invitation staff.Invitation
	Token      string
	Name       string // as typed
	Email      string // likewise
}

// joinForm shows what an invitation is for. It changes nothing: mail scanners follow links.
func (n *Newsroom) joinForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.showJoin(w, r, http.StatusOK, n.frame(visit{}, n.texts.T("room.join.heading"), ""), r.URL.Query().Get("token"), "", "")
}

func (n *Newsroom) showJoin(w http.ResponseWriter, r *http.Request, status int, f Frame, token, name, email string) error {
	i, err := n.Staff.Invitation(r.Context(), token)
	if err != nil {
		return err
	}
	if name == "" {
		name = i.Name
	}
	return show(w, r, status, n.screens.join, joinPage{Frame: f, Invitation: i, Token: token, Name: name, Email: email})
}

func (n *Newsroom) join(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	token, name, email := r.PostForm.Get("token"), r.PostForm.Get("name"), r.PostForm.Get("email")
	e, err := n.Staff.Join(r.Context(), token, name, email, device(r, v))
	if fault.Is(err, fault.Invalid) {
		f := n.frame(visit{}, n.texts.T("room.join.heading"), "")
		status, err := f.refuse(err)
		if err != nil {
			return err
		}
		return n.showJoin(w, r, status, f, token, name, email)
	}
	if err != nil {
		return err
	}
	if err := n.enter(w, r, e); err != nil {
		return err
	}
	return to(w, r, "/newsroom") // which leads to securing the sign-in
}

// provePage asks for the second factor again.
type provePage struct {
	Frame
	ReturnTo string
	Ways     staff.Ways
}

func (n *Newsroom) proveForm(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.showProve(w, r, http.StatusOK, v, n.frame(v, n.texts.T("room.prove.heading"), ""), here(r.URL.Query().Get("return_to")))
}

func (n *Newsroom) showProve(w http.ResponseWriter, r *http.Request, status int, v visit, f Frame, back string) error {
	ways, err := n.Staff.Ways(r.Context(), v.Member.ID)
	if err != nil {
		return err
	}
	return show(w, r, status, n.screens.prove, provePage{Frame: f, ReturnTo: back, Ways: ways})
}

func (n *Newsroom) provePasskey(w http.ResponseWriter, r *http.Request, v visit) error {
	answer, token, err := n.answered(w, r)
	if err != nil {
		return err
	}
	if err := n.Staff.ProveWithPasskey(r.Context(), v.Session, token, answer); err != nil {
		return err
	}
	return sent(w, here(r.URL.Query().Get("return_to")))
}

func (n *Newsroom) proveCode(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	back := here(r.PostForm.Get("return_to"))
	if err := n.Staff.ProveWithCode(r.Context(), v.Session, r.PostForm.Get("code")); err != nil {
		f := n.frame(v, n.texts.T("room.prove.heading"), "")
		status, err := f.refuse(err)
		if err != nil {
			return err
		}
		return n.showProve(w, r, status, v, f, back)
	}
	return to(w, r, back)
}
