package outbox

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// A relay may take a mail and be slow to say so. Its answer is waited for beyond the lease, and no other node sends
// the mail meanwhile.
func TestSlowRelayTakesAMailOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const lease = 400 * time.Millisecond
		slow := &sink{answer: func(ctx context.Context, _ Letter) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(5 * lease / 2):
				return nil
			}
		}}
		o := open(t, db, Options{Lease: lease})
		put(t, o, db, letter("anna@example.org"))
		start(t, o, slow, 2)
		start(t, open(t, db, Options{Lease: lease}), slow, 2)
		eventually(t, "settled", settled(t, o))
		if e := entry(t, o); e.State != Sent || e.Tries != 1 || len(slow.got()) != 1 {
			t.Errorf("%s after %d tries, handed over %d times, want once", e.State, e.Tries, len(slow.got()))
		}
	})
}

// The mail of a worker that was killed while it sent is sent by another once the lease has run out, and not before.
func TestMailOfAKilledSenderIsSentAgain(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const lease = 300 * time.Millisecond
		dead, alive := open(t, db, Options{Lease: lease}), open(t, db, Options{Lease: lease})
		put(t, dead, db, letter("anna@example.org"))
		taken := time.Now()
		if ls, err := dead.lease(t.Context(), 1); err != nil || len(ls) != 1 {
			t.Fatal(ls, err)
		}
		s := &sink{}
		start(t, alive, s, 1)
		eventually(t, "sent", settled(t, alive))
		if waited := time.Since(taken); waited < lease || len(s.got()) != 1 {
			t.Errorf("sent %d times after %v, want once after %v", len(s.got()), waited, lease)
		}
	})
}

// A delivery that cannot be recorded at once is recorded when the database is back, and the mail does not go out again.
func TestDeliveryIsRecordedAfterAnOutage(t *testing.T) {
	path := storagetest.SQLite(t)
	storagetest.Open(t, path) // brings it to its schema
	db, err := storage.Open(t.Context(), path, storage.Options{BusyTimeout: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	o := open(t, db, Options{Lease: 3 * time.Second})
	s := &sink{answer: func(context.Context, Letter) error {
		held, err := other.Begin()
		if err == nil {
			time.AfterFunc(200*time.Millisecond, func() { _ = held.Rollback() })
		}
		return err
	}}
	put(t, o, db, letter("anna@example.org"))
	start(t, o, s, 1)
	eventually(t, "settled", settled(t, o))
	if e := entry(t, o); e.State != Sent || len(s.got()) != 1 {
		t.Errorf("%s, handed over %d times, want sent once", e.State, len(s.got()))
	}
}

// That a relay's name is not found for a while says nothing about the mail.
func TestTroubleOfTheNetworkIsTriedAgain(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	o := open(t, db, Options{})
	trouble := &net.DNSError{Err: "no such host", IsNotFound: true} // says of itself that it is not temporary
	s := &sink{answer: func(context.Context, Letter) error { return errors.Join(errors.New("mail server"), trouble) }}
	put(t, o, db, letter("anna@example.org"))
	start(t, o, s, 1)
	eventually(t, "put back", func() bool { return entry(t, o).Error != "" })
	if e := entry(t, o); e.State != Queued {
		t.Errorf("the mail is %s: %s", e.State, e.Error)
	}
}
