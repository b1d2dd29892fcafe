package newsletters

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// exported is one thing that is kept: how a newsletter is had, a link that was clicked, or a language.
type exported struct {
	Newsletter string     `json:"newsletter,omitempty"`
	Pace       string     `json:"pace,omitempty"`
	Followed   bool       `json:"only_what_i_follow,omitempty"`
	URL        string     `json:"clicked,omitempty"`
	At         *time.Time `json:"at,omitempty"`
	Language   string     `json:"language,omitempty"`
}

// ExportReader gives what a reader chose, and their clicks where they agreed to that. It implements readers.Exporter.
func (l *Newsletters) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	out := []exported{}
	for _, read := range []func(context.Context, int64, *[]exported) error{l.exportChoices, l.exportClicks} {
		if err := read(ctx, reader, &out); err != nil {
			return "", nil, fmt.Errorf("newsletters of reader %d: %w", reader, err)
		}
	}
	of, err := l.languages(ctx, reader, reader)
	if err != nil {
		return "", nil, err
	}
	if of[reader] != "" {
		out = append(out, exported{Language: of[reader]})
	}
	return "newsletters", out, nil
}

func (l *Newsletters) exportChoices(ctx context.Context, reader int64, out *[]exported) error {
	rows, err := l.db.Query(ctx, `SELECT n.slug, c.pace, c.followed FROM newsletter_choices c JOIN newsletters n ON n.id = c.newsletter
		WHERE c.reader = $1 ORDER BY n.position, n.id`, reader)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c exported
		var followed int
		if err := rows.Scan(&c.Newsletter, &c.Pace, &followed); err != nil {
			return err
		}
		c.Followed = followed == 1
		*out = append(*out, c)
	}
	return rows.Err()
}

func (l *Newsletters) exportClicks(ctx context.Context, reader int64, out *[]exported) error {
	rows, err := l.db.Query(ctx, `SELECT k.url, c.at FROM reader_clicks c JOIN edition_links k ON k.edition = c.edition AND k.link = c.link
		WHERE c.reader = $1 ORDER BY c.at, k.link`, reader)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c exported
		var at int64
		if err := rows.Scan(&c.URL, &at); err != nil {
			return err
		}
		when := storage.Time(at)
		c.At = &when
		*out = append(*out, c)
	}
	return rows.Err()
}

// EraseReader deletes what is kept of a reader. It implements readers.Eraser.
func (l *Newsletters) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	for _, q := range []string{`DELETE FROM newsletter_choices WHERE reader = $1`, `DELETE FROM newsletter_languages WHERE reader = $1`,
		`DELETE FROM reader_clicks WHERE reader = $1`} {
		if _, err := tx.Exec(ctx, q, reader); err != nil {
			return fmt.Errorf("erase newsletters of reader %d: %w", reader, err)
		}
	}
	return nil
}
