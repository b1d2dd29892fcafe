package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/groups"
)

// asks sends a form of a group's page and returns the page it leads to.
func (c *testClient) asks(path, do string, form ...string) answer {
	c.t.Helper()
	v := url.Values{"do": {do}}
	for i := 0; i+1 < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	return c.Post(path, v)
}

func TestGroupIsBoughtAndFilled(t *testing.T) {
	s := newTestSite(t, withTill)
	owner := s.reader(t, "owner@port.example")
	owner.Get("/groups").mustHave(t, 200, "€90 a seat", "€9 a seat")
	checkout := owner.Post("/groups", url.Values{"name": {"Institute of Ports"}, "seats": {"3"}, "plan": {"year"}, "currency": {"EUR"}})
	path := strings.TrimPrefix(checkout.location(), s.url)
	owner.Get(path).mustHave(t, 200, "€270", "By the year, 3 seats")
	page := owner.follow(owner.follow(owner.Post(path, url.Values{"do": {"pay"}})))
	page.mustHave(t, 200, "Institute of Ports", "3 seats", "Nobody has a seat yet", "The group pays €270 a year", "€270")
	if owner.reads(subscriberOne) {
		t.Error("to pay for a group is to have a seat")
	}
	const group = "/account/groups/1"
	owner.follow(owner.asks(group, "invite", "address", "anna@port.example")).mustHave(t, 200, "the invitation is on its way", "anna@port.example", "invited on 16 November 2026")
	owner.asks(group, "invite", "address", "anna@port.example").mustHave(t, 422, "has a seat already", `role="alert"`, `value="anna@port.example"`)
	owner.asks(group, "invite", "address", "nobody").mustHave(t, 422, "no email address")
	mails, err := s.out.List(context.Background(), 1, "anna@port.example")
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	join := strings.TrimPrefix(mails[0].Links[0], s.url)
	anna := s.client(t)
	anna.Get(join).mustHave(t, 200, "Institute of Ports has a seat for you", `action="/sign-in"`)
	s.enter(anna, "anna@port.example")
	anna.Get(join).mustHave(t, 200, "Take the seat")
	if anna.reads(subscriberOne) {
		t.Error("a GET takes a seat (S-08)")
	}
	anna.follow(anna.Post(join, nil)).mustHave(t, 200, "The seat is yours", "you have a seat until")
	if !anna.reads(subscriberOne) {
		t.Error("who has a seat does not read")
	}
	if strings.Contains(anna.Get("/articles/"+subscriberOne).body, adMark) {
		t.Error("who has a seat sees advertising")
	}
	anna.Get(group).mustHave(t, 404)
	if a := anna.asks(group, "remove", "seat", "1"); a.status != http.StatusNotFound {
		t.Errorf("a member frees seats: %d", a.status)
	}
	anna.Get(join).mustHave(t, 404, "taken back, or taken up")

	owner.follow(owner.asks(group, "domain", "domain", "port.example")).mustHave(t, 200, "can take a free seat", "port.example")
	bea := s.reader(t, "bea@port.example")
	bea.Get("/account").mustHave(t, 200, "your address belongs to it", "Take a seat")
	bea.follow(bea.asks(group, "join")).mustHave(t, 200, "The seat is yours")
	if a := s.reader(t, "x@elsewhere.example").asks(group, "join"); a.status != http.StatusNotFound {
		t.Errorf("a stranger joins: %d", a.status)
	}
	owner.asks(group, "seats", "seats", "1").mustHave(t, 422, "2 seats are taken")
	owner.follow(owner.asks(group, "seats", "seats", "2")).mustHave(t, 200, "The number of seats has been changed", "2 seats", "All seats are taken", "€180")
	owner.follow(owner.asks(group, "manager", "seat", "1")).mustHave(t, 200, "manages the group with you")
	managed := anna.Get(group)
	managed.mustHave(t, 200, "bea@port.example")
	managed.mustNotHave(t, "The group pays")
	owner.follow(owner.asks(group, "move", "seat", "2", "address", "carl@port.example")).mustHave(t, 200, "The seat has been moved", "carl@port.example")
	s.Gate.Forget(0)
	if bea.reads(subscriberOne) {
		t.Error("who lost the seat reads")
	}
	owner.follow(owner.asks(group, "cancel")).mustHave(t, 200, "Nothing more will be charged")
	owner.follow(owner.asks(group, "resume")).mustHave(t, 200, "The group goes on")
	anna.follow(anna.asks(group, "leave")).mustHave(t, 200, "You have given your seat back")
	if anna.reads(subscriberOne) {
		t.Error("who gave the seat back reads")
	}
}

func TestWrongGroupsComeBackWithTheirForm(t *testing.T) {
	s := newTestSite(t, withTill)
	s.client(t).Get("/groups").mustHave(t, 200, "Sign in first")
	c := s.reader(t, "owner@port.example")
	for field, text := range map[string]string{"name": "give the group a name", "seats": "from one to 500 seats", "plan": "not sold any more"} {
		form := url.Values{"name": {"Port"}, "seats": {"7"}, "plan": {"year"}, "currency": {"EUR"}}
		form.Set(field, "")
		c.Post("/groups", form).mustHave(t, 422, text, `role="alert"`)
	}
	if a := s.client(t).Post("/groups", nil); !strings.HasPrefix(a.location(), "/sign-in") {
		t.Errorf("who is not signed in: %d to %q", a.status, a.location())
	}
}

// Seats can be granted where nothing is sold.
func TestGrantedGroup(t *testing.T) {
	s := newTestSite(t)
	owner := s.reader(t, "owner@port.example")
	_, err := s.Groups.Make(context.Background(), groups.Wish{Name: "Library", Seats: 2, Until: s.clock.now().AddDate(1, 0, 0), Owner: s.readerOf("owner@port.example").ID})
	if err != nil {
		t.Fatal(err)
	}
	owner.Get("/account").mustHave(t, 200, "Library", "you manage it")
	page := owner.Get("/account/groups/1")
	page.mustHave(t, 200, "2 seats", "until 16 November 2027")
	page.mustNotHave(t, "Payment")
	owner.follow(owner.asks("/account/groups/1", "domain", "domain", "port.example"))
	owner.follow(owner.asks("/account/groups/1", "join")).mustHave(t, 200, "The seat is yours")
	if !owner.reads(subscriberOne) {
		t.Error("the owner took a seat and does not read")
	}
	if a := owner.asks("/account/groups/1", "seats", "seats", "500"); a.status != http.StatusNotFound {
		t.Errorf("the owner of a granted group changes the seats: %d", a.status)
	}
}
