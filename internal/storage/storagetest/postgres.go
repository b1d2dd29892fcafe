package storagetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
)

// PostgresEnv names the variable that holds the URL of a PostgreSQL whose databases the tests may make and drop.
const PostgresEnv = "GATEFOLD_TEST_POSTGRES"

// Postgres returns the URL of a fresh, empty database that is dropped after the test.
func Postgres(t testing.TB) string {
	t.Helper()
	c := connect(t)
	name, err := c.create()
	if err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.drop(name); err != nil {
			t.Errorf("drop a test database: %v", err)
		}
	})
	return c.url(name)
}

// openMigrated opens a database that is migrated and empty. To make one takes most of a second, so that a process wipes
// and uses again what its tests are through with; what it leaves behind the next process drops.
func openMigrated(t testing.TB) *storage.DB {
	t.Helper()
	c := connect(t)
	name, err := c.take()
	if err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.giveBack(name); err != nil {
			t.Errorf("wipe a test database: %v", err)
		}
	})
	return Open(t, c.url(name))
}

// cluster is the PostgreSQL of the tests. Each database of a process that lives is locked under its name.
type cluster struct {
	base *url.URL
	conn *sql.Conn // holds the locks

	mu   sync.Mutex
	free []string // migrated and empty
}

// theCluster is the one of this process.
var theCluster = sync.OnceValues(func() (*cluster, error) {
	base, err := url.Parse(os.Getenv(PostgresEnv))
	if err != nil {
		return nil, fmt.Errorf("%s is not a URL", PostgresEnv)
	}
	pool, err := sql.Open("pgx", base.String())
	if err != nil {
		return nil, err
	}
	conn, err := pool.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	c := &cluster{base: base, conn: conn}
	return c, c.dropLeft()
})

// connect returns the cluster, or ends the test with a clear line.
func connect(t testing.TB) *cluster {
	t.Helper()
	if os.Getenv(PostgresEnv) == "" {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is not set: in CI the tests run on PostgreSQL too", PostgresEnv)
		}
		t.Skipf("the PostgreSQL half is skipped: set %s=postgres://… to run it", PostgresEnv)
	}
	c, err := theCluster()
	if err != nil {
		t.Fatalf("PostgreSQL of the tests: %v", err)
	}
	return c
}

const prefix = "gatefold_test_"

func (c *cluster) url(name string) string {
	u := *c.base
	u.Path = "/" + name
	return u.String()
}

func (c *cluster) exec(statement string, args ...any) error {
	_, err := c.conn.ExecContext(context.Background(), statement, args...)
	return err
}

// dropLeft drops what processes that ended have left.
func (c *cluster) dropLeft() error {
	rows, err := c.conn.QueryContext(context.Background(), `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
	if err != nil {
		return err
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return errors.Join(err, rows.Close())
		}
		names = append(names, name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, name := range names {
		var left bool
		err := c.conn.QueryRowContext(context.Background(), `SELECT pg_try_advisory_lock(hashtext($1))`, name).Scan(&left)
		if err == nil && left {
			err = c.drop(name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// create makes an empty database, locked.
func (c *cluster) create() (name string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name = prefix + random()
	if err := c.exec(`SELECT pg_advisory_lock(hashtext($1))`, name); err != nil {
		return "", err
	}
	return name, c.exec("CREATE DATABASE " + name)
}

func (c *cluster) drop(name string) error {
	return errors.Join(c.exec("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"), c.exec(`SELECT pg_advisory_unlock(hashtext($1))`, name))
}

// take returns a database that is migrated and empty.
func (c *cluster) take() (string, error) {
	c.mu.Lock()
	if n := len(c.free); n > 0 {
		name := c.free[n-1]
		c.free = c.free[:n-1]
		c.mu.Unlock()
		return name, nil
	}
	c.mu.Unlock()
	return c.create() // Open migrates it
}

// giveBack wipes a database for the next test.
func (c *cluster) giveBack(name string) error {
	if err := c.wipe(name); err != nil {
		return errors.Join(err, c.drop(name))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, name)
	return nil
}

// wipe ends what is still connected, and deletes every row but those of the schema's version. To truncate would make new
// files for every table, which takes as long as a new database.
func (c *cluster) wipe(name string) error {
	ctx := context.Background()
	if err := c.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
		return err
	}
	db, err := sql.Open("pgx", c.url(name))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	var tables, sequences string
	err = db.QueryRowContext(ctx, `SELECT string_agg(quote_ident(tablename), ' '), (SELECT string_agg(quote_ident(sequencename), ' ')
		FROM pg_sequences WHERE schemaname = 'public') FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables, &sequences)
	if err != nil {
		return err
	}
	var wipe []string
	for table := range strings.FieldsSeq(tables) {
		if table != "goose_db_version" {
			wipe = append(wipe, "DELETE FROM "+table)
		}
	}
	for sequence := range strings.FieldsSeq(sequences) {
		if !strings.HasPrefix(sequence, "goose_") {
			wipe = append(wipe, "SELECT setval('"+sequence+"', 1, false)")
		}
	}
	_, err = db.ExecContext(ctx, strings.Join(wipe, ";"))
	return err
}
