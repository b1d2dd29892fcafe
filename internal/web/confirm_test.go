package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/readers"
)

// link asks for a mail and returns the path of its link.
func (s *testSite) link(c *testClient, address, returnTo string) (path, token string) {
	s.t.Helper()
	c.askToSignIn(address, returnTo).mustHave(s.t, http.StatusOK)
	token = s.token(address)
	return "/confirm?token=" + token, token
}

// press presses the button of a link's page.
func (c *testClient) press(token string) answer {
	c.t.Helper()
	return c.Post("/confirm", url.Values{"token": {token}})
}

// readerOf is what is known of an address.
func (s *testSite) readerOf(address string) readers.Reader {
	s.t.Helper()
	r, err := s.Readers.Find(context.Background(), address)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// S-04: mail scanners follow links, and consume nothing. The button works once.
func TestConfirmByLink(t *testing.T) {
	s := newTestSite(t)
	path, token := s.link(s.client(t), "anna@example.org", "/articles/"+meteredOne)
	for range 5 {
		scanner := s.client(t)
		if a := scanner.Head(path); a.status != http.StatusOK || a.body != "" {
			t.Errorf("HEAD: status %d, body %q", a.status, a.body)
		}
		a := scanner.Get(path)
		a.mustHave(t, http.StatusOK, "One press and you are in", "anna@example.org", `content="noindex"`)
		if got := attribute(a.field(t, "/confirm", "token"), "value"); got != token {
			t.Errorf("the button sends %q, want %q", got, token)
		}
		h := a.header
		if h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "private, no-store" || h.Get("Set-Cookie") != "" {
			t.Errorf("headers %v", h)
		}
		if scanner.isSignedIn() || !s.readerOf("anna@example.org").Confirmed.IsZero() {
			t.Fatal("looking at the link signed in or confirmed")
		}
	}
	c := s.client(t)
	c.press(token).goesTo(t, "/articles/"+meteredOne)
	if !c.isSignedIn() || s.readerOf("anna@example.org").Confirmed.IsZero() {
		t.Error("the button did not sign in and confirm")
	}
	for _, again := range []answer{c.press(token), s.client(t).press(token), c.Get(path)} {
		again.mustHave(t, http.StatusGone, "This link leads no further", "was used already", `href="/sign-in"`)
		again.mustNotHave(t, "anna@example.org")
	}
}

func TestConfirmOfNoLink(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for _, token := range []string{"short-token", letters(43), letters(42) + "%0a", letters(44), `"><script>`} {
		a := c.Get("/confirm?token=" + url.QueryEscape(token))
		a.mustHave(t, http.StatusGone, "This link leads no further")
		a.mustNotHave(t, token)
		c.press(token).mustHave(t, http.StatusGone, "This link leads no further")
	}
	blank := c.Get("/confirm")
	blank.mustHave(t, http.StatusOK, "type its six digits here within ten minutes")
	blank.field(t, "/confirm", "code")
	c.Post("/confirm", nil).refused(t, "/confirm", "code", "")
	if c.isSignedIn() {
		t.Error("nothing at all signed in")
	}
}

// A link opened late confirms the address, and sends a fresh mail to sign in with.
func TestConfirmLate(t *testing.T) {
	s := newTestSite(t)
	asked := s.client(t)
	path, token := s.link(asked, "anna@example.org", "/articles/"+meteredOne)
	s.clock.advance(11 * time.Minute)
	c := s.client(t)
	c.Get(path).mustHave(t, http.StatusOK, "This letter is a little old", "anna@example.org")
	if !s.readerOf("anna@example.org").Confirmed.IsZero() || s.sent("anna@example.org") != 1 {
		t.Fatal("looking at the link confirmed or sent a mail")
	}
	a := c.press(token)
	a.mustHave(t, http.StatusOK, "Check your inbox", "anna@example.org")
	if s.readerOf("anna@example.org").Confirmed.IsZero() || c.isSignedIn() || s.sent("anna@example.org") != 2 {
		t.Errorf("confirmed %v, signed in %v, %d mails", s.readerOf("anna@example.org").Confirmed, c.isSignedIn(), s.sent("anna@example.org"))
	}
	c.typeCode(s.code("anna@example.org")).goesTo(t, "/articles/"+meteredOne)

	_, token = s.link(s.client(t), "bernd@example.org", "/")
	s.clock.advance(7*24*time.Hour + time.Minute)
	c = s.client(t)
	c.Get("/confirm?token="+token).mustHave(t, http.StatusGone, "it is too old")
	c.press(token).mustHave(t, http.StatusGone)
	if !s.readerOf("bernd@example.org").Confirmed.IsZero() {
		t.Error("a link of last week confirmed")
	}
}

// The newest mail ends the older ones (S-04).
func TestConfirmByAnOlderLink(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	_, older := s.link(c, "anna@example.org", "/")
	olderCode := s.code("anna@example.org")
	s.clock.advance(10*time.Minute - time.Second)
	c.askToSignIn("anna@example.org", "/").mustHave(t, http.StatusOK) // too soon: no mail, and the older one is good
	c.Get("/confirm?token="+older).mustHave(t, http.StatusOK, "One press and you are in")
	s.clock.advance(time.Second)
	_, newer := s.link(c, "anna@example.org", "/")
	if newer == older {
		t.Fatal("no second mail")
	}
	c.typeCode(olderCode).refused(t, "/confirm", "code", olderCode)
	c.Get("/confirm?token="+older).mustHave(t, http.StatusOK, "This letter is a little old")
	c.press(newer).goesTo(t, "/")
}

// Every sign-in has a session of its own, and the one before it dies (S-01).
func TestConfirmMakesAFreshSession(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	planted := letters(43)
	c.setCookie(s.cookies.session, planted)
	_, token := s.link(c, "anna@example.org", "/")
	c.press(token).goesTo(t, "/")
	first := c.cookie(s.cookies.session)
	s.clock.advance(11 * time.Minute)
	c.askToSignIn("anna@example.org", "/").mustHave(t, http.StatusOK)
	c.typeCode(s.code("anna@example.org")).goesTo(t, "/")
	second := c.cookie(s.cookies.session)
	if first == planted || second == first || len(first) != 43 || len(second) != 43 {
		t.Errorf("sessions %q, %q after %q", first, second, planted)
	}
	old := s.client(t)
	old.setCookie(s.cookies.session, first)
	if old.isSignedIn() || !c.isSignedIn() {
		t.Errorf("the session before is good: %v, the new one: %v", old.isSignedIn(), c.isSignedIn())
	}
}

// A session ends a number of days after the last visit, however long ago it began; its cookie does not end before it.
func TestSessionsEndWhenUnused(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	for range 5 {
		s.clock.advance(60 * 24 * time.Hour)
		if !c.isSignedIn() {
			t.Fatalf("signed out at %s", s.clock.now())
		}
	}
	s.clock.advance(91 * 24 * time.Hour)
	if c.isSignedIn() {
		t.Error("signed in after 91 days without a visit")
	}
	_, token := s.link(c, "anna@example.org", "/")
	if k := sessionCookie(t, c.press(token), s.cookies.session); k.MaxAge != 400*24*3600 {
		t.Errorf("the cookie is kept for %d s", k.MaxAge)
	}
}

func sessionCookie(t *testing.T, a answer, name string) *http.Cookie {
	t.Helper()
	for _, k := range (&http.Response{Header: a.header}).Cookies() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no cookie %s in %v", name, a.header)
	return nil
}
