package staff

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Invitation lets its holder join, once.
type Invitation struct {
	ID      string // names it without opening it
	Address string // whose it is; "" for the first owner, who says so when joining
	Name    string // of a member who is to set up their sign-in anew; "" for who is new
	Role    Role
	Created time.Time
	Expires time.Time
}

func errNoInvitation() error {
	return fault.New(fault.NotFound, "This invitation was used already, or it is too old. Ask for another.")
}

// Invite mails somebody an invitation. For an address that works here already it lets its owner set up their sign-in
// anew, with the role they have. The newest invitation of an address ends the older.
func (s *Staff) Invite(ctx context.Context, address string, role Role, by string) error {
	if _, err := s.invite(ctx, address, role, by, true); err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	s.out.Wake()
	return nil
}

// Link is Invite without a mail: it returns the link. It is for the command line.
func (s *Staff) Link(ctx context.Context, address string, role Role, by string) (string, error) {
	token, err := s.invite(ctx, address, role, by, false)
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return s.joinLink(token), nil
}

// FirstLink returns the link by which the first owner joins, "" when somebody works here already. Each ends the one
// before.
func (s *Staff) FirstLink(ctx context.Context) (string, error) {
	if any, err := s.Any(ctx); err != nil || any {
		return "", err
	}
	token, err := s.invite(ctx, "", Owner, "the first start", false)
	if err != nil {
		return "", fmt.Errorf("link of the first owner: %w", err)
	}
	return s.joinLink(token), nil
}

func (s *Staff) joinLink(token string) string { return s.o.Origin + "/newsroom/join?token=" + token }

// invite makes an invitation. An address has one that is open, by a key: the newer takes the place of the older.
func (s *Staff) invite(ctx context.Context, address string, role Role, by string, mailed bool) (string, error) {
	typed, key := "", ""
	if address != "" {
		var err error
		if typed, key, err = readers.Canonical(address); err != nil {
			return "", err
		}
	}
	token := newToken()
	now := s.now()
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `INSERT INTO invitations (id, address, mailbox, role, created, expires) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (mailbox) WHERE used = 0 AND ended = 0 DO UPDATE SET id = excluded.id, address = excluded.address,
			role = excluded.role, created = excluded.created, expires = excluded.expires`,
			digest(token), typed, key, role, storage.Micros(now), storage.Micros(now.Add(invitationLife))); err != nil {
			return err
		}
		if mailed {
			if err := s.mailInvitation(ctx, tx, typed, token); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, readers.Event{Who: by, What: "invite", After: string(role)})
	})
	return token, err
}

func (s *Staff) mailInvitation(ctx context.Context, tx *storage.DB, to, token string) error {
	m, err := s.readers.Compose(readers.Notice{To: to, Kind: "invitation", Subject: "Your place in the newsroom of " + s.o.Publication,
		Preheader: "One press, and you choose how you will sign in.", Heading: "Your place in the newsroom",
		Lines: []string{"You are invited to work in the newsroom of " + s.o.Publication + ".",
			"The link works once, within seven days. It leads to a page on which you choose how you will sign in from then on."},
		Button: "Join the newsroom", Link: s.joinLink(token), UselessAfter: invitationLife,
		Aside: "If you do not know why you have this mail, do nothing: nobody can join with it but you."})
	if err != nil {
		return err
	}
	return s.out.Put(ctx, tx, m)
}

// Invitation tells what a link invites to. It changes nothing. NotFound for one that was used, ended or is too old.
func (s *Staff) Invitation(ctx context.Context, token string) (Invitation, error) {
	i, _, err := s.invitation(ctx, s.db, token)
	return i, err
}

func (s *Staff) invitation(ctx context.Context, tx *storage.DB, token string) (i Invitation, key string, err error) {
	id := digest(token)
	if id == "" {
		return i, "", errNoInvitation()
	}
	var created, expires int64
	err = tx.QueryRow(ctx, `SELECT i.id, i.address, i.mailbox, i.role, i.created, i.expires,
			COALESCE((SELECT m.name FROM staff m JOIN readers r ON r.id = m.reader WHERE r.mailbox = i.mailbox), '')
		FROM invitations i WHERE i.id = $1 AND i.used = 0 AND i.ended = 0 AND i.expires > $2`, id, storage.Micros(s.now())).
		Scan(&i.ID, &i.Address, &key, &i.Role, &created, &expires, &i.Name)
	if errors.Is(err, sql.ErrNoRows) {
		return i, "", errNoInvitation()
	}
	i.Created, i.Expires = storage.Time(created), storage.Time(expires)
	return i, key, err
}

// Invitations returns the invitations that are open, the newest first.
func (s *Staff) Invitations(ctx context.Context) ([]Invitation, error) {
	rows, err := s.db.Query(ctx, `SELECT id, address, role, created, expires FROM invitations
		WHERE used = 0 AND ended = 0 AND expires > $1 AND mailbox <> '' ORDER BY created DESC, id`, storage.Micros(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	defer rows.Close()
	list := []Invitation{}
	for rows.Next() {
		var i Invitation
		var created, expires int64
		if err := rows.Scan(&i.ID, &i.Address, &i.Role, &created, &expires); err != nil {
			return nil, fmt.Errorf("list invitations: %w", err)
		}
		i.Created, i.Expires = storage.Time(created), storage.Time(expires)
		list = append(list, i)
	}
	return list, rows.Err()
}

// Withdraw ends an invitation. One that is over already is fine.
func (s *Staff) Withdraw(ctx context.Context, id, by string) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `UPDATE invitations SET ended = $1 WHERE id = $2 AND used = 0 AND ended = 0`, storage.Micros(s.now()), id)
		if err != nil || n == 0 {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: by, What: "withdraw invitation"})
	})
}

// nameLimit is the longest name of a member, in runes.
const nameLimit = 100

// tidyName draws white space together and drops what does not show. Invalid, for the field "name", for none or too much.
func tidyName(name string) (string, error) {
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.C, r) || r == utf8.RuneError
	}), " ")
	if name == "" || utf8.RuneCountInString(name) > nameLimit {
		return "", fault.Field("name", "Your name is needed, of at most %d characters.", nameLimit)
	}
	return name, nil
}

// Join uses an invitation and signs the device in. Address counts only where the invitation has none: that of the first
// owner, which is over, NotFound, once anybody works here. Who works here
// already keeps their role, loses passkeys, authenticator, recovery codes and sessions, and sets up new ones.
func (s *Staff) Join(ctx context.Context, token, name, address string, d Device) (Entry, error) {
	name, err := tidyName(name)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	session := newToken()
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		i, _, err := s.invitation(ctx, tx, token)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE invitations SET used = $1 WHERE id = $2 AND used = 0 AND ended = 0`, storage.Micros(s.now()), i.ID)
		if err == nil && n == 0 {
			err = errNoInvitation()
		}
		if err != nil {
			return err
		}
		seat := s.seat
		if i.Address == "" {
			i.Address, seat = address, s.seatFirst
		}
		member, err := seat(ctx, tx, i, name)
		if err != nil {
			return err
		}
		if e, err = s.enter(ctx, tx, member, session, d, "join"); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return Entry{}, fmt.Errorf("join: %w", err)
	}
	s.readers.Forget(e.Member.ID)
	return e, nil
}

// seatFirst makes the reader of an address that nobody has shown to be theirs the first owner: while nobody works here,
// and never somebody who does.
func (s *Staff) seatFirst(ctx context.Context, tx *storage.DB, i Invitation, name string) (int64, error) {
	var working int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff`).Scan(&working); err != nil {
		return 0, err
	}
	if working > 0 {
		return 0, errNoInvitation()
	}
	reader, fresh, err := s.employ(ctx, tx, i, name)
	if err == nil && !fresh { // who joined at this very moment
		err = errNoInvitation()
	}
	return reader, err
}

// employ makes the reader of an invitation a member, unless they are. The link of the first owner is over then: it is
// ended before the member is there, so that of two who join at once one waits for the other.
func (s *Staff) employ(ctx context.Context, tx *storage.DB, i Invitation, name string) (reader int64, fresh bool, err error) {
	if reader, err = s.readers.Enlist(ctx, tx, i.Address); err != nil {
		return 0, false, err
	}
	if _, err := tx.Exec(ctx, `UPDATE invitations SET ended = $1 WHERE mailbox = '' AND used = 0 AND ended = 0`, storage.Micros(s.now())); err != nil {
		return 0, false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO staff (reader, role, name, handle, joined) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (reader) DO NOTHING`,
		reader, i.Role, name, newToken(), storage.Micros(s.now()))
	if err != nil || n == 0 {
		return reader, false, err
	}
	who := Who(reader)
	if err := s.readers.SetStaffIn(ctx, tx, reader, true, who); err != nil {
		return 0, false, err
	}
	return reader, true, s.record(ctx, tx, readers.Event{Who: who, What: "role", Subject: readers.Subject(reader), After: string(i.Role)})
}

// seat makes the reader of an invitation a member, or clears the sign-in of one who is.
func (s *Staff) seat(ctx context.Context, tx *storage.DB, i Invitation, name string) (int64, error) {
	reader, fresh, err := s.employ(ctx, tx, i, name)
	if err != nil || fresh {
		return reader, err
	}
	for _, statement := range []string{
		`DELETE FROM recovery_codes WHERE reader = $1`,
		`DELETE FROM passkeys WHERE reader = $1`,
		`DELETE FROM staff_sessions WHERE reader = $1`,
		`UPDATE staff SET totp = '', totp_step = 0, tries = 0, tried = 0 WHERE reader = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, reader); err != nil {
			return 0, err
		}
	}
	if _, err := tx.Exec(ctx, `UPDATE staff SET name = $1 WHERE reader = $2`, name, reader); err != nil {
		return 0, err
	}
	return reader, s.record(ctx, tx, readers.Event{Who: Who(reader), What: "sign-in anew", Subject: readers.Subject(reader)})
}
