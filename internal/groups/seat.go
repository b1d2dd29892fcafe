package groups

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Seat is one that somebody has, or that waits for who was invited.
type Seat struct {
	Slot    int
	Address string // of the member, as it is now, or of who was invited
	Reader  int64  // 0 while the invitation waits
	Since   time.Time
	Manages bool
}

// invitationLife is how long an invitation can be taken up. The seat stays kept for it until a manager gives it to
// somebody else.
const invitationLife = 30 * 24 * time.Hour

// claim ranks seats by who keeps theirs when there are fewer: 0 of a member, 1 of an invitation, 2 of one that is too old.
func (x Seat) claim(now time.Time) int {
	switch {
	case x.Reader > 0:
		return 0
	case now.Before(x.Since.Add(invitationLife)):
		return 1
	}
	return 2
}

func seatsOf(ctx context.Context, db *storage.DB, id int64) ([]Seat, error) {
	rows, err := db.Query(ctx, `SELECT s.slot, COALESCE(r.address, s.address), s.reader, s.since, s.manages FROM group_seats s
		LEFT JOIN readers r ON r.id = s.reader AND s.reader > 0 WHERE s.grp = $1 ORDER BY s.slot`, id)
	if err != nil {
		return nil, fmt.Errorf("seats of group %d: %w", id, err)
	}
	defer rows.Close()
	var list []Seat
	for rows.Next() {
		var x Seat
		var since, manages int64
		if err := rows.Scan(&x.Slot, &x.Address, &x.Reader, &since, &manages); err != nil {
			return nil, fmt.Errorf("seats of group %d: %w", id, err)
		}
		x.Since, x.Manages = storage.Time(since), manages == 1
		list = append(list, x)
	}
	return list, rows.Err()
}

// Seats returns the seats of a group that are taken, by number.
func (s *Groups) Seats(ctx context.Context, id int64) ([]Seat, error) { return seatsOf(ctx, s.db, id) }

// Manages reports whether a reader is the owner of a group or one of its managers.
func (s *Groups) Manages(ctx context.Context, g Group, reader int64) (bool, error) {
	return manages(ctx, s.db, g, reader)
}

func manages(ctx context.Context, db *storage.DB, g Group, reader int64) (bool, error) {
	if reader == 0 || g.Owner == reader {
		return reader != 0, nil
	}
	var n int
	err := db.QueryRow(ctx, `SELECT COUNT(*) FROM group_seats WHERE grp = $1 AND reader = $2 AND manages = 1`, g.ID, reader).Scan(&n)
	return n > 0, err
}

var errNotYours = fault.New(fault.NotFound, "There is no such group.")

// managed locks a group for one of its managers, or for the operator (by 0).
func managed(ctx context.Context, tx *storage.DB, id, by int64) (Group, error) {
	g, err := lock(ctx, tx, id)
	if err != nil || by == 0 {
		return g, err
	}
	ok, err := manages(ctx, tx, g, by)
	if err == nil && !ok {
		err = errNotYours
	}
	return g, err
}

// do runs a change of a group by one of its managers, or by the operator (by 0), in a transaction.
func (s *Groups) do(ctx context.Context, what string, id, by int64, f func(tx *storage.DB, g Group) error) error {
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		g, err := managed(ctx, tx, id, by)
		if err != nil {
			return err
		}
		return f(tx, g)
	})
	if err != nil {
		return fmt.Errorf("group %d: %s: %w", id, what, err)
	}
	s.out.Wake()
	return nil
}

func tokenDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

var errFull = fault.New(fault.Conflict, "All seats of this group are taken.")

// take puts somebody into the first free seat. Conflict when there is none, Invalid when the mailbox has one.
func take(ctx context.Context, tx *storage.DB, g Group, x Seat, mailbox, token string) error {
	for slot := 1; slot <= g.Seats; slot++ {
		n, err := tx.Exec(ctx, `INSERT INTO group_seats (grp, slot, mailbox, address, reader, token, since) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT DO NOTHING`, g.ID, slot, mailbox, x.Address, x.Reader, token, storage.Micros(x.Since))
		if err != nil || n == 1 {
			return err
		}
	}
	var has int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM group_seats WHERE grp = $1 AND (mailbox = $2 OR reader = $3 AND reader > 0)`, g.ID, mailbox, x.Reader).Scan(&has)
	switch {
	case err != nil:
		return err
	case has > 0:
		return fault.Field("address", "This address has a seat already, or an invitation to one.")
	}
	return errFull
}

// Invite keeps a seat for an address and writes to it: once a day at most, whoever invites (S-07). Whether there is a
// reader of that address plays no part (S-06). Invalid, with the field "address", for what is no address or has a seat,
// Conflict when all are taken, TooMany when the address had its invitation of the day, NotFound for who does not manage
// the group.
func (s *Groups) Invite(ctx context.Context, id, by int64, address string) error {
	typed, mailbox, err := readers.Canonical(address)
	if err != nil {
		return fault.Field("address", "This is no email address.")
	}
	return s.do(ctx, "invite", id, by, func(tx *storage.DB, g Group) error {
		token := rand.Text()
		if err := take(ctx, tx, g, Seat{Address: typed, Since: s.options.Now()}, mailbox, tokenDigest(token)); err != nil {
			return err
		}
		return s.invited(ctx, tx, g, typed, mailbox, token)
	})
}

// sentAtMost is how many mails a group sends in a day to who is invited: each seat may change hands, and a slip be
// mended, but no group is a relay (S-07).
func sentAtMost(g Group) int { return 2*g.Seats + 20 }

// invited writes to who was invited. TooMany when the mailbox had an invitation today, or the group sent all that it
// may: then the seat is not kept either, for nobody could take it. The group is locked.
func (s *Groups) invited(ctx context.Context, tx *storage.DB, g Group, address, mailbox, token string) error {
	now := s.options.Now().UTC()
	today := now.Format(time.DateOnly)
	if _, err := tx.Exec(ctx, `DELETE FROM group_invitations WHERE day < $1`, today); err != nil {
		return err
	}
	tomorrow := now.Truncate(24*time.Hour).AddDate(0, 0, 1).Sub(now)
	n, err := tx.Exec(ctx, `INSERT INTO group_invitations (mailbox, day, grp) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, s.keyed(mailbox), today, g.ID)
	if err == nil && n == 0 {
		err = fault.Limited(tomorrow, "This address had an invitation today already. Please try again tomorrow.")
	}
	if err != nil {
		return err
	}
	var sent int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM group_invitations WHERE day = $1 AND grp = $2`, today, g.ID).Scan(&sent); err != nil {
		return err
	}
	if sent > sentAtMost(g) {
		return fault.Limited(tomorrow, "This group has sent many invitations today. Please go on tomorrow.")
	}
	return s.tellInvited(ctx, tx, g, address, token)
}

func seatAt(ctx context.Context, tx *storage.DB, id int64, slot int) (Seat, error) {
	all, err := seatsOf(ctx, tx, id)
	for _, x := range all {
		if x.Slot == slot {
			return x, err
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "Nobody has this seat any more.")
	}
	return Seat{}, err
}

// vacate frees a seat and ends what it opened.
func (s *Groups) vacate(ctx context.Context, tx *storage.DB, g Group, x Seat, why string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM group_seats WHERE grp = $1 AND slot = $2`, g.ID, x.Slot); err != nil || x.Reader == 0 {
		return err
	}
	if err := s.cover(ctx, tx, g, x.Reader, s.options.Now()); err != nil {
		return err
	}
	if why == "left" {
		return nil
	}
	return s.tellRemoved(ctx, tx, g, x)
}

// Remove frees a seat: a member reads under it no longer and is told, an invitation is taken back. The owner's own seat
// can be freed too; the group stays theirs.
func (s *Groups) Remove(ctx context.Context, id, by int64, slot int) error {
	return s.do(ctx, "remove", id, by, func(tx *storage.DB, g Group) error {
		x, err := seatAt(ctx, tx, id, slot)
		if err != nil {
			return err
		}
		if err := s.vacate(ctx, tx, g, x, "removed"); err != nil {
			return err
		}
		return s.record(ctx, tx, by, id, "remove from group", fmt.Sprintf("reader %d, seat %d", x.Reader, slot))
	})
}

// Move gives a seat to somebody else in one step, so that nobody takes it meanwhile. Errors are those of Invite: then
// who has the seat keeps it.
func (s *Groups) Move(ctx context.Context, id, by int64, slot int, address string) error {
	typed, mailbox, err := readers.Canonical(address)
	if err != nil {
		return fault.Field("address", "This is no email address.")
	}
	return s.do(ctx, "move a seat", id, by, func(tx *storage.DB, g Group) error {
		x, err := seatAt(ctx, tx, id, slot)
		if err != nil {
			return err
		}
		if err := s.vacate(ctx, tx, g, x, "moved"); err != nil {
			return err
		}
		token := rand.Text()
		if err := take(ctx, tx, g, Seat{Address: typed, Since: s.options.Now()}, mailbox, tokenDigest(token)); err != nil {
			return err
		}
		if err := s.invited(ctx, tx, g, typed, mailbox, token); err != nil {
			return err
		}
		return s.record(ctx, tx, by, id, "move seat", fmt.Sprintf("seat %d, before: reader %d", slot, x.Reader))
	})
}

// Promote makes a member a manager, or takes that back. The owner alone may, and the operator.
func (s *Groups) Promote(ctx context.Context, id, by int64, slot int, yes bool) error {
	return s.do(ctx, "promote", id, by, func(tx *storage.DB, g Group) error {
		if by != 0 && g.Owner != by {
			return fault.New(fault.Denied, "The owner of the group chooses its managers.")
		}
		flag := 0
		if yes {
			flag = 1
		}
		n, err := tx.Exec(ctx, `UPDATE group_seats SET manages = $1 WHERE grp = $2 AND slot = $3 AND reader > 0`, flag, id, slot)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "Nobody has this seat any more.")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, by, id, "manager of group", fmt.Sprintf("seat %d: %v", slot, yes))
	})
}

// HandOver makes another reader the owner of a group, and of its contract: the operator does it.
func (s *Groups) HandOver(ctx context.Context, id, reader int64) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		// The contract is locked before its group, as when the till delivers.
		if err := billing.HandOver(ctx, tx, For(id), reader); err != nil {
			return err
		}
		g, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE reader_groups SET owner = $1 WHERE id = $2`, reader, id); err != nil {
			return err
		}
		return s.record(ctx, tx, 0, id, "owner of group", fmt.Sprintf("reader %d, before: %d", reader, g.Owner))
	})
}

// Invitation returns the group that an invitation is to. NotFound when it is none, was taken back or is too old.
func (s *Groups) Invitation(ctx context.Context, token string) (g Group, err error) {
	err = g.scan(s.db.QueryRow(ctx, `SELECT `+columns+` FROM reader_groups WHERE id IN
		(SELECT grp FROM group_seats WHERE token = $1 AND reader = 0 AND since > $2)`, tokenDigest(token), storage.Micros(s.options.Now().Add(-invitationLife))))
	if errors.Is(err, sql.ErrNoRows) {
		return g, errNoInvitation
	}
	return g, err
}

var errNoInvitation = fault.New(fault.NotFound, "This invitation was taken back, or taken up, or is too old. Ask who sent it for another.")

// Accept gives a reader the seat that was kept for them: whoever has the invitation, under the account they use.
func (s *Groups) Accept(ctx context.Context, token string, reader int64) (g Group, err error) {
	r, err := s.readers.Reader(ctx, reader)
	if err != nil {
		return g, err
	}
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		var id, slot int64
		err := tx.QueryRow(ctx, `SELECT grp, slot FROM group_seats WHERE token = $1 AND reader = 0 AND since > $2`, tokenDigest(token),
			storage.Micros(s.options.Now().Add(-invitationLife))).Scan(&id, &slot)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoInvitation
		}
		if err == nil {
			g, err = lock(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		var others int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM group_seats WHERE grp = $1 AND slot <> $2 AND (reader = $3 OR mailbox = $4)`, id, slot, reader, r.Key).Scan(&others)
		if err != nil {
			return err
		}
		if others > 0 {
			return fault.New(fault.Conflict, "You have a seat of this group already, or another invitation to one.")
		}
		n, err := tx.Exec(ctx, `UPDATE group_seats SET reader = $1, mailbox = $2, address = $3, token = '', since = $4 WHERE grp = $5 AND slot = $6
			AND reader = 0 AND token = $7`, reader, r.Key, r.Address, storage.Micros(s.options.Now()), id, slot, tokenDigest(token))
		if err == nil && n == 0 {
			err = errNoInvitation
		}
		if err != nil {
			return err
		}
		return s.cover(ctx, tx, g, reader, g.Until)
	})
	if err != nil {
		return g, fmt.Errorf("reader %d takes up an invitation: %w", reader, err)
	}
	return g, nil
}

// Join gives a reader whose confirmed address is of a domain of the group a free seat. NotFound when it is of none,
// Conflict when all seats are taken. A seat that was kept for the reader by an invitation is the one.
func (s *Groups) Join(ctx context.Context, id, reader int64) error {
	r, err := s.readers.Reader(ctx, reader)
	if err != nil {
		return err
	}
	if r.Confirmed.IsZero() {
		return errNotYours
	}
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		g, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		var ours int
		err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM group_domains WHERE grp = $1 AND domain = $2`, id, DomainOf(r.Address)).Scan(&ours)
		if err == nil && ours == 0 {
			err = errNotYours
		}
		if err != nil {
			return err
		}
		now := s.options.Now()
		n, err := tx.Exec(ctx, `UPDATE group_seats SET reader = $1, address = $2, token = '', since = $3 WHERE grp = $4 AND mailbox = $5 AND reader = 0`,
			reader, r.Address, storage.Micros(now), id, r.Key)
		if err == nil && n == 0 {
			err = take(ctx, tx, g, Seat{Address: r.Address, Reader: reader, Since: now}, r.Key, "")
		}
		if err != nil {
			return err
		}
		return s.cover(ctx, tx, g, reader, g.Until)
	})
	if err != nil {
		return fmt.Errorf("reader %d joins group %d: %w", reader, id, err)
	}
	return nil
}

// Leave frees the seat of a reader.
func (s *Groups) Leave(ctx context.Context, id, reader int64) error {
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		g, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		all, err := seatsOf(ctx, tx, id)
		for _, x := range all {
			if err == nil && x.Reader == reader && reader > 0 {
				err = s.vacate(ctx, tx, g, x, "left")
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("reader %d leaves group %d: %w", reader, id, err)
	}
	return nil
}

// Domains returns the domains whose readers take a seat by themselves.
func (s *Groups) Domains(ctx context.Context, id int64) (list []string, err error) {
	rows, err := s.db.Query(ctx, `SELECT domain FROM group_domains WHERE grp = $1 ORDER BY domain`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// SetDomain opens a group to the readers of a domain, or closes it to them; who has a seat keeps it. A manager can open
// it to the domain of their own confirmed address alone; the operator to any at which not everybody can have an address.
func (s *Groups) SetDomain(ctx context.Context, id, by int64, domain string, open bool) error {
	domain = strings.ToLower(strings.TrimSpace(domain))
	_, _, err := readers.Canonical("x@" + domain)
	if err != nil || DomainOf("x@"+domain) != domain || !strings.Contains(domain, ".") {
		return fault.Field("domain", "This is no domain of email addresses.")
	}
	if open && readers.PublicMailbox(domain) {
		return fault.Field("domain", "Anybody can have an address of this domain: invite the members one by one.")
	}
	if by > 0 && open {
		r, err := s.readers.Reader(ctx, by)
		if err != nil {
			return err
		}
		if DomainOf(r.Address) != domain {
			return fault.Field("domain", "You can open the group to the domain of your own address. For another, please write to us.")
		}
	}
	return s.do(ctx, "set domain", id, by, func(tx *storage.DB, _ Group) error {
		q := `DELETE FROM group_domains WHERE domain = $1 AND grp = $2`
		if open {
			q = `INSERT INTO group_domains (domain, grp) VALUES ($1, $2) ON CONFLICT DO NOTHING`
		}
		if _, err := tx.Exec(ctx, q, domain, id); err != nil {
			return err
		}
		return s.record(ctx, tx, by, id, "domain of group", fmt.Sprintf("%s: %v", domain, open))
	})
}
