package readers

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// Reader is a person with an address.
type Reader struct {
	ID        int64
	Address   string // where mail goes
	Key       string // the canonical key of the mailbox
	Name      string // as the reader wants to be called; may be empty
	Created   time.Time
	Confirmed time.Time // when the address was first confirmed; zero before
	Banned    bool
	Staff     bool
}

// scan reads id, address, mailbox, name, created, confirmed, banned, staff, in this order.
func (r *Reader) scan(row interface{ Scan(...any) error }) error {
	var created, confirmed, banned int64
	var staff int
	err := row.Scan(&r.ID, &r.Address, &r.Key, &r.Name, &created, &confirmed, &banned, &staff)
	if err != nil {
		return err
	}
	r.Created, r.Confirmed = storage.Time(created), storage.Time(confirmed)
	r.Banned, r.Staff = banned > 0, staff == 1
	return nil
}

// Reader returns a reader by id, or NotFound.
func (r *Readers) Reader(ctx context.Context, id int64) (Reader, error) {
	return byID(ctx, r.db, id)
}

func byID(ctx context.Context, tx *storage.DB, id int64) (found Reader, err error) {
	err = found.scan(tx.QueryRow(ctx, `SELECT id, address, mailbox, name, created, confirmed, banned, staff
		FROM readers WHERE id = $1`, id))
	if err != nil {
		return Reader{}, fmt.Errorf("reader %d: %w", id, storage.NotFound(err, "There is no such reader."))
	}
	return found, nil
}

// Find returns the reader of an address in any spelling, or NotFound. It is for staff: it tells who is known.
func (r *Readers) Find(ctx context.Context, address string) (Reader, error) {
	_, key, err := Canonical(address)
	if err != nil {
		return Reader{}, err
	}
	var found Reader
	err = found.scan(r.db.QueryRow(ctx, `SELECT id, address, mailbox, name, created, confirmed, banned, staff
		FROM readers WHERE mailbox = $1`, key))
	if err != nil {
		return Reader{}, fmt.Errorf("find reader: %w", storage.NotFound(err, "No reader has this address."))
	}
	return found, nil
}

// List returns up to n readers with an id above after, in the order of their ids.
func (r *Readers) List(ctx context.Context, after int64, n int) ([]Reader, error) {
	rows, err := r.db.Query(ctx, `SELECT id, address, mailbox, name, created, confirmed, banned, staff
		FROM readers WHERE id > $1 ORDER BY id LIMIT $2`, after, n)
	if err != nil {
		return nil, fmt.Errorf("list readers: %w", err)
	}
	defer rows.Close()
	list := []Reader{}
	for rows.Next() {
		var one Reader
		if err := one.scan(rows); err != nil {
			return nil, fmt.Errorf("list readers: %w", err)
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// Add returns the reader of an address, making one who still has to confirm it when there is none. Cleanup leaves a
// reader who was added, confirmed or not.
func (r *Readers) Add(ctx context.Context, address string) (Reader, error) {
	typed, key, err := Canonical(address)
	if err != nil {
		return Reader{}, err
	}
	var added Reader
	err = r.db.Write(ctx, func(tx *storage.DB) error {
		if err := r.readmit(ctx, tx, key, typed, r.now()); err != nil {
			return err
		}
		return added.scan(tx.QueryRow(ctx, `INSERT INTO readers (mailbox, address, created, kept) VALUES ($1, $2, $3, 1)
			ON CONFLICT (mailbox) DO UPDATE SET kept = 1
			RETURNING id, address, mailbox, name, created, confirmed, banned, staff`, key, typed, storage.Micros(r.now())))
	})
	if err != nil {
		return Reader{}, fmt.Errorf("add reader: %w", err)
	}
	return added, nil
}

// nameLimit is the longest name of a reader, in runes.
const nameLimit = 100

// Rename changes the name a reader is called by. White space is drawn together, control and format characters go.
// Invalid, for the field "name", when it is longer than 100 characters.
func (r *Readers) Rename(ctx context.Context, reader int64, name string) error {
	name = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case hidden(c) || c == utf8.RuneError:
			return -1
		}
		return c
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if utf8.RuneCountInString(name) > nameLimit {
		return fault.Field("name", "A name may have up to %d characters.", nameLimit)
	}
	return r.change(ctx, reader, "rename", func(tx *storage.DB) (int64, error) {
		return tx.Exec(ctx, `UPDATE readers SET name = $1 WHERE id = $2`, name, reader)
	})
}

// Ban shuts a reader out: sessions end, and no mail is sent. Forms go on answering as to everyone. By says who did it.
func (r *Readers) Ban(ctx context.Context, reader int64, by, reason string) error {
	now := r.now()
	return r.change(ctx, reader, "ban", func(tx *storage.DB) (int64, error) {
		n, err := tx.Exec(ctx, `UPDATE readers SET banned = $1 WHERE id = $2`, storage.Micros(now), reader)
		if err != nil {
			return 0, err
		}
		if err := endAll(ctx, tx, reader); err != nil {
			return 0, err
		}
		return n, Record(ctx, tx, Event{Who: by, What: "ban", Subject: Subject(reader), After: reason, At: now})
	})
}

// Unban lets a reader back in.
func (r *Readers) Unban(ctx context.Context, reader int64, by, reason string) error {
	return r.change(ctx, reader, "unban", func(tx *storage.DB) (int64, error) {
		if err := Record(ctx, tx, Event{Who: by, What: "unban", Subject: Subject(reader), After: reason, At: r.now()}); err != nil {
			return 0, err
		}
		return tx.Exec(ctx, `UPDATE readers SET banned = 0 WHERE id = $1`, reader)
	})
}

// SetStaff makes a reader one of the newsroom, or no longer one, in a transaction of its own: see SetStaffIn.
func (r *Readers) SetStaff(ctx context.Context, reader int64, staff bool, by string) error {
	err := r.db.Write(ctx, func(tx *storage.DB) error { return r.SetStaffIn(ctx, tx, reader, staff, by) })
	if err != nil {
		return fmt.Errorf("set staff reader %d: %w", reader, err)
	}
	r.Forget(reader)
	return nil
}

// SetStaffIn makes a reader one of the newsroom, or no longer one, in a transaction after which the caller calls Forget.
// Sessions end, as at every change of privilege (S-01). NotFound when there is no such reader.
func (r *Readers) SetStaffIn(ctx context.Context, tx *storage.DB, reader int64, staff bool, by string) error {
	var was, flag int
	if staff {
		flag = 1
	}
	err := tx.QueryRow(ctx, `SELECT staff FROM readers WHERE id = $1`, reader).Scan(&was)
	if err != nil {
		return storage.NotFound(err, "There is no such reader.")
	}
	if _, err := tx.Exec(ctx, `UPDATE readers SET staff = $1, kept = 1 WHERE id = $2`, flag, reader); err != nil {
		return err
	}
	if err := endAll(ctx, tx, reader); err != nil {
		return err
	}
	if err := tx.Changed(ctx, changeKind, reader); err != nil {
		return err
	}
	return Record(ctx, tx, Event{Who: by, What: "staff", Subject: Subject(reader), Before: strconv.FormatBool(was == 1),
		After: strconv.FormatBool(staff), At: r.now()})
}

// Enlist returns the reader of an address, making one when there is none, with the address confirmed: who calls it has
// seen that the mailbox is theirs, or was told so by whoever runs the publication. Denied for a reader who is banned.
func (r *Readers) Enlist(ctx context.Context, tx *storage.DB, address string) (int64, error) {
	typed, key, err := Canonical(address)
	if err != nil {
		return 0, err
	}
	if err := r.readmit(ctx, tx, key, typed, r.now()); err != nil {
		return 0, err
	}
	var id, banned int64
	err = tx.QueryRow(ctx, `INSERT INTO readers (mailbox, address, created, confirmed, kept) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (mailbox) DO UPDATE SET kept = 1, confirmed = CASE WHEN readers.confirmed = 0 THEN excluded.confirmed ELSE readers.confirmed END
		RETURNING id, banned`, key, typed, storage.Micros(r.now()), storage.Micros(r.now())).Scan(&id, &banned)
	if err != nil {
		return 0, err
	}
	if banned != 0 {
		return 0, fault.New(fault.Denied, "This address is shut out.")
	}
	return id, tx.Changed(ctx, changeKind, id)
}

// endAll ends every session, every open attempt and the feed of a reader. Transactions lock a reader's rows in one
// order, so that PostgreSQL finds no two of them waiting for each other: the reader, attempts, sessions, feed.
func endAll(ctx context.Context, tx *storage.DB, reader int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM attempts WHERE reader = $1`, reader); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE reader = $1`, reader); err != nil {
		return err
	}
	return closeFeed(ctx, tx, reader)
}

// change runs an update of one reader's row, which returns how many rows it touched: none is NotFound.
func (r *Readers) change(ctx context.Context, reader int64, verb string, f func(tx *storage.DB) (int64, error)) error {
	err := r.changeReader(ctx, reader, func(tx *storage.DB) error {
		n, err := f(tx)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "There is no such reader.")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s reader %d: %w", verb, reader, err)
	}
	return nil
}
