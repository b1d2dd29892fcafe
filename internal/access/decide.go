package access

import (
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Level says how far an article is open.
type Level string

// The levels.
const (
	Open       Level = "open"       // anyone
	Registered Level = "registered" // any reader with a confirmed address
	Metered    Level = "metered"    // subscribers, and readers who spend one of their free articles
	Subscriber Level = "subscriber" // subscribers only
)

// ParseLevel returns the level a word names, or an Invalid fault that lists the words.
func ParseLevel(s string) (Level, error) {
	switch l := Level(s); l {
	case Open, Registered, Metered, Subscriber:
		return l, nil
	}
	return "", fault.Field("level", "expected open, registered, metered or subscriber, got %q", s)
}

// A Standing says who asks.
type Standing int

// The standings, each holding what the one before it holds.
const (
	Visitor  Standing = iota // nobody we know
	Reader                   // signed in, address confirmed
	Paid                     // with a subscription of their own, a seat, or through an institution
	Newsroom                 // staff
)

// String returns the word of the publication's documents for a standing.
func (s Standing) String() string {
	return [...]string{"anonymous", "registered", "subscriber", "staff"}[s]
}

// A Grant says why the whole text is shown.
type Grant string

// The grants. None means the text is withheld.
const (
	None            Grant = ""
	ByOpen          Grant = "open"
	ByRegistration  Grant = "registered"
	BySubscription  Grant = "subscription"
	BySeat          Grant = "seat"
	ByInstitution   Grant = "institution"
	ByMeteredUnlock Grant = "metered-unlock"
	ByCourtesy      Grant = "courtesy"
	ByGift          Grant = "gift"
	ByStaff         Grant = "staff"
)

// A Wall says what stands after the teaser when the text is withheld.
type Wall int

// The walls.
const (
	NoWall      Wall = iota
	KeepReading      // leave an address and read on, or subscribe, or sign in
	ReadThisOne      // spend one of the free articles that are left
	Subscribe        // subscribe, or sign in
	SlowDown         // a subscription that is read faster than a person reads: prove yourself
)

// String returns the name of a wall as the logs and the newsroom show it.
func (w Wall) String() string {
	return [...]string{"none", "keep-reading", "read-this-one", "subscribe", "slow-down"}[w]
}

// An Article is what the wall knows of an article.
type Article struct {
	ID        int64
	Level     Level  // as filed; the policy may override it
	Section   string // slug
	Kind      string
	Published time.Time
}

// Facts are everything a decision depends on.
type Facts struct {
	Article  Article
	Level    Level // the level in force: Policy.Level(Article, now)
	Standing Standing
	Plan     Grant // for Paid: BySubscription, BySeat or ByInstitution
	Unlocked bool  // the reader spent a free article on this one in the current period
	Used     int   // free articles spent in the current period
	Free     int   // free articles in a period
	Courtesy bool  // this browser was given this article
	Gift     bool  // this browser holds a gift of this article
	TooFast  bool  // the account is over its velocity cap
}

// A Decision says whether the whole text is shown, why, and what stands there otherwise. The zero Decision withholds.
type Decision struct {
	full    bool
	article int64

	Grant Grant // why the text is shown; None when it is withheld
	Wall  Wall  // what stands there when it is withheld
	Ads   bool  // whether advertising may be shown beside it
	Level Level // the level in force
	Free  int   // free articles in a period, for a reader
	Left  int   // how many of them are left
}

// Full reports whether the whole text may be shown.
func (d Decision) Full() bool { return d.full }

// Article is the id of the one article the decision is about.
func (d Decision) Article() int64 { return d.article }

// Decide applies the rule. It looks at nothing but its argument.
func Decide(f Facts) Decision {
	d := Decision{article: f.Article.ID, Level: f.Level, Ads: f.Standing < Paid}
	if f.Standing == Reader {
		d.Free, d.Left = f.Free, max(0, f.Free-f.Used)
	}
	switch g := grant(f); {
	case g != None && f.TooFast && f.Standing == Paid && f.Level != Open:
		d.Wall = SlowDown
	case g != None:
		d.full, d.Grant = true, g
	default:
		d.Wall = wall(f, d.Left)
	}
	return d
}

// grant is the strongest reason to show the text, None when there is none.
func grant(f Facts) Grant {
	switch {
	case f.Level == Open:
		return ByOpen
	case f.Standing == Newsroom:
		return ByStaff
	case f.Standing == Paid:
		return f.Plan
	case f.Level == Registered && f.Standing == Reader:
		return ByRegistration
	case f.Level == Metered && f.Standing == Reader && f.Unlocked:
		return ByMeteredUnlock
	case f.Level == Metered && f.Courtesy:
		return ByCourtesy
	case (f.Level == Metered || f.Level == Subscriber) && f.Gift:
		return ByGift
	}
	return None
}

// wall is what stands where the text is withheld.
func wall(f Facts, left int) Wall {
	switch {
	case f.Level == Subscriber:
		return Subscribe
	case f.Standing == Visitor:
		return KeepReading
	case f.Level == Metered && left > 0:
		return ReadThisOne
	}
	return Subscribe
}
