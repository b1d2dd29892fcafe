package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
)

// askToSignIn sends the sign-in form.
func (c *testClient) askToSignIn(address, returnTo string) answer {
	c.t.Helper()
	return c.Post("/sign-in", url.Values{"email": {address}, "return_to": {returnTo}}, "Accept-Encoding", "identity")
}

// typeCode sends a code.
func (c *testClient) typeCode(code string) answer {
	c.t.Helper()
	return c.Post("/confirm", url.Values{"code": {code}})
}

// isSignedIn reports whether a browser has an account to look after.
func (c *testClient) isSignedIn() bool {
	c.t.Helper()
	return c.Get("/account").status == http.StatusOK
}

func TestSignIn(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	form := c.Get("/sign-in?return_to=/articles/" + meteredTwo)
	form.mustHave(t, http.StatusOK, "We keep no passwords.")
	back := attribute(form.field(t, "/sign-in", "return_to"), "value")
	if back != "/articles/"+meteredTwo || form.header.Get("Cache-Control") != "private, no-store" || form.header.Get("Set-Cookie") != "" {
		t.Errorf("the form returns to %q, with headers %v", back, form.header)
	}
	inbox := c.askToSignIn(" Anna@Example.org ", back)
	inbox.mustHave(t, http.StatusOK, "Check your inbox", "If Anna@example.org can receive our letters", `content="noindex"`)
	inbox.field(t, "/confirm", "code")
	if c.isSignedIn() {
		t.Fatal("typing an address signed in")
	}
	c.typeCode(s.code("Anna@example.org")).goesTo(t, "/articles/"+meteredTwo)
	account := c.Get("/account")
	account.mustHave(t, http.StatusOK, "Anna@example.org")

	// Who is signed in is sent on, unless they want to be somebody else.
	c.Get("/sign-in").goesTo(t, "/account")
	c.Get("/sign-in?return_to=/archive").goesTo(t, "/archive")
	other := c.Get("/sign-in?other&return_to=/archive")
	other.mustHave(t, http.StatusOK)
	c.askToSignIn("other@example.org", attribute(other.field(t, "/sign-in", "return_to"), "value")).mustHave(t, http.StatusOK)
	old := c.cookie(s.cookies.session)
	c.typeCode(s.code("other@example.org")).goesTo(t, "/archive")
	c.Get("/account").mustHave(t, http.StatusOK, "other@example.org")
	left := s.client(t)
	left.setCookie(s.cookies.session, old)
	if left.isSignedIn() {
		t.Error("the session before is still good")
	}
}

// S-06: the answer is the same whatever is known of an address.
func TestSignInAnswersAlike(t *testing.T) {
	s := newTestSite(t)
	want := ""
	for _, address := range append(s.strangersTo(t), disposableAddress) {
		c := s.client(t)
		a := c.askToSignIn(address, "/archive")
		got := told(a, address) + told(c.Get("/articles/"+meteredOne, "Accept-Encoding", "identity"), address)
		if want == "" {
			a.mustHave(t, http.StatusOK, "Check your inbox", address)
			want = got
		}
		if got != want {
			t.Errorf("the form answers %s\n%s\nand a new address\n%s", address, got, want)
		}
		wrong := told(c.typeCode("000000"), address)
		if !strings.Contains(wrong, "This code is not right") {
			t.Errorf("a wrong code for %s: %s", address, wrong)
		}
	}
	if n := s.sent("new00001@example.org"); n != 1 {
		t.Errorf("%d mails to a new address", n)
	}
	if n := s.sent("banned01@example.org"); n != 0 {
		t.Errorf("%d mails to who is banned", n)
	}
}

func TestSignInSaysWhatIsWrong(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for _, typed := range []string{"", "anna", "anna@example", `"><b>x</b>`, "\x02doors\x03"} {
		a := c.askToSignIn(typed, "/archive")
		a.refused(t, "/sign-in", "email", typed)
		a.mustNotHave(t, "<b>x")
		if back := attribute(a.field(t, "/sign-in", "return_to"), "value"); back != "/archive" {
			t.Errorf("%q: the form returns to %q", typed, back)
		}
	}
	robot := c.Post("/sign-in", url.Values{"email": {"robot@example.org"}, "website": {"x"}})
	robot.mustHave(t, http.StatusOK, "Check your inbox", "robot@example.org")
	if n := s.sent(""); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
	malformed := c.send(http.MethodPost, "/sign-in", strings.NewReader("email=%zz"), "Content-Type", "application/x-www-form-urlencoded")
	malformed.mustHave(t, http.StatusUnprocessableEntity, "The form could not be read.")
}

func TestSignInTooOften(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Limits.SignInPerHour = 2 })
	for i := range 2 {
		s.client(t).askToSignIn(fmt.Sprintf("n%d@example.org", i), "/").mustHave(t, http.StatusOK)
	}
	a := s.client(t).askToSignIn("n3@example.org", "/")
	a.mustHave(t, http.StatusTooManyRequests, "A moment, please")
	if a.header.Get("Retry-After") != "3600" || s.sent("n3@example.org") != 0 {
		t.Errorf("Retry-After %q, %d mails", a.header.Get("Retry-After"), s.sent("n3@example.org"))
	}
	// The wall counts by itself.
	s.client(t).leaveAddress("n3@example.org", meteredOne).goesTo(t, "/articles/"+meteredOne)
}

// asks sends the sign-in form from a browser of its own, and returns the code of the mail.
func (s *testSite) asks(t *testing.T, address string) (c *testClient, code string) {
	t.Helper()
	c = s.client(t)
	c.askToSignIn(address, "/archive").mustHave(t, http.StatusOK)
	return c, s.code(address)
}

// otherThan is a code that is not the right one.
func otherThan(code string) string {
	if code == "123456" {
		return "654321"
	}
	return "123456"
}

// People type digits in groups.
func TestCodesInEverySpelling(t *testing.T) {
	s := newTestSite(t)
	for i, spell := range []func(string) string{
		func(code string) string { return code[:3] + " " + code[3:] },
		func(code string) string { return " " + strings.Join(strings.Split(code, ""), " ") + " " },
		func(code string) string { return code[:3] + "\u00a0" + code[3:] },
		func(code string) string { return code[:2] + "-" + code[2:4] + "-" + code[4:] },
	} {
		c, code := s.asks(t, fmt.Sprintf("code%d@example.org", i))
		c.typeCode(spell(code)).goesTo(t, "/archive")
		if !c.isSignedIn() {
			t.Errorf("the code as %q does not sign in", spell(code))
		}
	}
}

// A code may be tried five times, whatever comes then.
func TestCodeTries(t *testing.T) {
	s := newTestSite(t)
	c, code := s.asks(t, "anna@example.org")
	wrong := otherThan(code)
	for i := range 5 {
		a := c.typeCode(wrong)
		if message := a.refused(t, "/confirm", "code", wrong); !strings.Contains(message, "This code is not right") {
			t.Errorf("try %d: %s", i, message)
		}
		a.mustHave(t, http.StatusUnprocessableEntity, "anna@example.org", `href="/sign-in?return_to=%2farchive"`)
	}
	c.typeCode(code).refused(t, "/confirm", "code", code)
	if c.isSignedIn() {
		t.Error("a sixth try signed in")
	}
	c.press(s.token("anna@example.org")).goesTo(t, "/archive") // who has the mail itself still gets in
}

// A code is for the browser that asked, once, for ten minutes.
func TestCodesOfOthersAndOldOnes(t *testing.T) {
	s := newTestSite(t)
	c, code := s.asks(t, "anna@example.org")
	other, _ := s.asks(t, "other@example.org")
	s.client(t).typeCode(code).refused(t, "/confirm", "code", code) // a browser that asked for nothing
	other.typeCode(code).refused(t, "/confirm", "code", code)       // one that asked for another address
	c.typeCode(code).goesTo(t, "/archive")
	c.Post("/sign-out", nil).goesTo(t, "/")
	c.typeCode(code).refused(t, "/confirm", "code", code) // used

	c, code = s.asks(t, "bernd@example.org")
	s.clock.advance(10 * time.Minute)
	c.typeCode(code).refused(t, "/confirm", "code", code)
	if c.isSignedIn() {
		t.Error("an old code signed in")
	}
	a := c.Get("/articles/" + meteredOne) // the page knows, and offers another
	a.mustHave(t, http.StatusOK, "is no longer good after ten minutes", "Send the letter again")
	back, address := attribute(a.field(t, "/sign-in", "return_to"), "value"), attribute(a.field(t, "/sign-in", "email"), "value")
	c.askToSignIn(address, back).mustHave(t, http.StatusOK, "Check your inbox")
	c.typeCode(s.code("bernd@example.org")).goesTo(t, "/articles/"+meteredOne)
}

// Signing in goes back to where it was asked for, and to no other site: what is unsafe, TestS13ReturnTo lists.
func TestSignInReturns(t *testing.T) {
	s := newTestSite(t)
	for i, path := range []string{"/", "/articles/" + meteredOne, "/archive?after=o1-2&x=%20y", "/topics/trade", "/account?done=name"} {
		address := fmt.Sprintf("back%d@example.org", i)
		c := s.client(t)
		page := c.Get("/sign-in?return_to=" + url.QueryEscape(path))
		c.askToSignIn(address, attribute(page.field(t, "/sign-in", "return_to"), "value"))
		elsewhere := s.client(t) // the mail is opened on another device
		elsewhere.Post("/confirm", url.Values{"token": {s.token(address)}}).goesTo(t, path)
		if !elsewhere.isSignedIn() || c.isSignedIn() {
			t.Errorf("%s: the link signs in %v, and the browser that asked %v", path, elsewhere.isSignedIn(), c.isSignedIn())
		}
	}
	c := s.client(t)
	c.askToSignIn("away@example.org", "//evil.example/x")
	c.typeCode(s.code("away@example.org")).goesTo(t, "/")
}

func TestSignOut(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	session, visitor := c.cookie(s.cookies.session), c.cookie(s.cookies.visitor)
	if a := c.Get("/sign-out"); a.status != http.StatusMethodNotAllowed || !c.isSignedIn() {
		t.Errorf("a GET to sign out: status %d, and signed in %v", a.status, c.isSignedIn())
	}
	a := c.Post("/sign-out", nil)
	a.goesTo(t, "/")
	if a.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("Cache-Control %q", a.header.Get("Cache-Control"))
	}
	if c.cookie(s.cookies.session) != "" || c.cookie(s.cookies.visitor) != visitor {
		t.Errorf("cookies: session %q, visitor %q, want none and %q", c.cookie(s.cookies.session), c.cookie(s.cookies.visitor), visitor)
	}
	c.setCookie(s.cookies.session, session)
	if c.isSignedIn() {
		t.Error("the session is still good")
	}
	c.Post("/sign-out", nil).goesTo(t, "/") // once more does no harm
	s.client(t).Post("/sign-out", nil).goesTo(t, "/")
}
