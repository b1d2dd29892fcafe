package demo

import (
	"testing"
	"time"
)

func offsetOf(t *testing.T, s string) offset {
	t.Helper()
	var o offset
	if err := o.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOffsetsAreRefused(t *testing.T) {
	for _, s := range []string{"", "2d06:00", "-2d6:00", "-2d24:00", "-2d06:60", "-d06:00", "-2d06:00 ", "~2d06:00", "-999999d06:00"} {
		var o offset
		if err := o.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was taken for %+v", s, o)
		}
	}
}

func TestSchedule(t *testing.T) {
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"-0d06:00", "-0d05:30", "-1d06:00", "+1d06:00", "-0d07:15", "-2d06:30", "+0d23:00"}
	for _, c := range []struct {
		name, now string
		want      []string
	}{
		{"in the evening", "2026-03-28 20:00", []string{"2026-03-28 06:00", "2026-03-28 05:30", "2026-03-27 06:00",
			"2026-03-29 06:00", "2026-03-28 07:15", "2026-03-26 06:30", "2026-03-28 23:00"}}, // the clock changes on the 29th
		{"before breakfast", "2026-06-10 05:00", []string{"2026-06-10 04:40", "2026-06-10 04:30", "2026-06-09 06:00",
			"2026-06-11 06:00", "2026-06-10 04:50", "2026-06-08 06:30", "2026-06-10 23:00"}},
		{"just after midnight", "2026-06-10 00:01", []string{"2026-06-09 23:41", "2026-06-09 23:31", "2026-06-09 06:00",
			"2026-06-11 06:00", "2026-06-09 23:51", "2026-06-08 06:30", "2026-06-10 23:00"}},
		{"between two of them", "2026-06-10 06:04", []string{"2026-06-10 06:00", "2026-06-10 05:30", "2026-06-09 06:00",
			"2026-06-11 06:00", "2026-06-10 06:02", "2026-06-08 06:30", "2026-06-10 23:00"}},
		{"on the minute", "2026-06-10 06:00", []string{"2026-06-10 05:40", "2026-06-10 05:30", "2026-06-09 06:00",
			"2026-06-11 06:00", "2026-06-10 05:50", "2026-06-08 06:30", "2026-06-10 23:00"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const form = "2006-01-02 15:04"
			now, err := time.ParseInLocation(form, c.now, lisbon)
			if err != nil {
				t.Fatal(err)
			}
			offsets := make([]offset, len(all))
			for i, s := range all {
				offsets[i] = offsetOf(t, s)
			}
			for i, at := range schedule(offsets, now) {
				if got := at.Format(form); got != c.want[i] {
					t.Errorf("%s is %s, want %s", all[i], got, c.want[i])
				}
			}
		})
	}
}

// At every minute of a day nothing lies ahead that should not, and the order is the one that was meant.
func TestScheduleKeepsItsOrder(t *testing.T) {
	j := embedded(t)
	offsets := make([]offset, len(j.articles))
	for i, a := range j.articles {
		offsets[i] = a.Published
	}
	start := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for minute := range 24 * 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		at := schedule(offsets, now)
		for a, o := range offsets {
			if !o.ahead && !at[a].Before(now) {
				t.Fatalf("at %s, %s is set for %s", now, j.articles[a].Slug, at[a])
			}
			for b, p := range offsets {
				if o.at(now).Before(p.at(now)) && !at[a].Before(at[b]) {
					t.Fatalf("at %s, %s does not come before %s", now, j.articles[a].Slug, j.articles[b].Slug)
				}
			}
		}
	}
}
