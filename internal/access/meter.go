package access

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Unlock is one free article a reader spent.
type Unlock struct {
	Article int64
	Slot    int
	At      time.Time
}

// Unlocks returns what a reader spent in the current period, in the order of spending.
func (g *Gate) Unlocks(ctx context.Context, reader int64) ([]Unlock, error) {
	return g.spent(ctx, g.db, reader, g.now())
}

func (g *Gate) spent(ctx context.Context, db *storage.DB, reader int64, now time.Time) ([]Unlock, error) {
	rows, err := db.Query(ctx, `SELECT article, slot, at FROM unlocks
		WHERE reader = $1 AND period = $2 AND at >= $3 ORDER BY at, slot`,
		reader, g.policy.Period(now), storage.Micros(g.policy.countsFrom(now)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Unlock
	for rows.Next() {
		var u Unlock
		var at int64
		if err := rows.Scan(&u.Article, &u.Slot, &at); err != nil {
			return nil, err
		}
		u.At = storage.Time(at)
		out = append(out, u)
	}
	return out, rows.Err()
}

// Unlock spends one of a reader's free articles on an article and returns the decision that now holds. It spends
// nothing when the article is open to the person anyway or was unlocked before in the period. When none is left, or
// the article is not one to be unlocked, the returned Decision withholds and says so; that is no error. An unlock
// that was answered is durable.
func (g *Gate) Unlock(ctx context.Context, who Person, a Article) (Decision, error) {
	now := g.now()
	f, err := g.facts(ctx, who, a, now)
	if err != nil {
		return withheld(f), err
	}
	d := Decide(f)
	if d.Wall != ReadThisOne {
		return d, nil
	}
	err = g.db.Write(ctx, func(tx *storage.DB) error { return g.spend(ctx, tx, who.Reader, a.ID, f.Used, now) })
	switch {
	case fault.Is(err, fault.Conflict): // others took the last slot, or this article's, meanwhile
		g.known.forget(who.Reader)
		return g.Admit(ctx, who, a)
	case err != nil:
		return d, fmt.Errorf("unlock article %d for reader %d: %w", a.ID, who.Reader, err)
	}
	g.known.unlock(who.Reader, g.policy.Period(now), a.ID)
	f.Unlocked, f.Used = true, f.Used+1
	return Decide(f), nil
}

// spend takes a free slot of the reader's period, trying first the one after those that were taken a moment ago. Two
// rows can never share a slot, nor an article, so that any number of these under way at once end in exactly Free slots
// (W-28); a transaction holds no slot while it waits for another, so they cannot deadlock. Returns a Conflict when
// there is no slot to take.
func (g *Gate) spend(ctx context.Context, tx *storage.DB, reader, article int64, used int, now time.Time) error {
	period, free := g.policy.Period(now), g.policy.Free
	if g.policy.Rolling {
		if _, err := tx.Exec(ctx, `DELETE FROM unlocks WHERE reader = $1 AND period = $2 AND at < $3`,
			reader, period, storage.Micros(g.policy.countsFrom(now))); err != nil {
			return err
		}
	}
	for i := range free {
		n, err := tx.Exec(ctx, `INSERT INTO unlocks (reader, period, slot, article, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, reader, period, (used+i)%free+1, article, storage.Micros(now))
		if err != nil || n == 1 {
			return err
		}
	}
	return fault.New(fault.Conflict, "No free article is left in this period.")
}
