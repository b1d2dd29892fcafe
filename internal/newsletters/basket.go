package newsletters

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Link is one of the basket: others' news, with a line on why it matters.
type Link struct {
	ID    int64
	URL   string
	Title string // "" for the host
	Line  string
	Added time.Time
}

// An Event is a line of the calendar.
type Event struct {
	ID   int64
	Day  string // "2026-11-24", in the publication's time zone
	Text string
}

// AddLink puts a link into the basket, or gives one that is there another title and line. Invalid for what is no
// address of the web.
func (l *Newsletters) AddLink(ctx context.Context, url, title, line string) (id int64, err error) {
	title, line = oneLine(title), oneLine(line)
	switch {
	case !webAddress(url):
		return 0, fault.Field("url", "expected an address such as https://example.org/news, got %q", shorten(url, 100))
	case len(title) > lineLimit || len(line) > lineLimit:
		return 0, fault.Field("line", "a line may have %d bytes", lineLimit)
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		return tx.QueryRow(ctx, `INSERT INTO basket (url, title, line, added) VALUES ($1, $2, $3, $4)
			ON CONFLICT (url) DO UPDATE SET title = excluded.title, line = excluded.line, added = excluded.added RETURNING id`,
			url, title, line, storage.Micros(l.now())).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("add a link to the basket: %w", err)
	}
	return id, nil
}

// RemoveLink takes a link out of the basket. NotFound when it is not there.
func (l *Newsletters) RemoveLink(ctx context.Context, id int64) error {
	return l.remove(ctx, "There is no link of this number in the basket.", `DELETE FROM basket WHERE id = $1`, id)
}

// Links returns the links that were added from a time until another, the oldest first, at most 100.
func (l *Newsletters) Links(ctx context.Context, from, until time.Time) ([]Link, error) {
	rows, err := l.db.Query(ctx, `SELECT id, url, title, line, added FROM basket WHERE added >= $1 AND added < $2
		ORDER BY added, id LIMIT 100`, storage.Micros(from), storage.Micros(until))
	if err != nil {
		return nil, fmt.Errorf("links of the basket: %w", err)
	}
	defer rows.Close()
	list := []Link{}
	for rows.Next() {
		var k Link
		var added int64
		if err := rows.Scan(&k.ID, &k.URL, &k.Title, &k.Line, &added); err != nil {
			return nil, fmt.Errorf("links of the basket: %w", err)
		}
		k.Added = storage.Time(added)
		list = append(list, k)
	}
	return list, rows.Err()
}

// AddEvent writes a line into the calendar. day is "2026-11-24".
func (l *Newsletters) AddEvent(ctx context.Context, day, text string) (id int64, err error) {
	text = oneLine(text)
	switch _, bad := time.Parse(time.DateOnly, day); {
	case bad != nil:
		return 0, fault.Field("day", "expected a date such as 2026-11-24, got %q", shorten(day, 40))
	case text == "" || len(text) > lineLimit:
		return 0, fault.Field("event", "expected a line of %d bytes at most", lineLimit)
	}
	err = l.db.Write(ctx, func(tx *storage.DB) error {
		return tx.QueryRow(ctx, `INSERT INTO calendar (day, event, added) VALUES ($1, $2, $3) RETURNING id`,
			day, text, storage.Micros(l.now())).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("add an event: %w", err)
	}
	return id, nil
}

// RemoveEvent takes a line out of the calendar. NotFound when it is not there.
func (l *Newsletters) RemoveEvent(ctx context.Context, id int64) error {
	return l.remove(ctx, "There is no event of this number in the calendar.", `DELETE FROM calendar WHERE id = $1`, id)
}

func (l *Newsletters) remove(ctx context.Context, missing, query string, id int64) error {
	return l.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, query, id)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "%s", missing)
		}
		return err
	})
}

// Events returns the lines of the calendar from a day until another, which is not among them, at most 100.
func (l *Newsletters) Events(ctx context.Context, from, until string) ([]Event, error) {
	rows, err := l.db.Query(ctx, `SELECT id, day, event FROM calendar WHERE day >= $1 AND day < $2 ORDER BY day, id LIMIT 100`, from, until)
	if err != nil {
		return nil, fmt.Errorf("events of the calendar: %w", err)
	}
	defer rows.Close()
	list := []Event{}
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.ID, &e.Day, &e.Text); err != nil {
			return nil, fmt.Errorf("events of the calendar: %w", err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// Star marks an article as one of the most important, or takes the mark away.
func (l *Newsletters) Star(ctx context.Context, article int64, important bool) error {
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		if !important {
			_, err := tx.Exec(ctx, `DELETE FROM stars WHERE article = $1`, article)
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO stars (article, at) VALUES ($1, $2) ON CONFLICT (article) DO UPDATE SET at = excluded.at`,
			article, storage.Micros(l.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("star article %d: %w", article, err)
	}
	return nil
}

// starred returns the articles that were marked from a time on, the latest mark first.
func (l *Newsletters) starred(ctx context.Context, from time.Time) ([]int64, error) {
	rows, err := l.db.Query(ctx, `SELECT article FROM stars WHERE at >= $1 ORDER BY at DESC, article DESC LIMIT 50`, storage.Micros(from))
	if err != nil {
		return nil, fmt.Errorf("starred articles: %w", err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("starred articles: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// markdownText escapes what Markdown would read as more than words.
func markdownText(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if strings.ContainsRune("\\`*_{}[]<>#|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
