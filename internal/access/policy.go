package access

import "time"

// A Policy is what a publication decides about its wall.
type Policy struct {
	Free      int            // free articles a reader may choose in a period
	Rolling   bool           // a period is the last 30 days, else the calendar month in Zone
	Automatic bool           // opening an article spends, else the reader presses a button
	Zone      *time.Location // the publication's time zone; nil is UTC
	Rules     []Rule         // level overrides; the first that matches holds

	CourtesyDays        int // how long a courtesy lasts, and how long until the next
	CourtesiesByNetwork int // courtesies a day for one /24 or /64

	GiftArticles int // articles a subscriber may give away in a calendar month; 0 is none
	GiftDays     int // how long a link to one is good
	GiftDevices  int // on how many devices it may be opened

	HourlyArticles int // gated articles an account may open in an hour before it is challenged; 0 is no cap
	DailyArticles  int // the same in 24 hours
}

// A Rule overrides the level of the articles it matches. Empty fields match everything.
type Rule struct {
	Section   string        // slug of the section
	Kind      string        // kind of article
	OlderThan time.Duration // since publication
	Level     Level
}

// RollingPeriod is the length of a period that is not a calendar month.
const RollingPeriod = 30 * 24 * time.Hour

// Level returns the level in force for an article at a time.
func (p Policy) Level(a Article, at time.Time) Level {
	for _, r := range p.Rules {
		if r.matches(a, at) {
			return r.Level
		}
	}
	return a.Level
}

func (r Rule) matches(a Article, at time.Time) bool {
	return (r.Section == "" || r.Section == a.Section) &&
		(r.Kind == "" || r.Kind == a.Kind) &&
		(r.OlderThan == 0 || at.Sub(a.Published) > r.OlderThan)
}

// Period names the period a time lies in: "2026-11", or "rolling" where periods have no fixed bounds.
func (p Policy) Period(at time.Time) string {
	if p.Rolling {
		return "rolling"
	}
	return p.month(at)
}

// month names the calendar month that a time lies in: "2026-11".
func (p Policy) month(at time.Time) string { return at.In(p.zone()).Format("2006-01") }

// nextMonth is when the calendar month after a time begins.
func (p Policy) nextMonth(at time.Time) time.Time {
	l := at.In(p.zone())
	return time.Date(l.Year(), l.Month()+1, 1, 0, 0, 0, 0, p.zone())
}

// countsFrom returns the first moment whose unlocks count at a time. A calendar month needs none, as its name is kept
// with each unlock: midnight of the first may be skipped, or come twice, where clocks are changed.
func (p Policy) countsFrom(at time.Time) time.Time {
	if p.Rolling {
		return at.Add(-RollingPeriod)
	}
	return time.Time{}
}

func (p Policy) zone() *time.Location {
	if p.Zone == nil {
		return time.UTC
	}
	return p.Zone
}
