package mailing

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func sent(b *batch, rows ...row) *note {
	return &note{batch: b, rows: rows, outcomes: []outcome{{state: RowSent, tries: 1}}, done: make(chan struct{})}
}

func quietRecorder(m *Mailings) *recorder {
	return &recorder{mailings: m, enough: 1, recorded: func(*batch, int) {}}
}

// A lease lasts as long as a row in it is not durable: the last row of it, recorded by one recorder while the other has
// rows of it in hand, does not end it. A process killed between the two leaves nobody behind.
func TestLeaseOutlivesRowsInOtherHands(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		c := newClock()
		m, ctx := open(t, db, Options{Now: c.now}), t.Context()
		id, err := m.Start(ctx, Mailing{Edition: 7, UselessAfter: c.now().Add(time.Hour)}, readersTo(3))
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.lease(ctx, id, 10)
		if err != nil {
			t.Fatal(err)
		}
		killed, kill := context.WithCancel(ctx)
		kill()
		quietRecorder(m).write(killed, []*note{sent(b, b.rows[0])})
		quietRecorder(m).write(ctx, []*note{sent(b, b.rows[1]), sent(b, b.rows[2])})
		c.advance(m.options.Lease)
		next, err := m.lease(ctx, id, 10)
		if err != nil || len(next.rows) != 1 || next.rows[0].reader != b.rows[0].reader {
			t.Errorf("taken up again: %+v, %v, want reader %d", next.rows, err, b.rows[0].reader)
		}
	})
}

// Whichever recorder is last ends the lease.
func TestLastRecorderEndsTheLease(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		m, ctx := open(t, db, Options{}), t.Context()
		id := begin(t, m, 60)
		for range 30 {
			b, err := m.lease(ctx, id, 2)
			if err != nil || len(b.rows) != 2 {
				t.Fatalf("%+v, %v", b, err)
			}
			var both sync.WaitGroup
			for _, r := range b.rows {
				both.Go(func() { quietRecorder(m).write(ctx, []*note{sent(b, r)}) })
			}
			both.Wait()
		}
		var leases int
		if err := db.QueryRow(ctx, `SELECT COUNT(*) FROM mailing_leases`).Scan(&leases); err != nil || leases != 0 {
			t.Errorf("%d leases are left, %v", leases, err)
		}
		r := &run{Mailings: m}
		if err := r.finish(ctx, id); err != nil {
			t.Fatal(err)
		}
		if s := until(t, m, id, Status.Done); s.Sent != 60 {
			t.Errorf("%+v", s)
		}
	})
}
