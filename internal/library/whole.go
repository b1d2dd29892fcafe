package library

import (
	"context"
	"html/template"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Whole is an article with its text, as package search makes its index of it. It leaves the process nowhere.
type Whole struct {
	ID         int64
	Version    int64
	Published  time.Time
	Level      access.Level // as it is filed, "" when it names none: see DefaultLevel
	Kind       string
	Section    Term    // the zero Term when it has none
	Terms      []int64 // all it is filed under
	Title      string
	Standfirst string
	Teaser     template.HTML // what everyone may read of Body
	Body       template.HTML
}

// Wholes returns those of the articles that readers can see, whole and without a Decision: it asks nobody who will read
// them, as an index is made for everyone at once. Therefore package search alone may call it (a test holds that), and
// what search gives away of a text it takes from Body and Teasers, as everyone does.
func (l *Library) Wholes(ctx context.Context, ids []int64) ([]Whole, error) {
	found := make(map[int64]*Whole, len(ids))
	for args := range l.chunks(ids) {
		if err := l.readWholes(ctx, found, args); err != nil {
			return nil, err
		}
		rows, err := l.db.Query(ctx, `SELECT article, term FROM filings WHERE term <> 0 AND shown <= $1 AND article IN ($2,
			$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, args...)
		err = eachRow(rows, err, func() error {
			var id, term int64
			err := rows.Scan(&id, &term)
			if w := found[id]; w != nil {
				w.Terms = append(w.Terms, term)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]Whole, 0, len(found))
	for _, id := range ids {
		if w := found[id]; w != nil {
			out = append(out, *w)
		}
	}
	return out, nil
}

func (l *Library) readWholes(ctx context.Context, found map[int64]*Whole, args []any) error {
	rows, err := l.db.Query(ctx, `SELECT a.id, a.version, a.published, a.level, a.kind, a.section, COALESCE(t.slug, ''),
		a.title, a.standfirst, a.teaser_html, b.body_html FROM articles a JOIN article_bodies b ON b.article = a.id
		LEFT JOIN terms t ON t.id = a.section WHERE a.shown <= $1 AND a.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
		$12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`, args...)
	return eachRow(rows, err, func() error {
		w := &Whole{Section: Term{Kind: Section}}
		var published int64
		err := rows.Scan(&w.ID, &w.Version, &published, &w.Level, &w.Kind, &w.Section.ID, &w.Section.Slug, &w.Title,
			&w.Standfirst, (*string)(&w.Teaser), (*string)(&w.Body))
		w.Published = storage.Time(published)
		found[w.ID] = w
		return err
	})
}

// DefaultLevel is the level of articles that name none.
func (l *Library) DefaultLevel() access.Level { return l.level }

// Versions calls f for every article that readers can see, with its version.
func (l *Library) Versions(ctx context.Context, f func(article, version int64)) error {
	rows, err := l.db.Query(ctx, `SELECT id, version FROM articles WHERE shown <= $1`, l.now())
	return eachRow(rows, err, func() error {
		var id, version int64
		err := rows.Scan(&id, &version)
		f(id, version)
		return err
	})
}

// AppearedSince returns the ids of articles that readers see from some time on until now.
func (l *Library) AppearedSince(ctx context.Context, after time.Time) ([]int64, error) {
	keys, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown > $2 AND shown <= $3
		ORDER BY shown, article`, everything, micros(after), l.now()))
	return ids(keys), err
}

// TermsAfter returns every term whose id is above one, those without an article among them, in the order of their ids.
func (l *Library) TermsAfter(ctx context.Context, id int64) ([]Term, error) {
	rows, err := l.db.Query(ctx, `SELECT id, kind, slug, name, parent FROM terms WHERE id > $1 ORDER BY id`, id)
	var out []Term
	err = eachRow(rows, err, func() error {
		var t Term
		err := rows.Scan(&t.ID, &t.Kind, &t.Slug, &t.Name, &t.Parent)
		out = append(out, t)
		return err
	})
	return out, err
}

// Sources returns the ids in the source they came from of the articles that were imported, by article.
func (l *Library) Sources(ctx context.Context) (map[int64]string, error) {
	rows, err := l.db.Query(ctx, `SELECT id, source FROM articles WHERE source IS NOT NULL AND shown <= $1`, l.now())
	out := map[int64]string{}
	err = eachRow(rows, err, func() error {
		var id int64
		var source string
		err := rows.Scan(&id, &source)
		out[id] = source
		return err
	})
	return out, err
}
