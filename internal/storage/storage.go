package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gatefold/gatefold/internal/fault"
)

// A Dialect is one of the two databases.
type Dialect int

// The dialects.
const (
	SQLite Dialect = iota
	PostgreSQL
)

func (d Dialect) String() string {
	if d == PostgreSQL {
		return "PostgreSQL"
	}
	return "SQLite"
}

// DB is the database or, inside Write and Read, one transaction on it. Helpers that take a *DB work in both places.
// A DB is safe for concurrent use; a transaction is not.
type DB struct {
	dialect Dialect
	q       querier // where statements run: a pool or a transaction
	inRead  bool
	changed *bool // set inside Write: whether the transaction wrote to the change log

	pool    *sql.DB                 // what follows is the handle's own, not a transaction's
	writer  *writer                 // SQLite only
	second  func() (*sql.DB, error) // SQLite only: a pool for migrations
	lock    func() (*sql.DB, error) // SQLite only: a pool whose transactions one process at a time is in
	config  *pgx.ConnConfig         // PostgreSQL only: of the connection that listens
	wake    *broadcast              // tells Follow that this process wrote to the change log
	closers []func() error          // in order
}

// Options of Open. The zero value is right for everyone.
type Options struct {
	ReadConnections int           // size of the read pool; 0 means 4 (SQLite) or 16 (PostgreSQL)
	BusyTimeout     time.Duration // how long SQLite waits for a file that another process locked; 0 means 10 s
}

// Open opens the database that url names: a postgres:// URL, or the path of a SQLite file, which is made when it is
// missing. It does not migrate: see Migrate.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return openPostgres(ctx, url, o)
	}
	if strings.Contains(url, "://") {
		return nil, fault.Field("database.url", "expected a postgres:// URL or nothing")
	}
	return openSQLite(ctx, url, o)
}

// Dialect tells which database this is, for the few places that must know.
func (d *DB) Dialect() Dialect { return d.dialect }

// Shared reports whether other nodes may write to this database: then what this one remembers of it may be stale.
func (d *DB) Shared() bool { return d.dialect == PostgreSQL }

// Close ends the writer after the writes under way, then closes the connections.
func (d *DB) Close() error {
	var errs []error
	for _, c := range d.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	var one int
	return d.QueryRow(ctx, `SELECT 1`).Scan(&one)
}

// Query runs a SELECT. The caller closes the rows.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := d.q.QueryContext(d.context(ctx), query, args...)
	return rows, outage(err)
}

// QueryRow runs a SELECT, or an INSERT … RETURNING inside Write, that gives at most one row. Its Scan returns
// sql.ErrNoRows when there is none.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := d.q.QueryContext(d.context(ctx), query, args...)
	return &Row{rows, outage(err)}
}

// A Row is the one row of QueryRow.
type Row struct {
	rows *sql.Rows
	err  error
}

// Scan copies the columns of the row.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer func() { _ = r.rows.Close() }()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return outage(err)
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// Exec runs an INSERT, UPDATE or DELETE and returns the number of rows it touched. It works only inside Write.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if !d.inWrite() {
		return 0, errors.New("storage: Exec outside of Write")
	}
	res, err := d.q.ExecContext(d.context(ctx), query, args...)
	if err != nil {
		return 0, outage(err)
	}
	return res.RowsAffected()
}

// Write runs f in a transaction and returns after it is durable. When f returns an error, or panics, nothing of it
// stays. f does nothing but SQL on tx: others wait behind it, and on PostgreSQL it is run again when two writes
// collide. Inside a transaction, Write joins it. Unavailable while the database is away.
func (d *DB) Write(ctx context.Context, f func(tx *DB) error) error {
	switch {
	case d.inWrite():
		return f(d)
	case d.inRead:
		return errors.New("storage: Write inside of Read")
	case d.dialect == PostgreSQL:
		return outage(d.writePostgres(ctx, f))
	}
	return outage(d.writer.do(ctx, f))
}

// Read runs f on one snapshot of the database.
func (d *DB) Read(ctx context.Context, f func(tx *DB) error) error {
	if d.inRead || d.inWrite() {
		return f(d)
	}
	tx, err := d.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.snapshot()})
	if err != nil {
		return outage(err)
	}
	defer func() { _ = tx.Rollback() }()
	return f(&DB{dialect: d.dialect, q: tx, inRead: true})
}

func (d *DB) snapshot() sql.IsolationLevel {
	if d.dialect == PostgreSQL {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

func (d *DB) inWrite() bool { return d.changed != nil }

// context keeps a cancelled request from interrupting a statement of a shared batch: SQLite answers an interrupt
// inside a transaction by rolling the whole of it back, everybody's writes with it.
func (d *DB) context(ctx context.Context) context.Context {
	if d.dialect == SQLite && d.inWrite() {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

// querier is what a pool, a transaction and a cache of statements have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// statements keeps each SQL text prepared: they are few and constant, written beside their functions. It serves
// SQLite; pgx keeps prepared statements by connection itself.
type statements struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	mu      sync.RWMutex
	byText  map[string]*sql.Stmt
}

// statementLimit bounds the cache, for texts that are put together at run time.
const statementLimit = 1000

func newStatements(prepare func(context.Context, string) (*sql.Stmt, error)) *statements {
	return &statements{prepare: prepare, byText: map[string]*sql.Stmt{}}
}

// QueryContext implements querier.
func (s *statements) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := s.get(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// ExecContext implements querier.
func (s *statements) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := s.get(ctx, query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// get prepares outside of its lock: preparing may wait for a connection, and who holds one may want a statement.
func (s *statements) get(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.RLock()
	st, full := s.byText[query], len(s.byText) >= statementLimit
	s.mu.RUnlock()
	if st != nil {
		return st, nil
	}
	if full {
		return nil, fmt.Errorf("storage: more than %d different statements: one is put together from input", statementLimit)
	}
	st, err := s.prepare(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", query, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.byText[query]; first != nil {
		return first, st.Close()
	}
	s.byText[query] = st
	return st, nil
}

// close ends the statements: SQLite folds its log into the database when the last connection closes, and a connection
// with statements on it does not.
func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.byText {
		errs = append(errs, st.Close())
	}
	clear(s.byText)
	return errors.Join(errs...)
}

// Micros gives a time as it is stored: microseconds since 1970 in UTC. The zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time gives a stored time back, in UTC. 0 is the zero time.
func Time(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// NotFound turns sql.ErrNoRows into a fault of that kind with a text; other errors pass.
func NotFound(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.New(fault.NotFound, format, args...)
	}
	return err
}
