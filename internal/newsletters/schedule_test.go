package newsletters

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/gatefold/gatefold/internal/fault"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func schedule(t testing.TB, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestParseSchedule(t *testing.T) {
	for text, want := range map[string]string{
		"weekdays 06:00": "weekdays 06:00", " Weekdays  06:00 ": "weekdays 06:00", "daily 07:30": "daily 07:30",
		"saturday 08:00": "saturday 08:00", "sat 08:00": "saturday 08:00", "fri,tue 12:00": "tuesday,friday 12:00",
		"mon,tue,wed,thu,fri 06:00": "weekdays 06:00", "on publication": "on publication", "by hand": "by hand", "": "by hand",
	} {
		if s := schedule(t, text); s.String() != want {
			t.Errorf("%q is %q, want %q", text, s, want)
		}
	}
	for _, text := range []string{"weekdays", "06:00", "weekdays 6:00", "weekdays 24:00", "noday 06:00", "monday,, 06:00", "mo 06:00",
		"weekdays 06:00 sharp", "weekdays 06:61"} {
		if _, err := ParseSchedule(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, want Invalid", text, err)
		}
	}
}

// The changes of clocks: in Berlin on 29 March 2026 the hour from 2:00 is missing, on 25 October it comes twice; in
// New York on 8 March and 1 November.
func TestScheduleAcrossTheChangesOfClocks(t *testing.T) {
	for _, c := range []struct {
		name, zone, schedule, after, want string
	}{
		{"the day before the leap", "Europe/Berlin", "daily 06:00", "2026-03-27T12:00:00Z", "2026-03-28T05:00:00Z"},
		{"the day of the leap", "Europe/Berlin", "daily 06:00", "2026-03-28T12:00:00Z", "2026-03-29T04:00:00Z"},
		{"the Monday after it", "Europe/Berlin", "weekdays 06:00", "2026-03-27T12:00:00Z", "2026-03-30T04:00:00Z"},
		{"a time leapt over", "Europe/Berlin", "daily 02:30", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
		{"the day after it", "Europe/Berlin", "daily 02:30", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
		{"the day before clocks go back", "Europe/Berlin", "daily 06:00", "2026-10-23T12:00:00Z", "2026-10-24T04:00:00Z"},
		{"the day clocks go back", "Europe/Berlin", "daily 06:00", "2026-10-24T12:00:00Z", "2026-10-25T05:00:00Z"},
		{"a time that comes twice", "Europe/Berlin", "daily 02:30", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
		{"comes once", "Europe/Berlin", "daily 02:30", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
		{"not again an hour later", "Europe/Berlin", "daily 02:30", "2026-10-25T01:00:00Z", "2026-10-26T01:30:00Z"},
		{"New York leaps", "America/New_York", "daily 02:30", "2026-03-07T12:00:00Z", "2026-03-08T07:00:00Z"},
		{"New York repeats", "America/New_York", "daily 01:30", "2026-10-31T12:00:00Z", "2026-11-01T05:30:00Z"},
		{"half an hour on Lord Howe", "Australia/Lord_Howe", "daily 02:15", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"},
		{"Saturday", "Europe/Berlin", "saturday 08:00", "2026-11-23T11:00:00Z", "2026-11-28T07:00:00Z"},
		{"Saturday is over", "Europe/Berlin", "saturday 08:00", "2026-11-28T07:00:00Z", "2026-12-05T07:00:00Z"},
		{"Friday evening waits for Monday", "UTC", "weekdays 06:00", "2026-11-27T06:00:00Z", "2026-11-30T06:00:00Z"},
		{"far in the east", "Pacific/Auckland", "weekdays 06:00", "2026-11-22T12:00:00Z", "2026-11-22T17:00:00Z"},
	} {
		after, err := time.Parse(time.RFC3339, c.after)
		if err != nil {
			t.Fatal(err)
		}
		l, s := zone(t, c.zone), schedule(t, c.schedule)
		next, ok := s.Next(after, l)
		if have := next.UTC().Format(time.RFC3339); !ok || have != c.want {
			t.Errorf("%s: after %s comes %s, want %s", c.name, c.after, have, c.want)
			continue
		}
		if last, ok := s.Last(next, l); !ok || !last.Equal(next) {
			t.Errorf("%s: the last time at %s is %s", c.name, c.want, last.UTC())
		}
		if last, ok := s.Last(next.Add(-time.Second), l); !ok || last.After(after) {
			t.Errorf("%s: there is a time %s between %s and the next", c.name, last.UTC(), c.after)
		}
	}
}

// Every day has exactly one time, in every zone and year looked at.
func TestScheduleHasOneTimeADay(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns"} {
		l := zone(t, name)
		for _, text := range []string{"daily 00:00", "daily 01:30", "daily 02:00", "daily 02:30", "daily 03:00", "daily 23:59"} {
			s := schedule(t, text)
			at, days := time.Date(2025, 12, 31, 12, 0, 0, 0, l), map[string]bool{}
			for n := range 730 {
				next, ok := s.Next(at, l)
				if day := next.In(l).Format(time.DateOnly); !ok || days[day] {
					t.Fatalf("%s, %s: %s has two times", name, text, day)
				} else {
					days[day] = true
				}
				if gap := next.Sub(at); n > 0 && (gap < 22*time.Hour || gap > 26*time.Hour) {
					t.Errorf("%s, %s: %s passed until %s", name, text, gap, next)
				}
				at = next
			}
		}
	}
}

func TestSchedulesWithoutTimes(t *testing.T) {
	for _, text := range []string{"by hand", "on publication"} {
		s := schedule(t, text)
		if _, ok := s.Next(time.Now(), time.UTC); ok || s.timed() {
			t.Errorf("%q has a time", text)
		}
		if _, ok := s.Last(time.Now(), time.UTC); ok {
			t.Errorf("%q had a time", text)
		}
	}
	if !schedule(t, "on publication").EachPublication() || schedule(t, "by hand").EachPublication() {
		t.Error("EachPublication")
	}
}
