package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
)

func TestStamps(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	s := newStamps([]byte("key"), clock)
	stamp, other := s.Stamp(), newStamps([]byte("another key"), clock).Stamp()
	for _, c := range []struct {
		stamp string
		after time.Duration
		fresh bool
	}{
		{stamp, 0, true}, {stamp, 7 * 24 * time.Hour, true}, {stamp, 14 * 24 * time.Hour, false}, {stamp, -8 * 24 * time.Hour, false},
		{other, 0, false}, {"", 0, false}, {stamp[1:], 0, false},
	} {
		now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC).Add(c.after)
		if s.fresh(c.stamp) != c.fresh {
			t.Errorf("%q after %v: fresh is %v", c.stamp, c.after, !c.fresh)
		}
	}
}

// Forms that no page showed get through a few times a minute, all together; those of people go on to (S-07).
func TestS07FormsThatNoPageShowed(t *testing.T) {
	const few = 2
	s := newTestSite(t, func(c *config.Config) { c.Limits.UnseenFormsPerMinute = few })
	forms := []struct {
		page, action string
		more         url.Values
	}{
		{"/articles/" + meteredOne, "/keep-reading", url.Values{"article": {meteredOne}}},
		{"/sign-in", "/sign-in", url.Values{"return_to": {"/archive"}}},
		{"/newsletters", "/newsletters", nil},
		{"/newsletters/free", "/newsletters", url.Values{"newsletter": {"free"}}},
	}
	send := func(c *testClient, at int, address, stamp string) answer {
		form := url.Values{"email": {address}, "stamp": {stamp}}
		for name, value := range forms[at].more {
			form[name] = value
		}
		return c.Post(forms[at].action, form)
	}
	for n := range few {
		if a := send(s.client(t), n, "early@example.org", ""); a.status >= 400 {
			t.Fatalf("a form of a plain program: status %d\n%s", a.status, a.body)
		}
	}
	for i, f := range forms {
		c, before := s.client(t), s.sent("")
		a := send(c, i, "late@example.org", "made-up")
		a.mustHave(t, http.StatusUnprocessableEntity, "Send it once more", `value="late@example.org"`)
		if n := s.sent(""); n != before {
			t.Fatalf("%s: a mail went out", f.action)
		}
		stamp := attribute(a.field(t, f.action, "stamp"), "value")
		if a := send(c, i, "late@example.org", stamp); a.status >= 400 {
			t.Errorf("%s: sent once more: status %d\n%s", f.action, a.status, a.body)
		}
		first := attribute(s.client(t).Get(f.page).field(t, f.action, "stamp"), "value")
		if a := send(s.client(t), i, "person@example.org", first); a.status >= 400 {
			t.Errorf("%s: of a page: status %d\n%s", f.action, a.status, a.body)
		}
	}
	s.clock.advance(time.Minute)
	if a := send(s.client(t), 1, "next@example.org", ""); a.status >= 400 {
		t.Errorf("a minute later: status %d", a.status)
	}
}
