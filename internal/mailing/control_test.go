package mailing

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// stalled is a server that takes mails one at a time, when it is let.
type stalled struct {
	server
	let     chan bool
	waiting atomic.Int64
}

func (s *stalled) Deliver(ctx context.Context, p mail.Parcel) error {
	s.waiting.Add(1)
	select {
	case <-s.let:
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.server.Deliver(ctx, p)
}

// A paused mailing sends what is under way and no more, goes on where it was, and a canceled one never does.
func TestPauseResumeCancel(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const n, places = 50, 4
		m, ctx := open(t, db, Options{Places: places}), t.Context()
		s := &stalled{let: make(chan bool)}
		start(t, m, newEdition(t), s)
		id := begin(t, m, n)
		s.let <- true
		if err := m.Pause(ctx, id); err != nil {
			t.Fatal(err)
		}
		if err := m.Pause(ctx, id); !fault.Is(err, fault.Conflict) {
			t.Errorf("paused twice: %v", err)
		}
		var paused Status
		for asked := int64(0); ; {
			if asked < s.waiting.Load() { // one more is under way; what comes after the pause is seen is dropped
				select {
				case s.let <- true:
					asked++
				case <-time.After(50 * time.Millisecond):
				}
			}
			time.Sleep(50 * time.Millisecond)
			if paused = until(t, m, id, func(Status) bool { return true }); paused.Leased == 0 {
				break
			}
		}
		close(s.let)
		if paused.Sent > n/2 || paused.State != Paused || paused.Queued != n-paused.Sent {
			t.Errorf("paused: %+v", paused)
		}
		time.Sleep(3 * m.options.Poll)
		if again := until(t, m, id, func(Status) bool { return true }); again.Sent != paused.Sent {
			t.Errorf("%d more were sent after the pause", again.Sent-paused.Sent)
		}
		if err := m.Resume(ctx, id); err != nil {
			t.Fatal(err)
		}
		if s := until(t, m, id, Status.Done); s.State != Finished || s.Sent != n {
			t.Errorf("resumed: %+v", s)
		}
		for name, change := range map[string]func(context.Context, int64) error{"pause": m.Pause, "resume": m.Resume, "cancel": m.Cancel} {
			if err := change(ctx, id); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s of a finished mailing: %v", name, err)
			}
			if err := change(ctx, id+9); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of no mailing: %v", name, err)
			}
		}
		for to, mails := range s.took {
			if mails != 1 {
				t.Errorf("%s had %d mails", to, mails)
			}
		}
	})
}

func TestCancel(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	m, ctx := open(t, db, Options{}), t.Context()
	id := begin(t, m, 10)
	if err := m.Cancel(ctx, id); err != nil {
		t.Fatal(err)
	}
	s := &server{}
	start(t, m, newEdition(t), s)
	time.Sleep(5 * m.options.Poll)
	if got := until(t, m, id, Status.Done); got.State != Canceled || got.Queued != 10 || len(s.took) > 0 {
		t.Errorf("%+v, %d mails", got, len(s.took))
	}
	if _, err := m.Start(ctx, Mailing{Edition: 7, UselessAfter: time.Now().Add(time.Hour)}, readersTo(1)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a canceled edition starts again: %v", err)
	}
	if _, err := m.Add(ctx, id, time.Time{}, readersTo(20)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a canceled mailing has more readers: %v", err)
	}
}

// Those who joined since have the edition, those who had it do not again, and it is of use as long as was said.
func TestAdd(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		m, s, ctx := open(t, db, Options{}), &server{}, t.Context()
		start(t, m, newEdition(t), s)
		id := begin(t, m, 100)
		until(t, m, id, Status.Done)
		later := time.Now().Add(48 * time.Hour).Truncate(time.Microsecond)
		if n, err := m.Add(ctx, id, later, readersTo(130)); err != nil || n != 30 {
			t.Fatalf("%d added, %v; want 30", n, err)
		}
		got := until(t, m, id, Status.Done)
		if got.Sent != 130 || got.Total != 130 || !got.UselessAfter.Equal(later) {
			t.Errorf("%+v", got)
		}
		if n, err := m.Add(ctx, id, time.Time{}, readersTo(130)); err != nil || n != 0 {
			t.Errorf("%d added, %v; want none", n, err)
		}
		if len(s.took) != 130 || s.took["r1@example.org"] != 1 {
			t.Errorf("%d readers had mail, the first %d", len(s.took), s.took["r1@example.org"])
		}
	})
}

// Start goes on where it was broken off, and does nothing the second time.
func TestStartAgain(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		m, ctx := open(t, db, Options{}), t.Context()
		mailing := Mailing{Edition: 3, Newsletter: "daily", UselessAfter: time.Now().Add(time.Hour)}
		broken := errors.New("broken off")
		asked := 0
		_, err := m.Start(ctx, mailing, func(ctx context.Context, after int64, most int) ([]int64, error) {
			if asked++; asked > 1 {
				return nil, broken
			}
			return readersTo(7000)(ctx, after, most)
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		if id, err := m.OfEdition(ctx, 3); err != nil {
			t.Error(err)
		} else if state, err := m.State(ctx, id); err != nil || state != Filling {
			t.Errorf("%s, %v", state, err)
		}
		var from int64 = -1
		id, err := m.Start(ctx, mailing, func(ctx context.Context, after int64, most int) ([]int64, error) {
			if from < 0 {
				from = after
			}
			return readersTo(7000)(ctx, after, most)
		})
		if err != nil || from != fillPage {
			t.Errorf("it went on after reader %d, %v; want %d", from, err, fillPage)
		}
		again, err := m.Start(ctx, mailing, readersTo(9000))
		if s, later := m.Status(ctx, id); err != nil || later != nil || again != id || s.Total != 7000 || s.Queued != 7000 {
			t.Errorf("%+v, %v", s, err)
		}
		for name, next := range map[string]Next{
			"downward": func(_ context.Context, after int64, _ int) ([]int64, error) {
				return []int64{after + 2, after + 1}, nil
			},
			"twice": func(_ context.Context, after int64, _ int) ([]int64, error) {
				return []int64{after + 1, after + 1}, nil
			},
		} {
			mailing.Edition++
			if _, err := m.Start(ctx, mailing, next); !errors.Is(err, errOrder) {
				t.Errorf("readers %s: %v", name, err)
			}
		}
		if _, err := m.Start(ctx, Mailing{Edition: 99, UselessAfter: time.Now()}, readersTo(1)); err == nil {
			t.Error("a mailing of no use starts")
		}
	})
}

// A domain that is held back waits in the ledger; no try is counted, and its mails go when it is let go.
func TestPauseDomain(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := &offset{}
		m, s, ctx := open(t, db, Options{Now: c.now}), &server{}, t.Context()
		letters := newEdition(t)
		letters.change = func(r *Recipient) {
			if r.Reader%2 == 0 {
				r.Address = "r" + r.Address[1:len(r.Address)-len("example.org")] + "held.example"
			}
		}
		if err := m.PauseDomain(ctx, "Held.example", m.now().Add(time.Minute), "policy"); err != nil {
			t.Fatal(err)
		}
		if list, err := m.PausedDomains(ctx); err != nil || len(list) != 1 || list[0].Domain != "held.example" || list[0].Reason != "policy" {
			t.Errorf("%+v, %v", list, err)
		}
		start(t, m, letters, s)
		id := begin(t, m, 40)
		got := until(t, m, id, func(s Status) bool { return s.Sent == 20 && s.Leased == 0 })
		if got.State != Running || got.Next.Before(m.now()) || s.took["r2@held.example"] != 0 {
			t.Errorf("%+v", got)
		}
		c.by.Store(int64(3 * time.Minute))
		m.Wake()
		if got = until(t, m, id, Status.Done); got.Sent != 40 || s.took["r2@held.example"] != 1 {
			t.Errorf("%+v", got)
		}
		if row := rowOf(t, m, id, 2); row.tries != 1 {
			t.Errorf("%d tries", row.tries)
		}
	})
}

// offset is a clock that runs, ahead of the true one by as much as a test says.
type offset struct{ by atomic.Int64 }

func (o *offset) now() time.Time { return time.Now().Add(time.Duration(o.by.Load())) }

// ledgerRow is a row as it stands in the database.
type ledgerRow struct {
	state RowState
	kind  string
	tries int64
	due   time.Time
}

func rowOf(t testing.TB, m *Mailings, mailing, reader int64) (r ledgerRow) {
	t.Helper()
	var due int64
	err := m.db.QueryRow(context.Background(), `SELECT state, kind, tries, COALESCE(due, 0) FROM deliveries WHERE mailing = $1 AND reader = $2`,
		mailing, reader).Scan(&r.state, &r.kind, &r.tries, &due)
	if err != nil {
		t.Fatal(err)
	}
	r.due = storage.Time(due)
	return r
}
