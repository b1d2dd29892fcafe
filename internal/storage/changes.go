package storage

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"
)

// A Change is one line of the change log: something of a kind ("article", "reader", "site", …) was written or
// deleted. Subject is its id, 0 when it concerns all of the kind.
type Change struct {
	At      Position
	Kind    string
	Subject int64
}

// A Position is a place in the change log; the zero Position is before its first line. Lines are ordered by the
// transaction that wrote them, then by their id: on PostgreSQL a transaction may take a low id and commit after one
// with a higher, and a follower that went by ids alone would step over its line.
type Position struct{ tx, id int64 }

// Changed writes a line of the change log in the transaction of the change itself.
func (d *DB) Changed(ctx context.Context, kind string, subject int64) error {
	_, err := d.Exec(ctx, `INSERT INTO changes (at, kind, subject) VALUES ($1, $2, $3)`,
		Micros(time.Now()), kind, subject)
	if err != nil {
		return err
	}
	if d.dialect == PostgreSQL && !*d.changed {
		if _, err := d.Exec(ctx, `SELECT pg_notify('gatefold', '')`); err != nil {
			return err
		}
	}
	*d.changed = true
	return nil
}

// LastChange returns the place of the newest line that is settled.
func (d *DB) LastChange(ctx context.Context) (p Position, err error) {
	err = d.QueryRow(ctx, `SELECT tx, id FROM changes WHERE `+d.settled()+` ORDER BY tx DESC, id DESC LIMIT 1`).Scan(&p.tx, &p.id)
	if errors.Is(err, sql.ErrNoRows) {
		return Position{}, nil
	}
	return p, err
}

// settled is the condition of a line that no line still to come can precede: its transaction is older than every one
// under way. SQLite has one writer, whose lines all have transaction 0 and ids in order.
func (d *DB) settled() string {
	if d.dialect == PostgreSQL {
		return "tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
	}
	return "1 = 1"
}

// since is the condition and order of the settled lines after place $1, $2. It is asked every quarter of a second by
// every node, so it must find its beginning in an index: on SQLite, where id is the key of the table, no index on
// (tx, id) does that, and none is needed.
func (d *DB) since() string { return d.beyond(" AND " + d.settled()) }

// beyond is since for lines that satisfy a further condition.
func (d *DB) beyond(also string) string {
	if d.dialect == PostgreSQL {
		return "(tx, id) > ($1, $2)" + also + " ORDER BY tx, id"
	}
	return "tx >= $1 AND id > $2" + also + " ORDER BY id"
}

// changeLimit is how many lines one step of a Follower reads.
const changeLimit = 1000

// ChangesSince returns up to 1,000 settled lines after a place, in order.
func (d *DB) ChangesSince(ctx context.Context, after Position) ([]Change, error) {
	rows, err := d.Query(ctx, `SELECT tx, id, kind, subject FROM changes WHERE `+d.since()+` LIMIT $3`, after.tx, after.id, changeLimit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Change
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.At.tx, &c.At.id, &c.Kind, &c.Subject); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

var errFarBehind = errors.New("a transaction that writes has been open for long, or more is written than can be read")

// behind returns the age of the first line after a place, settled or not, 0 when there is none.
func (d *DB) behind(ctx context.Context, after Position) (time.Duration, error) {
	var at int64
	err := d.QueryRow(ctx, `SELECT at FROM changes WHERE `+d.beyond("")+` LIMIT 1`, after.tx, after.id).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return max(0, time.Since(Time(at))), err
}

// ForgetChanges deletes the lines older than a time. A follower that is further behind never hears of them.
func (d *DB) ForgetChanges(ctx context.Context, before time.Time) error {
	return d.Write(ctx, func(tx *DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM changes WHERE at < $1`, Micros(before))
		return err
	})
}

// broadcast wakes any number of waiters.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func newBroadcast() *broadcast { return &broadcast{ch: make(chan struct{})} }

func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ch
}

func (b *broadcast) signal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ch)
	b.ch = make(chan struct{})
}
