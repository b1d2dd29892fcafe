package desk

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// lockFor is how long a lock holds without another sign of its window, which gives one every third of that.
const lockFor = time.Minute

// A Lock says who writes an article now.
type Lock struct {
	Mine   bool // the window that asked may write
	Writer Writer
	Since  time.Time
}

// Lock asks to write in a window, which has a token of its own, or says that it still does. With take it takes over from
// whoever writes: their window is told with its next sign, and what it sends is put aside. It returns
// NotFound for an article that is not there.
func (d *Desk) Lock(ctx context.Context, article int64, token string, w Writer, take bool) (Lock, error) {
	if token == "" || len(token) > 100 {
		return Lock{}, fault.New(fault.Invalid, "This window has a name that is none.")
	}
	var out Lock
	now := d.now()
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := d.library.ManuscriptIn(ctx, tx, article); err != nil { // NotFound
			return err
		}
		taken := 0
		if take {
			taken = 1
		}
		_, err := tx.Exec(ctx, `INSERT INTO desk_locks (article, token, writer, writer_name, since, until) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (article) DO UPDATE SET token = excluded.token, writer = excluded.writer, writer_name = excluded.writer_name,
			since = CASE WHEN desk_locks.token = excluded.token THEN desk_locks.since ELSE excluded.since END, until = excluded.until
			WHERE desk_locks.token = excluded.token OR desk_locks.until <= $5 OR $7 = 1`,
			article, token, w.ID, w.Name, storage.Micros(now), storage.Micros(now.Add(lockFor)), taken)
		if err != nil {
			return err
		}
		out, err = readLock(ctx, tx, article, token)
		return err
	})
	return out, of(err, "lock", article)
}

func readLock(ctx context.Context, tx *storage.DB, article int64, token string) (l Lock, err error) {
	var has string
	var since int64
	err = tx.QueryRow(ctx, `SELECT token, writer, writer_name, since FROM desk_locks WHERE article = $1`, article).
		Scan(&has, &l.Writer.ID, &l.Writer.Name, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return l, nil
	}
	l.Mine, l.Since = has == token, storage.Time(since)
	return l, err
}

// Unlock says that a window writes no more.
func (d *Desk) Unlock(ctx context.Context, article int64, token string) error {
	err := d.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM desk_locks WHERE article = $1 AND token = $2`, article, token)
		return err
	})
	return of(err, "unlock", article)
}
