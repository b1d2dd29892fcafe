package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Two nodes with several places each send every mail once.
func TestTwoNodes(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			db := storagetest.Open(t, at)
			a := open(t, db, Options{})
			b := open(t, storagetest.Open(t, at), Options{})
			const mails = 300
			for i := range mails {
				put(t, a, db, letter(fmt.Sprintf("r%d@example.org", i)))
			}
			s := &sink{}
			stopA, stopB := start(t, a, s, 8), start(t, b, s, 8)
			eventually(t, "all sent", func() bool {
				due, err := a.waiting(t.Context())
				return err == nil && due.IsZero()
			})
			stopA()
			stopB()
			seen := map[string]int{}
			for _, l := range s.got() {
				seen[l.MessageID]++
			}
			if len(seen) != mails || len(s.got()) != mails {
				t.Fatalf("%d mails sent %d times, want %d once each", len(seen), len(s.got()), mails)
			}
		})
	}
}

// At most as many mails as there are places are in flight, and a slow one does not hold up the others.
func TestPlaces(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	o := open(t, db, Options{})
	var flying, most atomic.Int64
	slow := make(chan struct{})
	s := &sink{answer: func(_ context.Context, l Letter) error {
		most.Store(max(most.Load(), flying.Add(1)))
		defer flying.Add(-1)
		if l.To == "slow@example.org" {
			<-slow
		}
		return nil
	}}
	put(t, o, db, letter("slow@example.org"))
	for range 20 {
		put(t, o, db, letter("anna@example.org"))
	}
	start(t, o, s, 3)
	eventually(t, "all but one are sent", func() bool { return len(s.got()) == 21 })
	close(slow)
	if most.Load() > 3 {
		t.Errorf("%d mails in flight on 3 places", most.Load())
	}
}

// Run waits for what is in flight; what takes longer than Drain is given back, not failed.
func TestDrain(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		for _, tc := range []struct {
			name         string
			takes, drain time.Duration
			want         string
		}{{"in time", 50 * time.Millisecond, time.Hour, Sent}, {"too slow", time.Hour, 50 * time.Millisecond, Queued}} {
			t.Run(tc.name, func(t *testing.T) {
				o := open(t, db, Options{Drain: tc.drain})
				s := &sink{answer: func(ctx context.Context, _ Letter) error {
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-time.After(tc.takes):
						return nil
					}
				}}
				stop := start(t, o, s, 1)
				put(t, o, db, letter("anna@example.org"))
				eventually(t, "in flight", func() bool { return len(s.got()) == 1 })
				stop()
				es, err := o.List(t.Context(), 1, "")
				if err != nil || es[0].State != tc.want {
					t.Errorf("state %q, %v, want %q", es[0].State, err, tc.want)
				}
			})
		}
	})
}

// A worker that died holds its mail until the lease ends; then another sends it. The dead one, come back, can tell of
// a delivery but not take the mail from its successor.
func TestLeaseRunsOut(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx, c := t.Context(), newClock()
		o := open(t, db, Options{Now: c.Now, Lease: time.Minute})
		put(t, o, db, letter("anna@example.org"))
		take := func(want int) []Letter {
			t.Helper()
			ls, err := o.lease(ctx, 5)
			if err != nil || len(ls) != want {
				t.Fatalf("leased %d, %v, want %d", len(ls), err, want)
			}
			return ls
		}
		first := take(1)[0]
		take(0)
		c.add(time.Minute)
		second := take(1)[0]
		if err := errors.Join(o.fail(ctx, first, "late"), o.putBack(ctx, first, c.Now(), "late")); err != nil {
			t.Fatal(err)
		}
		if e := entry(t, o); e.State != Leased {
			t.Fatalf("the first worker changed a mail it no longer holds: %+v", e)
		}
		if err := o.sent(ctx, first); err != nil {
			t.Fatal(err)
		}
		if err := o.fail(ctx, second, "refused the second time"); err != nil {
			t.Fatal(err)
		}
		if e := entry(t, o); e.State != Sent {
			t.Errorf("a delivered mail is %q", e.State)
		}
	})
}

func TestMessageIDsDiffer(t *testing.T) {
	at := storagetest.SQLite(t)
	a, b := open(t, storagetest.Open(t, at), Options{}), open(t, storagetest.Open(t, at), Options{})
	if a.messageID(1) == a.messageID(2) {
		t.Error("two mails, one Message-ID")
	}
	if a.messageID(1) != b.messageID(1) {
		t.Error("a restart changes the Message-ID")
	}
	other := open(t, storagetest.Open(t, storagetest.SQLite(t)), Options{})
	if a.messageID(1) == other.messageID(1) {
		t.Error("two installations, one Message-ID")
	}
}

func TestWait(t *testing.T) {
	for tries, want := range map[int64]time.Duration{0: time.Minute, 1: time.Minute, 2: 5 * time.Minute, 3: 15 * time.Minute, 4: time.Hour, 99: time.Hour} {
		low, high := want, want
		for range 200 {
			w := wait(tries)
			low, high = min(low, w), max(high, w)
		}
		if low < want*4/5 || high > want*6/5 || low == high {
			t.Errorf("after %d tries %v to %v, want about %v", tries, low, high, want)
		}
	}
}
