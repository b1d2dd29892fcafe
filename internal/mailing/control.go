package mailing

import (
	"context"
	"fmt"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// Pause stops a mailing after the mails in flight. Every node sees it within Options.Poll. Conflict unless it runs.
func (m *Mailings) Pause(ctx context.Context, id int64) error {
	return m.change(ctx, "pause", id, Paused, Running)
}

// Resume goes on with a mailing that was paused; else Conflict.
func (m *Mailings) Resume(ctx context.Context, id int64) error {
	return m.change(ctx, "resume", id, Running, Paused)
}

// Cancel ends a mailing after the mails in flight, for good. Conflict when it is finished.
func (m *Mailings) Cancel(ctx context.Context, id int64) error {
	return m.change(ctx, "cancel", id, Canceled, Filling, Running, Paused)
}

func (m *Mailings) change(ctx context.Context, verb string, id int64, to State, from ...State) error {
	if err := m.setState(ctx, id, to, from...); err != nil {
		return fmt.Errorf("%s mailing %d: %w", verb, id, err)
	}
	m.Wake()
	return nil
}

// setState moves a mailing from one of some states to another; Conflict when it is in none of them.
func (m *Mailings) setState(ctx context.Context, id int64, to State, from ...State) error {
	return m.db.Write(ctx, func(tx *storage.DB) error {
		for _, f := range from {
			n, err := tx.Exec(ctx, `UPDATE mailings SET state = $1, trouble = '' WHERE id = $2 AND state = $3`, string(to), id, string(f))
			if err != nil || n == 1 {
				return err
			}
		}
		var is State
		err := tx.QueryRow(ctx, `SELECT state FROM mailings WHERE id = $1`, id).Scan(&is)
		if err != nil {
			return storage.NotFound(err, "there is no such mailing")
		}
		return fault.New(fault.Conflict, "the mailing is %s", is)
	})
}
