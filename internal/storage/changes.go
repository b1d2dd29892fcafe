package storage

import (
	"context"
	"sync"
	"time"
)

// A Change is one line of the change log: something of a kind ("article", "reader", "site", …) was written or
// deleted. Subject is its id, 0 when it concerns all of the kind.
type Change struct {
	ID      int64
	Kind    string
	Subject int64
}

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

// LastChange returns the id of the newest line of the change log that is settled, 0 when there is none.
func (d *DB) LastChange(ctx context.Context) (id int64, err error) {
	err = d.QueryRow(ctx, `SELECT COALESCE(MAX(id), 0) FROM changes`+d.settled("WHERE")).Scan(&id)
	return id, err
}

// settled keeps a follower from stepping over a line whose transaction took its id early and commits late: on
// PostgreSQL only lines older than every transaction under way are read. SQLite has one writer.
func (d *DB) settled(word string) string {
	if d.dialect == PostgreSQL {
		return " " + word + " tx < pg_snapshot_xmin(pg_current_snapshot())"
	}
	return ""
}

// changeLimit is how many lines one step of Follow reads.
const changeLimit = 1000

// pollEvery is how late a change made by another process (a command beside the server, another node whose
// notification was lost) is seen at the most.
const pollEvery = 250 * time.Millisecond

// ChangesSince returns up to 1,000 lines after a line, oldest first.
func (d *DB) ChangesSince(ctx context.Context, after int64) ([]Change, error) {
	rows, err := d.Query(ctx, `SELECT id, kind, subject FROM changes WHERE id > $1`+d.settled("AND")+` ORDER BY id LIMIT $2`,
		after, changeLimit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Change
	for rows.Next() {
		var c Change
		if err := rows.Scan(&c.ID, &c.Kind, &c.Subject); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Follow calls each for every change after a line, in order, until ctx ends; it then returns nil. Changes of this
// process arrive within a millisecond or two, others within pollEvery. Errors of the database are waited out.
func (d *DB) Follow(ctx context.Context, after int64, each func(Change)) error {
	if d.dialect == PostgreSQL {
		go d.listenPostgres(ctx)
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		woken := d.wake.wait()
		cs, err := d.ChangesSince(ctx, after)
		for _, c := range cs {
			each(c)
			after = c.ID
		}
		if err == nil && len(cs) == changeLimit {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-woken:
		case <-tick.C:
		}
	}
}

// ForgetChanges deletes the lines older than a time. Followers that fell further behind start anew.
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
