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

// SessionID names a session without opening it: the SHA-256 of its token.
type SessionID digest

// String gives an id for a form field; ParseSessionID reads it back.
func (id SessionID) String() string { return digest(id).String() }

// ParseSessionID reads what String gave. Invalid for anything else.
func ParseSessionID(s string) (SessionID, error) {
	d, ok := parseDigest(s)
	if !ok {
		return SessionID{}, fault.Field("session", "This is not a session.")
	}
	return SessionID(d), nil
}

// Session is one signed-in device of a reader.
type Session struct {
	ID      SessionID
	Reader  Reader // as of at most a minute ago
	Created time.Time
	Seen    time.Time // to within ten minutes
	Agent   string    // in words: "Firefox on Windows"
}

// seenEvery is how often the last visit of a session is written down.
const seenEvery = 10 * time.Minute

// Session returns the session of a token, or NotFound. It is asked for in every request of a reader: what was read
// less than a minute ago comes from memory. It waits for no write: Run writes down that the session was used.
func (r *Readers) Session(ctx context.Context, token string) (Session, error) {
	id, ok := digestOf(token)
	if !ok {
		return Session{}, errNoSession()
	}
	now := r.now()
	if s, ok := r.sessions.get(id, now); ok {
		return s, nil
	}
	mark := r.sessions.mark()
	s, err := r.readSession(ctx, id, now)
	if err != nil {
		return Session{}, err
	}
	if now.Sub(s.Seen) >= seenEvery {
		r.visits.note(id, now)
		s.Seen = now
	}
	r.sessions.put(id, s, now, mark)
	return s, nil
}

func errNoSession() error { return fault.New(fault.NotFound, "You are not signed in.") }

func (r *Readers) readSession(ctx context.Context, id digest, now time.Time) (Session, error) {
	s := Session{ID: SessionID(id)}
	var at [4]int64
	var staff int
	err := r.db.QueryRow(ctx, `SELECT r.id, r.address, r.mailbox, r.name, r.created, r.confirmed, r.staff,
			s.created, s.seen, s.agent
		FROM sessions s JOIN readers r ON r.id = s.reader
		WHERE s.id = $1 AND s.seen > $2 AND s.created > $3 AND r.banned = 0`,
		id.String(), storage.Micros(now.Add(-r.options.Idle)), storage.Micros(now.Add(-r.options.Absolute))).Scan(
		&s.Reader.ID, &s.Reader.Address, &s.Reader.Key, &s.Reader.Name, &at[0], &at[1], &staff, &at[2], &at[3], &s.Agent)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, errNoSession()
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	s.Reader.Created, s.Reader.Confirmed, s.Reader.Staff = storage.Time(at[0]), storage.Time(at[1]), staff == 1
	s.Created, s.Seen = storage.Time(at[2]), storage.Time(at[3])
	return s, nil
}

// Sessions returns the sessions of a reader, the one used last first. Their Reader has an id only.
func (r *Readers) Sessions(ctx context.Context, reader int64) ([]Session, error) {
	now := r.now()
	rows, err := r.db.Query(ctx, `SELECT id, created, seen, agent FROM sessions
		WHERE reader = $1 AND seen > $2 AND created > $3 ORDER BY seen DESC, created DESC, id`,
		reader, storage.Micros(now.Add(-r.options.Idle)), storage.Micros(now.Add(-r.options.Absolute)))
	if err != nil {
		return nil, fmt.Errorf("sessions of reader %d: %w", reader, err)
	}
	defer rows.Close()
	list := []Session{}
	for rows.Next() {
		s := Session{Reader: Reader{ID: reader}}
		var id string
		var created, seen int64
		if err := rows.Scan(&id, &created, &seen, &s.Agent); err != nil {
			return nil, fmt.Errorf("sessions of reader %d: %w", reader, err)
		}
		d, ok := parseDigest(id)
		if !ok {
			return nil, fmt.Errorf("sessions of reader %d: a damaged id", reader)
		}
		s.ID, s.Created, s.Seen = SessionID(d), storage.Time(created), storage.Time(seen)
		list = append(list, s)
	}
	return list, rows.Err()
}

// SignOut ends the session of a token. A token that opens none is fine: its owner is signed out.
func (r *Readers) SignOut(ctx context.Context, token string) error {
	id, ok := digestOf(token)
	if !ok {
		return nil
	}
	var reader int64
	err := r.db.Write(ctx, func(tx *storage.DB) (err error) {
		reader, err = endSession(ctx, tx, id)
		if err != nil || reader == 0 {
			return err
		}
		return tx.Changed(ctx, changeKind, reader)
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	if reader != 0 {
		r.Forget(reader)
	}
	return nil
}

// endSession deletes a session and returns whose it was, 0 when there was none.
func endSession(ctx context.Context, tx *storage.DB, id digest) (reader int64, err error) {
	err = tx.QueryRow(ctx, `DELETE FROM sessions WHERE id = $1 RETURNING reader`, id.String()).Scan(&reader)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return reader, err
}

// EndSession ends one of a reader's sessions. NotFound when it is not one of theirs.
func (r *Readers) EndSession(ctx context.Context, reader int64, id SessionID) error {
	err := r.changeReader(ctx, reader, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = $1 AND reader = $2`, id.String(), reader)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "This device is signed out already.")
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end session of reader %d: %w", reader, err)
	}
	return nil
}

// EndOthers ends all of a reader's sessions but one, and the links and codes under way.
func (r *Readers) EndOthers(ctx context.Context, reader int64, keep SessionID) error {
	err := r.changeReader(ctx, reader, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `DELETE FROM attempts WHERE reader = $1`, reader); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE reader = $1 AND id <> $2`, reader, keep.String())
		return err
	})
	if err != nil {
		return fmt.Errorf("end sessions of reader %d: %w", reader, err)
	}
	return nil
}
