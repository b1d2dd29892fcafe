package web

import (
	"html/template"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

func TestMoment(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Publication.TimeZone = "Asia/Tokyo" })
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, s.zone)
	for _, c := range []struct {
		at          time.Time
		moment, day string
	}{
		{now.Add(-time.Minute), "08:59", "16 November"},
		{time.Date(2026, 11, 16, 0, 0, 0, 0, s.zone), "00:00", "16 November"},
		{time.Date(2026, 11, 15, 23, 59, 0, 0, s.zone), "Sun", "15 November"},
		{time.Date(2026, 11, 10, 0, 0, 0, 0, s.zone), "Tue", "10 November"},
		{time.Date(2026, 11, 9, 23, 59, 0, 0, s.zone), "9 Nov", "9 November"},
		{time.Date(2026, 1, 1, 0, 0, 0, 0, s.zone), "1 Jan", "1 January"},
		{time.Date(2025, 12, 31, 23, 59, 0, 0, s.zone), "Dec 2025", "31 December 2025"},
		{time.Date(1812, 6, 18, 0, 0, 0, 0, s.zone), "June 1812", "18 June 1812"},
	} {
		if got := s.moment(c.at.UTC(), now.UTC()); got != c.moment {
			t.Errorf("%s: %q, want %q", c.at, got, c.moment)
		}
		if got := s.shortDay(c.at.UTC(), now.UTC()); got != c.day {
			t.Errorf("%s: %q, want %q", c.at, got, c.day)
		}
	}
}

func TestNames(t *testing.T) {
	s := newTestSite(t)
	for _, c := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"Ruth Adeyemi"}, "Ruth Adeyemi"},
		{[]string{"Ruth Adeyemi", "Jonas Rydel"}, "Ruth Adeyemi and Jonas Rydel"},
		{[]string{"A", "B", "C", "D"}, "A, B, C and D"},
	} {
		if got := s.names(c.names); got != c.want {
			t.Errorf("%q: %q, want %q", c.names, got, c.want)
		}
	}
}

// The word beside a story says what the wall will say: the publication's rules count.
func TestTagFollowsTheRules(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) {
		c.Wall.Rules = []config.Rule{{OlderThanDays: 90, Level: "subscriber"}, {Section: "letters", Level: "open"}}
	})
	for _, c := range []struct {
		a    library.Summary
		want string
	}{
		{library.Summary{Level: access.Metered, Published: testStart.AddDate(0, 0, -1)}, ""},
		{library.Summary{Level: access.Metered, Published: testStart.AddDate(0, 0, -91)}, "Subscribers"},
		{library.Summary{Level: access.Subscriber, Published: testStart}, "Subscribers"},
		{library.Summary{Level: access.Subscriber, Published: testStart, Section: library.Term{Slug: "letters"}}, ""},
	} {
		if got := s.tag(c.a); got != c.want {
			t.Errorf("%+v: %q, want %q", c.a.Facts(), got, c.want)
		}
	}
	aged := draftOf("aged", access.Metered, testStart.AddDate(0, 0, -91))
	s.save(aged)
	dates := s.client(t).Get("/articles/aged").document(t).texts("p.dates")
	if len(dates) != 1 || !strings.Contains(dates[0], "Subscribers") {
		t.Errorf("the article itself says %q", dates)
	}
}

func TestPhotographHasAPlace(t *testing.T) {
	s := newTestSite(t)
	hero := &library.Image{File: s.photo.Name, Width: s.photo.Width, Height: s.photo.Height}
	for place := range places {
		p, err := s.photograph(library.Summary{Slug: "a", Hero: hero}, place)
		if err != nil || p.Hero != hero || p.Slug != "a" || p.Width == 0 || p.Sizes == "" {
			t.Errorf("%s: %+v, %v", place, p, err)
		}
	}
	if _, err := s.photograph(library.Summary{}, "ceiling"); err == nil {
		t.Error("a place that is not there was given")
	}
}

func TestRepeats(t *testing.T) {
	const text = "<p>Ships &amp; <em>men</em> wait at\n the port.</p><p>Nobody counts them.</p>"
	for standfirst, want := range map[string]bool{
		"Ships & men wait at the port.": true, "Ships & men wait at…": true, "Ships & men wait at the port. Nobody counts them.": true,
		"Nobody counts them.": false, "Why ships wait": false, "Ships & men wait at the port. Nobody counts them. Why?": false, "": false, "…": false,
	} {
		if got := repeats(standfirst, template.HTML(text)); got != want {
			t.Errorf("%q: %v", standfirst, got)
		}
	}
}

// A standfirst that was cut out of the text is not read twice; listings and search engines have it.
func TestStandfirstOfTheText(t *testing.T) {
	s := newTestSite(t)
	d := draftOf("newest", access.Metered, testStart.AddDate(0, 0, -1).Add(20*time.Hour))
	d.Standfirst = "Ships wait outside the…"
	s.save(d)
	for name, c := range map[string]*testClient{"visitor": s.client(t), "subscriber": s.subscriber(t, "sub@example.org")} {
		a := c.Get("/articles/newest")
		a.mustHave(t, http.StatusOK, `name="description" content="Ships wait outside the…"`)
		if n := strings.Count(a.body, ">Ships wait outside the"); n != 1 {
			t.Errorf("%s: the article says it %d times", name, n)
		}
	}
	if n := strings.Count(s.client(t).Get("/").body, ">Ships wait outside the"); n != 1 {
		t.Errorf("the front page says it %d times", n)
	}
	s.client(t).Get("/archive").mustHave(t, http.StatusOK, ">Ships wait outside the…<")
}

func TestNumber(t *testing.T) {
	s := newTestSite(t)
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 28282: "28,282", 1234567: "1,234,567"} {
		if got := s.number(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
