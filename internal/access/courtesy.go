package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A CourtesyRequest asks for the one article given at once for an address.
type CourtesyRequest struct {
	Visitor string // the hashed visitor token of the browser
	Address string // something that stands for the mailbox and hides it: a hash of the canonical key
	Network string // the /24 or /64 the request came from
	Article int64
}

var errSpent = errors.New("courtesy spent")

// Courtesy gives a browser one article, when its limits allow: one a browser, one a mailbox, a few a day a network.
// It reports whether the browser now holds the article. Whether the mailbox is known plays no part.
func (g *Gate) Courtesy(ctx context.Context, r CourtesyRequest) (bool, error) {
	now := g.now()
	held, err := g.holdsCourtesy(ctx, r.Visitor, r.Article, now)
	if err != nil || held {
		return held, err
	}
	err = g.db.Write(ctx, func(tx *storage.DB) error { return g.grantCourtesy(ctx, tx, r, now) })
	switch {
	case errors.Is(err, errSpent):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("courtesy for article %d: %w", r.Article, err)
	}
	return true, nil
}

// grantCourtesy takes the slots in one fixed order, so that two requests cannot wait for each other in a circle.
func (g *Gate) grantCourtesy(ctx context.Context, tx *storage.DB, r CourtesyRequest, now time.Time) error {
	ends := now.AddDate(0, 0, g.policy.CourtesyDays)
	day := now.Add(24 * time.Hour)
	for _, h := range []struct {
		holder string
		slots  int
		ends   time.Time
	}{{"visitor " + r.Visitor, 1, ends}, {"address " + r.Address, 1, ends}, {"network " + r.Network, g.policy.CourtesiesByNetwork, day}} {
		if err := takeSlot(ctx, tx, h.holder, h.slots, now, h.ends); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO courtesies (visitor, article, address, at, ends) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (visitor, article) DO UPDATE SET at = excluded.at, ends = excluded.ends`,
		r.Visitor, r.Article, r.Address, storage.Micros(now), storage.Micros(ends))
	return err
}

func takeSlot(ctx context.Context, tx *storage.DB, holder string, slots int, now, ends time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM courtesy_slots WHERE holder = $1 AND ends <= $2`,
		holder, storage.Micros(now)); err != nil {
		return err
	}
	for slot := 1; slot <= slots; slot++ {
		n, err := tx.Exec(ctx, `INSERT INTO courtesy_slots (holder, slot, ends) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			holder, slot, storage.Micros(ends))
		if err != nil || n == 1 {
			return err
		}
	}
	return errSpent
}

func (g *Gate) holdsCourtesy(ctx context.Context, visitor string, article int64, now time.Time) (bool, error) {
	var n int
	err := g.db.QueryRow(ctx, `SELECT COUNT(*) FROM courtesies WHERE visitor = $1 AND article = $2 AND ends > $3`,
		visitor, article, storage.Micros(now)).Scan(&n)
	return n > 0, err
}

// Cleanup deletes what has run out: courtesies, their slots, links to gifts, and unlocks and gifts older than a year.
func (g *Gate) Cleanup(ctx context.Context) error {
	now := g.now()
	return g.db.Write(ctx, func(tx *storage.DB) error {
		for _, q := range []struct {
			text string
			at   time.Time
		}{
			{`DELETE FROM courtesies WHERE ends <= $1`, now},
			{`DELETE FROM courtesy_slots WHERE ends <= $1`, now},
			{`DELETE FROM unlocks WHERE at < $1`, now.AddDate(-1, 0, 0)},
			{`DELETE FROM gift_links WHERE ends <= $1`, now},
			{`DELETE FROM gift_devices WHERE ends <= $1`, now.AddDate(0, -2, 0)}, // no link to their gift can be made any more
			{`DELETE FROM gifts WHERE at < $1`, now.AddDate(-1, 0, 0)},
		} {
			if _, err := tx.Exec(ctx, q.text, storage.Micros(q.at)); err != nil {
				return err
			}
		}
		return nil
	})
}
