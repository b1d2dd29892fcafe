package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

// browser is a client that names itself.
func (s *testSite) browser(t *testing.T, address, agent string) *testClient {
	t.Helper()
	c := s.client(t)
	_, token := s.link(c, address, "/")
	c.Post("/confirm", url.Values{"token": {token}}, "User-Agent", agent).goesTo(t, "/")
	return c
}

const (
	firefoxOnWindows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
	safariOnPhone    = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)

// Every route of the account is for who is signed in. A route made later is asked here by itself.
func TestAccountWantsSignIn(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "anna@example.org")
	n := 0
	for _, r := range s.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if !strings.HasPrefix(path, "/account") {
			continue
		}
		n++
		path = strings.ReplaceAll(path, "{session}", letters(43))
		for _, session := range []string{"", letters(43)} {
			c := s.client(t)
			c.setCookie(s.cookies.session, session)
			a := c.send(method, path, strings.NewReader("email=anna@example.org&name=x"), "Content-Type", "application/x-www-form-urlencoded")
			a.goesTo(t, "/sign-in?return_to=/account")
			if a.header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: Cache-Control %q", r.Pattern, a.header.Get("Cache-Control"))
			}
		}
	}
	if n < 8 {
		t.Errorf("%d routes of the account", n)
	}
}

func TestAccountName(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	c.Post("/account/name", url.Values{"name": {"  Anna \t Ärmel & <Söhne> "}}).goesTo(t, "/account?done=name")
	page := c.Get("/account?done=name")
	page.mustHave(t, http.StatusOK, "Your name has been changed.", "anna@example.org")
	if got := attribute(page.field(t, "/account/name", "name"), "value"); got != "Anna Ärmel & <Söhne>" {
		t.Errorf("the name is %q", got)
	}
	long := strings.Repeat("ä", 101)
	wrong := c.Post("/account/name", url.Values{"name": {long}})
	if message := wrong.refused(t, "/account/name", "name", long); !strings.Contains(message, "100 characters") {
		t.Errorf("the message is %q", message)
	}
	if attribute(wrong.field(t, "/account/address", "email"), "aria-invalid") != "" {
		t.Error("the other forms are marked as wrong")
	}
	c.Post("/account/name", url.Values{"name": {""}}).goesTo(t, "/account?done=name")
	if got := attribute(c.Get("/account").field(t, "/account/name", "name"), "value"); got != "" {
		t.Errorf("the name is %q", got)
	}
	c.Get("/account?done=%3Cb%3E").mustNotHave(t, "<b>", `role="status"`)
}

// An address changes once its owner answers: both addresses are written to, and all other devices are signed out.
func TestAccountAddress(t *testing.T) {
	s := newTestSite(t)
	here := s.browser(t, "old@example.org", firefoxOnWindows)
	s.clock.advance(11 * time.Minute)
	there := s.browser(t, "old@example.org", safariOnPhone)
	before := s.readerOf("old@example.org")
	here.unlock(meteredOne)

	here.Post("/account/address", url.Values{"email": {"New@Example.org"}}).goesTo(t, "/account?done=address")
	here.Get("/account?done=address").mustHave(t, http.StatusOK, "We have written to both addresses.", "Letters go to old@example.org")
	mails := here.outboxLines()
	if mails[0].To != "old@example.org" || !strings.Contains(mails[0].Text, "New@example.org") || len(mails[0].Links) != 0 {
		t.Errorf("the old address is told %+v", mails[0])
	}
	if mails[1].To != "New@example.org" || len(mails[1].Links) != 1 {
		t.Fatalf("the new address is told %+v", mails[1])
	}
	token := s.token("New@example.org")
	page := here.Get("/confirm?token=" + token)
	page.mustHave(t, http.StatusOK, "Change your address", "From now on our letters go to New@example.org.")
	if got := s.readerOf("old@example.org").ID; got != before.ID {
		t.Fatal("looking at the link changed the address")
	}
	session := here.cookie(s.cookies.session)
	here.press(token).goesTo(t, "/account?done=moved")
	here.Get("/account?done=moved").mustHave(t, http.StatusOK, "Your address has been changed.")
	here.Get("/account").mustHave(t, http.StatusOK, "New@example.org", "Title of "+meteredOne, "on this device alone")
	if got := s.readerOf("new@example.org").ID; got != before.ID {
		t.Errorf("the new address is reader %d, want %d", got, before.ID)
	}
	if there.isSignedIn() {
		t.Error("the other device is still signed in")
	}
	stolen := s.client(t)
	stolen.setCookie(s.cookies.session, session)
	if stolen.isSignedIn() || here.cookie(s.cookies.session) == session {
		t.Error("the session before is still good")
	}
	here.press(token).mustHave(t, http.StatusGone)
}

// A link that changes an address may be opened on a device that is not signed in: it then signs nobody in.
func TestAccountAddressElsewhere(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "old@example.org")
	c.Post("/account/address", url.Values{"email": {"new@example.org"}}).goesTo(t, "/account?done=address")
	elsewhere := s.client(t)
	elsewhere.press(s.token("new@example.org")).goesTo(t, "/sign-in?done=moved")
	if elsewhere.isSignedIn() || c.isSignedIn() {
		t.Errorf("signed in: there %v, here %v", elsewhere.isSignedIn(), c.isSignedIn())
	}
}

func TestAccountAddressSaysWhatIsWrong(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "taken@example.org")
	s.clock.advance(11 * time.Minute)
	c := s.reader(t, "anna@example.org")
	for typed, says := range map[string]string{"": "name@example.org", "nonsense": "name@example.org", "anna@example.org": "This is your address already."} {
		a := c.Post("/account/address", url.Values{"email": {typed}})
		if message := a.refused(t, "/account/address", "email", typed); !strings.Contains(message, says) {
			t.Errorf("%q: %s", typed, message)
		}
	}
	// Whose an address is, only its owner learns, by the mail.
	c.Post("/account/address", url.Values{"email": {"taken@example.org"}}).goesTo(t, "/account?done=address")
	taken := c.press(s.token("taken@example.org"))
	taken.mustHave(t, http.StatusGone, "This address belongs to another account.")
	taken.mustNotHave(t, "was used already")
	c.Get("/account").mustHave(t, http.StatusOK, "anna@example.org")
	for range 2 {
		c.Post("/account/address", url.Values{"email": {"other@example.org"}}).goesTo(t, "/account?done=address")
	}
	often := c.Post("/account/address", url.Values{"email": {"other@example.org"}})
	often.mustHave(t, http.StatusTooManyRequests, "three times today", `value="other@example.org"`)
	if often.header.Get("Retry-After") != "86400" {
		t.Errorf("Retry-After %q", often.header.Get("Retry-After"))
	}
}

func TestAccountDevices(t *testing.T) {
	s := newTestSite(t)
	here := s.browser(t, "anna@example.org", firefoxOnWindows)
	one := here.Get("/account")
	one.mustHave(t, http.StatusOK, "You are signed in on this device alone.", "Firefox on Windows, this one")
	one.mustNotHave(t, "Sign out all other devices", "/end\"")
	s.clock.advance(11 * time.Minute)
	there := s.browser(t, "anna@example.org", safariOnPhone)
	s.clock.advance(11 * time.Minute)
	third := s.browser(t, "anna@example.org", "curl/8.0")
	list := here.Get("/account")
	list.mustHave(t, http.StatusOK, "You are signed in on three devices.", "Firefox on Windows, this one", "Safari on iPhone", ">curl<",
		"last seen 16 November 2026", "Sign out all other devices")

	button := list.find(t, endsDevice("Safari on iPhone"))
	if button == nil {
		t.Fatalf("no button ends the phone:\n%s", list.body)
	}
	end := attribute(button, "action")
	stranger := s.reader(t, "stranger@example.org")
	stranger.Post(end, nil).mustHave(t, http.StatusNotFound) // not theirs
	stranger.Post("/account/sessions/nonsense/end", nil).mustHave(t, http.StatusNotFound)
	if !there.isSignedIn() {
		t.Fatal("a stranger ended the session")
	}
	here.Post(end, nil).goesTo(t, "/account?done=device")
	if there.isSignedIn() || !third.isSignedIn() || !here.isSignedIn() {
		t.Errorf("signed in: there %v, third %v, here %v", there.isSignedIn(), third.isSignedIn(), here.isSignedIn())
	}
	here.Get("/account?done=device").mustHave(t, http.StatusOK, "That device is signed out.", "on two devices")
	here.Post("/account/sessions/end-others", nil).goesTo(t, "/account?done=devices")
	here.Get("/account?done=devices").mustHave(t, http.StatusOK, "All other devices are signed out.", "on this device alone")
	if third.isSignedIn() || !here.isSignedIn() || !stranger.isSignedIn() {
		t.Errorf("signed in: third %v, here %v, stranger %v", third.isSignedIn(), here.isSignedIn(), stranger.isSignedIn())
	}
}

// W-30: with a device too many the one unused longest is signed out.
func TestAccountDeviceLimit(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.SessionDevices = 2; c.Limits.MailsPerAddressPerDay = 10 })
	var all []*testClient
	for range 3 {
		all = append(all, s.browser(t, "anna@example.org", firefoxOnWindows))
		s.clock.advance(11 * time.Minute)
	}
	if all[0].isSignedIn() || !all[1].isSignedIn() || !all[2].isSignedIn() {
		t.Errorf("signed in: %v, %v, %v", all[0].isSignedIn(), all[1].isSignedIn(), all[2].isSignedIn())
	}
}

func TestAccountNewsletters(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	ticked := func() bool {
		t.Helper()
		a := c.Get("/account")
		for _, x := range a.field(t, "/account/newsletters", "newsletter").Attr {
			if x.Key == "checked" {
				return true
			}
		}
		return false
	}
	if ticked() {
		t.Error("the box is ticked before anybody agreed")
	}
	c.Post("/account/newsletters", url.Values{"newsletter": {"on"}}).goesTo(t, "/account?done=newsletter")
	c.Get("/account?done=newsletter").mustHave(t, http.StatusOK, "You are on the list")
	list := s.consents("anna@example.org")
	if !ticked() || len(list) != 1 || list[0].Wording != "Send me the free newsletter. I can leave it with one press." || !list[0].Withdrawn.IsZero() {
		t.Errorf("ticked %v, consents %+v", ticked(), list)
	}
	s.clock.advance(time.Hour)
	c.Post("/account/newsletters", nil).goesTo(t, "/account?done=no-newsletter")
	c.Get("/account?done=no-newsletter").mustHave(t, http.StatusOK, "You are off the list")
	list = s.consents("anna@example.org")
	if ticked() || len(list) != 1 || !list[0].Withdrawn.Equal(s.clock.now()) {
		t.Errorf("ticked %v, consents %+v", ticked(), list)
	}
}

// This month's articles, in every way a publication can count them.
func TestAccountMonth(t *testing.T) {
	for _, x := range []struct {
		name   string
		wall   func(*config.Wall)
		unlock []string
		has    []string
		lacks  []string
	}{
		{"none chosen", func(*config.Wall) {}, nil,
			[]string{"This month’s articles", "You have chosen none of three free articles, with three left.", "press the button under its opening"}, nil},
		{"one", func(*config.Wall) {}, []string{meteredOne},
			[]string{"You have chosen one of three free articles, with two left.", "Title of " + meteredOne, "16 November 2026"}, []string{"None yet."}},
		{"all", func(*config.Wall) {}, []string{meteredOne, meteredTwo, meteredThree},
			[]string{"You have chosen three of three free articles, with none left.", "Title of " + meteredThree}, nil},
		{"one free", func(w *config.Wall) { w.FreeArticles = 1 }, nil, []string{"You have one free article, and one is left."}, nil},
		{"one free and chosen", func(w *config.Wall) { w.FreeArticles = 1 }, []string{meteredOne}, []string{"You have one free article, and none is left."}, nil},
		{"none free", func(w *config.Wall) { w.FreeArticles = 0 }, nil, []string{"There are no free articles."}, []string{"None yet.", "You have chosen"}},
		{"rolling", func(w *config.Wall) { w.Period = "rolling" }, []string{meteredOne},
			[]string{"The free articles of these thirty days", "one of three"}, []string{"This month"}},
		{"automatic", func(w *config.Wall) { w.Spend = "automatic" }, nil, []string{"Any article you open becomes one of them."}, []string{"press the button"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newTestSite(t, func(c *config.Config) { x.wall(&c.Wall) })
			c := s.reader(t, "anna@example.org")
			for _, slug := range x.unlock {
				c.unlock(slug)
			}
			a := c.Get("/account")
			a.mustHave(t, http.StatusOK, x.has...)
			a.mustNotHave(t, x.lacks...)
		})
	}
}

// An article that was withdrawn is not shown, and stays spent; who reads everything is not counted at all.
func TestAccountMonthOfOthers(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	c.unlock(meteredOne)
	c.unlock(meteredTwo)
	gone := draftOf(meteredTwo, access.Metered, testStart)
	gone.ID, gone.State = s.articleID(meteredTwo), library.Drafted
	s.save(gone)
	a := c.Get("/account")
	a.mustHave(t, http.StatusOK, "You have chosen two of three free articles, with one left.", "Title of "+meteredOne)
	a.mustNotHave(t, "Title of "+meteredTwo)
	s.grant(s.readerOf("anna@example.org"), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	a = c.Get("/account")
	a.mustHave(t, http.StatusOK, "All-Access until 31 December 2026")
	a.mustNotHave(t, "This month’s articles", "free articles, with")
}

// The reader's data is all of it, theirs alone, and kept by nobody.
func TestAccountData(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "other@example.org").unlock(meteredTwo)
	c := s.browser(t, "anna@example.org", firefoxOnWindows)
	c.Post("/account/name", url.Values{"name": {"Anna"}})
	c.Post("/account/newsletters", url.Values{"newsletter": {"on"}})
	c.unlock(meteredOne)
	s.grant(s.readerOf("anna@example.org"), s.clock.now().AddDate(1, 0, 0))
	a := c.Get("/account/data")
	a.mustHave(t, http.StatusOK)
	a.mustNotHave(t, "other@example.org", c.cookie(s.cookies.session))
	h := a.header
	if h.Get("Content-Type") != "application/json; charset=utf-8" || h.Get("Cache-Control") != "private, no-store" ||
		h.Get("Content-Disposition") != `attachment; filename="my-data.json"` {
		t.Errorf("headers %v", h)
	}
	var e struct {
		Reader struct {
			Address, Name string
			Confirmed     *time.Time
		}
		Consents []struct{ Subject, Wording, Network string }
		Sessions []struct{ Device string }
		Events   []struct{ What string }
		Parts    []struct {
			Name string
			Data []map[string]any
		}
	}
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatal(err)
	}
	if e.Reader.Address != "anna@example.org" || e.Reader.Name != "Anna" || e.Reader.Confirmed == nil {
		t.Errorf("reader %+v", e.Reader)
	}
	if len(e.Consents) != 1 || e.Consents[0].Wording == "" || len(e.Sessions) != 1 || e.Sessions[0].Device != "Firefox on Windows" {
		t.Errorf("consents %+v, sessions %+v", e.Consents, e.Sessions)
	}
	var events []string
	for _, v := range e.Events {
		events = append(events, v.What)
	}
	if strings.Join(events, " ") != "grant sign-in" {
		t.Errorf("events %q", events)
	}
	parts := map[string][]map[string]any{}
	for _, p := range e.Parts {
		parts[p.Name] = p.Data
	}
	if u := parts["unlocks"]; len(u) != 1 || u[0]["article"] != float64(s.articleID(meteredOne)) {
		t.Errorf("unlocks %v", u)
	}
	if p := parts["subscriptions"]; len(p) != 1 || p[0]["plan"] != "all-access" {
		t.Errorf("subscriptions %v", p)
	}
}

func TestAccountDelete(t *testing.T) {
	s := newTestSite(t)
	c := s.browser(t, "Anna.Marie@gmail.com", firefoxOnWindows)
	s.clock.advance(11 * time.Minute)
	phone := s.browser(t, "Anna.Marie@gmail.com", safariOnPhone)
	other := s.reader(t, "other@example.org")
	other.unlock(meteredOne)
	c.unlock(meteredOne)
	r := s.readerOf("annamarie@gmail.com")
	s.grant(r, s.clock.now().AddDate(1, 0, 0))
	for _, typed := range []string{"", "delete", "other@example.org"} {
		a := c.Post("/account/delete", url.Values{"email": {typed}})
		if message := a.refused(t, "/account/delete", "email", typed); message != "This is not the address of your account." {
			t.Errorf("%q: %s", typed, message)
		}
	}
	if !phone.isSignedIn() || s.rows("unlocks WHERE article > 0 AND reader", r.ID) != 1 || s.rows("subscriptions WHERE reader", r.ID) != 1 {
		t.Fatal("a form that was refused deleted something")
	}
	session := c.cookie(s.cookies.session)
	c.Post("/account/delete", url.Values{"email": {"ANNAMARIE@googlemail.com"}}).goesTo(t, "/sign-in?done=deleted")
	c.Get("/sign-in?done=deleted").mustHave(t, http.StatusOK, "Your account is deleted")
	c.Get("/sign-in?done=%3Cb%3E").mustNotHave(t, "<b>", `role="status"`)
	if c.cookie(s.cookies.session) != "" {
		t.Error("the session's cookie is still there")
	}
	c.setCookie(s.cookies.session, session)
	if c.isSignedIn() || phone.isSignedIn() || !other.isSignedIn() {
		t.Errorf("signed in: here %v, phone %v, other %v", c.isSignedIn(), phone.isSignedIn(), other.isSignedIn())
	}
	c.Get("/articles/"+subscriberOne).mustNotHave(t, restOf(subscriberOne))
	for _, of := range []string{"readers WHERE id", "sessions WHERE reader", "attempts WHERE reader", "consents WHERE reader",
		"subscriptions WHERE reader", "unlocks WHERE article > 0 AND reader"} {
		if n := s.rows(of, r.ID); n != 0 {
			t.Errorf("%d rows of %s are left", n, of)
		}
	}
	if s.rows("unlocks WHERE article > 0 AND reader", s.readerOf("other@example.org").ID) != 1 {
		t.Error("another reader's unlocks are gone")
	}
	if n := s.sent("Anna.Marie@gmail.com"); n != 1 || c.outboxLines()[0].Subject != "Your account is deleted" {
		t.Errorf("%d mails are left, the newest %q", n, c.outboxLines()[0].Subject)
	}

	// Who comes back begins anew, but not the month.
	s.clock.advance(24 * time.Hour)
	again := s.browser(t, "anna.marie@gmail.com", firefoxOnWindows).Get("/account")
	again.mustHave(t, http.StatusOK, "You have chosen one of three free articles, with two left.", "on this device alone")
	again.mustNotHave(t, "Title of "+meteredOne, "All-Access until")
}

// rows counts what stands in the database of a reader: of is a table and a condition on its column.
func (s *testSite) rows(of string, reader int64) (n int) {
	s.t.Helper()
	ctx := context.Background()
	if err := s.db.QueryRow(ctx, "SELECT COUNT(*) FROM "+of+" = $1", reader).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}
