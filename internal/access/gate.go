package access

import (
	"context"
	"log/slog"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Person is who asks, as the surface knows them. The zero Person is a visitor without a cookie.
type Person struct {
	Reader  int64  // 0 when not signed in; only readers with a confirmed address can sign in
	Staff   bool   // a member of the newsroom
	Visitor string // the hashed visitor token of the browser, "" without one
	Pass    Pass   // of a browser that has paid and is not signed in; the zero Pass without
}

// A Pass is what a browser reads under that has paid and is not signed in: the contract it paid for, and nothing else
// that its reader has (W-34).
type Pass struct {
	Contract int64     // 0 for no pass
	Until    time.Time // the first moment it no longer covers
}

// An Entitlement is a subscription, seat or institution under which a person reads. The zero value is none.
type Entitlement struct {
	Grant Grant
	Plan  string
	Until time.Time // zero when open-ended
	Late  bool      // a payment for it is due: it ends at Until unless that comes
}

// Entitlements tells under what a reader may read everything at a time. billing gives it; the answer is kept for up
// to 60 seconds, and forgotten at once when Forget is called.
type Entitlements interface {
	Active(ctx context.Context, reader int64, at time.Time) (Entitlement, error)
}

// account is what the articles are counted under that a person opens (W-35): a reader, or apart from all readers, in
// negative numbers, the contract of a pass.
func (p Person) account() int64 {
	if p.Reader != 0 {
		return p.Reader
	}
	return -p.Pass.Contract
}

// A Gate loads facts, decides, spends unlocks and grants courtesies. It is safe for concurrent use.
type Gate struct {
	db           *storage.DB
	policy       Policy
	entitlements Entitlements
	now          func() time.Time
	log          *slog.Logger
	known        *knowledge
	pace         *pace
}

// NewGate returns the gate of a publication. now may be nil for the system's clock.
func NewGate(db *storage.DB, p Policy, e Entitlements, log *slog.Logger, now func() time.Time) *Gate {
	if now == nil {
		now = time.Now
	}
	return &Gate{db: db, policy: p, entitlements: e, now: now, log: log,
		known: newKnowledge(), pace: newPace(p.HourlyArticles, p.DailyArticles)}
}

// Policy returns the policy the gate applies.
func (g *Gate) Policy() Policy { return g.policy }

// Admit decides whether a person may read an article now. It spends nothing. On an error the Decision withholds.
func (g *Gate) Admit(ctx context.Context, who Person, a Article) (Decision, error) {
	now := g.now()
	f, err := g.facts(ctx, who, a, now)
	if err != nil {
		return withheld(f), err
	}
	if f.Standing == Paid && f.Level != Open {
		over, first := g.pace.opened(who.account(), a.ID, now)
		if f.TooFast = over; first {
			g.log.Warn("account reads faster than its cap", "reader", who.Reader, "contract", who.Pass.Contract)
		}
	}
	return Decide(f), nil
}

// withheld is the answer when the facts could not be had.
func withheld(f Facts) Decision {
	return Decision{article: f.Article.ID, Level: f.Level, Wall: Subscribe}
}

// Standing returns who a person is to the wall, and their entitlement, if any.
func (g *Gate) Standing(ctx context.Context, who Person) (Standing, Entitlement, error) {
	return g.standing(ctx, who, g.now())
}

func (g *Gate) standing(ctx context.Context, who Person, now time.Time) (Standing, Entitlement, error) {
	switch {
	case who.Staff:
		return Newsroom, Entitlement{Grant: ByStaff}, nil
	case who.Reader == 0:
		if who.Pass.Contract == 0 || !now.Before(who.Pass.Until) {
			return Visitor, Entitlement{}, nil
		}
		return Paid, Entitlement{Grant: BySubscription, Until: who.Pass.Until}, nil
	}
	k, err := g.know(ctx, who.Reader, now)
	if err != nil {
		return Reader, Entitlement{}, err
	}
	e := k.entitlement
	if e.Grant == None || !e.Until.IsZero() && !now.Before(e.Until) {
		return Reader, Entitlement{}, nil
	}
	return Paid, e, nil
}

// facts loads what the decision on an article depends on, and no more: an open article costs no query.
func (g *Gate) facts(ctx context.Context, who Person, a Article, now time.Time) (Facts, error) {
	f := Facts{Article: a, Level: g.policy.Level(a, now), Free: g.policy.Free}
	var e Entitlement
	var err error
	if f.Standing, e, err = g.standing(ctx, who, now); err != nil {
		return f, err
	}
	f.Plan = e.Grant
	if f.Level == Open || f.Standing >= Paid {
		return f, nil
	}
	if f.Standing == Reader {
		if f.Unlocked, f.Used, err = g.meter(ctx, who.Reader, a.ID, now); err != nil {
			return f, err
		}
	}
	if f.Level != Registered && !f.Unlocked && who.Visitor != "" {
		f.Courtesy, f.Gift, err = g.holds(ctx, who.Visitor, a.ID, now)
	}
	return f, err
}

// Forget drops what the gate keeps of a reader: call it when an entitlement, a ban or a deletion must take effect at
// once. Reader 0 drops everything.
func (g *Gate) Forget(reader int64) { g.known.forget(reader) }

// vouched is the kind of the change log's lines about readers whose velocity count begins anew.
const vouched = "vouched"

// Vouch clears a reader's velocity count on every node: they have proved to be a person. On an error the count of this
// node alone is cleared.
func (g *Gate) Vouch(ctx context.Context, reader int64) error {
	g.pace.clear(reader)
	if g.pace.off() {
		return nil
	}
	return g.db.Write(ctx, func(tx *storage.DB) error { return tx.Changed(ctx, vouched, reader) })
}

// Changed takes a line of the change log: whoever follows it calls it for each.
func (g *Gate) Changed(c storage.Change) {
	switch c.Kind {
	case "reader":
		g.Forget(c.Subject)
	case vouched:
		g.pace.clear(c.Subject)
	}
}
