package readers

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New. What is zero gets the value named.
type Options struct {
	Publication Publication // whom the mails are from

	Idle     time.Duration // a session unused for so long ends; 90 days
	Absolute time.Duration // a session ends so long after sign-in; 400 days
	Devices  int           // sessions of one reader; the one unused longest ends for a new one; 5

	SignInPerHour      int // sign-in forms of one network; 60
	KeepReadingPerHour int // keep-reading forms of one network; 60
	MailsPerDay        int // mails to one mailbox in 24 hours, and never two within ten minutes; 3

	Disposable []string    // domains of throw-away mail services, beside the built-in list
	Suppressed Suppression // nil: no mailbox is

	Now func() time.Time // time.Now
	Log *slog.Logger     // slog.Default()
}

// Suppression knows the mailboxes that may not have mail, as theirs bounced or complained. It is asked for every mail,
// inside its transaction, so that the answer takes the same work for everyone.
type Suppression interface {
	Suppressed(ctx context.Context, tx *storage.DB, key string) (bool, error)
}

// Readers is everybody who reads. It is safe for concurrent use.
type Readers struct {
	db        *storage.DB
	out       *outbox.Outbox
	options   Options
	letters   *letters
	secret    []byte // keys the HMACs of codes and mailboxes
	sessions  *cache
	visits    visits
	exporters []Exporter
	erasers   []Eraser
}

// New returns the readers kept in db, whose mail leaves through out.
func New(ctx context.Context, db *storage.DB, out *outbox.Outbox, o Options) (*Readers, error) {
	secret, err := db.Secret(ctx, "readers")
	if err != nil {
		return nil, fmt.Errorf("open readers: %w", err)
	}
	const day = 24 * time.Hour
	otherwise(&o.Idle, 90*day)
	otherwise(&o.Absolute, 400*day)
	otherwise(&o.Devices, 5)
	otherwise(&o.SignInPerHour, 60)
	otherwise(&o.KeepReadingPerHour, 60)
	otherwise(&o.MailsPerDay, 3)
	if o.Now == nil {
		o.Now = time.Now
	}
	otherwise(&o.Log, slog.Default())
	slices.Sort(o.Disposable)
	l, err := newLetters(o.Publication)
	if err != nil {
		return nil, fmt.Errorf("open readers: %w", err)
	}
	return &Readers{db: db, out: out, options: o, letters: l, secret: secret, sessions: newCache()}, nil
}

func otherwise[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

// now is the time as the database keeps it, to the microsecond.
func (r *Readers) now() time.Time { return r.options.Now().UTC().Truncate(time.Microsecond) }

// disposable reports whether an address is at a throw-away mail service.
func (r *Readers) disposable(address string) bool {
	d := domainOf(address)
	return Disposable(d) || underAny(d, func(d string) bool {
		_, found := slices.BinarySearch(r.options.Disposable, d)
		return found
	})
}

// Forget drops what this node remembers of a reader's sessions; of all readers', for 0. It is called for each line
// "reader" of the change log.
func (r *Readers) Forget(reader int64) { r.sessions.forget(reader) }

// changeReader runs f in a transaction, writes the reader into the change log, and drops what this node remembers.
func (r *Readers) changeReader(ctx context.Context, reader int64, f func(tx *storage.DB) error) error {
	err := r.db.Write(ctx, func(tx *storage.DB) error {
		if err := f(tx); err != nil {
			return err
		}
		return tx.Changed(ctx, changeKind, reader)
	})
	if err == nil {
		r.Forget(reader)
	}
	return err
}

// changeKind is the kind of this package's lines in the change log.
const changeKind = "reader"
