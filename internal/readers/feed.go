package readers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// OpenFeed gives a reader an address of a feed of their own: a token of 256 random bits, which is kept as a hash and
// told this once. The one they had before ends.
func (r *Readers) OpenFeed(ctx context.Context, reader int64) (token string, err error) {
	token = newToken()
	d, _ := digestOf(token)
	err = r.change(ctx, reader, "open a feed of", func(tx *storage.DB) (int64, error) {
		return tx.Exec(ctx, `INSERT INTO feed_keys (reader, token, created) SELECT id, $2, $3 FROM readers WHERE id = $1
			ON CONFLICT (reader) DO UPDATE SET token = excluded.token, created = excluded.created`, reader, d.String(), storage.Micros(r.now()))
	})
	return token, err
}

// CloseFeed ends a reader's feed. It is no error when there is none.
func (r *Readers) CloseFeed(ctx context.Context, reader int64) error {
	return r.changeReader(ctx, reader, func(tx *storage.DB) error { return closeFeed(ctx, tx, reader) })
}

func closeFeed(ctx context.Context, tx *storage.DB, reader int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM feed_keys WHERE reader = $1`, reader); err != nil {
		return fmt.Errorf("close the feed of reader %d: %w", reader, err)
	}
	return nil
}

// FeedSince is when a reader's feed was opened, the zero time when there is none.
func (r *Readers) FeedSince(ctx context.Context, reader int64) (time.Time, error) {
	var at int64
	err := r.db.QueryRow(ctx, `SELECT created FROM feed_keys WHERE reader = $1`, reader).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("feed of reader %d: %w", reader, err)
	}
	return storage.Time(at), nil
}

// ByFeed returns the reader whose feed a token opens now. NotFound for any other token, and for those who are banned.
func (r *Readers) ByFeed(ctx context.Context, token string) (Reader, error) {
	none := fault.New(fault.NotFound, "There is no such feed.")
	d, ok := digestOf(token)
	if !ok {
		return Reader{}, none
	}
	var id int64
	err := r.db.QueryRow(ctx, `SELECT k.reader FROM feed_keys k JOIN readers r ON r.id = k.reader
		WHERE k.token = $1 AND r.banned = 0`, d.String()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Reader{}, none
	}
	if err != nil {
		return Reader{}, fmt.Errorf("feed: %w", err)
	}
	return r.Reader(ctx, id)
}
