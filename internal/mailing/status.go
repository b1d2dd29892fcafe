package mailing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// rateOver is the time Status.Rate looks back.
const rateOver = time.Minute

// Status counts the rows of a mailing. NotFound when there is none of this id.
func (m *Mailings) Status(ctx context.Context, id int64) (Status, error) {
	var s Status
	err := m.db.Read(ctx, func(tx *storage.DB) error { return m.status(ctx, tx, id, &s) })
	if err != nil {
		return Status{}, fmt.Errorf("status of mailing %d: %w", id, err)
	}
	return s, nil
}

func (m *Mailings) status(ctx context.Context, tx *storage.DB, id int64, s *Status) error {
	*s = Status{Mailing: Mailing{ID: id}, ByReason: map[string]int{}}
	var started, useless, finished int64
	err := tx.QueryRow(ctx, `SELECT edition, newsletter, state, started, useless, finished, total, trouble FROM mailings WHERE id = $1`, id).
		Scan(&s.Edition, &s.Newsletter, &s.State, &started, &useless, &finished, &s.Total, &s.Trouble)
	if err != nil {
		return storage.NotFound(err, "there is no such mailing")
	}
	s.Started, s.UselessAfter, s.Finished = storage.Time(started), storage.Time(useless), storage.Time(finished)
	if err := m.countRows(ctx, tx, s); err != nil {
		return err
	}
	if err := s.countTroubled(ctx, tx); err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM mailing_leases l JOIN deliveries d
			ON d.mailing = l.mailing AND d.reader >= l.low AND d.reader <= l.high AND d.state = 'queued' AND d.due IS NULL
		WHERE l.mailing = $1 AND l.until > $2`, id, storage.Micros(m.now())).Scan(&s.Leased)
	s.Queued -= s.Leased
	return err
}

// countRows counts by state in one pass over the mailing's rows. Grouping them would sort them: SQLite would hold a
// million in memory.
func (m *Mailings) countRows(ctx context.Context, tx *storage.DB, s *Status) error {
	since := m.now().Add(-rateOver)
	var lately int
	var due, first int64
	err := tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN state = 'queued' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = 'sent' AND at > $1 THEN 1 ELSE 0 END), 0),
			COALESCE(MIN(due), 0), COALESCE(MIN(CASE WHEN state = 'sent' AND at > $1 THEN at END), 0)
		FROM deliveries WHERE mailing = $2`, storage.Micros(since), s.ID).Scan(&s.Queued, &s.Sent, &lately, &due, &first)
	if err != nil {
		return err
	}
	s.Next = storage.Time(due)
	if lately > 0 {
		s.Rate = float64(lately) / max(m.now().Sub(storage.Time(first)), time.Second).Seconds()
	}
	return nil
}

// countTroubled counts the rows that are not simply queued or sent, by state and reason.
func (s *Status) countTroubled(ctx context.Context, tx *storage.DB) error {
	rows, err := tx.Query(ctx, `SELECT state, kind FROM deliveries WHERE mailing = $1 AND state NOT IN ('queued', 'sent')`, s.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	var state RowState
	var kind string
	for rows.Next() {
		if err := rows.Scan(&state, &kind); err != nil {
			return err
		}
		s.ByReason[kind]++
		switch state {
		case RowDeferred:
			s.Deferred++
		case RowFailed:
			s.Failed++
		case RowSkipped:
			s.Skipped++
		case RowUnknown:
			s.Unknown++
		}
	}
	return rows.Err()
}

// OfEdition returns the id of an edition's mailing. NotFound when it has none.
func (m *Mailings) OfEdition(ctx context.Context, edition int64) (id int64, err error) {
	err = m.db.QueryRow(ctx, `SELECT id FROM mailings WHERE edition = $1`, edition).Scan(&id)
	return id, storage.NotFound(err, "edition %d was not sent", edition)
}

// State returns where a mailing stands without counting its rows. NotFound when there is none of this id.
func (m *Mailings) State(ctx context.Context, id int64) (s State, err error) {
	err = m.db.QueryRow(ctx, `SELECT state FROM mailings WHERE id = $1`, id).Scan(&s)
	return s, storage.NotFound(err, "there is no mailing %d", id)
}
