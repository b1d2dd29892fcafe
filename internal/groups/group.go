package groups

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// Kind is what groups are called at the till (billing.TillOptions.Goods).
const Kind = "group"

// Limits of a group.
const (
	MostSeats = 500
	nameLimit = 100
)

// Options of New.
type Options struct {
	Origin string // of the site: scheme, host and port
	Name   string // of the publication
	Now    func() time.Time
	Log    *slog.Logger
}

// Groups are the groups of a publication. They are safe for concurrent use.
type Groups struct {
	db      *storage.DB
	readers *readers.Readers
	out     *outbox.Outbox
	secret  []byte
	options Options
}

// New returns the groups kept in db.
func New(ctx context.Context, db *storage.DB, r *readers.Readers, out *outbox.Outbox, o Options) (*Groups, error) {
	secret, err := db.Secret(ctx, "groups")
	if err != nil {
		return nil, fmt.Errorf("open groups: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Groups{db: db, readers: r, out: out, secret: secret, options: o}, nil
}

// A Group is readers who share seats.
type Group struct {
	ID      int64
	Name    string
	Seats   int
	Until   time.Time // when reading under them ends: the first moment outside
	Owner   int64
	Price   int64 // of a seat a period, in the smallest part of the currency; 0 when they are granted
	Created time.Time
}

// Bought reports that the seats are paid for.
func (g Group) Bought() bool { return g.Price > 0 }

// Runs reports whether seats of the group open articles at a time.
func (g Group) Runs(at time.Time) bool { return g.Seats > 0 && at.Before(g.Until) }

const columns = `id, name, seats, until, owner, price, created`

func (g *Group) scan(row interface{ Scan(...any) error }) error {
	var until, created int64
	err := row.Scan(&g.ID, &g.Name, &g.Seats, &until, &g.Owner, &g.Price, &created)
	g.Until, g.Created = storage.Time(until), storage.Time(created)
	return err
}

func scan(rows *sql.Rows, err error) ([]Group, error) {
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	defer rows.Close()
	var list []Group
	for rows.Next() {
		var g Group
		if err := g.scan(rows); err != nil {
			return nil, fmt.Errorf("groups: %w", err)
		}
		list = append(list, g)
	}
	return list, rows.Err()
}

// Group returns a group, or NotFound.
func (s *Groups) Group(ctx context.Context, id int64) (g Group, err error) {
	err = g.scan(s.db.QueryRow(ctx, `SELECT `+columns+` FROM reader_groups WHERE id = $1`, id))
	return g, missing(id, err)
}

// lock returns a group and keeps others from changing it until the transaction ends.
func lock(ctx context.Context, tx *storage.DB, id int64) (g Group, err error) {
	err = g.scan(tx.QueryRow(ctx, `UPDATE reader_groups SET name = name WHERE id = $1 RETURNING `+columns, id))
	return g, missing(id, err)
}

func missing(id int64, err error) error {
	if err != nil {
		return fmt.Errorf("group %d: %w", id, storage.NotFound(err, "There is no such group."))
	}
	return nil
}

// All returns every group, by name.
func (s *Groups) All(ctx context.Context) ([]Group, error) {
	return scan(s.db.Query(ctx, `SELECT `+columns+` FROM reader_groups ORDER BY name, id`))
}

// Of returns the groups that a reader owns or has a seat of, the newest first.
func (s *Groups) Of(ctx context.Context, reader int64) ([]Group, error) {
	return scan(s.db.Query(ctx, `SELECT `+columns+` FROM reader_groups WHERE seats > 0 AND (owner = $1
		OR id IN (SELECT grp FROM group_seats WHERE reader = $1)) ORDER BY id DESC`, reader))
}

// Open returns the groups that a reader may join by the domain of their address and has no seat of.
func (s *Groups) Open(ctx context.Context, reader int64) ([]Group, error) {
	r, err := s.readers.Reader(ctx, reader)
	if err != nil {
		return nil, err
	}
	return scan(s.db.Query(ctx, `SELECT `+columns+` FROM reader_groups WHERE seats > 0 AND until > $1
		AND id IN (SELECT grp FROM group_domains WHERE domain = $2) AND id NOT IN (SELECT grp FROM group_seats WHERE reader = $3)
		ORDER BY name, id`, storage.Micros(s.options.Now()), DomainOf(r.Address), reader))
}

// DomainOf is the part of an address behind the @, in small letters.
func DomainOf(address string) string {
	return strings.ToLower(address[strings.LastIndex(address, "@")+1:])
}

// A Wish is a group to be made.
type Wish struct {
	Name  string
	Seats int
	Until time.Time // zero for one that is to be paid for
	Owner int64
	Price int64 // of a seat
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > nameLimit {
		return "", fault.Field("name", "Please give the group a name of up to %d characters.", nameLimit)
	}
	if strings.ContainsFunc(name, unicode.IsControl) || strings.Contains(name, "://") {
		return "", fault.Field("name", "A name is one line, without an address of the web.") // mails carry it (S-07)
	}
	return name, nil
}

func checkSeats(n int) error {
	if n < 1 || n > MostSeats {
		return fault.Field("seats", "A group has from one to %d seats.", MostSeats)
	}
	return nil
}

// Make makes a group: with its seats when it is granted, without any until it is paid for. Invalid, with the field.
func (s *Groups) Make(ctx context.Context, w Wish) (id int64, err error) {
	if w.Name, err = checkName(w.Name); err != nil {
		return 0, err
	}
	if err := checkSeats(w.Seats); err != nil {
		return 0, err
	}
	now := s.options.Now()
	seats := w.Seats
	switch {
	case w.Price > 0:
		seats = 0
	case !w.Until.After(now):
		return 0, fault.Field("until", "The end has to lie in the future.")
	}
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		return tx.QueryRow(ctx, `INSERT INTO reader_groups (name, seats, until, owner, price, created) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
			w.Name, seats, storage.Micros(w.Until), w.Owner, w.Price, storage.Micros(now)).Scan(&id)
	})
	if err != nil {
		return 0, fmt.Errorf("make a group: %w", err)
	}
	return id, nil
}

// unpaidLife is how long a group that was not paid for is kept: longer than a checkout can be paid.
const unpaidLife = 30 * 24 * time.Hour

// Cleanup deletes the groups that were never paid for.
func (s *Groups) Cleanup(ctx context.Context) error {
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		for _, q := range []string{
			`DELETE FROM group_domains WHERE grp IN (SELECT id FROM reader_groups WHERE seats = 0 AND created < $1)`,
			`DELETE FROM reader_groups WHERE seats = 0 AND created < $1`,
		} {
			if _, err := tx.Exec(ctx, q, storage.Micros(s.options.Now().Add(-unpaidLife))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete groups that were not paid for: %w", err)
	}
	return nil
}

// Set changes what the publication granted: seats and end. Conflict when more seats are taken, or when they are bought.
func (s *Groups) Set(ctx context.Context, id int64, seats int, until time.Time) error {
	if err := checkSeats(seats); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		g, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if g.Bought() {
			return fault.New(fault.Conflict, "The seats of this group are paid for: their number and end come from its contract.")
		}
		taken, err := seatsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if len(taken) > seats {
			return fault.New(fault.Conflict, "%d seats are taken: remove members or invitations first.", len(taken))
		}
		g.Seats, g.Until = seats, until
		return s.write(ctx, tx, g)
	})
	if err != nil {
		return fmt.Errorf("set group %d: %w", id, err)
	}
	return nil
}

// write keeps the seats and the end of a group that is locked: members move down into free seats, and all are covered
// until the end. Where there are fewer seats, invitations go first, those too old to be taken up before others, and then
// members, the newest first.
func (s *Groups) write(ctx context.Context, tx *storage.DB, g Group) error {
	_, err := tx.Exec(ctx, `UPDATE reader_groups SET seats = $1, until = $2 WHERE id = $3`, g.Seats, storage.Micros(g.Until), g.ID)
	if err != nil {
		return err
	}
	taken, err := seatsOf(ctx, tx, g.ID)
	if err != nil {
		return err
	}
	now := s.options.Now()
	slices.SortStableFunc(taken, func(a, b Seat) int {
		return cmp.Or(cmp.Compare(a.claim(now), b.claim(now)), a.Since.Compare(b.Since))
	})
	for len(taken) > g.Seats {
		last := taken[len(taken)-1]
		taken = taken[:len(taken)-1]
		if err := s.vacate(ctx, tx, g, last, "fewer seats"); err != nil {
			return err
		}
	}
	slots := map[int]bool{}
	for _, x := range taken {
		slots[x.Slot] = true
	}
	free := 1
	for _, x := range taken {
		if x.Slot > g.Seats {
			for slots[free] {
				free++
			}
			slots[free] = true
			if _, err := tx.Exec(ctx, `UPDATE group_seats SET slot = $1 WHERE grp = $2 AND slot = $3`, free, g.ID, x.Slot); err != nil {
				return err
			}
		}
		if x.Reader > 0 {
			if err := s.cover(ctx, tx, g, x.Reader, g.Until); err != nil {
				return err
			}
		}
	}
	return nil
}

// cover writes what a seat opens for a reader.
func (s *Groups) cover(ctx context.Context, tx *storage.DB, g Group, reader int64, until time.Time) error {
	return billing.Cover(ctx, tx, reader, fmt.Sprint("seat:", g.ID), s.options.Now(), until)
}

// record writes a line of the audit log about a group. by is who did it, 0 for the operator.
func (s *Groups) record(ctx context.Context, tx *storage.DB, by, id int64, what, after string) error {
	who := "command line"
	if by > 0 {
		who = readers.Subject(by)
	}
	return readers.Record(ctx, tx, readers.Event{At: s.options.Now(), Who: who, What: what, Subject: fmt.Sprint("group ", id), After: after})
}

// For is what the till calls a group.
func For(id int64) string { return fmt.Sprint(Kind, ":", id) }

// Number is the group that the till calls so, 0 for none.
func Number(what string) int64 {
	number, ok := strings.CutPrefix(what, Kind+":")
	id, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		return 0
	}
	return id
}

// Deliver implements billing.Goods: a group has the seats that its contract pays for, until it ends.
func (s *Groups) Deliver(ctx context.Context, tx *storage.DB, c billing.Contract, until time.Time) error {
	g, err := lock(ctx, tx, Number(c.For))
	if fault.Is(err, fault.NotFound) {
		return nil // one that was paid for after it was cleared away is found by the ledger, and paid back by hand
	}
	if err != nil {
		return err
	}
	seats := int(c.Record.Price.Amount / g.Price)
	if g.Seats == seats && g.Until.Equal(until) {
		return nil
	}
	first := g.Seats == 0
	g.Seats, g.Until = seats, until
	if err := s.write(ctx, tx, g); err != nil {
		return err
	}
	if first && c.Reader > 0 {
		return s.tellBought(ctx, tx, g, c.Reader)
	}
	return nil
}

// keyed stands for a text that is not to be read from the database.
func (s *Groups) keyed(text string) string {
	h := hmac.New(sha256.New, s.secret)
	h.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
