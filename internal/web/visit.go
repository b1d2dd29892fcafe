package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
)

// A visit is who sent a request, as far as its cookies tell.
type visit struct {
	person   access.Person
	session  readers.Session
	token    string // of the session
	visitor  string // the browser's own token, "" when it has none
	signedIn bool
	standing access.Standing
	paid     bool      // reads everything, without advertising
	framed   bool      // asked to see what other companies advertise with
	late     time.Time // up to when, as a payment is due; zero when none is
}

// anonymous reports that nothing is known of who asks: what they get may be shared.
func (v visit) anonymous() bool { return v.common() && v.visitor == "" }

// common reports that who asks gets the pages that everyone gets, but for articles.
func (v visit) common() bool { return !v.signedIn && v.person.Pass.Contract == 0 && !v.framed }

// visit reads the cookies of a request. A session that has ended is as none; an error is the database's alone.
func (s *Site) visit(r *http.Request) (visit, error) {
	var v visit
	lines := r.Header["Cookie"]
	if len(lines) == 0 {
		return v, nil
	}
	var pass, asked string
	v.token, v.visitor, pass, asked = s.cookies.read(lines)
	v.framed = asked == framed && s.frames != nil
	if v.visitor != "" {
		v.person.Visitor = readers.VisitorID(v.visitor)
	}
	if v.token == "" {
		return s.withPass(r.Context(), v, pass)
	}
	session, err := s.Readers.Session(r.Context(), v.token)
	if fault.Is(err, fault.NotFound) {
		return s.withPass(r.Context(), v, pass)
	}
	if err != nil {
		return v, err
	}
	v.session, v.signedIn = session, true
	v.person.Reader, v.person.Staff = session.Reader.ID, session.Reader.Staff
	standing, e, err := s.Gate.Standing(r.Context(), v.person)
	v.standing, v.paid = standing, standing >= access.Paid
	if e.Late {
		v.late = e.Until
	}
	return v, err
}

// withPass looks whether a browser that is not signed in has paid for a subscription.
func (s *Site) withPass(ctx context.Context, v visit, pass string) (visit, error) {
	if pass == "" || s.Till == nil {
		return v, nil
	}
	paid, err := s.Till.Pass(ctx, pass)
	if err != nil || paid.Contract == 0 {
		return v, err
	}
	v.person.Pass = paid
	v.standing, _, err = s.Gate.Standing(ctx, v.person)
	v.paid = v.standing >= access.Paid
	return v, err
}

// cookies are those that the site sets: the reader's session, the browser's own, that of a browser that began to
// subscribe, none of which says anything by itself; and a consent, which is the same for everyone.
type cookies struct {
	session, visitor, pass, frames string
	secure                         bool
}

// How long browsers keep the cookies. A session's is kept as long as browsers keep any (RFC 6265bis, Max-Age): it is
// the server that ends a session, wall.session_days after the last visit.
const (
	sessionAge = 400 * 24 * time.Hour
	visitorAge = 365 * 24 * time.Hour
	passAge    = 8 * 24 * time.Hour // longer than the pass itself is good for
)

func newCookies(c config.Config) cookies {
	k := cookies{session: "__Host-session", visitor: "__Host-visitor", pass: "__Host-pass", frames: "__Host-frames", secure: c.Secure()}
	if !k.secure { // plain HTTP on one machine: browsers refuse the prefix there (RFC 6265bis, 4.1.3)
		k.session, k.visitor, k.pass, k.frames = "session", "visitor", "pass", "frames"
	}
	return k
}

// read finds the cookies without allocating.
func (c cookies) read(lines []string) (session, visitor, pass, frames string) {
	for _, line := range lines {
		for len(line) > 0 {
			var one string
			one, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
			switch name {
			case c.session:
				session = value
			case c.visitor:
				visitor = value
			case c.pass:
				pass = value
			case c.frames:
				frames = value
			}
		}
	}
	return session, visitor, pass, frames
}

func (c cookies) set(w http.ResponseWriter, name, value string, age time.Duration) {
	k := &http.Cookie{Name: name, Value: value, Path: "/", Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		MaxAge: int(age.Seconds())}
	if value == "" {
		k.MaxAge = -1
	}
	http.SetCookie(w, k)
}

// signIn hands a session to the browser.
func (c cookies) signIn(w http.ResponseWriter, token string) {
	c.set(w, c.session, token, sessionAge)
}

// signOut takes it back.
func (c cookies) signOut(w http.ResponseWriter) { c.set(w, c.session, "", 0) }

// know hands the browser a token of its own.
func (c cookies) know(w http.ResponseWriter, token string) { c.set(w, c.visitor, token, visitorAge) }

// here reads a path to return to. Only paths of this site that do not lead off it are taken (S-13); anything else is the
// front page.
func here(path string) string {
	if path = page.LocalPath(path); path == "" || strings.HasPrefix(path, "/ads/go/") || strings.HasPrefix(path, "/l/") {
		return "/"
	}
	return path
}

// to sends the browser on with a GET (RFC 9110, 15.4.4).
func to(w http.ResponseWriter, r *http.Request, path string) error {
	w.Header()["Cache-Control"] = []string{"private, no-store"}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
