package storage

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

func openPostgres(ctx context.Context, url string, o Options) (*DB, error) {
	if o.ReadConnections == 0 {
		o.ReadConnections = 16
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("database.url: not a valid postgres:// URL") // the cause may quote the password
	}
	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(o.ReadConnections)
	pool.SetMaxIdleConns(o.ReadConnections)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach PostgreSQL at %s:%d: %w", cfg.Host, cfg.Port, err), pool.Close())
	}
	d := &DB{dialect: PostgreSQL, q: pool, pool: pool, wake: newBroadcast()}
	d.closers = []func() error{pool.Close}
	return d, nil
}

// writeTries bounds how often a write that collided with another is run again.
const writeTries = 10

func (d *DB) writePostgres(ctx context.Context, f func(*DB) error) error {
	for try := 1; ; try++ {
		changed, err := d.writeOnce(ctx, f)
		if err == nil {
			if changed {
				d.wake.signal()
			}
			return nil
		}
		if !collided(err) || try == writeTries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(rand.IntN(5*try)+1) * time.Millisecond):
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, f func(*DB) error) (changed bool, err error) {
	tx, err := d.pool.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := f(&DB{dialect: PostgreSQL, q: tx, changed: &changed}); err != nil {
		return false, err
	}
	return changed, tx.Commit()
}

// collided reports whether PostgreSQL asks for the transaction to be run again: serialization_failure and
// deadlock_detected (PostgreSQL, appendix A).
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// listenPostgres waits on LISTEN and wakes the followers of the change log, until ctx ends. It connects anew when the
// connection breaks; the polling in Follow carries on meanwhile.
func (d *DB) listenPostgres(ctx context.Context) {
	for ctx.Err() == nil {
		_ = d.listenOnce(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (d *DB) listenOnce(ctx context.Context) error {
	conn, err := d.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(raw any) error {
		c := raw.(*stdlib.Conn).Conn()
		if _, err := c.Exec(ctx, "LISTEN gatefold"); err != nil {
			return err
		}
		for {
			if _, err := c.WaitForNotification(ctx); err != nil {
				_ = c.Close(context.WithoutCancel(ctx)) // a connection that listened is not given back
				return err
			}
			d.wake.signal()
		}
	})
}
