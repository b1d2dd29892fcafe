package readers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// An Eraser deletes what a package keeps of a reader, in the transaction of the reader's own deletion.
type Eraser interface {
	EraseReader(ctx context.Context, tx *storage.DB, reader int64) error
}

// An Exporter gives what a package keeps of a reader, under a name, as a value for JSON.
type Exporter interface {
	ExportReader(ctx context.Context, reader int64) (name string, part any, err error)
}

// Attach adds packages that keep something of readers. It is called while the program is put together, before
// anybody is served.
func (r *Readers) Attach(exporters []Exporter, erasers []Eraser) {
	r.exporters = append(r.exporters, exporters...)
	r.erasers = append(r.erasers, erasers...)
}

// Delete deletes a reader and every personal row, for good: also the mails on their way, and what attached packages
// keep. The audit log notes the deletion without an address. A confirmed reader gets a last mail to say so; by says
// who asked for it. NotFound when there is no such reader.
func (r *Readers) Delete(ctx context.Context, reader int64, by string) error {
	gone, err := r.Reader(ctx, reader)
	if err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	goodbye, err := r.letters.goodbye(gone.Address)
	if err != nil {
		return fmt.Errorf("delete reader %d: %w", reader, err)
	}
	err = r.change(ctx, reader, "delete", func(tx *storage.DB) (int64, error) {
		for _, e := range r.erasers {
			if err := e.EraseReader(ctx, tx, reader); err != nil {
				return 0, err
			}
		}
		n, err := r.eraseRows(ctx, tx, gone)
		if err != nil {
			return 0, err
		}
		if err := r.remember(ctx, tx, gone); err != nil {
			return 0, err
		}
		if !gone.Confirmed.IsZero() && !gone.Banned {
			if err := r.out.Put(ctx, tx, goodbye); err != nil {
				return 0, err
			}
		}
		return n, Record(ctx, tx, Event{Who: by, What: "delete", Subject: Subject(reader), At: r.now()})
	})
	if err == nil {
		r.out.Wake()
	}
	return err
}

// eraseRows deletes a reader's rows of this package, and the mails, and returns how many readers that were. The reader
// goes first: who is signing in holds that row, and what they write until they let go of it is then deleted with the rest.
func (r *Readers) eraseRows(ctx context.Context, tx *storage.DB, gone Reader) (int64, error) {
	n, err := tx.Exec(ctx, `DELETE FROM readers WHERE id = $1`, gone.ID)
	if err != nil {
		return 0, err
	}
	if err := r.eraseMails(ctx, tx, gone); err != nil {
		return 0, err
	}
	if err := endAll(ctx, tx, gone.ID); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM consents WHERE reader = $1`, gone.ID)
	return n, err
}

// eraseMails deletes the mails to a reader, also to other spellings of the address, as it was typed to sign in.
func (r *Readers) eraseMails(ctx context.Context, tx *storage.DB, gone Reader) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT address FROM attempts WHERE reader = $1 AND mailbox = $2`, gone.ID, gone.Key)
	if err != nil {
		return err
	}
	defer rows.Close()
	spellings := []string{gone.Address}
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return err
		}
		spellings = append(spellings, address)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, address := range spellings {
		if err := r.out.Erase(ctx, tx, address); err != nil {
			return err
		}
	}
	return nil
}

// unconfirmedLife is how long an address that somebody typed and nobody confirmed is kept.
const unconfirmedLife = 30 * 24 * time.Hour

// Cleanup deletes what has run out: attempts, visitors, sessions, counts, and addresses never confirmed. It is called
// now and then; everything it deletes is already without effect.
func (r *Readers) Cleanup(ctx context.Context) error {
	now := r.now()
	err := r.db.Write(ctx, func(tx *storage.DB) error {
		for _, q := range []struct {
			text   string
			before time.Time
		}{
			{`DELETE FROM attempts WHERE created <= $1`, now.Add(-confirmLife)},
			{`DELETE FROM visitors WHERE seen <= $1`, now.Add(-visitorLife)},
			{`DELETE FROM sessions WHERE seen <= $1`, now.Add(-r.options.Idle)},
			{`DELETE FROM sessions WHERE created <= $1`, now.Add(-r.options.Absolute)},
			{`DELETE FROM mail_limits WHERE last <= $1`, now.Add(-24 * time.Hour)},
			{`DELETE FROM asks WHERE hour <= $1`, now.Add(-2 * time.Hour)},
			{`DELETE FROM former_readers WHERE at <= $1`, now.Add(-formerLife)},
			{`DELETE FROM readers WHERE confirmed = 0 AND created <= $1 AND kept = 0 AND banned = 0
				AND id NOT IN (SELECT reader FROM attempts)`, now.Add(-unconfirmedLife)},
		} {
			if _, err := tx.Exec(ctx, q.text, storage.Micros(q.before)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("clean up readers: %w", err)
	}
	return nil
}
