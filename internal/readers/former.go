package readers

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// formerLife is how long a deleted reader is remembered, by an HMAC of the mailbox and nothing else: longer than any
// period of free articles.
const formerLife = 62 * 24 * time.Hour

// remember notes that a reader is deleted.
func (r *Readers) remember(ctx context.Context, tx *storage.DB, gone Reader) error {
	_, err := tx.Exec(ctx, `INSERT INTO former_readers (mailbox, reader, at) VALUES ($1, $2, $3)
		ON CONFLICT (mailbox) DO UPDATE SET reader = excluded.reader, at = excluded.at`,
		r.mailboxDigest(gone.Key), gone.ID, storage.Micros(r.now()))
	return err
}

// readmit makes the reader of a mailbox that had one before, with the id it had: what was spent of the month stays
// spent. For every other mailbox it does nothing.
func (r *Readers) readmit(ctx context.Context, tx *storage.DB, key, address string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO readers (id, mailbox, address, created)
		SELECT reader, $1, $2, $3 FROM former_readers WHERE mailbox = $4 ON CONFLICT DO NOTHING`,
		key, address, storage.Micros(now), r.mailboxDigest(key))
	return err
}
