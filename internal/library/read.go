package library

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"html/template"
	"slices"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

var errNoArticle = fault.New(fault.NotFound, "There is no article at this address.")

// BySlug returns the article of exactly this slug. It returns *Moved for a slug the article had once, and NotFound for
// what readers may not see yet.
func (l *Library) BySlug(ctx context.Context, slug string) (Article, error) {
	if checkSlug(slug) != nil { // it may hold what PostgreSQL does not take for text
		return Article{}, errNoArticle
	}
	var a Article
	var current int
	var section, series int64
	var part int
	var published, updated int64
	var hero, corrections string
	err := l.db.QueryRow(ctx, `SELECT a.id, s.current, COALESCE(a.source, ''), a.slug, a.kind, a.level, a.title,
		a.standfirst, a.section, a.series, a.part, a.published, a.updated, a.words, a.version, a.hero, a.canonical,
		a.origin, a.licence, a.corrections, a.teaser_html FROM slugs s JOIN articles a ON a.id = s.article
		WHERE s.slug = $1 AND a.shown <= $2`, slug, l.now()).
		Scan(&a.ID, &current, &a.Source, &a.Slug, &a.Kind, &a.Level, &a.Title, &a.Standfirst, &section, &series, &part,
			&published, &updated, &a.Words, &a.Version, &hero, &a.Canonical, &a.Origin, &a.Licence, &corrections,
			(*string)(&a.Teaser))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Article{}, errNoArticle
	case err != nil:
		return Article{}, err
	case current == 0:
		return Article{}, &Moved{Slug: a.Slug}
	}
	a.Level = cmp.Or(a.Level, l.level)
	a.Published, a.Updated = storage.Time(published), storage.Time(updated)
	if a.Hero, err = imageOf(hero); err != nil {
		return Article{}, err
	}
	if a.Corrections, err = correctionsOf(corrections); err != nil {
		return Article{}, err
	}
	if series != 0 {
		a.Series = &Part{Number: part}
	}
	return a, l.file(ctx, &a)
}

// file fills in what an article is filed under.
func (l *Library) file(ctx context.Context, a *Article) error {
	rows, err := l.db.Query(ctx, `SELECT t.id, t.kind, t.slug, t.name, t.description, t.parent, t.line, t.biography,
		t.portrait FROM filings f JOIN terms t ON t.id = f.term WHERE f.article = $1 ORDER BY f.position, t.id`, a.ID)
	err = eachRow(rows, err, func() error {
		var c Contributor
		var portrait string
		err := rows.Scan(&c.ID, &c.Kind, &c.Slug, &c.Name, &c.Description, &c.Parent, &c.Line, &c.Biography, &portrait)
		if err != nil {
			return err
		}
		c.Portrait, err = imageOf(portrait)
		a.add(c)
		return err
	})
	if err != nil || a.Series == nil {
		return err
	}
	a.Series.Siblings, err = l.Parts(ctx, a.Series.Series.ID)
	return err
}

// add puts a term where it belongs in the article.
func (a *Article) add(c Contributor) {
	switch c.Kind {
	case Section:
		a.Section = c.Term
	case Topic:
		a.Topics = append(a.Topics, c.Term)
	case Country:
		a.Countries = append(a.Countries, c.Term)
	case Region:
		a.Regions = append(a.Regions, c.Term)
	case Byline:
		a.Byline = append(a.Byline, c)
	case Series:
		if a.Series != nil {
			a.Series.Series = c.Term
		}
	}
}

// Parts returns the articles of a series that readers can see, in the order of their numbers, at most 1,000.
func (l *Library) Parts(ctx context.Context, series int64) ([]Summary, error) {
	keys, err := readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND shown <= $2
		ORDER BY position, shown, article LIMIT $3`, series, l.now(), maxPage))
	if err != nil {
		return nil, err
	}
	return l.Summaries(ctx, ids(keys))
}

// Body returns the text of the article that a decision opens. Any other decision is Denied. It is the only function
// that gives the text of an article away.
func (l *Library) Body(ctx context.Context, d access.Decision) (template.HTML, error) {
	if !d.Full() {
		return "", fault.New(fault.Denied, "This article is not open to you.")
	}
	var body string
	err := l.db.QueryRow(ctx, `SELECT b.body_html FROM article_bodies b JOIN articles a ON a.id = b.article
		WHERE b.article = $1 AND a.shown <= $2`, d.Article(), l.now()).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoArticle
	}
	return template.HTML(body), err // sanitized when it was saved
}

// correctionsText and correctionsOf write and read corrections as they are stored: JSON, or nothing.
func correctionsText(cs []Correction) (string, error) {
	if len(cs) == 0 {
		return "", nil
	}
	utc := slices.Clone(cs)
	for i := range utc {
		utc[i].At = utc[i].At.UTC()
	}
	b, err := json.Marshal(utc)
	return string(b), err
}

func correctionsOf(text string) ([]Correction, error) {
	if text == "" {
		return nil, nil
	}
	var out []Correction
	err := json.Unmarshal([]byte(text), &out)
	return out, err
}
