package web

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// openFeed opens a feed as a reader does and returns the path of its address.
func (c *testClient) openFeed() string {
	c.t.Helper()
	a := c.Post("/account/feed", nil)
	a.mustHave(c.t, http.StatusOK, "/feeds/")
	_, rest, _ := strings.Cut(a.body, `/feeds/`)
	token, _, _ := strings.Cut(rest, "/feed.xml")
	return "/feeds/" + token + "/feed."
}

// closedFeed is the address of a feed that a subscriber had.
func (s *canarySite) closedFeed() string {
	c := s.subscriber(s.t, letters(8)+"@example.org")
	path := c.openFeed()
	c.Post("/account/feed/close", nil).goesTo(s.t, "/account?done=no-feed")
	return path + "xml"
}

// W-07: the full text is in a reader's own feed alone, whose address is long, private and ends.
func TestW07OwnFeed(t *testing.T) {
	s := newTestSite(t)
	paid := s.client(t)
	reader := s.enter(paid, "paid@example.org")
	s.grant(reader, s.clock.now().Add(30*time.Minute))
	feed, anyone := paid.openFeed(), s.client(t)
	if len(feed) < len("/feeds//feed.")+22 {
		t.Fatalf("%s: a token of less than 128 bits", feed)
	}
	for _, format := range []string{"xml", "atom", "json"} {
		a := anyone.Get(feed + format)
		a.mustHave(t, http.StatusOK, restOf(meteredOne), restOf(subscriberOne), restOf(openOne))
		a.mustNotHave(t, restOf(draftOne), restOf(scheduledOne), `src=\"/`, `href=\"/`)
		if got := a.header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("Cache-Control %q", got)
		}
		if got := a.header.Get("X-Robots-Tag"); !strings.Contains(got, "noindex") {
			t.Errorf("X-Robots-Tag %q", got)
		}
	}
	anyone.Get(feed+"txt").mustNotHave(t, restOf(meteredOne))
	for _, path := range []string{"/", "/account", "/feeds"} { // told once
		paid.Get(path).mustNotHave(t, strings.TrimSuffix(feed, "feed."))
	}
	if token := strings.Split(feed, "/")[2]; strings.Contains(s.log.String(), token) {
		t.Error("the log holds the address of a feed")
	}

	again := paid.openFeed()
	anyone.Get(feed+"xml").mustHave(t, http.StatusNotFound)
	anyone.Get(again+"xml").mustHave(t, http.StatusOK, restOf(subscriberOne))

	s.clock.advance(30*time.Minute + time.Minute) // the subscription ends
	lapsed := anyone.Get(again + "xml")
	lapsed.mustHave(t, http.StatusOK, teaserOf(subscriberOne))
	lapsed.mustNotHave(t, restOf(meteredOne), restOf(subscriberOne))
	for range ownFeedPerMinute {
		lapsed = anyone.Get(again + "xml")
	}
	if lapsed.status != http.StatusTooManyRequests || lapsed.header.Get("Retry-After") == "" {
		t.Errorf("fetched without end: status %d", lapsed.status)
	}
	paid.Post("/account/feed/close", nil).goesTo(t, "/account?done=no-feed")
	anyone.Get(again+"xml").mustHave(t, http.StatusNotFound)
	s.client(t).Post("/account/feed", nil).goesTo(t, "/sign-in?return_to=/account")
}
