package bounces

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"log/slog"
	"time"

	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New. What is zero gets the value named.
type Options struct {
	Contact string // whom of the newsroom is told of domains that refuse us; "" for nobody
	Site    string // the publication's name, for that mail

	// Canonical gives the key that is the same for every spelling of a mailbox. It is needed.
	Canonical func(address string) (typed, key string, err error)
	// Record writes into the audit log, in the transaction of the deed. nil: nothing is recorded.
	Record func(ctx context.Context, tx *storage.DB, e Deed) error
	// Count is told of each notification that counted. nil: nobody is.
	Count func(source, kind string)

	SoftMost int           // soft failures after which the mail ends; 5
	SoftOver time.Duration // and over how long they must stretch; 14 days
	Refusers int           // readers of a domain refused within an hour until mail to it waits; 3

	Now func() time.Time // time.Now
	Log *slog.Logger     // slog.Default()
}

// Deed is a line for the audit log. It holds no address.
type Deed struct {
	At                 time.Time
	Who, What, Subject string
	Before, After      string
}

// Ledger is the sending of letters: mailing.Mailings is one.
type Ledger interface {
	// Delivery returns the mail that a VERP token, or the local part of one of our Message-IDs, names; NotFound when it
	// is not ours.
	Delivery(ctx context.Context, token string) (mailing.Delivery, error)
	// Bounced notes that a mail came back.
	Bounced(ctx context.Context, mailing, reader int64, kind mailing.Kind, reason string) error
	// LastSent returns when the newest mail to a reader was taken before a time and did not come back; zero for none.
	LastSent(ctx context.Context, reader int64, before time.Time) (time.Time, error)
	// PauseDomain holds mail to a domain back until a time.
	PauseDomain(ctx context.Context, domain string, until time.Time, reason string) error
}

// Person is a reader as far as mail goes.
type Person struct {
	ID      int64
	Address string
	Key     string    // canonical
	Since   time.Time // when they took this address, if it was not their first; zero else
}

// People knows the readers.
type People interface {
	// Person returns a reader, or NotFound.
	Person(ctx context.Context, reader int64) (Person, error)
	// Find returns the reader of an address, or NotFound.
	Find(ctx context.Context, address string) (Person, error)
}

// Bounces is the memory of what came back. It is safe for concurrent use.
type Bounces struct {
	db      *storage.DB
	out     *outbox.Outbox
	options Options
	secret  []byte
	ledger  Ledger
	people  People
}

// New returns the bounces kept in db. Alerts leave through out.
func New(ctx context.Context, db *storage.DB, out *outbox.Outbox, o Options) (*Bounces, error) {
	secret, err := db.Secret(ctx, "suppressions")
	if err != nil {
		return nil, fmt.Errorf("open bounces: %w", err)
	}
	const day = 24 * time.Hour
	otherwise(&o.SoftMost, 5)
	otherwise(&o.SoftOver, 14*day)
	otherwise(&o.Refusers, 3)
	otherwise(&o.Log, slog.Default())
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Bounces{db: db, out: out, options: o, secret: secret}, nil
}

// Attach adds what knows the mails and the readers. It is called while the program is put together, before anything
// is taken; bounces are needed to open both.
func (b *Bounces) Attach(l Ledger, p People) { b.ledger, b.people = l, p }

func otherwise[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

func (b *Bounces) now() time.Time { return b.options.Now().UTC().Truncate(time.Microsecond) }

// digest stands for a mailbox and hides it.
func (b *Bounces) digest(key string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte(key))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// keepBounces is how long what came back is kept, and a notification is known again.
const keepBounces = 180 * 24 * time.Hour

// Cleanup deletes what is too old to count. The list of those who get no mail stays.
func (b *Bounces) Cleanup(ctx context.Context) error {
	err := b.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM bounces WHERE at <= $1`, storage.Micros(b.now().Add(-keepBounces)))
		return err
	})
	if err != nil {
		return fmt.Errorf("clean up bounces: %w", err)
	}
	return nil
}
