package mailing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// fillPage is how many rows one transaction of Start writes: few enough that nobody waits long behind it.
const fillPage = 5000

var errOrder = errors.New("readers are not in ascending order")

// Start writes the row of every reader that next gives and sets the mailing running. It returns the mailing's id.
// Called again for the same edition after a kill, it goes on where it was; after it has returned once, it returns the
// same id and does nothing. Conflict when the edition was canceled.
func (m *Mailings) Start(ctx context.Context, mailing Mailing, next Next) (int64, error) {
	id, err := m.start(ctx, mailing, next)
	if err != nil {
		return 0, fmt.Errorf("start mailing of edition %d: %w", mailing.Edition, err)
	}
	m.Wake()
	return id, nil
}

func (m *Mailings) start(ctx context.Context, mailing Mailing, next Next) (int64, error) {
	if !mailing.UselessAfter.After(m.now()) {
		return 0, errors.New("it would be of no use any more")
	}
	var id, filled int64
	var state State
	err := m.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO mailings (edition, newsletter, state, started, useless) VALUES ($1, $2, 'filling', $3, $4)
			ON CONFLICT DO NOTHING`, mailing.Edition, mailing.Newsletter, storage.Micros(m.now()), storage.Micros(mailing.UselessAfter))
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT id, state, filled FROM mailings WHERE edition = $1`, mailing.Edition).Scan(&id, &state, &filled)
	})
	switch {
	case err != nil:
		return 0, err
	case state == Canceled:
		return 0, fault.New(fault.Conflict, "this edition was canceled")
	case state != Filling:
		return id, nil
	}
	if err := m.fill(ctx, id, filled, next); err != nil {
		return 0, err
	}
	if err := m.survey(ctx); err != nil {
		return 0, err
	}
	return id, m.setState(ctx, id, Running, Filling)
}

// survey has PostgreSQL look at the rows that were just written. Until it does so by itself, a minute later, it holds the
// table to be small and reads every row of the mailing to record a few (PostgreSQL 17, 14.4.8).
func (m *Mailings) survey(ctx context.Context) error {
	if !m.db.Shared() {
		return nil
	}
	return m.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `ANALYZE deliveries`)
		return err
	})
}

// fill writes the rows of the readers after one, a page at a time.
func (m *Mailings) fill(ctx context.Context, id, after int64, next Next) error {
	return pages(ctx, after, next, func(readers []int64) error {
		return m.db.Write(ctx, func(tx *storage.DB) error {
			n, err := insert(ctx, tx, id, nil, readers)
			if err != nil {
				return err
			}
			last := readers[len(readers)-1]
			_, err = tx.Exec(ctx, `UPDATE mailings SET total = total + $1, filled = CASE WHEN filled < $2 THEN $2 ELSE filled END
				WHERE id = $3`, n, last, id)
			return err
		})
	})
}

// pages calls each with the readers after one, in order, until there are no more.
func pages(ctx context.Context, after int64, next Next, each func([]int64) error) error {
	for {
		readers, err := next(ctx, after, fillPage)
		if err != nil || len(readers) == 0 {
			return err
		}
		for _, r := range readers {
			if r <= after {
				return errOrder
			}
			after = r
		}
		if err := each(readers); err != nil {
			return err
		}
	}
}

// Add writes rows for those of the readers next gives who have none yet, and sends to them: those who joined since. It
// returns how many there were. The mailing is of use until uselessAfter, when that is not the zero time. Conflict when
// it was canceled, or Start has not returned.
func (m *Mailings) Add(ctx context.Context, id int64, uselessAfter time.Time, next Next) (int, error) {
	added := 0
	err := pages(ctx, 0, next, func(readers []int64) error {
		var n int64
		err := m.db.Write(ctx, func(tx *storage.DB) (err error) {
			if n, err = insert(ctx, tx, id, storage.Micros(m.now()), readers); err != nil || n == 0 {
				return err
			}
			open, err := tx.Exec(ctx, `UPDATE mailings SET total = total + $1, finished = 0,
					useless = CASE WHEN CAST($2 AS BIGINT) > 0 THEN CAST($2 AS BIGINT) ELSE useless END,
					state = CASE WHEN state = 'finished' THEN 'running' ELSE state END
				WHERE id = $3 AND state IN ('running', 'paused', 'finished')`, n, storage.Micros(uselessAfter), id)
			if err == nil && open == 0 {
				err = fault.New(fault.Conflict, "this mailing was canceled or has not begun")
			}
			return err
		})
		added += int(n)
		return err
	})
	if err != nil {
		return added, fmt.Errorf("add readers to mailing %d: %w", id, err)
	}
	m.Wake()
	return added, nil
}
