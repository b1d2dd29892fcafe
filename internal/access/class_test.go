package access

import (
	"log/slog"
	"testing"
	"time"
)

// A letter holds what a standing opens by itself: nothing that has to be chosen, and what the rules of the day say.
func TestAdmitClass(t *testing.T) {
	now := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)
	g := NewGate(nil, Policy{Free: 3, Rules: []Rule{{OlderThan: 90 * 24 * time.Hour, Level: Subscriber}}}, nil, slog.New(slog.DiscardHandler),
		func() time.Time { return now })
	for _, c := range []struct {
		standing Standing
		plan     Grant
		level    Level
		days     int
		full     bool
		ads      bool
	}{
		{Visitor, None, Open, 1, true, true}, {Visitor, None, Registered, 1, false, true},
		{Reader, None, Open, 1, true, true}, {Reader, None, Registered, 1, true, true}, {Reader, None, Metered, 1, false, true},
		{Reader, None, Subscriber, 1, false, true}, {Reader, None, Open, 100, false, true},
		{Paid, BySubscription, Metered, 1, true, false}, {Paid, BySubscription, Subscriber, 100, true, false},
		{Paid, None, Subscriber, 1, false, false}, // a standing without a grant opens nothing
		{Newsroom, None, Subscriber, 1, true, false},
	} {
		d := g.AdmitClass(c.standing, c.plan, Article{ID: 7, Level: c.level, Published: now.AddDate(0, 0, -c.days)})
		if d.Full() != c.full || d.Ads != c.ads || d.Article() != 7 {
			t.Errorf("%s, %s, %d days: full %v, ads %v", c.standing, c.level, c.days, d.Full(), d.Ads)
		}
	}
}
