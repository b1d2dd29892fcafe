package library

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
)

// Manuscript returns an article as its editors have it: whole, with its text as it was handed in, whatever its state and
// without a Decision. It is for those who write it: package desk and the newsroom alone may call it (a test holds that).
// It returns NotFound for an article that is not there.
func (l *Library) Manuscript(ctx context.Context, id int64) (Draft, error) {
	d, _, err := l.manuscript(ctx, id)
	return d, err
}

// ManuscriptIn is Manuscript within a transaction, for who holds the text against something else that stands there.
func (l *Library) ManuscriptIn(ctx context.Context, tx *storage.DB, id int64) (Draft, error) {
	d, _, err := readManuscript(ctx, tx, id)
	if errors.Is(err, sql.ErrNoRows) {
		err = noArticle(id)
	}
	return d, err
}

func noArticle(id int64) error { return fault.New(fault.NotFound, "There is no article %d.", id) }

// Revise changes an article: f is given the manuscript and what it makes of it is saved, unless f returns an error. When
// somebody else saved the article in between, f is called again, with what they saved, so that nobody's change is lost. An
// empty Level in what f makes is the publication's default, not the level from before. What is to be done also is done as
// well when f changed nothing.
func (l *Library) Revise(ctx context.Context, id int64, f func(*Draft) error, also ...Also) error {
	for try := 1; ; try++ {
		d, version, err := l.manuscript(ctx, id)
		if err != nil {
			return err
		}
		if err := f(&d); err != nil {
			return err
		}
		d.ID, d.whole = id, true
		out := make([]Saved, 1)
		err = l.saveAt(ctx, d, version, out, also)
		if err == nil {
			return out[0].Err
		}
		if !errors.Is(err, errRaced) || try == saveTries {
			return err
		}
	}
}

// saveAt saves a draft of an article that has a version, or returns errRaced.
func (l *Library) saveAt(ctx context.Context, d Draft, version int64, out []Saved, also []Also) error {
	jobs, err := l.prepare(ctx, []Draft{d}, out)
	if err != nil {
		return err
	}
	if len(jobs) > 0 && jobs[0].have.version != version {
		return errRaced
	}
	return l.writeJobs(ctx, jobs, out, also)
}

// manuscript reads an article and its version in one view of the database.
func (l *Library) manuscript(ctx context.Context, id int64) (d Draft, version int64, err error) {
	err = l.db.Read(ctx, func(tx *storage.DB) error {
		d, version, err = readManuscript(ctx, tx, id)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = noArticle(id)
	}
	return d, version, err
}

func readManuscript(ctx context.Context, tx *storage.DB, id int64) (d Draft, version int64, err error) {
	d.ID = id
	var published, updated int64
	var hero, corrections, text, format string
	err = tx.QueryRow(ctx, `SELECT a.version, COALESCE(a.source, ''), a.slug, a.kind, a.level, a.state, a.title, a.standfirst,
		a.part, a.published, a.updated, a.hero, a.canonical, a.origin, a.licence, a.corrections,
		CASE WHEN b.source_text = '' THEN b.body_html ELSE b.source_text END, b.source_format
		FROM articles a JOIN article_bodies b ON b.article = a.id WHERE a.id = $1`, id).
		Scan(&version, &d.Source, &d.Slug, &d.Kind, &d.Level, &d.State, &d.Title, &d.Standfirst, &d.Part, &published, &updated,
			&hero, &d.Canonical, &d.Origin, &d.Licence, &corrections, &text, &format)
	if err != nil {
		return d, 0, err
	}
	d.Published, d.Updated = storage.Time(published), storage.Time(updated)
	if format == string(prose.Markdown) {
		d.BodyMarkdown = text
	} else {
		d.BodyHTML = text
	}
	if d.Hero, err = imageOf(hero); err != nil {
		return d, 0, err
	}
	if d.Corrections, err = correctionsOf(corrections); err != nil {
		return d, 0, err
	}
	rows, err := tx.Query(ctx, `SELECT t.kind, t.name FROM filings f JOIN terms t ON t.id = f.term WHERE f.article = $1
		ORDER BY f.position, t.id`, id)
	err = eachRow(rows, err, func() error {
		var kind TermKind
		var name string
		err := rows.Scan(&kind, &name)
		d.add(kind, name)
		return err
	})
	return d, version, err
}

// add files a draft under a term.
func (d *Draft) add(kind TermKind, name string) {
	switch kind {
	case Section:
		d.Section = name
	case Series:
		d.Series = name
	case Topic:
		d.Topics = append(d.Topics, name)
	case Country:
		d.Countries = append(d.Countries, name)
	case Byline:
		d.Byline = append(d.Byline, name)
	}
}
