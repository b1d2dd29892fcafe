package staff

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Member is somebody who works here.
type Member struct {
	ID      int64 // of the reader they are
	Name    string
	Address string
	Role    Role
	Joined  time.Time
	Seen    time.Time // when they last used the newsroom; zero for never, to within a few minutes
	Secured bool      // has a passkey or an authenticator
}

// Who is how the audit log names a member as the doer of a deed.
func (m Member) Who() string { return Who(m.ID) }

// Who is how the audit log names a member of staff who does something.
func Who(id int64) string { return "staff " + strconv.FormatInt(id, 10) }

// May reports whether the member's role is in a set.
func (m Member) May(r Roles) bool { return r.Have(m.Role) }

// members are the columns that scanMember reads.
const members = `SELECT m.reader, m.name, r.address, m.role, m.joined,
	COALESCE((SELECT MAX(x.seen) FROM staff_sessions x WHERE x.reader = m.reader), 0),
	CASE WHEN m.totp <> '' OR EXISTS (SELECT 1 FROM passkeys p WHERE p.reader = m.reader) THEN 1 ELSE 0 END
	FROM staff m JOIN readers r ON r.id = m.reader`

func scanMember(scan func(...any) error) (m Member, err error) {
	var joined, seen int64
	var secured int
	err = scan(&m.ID, &m.Name, &m.Address, &m.Role, &joined, &seen, &secured)
	m.Joined, m.Seen, m.Secured = storage.Time(joined), storage.Time(seen), secured == 1
	return m, err
}

// Members returns everybody who works here, by name.
func (s *Staff) Members(ctx context.Context) ([]Member, error) {
	rows, err := s.db.Query(ctx, members+` ORDER BY m.name, m.reader`)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	defer rows.Close()
	list := []Member{}
	for rows.Next() {
		m, err := scanMember(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list staff: %w", err)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// Member returns a member by the id of the reader they are, or NotFound.
func (s *Staff) Member(ctx context.Context, id int64) (Member, error) { return s.member(ctx, s.db, id) }

func (s *Staff) member(ctx context.Context, tx *storage.DB, id int64) (Member, error) {
	m, err := scanMember(tx.QueryRow(ctx, members+` WHERE m.reader = $1`, id).Scan)
	if err != nil {
		return Member{}, fmt.Errorf("member of staff %d: %w", id, storage.NotFound(err, "Nobody of the newsroom is this."))
	}
	return m, nil
}

// Any reports whether anybody works here yet.
func (s *Staff) Any(ctx context.Context) (bool, error) {
	var n int
	err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM staff`).Scan(&n)
	return n > 0, err
}

func errLastOwner() error {
	return fault.New(fault.Conflict, "This is the last owner. Make somebody else an owner first.")
}

// keepAnOwner is called before the role of a member is taken. It locks the rows of the owners, so that of two owners who
// remove each other at the same moment one stays.
func keepAnOwner(ctx context.Context, tx *storage.DB, member int64) error {
	if _, err := tx.Exec(ctx, `UPDATE staff SET role = role WHERE role = $1`, Owner); err != nil {
		return err
	}
	var others, is int
	err := tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN reader <> $1 THEN 1 ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN reader = $2 THEN 1 ELSE 0 END), 0) FROM staff WHERE role = $3`, member, member, Owner).Scan(&others, &is)
	if err == nil && is > 0 && others == 0 {
		return errLastOwner()
	}
	return err
}

// SetRole gives a member another role. Their sessions in the newsroom end (S-01). Conflict for the last owner.
func (s *Staff) SetRole(ctx context.Context, member int64, role Role, by string) error {
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		had, err := s.member(ctx, tx, member)
		if err != nil || had.Role == role {
			return err
		}
		if err := keepAnOwner(ctx, tx, member); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE staff SET role = $1 WHERE reader = $2`, role, member); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_sessions WHERE reader = $1`, member); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: by, What: "role", Subject: readers.Subject(member), Before: string(had.Role), After: string(role)})
	})
	if err != nil {
		return fmt.Errorf("set role of %d: %w", member, err)
	}
	return nil
}

// Remove ends a member's work here: they are a reader like others from the next request on. Conflict for the last owner.
func (s *Staff) Remove(ctx context.Context, member int64, by string) error {
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		had, err := s.member(ctx, tx, member)
		if err != nil {
			return err
		}
		if err := s.readers.SetStaffIn(ctx, tx, member, false, by); err != nil {
			return err
		}
		if err := s.EraseReader(ctx, tx, member); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: by, What: "role", Subject: readers.Subject(member), Before: string(had.Role)})
	})
	if err != nil {
		return fmt.Errorf("remove %d from staff: %w", member, err)
	}
	s.readers.Forget(member)
	return nil
}

// EraseReader implements readers.Eraser: who deletes their account works here no more, and no invitation leads back.
// Conflict for the last owner.
func (s *Staff) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	if err := keepAnOwner(ctx, tx, reader); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM invitations WHERE mailbox = (SELECT mailbox FROM readers WHERE id = $1)`,
		`DELETE FROM ceremonies WHERE reader = $1`,
		`DELETE FROM recovery_codes WHERE reader = $1`,
		`DELETE FROM passkeys WHERE reader = $1`,
		`DELETE FROM staff_sessions WHERE reader = $1`,
		`DELETE FROM staff WHERE reader = $1`,
	} {
		if _, err := tx.Exec(ctx, statement, reader); err != nil {
			return err
		}
	}
	for _, e := range s.o.Leaving {
		if err := e.EraseReader(ctx, tx, reader); err != nil {
			return err
		}
	}
	return nil
}

// ExportReader implements readers.Exporter.
func (s *Staff) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	type exported struct {
		Name   string    `json:"name"`
		Role   Role      `json:"role"`
		Joined time.Time `json:"joined"`
	}
	m, err := s.Member(ctx, reader)
	if fault.Is(err, fault.NotFound) {
		return "newsroom", nil, nil
	}
	return "newsroom", exported{m.Name, m.Role, m.Joined}, err
}
