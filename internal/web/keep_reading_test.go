package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
)

// checkInbox is what a page says while a mail waits to be answered, adMark what stands around an advertisement.
const (
	checkInbox = "Check your inbox."
	adMark     = `class="ad"`
)

// leaveAddress sends the form at the wall of an article.
func (c *testClient) leaveAddress(address, slug string, more ...string) answer {
	c.t.Helper()
	form := url.Values{"email": {address}, "article": {slug}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return c.Post("/keep-reading", form, "Accept-Encoding", "identity")
}

// goesTo checks that an answer leads on to a path.
func (a answer) goesTo(t testing.TB, path string) {
	t.Helper()
	if a.status != http.StatusSeeOther || a.location() != path {
		t.Fatalf("status %d to %q, want 303 to %q:\n%s", a.status, a.location(), path, a.body)
	}
}

// outboxLines is the demonstration's outbox as a program reads it.
func (c *testClient) outboxLines() (lines []outboxLine) {
	c.t.Helper()
	a := c.Get("/dev/outbox.json")
	if err := json.Unmarshal([]byte(a.body), &lines); a.status != http.StatusOK || err != nil {
		c.t.Fatalf("the outbox: status %d, %v:\n%s", a.status, err, a.body)
	}
	return lines
}

// The whole way of a reader over HTTP: the wall, the first article, the mail, the free articles of the month, a
// subscription, and out.
func TestJourney(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	const address = "anna@example.org"
	wall := c.Get("/articles/" + meteredOne)
	wall.mustHave(t, http.StatusOK, teaserOf(meteredOne), "Keep reading for free", "then three more of your choice each month")
	wall.mustNotHave(t, restOf(meteredOne), checkInbox)
	wall.field(t, "/keep-reading", "email")

	a := c.leaveAddress(address, meteredOne)
	a.goesTo(t, "/articles/"+meteredOne)
	first := c.follow(a)
	first.mustHave(t, http.StatusOK, restOf(meteredOne), checkInbox, address, "and the free articles of the month are yours", adMark)
	first.field(t, "/confirm", "code")
	another := c.Get("/articles/" + meteredTwo)
	another.mustHave(t, http.StatusOK, "Keep reading for free", checkInbox, "and read on")
	another.mustNotHave(t, restOf(meteredTwo))

	letter := c.outboxLines()[0]
	if letter.To != address || len(letter.Links) != 1 || !strings.Contains(letter.Text, "Title of "+meteredOne) {
		t.Fatalf("the newest mail is %+v", letter)
	}
	a = c.Post("/confirm", url.Values{"code": {codePattern.FindStringSubmatch(letter.Text)[1]}})
	a.goesTo(t, "/articles/"+meteredOne)
	first = c.follow(a)
	first.mustHave(t, http.StatusOK, restOf(meteredOne)) // the courtesy is not one of the three
	first.mustNotHave(t, checkInbox, `<nav class="doors" aria-label="Readers"><a href="/sign-in">`)

	chooseThree(t, c)
	lastOne := c.Get("/articles/" + meteredFive)
	lastOne.mustHave(t, http.StatusOK, "You have read your three free articles in November", "The next three are yours on 1 December.")
	lastOne.mustNotHave(t, restOf(meteredFive), "/unlock")
	refused := c.follow(c.Post("/articles/"+meteredFive+"/unlock", nil))
	refused.mustHave(t, http.StatusOK, "You have read your three free articles in November")
	refused.mustNotHave(t, restOf(meteredFive))

	r, err := s.Readers.Find(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	c.Get("/").mustHave(t, http.StatusOK, adMark)
	s.grant(r, s.clock.now().AddDate(1, 0, 0))
	for path, text := range map[string]string{"/articles/" + meteredFive: restOf(meteredFive), "/articles/" + subscriberOne: restOf(subscriberOne),
		"/articles/" + openOne: restOf(openOne), "/": "Title of " + openOne} {
		full := c.Get(path)
		full.mustHave(t, http.StatusOK, text)
		full.mustNotHave(t, adMark, "Advertisement", "one of your three", `class="first" href="/subscribe"`)
	}

	session := c.cookie(s.cookies.session)
	c.Post("/sign-out", nil).goesTo(t, "/")
	if session == "" || c.cookie(s.cookies.session) != "" {
		t.Errorf("the session's cookie was %q and is %q", session, c.cookie(s.cookies.session))
	}
	c.setCookie(s.cookies.session, session)
	c.Get("/articles/"+subscriberOne).mustNotHave(t, restOf(subscriberOne))
	c.Get("/account").goesTo(t, "/sign-in?return_to=/account")
}

// chooseThree spends a reader's free articles of the month, and checks what each step says.
func chooseThree(t *testing.T, c *testClient) {
	t.Helper()
	for i, slug := range []string{meteredTwo, meteredThree, meteredFour} {
		offered, left := []string{"three", "two", "one"}[i], []string{"Two left.", "One left.", "None left."}[i]
		offer := c.Get("/articles/" + slug)
		offer.mustHave(t, http.StatusOK, "Read this one?", "It will be one of your three free articles in November.",
			"You have "+offered+" left this month.", "It stays open to you until 30 November.")
		offer.mustNotHave(t, restOf(slug))
		a := c.Post("/articles/"+slug+"/unlock", nil)
		a.goesTo(t, "/articles/"+slug)
		for range 2 { // looking again costs nothing
			full := c.follow(a)
			full.mustHave(t, http.StatusOK, restOf(slug), "This is one of your three free articles in November. "+left, adMark)
		}
	}
}

// strangersTo are addresses of equal length that the publication knows in different ways; "new" comes first.
func (s *testSite) strangersTo(t *testing.T) (addresses []string) {
	t.Helper()
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.reader(t, "known001@example.org")
	s.subscriber(t, "paying01@example.org")
	banned, err := s.Readers.Add(ctx, "banned01@example.org")
	must(err)
	must(s.Readers.Ban(ctx, banned.ID, "test", ""))
	_, err = s.Readers.Add(ctx, "unsure01@example.org")
	must(err)
	for range 3 { // all of the day's mails
		_, err = s.Readers.SignIn(ctx, readers.Ask{Address: "spent001@example.org"})
		must(err)
		s.clock.advance(11 * time.Minute)
	}
	_, err = s.Readers.SignIn(ctx, readers.Ask{Address: "recent01@example.org"}) // a mail within the last ten minutes
	must(err)
	return []string{"new00001@example.org", "known001@example.org", "paying01@example.org", "banned01@example.org",
		"unsure01@example.org", "spent001@example.org", "recent01@example.org"}
}

// disposableAddress is as long as those, at a throw-away mail service.
const disposableAddress = "waste@mailinator.com"

// told is all that an answer tells, but for the address that was typed and the value of cookies, whose length counts.
func told(a answer, address string) string {
	var lines []string
	for name, values := range a.header {
		for _, v := range values {
			switch name {
			case "Date":
				v = ""
			case "Set-Cookie":
				before, after, _ := strings.Cut(v, "=")
				value, rest, _ := strings.Cut(after, ";")
				v = fmt.Sprint(before, "=", len(value), ";", rest)
			}
			lines = append(lines, name+": "+v)
		}
	}
	slices.Sort(lines)
	return fmt.Sprint(a.status, "\n", strings.Join(lines, "\n"), "\n\n", strings.ReplaceAll(a.body, address, "ADDRESS"))
}

// S-06: neither the answer to the form nor the article after it tells what is known of an address.
func TestKeepReading(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.CourtesiesPerNetwork = 100 })
	var form, article string
	for i, address := range append(s.strangersTo(t), disposableAddress) {
		c := s.client(t)
		a := c.leaveAddress(address, meteredOne, "newsletter", "on")
		after := c.Get("/articles/"+meteredOne, "Accept-Encoding", "identity")
		if i == 0 {
			form, article = told(a, address), told(after, address)
			a.goesTo(t, "/articles/"+meteredOne)
			after.mustHave(t, http.StatusOK, restOf(meteredOne), checkInbox)
			continue
		}
		if got := told(a, address); got != form {
			t.Errorf("the form answers %s\n%s\nand a new address\n%s", address, got, form)
		}
		if address == disposableAddress { // W-27: known by its domain, not by us
			after.mustHave(t, http.StatusOK, "Keep reading for free", checkInbox)
			after.mustNotHave(t, restOf(meteredOne))
		} else if got := told(after, address); got != article {
			t.Errorf("the article, after the form for %s:\n%s\nand for a new address:\n%s", address, got, article)
		}
		if c.cookie(s.cookies.session) != "" {
			t.Errorf("typing %s signed in", address)
		}
	}
	for address, mails := range map[string]int{"new00001@example.org": 1, "banned01@example.org": 0, "recent01@example.org": 1, "spent001@example.org": 3} {
		if n := s.sent(address); n != mails {
			t.Errorf("%d mails to %s, want %d", n, address, mails)
		}
	}
}

// Past a limit the page says to look into the inbox first.
func TestCourtesyLimits(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.CourtesiesPerNetwork = 3 })
	reads := func(c *testClient, address, slug string, want bool) {
		t.Helper()
		c.leaveAddress(address, slug).goesTo(t, "/articles/"+slug)
		a := c.Get("/articles/" + slug)
		a.mustHave(t, http.StatusOK, checkInbox, address)
		if got := strings.Contains(a.body, restOf(slug)); got != want {
			t.Errorf("%s reads %s: %v, want %v", address, slug, got, want)
		}
		if !want {
			a.mustHave(t, http.StatusOK, "Keep reading for free", "and read on")
		}
	}
	one, other := s.client(t), s.client(t)
	reads(one, "anna@example.org", meteredOne, true)
	reads(one, "anna@example.org", meteredTwo, false)   // the browser has had its one
	reads(one, "bernd@example.org", meteredTwo, false)  // whatever is typed into it
	reads(other, "anna@example.org", meteredOne, false) // and so has the mailbox
	reads(other, "emil@example.org", meteredOne, true)
	reads(s.client(t), "carl@example.org", meteredOne, true)
	reads(s.client(t), "dora@example.org", meteredOne, false) // the network has had its three of the day
	s.clock.advance(25 * time.Hour)
	reads(s.client(t), "dora@example.org", meteredOne, true)
	reads(s.client(t), "anna@example.org", meteredOne, false)
	s.clock.advance(30 * 24 * time.Hour)
	reads(s.client(t), "anna@example.org", meteredOne, true)
}

// Where confirming an address comes first, or does not help, nothing else is promised.
func TestKeepReadingOnOtherLevels(t *testing.T) {
	s := newTestSite(t)
	for _, x := range []struct{ slug, says string }{
		{registeredOne, "type its six digits here, and read on."},
		{subscriberOne, "type its six digits here.</p>"},
	} {
		c := s.client(t)
		c.leaveAddress(x.slug+"@example.org", x.slug).goesTo(t, "/articles/"+x.slug)
		a := c.Get("/articles/" + x.slug)
		a.mustHave(t, http.StatusOK, teaserOf(x.slug), checkInbox, x.says)
		a.mustNotHave(t, restOf(x.slug))
		c.leaveAddress(x.slug+"@example.org", meteredOne).goesTo(t, "/articles/"+meteredOne) // the courtesy is not spent on it
		c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, restOf(meteredOne))
		c.Post("/confirm", url.Values{"code": {s.code(x.slug + "@example.org")}}).goesTo(t, "/articles/"+x.slug)
		if got, want := strings.Contains(c.Get("/articles/"+x.slug).body, restOf(x.slug)), x.slug == registeredOne; got != want {
			t.Errorf("%s can be read once the address is confirmed: %v", x.slug, got)
		}
	}
}

func TestKeepReadingSaysWhatIsWrong(t *testing.T) {
	s := newTestSite(t)
	for _, typed := range []string{"", "anna", "anna@", "@example.org", "anna@example", "anna@exa mple.org", "an na@example.org",
		`"><script>alert(1)</script>@example.org`, "anna@example.org\r\nBcc: all@example.org", strings.Repeat("a", 300) + "@example.org"} {
		c := s.client(t)
		a := c.leaveAddress(typed, meteredOne, "newsletter", "on")
		inField := strings.NewReplacer("\r", "", "\n", "").Replace(typed) // HTML, 4.10.5.1.5: no line breaks in it
		if !strings.ContainsAny(typed, "\r\n") {
			message := a.refused(t, "/keep-reading", "email", inField)
			if !strings.Contains(message, "name@example.org") {
				t.Errorf("%q: the message is %q", typed, message)
			}
		}
		a.mustHave(t, http.StatusUnprocessableEntity, `href="/articles/`+meteredOne+`"`, `value="on" checked`, `content="noindex"`)
		a.mustNotHave(t, "<script>alert", restOf(meteredOne))
		if attribute(a.field(t, "/keep-reading", "article"), "value") != meteredOne {
			t.Errorf("%q: the form forgot the article", typed)
		}
		if a.header.Get("Set-Cookie") != "" || a.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%q: headers %v", typed, a.header)
		}
	}
	if n := s.sent(""); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
	unticked := s.client(t).leaveAddress("anna", meteredOne)
	unticked.mustNotHave(t, " checked")
}

// A field that people do not see was filled in: the answer is the usual one, and nothing is done.
func TestKeepReadingHoneypot(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	if n := attribute(c.Get("/articles/"+meteredOne).field(t, "/keep-reading", "website"), "tabindex"); n != "-1" {
		t.Errorf("people can reach the trap: tabindex %q", n)
	}
	a := c.leaveAddress("robot@example.org", meteredOne, "website", "https://robot.example")
	a.goesTo(t, "/articles/"+meteredOne)
	c.follow(a).mustNotHave(t, restOf(meteredOne), checkInbox)
	if _, err := s.Readers.Find(context.Background(), "robot@example.org"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a reader was made: %v", err)
	}
	if n := s.sent(""); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestKeepReadingOfNoArticle(t *testing.T) {
	s := newTestSite(t)
	for _, slug := range []string{"", "no-such-article", draftOne, scheduledOne, "../account", "//evil.example"} {
		a := s.client(t).leaveAddress("anna@example.org", slug)
		a.mustHave(t, http.StatusNotFound, "There is no such page")
	}
	if n := s.sent(""); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
	s.client(t).leaveAddress("anna@example.org", oldSlug).goesTo(t, "/articles/"+renamedArticle)
}

// What a network asks too often is told kindly, and alike for every address.
func TestKeepReadingTooOften(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Limits.KeepReadingPerHour = 2 })
	s.reader(t, "known001@example.org")
	s.clock.advance(20 * time.Minute)
	for i := range 2 {
		s.client(t).leaveAddress(fmt.Sprintf("n%d@example.org", i), meteredOne).goesTo(t, "/articles/"+meteredOne)
	}
	a := s.client(t).leaveAddress("new00001@example.org", meteredOne)
	a.mustHave(t, http.StatusTooManyRequests, "A moment, please")
	a.mustNotHave(t, "new00001")
	if a.header.Get("Retry-After") != "2400" { // the hour began at nine
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	if b := s.client(t).leaveAddress("known001@example.org", meteredOne); told(a, "") != told(b, "") {
		t.Errorf("a new address is told\n%s\nand a known one\n%s", told(a, ""), told(b, ""))
	}
	s.clock.advance(40 * time.Minute)
	s.client(t).leaveAddress("new00001@example.org", meteredOne).goesTo(t, "/articles/"+meteredOne)
}

// A consent counts once its mail is answered, in the words that stood beside the box, and only if it was given.
func TestKeepReadingConsent(t *testing.T) {
	for _, x := range []struct {
		name    string
		box     bool
		more    []string
		wording string // "" for no consent
	}{
		{"ticked", true, []string{"newsletter", "on"}, "Send me the free newsletter. I can leave it with one press."},
		{"left alone", true, nil, ""},
		{"another value", true, []string{"newsletter", "yes"}, ""},
		{"in words", false, []string{"newsletter", "on"}, "The free newsletter comes with it. You can leave it with one press."},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := newTestSite(t, func(c *config.Config) { c.Wall.ConsentBox = x.box })
			c := s.client(t)
			wall := c.Get("/articles/" + meteredOne)
			if x.wording != "" {
				wall.mustHave(t, http.StatusOK, x.wording)
			}
			kind := attribute(wall.field(t, "/keep-reading", "newsletter"), "type")
			if want := map[bool]string{true: "checkbox", false: "hidden"}[x.box]; kind != want || strings.Contains(wall.body, " checked") {
				t.Errorf("consent is a field of type %q, want an unticked %q", kind, want)
			}
			c.leaveAddress("anna@example.org", meteredOne, x.more...)
			if list := s.consents("anna@example.org"); len(list) != 0 {
				t.Errorf("before the mail was answered: %+v", list)
			}
			c.Post("/confirm", url.Values{"code": {s.code("anna@example.org")}}).goesTo(t, "/articles/"+meteredOne)
			list := s.consents("anna@example.org")
			if x.wording == "" && len(list) != 0 || x.wording != "" && (len(list) != 1 || list[0].Wording != x.wording ||
				list[0].Subject != readers.Newsletter || list[0].Network != "127.0.0.0/24") {
				t.Errorf("consents %+v, want wording %q", list, x.wording)
			}
		})
	}
}

// consents are what the reader of an address agreed to.
func (s *testSite) consents(address string) []readers.Consent {
	s.t.Helper()
	ctx := context.Background()
	r, err := s.Readers.Find(ctx, address)
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := s.Readers.Consents(ctx, r.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// Who is signed in has free articles of their own.
func TestKeepReadingSignedIn(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	before := s.sent("")
	c.leaveAddress("another@example.org", meteredOne).goesTo(t, "/articles/"+meteredOne)
	c.Get("/articles/"+meteredOne).mustNotHave(t, restOf(meteredOne))
	if n := s.sent(""); n != before {
		t.Errorf("%d mails were sent", n-before)
	}
}
