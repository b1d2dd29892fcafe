package access

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const days = 24 * time.Hour

func TestPolicyLevel(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	p := Policy{Rules: []Rule{
		{Section: "in-depth", Kind: "letter", Level: Open},
		{Section: "in-depth", Level: Subscriber},
		{Kind: "podcast", Level: Registered},
		{Section: "briefings", OlderThan: 90 * days, Level: Open},
		{OlderThan: 365 * days, Level: Subscriber},
	}}
	for _, c := range []struct {
		name string
		a    Article
		want Level
	}{
		{"no rule: as filed", Article{Level: Metered, Section: "columns", Published: now}, Metered},
		{"section", Article{Level: Open, Section: "in-depth", Published: now}, Subscriber},
		{"the first rule that matches", Article{Level: Metered, Section: "in-depth", Kind: "letter", Published: now}, Open},
		{"kind", Article{Level: Metered, Section: "columns", Kind: "podcast", Published: now}, Registered},
		{"another kind", Article{Level: Metered, Kind: "podcasts", Published: now}, Metered},
		{"not old enough, to the moment", Article{Level: Metered, Section: "briefings", Published: now.Add(-90 * days)}, Metered},
		{"old enough", Article{Level: Metered, Section: "briefings", Published: now.Add(-90*days - time.Microsecond)}, Open},
		{"old, of another section", Article{Level: Metered, Section: "columns", Published: now.Add(-91 * days)}, Metered},
		{"older", Article{Level: Open, Section: "columns", Published: now.Add(-366 * days)}, Subscriber},
		{"old in two ways", Article{Level: Metered, Section: "briefings", Published: now.Add(-366 * days)}, Open},
		{"scheduled", Article{Level: Metered, Section: "briefings", Published: now.Add(days)}, Metered},
		{"never published", Article{Level: Metered}, Subscriber},
	} {
		if have := p.Level(c.a, now); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
	}
	if have := (Policy{}).Level(Article{Level: Registered}, now); have != Registered {
		t.Errorf("no rules: %s", have)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPeriods(t *testing.T) {
	const minute = "2006-01-02 15:04 -0700"
	for _, c := range []struct{ zone, at, want string }{
		{"UTC", "2026-11-30 23:59 +0000", "2026-11"},
		{"UTC", "2026-12-01 00:00 +0000", "2026-12"},
		{"Europe/Berlin", "2026-10-31 22:59 +0000", "2026-10"}, // winter time: one hour ahead
		{"Europe/Berlin", "2026-10-31 23:00 +0000", "2026-11"},
		{"Europe/Berlin", "2026-07-31 21:59 +0000", "2026-07"}, // summer time: two
		{"Europe/Berlin", "2026-07-31 22:00 +0000", "2026-08"},
		{"Europe/Berlin", "2026-03-29 01:30 +0000", "2026-03"}, // the night clocks are changed
		{"America/New_York", "2027-01-01 04:59 +0000", "2026-12"},
		{"America/New_York", "2027-01-01 05:00 +0000", "2027-01"},
		{"Pacific/Kiritimati", "2026-10-31 10:00 +0000", "2026-11"},
		{"Asia/Kolkata", "2028-02-29 18:29 +0000", "2028-02"},
		{"Asia/Kolkata", "2028-02-29 18:30 +0000", "2028-03"},
		{"America/Havana", "2026-11-01 04:30 +0000", "2026-11"}, // 00:30, and an hour later again
		{"America/Havana", "2026-11-01 05:30 +0000", "2026-11"},
		{"America/Asuncion", "2017-10-01 03:59 +0000", "2017-09"}, // the month began at 01:00
		{"America/Asuncion", "2017-10-01 04:00 +0000", "2017-10"},
	} {
		at, err := time.Parse(minute, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if have := (Policy{Zone: zone(t, c.zone)}).Period(at); have != c.want {
			t.Errorf("%s in %s is in %s, want %s", c.at, c.zone, have, c.want)
		}
	}
	if have := (Policy{}).Period(time.Date(2026, 11, 30, 23, 30, 0, 0, time.FixedZone("west", -3600))); have != "2026-12" {
		t.Errorf("without a zone: %s, want UTC's month", have)
	}
}

// A period never returns once it is over, wherever clocks are turned back.
func TestPeriodsFollowEachOther(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Havana", "Asia/Gaza", "America/Asuncion", "Australia/Lord_Howe", "Pacific/Apia"} {
		zones = append(zones, zone(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := Policy{Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
		at := time.Unix(rapid.Int64Range(0, 2_500_000_000).Draw(t, "at"), 0)
		later := at.Add(time.Duration(rapid.Int64Range(0, int64(40*days)).Draw(t, "later")))
		if p.Period(later) < p.Period(at) {
			t.Fatalf("%s is in %s, and %s in %s", at, p.Period(at), later, p.Period(later))
		}
	})
}

func TestRollingPeriodHasNoName(t *testing.T) {
	p := Policy{Rolling: true}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	if p.Period(at) != p.Period(at.AddDate(0, 3, 0)) {
		t.Error("a rolling period changed its name")
	}
	if have := at.Sub(p.countsFrom(at)); have != 30*days {
		t.Errorf("counts %s, want 30 days", have)
	}
}
