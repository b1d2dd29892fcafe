package access

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// spentUnlock is one free article in a reader's export.
type spentUnlock struct {
	Article int64     `json:"article"`
	Period  string    `json:"period"`
	At      time.Time `json:"at"`
}

// ExportReader gives the free articles a reader spent, for "download my data".
func (g *Gate) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	rows, err := g.db.Query(ctx, `SELECT article, period, at FROM unlocks WHERE reader = $1 AND article > 0 ORDER BY at`, reader)
	if err != nil {
		return "", nil, err
	}
	defer rows.Close()
	out := []spentUnlock{}
	for rows.Next() {
		var u spentUnlock
		var at int64
		if err := rows.Scan(&u.Article, &u.Period, &at); err != nil {
			return "", nil, err
		}
		u.At = storage.Time(at)
		out = append(out, u)
	}
	return "unlocks", out, rows.Err()
}

// EraseReader deletes what a reader chose. That so many slots of the period are taken stays, under an id that then
// belongs to nobody: deleting an account and coming back must not begin the month anew.
func (g *Gate) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	now := g.now()
	if _, err := tx.Exec(ctx, `DELETE FROM unlocks WHERE reader = $1 AND (period <> $2 OR at < $3)`,
		reader, g.policy.Period(now), storage.Micros(g.policy.countsFrom(now))); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE unlocks SET article = -slot WHERE reader = $1`, reader); err != nil {
		return err
	}
	return eraseGifts(ctx, tx, reader)
}

// eraseGifts deletes what a reader gave away: its links open nothing from now on.
func eraseGifts(ctx context.Context, tx *storage.DB, reader int64) error {
	for _, q := range []string{`DELETE FROM gift_links WHERE giver = $1`, `DELETE FROM gift_devices WHERE giver = $1`,
		`DELETE FROM gifts WHERE giver = $1`} {
		if _, err := tx.Exec(ctx, q, reader); err != nil {
			return err
		}
	}
	return nil
}

// GiftsGiven gives the articles a reader gave away, for "download my data". It implements readers.Exporter.
type GiftsGiven struct{ *Gate }

// givenAway is one of them.
type givenAway struct {
	Article int64     `json:"article"`
	At      time.Time `json:"at"`
}

// ExportReader implements readers.Exporter.
func (g GiftsGiven) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	rows, err := g.db.Query(ctx, `SELECT article, at FROM gifts WHERE giver = $1 ORDER BY at`, reader)
	if err != nil {
		return "", nil, err
	}
	defer rows.Close()
	out := []givenAway{}
	for rows.Next() {
		var x givenAway
		var at int64
		if err := rows.Scan(&x.Article, &at); err != nil {
			return "", nil, err
		}
		x.At = storage.Time(at)
		out = append(out, x)
	}
	return "articles_given", out, rows.Err()
}
