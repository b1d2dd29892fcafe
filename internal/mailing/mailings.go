package mailing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New. The zero value works.
type Options struct {
	Domain   string      // right of the @ in Message-IDs; "" means "localhost"
	Bounces  string      // the bounce domain: mails leave as b+<token>@Bounces; "" means the From address of the letter
	Refusals Refusals    // nil: nobody is told
	Signer   mail.Signer // nil: the relay signs

	Places  int              // mails under way at once; 0 means 8
	Rate    float64          // mails a second of this node; 0 means no limit
	Domains map[string]Limit // by recipient domain, of this node; "" for those that are not named
	WarmUp  WarmUp

	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // nil means slog.Default()

	Lease time.Duration // how long a node has for a batch before others may take it; renewed while it works; 0 means 2 min
	Drain time.Duration // how long mails in flight may take when Run stops; 0 means 30 s
	Poll  time.Duration // how late what other processes do is seen; 0 means 1 s
	Quiet time.Duration // after a lost answer; 0 means 15 min
}

// Mailings is the ledger of one publication. It is safe for concurrent use.
type Mailings struct {
	db      *storage.DB
	options Options
	secret  []byte
	macs    sync.Pool // of HMACs keyed with secret
	wake    chan struct{}
}

// New returns the mailings kept in db.
func New(ctx context.Context, db *storage.DB, o Options) (*Mailings, error) {
	secret, err := db.Secret(ctx, "mailing rows")
	if err != nil {
		return nil, fmt.Errorf("open mailings: %w", err)
	}
	o.Domain = cmp.Or(o.Domain, "localhost")
	o.Places = cmp.Or(o.Places, 8)
	o.Lease = cmp.Or(o.Lease, 2*time.Minute)
	o.Drain = cmp.Or(o.Drain, 30*time.Second)
	o.Poll = cmp.Or(o.Poll, time.Second)
	o.Quiet = cmp.Or(o.Quiet, 15*time.Minute)
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Log = cmp.Or(o.Log, slog.Default())
	return &Mailings{db: db, options: o, secret: secret, wake: make(chan struct{}, 1)}, nil
}

func (m *Mailings) now() time.Time { return m.options.Now() }

// Attach sets who hears of refusals. It is called while the program is put together, before Run.
func (m *Mailings) Attach(r Refusals) { m.options.Refusals = r }

// Wake tells this process's worker that there is something to do. It never blocks.
func (m *Mailings) Wake() {
	select {
	case m.wake <- struct{}{}:
	default: // a call is waiting already
	}
}
