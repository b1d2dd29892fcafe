package newsroom

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/staff"
)

// A visit is who sent a request.
type visit struct {
	Member  staff.Member // the zero Member for somebody who is not signed in, on public routes alone
	Session staff.Session
	token   string
}

func (v visit) signedIn() bool { return v.Member.ID != 0 }

func errNoPage() error { return fault.New(fault.NotFound, "There is no such page.") }

// visit reads the cookie of a request. A session that has ended is as none.
func (n *Newsroom) visit(r *http.Request) (visit, error) {
	c, err := r.Cookie(n.cookies.session)
	if err != nil { // there is none
		return visit{}, nil
	}
	x, err := n.Staff.Session(r.Context(), c.Value)
	if fault.Is(err, fault.NotFound) {
		return visit{token: c.Value}, nil
	}
	return visit{Member: x.Member, Session: x, token: c.Value}, err
}

// guard lets those through to a route for whom it is.
func (n *Newsroom) guard(route Route) func(w http.ResponseWriter, r *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		v, err := n.visit(r)
		if err != nil {
			return err
		}
		if route.Public {
			r.Body = http.MaxBytesReader(w, r.Body, publicBody)
			return route.Handle(w, r, v)
		}
		if !route.takesPicture() {
			r.Body = http.MaxBytesReader(w, r.Body, formBody)
		}
		back := backTo(r)
		switch {
		case !v.signedIn():
			return to(w, r, "/newsroom/sign-in?return_to="+url.QueryEscape(back))
		case !v.Member.May(route.For):
			return n.deny(r, v, route)
		case !route.Early && !n.Staff.Ready(v.Session):
			return to(w, r, "/newsroom/security?first=1")
		case route.Grave && !n.Staff.Fresh(v.Session):
			return to(w, r, "/newsroom/prove?return_to="+url.QueryEscape(back))
		}
		return route.Handle(w, r, v)
	}
}

// deny refuses a member a route that is not for their role, and records it (S-18).
func (n *Newsroom) deny(r *http.Request, v visit, route Route) error {
	if err := n.Staff.Denied(r.Context(), v.Member, route.Pattern); err != nil {
		return err
	}
	return fault.New(fault.Denied, "%s", n.texts.T("room.problem.role", n.texts.T("room.role."+string(v.Member.Role))))
}

// backTo is the page to come back to: the one asked for, or the one whose form was sent.
func backTo(r *http.Request) string {
	if r.Method == http.MethodGet {
		return here(r.URL.RequestURI())
	}
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host {
		return here(u.RequestURI())
	}
	return "/newsroom"
}

// here reads a path to return to. Only paths of the newsroom are taken (S-13).
func here(path string) string {
	if path = page.LocalPath(path); path == "/newsroom" || len(path) > 10 && (path[:10] == "/newsroom/" || path[:10] == "/newsroom?") {
		return path
	}
	return "/newsroom"
}

// to sends the browser on with a GET (RFC 9110, 15.4.4).
func to(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// cookies are those that the newsroom sets: the session, and the ceremony of a passkey.
type cookies struct {
	session, ceremony string
	secure            bool
}

// How long browsers keep the cookies; the server ends a session before.
const (
	sessionAge  = 60 * 24 * time.Hour
	ceremonyAge = 5 * time.Minute
)

func newCookies(c config.Config) cookies {
	k := cookies{session: "__Host-newsroom", ceremony: "__Host-passkey", secure: c.Secure()}
	if !k.secure { // plain HTTP on one machine: browsers refuse the prefix there (RFC 6265bis, 4.1.3)
		k.session, k.ceremony = "newsroom", "passkey"
	}
	return k
}

func (c cookies) set(w http.ResponseWriter, name, value string, age time.Duration) {
	k := &http.Cookie{Name: name, Value: value, Path: "/", Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(age.Seconds())}
	if value == "" {
		k.MaxAge = -1
	}
	http.SetCookie(w, k)
}
