package desk

import (
	"context"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Passage is words of a text, and what stands around them (W3C Web Annotation, TextQuoteSelector): it is found again
// when words elsewhere have changed. The zero Passage is the whole text.
type Passage struct {
	Quote  string `json:"quote"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// A Comment is what a colleague says of a passage.
type Comment struct {
	ID       int64
	Thread   int64 // the comment that it answers; its own ID for the first
	Writer   Writer
	Text     string
	Passage  Passage
	At       time.Time
	Resolved time.Time // zero while it is open; of the first of a thread
	Resolver string
}

// Limits of a comment, in bytes.
const (
	commentLimit = 10_000
	passageLimit = 4000
)

// commentsMost is how many comments of an article are shown.
const commentsMost = 1000

// Comment adds a comment and returns its id. One with a Thread answers there and has no passage of its own. It returns
// NotFound for an article or a thread that is not there.
func (d *Desk) Comment(ctx context.Context, article int64, c Comment) (int64, error) {
	c.Text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(c.Text, "\uFFFD"), "\x00", ""))
	p := c.Passage
	for _, s := range []*string{&p.Quote, &p.Before, &p.After} {
		*s = tidy(*s)
	}
	switch {
	case c.Text == "":
		return 0, fault.Field("text", "a comment needs words")
	case len(c.Text) > commentLimit:
		return 0, fault.Field("text", "expected at most %d bytes, got %d", commentLimit, len(c.Text))
	case len(p.Quote)+len(p.Before)+len(p.After) > passageLimit:
		return 0, fault.New(fault.Invalid, "That passage is too long for a comment: choose a few sentences.")
	}
	var id int64
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := d.library.ManuscriptIn(ctx, tx, article); err != nil { // NotFound
			return err
		}
		if c.Thread != 0 {
			n, err := tx.Exec(ctx, `UPDATE desk_comments SET resolved = 0 WHERE id = $1 AND article = $2 AND thread = $1`, c.Thread, article)
			if err == nil && n == 0 {
				err = errNoComment
			}
			if err != nil {
				return err
			}
			p = Passage{}
		}
		err := tx.QueryRow(ctx, `INSERT INTO desk_comments (article, thread, writer, writer_name, text, quote, before, after, at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`, article, c.Thread, c.Writer.ID, c.Writer.Name, c.Text, p.Quote,
			p.Before, p.After, storage.Micros(d.now())).Scan(&id)
		if err == nil && c.Thread == 0 {
			_, err = tx.Exec(ctx, `UPDATE desk_comments SET thread = id WHERE id = $1`, id)
		}
		return err
	})
	return id, of(err, "comment on", article)
}

var errNoComment = fault.New(fault.NotFound, "There is no such comment.")

// Resolve closes a thread, or opens it again.
func (d *Desk) Resolve(ctx context.Context, article, thread int64, w Writer, resolved bool) error {
	var at int64
	if resolved {
		at = storage.Micros(d.now())
	}
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `UPDATE desk_comments SET resolved = $1, resolver = $2 WHERE id = $3 AND article = $4 AND thread = id`,
			at, w.Name, thread, article)
		if err == nil && n == 0 {
			err = errNoComment
		}
		return err
	})
	return of(err, "resolve a comment of", article)
}

// Comments returns what was said of an article, thread by thread, the oldest first: the newest 1,000.
func (d *Desk) Comments(ctx context.Context, article int64) ([]Comment, error) {
	out, err := d.comments(ctx, article)
	return out, of(err, "read the comments of", article)
}

func (d *Desk) comments(ctx context.Context, article int64) ([]Comment, error) {
	rows, err := d.db.Query(ctx, `SELECT id, thread, writer, writer_name, text, quote, before, after, at, resolved, resolver
		FROM desk_comments WHERE article = $1 AND id IN (SELECT id FROM desk_comments WHERE article = $1 ORDER BY id DESC LIMIT $2)
		ORDER BY thread, id`, article, commentsMost)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Comment
	for rows.Next() {
		var c Comment
		var at, resolved int64
		err := rows.Scan(&c.ID, &c.Thread, &c.Writer.ID, &c.Writer.Name, &c.Text, &c.Passage.Quote, &c.Passage.Before, &c.Passage.After,
			&at, &resolved, &c.Resolver)
		if err != nil {
			return nil, err
		}
		c.At, c.Resolved = storage.Time(at), storage.Time(resolved)
		out = append(out, c)
	}
	return out, rows.Err()
}
