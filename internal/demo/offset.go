package demo

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// An offset is a time of day some days before or after the day of filling: "-2d06:00" is six in the morning the day
// before yesterday, "+1d06:00" six tomorrow morning.
type offset struct {
	days   int
	hour   int
	minute int
	ahead  bool // written with "+": may lie in the future
}

var offsetForm = regexp.MustCompile(`^([+-])([0-9]{1,5})d([01][0-9]|2[0-3]):([0-5][0-9])$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *offset) UnmarshalText(text []byte) error {
	m := offsetForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf(`expected a time such as "-2d06:00", got %q`, text)
	}
	number := func(b []byte) int {
		n, _ := strconv.Atoi(string(b)) // digits, by the form
		return n
	}
	o.ahead = m[1][0] == '+'
	o.days, o.hour, o.minute = number(m[2]), number(m[3]), number(m[4])
	if !o.ahead {
		o.days = -o.days
	}
	return nil
}

// at returns the time an offset names, by the clock of now's zone.
func (o offset) at(now time.Time) time.Time {
	y, m, d := now.Date()
	return time.Date(y, m, d+o.days, o.hour, o.minute, 0, 0, now.Location())
}

// spread is how far apart articles are put that would else lie in the future.
const spread = 10 * time.Minute

// schedule returns the times of offsets. What was meant for later today and does not say that it may lie ahead is put
// between the last article before now and now, in the order it was meant to come.
func schedule(offsets []offset, now time.Time) []time.Time {
	out := make([]time.Time, len(offsets))
	var late []int // to be moved, by the time they were meant for
	last := now.Add(-24 * time.Hour)
	for i, o := range offsets {
		out[i] = o.at(now)
		switch {
		case o.ahead:
		case !out[i].Before(now):
			late = append(late, i)
		case out[i].After(last):
			last = out[i]
		}
	}
	slices.SortStableFunc(late, func(a, b int) int { return out[a].Compare(out[b]) })
	step := min(spread, now.Sub(last)/time.Duration(len(late)+1))
	for n, i := range late {
		out[i] = now.Add(-step * time.Duration(len(late)-n))
	}
	return out
}
