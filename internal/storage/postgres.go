package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
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
	pool := sql.OpenDB(connector{stdlib.GetConnector(*cfg)})
	pool.SetMaxOpenConns(o.ReadConnections)
	pool.SetMaxIdleConns(o.ReadConnections)
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach PostgreSQL at %s:%d: %w", cfg.Host, cfg.Port, outage(err)), pool.Close())
	}
	d := &DB{dialect: PostgreSQL, q: pool, pool: pool, config: cfg, wake: newBroadcast()}
	d.closers = []func() error{pool.Close}
	return d, nil
}

// connector opens the connections of the pool.
type connector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return connection{conn.(*stdlib.Conn)}, nil
}

// connection is one that tells when it is closed. pgx closes a connection whose request was given up, and its adapter
// leaves that to be found out by whoever the pool hands the connection to: with all of them in use, somebody else's
// request fails for it.
type connection struct{ *stdlib.Conn }

// IsValid implements driver.Validator.
func (c connection) IsValid() bool { return !c.Conn.Conn().IsClosed() }

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

// collided reports whether the transaction is to be run again: after serialization_failure and deadlock_detected, and
// after unique_violation, as what it took to be free was taken by another meanwhile (PostgreSQL, 13.5 and appendix A).
func collided(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "23505")
}
