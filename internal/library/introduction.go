package library

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Introduction is what staff wrote to introduce a term, longer than its description. The zero Introduction is none.
type Introduction struct {
	Source string        // Markdown, as it was written
	Text   template.HTML // sanitized
}

// maxIntroduction bounds the source of an introduction, in bytes: it opens a list, it is no article.
const maxIntroduction = 20_000

// Introduction returns the introduction of a term. It is public, as the term's name is.
func (l *Library) Introduction(ctx context.Context, term int64) (Introduction, error) {
	var i Introduction
	err := l.db.QueryRow(ctx, `SELECT source_text, body_html FROM introductions WHERE term = $1`, term).
		Scan(&i.Source, (*string)(&i.Text))
	if errors.Is(err, sql.ErrNoRows) {
		return Introduction{}, nil
	}
	return i, err
}

// Introduce writes the introduction of a term in Markdown; an empty one takes it away. It returns NotFound when there
// is no such term, and Invalid for a text that is too long or cannot be read.
func (l *Library) Introduce(ctx context.Context, kind TermKind, slug, markdown string) error {
	markdown = strings.TrimSpace(markdown)
	if len(markdown) > maxIntroduction {
		return fault.Field("introduction", "An introduction has at most %d bytes; this one has %d.", maxIntroduction, len(markdown))
	}
	text, err := prose.Compose(noNUL(markdown), prose.Markdown, 0)
	if err != nil {
		return err
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		var term int64
		err := tx.QueryRow(ctx, `SELECT id FROM terms WHERE kind = $1 AND slug = $2`, kind, slug).Scan(&term)
		if err != nil {
			return storage.NotFound(err, noTerm, kind)
		}
		if markdown == "" {
			_, err = tx.Exec(ctx, `DELETE FROM introductions WHERE term = $1`, term)
		} else {
			_, err = tx.Exec(ctx, `INSERT INTO introductions (term, source_text, body_html) VALUES ($1, $2, $3)
				ON CONFLICT (term) DO UPDATE SET source_text = excluded.source_text, body_html = excluded.body_html`,
				term, markdown, text.Body)
		}
		if err != nil {
			return err
		}
		return tx.Changed(ctx, "term", term)
	})
	if err != nil {
		return fmt.Errorf("introduce %s %s: %w", kind, slug, err)
	}
	return nil
}
