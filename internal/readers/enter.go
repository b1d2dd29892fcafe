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

// Device is the browser that presses the button or types the code.
type Device struct {
	Agent   string       // its User-Agent
	Session string       // the token of the session it is in, which ends; "" when it is in none
	Visitor string       // the token of the visitor's cookie
	From    netip.Prefix // the client's network
}

// Entry is what came of a link or a code.
type Entry struct {
	Session  string // the token of the new session; "" when nobody was signed in
	Reader   Reader
	ReturnTo string  // a path on this site; "" for none
	New      bool    // the address was confirmed by this
	Moved    bool    // the address was changed; Session is set when the device was signed in as the reader
	Fresh    *Answer // the link was Late: the address is confirmed, and this was answered to the fresh mail's request
}

func errGone() error {
	return fault.New(fault.Conflict, "This link was used already, or a newer one has taken its place.")
}

func errCode() error {
	return fault.Field("code", "This code is not right, or it is too old. Use the newest mail, or ask for another.")
}

// UseLink does what the mail of a link says, once. A Usable link signs the device in, or changes the address. A Late
// link confirms the address and asks for a fresh mail as SignIn does. Conflict for a link that is Gone, and for a new
// address that became another reader's.
func (r *Readers) UseLink(ctx context.Context, token string, d Device) (Entry, error) {
	id, ok := digestOf(token)
	if !ok {
		return Entry{}, errGone()
	}
	e, late, err := r.use(ctx, id, d)
	if err != nil {
		return Entry{}, fmt.Errorf("use link: %w", err)
	}
	if late == nil {
		return e, nil
	}
	a, err := r.SignIn(ctx, Ask{Address: late.address, Visitor: d.Visitor, ReturnTo: late.goal, From: d.From})
	if err != nil {
		return e, err
	}
	e.Fresh = &a
	return e, nil
}

// UseCode signs a device in with the code of a mail that was asked for by the same visitor. Invalid, for the field
// "code", when no attempt of the visitor has it, or after five tries; the texts do not differ.
//
// A visitor may have several attempts open, as when an address was mistyped at first. A try counts for all of them.
func (r *Readers) UseCode(ctx context.Context, code string, d Device) (Entry, error) {
	code = plainCode(code)
	match, err := r.try(ctx, VisitorID(d.Visitor), code)
	if err != nil {
		return Entry{}, err
	}
	e, late, err := r.use(ctx, match, d)
	switch {
	case fault.Is(err, fault.Conflict), err == nil && late != nil:
		return Entry{}, errCode()
	case err != nil:
		return Entry{}, fmt.Errorf("use code: %w", err)
	}
	return e, nil
}

// try counts a try and returns the attempt that has the code. The count is committed before anything is compared for
// good, so that no crash and no crowd gets a sixth try.
func (r *Readers) try(ctx context.Context, visitor, code string) (match digest, err error) {
	if visitor == "" {
		return digest{}, errCode()
	}
	// A browser that asked for no code, or that made its token up, must not cost a write.
	var found bool
	err = r.db.QueryRow(ctx, `SELECT 1 FROM attempts WHERE visitor = $1 AND purpose = 'sign-in' LIMIT 1`, visitor).Scan(new(int))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return digest{}, errCode()
	case err != nil:
		return digest{}, fmt.Errorf("try code: %w", err)
	}
	err = r.db.Write(ctx, func(tx *storage.DB) error {
		found = false
		rows, err := tx.Query(ctx, `UPDATE attempts SET tries = tries + 1
			WHERE visitor = $1 AND purpose = 'sign-in' AND used = 0 AND ended = 0 AND expires > $2 AND tries < $3
			RETURNING token, code, silent`, visitor, storage.Micros(r.now()), codeTries)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var token, keyed string
			var silent int
			if err := rows.Scan(&token, &keyed, &silent); err != nil {
				return err
			}
			id, ok := parseDigest(token)
			if same := sameCode(keyed, r.codeDigest(id, code)); ok && same && silent == 0 {
				match, found = id, true
			}
		}
		return rows.Err()
	})
	switch {
	case err != nil:
		return digest{}, fmt.Errorf("try code: %w", err)
	case !found:
		return digest{}, errCode()
	}
	return match, nil
}

// use spends an attempt. It returns the attempt itself when it was too late for more than to confirm the address.
//
// The reader's row is locked first, as it is in ask: of any number of requests with one link, on any number of nodes,
// the first finds it usable.
func (r *Readers) use(ctx context.Context, id digest, d Device) (e Entry, late *attempt, err error) {
	token, now := newToken(), r.now()
	touched := []int64{}
	err = r.db.Write(ctx, func(tx *storage.DB) error {
		e, late, touched = Entry{}, nil, touched[:0]
		n, err := tx.Exec(ctx, `UPDATE readers SET mailbox = mailbox
			WHERE id = (SELECT reader FROM attempts WHERE token = $1)`, id.String())
		if err != nil {
			return err
		}
		t, state, err := r.lookup(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case n == 0 || state == Gone:
			return errGone()
		}
		touched = append(touched, t.reader)
		w := entering{r: r, tx: tx, t: t, device: d, token: token, now: now, touched: &touched}
		switch {
		case state == Late:
			late = &t
			e, err = w.confirm(ctx)
		case t.purpose == move:
			e, err = w.move(ctx, id)
		default:
			e, err = w.signIn(ctx, id)
		}
		return err
	})
	if err != nil {
		return Entry{}, nil, err
	}
	for _, reader := range touched {
		r.Forget(reader)
	}
	return e, late, nil
}

// entering is one attempt being used, in its transaction.
type entering struct {
	r       *Readers
	tx      *storage.DB
	t       attempt
	device  Device
	token   string // of the session to come
	now     time.Time
	touched *[]int64 // readers whose sessions change
}

// confirm notes that the mailbox belongs to the reader, and with it what was agreed to.
func (w *entering) confirm(ctx context.Context) (Entry, error) {
	n, err := w.tx.Exec(ctx, `UPDATE readers SET confirmed = $1, address = $2 WHERE id = $3 AND confirmed = 0`,
		storage.Micros(w.now), w.t.address, w.t.reader)
	if err != nil {
		return Entry{}, err
	}
	if w.t.consent != "" {
		c := Consent{Subject: w.t.consent, Wording: w.t.wording, Given: w.t.created, Network: w.t.network}
		if err := c.insert(ctx, w.tx, w.t.reader); err != nil {
			return Entry{}, err
		}
	}
	if err := w.tx.Changed(ctx, changeKind, w.t.reader); err != nil {
		return Entry{}, err
	}
	e := Entry{ReturnTo: w.t.goal, New: n == 1}
	e.Reader, err = byID(ctx, w.tx, w.t.reader)
	return e, err
}

func (w *entering) signIn(ctx context.Context, id digest) (Entry, error) {
	if err := w.spend(ctx, id); err != nil {
		return Entry{}, err
	}
	e, err := w.confirm(ctx)
	if err != nil {
		return Entry{}, err
	}
	if err := w.openSession(ctx); err != nil {
		return Entry{}, err
	}
	e.Session = w.token
	return e, nil
}

// spend marks the attempt as used. The lock on the reader's row made sure it was not; the count makes sure of the lock.
func (w *entering) spend(ctx context.Context, id digest) error {
	n, err := w.tx.Exec(ctx, `UPDATE attempts SET used = $1 WHERE token = $2 AND used = 0`, storage.Micros(w.now), id.String())
	if err == nil && n == 0 {
		err = errGone()
	}
	if err != nil {
		return err
	}
	// What the same browser asked for again while its mail was on the way is answered with it.
	_, err = w.tx.Exec(ctx, `UPDATE attempts SET used = $1 WHERE visitor = $2 AND reader = $3 AND silent = 1 AND used = 0`,
		storage.Micros(w.now), w.t.visitor, w.t.reader)
	return err
}

// openSession signs the device in: its old session ends, and with one too many so does the one unused longest.
func (w *entering) openSession(ctx context.Context) error {
	if err := w.endOld(ctx); err != nil {
		return err
	}
	id, _ := digestOf(w.token)
	_, err := w.tx.Exec(ctx, `INSERT INTO sessions (id, reader, created, seen, agent) VALUES ($1, $2, $3, $3, $4)`,
		id.String(), w.t.reader, storage.Micros(w.now), AgentWords(w.device.Agent))
	if err != nil {
		return err
	}
	const all = 1 << 30 // an OFFSET wants a LIMIT (SQLite)
	_, err = w.tx.Exec(ctx, `DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE reader = $1 AND id <> $2
		ORDER BY seen DESC, created DESC, id LIMIT $3 OFFSET $4)`, w.t.reader, id.String(), all, w.r.options.Devices-1)
	if err != nil {
		return err
	}
	return Record(ctx, w.tx, Event{Who: Subject(w.t.reader), What: "sign-in", Subject: Subject(w.t.reader),
		After: AgentWords(w.device.Agent), At: w.now})
}

// endOld ends the session the device is in, whosever it is (S-01).
func (w *entering) endOld(ctx context.Context) error {
	old, ok := digestOf(w.device.Session)
	if !ok {
		return nil
	}
	reader, err := endSession(ctx, w.tx, old)
	if err != nil || reader == 0 {
		return err
	}
	*w.touched = append(*w.touched, reader)
	return w.tx.Changed(ctx, changeKind, reader)
}

// Open signs a device in as a reader who was recognized by more than a mail, and returns the token of the session.
// NotFound when there is no such reader, Denied when they are banned.
func (r *Readers) Open(ctx context.Context, reader int64, d Device) (token string, err error) {
	token, touched := newToken(), []int64{}
	err = r.db.Write(ctx, func(tx *storage.DB) error {
		touched = append(touched[:0], reader)
		if _, err := tx.Exec(ctx, `UPDATE readers SET mailbox = mailbox WHERE id = $1`, reader); err != nil {
			return err
		}
		known, err := byID(ctx, tx, reader)
		if err == nil && known.Banned {
			err = fault.New(fault.Denied, "This address is shut out.")
		}
		if err != nil {
			return err
		}
		w := entering{r: r, tx: tx, t: attempt{reader: reader}, device: d, token: token, now: r.now(), touched: &touched}
		return w.openSession(ctx)
	})
	if err != nil {
		return "", fmt.Errorf("open session of reader %d: %w", reader, err)
	}
	for _, id := range touched {
		r.Forget(id)
	}
	return token, nil
}
