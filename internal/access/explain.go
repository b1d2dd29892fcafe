package access

import (
	"context"
	"fmt"
	"time"
)

// An Explanation answers "why could this reader (not) read this?".
type Explanation struct {
	Decision Decision
	Standing Standing
	Plan     string    // of a subscriber
	Until    time.Time // of the plan, zero when open-ended
	Unlocked bool
	Used     int
	Text     string // the answer in a sentence
}

// Explain says what a person would be shown of an article now, and why. It counts as no opening.
func (g *Gate) Explain(ctx context.Context, who Person, a Article) (Explanation, error) {
	now := g.now()
	f, err := g.facts(ctx, who, a, now)
	if err != nil {
		return Explanation{}, err
	}
	_, e, err := g.standing(ctx, who, now)
	if err != nil {
		return Explanation{}, err
	}
	f.TooFast = f.Standing == Paid && f.Level != Open && g.pace.over(who.account(), a.ID, now)
	x := Explanation{Decision: Decide(f), Standing: f.Standing, Plan: e.Plan, Until: e.Until, Unlocked: f.Unlocked, Used: f.Used}
	x.Text = x.sentence(f)
	return x, nil
}

func (x Explanation) sentence(f Facts) string {
	switch d := x.Decision; {
	case d.Grant == ByOpen:
		return "The article is open to everyone."
	case d.Grant == ByStaff:
		return "Staff read everything."
	case d.Grant == ByRegistration:
		return "The article is open to every reader with a confirmed address, and this is one."
	case d.Grant == ByMeteredUnlock:
		return fmt.Sprintf("The reader unlocked this article in the current period (%d of %d used).", f.Used, f.Free)
	case d.Grant == ByCourtesy:
		return "This browser was given the article for an address."
	case d.Grant == ByGift:
		return "This browser holds a gift of the article."
	case d.Full():
		return fmt.Sprintf("The reader has the plan %q (%s).", x.Plan, d.Grant)
	case d.Wall == SlowDown:
		return "The account opened more articles than its cap allows and has not confirmed since."
	case f.Level == Subscriber:
		return fmt.Sprintf("The article is for subscribers, and the standing is %s.", f.Standing)
	case d.Wall == ReadThisOne:
		return fmt.Sprintf("The reader can still choose it: %d of %d free articles are left.", d.Left, f.Free)
	case d.Wall == KeepReading:
		return fmt.Sprintf("The article is %s, and nobody is signed in.", f.Level)
	}
	if f.Free == 0 {
		return "The article is metered, and there are no free articles."
	}
	return fmt.Sprintf("All %d free articles of the period are used.", f.Free)
}
