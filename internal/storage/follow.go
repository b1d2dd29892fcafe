package storage

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// pollEvery is how late a change made by another process (a command beside the server, another node whose
// notification was lost) is seen at the most.
const pollEvery = 250 * time.Millisecond

// measureEvery is how often a follower looks how far behind it is.
const measureEvery = time.Second

// FarBehind is how far behind a follower says that it is: on PostgreSQL, lines are handed on when no transaction of
// the server that writes is older than theirs, which takes no longer than transactions do.
const FarBehind = 10 * time.Second

// A Follower hands on what the change log says. Run does the work; Behind may be asked meanwhile.
type Follower struct {
	db      *DB
	after   Position
	each    func([]Change)
	log     *slog.Logger
	reading trouble
	listens trouble
	late    trouble
	behind  atomic.Int64 // nanoseconds
	read    time.Time    // when the log was last read
}

// Follower returns one that calls each with what stands in the change log after a place, in order, up to 1,000 lines
// at once. log is told once when something goes wrong and once when it is right again.
func (d *DB) Follower(after Position, each func([]Change), log *slog.Logger) *Follower {
	return &Follower{db: d, after: after, each: each, log: log}
}

// Run follows until ctx ends. Changes of this process arrive within a millisecond or two, others within a quarter of a
// second. Errors of the database are waited out.
func (f *Follower) Run(ctx context.Context) {
	var listening sync.WaitGroup
	defer listening.Wait()
	if f.db.dialect == PostgreSQL {
		listening.Go(func() { f.listen(ctx) })
	}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	f.read = time.Now()
	for measured := time.Now(); ; {
		woken := f.db.wake.wait()
		full, err := f.step(ctx)
		if ctx.Err() == nil && time.Since(measured) >= measureEvery {
			measured = time.Now()
			f.measure(ctx, err)
		}
		if full {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-tick.C:
		}
	}
}

// step hands on what is new. full says that there may be more.
func (f *Follower) step(ctx context.Context) (full bool, err error) {
	cs, err := f.db.ChangesSince(ctx, f.after)
	if ctx.Err() != nil {
		return false, nil
	}
	f.reading.note(f.log, err, "change log: cannot be read", "change log: is read again")
	if err != nil {
		return false, err
	}
	f.read = time.Now()
	if len(cs) > 0 {
		f.each(cs)
		f.after = cs[len(cs)-1].At
	}
	return len(cs) == changeLimit, nil
}

// Behind returns how old the oldest line is that was not handed on yet or, while the log cannot be read, for how long
// that has been. It is brought up to date every second.
func (f *Follower) Behind() time.Duration { return time.Duration(f.behind.Load()) }

// measure brings Behind up to date. unread is what the last reading met.
func (f *Follower) measure(ctx context.Context, unread error) {
	if unread != nil {
		f.behind.Store(int64(time.Since(f.read)))
		return
	}
	behind, err := f.db.behind(ctx, f.after)
	if err != nil {
		return // the next reading meets it too
	}
	f.behind.Store(int64(behind))
	var late error
	if behind >= FarBehind {
		late = errFarBehind
	}
	f.late.note(f.log, late, "change log: this node is far behind", "change log: this node has caught up")
}

// listen waits on PostgreSQL's LISTEN and wakes the followers of the change log, until ctx ends. It connects anew when
// the connection breaks; the polling in Run carries on meanwhile.
func (f *Follower) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := f.listenOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		f.listens.note(f.log, err, "change log: nobody tells of changes, they are looked for", "")
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// listenOnce listens on a connection of its own: one of the pool would be missing there.
func (f *Follower) listenOnce(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, f.db.config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "LISTEN gatefold"); err != nil {
		return err
	}
	f.listens.note(f.log, nil, "", "change log: changes are told of again")
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
		f.db.wake.signal()
	}
}

// trouble is one thing that can go wrong for long, and is told of when it begins and when it ends.
type trouble struct{ is bool }

func (t *trouble) note(log *slog.Logger, err error, begins, ends string) {
	if t.is == (err != nil) {
		return
	}
	if t.is = err != nil; t.is {
		log.Warn(begins, "error", err)
	} else {
		log.Info(ends)
	}
}
