package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/readers"
)

// gives has a subscriber give an article away and returns the path of the link.
func (c *testClient) gives(slug string) string {
	c.t.Helper()
	a := c.Post("/articles/"+slug+"/give", nil)
	if a.status != http.StatusOK {
		c.t.Fatalf("status %d:\n%s", a.status, a.body)
	}
	_, rest, _ := strings.Cut(a.body, c.site.url+"/given/")
	token, _, _ := strings.Cut(rest, `"`)
	return "/given/" + token
}

// spentGift is the token of a link that was opened on all the devices it may.
func (s *canarySite) spentGift() string {
	s.t.Helper()
	t := s.t.(*testing.T)
	path := s.subscriber(t, letters(8)+"@example.org").gives("subscriber-canary-html")
	token := strings.TrimPrefix(path, "/given/")
	for i := range s.Config.Wall.GiftDevices {
		if _, err := s.Gate.OpenGift(context.Background(), token, fmt.Sprint("device", i)); err != nil {
			t.Fatal(err)
		}
	}
	return token
}

func TestSubscriberGivesAnArticle(t *testing.T) {
	s := newTestSite(t)
	giver := s.subscriber(t, "giver@example.org")
	giver.Get("/articles/"+subscriberOne).mustHave(t, 200, "Give this article away")
	giver.Get("/articles/"+openOne).mustNotHave(t, "Give this article away")
	giver.Get("/account").mustHave(t, 200, "You can give away ten more articles this month")
	path := giver.gives(subscriberOne)

	friend := s.client(t)
	for range 3 {
		a := friend.Get(path)
		a.mustHave(t, 200, "A gift from a reader", "Title of "+subscriberOne, "Read the article")
		a.mustNotHave(t, restOf(subscriberOne))
	}
	if friend.reads(subscriberOne) {
		t.Fatal("a GET opens it: programs that follow links would use devices up (S-08)")
	}
	friend.Post(path, nil).goesTo(t, "/articles/"+subscriberOne)
	read := friend.Get("/articles/" + subscriberOne)
	read.mustHave(t, 200, restOf(subscriberOne), "A subscriber has given you this article.", `action="/keep-reading"`)
	if got := read.header.Get("Cache-Control"); !strings.Contains(got, "private") || !strings.Contains(got, "no-store") {
		t.Errorf("a gift may be kept by caches: %q", got)
	}
	friend.Get(path).goesTo(t, "/articles/"+subscriberOne) // who has it needs no button
	if friend.reads(meteredOne) || s.client(t).reads(subscriberOne) {
		t.Error("it opens more than one article to one browser")
	}
	giver.Get("/account").mustHave(t, 200, "nine more articles this month", "opened on one device of ten", "Take it back")
	friend.leaveAddress("friend@example.org", subscriberOne).goesTo(t, "/articles/"+subscriberOne)
	friend.Get("/articles/"+subscriberOne).mustHave(t, 200, restOf(subscriberOne), checkInbox)
	s.enter(friend, "friend@example.org")
	friend.Get("/articles/"+subscriberOne).mustHave(t, 200, restOf(subscriberOne), "It does not count against your free articles.")

	giver.follow(giver.Post("/account/gifts/take-back", url.Values{"article": {fmt.Sprint(s.articleID(subscriberOne))}, "period": {"2026-11"}})).
		mustHave(t, 200, "open nothing any more", "the link has run out")
	if friend.reads(subscriberOne) {
		t.Error("what was taken back is read")
	}
	friend.Get(path).mustHave(t, 404, "It has run out, was taken back, or is not complete")
}

// W-32: a link on a forum, guessed, replayed.
func TestW32GiftOnAForum(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.GiftDevices = 3 })
	path := s.subscriber(t, "giver@example.org").gives(subscriberOne)
	crowd := 0
	for range 8 {
		c := s.client(t)
		c.Post(path, nil)
		if c.reads(subscriberOne) {
			crowd++
		}
	}
	if crowd != 3 {
		t.Errorf("%d of a crowd read it, want 3", crowd)
	}
	late := s.client(t)
	late.follow(late.Post(path, nil)).mustHave(t, 200, "on as many devices as it may")
	for _, guess := range []string{"/given/" + letters(43), path + "a", path[:len(path)-1], "/given/0"} {
		if a := late.Post(guess, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", guess, a.status)
		}
	}
	r := s.readerOf("giver@example.org")
	if _, err := s.Plans.Revoke(context.Background(), r.ID, "test"); err != nil {
		t.Fatal(err)
	}
	s.Gate.Forget(r.ID)
	if a := late.Get(path); a.status != http.StatusNotFound {
		t.Errorf("the link of a giver who lapsed: status %d", a.status)
	}
	if strings.Contains(s.logs(), strings.TrimPrefix(path, "/given/")) {
		t.Error("the token stands in the logs (S-10)")
	}
}

func TestOnlySubscribersGive(t *testing.T) {
	s := newTestSite(t)
	for name, c := range map[string]*testClient{"a reader": s.reader(t, "r@example.org"), "staff": s.staff(t, "staff@example.org")} {
		c.Get("/articles/"+meteredOne).mustNotHave(t, "Give this article away")
		if a := c.Post("/articles/"+meteredOne+"/give", nil); a.status != http.StatusForbidden {
			t.Errorf("%s: status %d", name, a.status)
		}
	}
	visitor := s.client(t)
	if a := visitor.Post("/articles/"+meteredOne+"/give", nil); !strings.HasPrefix(a.location(), "/sign-in") {
		t.Errorf("a visitor: status %d to %q", a.status, a.location())
	}
	none := newTestSite(t, func(c *config.Config) { c.Wall.GiftArticles = 0 })
	c := none.subscriber(t, "s@example.org")
	c.Get("/articles/"+meteredOne).mustNotHave(t, "Give this article away")
	c.Get("/account").mustNotHave(t, "Articles you give away")
}

// A deleted account's gifts are gone with it.
func TestDeletedGiver(t *testing.T) {
	s := newTestSite(t)
	giver := s.subscriber(t, "giver@example.org")
	path := giver.gives(subscriberOne)
	friend := s.client(t)
	friend.Post(path, nil)
	giver.Get("/account/data").mustHave(t, 200, `"articles_given"`)
	r := s.readerOf("giver@example.org")
	if err := s.Readers.Delete(context.Background(), r.ID, readers.Subject(r.ID)); err != nil {
		t.Fatal(err)
	}
	s.Gate.Forget(r.ID)
	if friend.reads(subscriberOne) || friend.Get(path).status != http.StatusNotFound {
		t.Error("a gift outlives its giver's account")
	}
}
