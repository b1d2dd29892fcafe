package library

import (
	"cmp"
	"context"
	"database/sql"
	"html/template"
	"slices"

	"github.com/gatefold/gatefold/internal/storage"
)

// Summaries returns those of the articles that readers can see, in the order of the ids.
func (l *Library) Summaries(ctx context.Context, ids []int64) ([]Summary, error) {
	found := make(map[int64]*Summary, len(ids))
	for args := range l.chunks(ids) {
		if err := l.readSummaries(ctx, found, args); err != nil {
			return nil, err
		}
		if err := l.readNames(ctx, found, args); err != nil {
			return nil, err
		}
	}
	out := make([]Summary, 0, len(found))
	for _, id := range ids {
		if s := found[id]; s != nil {
			out = append(out, *s)
		}
	}
	return out, nil
}

func (l *Library) readSummaries(ctx context.Context, found map[int64]*Summary, args []any) error {
	rows, err := l.db.Query(ctx, `SELECT a.id, a.slug, a.kind, a.level, a.title, a.standfirst, a.part, a.published,
		a.updated, a.words, a.version, a.hero, a.section, COALESCE(t.slug, ''), COALESCE(t.name, '') FROM articles a
		LEFT JOIN terms t ON t.id = a.section WHERE a.shown <= $1 AND a.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
		$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, args...)
	return eachRow(rows, err, func() error {
		s := Summary{Section: Term{Kind: Section}}
		var published, updated int64
		var hero string
		err := rows.Scan(&s.ID, &s.Slug, &s.Kind, &s.Level, &s.Title, &s.Standfirst, &s.SeriesPart, &published, &updated,
			&s.Words, &s.Version, &hero, &s.Section.ID, &s.Section.Slug, &s.Section.Name)
		if err != nil {
			return err
		}
		if s.Section.ID == 0 {
			s.Section = Term{}
		}
		s.Level = cmp.Or(s.Level, l.level)
		s.Published, s.Updated = storage.Time(published), storage.Time(updated)
		s.Hero, err = imageOf(hero)
		found[s.ID] = &s
		return err
	})
}

// readNames fills in the bylines. CROSS JOIN keeps SQLite from going through all contributors first.
func (l *Library) readNames(ctx context.Context, found map[int64]*Summary, args []any) error {
	rows, err := l.db.Query(ctx, `SELECT f.article, t.name FROM filings f CROSS JOIN terms t
		WHERE t.id = f.term AND f.shown <= $1 AND f.article IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
		$19, $20, $21) AND t.kind = 'contributor' ORDER BY f.article, f.position`, args...)
	return eachRow(rows, err, func() error {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return err
		}
		if s := found[id]; s != nil {
			s.Byline = append(s.Byline, name)
		}
		return nil
	})
}

// Teasers returns the teasers of those of the articles that readers can see.
func (l *Library) Teasers(ctx context.Context, ids []int64) (map[int64]template.HTML, error) {
	out := make(map[int64]template.HTML, len(ids))
	for args := range l.chunks(ids) {
		rows, err := l.db.Query(ctx, `SELECT id, teaser_html FROM articles WHERE shown <= $1 AND id IN ($2, $3, $4, $5, $6,
			$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, args...)
		err = eachRow(rows, err, func() error {
			var id int64
			var teaser string
			err := rows.Scan(&id, &teaser)
			out[id] = template.HTML(teaser)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// chunk is how many values the lists of the statements above hold.
const chunk = 20

// chunks yields the arguments for a statement with a list of ids: the time, then chunk ids, the last repeated.
func (l *Library) chunks(ids []int64) func(yield func([]any) bool) {
	now := l.now()
	return func(yield func([]any) bool) {
		for part := range slices.Chunk(ids, chunk) {
			args := make([]any, 1, chunk+1)
			args[0] = now
			for i := range chunk {
				args = append(args, part[min(i, len(part)-1)])
			}
			if !yield(args) {
				return
			}
		}
	}
}

// A key is the place of an article in an index.
type key struct{ shown, id int64 }

func ids(keys []key) []int64 {
	out := make([]int64, len(keys))
	for i, k := range keys {
		out[i] = k.id
	}
	return out
}

// readKeys reads the rows of a query for keys.
func readKeys(rows *sql.Rows, err error) ([]key, error) {
	var keys []key
	err = eachRow(rows, err, func() error {
		var k key
		err := rows.Scan(&k.shown, &k.id)
		keys = append(keys, k)
		return err
	})
	return keys, err
}

// eachRow calls row, which scans, for every row of a query whose error it takes too, and closes the rows.
func eachRow(rows *sql.Rows, err error, row func() error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(); err != nil {
			return err
		}
	}
	return rows.Err()
}
