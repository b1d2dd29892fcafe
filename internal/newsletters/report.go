package newsletters

import (
	"context"
	"fmt"

	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Result is what an edition leads people to.
type Result string

// The results. A visit is a person who followed a link of the edition to the site; those to others' pages are counted by
// link alone. Registrations and subscriptions are those whose way began at one. Left counts who went off the list by
// what stands in the edition's own mails.
const (
	Visited    Result = "visit"
	Joined     Result = "registration"
	Subscribed Result = "subscription"
	Left       Result = "leave"
)

// Led notes that an edition led somebody somewhere: call it once for each. For an edition there is not, or that was not
// sent, it does nothing.
func (l *Newsletters) Led(ctx context.Context, edition int64, r Result) error {
	err := l.db.Write(ctx, func(tx *storage.DB) error { return led(ctx, tx, edition, r, 1) })
	if err != nil {
		return fmt.Errorf("count a %s of edition %d: %w", r, edition, err)
	}
	return nil
}

func led(ctx context.Context, tx *storage.DB, edition int64, r Result, n int) error {
	_, err := tx.Exec(ctx, `INSERT INTO edition_results (edition, kind, n) SELECT id, $2, $3 FROM editions
		WHERE id = $1 AND state IN ('sending', 'sent')
		ON CONFLICT (edition, kind) DO UPDATE SET n = edition_results.n + excluded.n`, edition, string(r), n)
	return err
}

// A Report says what became of an edition.
type Report struct {
	Newsletter Newsletter
	Edition    Edition
	Status     mailing.Status
	Links      []LinkCount // the most clicked first
	Results    map[Result]int
}

// A LinkCount is how often a link was clicked.
type LinkCount struct {
	URL              string
	People, Machines int
}

// Report counts what became of an edition. Conflict when it was not sent.
func (l *Newsletters) Report(ctx context.Context, id int64) (Report, error) {
	e, err := l.under(ctx, id)
	if err != nil {
		return Report{}, err
	}
	r := Report{Edition: e, Results: map[Result]int{}}
	if r.Newsletter, err = l.byID(ctx, l.db, e.Newsletter); err != nil {
		return r, err
	}
	if r.Status, err = l.Mailings.Status(ctx, e.Mailing); err != nil {
		return r, err
	}
	if r.Links, err = l.counts(ctx, id); err != nil {
		return r, err
	}
	rows, err := l.db.Query(ctx, `SELECT kind, n FROM edition_results WHERE edition = $1`, id)
	if err != nil {
		return r, fmt.Errorf("report of edition %d: %w", id, err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind Result
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return r, fmt.Errorf("report of edition %d: %w", id, err)
		}
		r.Results[kind] = n
	}
	return r, rows.Err()
}

func (l *Newsletters) counts(ctx context.Context, edition int64) ([]LinkCount, error) {
	rows, err := l.db.Query(ctx, `SELECT k.url, COALESCE(c.people, 0), COALESCE(c.machines, 0) FROM edition_links k
		LEFT JOIN edition_clicks c ON c.edition = k.edition AND c.link = k.link WHERE k.edition = $1
		ORDER BY COALESCE(c.people, 0) DESC, k.link`, edition)
	if err != nil {
		return nil, fmt.Errorf("clicks of edition %d: %w", edition, err)
	}
	defer rows.Close()
	var list []LinkCount
	for rows.Next() {
		var c LinkCount
		if err := rows.Scan(&c.URL, &c.People, &c.Machines); err != nil {
			return nil, fmt.Errorf("clicks of edition %d: %w", edition, err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}
