package outbox

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New. The zero value works.
type Options struct {
	Domain string           // right of the @ in Message-IDs; "" means "localhost"
	Keep   bool             // bodies of finished mails stay, for the demonstration's /dev/outbox
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // nil means slog.Default()

	Lease time.Duration // how long a worker that is not heard of keeps a mail; renewed while it is sent; 0 means 90 s
	Drain time.Duration // how long mails in flight may take when Run stops; 0 means 30 s
	Poll  time.Duration // how late mails of other processes are seen; 0 means 1 s
}

// Outbox is the mail of one publication. It is safe for concurrent use.
type Outbox struct {
	db      *storage.DB
	options Options
	secret  []byte
	wake    chan struct{}
}

// New returns the outbox kept in db.
func New(ctx context.Context, db *storage.DB, o Options) (*Outbox, error) {
	secret, err := db.Secret(ctx, "outbox message-id")
	if err != nil {
		return nil, fmt.Errorf("open outbox: %w", err)
	}
	o.Domain = cmp.Or(o.Domain, "localhost")
	o.Lease = cmp.Or(o.Lease, 90*time.Second)
	o.Drain = cmp.Or(o.Drain, 30*time.Second)
	o.Poll = cmp.Or(o.Poll, time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Outbox{db: db, options: o, secret: secret, wake: make(chan struct{}, 1)}, nil
}

func (o *Outbox) now() time.Time { return o.options.Now() }

// Wake tells this process's worker that mail was committed. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default: // a call is waiting already
	}
}

// messageID is the same for a row at every try (RFC 5322, section 3.6.4), and tells nothing of the row's number.
func (o *Outbox) messageID(id int64) string {
	h := hmac.New(sha256.New, o.secret)
	fmt.Fprintf(h, "%d", id)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18]) + "@" + o.options.Domain
}

// Entry is one mail as the outbox keeps it.
type Entry struct {
	Mail
	ID      int64
	Created time.Time
	State   string
	Tries   int
	Next    time.Time // the next try, or the end of the lease; zero when nothing more is to be done
	Settled time.Time // when it was sent or failed; zero before
	Error   string    // what the last try met; may hold the address: not for logs
}

// List returns up to n mails, the newest first; with a recipient only those to it, as it was given to Put.
func (o *Outbox) List(ctx context.Context, n int, recipient string) ([]Entry, error) {
	rows, err := o.db.Query(ctx, `SELECT id, recipient, subject, body_text, body_html, kind, links, created, useless,
			state, COALESCE(due, 0), tries, settled, error
		FROM outbox WHERE state <> 'withheld' AND ($1 = '' OR recipient = $1) ORDER BY id DESC LIMIT $2`, recipient, n)
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", err)
	}
	defer rows.Close()
	entries := []Entry{}
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("list outbox: %w", err)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

func scanEntry(rows *sql.Rows) (e Entry, err error) {
	var links string
	var created, useless, due, settled int64
	err = rows.Scan(&e.ID, &e.To, &e.Subject, &e.Text, &e.HTML, &e.Kind, &links, &created, &useless,
		&e.State, &due, &e.Tries, &settled, &e.Error)
	if err != nil {
		return e, err
	}
	e.Created, e.Next, e.Settled = storage.Time(created), storage.Time(due), storage.Time(settled)
	e.UselessAfter = time.Duration(useless-created) * time.Microsecond
	return e, json.Unmarshal([]byte(links), &e.Links)
}

// Backlog returns how many mails wait to be sent, and the age of the oldest of them.
func (o *Outbox) Backlog(ctx context.Context) (n int, oldest time.Duration, err error) {
	var first int64
	err = o.db.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MIN(created), 0) FROM outbox WHERE due IS NOT NULL`).Scan(&n, &first)
	if err != nil {
		return 0, 0, fmt.Errorf("backlog of the outbox: %w", err)
	}
	if n > 0 {
		oldest = max(0, o.now().Sub(storage.Time(first)))
	}
	return n, oldest, nil
}

// Forget deletes the mails that were sent, failed or withheld before a time.
func (o *Outbox) Forget(ctx context.Context, before time.Time) error {
	return o.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE settled > 0 AND settled < $1`, storage.Micros(before))
		return err
	})
}

// Erase deletes every mail to an address, also those not sent yet, in the caller's transaction: its owner is going.
func (o *Outbox) Erase(ctx context.Context, tx *storage.DB, recipient string) error {
	_, err := tx.Exec(ctx, `DELETE FROM outbox WHERE recipient = $1`, recipient)
	return err
}
