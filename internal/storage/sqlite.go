package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the pure Go driver "sqlite"
)

// batchLimit is how many waiting writes one transaction takes. Measured: more gain nothing once a commit costs less
// than the statements in it.
const batchLimit = 200

// openSQLite opens a read pool and one writing connection. The pragmas stand in the DSN so that every connection of
// a pool gets them.
func openSQLite(ctx context.Context, path string, o Options) (*DB, error) {
	if o.ReadConnections == 0 {
		o.ReadConnections = 4
	}
	if o.BusyTimeout == 0 {
		o.BusyTimeout = 10 * time.Second
	}
	busy := strconv.FormatInt(o.BusyTimeout.Milliseconds(), 10)
	dsn := func(extra string) string {
		return "file:" + (&url.URL{Path: path}).EscapedPath() + "?_pragma=busy_timeout(" + busy + ")&_pragma=journal_mode(WAL)" +
			"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)" + extra
	}
	write, err := sql.Open("sqlite", dsn("&_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	w, err := startWriter(ctx, write)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read, err := sql.Open("sqlite", dsn("&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, w.close(), write.Close())
	}
	read.SetMaxOpenConns(o.ReadConnections)
	read.SetMaxIdleConns(o.ReadConnections)
	prepared := newStatements(read.PrepareContext)
	d := &DB{dialect: SQLite, q: prepared, pool: read, writer: w, wake: newBroadcast()}
	w.wake = d.wake
	d.second = func() (*sql.DB, error) { return sql.Open("sqlite", dsn("")) }
	d.lock = func() (*sql.DB, error) { return sql.Open("sqlite", lockDSN(path)) }
	d.closers = []func() error{w.close, prepared.close, read.Close, write.Close}
	return d, nil
}

// migrationTime is how long a process waits for another that migrates.
const migrationTime = 5 * time.Minute

// lockDSN names an empty database beside the file. A transaction on it is a lock that ends with its process, and hinders
// nobody who reads or writes the file itself.
func lockDSN(path string) string {
	return "file:" + (&url.URL{Path: path + "-migrate"}).EscapedPath() +
		"?_txlock=exclusive&_pragma=busy_timeout(" + strconv.FormatInt(migrationTime.Milliseconds(), 10) + ")"
}

// writer is the one goroutine that writes.
type writer struct {
	wake  *broadcast
	conn  *sql.Conn
	stmts *statements
	queue chan *pending
	done  chan struct{}
	mu    sync.RWMutex // held for reading while queueing, for writing while closing
	shut  bool
}

// pending is one write that waits for its commit.
type pending struct {
	ctx     context.Context
	f       func(*DB) error
	taken   atomic.Bool // by the writer, or back by who gave up before its turn
	err     error
	panic   any
	changed bool
	done    chan struct{}
}

var errClosed = errors.New("storage: database is closed")

func startWriter(ctx context.Context, pool *sql.DB) (*writer, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{conn: conn, stmts: newStatements(conn.PrepareContext), queue: make(chan *pending, batchLimit),
		done: make(chan struct{})}
	go w.run()
	return w, nil
}

// do queues one write and waits for its commit. A context that ends before the write's turn takes it out at once; after
// that the answer is the database's, not the context's.
func (w *writer) do(ctx context.Context, f func(*DB) error) error {
	p := &pending{ctx: ctx, f: f, done: make(chan struct{})}
	if err := w.enqueue(p); err != nil {
		return err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		if p.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-p.done
	}
	if p.panic != nil {
		panic(p.panic)
	}
	return p.err
}

func (w *writer) enqueue(p *pending) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.shut {
		return errClosed
	}
	select {
	case w.queue <- p:
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

func (w *writer) close() error {
	w.mu.Lock()
	if !w.shut {
		w.shut = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.done
	return errors.Join(w.stmts.close(), w.conn.Close())
}

func (w *writer) run() {
	defer close(w.done)
	waiting := make([]*pending, 0, batchLimit)
	for p := range w.queue {
		waiting = append(waiting[:0], p)
	fill:
		for len(waiting) < batchLimit {
			select {
			case p, ok := <-w.queue:
				if !ok {
					break fill
				}
				waiting = append(waiting, p)
			default:
				break fill
			}
		}
		w.commit(waiting)
		changed := false
		for _, p := range waiting {
			changed = changed || p.changed && p.err == nil
			close(p.done)
		}
		if changed {
			w.wake.signal()
		}
	}
}

// commit runs the waiting writes in one transaction. When the transaction itself fails, so do all of them.
func (w *writer) commit(waiting []*pending) {
	fail := func(err error) {
		for _, p := range waiting {
			if p.err == nil && p.panic == nil {
				p.err = err
			}
		}
	}
	if err := w.exec("BEGIN IMMEDIATE"); err != nil {
		fail(fmt.Errorf("begin: %w", err))
		return
	}
	for i, p := range waiting {
		if err := w.one(p); err != nil {
			// The savepoint could not be undone: nothing of this batch may stay.
			_ = w.exec("ROLLBACK")
			p.err = errors.Join(p.err, err)
			fail(fmt.Errorf("write %d of a batch broke it: %w", i+1, err))
			return
		}
	}
	if err := w.exec("COMMIT"); err != nil {
		_ = w.exec("ROLLBACK")
		fail(fmt.Errorf("commit: %w", err))
	}
}

// one runs a write in its savepoint. The error it returns is the savepoint's; the write's own goes into p.
func (w *writer) one(p *pending) error {
	if !p.taken.CompareAndSwap(false, true) {
		return nil // nobody waits for it any more
	}
	if p.err = p.ctx.Err(); p.err != nil {
		return nil
	}
	if err := w.exec("SAVEPOINT one"); err != nil {
		return err
	}
	tx := &DB{dialect: SQLite, q: w.stmts, changed: &p.changed}
	func() {
		defer func() { p.panic = recover() }()
		p.err = p.f(tx)
	}()
	if p.err != nil || p.panic != nil {
		if err := w.exec("ROLLBACK TO one"); err != nil {
			return err
		}
	}
	return w.exec("RELEASE one")
}

func (w *writer) exec(query string) error {
	_, err := w.stmts.ExecContext(context.Background(), query)
	return err
}
