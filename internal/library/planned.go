package library

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Plan is an article that will appear by itself.
type Plan struct {
	ID        int64
	Title     string
	Published time.Time // when it appears
}

// Planned returns up to n articles that appear between now and a time, the next first. It is for the newsroom alone:
// no reader may know of them yet.
func (l *Library) Planned(ctx context.Context, until time.Time, n int) ([]Plan, error) {
	rows, err := l.db.Query(ctx, `SELECT a.id, a.title, a.shown FROM filings f JOIN articles a ON a.id = f.article
		WHERE f.term = $1 AND f.shown > $2 AND f.shown < $3 ORDER BY f.shown, f.article LIMIT $4`,
		everything, l.now(), micros(until), n)
	var out []Plan
	err = eachRow(rows, err, func() error {
		var p Plan
		var shown int64
		err := rows.Scan(&p.ID, &p.Title, &shown)
		p.Published = storage.Time(shown)
		out = append(out, p)
		return err
	})
	return out, err
}
