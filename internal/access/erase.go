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
	rows, err := g.db.Query(ctx, `SELECT article, period, at FROM unlocks WHERE reader = $1 ORDER BY at`, reader)
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

// EraseReader deletes what the wall keeps of a reader.
func (g *Gate) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM unlocks WHERE reader = $1`, reader)
	return err
}
