package mailing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Trouble is tried again at growing distances, until the mail would be of no use; what is refused for good is not.
func TestTrouble(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := &offset{}
		var mu sync.Mutex
		tries := map[string]int{}
		s := &server{answer: func(p mail.Parcel) error {
			mu.Lock()
			defer mu.Unlock()
			tries[p.To]++
			switch {
			case p.To == "r1@example.org":
				return refused("RCPT", 550, "5.1.1", "unknown")
			case p.To == "r2@example.org" && tries[p.To] < 3:
				return refused("RCPT", 450, "4.2.1", "later")
			case p.To == "r3@example.org":
				return errors.New("connection reset")
			case p.To == "r4@example.org", p.To == "r5@example.org" && tries[p.To] < 2:
				return fmt.Errorf("%w: connection reset", mail.ErrUnknown)
			}
			return nil
		}}
		heard := &refusals{}
		m := open(t, db, Options{Now: c.now, Quiet: time.Minute, Refusals: heard})
		letters := newEdition(t)
		letters.change = func(r *Recipient) {
			switch r.Reader {
			case 6:
				r.Skip = "unsubscribed"
			case 7:
				r.Address = "nonsense"
			case 8:
				r.Values = nil
			}
		}
		start(t, m, letters, s)
		id := begin(t, m, 9)
		got := until(t, m, id, func(s Status) bool { return s.Leased+s.Queued == 0 })
		if got.Sent != 1 || got.Deferred != 2 || got.Unknown != 2 || got.Failed != 3 || got.Skipped != 1 || got.State != Running {
			t.Errorf("first round: %+v", got)
		}
		if got.ByReason[string(NoSuchUser)] != 1 || got.ByReason["unsubscribed"] != 1 || got.ByReason[string(Unsendable)] != 2 || got.ByReason[string(NoAnswer)] != 2 {
			t.Errorf("reasons: %v", got.ByReason)
		}
		if wait := rowOf(t, m, id, 2).due.Sub(c.now()); wait > 72*time.Second || wait < 40*time.Second {
			t.Errorf("tried again after %s, want a minute", wait)
		}
		for _, ahead := range []time.Duration{3 * time.Minute, 12 * time.Minute, 40 * time.Minute, 90 * time.Minute} {
			c.by.Store(int64(ahead))
			m.Wake()
			until(t, m, id, func(s Status) bool { return s.Next.IsZero() || s.Next.After(c.now()) && s.Leased == 0 })
		}
		if got = until(t, m, id, Status.Done); got.Sent != 3 || got.Failed != 4 || got.Unknown != 1 || got.ByReason[string(Expired)] != 1 {
			t.Errorf("at the end: %+v", got)
		}
		mu.Lock()
		defer mu.Unlock()
		if tries["r1@example.org"] != 1 || tries["r2@example.org"] != 3 || tries["r4@example.org"] != 2 || tries["r5@example.org"] != 2 {
			t.Errorf("tries: %v", tries)
		}
		if heard.of(1) != NoSuchUser || heard.of(2) != "" {
			t.Errorf("heard: %+v", heard.all)
		}
	})
}

// refusals hears.
type refusals struct {
	mu  sync.Mutex
	all []Refusal
}

func (r *refusals) Refused(_ context.Context, one Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, one)
}

func (r *refusals) of(reader int64) Kind {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.all {
		if one.Reader == reader {
			return one.Kind
		}
	}
	return ""
}

func TestBackoff(t *testing.T) {
	for tries, want := range map[int64]time.Duration{0: time.Minute, 1: time.Minute, 2: 5 * time.Minute, 3: 15 * time.Minute, 4: time.Hour, 99: time.Hour} {
		different := map[time.Duration]bool{}
		for range 50 {
			got := backoff(tries)
			if got < want*4/5 || got > want*6/5 {
				t.Errorf("after %d tries %s, want about %s", tries, got, want)
			}
			different[got] = true
		}
		if len(different) < 2 {
			t.Errorf("after %d tries all come back at one moment", tries)
		}
	}
}

// newRun is a run whose parts a test drives by hand.
func newRun(t testing.TB, m *Mailings) *run {
	t.Helper()
	return &run{Mailings: m, stopping: t.Context(), ctx: t.Context(), lanes: newLanes(m.now, 0, nil), active: map[int64]*active{},
		held: map[*batch]bool{}, hungry: make(chan struct{}, 1)}
}

// What eight connections meet at one moment is one outage: the next look comes a second later, then two, then four, up
// to a minute, and the first mail that gets through ends it and what Status says of it.
func TestOutageCountsOnce(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	c := newClock()
	m := open(t, db, Options{Now: c.now})
	id, err := m.Start(t.Context(), Mailing{Edition: 1, UselessAfter: c.now().Add(time.Hour)}, readersTo(1))
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(t, m)
	if err := r.look(); err != nil {
		t.Fatal(err)
	}
	j := &job{batch: &batch{mailing: id}, row: row{state: RowDeferred}}
	down := fmt.Errorf("mail server mx: %w", mail.ErrNoServer)
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		for range 8 {
			o, _ := r.judge(j, down)
			if o.state != RowDeferred || o.tries != 0 || o.due.Before(c.now().Add(want)) || o.due.After(c.now().Add(want+time.Second)) {
				t.Fatalf("after %s: %+v", want, o)
			}
		}
		if held := r.lanes.all.next.Sub(c.now()); held != want {
			t.Errorf("held back for %s, want %s", held, want)
		}
		c.advance(want)
	}
	if s, err := m.Status(t.Context(), id); err != nil || s.Trouble == "" {
		t.Errorf("%+v, %v", s, err)
	}
	r.judge(j, nil)
	if s, err := m.Status(t.Context(), id); err != nil || s.Trouble != "" || r.outage.Load() != 0 {
		t.Errorf("the server is back, and the status says %q, %v", s.Trouble, err)
	}
}

// wall is a server that takes a whole mail and does not answer until it is given up.
type wall struct{ reached chan bool }

func (w *wall) Deliver(ctx context.Context, p mail.Parcel) error {
	if err := p.Before(ctx); err != nil {
		return err
	}
	w.reached <- true
	<-ctx.Done()
	return fmt.Errorf("%w: %w", mail.ErrUnknown, ctx.Err())
}

// What a stop breaks off after the last byte is in the ledger as unknown, and what it did not come to is free at once.
func TestStopRecordsWhatItBrokeOff(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const places = 3
		m := open(t, db, Options{Places: places, Drain: 30 * time.Millisecond, Lease: time.Hour})
		w := &wall{reached: make(chan bool, places)}
		stop := start(t, m, newEdition(t), w)
		id := begin(t, m, 20)
		for range places {
			<-w.reached
		}
		stop()
		s, err := m.Status(t.Context(), id)
		if err != nil || s.Unknown != places || s.Queued != 20-places || s.Leased != 0 {
			t.Errorf("%+v, %v", s, err)
		}
		next := &server{}
		start(t, m, newEdition(t), next)
		until(t, m, id, func(s Status) bool { return s.Sent == 20-places })
	})
}

// An unknown row that was tried twice is done with: renewing the batch it was in does not make it due a third time. A
// row that was put off anew in the meantime keeps its time.
func TestRenewalLeavesAloneWhatIsDoneWith(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		m, ctx := open(t, db, Options{Now: c.now}), t.Context()
		id, b := putOffAll(t, m, c, 3)
		second := &note{batch: b, rows: b.rows[:2], outcomes: []outcome{
			{state: RowUnknown, kind: string(NoAnswer), reason: "reset", tries: 1},
			{state: RowDeferred, kind: string(Busy), reason: "later", tries: 1, due: c.now().Add(5 * time.Minute)}}}
		if err := m.db.Write(ctx, func(tx *storage.DB) error { return m.record(ctx, tx, []*note{second}, nil) }); err != nil {
			t.Fatal(err)
		}
		c.advance(time.Minute)
		if err := m.renew(ctx, b); err != nil {
			t.Fatal(err)
		}
		if row := rowOf(t, m, id, b.rows[0].reader); row.state != RowUnknown || !row.due.IsZero() {
			t.Errorf("the row that is done with: %+v", row)
		}
		if row := rowOf(t, m, id, b.rows[1].reader); !row.due.Equal(storage.Time(storage.Micros(c.now().Add(4 * time.Minute)))) {
			t.Errorf("the row that was put off: %+v", row)
		}
		if row := rowOf(t, m, id, b.rows[2].reader); !row.due.Equal(storage.Time(storage.Micros(c.now().Add(m.options.Lease)))) {
			t.Errorf("the row in hand: %+v", row)
		}
	})
}

// A renewal that comes when the lease is over is not believed: another node may have the rows.
func TestRenewalThatComesTooLate(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		m, ctx := open(t, db, Options{Now: c.now}), t.Context()
		id, b := putOffAll(t, m, c, 3)
		if !b.holds(c.now()) {
			t.Fatal("a fresh lease does not hold")
		}
		c.advance(m.options.Lease)
		if err := m.renew(ctx, b); err != nil || b.holds(c.now()) {
			t.Errorf("rows that were put off: held %v, %v", b.holds(c.now()), err)
		}
		c.advance(m.options.Lease)
		fresh, err := m.Start(ctx, Mailing{Edition: 8, UselessAfter: c.now().Add(time.Hour)}, readersTo(5))
		if err != nil {
			t.Fatal(err)
		}
		mine, err := m.lease(ctx, fresh, 10)
		if err != nil || len(mine.rows) != 5 {
			t.Fatalf("%+v, %v", mine, err)
		}
		c.advance(m.options.Lease)
		theirs, err := m.lease(ctx, fresh, 10)
		if err != nil || len(theirs.rows) != 5 {
			t.Fatalf("a lease that ended is not taken over: %+v, %v", theirs, err)
		}
		if err := m.renew(ctx, mine); err != nil || mine.holds(c.now()) || !theirs.holds(c.now()) {
			t.Errorf("a range: mine %v, theirs %v, %v", mine.holds(c.now()), theirs.holds(c.now()), err)
		}
		if again, err := m.lease(ctx, id, 10); err != nil || len(again.rows) != 3 {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// putOffAll starts a mailing whose n rows were put off and are due, and leases them.
func putOffAll(t testing.TB, m *Mailings, c *clock, n int64) (int64, *batch) {
	t.Helper()
	ctx := context.Background()
	id, err := m.Start(ctx, Mailing{Edition: 5, UselessAfter: c.now().Add(24 * time.Hour)}, readersTo(n))
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.lease(ctx, id, 10)
	if err != nil || int64(len(b.rows)) != n {
		t.Fatalf("%+v, %v", b, err)
	}
	b.left.Store(0)
	o := outcome{state: RowUnknown, kind: string(NoAnswer), reason: "reset", tries: 1, due: c.now().Add(time.Second)}
	all := &note{batch: b, rows: b.rows, outcomes: []outcome{o}}
	if err := m.db.Write(ctx, func(tx *storage.DB) error { return m.record(ctx, tx, []*note{all}, []*batch{b}) }); err != nil {
		t.Fatal(err)
	}
	c.advance(2 * time.Second)
	if b, err = m.lease(ctx, id, 10); err != nil || int64(len(b.rows)) != n || b.lease != 0 {
		t.Fatalf("%+v, %v", b, err)
	}
	return id, b
}

// A database that does not answer holds back what is recorded, and nothing is given up.
func TestRecorderWaitsForTheDatabase(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	m, ctx := open(t, db, Options{}), t.Context()
	id := begin(t, m, 1)
	b, err := m.lease(ctx, id, 1)
	if err != nil {
		t.Fatal(err)
	}
	rename := func(from, to string) {
		t.Helper()
		err := db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, "ALTER TABLE "+from+" RENAME TO "+to)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rename("deliveries", "away")
	recorded := make(chan int, 1)
	r := &recorder{mailings: m, notes: make(chan *note, 1), enough: 1, recorded: func(_ *batch, rows int) { recorded <- rows }}
	var done sync.WaitGroup
	done.Go(func() { r.run(ctx) })
	one := &note{batch: b, rows: b.rows, outcomes: []outcome{{state: RowSent, tries: 1}}, done: make(chan struct{})}
	r.notes <- one
	time.Sleep(30 * time.Millisecond)
	select {
	case <-one.done:
		t.Error("it is said to be durable")
	default:
	}
	rename("away", "deliveries")
	<-one.done
	close(r.notes)
	done.Wait()
	if row := rowOf(t, m, id, 1); row.state != RowSent || <-recorded != 1 {
		t.Errorf("%+v", row)
	}
}
