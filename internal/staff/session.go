package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Device is the browser that signs in.
type Device struct {
	Agent   string // its User-Agent
	Session string // the token of the newsroom session it is in, which ends; "" when it is in none
}

// An Entry is a device signed in.
type Entry struct {
	Session string // the token of the new session
	Member  Member
}

// A Session is a device signed in to the newsroom.
type Session struct {
	ID      string // names it without opening it
	Member  Member
	Created time.Time
	Seen    time.Time // to within five minutes
	Proved  time.Time // when a second factor was shown last; zero for never
	Agent   string    // in words
}

// seenEvery is how often the last use of a session is written down.
const seenEvery = 5 * time.Minute

func errNoSession() error { return fault.New(fault.NotFound, "You are not signed in to the newsroom.") }

// Session returns the session of a token, or NotFound.
func (s *Staff) Session(ctx context.Context, token string) (Session, error) {
	id := digest(token)
	if id == "" {
		return Session{}, errNoSession()
	}
	now := s.now()
	var x Session
	var created, seen, proved, joined int64
	var secured int
	err := s.db.QueryRow(ctx, `SELECT x.id, x.created, x.seen, x.proved, x.agent, m.reader, m.name, r.address, m.role, m.joined,
			CASE WHEN m.totp <> '' OR EXISTS (SELECT 1 FROM passkeys p WHERE p.reader = m.reader) THEN 1 ELSE 0 END
		FROM staff_sessions x JOIN staff m ON m.reader = x.reader JOIN readers r ON r.id = m.reader
		WHERE x.id = $1 AND x.seen > $2 AND x.created > $3 AND r.banned = 0`,
		id, storage.Micros(now.Add(-sessionIdle)), storage.Micros(now.Add(-sessionLife))).
		Scan(&x.ID, &created, &seen, &proved, &x.Agent, &x.Member.ID, &x.Member.Name, &x.Member.Address, &x.Member.Role, &joined, &secured)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, errNoSession()
	}
	if err != nil {
		return Session{}, fmt.Errorf("session of staff: %w", err)
	}
	x.Created, x.Seen, x.Proved, x.Member.Joined = storage.Time(created), storage.Time(seen), storage.Time(proved), storage.Time(joined)
	x.Member.Secured, x.Member.Seen = secured == 1, x.Seen
	if now.Sub(x.Seen) >= seenEvery {
		err = s.db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `UPDATE staff_sessions SET seen = $1 WHERE id = $2`, storage.Micros(now), id)
			return err
		})
		x.Seen = now
	}
	return x, err
}

// Ready reports whether the session may see more than the page on which its member secures their sign-in.
func (s *Staff) Ready(x Session) bool { return x.Member.Secured || s.o.Lenient }

// Fresh reports whether a second factor was shown in this session within the last 15 minutes, as what is grave asks for
// (S-05). In the demonstration it always was.
func (s *Staff) Fresh(x Session) bool {
	return s.o.Lenient && !x.Member.Secured || s.now().Sub(x.Proved) < proofLife
}

// enter opens a session in a transaction: proved when a second factor was shown. The device's old session ends (S-01).
func (s *Staff) enter(ctx context.Context, tx *storage.DB, member int64, token string, d Device, how string) (Entry, error) {
	if old := digest(d.Session); old != "" {
		if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE id = $1`, old); err != nil {
			return Entry{}, err
		}
	}
	now, proved := s.now(), time.Time{}
	if how != "join" && how != "link" {
		proved = now
	}
	_, err := tx.Exec(ctx, `INSERT INTO staff_sessions (id, reader, created, seen, proved, agent) VALUES ($1, $2, $3, $4, $5, $6)`,
		digest(token), member, storage.Micros(now), storage.Micros(now), storage.Micros(proved), readers.AgentWords(d.Agent))
	if err != nil {
		return Entry{}, err
	}
	m, err := s.member(ctx, tx, member)
	if err != nil {
		return Entry{}, err
	}
	return Entry{Session: token, Member: m}, s.record(ctx, tx, readers.Event{Who: m.Who(), What: "sign-in to the newsroom",
		Subject: readers.Subject(member), After: how + ", " + readers.AgentWords(d.Agent)})
}

// SignOut ends the session of a token. A token that opens none is fine.
func (s *Staff) SignOut(ctx context.Context, token string) error {
	id := digest(token)
	if id == "" {
		return nil
	}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE id = $1`, id)
		return err
	})
}

// Sessions returns a member's sessions, the one used last first. Their Member has an id only.
func (s *Staff) Sessions(ctx context.Context, member int64) ([]Session, error) {
	now := s.now()
	rows, err := s.db.Query(ctx, `SELECT id, created, seen, proved, agent FROM staff_sessions
		WHERE reader = $1 AND seen > $2 AND created > $3 ORDER BY seen DESC, id`,
		member, storage.Micros(now.Add(-sessionIdle)), storage.Micros(now.Add(-sessionLife)))
	if err != nil {
		return nil, fmt.Errorf("sessions of staff %d: %w", member, err)
	}
	defer rows.Close()
	list := []Session{}
	for rows.Next() {
		x := Session{Member: Member{ID: member}}
		var created, seen, proved int64
		if err := rows.Scan(&x.ID, &created, &seen, &proved, &x.Agent); err != nil {
			return nil, fmt.Errorf("sessions of staff %d: %w", member, err)
		}
		x.Created, x.Seen, x.Proved = storage.Time(created), storage.Time(seen), storage.Time(proved)
		list = append(list, x)
	}
	return list, rows.Err()
}

// EndSessions ends a member's sessions: the one named, or all but keep when id is "".
func (s *Staff) EndSessions(ctx context.Context, member int64, id, keep string) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE reader = $1 AND (id = $2 OR $3 = '') AND id <> $4`, member, id, id, keep)
		if err != nil || n == 0 {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: Who(member), What: "end sessions", Subject: readers.Subject(member)})
	})
}

// Denied records that a member asked for what is not for their role, once an hour for each thing: a thousand tries are one
// line, and push nothing else off the page of the log.
func (s *Staff) Denied(ctx context.Context, m Member, what string) error {
	e := readers.Event{Who: m.Who(), What: "denied", Subject: readers.Subject(m.ID), After: what + " as " + string(m.Role)}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `UPDATE staff SET name = name WHERE reader = $1`, m.ID); err != nil { // one at a time
			return err
		}
		var known int
		err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM audit WHERE subject = $1 AND who = $2 AND what = $3 AND became = $4 AND at > $5`,
			e.Subject, e.Who, e.What, e.After, storage.Micros(s.now().Add(-time.Hour))).Scan(&known)
		if err != nil || known > 0 {
			return err
		}
		return s.record(ctx, tx, e)
	})
}

// Cleanup deletes sessions, invitations and ceremonies that ran out.
func (s *Staff) Cleanup(ctx context.Context) error {
	now := s.now()
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE seen <= $1 OR created <= $2`,
			storage.Micros(now.Add(-sessionIdle)), storage.Micros(now.Add(-sessionLife))); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM invitations WHERE expires <= $1`, storage.Micros(now)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM ceremonies WHERE expires <= $1`, storage.Micros(now))
		return err
	})
}
