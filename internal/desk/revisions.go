package desk

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/storage"
)

// Listed is how many revisions a list holds at most.
const Listed = 200

// Revisions returns the newest revisions of an article before a version (0 for all), newest first, without their texts.
func (d *Desk) Revisions(ctx context.Context, article, before int64) ([]Revision, error) {
	out, err := d.revisions(ctx, article, before)
	return out, of(err, "read the revisions of", article)
}

func (d *Desk) revisions(ctx context.Context, article, before int64) ([]Revision, error) {
	rows, err := d.db.Query(ctx, `SELECT version, base, kind, writer, writer_name, saved, words FROM desk_revisions
		WHERE article = $1 AND (version < $2 OR $2 = 0) ORDER BY version DESC LIMIT $3`, article, before, Listed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Revision
	for rows.Next() {
		var r Revision
		var saved int64
		if err := rows.Scan(&r.Version, &r.Base, &r.Kind, &r.Writer.ID, &r.Writer.Name, &saved, &r.Words); err != nil {
			return nil, err
		}
		r.Saved = storage.Time(saved)
		out = append(out, r)
	}
	return out, rows.Err()
}

// Revision returns one revision with its text, or NotFound.
func (d *Desk) Revision(ctx context.Context, article, version int64) (Revision, error) {
	r := Revision{Version: version}
	var saved int64
	var text string
	err := d.db.QueryRow(ctx, `SELECT base, kind, writer, writer_name, saved, words, title, standfirst, document FROM desk_revisions
		WHERE article = $1 AND version = $2`, article, version).Scan(&r.Base, &r.Kind, &r.Writer.ID, &r.Writer.Name, &saved, &r.Words,
		&r.Text.Title, &r.Text.Standfirst, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "There is no revision %d of this article.", version)
	}
	if err != nil {
		return r, of(err, "read a revision of", article)
	}
	r.Saved = storage.Time(saved)
	r.Text.Document, err = document.Parse([]byte(text))
	return r, of(err, "read a revision of", article)
}

// Restore makes an earlier revision the newest text. What was the newest stays a revision.
func (d *Desk) Restore(ctx context.Context, article, version int64, w Writer, token string) (Saved, error) {
	r, err := d.Revision(ctx, article, version)
	if err != nil {
		return Saved{}, err
	}
	now, err := d.Open(ctx, article)
	if err != nil {
		return Saved{}, err
	}
	return d.Save(ctx, Change{Article: article, Base: now.Version, Token: token, Kind: Restored, Writer: w, Text: r.Text})
}

// File gives the library the newest text of an article: title, standfirst and body. A public article then has it before
// readers. An article nobody has written here is left as it is. It returns Invalid when there is no title.
func (d *Desk) File(ctx context.Context, article int64) error {
	return of(d.file(ctx, article, func(library.Draft) error { return nil }), "file", article)
}

// errPublic is not seen outside.
var errPublic = errors.New("the article is public")

// FileUnlessPublic is File for those who may not put a text before readers, or did not ask to: it leaves an article that is
// published, or will be at its time, as it is, and reports false. The answer is that of the moment of filing, and not of
// the beginning of a request that somebody sends slowly while an editor publishes.
func (d *Desk) FileUnlessPublic(ctx context.Context, article int64) (filed bool, err error) {
	err = d.file(ctx, article, func(m library.Draft) error {
		if m.State == library.Published {
			return errPublic
		}
		return nil
	})
	if errors.Is(err, errPublic) {
		return false, nil
	}
	return err == nil, of(err, "file", article)
}

// file is File, unless may refuses what the library has when the text would take its place.
func (d *Desk) file(ctx context.Context, article int64, may func(library.Draft) error) error {
	var c Copy
	var before, after library.Draft
	err := d.library.Revise(ctx, article, func(m *library.Draft) (err error) {
		if err := may(*m); err != nil {
			return err
		}
		// The newest is read after the manuscript that it takes the place of: of two who file, the later text comes last.
		if c, err = d.Open(ctx, article); err != nil || !c.Waits() {
			return err
		}
		if strings.TrimSpace(c.Text.Title) == "" {
			return fault.Field("title", "a title is needed")
		}
		before = *m
		m.Title, m.Standfirst, m.BodyHTML, m.BodyMarkdown = c.Text.Title, c.Text.Standfirst, c.Text.Document.HTML(), ""
		after = *m
		return nil
	})
	if err == nil && c.Waits() {
		err = d.filed(ctx, c, before, textHash(after))
	}
	return err
}

// filed notes what the library has. A text that it got by another way, while this one waited, is kept as a revision; one
// that another File gave it is one already.
func (d *Desk) filed(ctx context.Context, c Copy, before library.Draft, after string) error {
	return d.db.Write(ctx, func(tx *storage.DB) error {
		var had string
		var last int64
		err := tx.QueryRow(ctx, `UPDATE desk_copies SET last = last + 1 WHERE article = $1 RETURNING last, filed_text`, c.Article).
			Scan(&last, &had)
		known := true
		if hash := textHash(before); err == nil && hash != had && hash != after {
			known, err = hasRevision(ctx, tx, c.Article, before)
		}
		if err == nil && !known {
			err = insertFiled(ctx, tx, c.Article, last, before, storage.Micros(d.now()))
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE desk_copies SET filed = $1, filed_text = $2 WHERE article = $3 AND filed < $1`, c.Version, after, c.Article)
		return err
	})
}

func hasRevision(ctx context.Context, tx *storage.DB, article int64, m library.Draft) (has bool, err error) {
	t, err := textOf(m)
	if err != nil {
		return false, err
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*) > 0 FROM desk_revisions WHERE article = $1 AND title = $2 AND standfirst = $3 AND
		document = $4`, article, t.Title, t.Standfirst, string(t.Document.JSON())).Scan(&has)
	return has, err
}
