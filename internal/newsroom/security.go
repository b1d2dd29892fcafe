package newsroom

import (
	"encoding/base64"
	"html/template"
	"net/http"

	"github.com/gatefold/gatefold/internal/staff"
)

func (n *Newsroom) securityRoutes() []Route {
	return []Route{
		{Pattern: "GET /newsroom/security", For: staff.Everyone, Early: true, Handle: n.security},
		{Pattern: "POST /newsroom/security/passkey", For: staff.Everyone, Early: true, Handle: n.guardFactor(n.newPasskey)},
		{Pattern: "POST /newsroom/security/passkey/answer", For: staff.Everyone, Early: true, Handle: n.guardFactor(n.keepPasskey)},
		{Pattern: "POST /newsroom/security/passkey/remove", For: staff.Everyone, Grave: true, Handle: n.removePasskey},
		{Pattern: "POST /newsroom/security/authenticator", For: staff.Everyone, Early: true, Handle: n.guardFactor(n.setAuthenticator)},
		{Pattern: "POST /newsroom/security/authenticator/remove", For: staff.Everyone, Grave: true, Handle: n.removeAuthenticator},
		{Pattern: "POST /newsroom/security/codes", For: staff.Everyone, Grave: true, Handle: n.newCodes},
		{Pattern: "POST /newsroom/security/sessions/end", For: staff.Everyone, Early: true, Handle: n.endSessions},
	}
}

// securityPage is how a member signs in.
type securityPage struct {
	Frame
	First    bool // the member has to secure their sign-in before anything else
	Ways     staff.Ways
	Sessions []staff.Session
	This     string              // the id of the session that asks
	App      staff.Authenticator // to be set up, with Picture
	Picture  template.URL        // a QR code
	Codes    []string            // recovery codes, shown this once
}

// securityDone are what was done, by the word in the address.
var securityDone = map[string]string{"passkey": "room.security.done-passkey", "authenticator": "room.security.done-authenticator",
	"removed": "room.security.done-removed", "ended": "room.security.done-ended"}

func (n *Newsroom) security(w http.ResponseWriter, r *http.Request, v visit) error {
	f := n.frame(v, n.texts.T("room.security.heading"), "/newsroom/security")
	if key := securityDone[r.URL.Query().Get("done")]; key != "" {
		f.Done = n.texts.T(key)
	}
	app, err := n.Staff.NewAuthenticator(v.Member.Address)
	if err != nil {
		return err
	}
	return n.showSecurity(w, r, http.StatusOK, v, securityPage{Frame: f, App: app})
}

func (n *Newsroom) showSecurity(w http.ResponseWriter, r *http.Request, status int, v visit, p securityPage) (err error) {
	p.This, p.First = v.Session.ID, !n.Staff.Ready(v.Session)
	if p.Ways, err = n.Staff.Ways(r.Context(), v.Member.ID); err != nil {
		return err
	}
	if p.Sessions, err = n.Staff.Sessions(r.Context(), v.Member.ID); err != nil {
		return err
	}
	if p.App.URL != "" {
		picture, err := p.App.PNG()
		if err != nil {
			return err
		}
		p.Picture = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture))
	}
	return show(w, r, status, n.screens.security, p)
}

// guardFactor lets the first factor be set up at once; another only with a factor shown shortly before, so that a session
// left open does not become a way in for good.
func (n *Newsroom) guardFactor(f func(http.ResponseWriter, *http.Request, visit) error) func(http.ResponseWriter, *http.Request, visit) error {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		if v.Member.Secured && !n.Staff.Fresh(v.Session) {
			return to(w, r, "/newsroom/prove?return_to=/newsroom/security")
		}
		return f(w, r, v)
	}
}

func (n *Newsroom) newPasskey(w http.ResponseWriter, r *http.Request, v visit) error {
	options, token, err := n.Staff.BeginPasskey(r.Context(), v.Member.ID)
	if err != nil {
		return err
	}
	return n.sendOptions(w, options, token)
}

func (n *Newsroom) keepPasskey(w http.ResponseWriter, r *http.Request, v visit) error {
	answer, token, err := n.answered(w, r)
	if err != nil {
		return err
	}
	if err := n.Staff.FinishPasskey(r.Context(), v.Session, token, answer); err != nil {
		return err
	}
	return sent(w, "/newsroom/security?done=passkey")
}

func (n *Newsroom) removePasskey(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.changeSecurity(w, r, v, "removed", func() error { return n.Staff.RemovePasskey(r.Context(), v.Member.ID, r.PostForm.Get("id")) })
}

func (n *Newsroom) removeAuthenticator(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.changeSecurity(w, r, v, "removed", func() error { return n.Staff.RemoveAuthenticator(r.Context(), v.Member.ID) })
}

func (n *Newsroom) endSessions(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.changeSecurity(w, r, v, "ended", func() error {
		return n.Staff.EndSessions(r.Context(), v.Member.ID, r.PostForm.Get("id"), v.Session.ID)
	})
}

// changeSecurity runs what a form of the page asks for, and shows the page again.
func (n *Newsroom) changeSecurity(w http.ResponseWriter, r *http.Request, v visit, done string, f func() error) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	if err := f(); err != nil {
		p := securityPage{Frame: n.frame(v, n.texts.T("room.security.heading"), "/newsroom/security")}
		status, err := p.refuse(err)
		if err != nil {
			return err
		}
		return n.showSecurity(w, r, status, v, p)
	}
	return to(w, r, "/newsroom/security?done="+done)
}

// setAuthenticator keeps the secret that the page showed, once a code of it is right.
func (n *Newsroom) setAuthenticator(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	secret := r.PostForm.Get("secret")
	if err := n.Staff.SetAuthenticator(r.Context(), v.Session, secret, r.PostForm.Get("code")); err != nil {
		p := securityPage{Frame: n.frame(v, n.texts.T("room.security.heading"), "/newsroom/security")}
		status, err := p.refuse(err)
		if err != nil {
			return err
		}
		p.App, _ = n.Staff.Restore(v.Member.Address, secret) // what cannot be restored leaves the form to be begun again
		return n.showSecurity(w, r, status, v, p)
	}
	return to(w, r, "/newsroom/security?done=authenticator")
}

// newCodes shows ten fresh recovery codes in the answer itself: they are shown once, and nowhere else.
func (n *Newsroom) newCodes(w http.ResponseWriter, r *http.Request, v visit) error {
	codes, err := n.Staff.NewRecoveryCodes(r.Context(), v.Member.ID)
	if err != nil {
		return err
	}
	return n.showSecurity(w, r, http.StatusOK, v, securityPage{Frame: n.frame(v, n.texts.T("room.security.heading"), "/newsroom/security"), Codes: codes})
}
