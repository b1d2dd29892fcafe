package readers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// movesPerDay is how often a reader may ask for another address, and so the most notices the old one gets.
const movesPerDay = 3

// ChangeAddress asks for a signed-in reader's move to another address. A link goes to the new address, a notice to the
// old one; nothing changes before the link is used (UseLink). Whose the new address is now plays no part here: only
// who can read its mail is told, by UseLink.
//
// The limits of mail hold for the new address, silently. The notice always goes out, as it warns of theft, but a
// reader may ask three times a day only: then TooMany. Invalid for what is no address, or the reader's own.
func (r *Readers) ChangeAddress(ctx context.Context, reader int64, address string, from netip.Prefix) error {
	typed, key, err := Canonical(address)
	if err != nil {
		return err
	}
	old, err := r.Reader(ctx, reader)
	if err != nil {
		return fmt.Errorf("change address: %w", err)
	}
	if typed == old.Address {
		return fault.Field("email", "This is your address already.")
	}
	m := moving{r: r, old: old, t: r.newAttempt(move, typed, key, Ask{From: from})}
	m.t.reader, m.t.expires = reader, m.t.created.Add(moveLife)
	err = m.ask(ctx)
	if err != nil {
		return fmt.Errorf("change address of reader %d: %w", reader, err)
	}
	r.out.Wake()
	return nil
}

// moving is one request for another address.
type moving struct {
	r   *Readers
	old Reader
	t   attempt
}

func (m moving) ask(ctx context.Context) error {
	r, now := m.r, m.t.created
	request, err := r.letters.move(m.t.address, r.link(m.t.token))
	if err != nil {
		return err
	}
	notice, err := r.letters.notice(m.old.Address, m.t.address)
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *storage.DB) error {
		t := m.t // the transaction may run again
		moves, err := r.openMailbook(ctx, tx, r.keyed(fmt.Sprintf("moves\x00%d", t.reader)), now)
		if err != nil {
			return err
		}
		if !moves.room(now, 0, movesPerDay) {
			return fault.Limited(24*time.Hour, "You asked for another address three times today. Please try again tomorrow.")
		}
		book, err := r.openMailbook(ctx, tx, r.mailboxDigest(t.mailbox), now)
		if err != nil {
			return err
		}
		barred, err := r.barred(ctx, tx, t.mailbox)
		if err != nil {
			return err
		}
		t.silent = barred || !book.room(now, mailGap, r.options.MailsPerDay)
		if err := r.insert(ctx, tx, t); err != nil {
			return err
		}
		mail := request
		mail.Withheld = t.silent
		if err := r.out.Put(ctx, tx, mail); err != nil {
			return err
		}
		if err := r.out.Put(ctx, tx, notice); err != nil {
			return err
		}
		if err := book.close(ctx, tx, now, !t.silent); err != nil {
			return err
		}
		return moves.close(ctx, tx, now, true)
	})
}

// barred reports whether a mailbox may have no mail, because its reader is banned or mail to it is suppressed.
func (r *Readers) barred(ctx context.Context, tx *storage.DB, key string) (bool, error) {
	var banned int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM readers WHERE mailbox = $1 AND banned > 0`, key).Scan(&banned)
	if err != nil {
		return false, err
	}
	suppressed, err := r.suppressed(ctx, tx, key)
	return banned > 0 || suppressed, err
}

// move gives the reader the address the link went to. All sessions end; the device gets a new one when it was in one
// of them (S-01, S-02). Whoever opens the link elsewhere signs in with the new address afterwards.
func (w *entering) move(ctx context.Context, id digest) (Entry, error) {
	if err := w.spend(ctx, id); err != nil {
		return Entry{}, err
	}
	if err := w.vacate(ctx); err != nil {
		return Entry{}, err
	}
	if err := w.settle(ctx); err != nil {
		return Entry{}, err
	}
	var here int
	old, _ := digestOf(w.device.Session)
	err := w.tx.QueryRow(ctx, `SELECT COUNT(*) FROM sessions WHERE id = $1 AND reader = $2`, old.String(), w.t.reader).Scan(&here)
	if err != nil {
		return Entry{}, err
	}
	if err := endAll(ctx, w.tx, w.t.reader); err != nil {
		return Entry{}, err
	}
	e := Entry{Moved: true}
	if here > 0 {
		if err := w.openSession(ctx); err != nil {
			return Entry{}, err
		}
		e.Session = w.token
	}
	event := Event{Who: Subject(w.t.reader), What: "change address", Subject: Subject(w.t.reader), At: w.now}
	if err := Record(ctx, w.tx, event); err != nil {
		return Entry{}, err
	}
	if err := w.tx.Changed(ctx, changeKind, w.t.reader); err != nil {
		return Entry{}, err
	}
	e.Reader, err = byID(ctx, w.tx, w.t.reader)
	return e, err
}

// settle gives the reader the mailbox, unless it is another reader's, or was until that one was deleted: who comes back
// to it comes back with what was spent of the month (see readmit). If others could move in, an account with nothing
// spent could be had from two mailboxes again and again, by deleting one and moving the other to where it was.
func (w *entering) settle(ctx context.Context) error {
	n, err := w.tx.Exec(ctx, `UPDATE readers SET mailbox = $1, address = $2, moved = $5 WHERE id = $3
		AND NOT EXISTS (SELECT 1 FROM readers WHERE mailbox = $1 AND id <> $3)
		AND NOT EXISTS (SELECT 1 FROM former_readers f WHERE f.mailbox = $4 AND f.reader <> $3
			AND NOT EXISTS (SELECT 1 FROM readers WHERE id = f.reader))`,
		w.t.mailbox, w.t.address, w.t.reader, w.r.mailboxDigest(w.t.mailbox), storage.Micros(w.now))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "This address belongs to another account. Sign in with it, or choose another address.")
	}
	return err
}

// vacate deletes a reader who once typed the new address and never confirmed it: its owner is here now.
func (w *entering) vacate(ctx context.Context) error {
	var gone int64
	err := w.tx.QueryRow(ctx, `DELETE FROM readers
		WHERE mailbox = $1 AND id <> $2 AND confirmed = 0 AND banned = 0 AND kept = 0 RETURNING id`,
		w.t.mailbox, w.t.reader).Scan(&gone)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return endAll(ctx, w.tx, gone)
}

// Moved returns when a reader took the address they have; zero when it is their first. NotFound for who is none.
func (r *Readers) Moved(ctx context.Context, reader int64) (time.Time, error) {
	var at int64
	err := r.db.QueryRow(ctx, `SELECT moved FROM readers WHERE id = $1`, reader).Scan(&at)
	if err != nil {
		return time.Time{}, fmt.Errorf("reader %d: %w", reader, storage.NotFound(err, "There is no such reader."))
	}
	return storage.Time(at), nil
}
