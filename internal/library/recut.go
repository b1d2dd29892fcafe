package library

import (
	"context"
	"fmt"

	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
)

// recutBatch is how many teasers are cut anew in one transaction.
const recutBatch = 100

// Recut cuts the teasers anew that were cut for another number of words than the publication now wants, and returns
// how many came out different. Call it when the program starts: with nothing to do it costs one look at an index.
// Interrupted, it goes on where it stopped when it is called again.
func (l *Library) Recut(ctx context.Context) (changed int, err error) {
	for {
		batch, err := l.readStale(ctx)
		if err != nil || len(batch) == 0 {
			return changed, err
		}
		for i := range batch {
			s := &batch[i]
			if s.made, err = prose.Compose(s.source, s.format, l.teaserWords); err != nil {
				return changed, fmt.Errorf("cut the teaser of article %d anew: %w", s.id, err)
			}
		}
		var n int
		err = l.db.Write(ctx, func(tx *storage.DB) (err error) {
			n, err = l.writeTeasers(ctx, tx, batch)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
}

// stale is an article whose teaser was cut for another number of words.
type stale struct {
	id, version int64
	teaser      string
	source      string
	format      prose.Format
	made        prose.Text
}

func (l *Library) readStale(ctx context.Context) ([]stale, error) {
	rows, err := l.db.Query(ctx, `SELECT a.id, a.version, a.teaser_html, 
		CASE WHEN b.source_text = '' THEN b.body_html ELSE b.source_text END, b.source_format FROM articles a
		JOIN article_bodies b ON b.article = a.id
		WHERE a.id IN (SELECT id FROM articles WHERE teaser_words < $1 OR teaser_words > $1 LIMIT $2)`,
		l.teaserWords, recutBatch)
	var out []stale
	err = eachRow(rows, err, func() error {
		var s stale
		err := rows.Scan(&s.id, &s.version, &s.teaser, &s.source, &s.format)
		out = append(out, s)
		return err
	})
	return out, err
}

// writeTeasers leaves out an article that was saved in the meantime: it is cut right then, or read again.
func (l *Library) writeTeasers(ctx context.Context, tx *storage.DB, batch []stale) (changed int, err error) {
	for _, s := range batch {
		if s.made.Teaser == s.teaser {
			_, err = tx.Exec(ctx, `UPDATE articles SET teaser_words = $1 WHERE id = $2 AND version = $3`,
				l.teaserWords, s.id, s.version)
			if err != nil {
				return 0, err
			}
			continue
		}
		n, err := tx.Exec(ctx, `UPDATE articles SET teaser_words = $1, teaser_html = $2, version = version + 1
			WHERE id = $3 AND version = $4`, l.teaserWords, s.made.Teaser, s.id, s.version)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			continue
		}
		changed++
		if err := tx.Changed(ctx, "article", s.id); err != nil {
			return 0, err
		}
	}
	return changed, nil
}
