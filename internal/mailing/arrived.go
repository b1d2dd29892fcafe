package mailing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// lookBack is how far LastSent looks back.
const lookBack = 90 * 24 * time.Hour

// LastSent returns when the newest mail to a reader was taken before a time and has not come back since; the zero time
// when there is none within 90 days before it. bounces asks, to tell a mailbox that recovered from one that did not.
func (m *Mailings) LastSent(ctx context.Context, reader int64, before time.Time) (time.Time, error) {
	var at int64
	err := m.db.QueryRow(ctx, `SELECT COALESCE(MAX(at), 0) FROM deliveries WHERE reader = $1 AND state = 'sent' AND at <= $2
		AND mailing IN (SELECT id FROM mailings WHERE started > $3)`,
		reader, storage.Micros(before), storage.Micros(before.Add(-lookBack))).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("last mail to reader %d: %w", reader, err)
	}
	return storage.Time(at), nil
}
