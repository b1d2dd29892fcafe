package newsletters

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Schedule says when a newsletter goes out: on days of the week at a time of day, with each article, or by hand. The
// zero Schedule is by hand.
type Schedule struct {
	days        [7]bool // Sunday first
	hour        int
	minute      int
	publication bool
}

// The words of a schedule that are no days.
const (
	byHand        = "by hand"
	onPublication = "on publication"
)

var dayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// ParseSchedule reads "weekdays 06:00", "daily 07:30", "saturday 08:00", "tuesday,friday 12:00", "on publication" or
// "by hand". The error is Invalid, for the field "schedule".
func ParseSchedule(text string) (Schedule, error) {
	var s Schedule
	switch text = strings.Join(strings.Fields(strings.ToLower(text)), " "); text {
	case byHand, "":
		return s, nil
	case onPublication:
		s.publication = true
		return s, nil
	}
	days, clock, _ := strings.Cut(text, " ")
	at, err := time.Parse("15:04", clock)
	if err != nil || len(clock) != len("15:04") {
		return Schedule{}, badSchedule(text)
	}
	s.hour, s.minute = at.Hour(), at.Minute()
	for _, name := range strings.Split(days, ",") {
		if !s.add(name) {
			return Schedule{}, badSchedule(text)
		}
	}
	return s, nil
}

func badSchedule(text string) error {
	return fault.Field("schedule", `expected such as "weekdays 06:00", "saturday 08:00", "on publication" or "by hand", got %q`, text)
}

// add puts a day, or a word for several, into the schedule.
func (s *Schedule) add(name string) bool {
	switch name {
	case "daily":
		s.days = [7]bool{true, true, true, true, true, true, true}
		return true
	case "weekdays":
		for d := time.Monday; d <= time.Friday; d++ {
			s.days[d] = true
		}
		return true
	}
	i := slices.IndexFunc(dayNames, func(day string) bool { return day == name || len(name) == 3 && strings.HasPrefix(day, name) })
	if i < 0 {
		return false
	}
	s.days[i] = true
	return true
}

// String returns the schedule as ParseSchedule reads it.
func (s Schedule) String() string {
	switch {
	case s.publication:
		return onPublication
	case !s.timed():
		return byHand
	}
	return fmt.Sprintf("%s %02d:%02d", s.dayWords(), s.hour, s.minute)
}

func (s Schedule) dayWords() string {
	switch s.days {
	case [7]bool{true, true, true, true, true, true, true}:
		return "daily"
	case [7]bool{false, true, true, true, true, true, false}:
		return "weekdays"
	}
	var names []string
	for d, on := range s.days {
		if on {
			names = append(names, dayNames[d])
		}
	}
	return strings.Join(names, ",")
}

// timed reports whether there are times to wait for.
func (s Schedule) timed() bool { return s.days != [7]bool{} }

// EachPublication reports whether an edition goes out with each article.
func (s Schedule) EachPublication() bool { return s.publication }

// Last returns the latest time of the schedule that is not after a moment, in the zone of the publication; false when
// the schedule has no times.
func (s Schedule) Last(at time.Time, zone *time.Location) (time.Time, bool) {
	local := at.In(zone)
	for back := range 9 { // a week, and a day more, as the first of them may be yet to come
		if t := s.on(local.Year(), local.Month(), local.Day()-back, zone); !t.IsZero() && !t.After(at) {
			return t, true
		}
	}
	return time.Time{}, false
}

// Next returns the first time of the schedule after a moment; false when the schedule has no times.
func (s Schedule) Next(after time.Time, zone *time.Location) (time.Time, bool) {
	local := after.In(zone)
	for ahead := range 9 {
		if t := s.on(local.Year(), local.Month(), local.Day()+ahead, zone); t.After(after) {
			return t, true
		}
	}
	return time.Time{}, false
}

// on returns the time of a day, the zero time when the schedule leaves it out. A time that the clocks leap over is
// the moment of the leap; of one that they show twice it is the first, so that no day goes without its letter and none
// has two.
func (s Schedule) on(year int, month time.Month, day int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, s.hour, s.minute, 0, 0, zone)
	noon := time.Date(year, month, day, 12, 0, 0, 0, zone)
	if !s.days[noon.Weekday()] {
		return time.Time{}
	}
	if t.Hour() != s.hour || t.Minute() != s.minute { // the clocks leap over it; Date may stand on either side
		if begins, ends := t.ZoneBounds(); !begins.IsZero() && t.Sub(begins) < 3*time.Hour {
			return begins
		} else if !ends.IsZero() {
			return ends
		}
		return t
	}
	begins, _ := t.ZoneBounds()
	if begins.IsZero() || t.Sub(begins) > 3*time.Hour {
		return t
	}
	_, now := t.Zone()
	_, before := begins.Add(-time.Nanosecond).Zone()
	if first := t.Add(time.Duration(now-before) * time.Second); first.Before(begins) { // the same on the clock, before it was set back
		return first
	}
	return t
}
