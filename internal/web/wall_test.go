package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
)

// The wall before a visitor says what each level asks, and no more.
func TestWallBeforeVisitors(t *testing.T) {
	s := newTestSite(t)
	holds := s.Config.Subscribe.AllAccessLines[0]
	for _, x := range []struct {
		slug       string
		has, lacks []string
	}{
		{registeredOne, []string{"Keep reading for free", "confirm it, and this article is open to you", "Send me the letter"},
			[]string{"read this article at once", "more of your choice"}},
		{meteredOne, []string{"Keep reading for free", "read this article at once, then three more of your choice each month", "Read this article",
			"subscribe for full access", "€9 a month or €90 a year", holds}, []string{"This article is for subscribers"}},
		{subscriberOne, []string{"This article is for subscribers", "Subscribe for €9 a month", holds, `<span>Subscribers</span>`},
			[]string{"Keep reading for free", `action="/keep-reading"`, "for free"}},
	} {
		a := s.client(t).Get("/articles/" + x.slug)
		a.mustHave(t, http.StatusOK, append(x.has, teaserOf(x.slug), "Already a subscriber?", `href="/sign-in?return_to=/articles/`+x.slug+`"`,
			`href="/subscribe?article=`+x.slug+`"`)...)
		a.mustNotHave(t, append(x.lacks, restOf(x.slug))...)
	}
	openArticle := s.client(t).Get("/articles/" + openOne)
	openArticle.mustHave(t, http.StatusOK, restOf(openOne))
	openArticle.mustNotHave(t, `id="wall"`, "Keep reading")
}

// A publication that names no price has a wall that reads well without one.
func TestWallWithoutPrices(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Subscribe.PriceMonth, c.Subscribe.PriceYear = "", "" })
	a := s.client(t).Get("/articles/" + meteredOne)
	a.mustHave(t, http.StatusOK, ">subscribe for full access</a>.", `>Subscribe</a>`)
	a.mustNotHave(t, " a month", "€")
	s.client(t).Get("/articles/"+subscriberOne).mustNotHave(t, " a month", "€")
}

// The publication's rules hold over what an article says of itself: the first that matches.
func TestWallRules(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) {
		c.Wall.Rules = []config.Rule{{Section: "in-depth", Kind: "essay", Level: "open"}, {OlderThanDays: 365, Level: "subscriber"},
			{Kind: "column", Level: "registered"}, {Section: "notes", Level: "metered"}}
	})
	column, note := draftOf("column-one", access.Open, testStart), draftOf("note-one", access.Open, testStart)
	column.Kind, column.Section, note.Section = "column", "Notes", "Notes"
	s.save(column, note)
	visitor, reader := s.client(t), s.reader(t, "anna@example.org")
	for _, x := range []struct{ slug, visitor, reader string }{
		{subscriberOne, restOf(subscriberOne), restOf(subscriberOne)},
		{meteredFive, "This article is for subscribers", "This article is for subscribers"},
		{"column-one", "confirm it, and this article is open to you", restOf("column-one")},
		{"note-one", "read this article at once", "Read this one?"},
		{meteredFour, "read this article at once", "Read this one?"},
	} {
		visitor.Get("/articles/"+x.slug).mustHave(t, http.StatusOK, x.visitor)
		reader.Get("/articles/"+x.slug).mustHave(t, http.StatusOK, x.reader)
	}
	visitor.Get("/").mustHave(t, http.StatusOK, "Title of "+subscriberOne)
	// An article grows old by itself.
	s.clock.advance(326 * 24 * time.Hour)
	visitor.Get("/articles/"+meteredFour).mustHave(t, http.StatusOK, "This article is for subscribers")
}

// What the walls say where free articles are counted by thirty days.
func TestWallRolling(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.Period = "rolling" })
	s.client(t).Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "then three more of your choice every thirty days.")
	guest := s.client(t)
	guest.leaveAddress("guest@example.org", meteredOne)
	guest.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "and three articles every thirty days are free to you.")
	c := s.reader(t, "anna@example.org")
	offer := c.Get("/articles/" + meteredOne)
	offer.mustHave(t, http.StatusOK, "It will be one of your three free articles of these thirty days. You have three left.", "It stays open to you for thirty days.")
	offer.mustNotHave(t, "this month", "November.")
	c.unlock(meteredOne)
	full := c.Get("/articles/" + meteredOne)
	full.mustHave(t, http.StatusOK, "This is one of your three free articles of the last thirty days. Two left.")
	s.clock.advance(24 * time.Hour)
	c.unlock(meteredTwo)
	c.unlock(meteredThree)
	used := c.Get("/articles/" + meteredFour)
	used.mustHave(t, http.StatusOK, "You have read your three free articles of these thirty days", "The next one is yours when the first of these is thirty days old.")
	used.mustNotHave(t, "/unlock", "December")
	s.clock.advance(29*24*time.Hour + time.Minute)
	c.Get("/articles/"+meteredFour).mustHave(t, http.StatusOK, "You have one left.")
	c.Get("/articles/"+meteredOne).mustNotHave(t, restOf(meteredOne)) // its thirty days are over
	c.Get("/articles/"+meteredTwo).mustHave(t, http.StatusOK, restOf(meteredTwo))
}

// With one free article all texts speak of one.
func TestWallWithOneFreeArticle(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.FreeArticles = 1 })
	guest := s.client(t)
	guest.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "then one more of your choice each month.")
	guest.leaveAddress("guest@example.org", meteredOne)
	guest.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "and the free article of the month is yours.")
	c := s.reader(t, "anna@example.org")
	c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "It will be your free article in November. You have one left this month.")
	c.unlock(meteredOne)
	c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, "This is your free article in November. None left.")
	c.Get("/articles/"+meteredTwo).mustHave(t, http.StatusOK, "You have read your free article in November", "The next one is yours on 1 December.")
}

// Without free articles the wall gives the one for an address, and promises no others.
func TestWallWithoutFreeArticles(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.FreeArticles = 0 })
	c := s.client(t)
	wall := c.Get("/articles/" + meteredOne)
	wall.mustHave(t, http.StatusOK, "Leave your email address and read this article at once.<")
	wall.mustNotHave(t, "of your choice")
	c.leaveAddress("anna@example.org", meteredOne)
	notice := c.Get("/articles/" + meteredOne)
	notice.mustHave(t, http.StatusOK, restOf(meteredOne), "type its six digits here.</p>")
	notice.mustNotHave(t, "free article")
	c.Get("/articles/"+meteredTwo).mustNotHave(t, "and read on")
	c.typeCode(s.code("anna@example.org")).goesTo(t, "/articles/"+meteredOne)
	c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, restOf(meteredOne))
	second := c.Get("/articles/" + meteredTwo)
	second.mustHave(t, http.StatusOK, "This article is for subscribers")
	second.mustNotHave(t, "You have read", "/unlock", restOf(meteredTwo))
	c.Get("/articles/"+registeredOne).mustHave(t, http.StatusOK, restOf(registeredOne))
}

// A month begins at midnight where the publication is, also for pages that were kept.
func TestWallTurnsWithTheMonth(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Publication.TimeZone, c.Wall.FreeArticles = "Asia/Tokyo", 1 })
	s.clock.advance(time.Date(2026, 11, 30, 14, 59, 59, 0, time.UTC).Sub(testStart))
	c := s.reader(t, "anna@example.org")
	c.unlock(meteredOne)
	c.Get("/articles/"+meteredTwo).mustHave(t, http.StatusOK, "You have read your free article in November", "Monday, 30 November 2026")
	c.Get("/account").mustHave(t, http.StatusOK, "and none is left", "Title of "+meteredOne)
	s.client(t).Get("/").mustHave(t, http.StatusOK, "Monday, 30 November 2026")
	s.clock.advance(time.Second)
	s.client(t).Get("/").mustHave(t, http.StatusOK, "Tuesday, 1 December 2026")
	c.Get("/articles/"+meteredTwo).mustHave(t, http.StatusOK, "It will be your free article in December.", "It stays open to you until 31 December.", "Tuesday, 1 December 2026")
	c.Get("/articles/"+meteredOne).mustNotHave(t, restOf(meteredOne))
	c.Get("/account").mustHave(t, http.StatusOK, "and one is left", "None yet.")
}

// Who is signed in and out of free articles may be a subscriber under another address, and can sign in with it.
func TestWallLeadsToAnotherAddress(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	a := c.Get("/articles/" + subscriberOne)
	a.mustHave(t, http.StatusOK, "A subscriber under another address?")
	link := attribute(a.find(t, linkUnder("/sign-in?")), "href")
	form := c.Get(link)
	form.mustHave(t, http.StatusOK)
	if back := attribute(form.field(t, "/sign-in", "return_to"), "value"); back != "/articles/"+subscriberOne {
		t.Errorf("%s returns to %q", link, back)
	}
}

// W-35: an account that opens more than a person reads is stopped until its owner answers a mail.
func TestWallSlowDown(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.VelocityHour = 2 })
	c := s.subscriber(t, "paid@example.org")
	s.clock.advance(11 * time.Minute)
	for range 3 { // the same article again is no other one
		c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, restOf(meteredOne))
	}
	c.Get("/articles/"+subscriberOne).mustHave(t, http.StatusOK, restOf(subscriberOne))
	stopped := c.Get("/articles/" + meteredTwo)
	stopped.mustHave(t, http.StatusOK, teaserOf(meteredTwo), "You are reading very fast", "Send me a code")
	stopped.mustNotHave(t, restOf(meteredTwo), adMark, "/unlock")
	c.Get("/articles/"+openOne).mustHave(t, http.StatusOK, restOf(openOne))
	c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, restOf(meteredOne))
	if !strings.Contains(s.logs(), "account reads faster than its cap") || strings.Contains(s.logs(), "paid@example.org") {
		t.Error("the newsroom is not told, or told the address")
	}

	back := attribute(stopped.field(t, "/account/vouch", "return_to"), "value")
	before := s.sent("paid@example.org")
	c.Post("/account/vouch", url.Values{"return_to": {back}}).mustHave(t, http.StatusOK, "Check your inbox", "paid@example.org")
	if n := s.sent("paid@example.org"); n != before+1 {
		t.Fatalf("%d mails were sent", n-before)
	}
	c.typeCode("000000").refused(t, "/confirm", "code", "000000")
	c.Get("/articles/"+meteredTwo).mustNotHave(t, restOf(meteredTwo), checkInbox)
	c.typeCode(s.code("paid@example.org")).goesTo(t, "/articles/"+meteredTwo)
	c.Get("/articles/"+meteredTwo).mustHave(t, http.StatusOK, restOf(meteredTwo))
}
