package library

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/gatefold/gatefold/internal/storage"
)

// readStored returns, for each draft, the article it replaces: the zero stored when there is none.
func (l *Library) readStored(ctx context.Context, drafts []Draft) ([]stored, error) {
	bySource := map[string]stored{}
	var sources []any
	for _, d := range drafts {
		if d.ID == 0 && d.Source != "" {
			sources = append(sources, noNUL(d.Source))
		}
	}
	for len(sources) > 0 {
		args := sources[:min(chunk, len(sources))]
		sources = sources[len(args):]
		for len(args) < chunk {
			args = append(args[:len(args):len(args)], args[0])
		}
		rows, err := l.db.Query(ctx, `SELECT id, COALESCE(source, ''), slug, version, hash, kind, level, state, published,
			updated, hero, corrections FROM articles WHERE source IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
			$14, $15, $16, $17, $18, $19, $20)`, args...)
		err = eachRow(rows, err, func() error {
			s, err := scanStored(rows.Scan)
			bySource[s.source] = s
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	out := make([]stored, len(drafts))
	for i, d := range drafts {
		var err error
		switch {
		case d.ID != 0:
			out[i], err = scanStored(l.db.QueryRow(ctx, `SELECT id, COALESCE(source, ''), slug, version, hash, kind, level,
				state, published, updated, hero, corrections FROM articles WHERE id = $1`, d.ID).Scan)
		case d.Source != "":
			out[i] = bySource[noNUL(d.Source)]
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	return out, nil
}

func scanStored(scan func(...any) error) (s stored, err error) {
	err = scan(&s.id, &s.source, &s.slug, &s.version, &s.hash, &s.kind, &s.level, &s.state, &s.published, &s.updated,
		&s.hero, &s.corrections)
	return s, err
}

// A batch is the writing of many articles in one transaction.
type batch struct {
	tx          *storage.DB
	terms       *termView
	teaserWords int
	rows        []any // of filings not written yet, filingColumns values each
	owners      []any // of slugs that were claimed, with their article
}

// write writes one article with all that belongs to it. Its filings may wait for flush.
func (b *batch) write(ctx context.Context, j *job) error {
	*j.saved = Saved{}
	fs, err := b.terms.filings(ctx, b.tx, &j.draft)
	if err != nil {
		return err
	}
	if j.have.id == 0 {
		err = b.insert(ctx, j, fs)
	} else {
		err = b.update(ctx, j, fs)
	}
	if err != nil || j.saved.Err != nil {
		return err
	}
	id := j.saved.ID
	source := j.draft.source()
	if source == j.text.Body {
		source = "" // most imported texts need no change: half the room
	}
	_, err = b.tx.Exec(ctx, `INSERT INTO article_bodies (article, body_html, source_text, source_format)
		VALUES ($1, $2, $3, $4) ON CONFLICT (article) DO UPDATE SET body_html = excluded.body_html,
		source_text = excluded.source_text, source_format = excluded.source_format`,
		id, j.text.Body, source, j.draft.format())
	if err != nil {
		return err
	}
	for _, f := range fs.all {
		b.rows = append(b.rows, f.term, j.shown(), id, f.position)
	}
	for len(b.rows) >= filingRows*filingColumns {
		if err := b.writeFilings(ctx); err != nil {
			return err
		}
	}
	return b.tx.Changed(ctx, "article", id)
}

// flush writes what waits.
func (b *batch) flush(ctx context.Context) error {
	for len(b.rows) > 0 {
		if err := b.writeFilings(ctx); err != nil {
			return err
		}
	}
	for len(b.owners) > 0 {
		if err := b.giveSlugs(ctx); err != nil {
			return err
		}
	}
	return nil
}

// filingRows is how many filings one statement writes, each of filingColumns values.
const (
	filingRows    = 20
	filingColumns = 4
)

// writeFilings writes the filings that one statement takes. When there are fewer, the last is given several times,
// which ON CONFLICT lets pass.
func (b *batch) writeFilings(ctx context.Context) error {
	n := min(len(b.rows), filingRows*filingColumns)
	args := padded(b.rows[:n], filingColumns, filingRows)
	b.rows = b.rows[n:]
	_, err := b.tx.Exec(ctx, `INSERT INTO filings (term, shown, article, position) VALUES ($1, $2, $3, $4),
		($5, $6, $7, $8), ($9, $10, $11, $12), ($13, $14, $15, $16), ($17, $18, $19, $20), ($21, $22, $23, $24),
		($25, $26, $27, $28), ($29, $30, $31, $32), ($33, $34, $35, $36), ($37, $38, $39, $40), ($41, $42, $43, $44),
		($45, $46, $47, $48), ($49, $50, $51, $52), ($53, $54, $55, $56), ($57, $58, $59, $60), ($61, $62, $63, $64),
		($65, $66, $67, $68), ($69, $70, $71, $72), ($73, $74, $75, $76), ($77, $78, $79, $80)
		ON CONFLICT (term, shown, article) DO NOTHING`, args...)
	return err
}

// padded gives the last row of values again until there are as many rows as a statement takes.
func padded(values []any, columns, rows int) []any {
	out := slices.Clone(values)
	for len(out) < columns*rows {
		out = append(out, values[len(values)-columns:]...)
	}
	return out
}

// shown is the time from which readers see the article.
func (j *job) shown() int64 {
	if j.draft.State != Published {
		return never
	}
	return micros(j.draft.Published)
}

func (b *batch) insert(ctx context.Context, j *job, fs filings) error {
	if j.slug == "" {
		j.saved.Err = errSlugTaken
		return nil
	}
	d := &j.draft
	err := b.tx.QueryRow(ctx, `INSERT INTO articles (source, slug, kind, level, state, title, standfirst, section, series,
		part, published, shown, updated, words, version, hash, hero, canonical, origin, licence, corrections, teaser_words,
		teaser_html) VALUES (NULLIF($1, ''), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16, $17, $18,
		$19, $20, $21, $22) ON CONFLICT (source) DO NOTHING RETURNING id`,
		d.Source, j.slug, d.Kind, d.Level, d.State, d.Title, d.Standfirst, fs.section, fs.series, d.Part,
		micros(d.Published), j.shown(), micros(d.Updated), j.text.Words, j.hash, j.hero, d.Canonical, d.Origin,
		d.Licence, j.corrections, b.teaserWords, j.text.Teaser).Scan(&j.saved.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return errRaced
	}
	j.saved.Slug, j.saved.Outcome = j.slug, Created
	b.owners = append(b.owners, j.slug, j.saved.ID)
	return err
}

func (b *batch) update(ctx context.Context, j *job, fs filings) error {
	d, have, tx := &j.draft, &j.have, b.tx
	slug := have.slug
	if d.Slug != "" && d.Slug != slug {
		if err := j.moveSlug(ctx, tx); err != nil || j.saved.Err != nil {
			return err
		}
		slug = d.Slug
	}
	n, err := tx.Exec(ctx, `UPDATE articles SET slug = $1, kind = $2, level = $3, state = $4, title = $5, standfirst = $6,
		section = $7, series = $8, part = $9, published = $10, shown = $11, updated = $12, words = $13,
		version = version + 1, hash = $14, hero = $15, canonical = $16, origin = $17, licence = $18, corrections = $19,
		teaser_words = $20, teaser_html = $21 WHERE id = $22 AND version = $23`,
		slug, d.Kind, d.Level, d.State, d.Title, d.Standfirst, fs.section, fs.series, d.Part, micros(d.Published),
		j.shown(), micros(d.Updated), j.text.Words, j.hash, j.hero, d.Canonical, d.Origin, d.Licence, j.corrections,
		b.teaserWords, j.text.Teaser, have.id, have.version)
	if err == nil && n == 0 {
		err = errRaced
	}
	if err != nil {
		return err
	}
	j.saved.ID, j.saved.Slug, j.saved.Outcome = have.id, slug, Changed
	_, err = tx.Exec(ctx, `DELETE FROM filings WHERE article = $1`, have.id)
	return err
}
