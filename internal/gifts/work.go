package gifts

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

const (
	workEvery = time.Minute
	atOnce    = 50
	draftLife = 30 * 24 * time.Hour // longer than a checkout can be paid
)

// Run sends gifts whose day has come, until ctx ends. Trouble is logged and waited out. Its error is nil.
func (s *Gifts) Run(ctx context.Context) error {
	tick := time.NewTicker(workEvery)
	defer tick.Stop()
	for {
		if _, err := s.Work(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.Error("gifts: send what is due", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Work sends what is due now, and returns how many that were. Each is sent once: that it was is written in the
// transaction that puts its mail into the outbox.
func (s *Gifts) Work(ctx context.Context) (n int, err error) {
	now := s.options.Now()
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		due, err := scan(tx.Query(ctx, `UPDATE gift_subscriptions SET delivered = $1 WHERE delivered = 0 AND id IN (SELECT id FROM gift_subscriptions
			WHERE delivered = 0 AND paid > 0 AND revoked = 0 AND reader = 0 AND receiver <> '' AND deliver <= $1 ORDER BY deliver LIMIT $2)
			RETURNING `+columns, storage.Micros(now), atOnce))
		if err != nil {
			return err
		}
		n = len(due)
		for _, g := range due {
			if err := s.send(ctx, tx, g); err != nil {
				return fmt.Errorf("send gift %d: %w", g.ID, err)
			}
		}
		_, err = tx.Exec(ctx, `DELETE FROM gift_subscriptions WHERE paid = 0 AND drafted < $1`, storage.Micros(now.Add(-draftLife)))
		return err
	})
	if err == nil && n > 0 {
		s.out.Wake()
	}
	return n, err
}
