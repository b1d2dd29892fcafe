package mailing

import (
	"context"
	"log/slog"
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

	Places int     // mails under way at once; 0 means 8
	Rate   float64 // mails a second of this node; 0 means no limit

	Now func() time.Time // nil means time.Now
	Log *slog.Logger     // nil means slog.Default()

	Lease time.Duration // how long a node has for a range before others may take it; renewed while it works; 0 means 2 min
	Drain time.Duration // how long mails in flight may take when Run stops; 0 means 30 s
	Poll  time.Duration // how late what other processes do is seen; 0 means 1 s
	Quiet time.Duration // after a lost answer; 0 means 15 min
}

// Mailings is the ledger of one publication. It is safe for concurrent use.
type Mailings struct {
	db      *storage.DB
	options Options
}

// Sender hands one mail to a mail server or a provider. mail.SMTP implements it.
type Sender interface {
	// Deliver returns nil when the mail has been taken, a *mail.ReplyError when it is refused, mail.ErrUnknown when no
	// answer came to a mail handed over whole, and else the trouble met before that.
	Deliver(ctx context.Context, p mail.Parcel) error
}

// New returns the mailings kept in db.
func New(ctx context.Context, db *storage.DB, o Options) (*Mailings, error) {
	return &Mailings{db: db, options: o}, nil
}

// Start writes the row of every reader that next gives and sets the mailing running. It returns the mailing's id.
// Called again for the same edition after a kill, it goes on where it was; after it has returned once, it returns the
// same id and does nothing. Conflict when the edition was canceled.
func (m *Mailings) Start(ctx context.Context, mailing Mailing, next Next) (int64, error) {
	return 0, nil
}

// Add writes rows for those of the readers next gives who have none yet, and sends to them: those who joined since.
// It returns how many there were.
func (m *Mailings) Add(ctx context.Context, id int64, next Next) (int, error) { return 0, nil }

// Pause stops a mailing after the mails in flight. Every node sees it within Options.Poll.
func (m *Mailings) Pause(ctx context.Context, id int64) error { return nil }

// Resume goes on with a mailing that was paused.
func (m *Mailings) Resume(ctx context.Context, id int64) error { return nil }

// Cancel ends a mailing after the mails in flight, for good.
func (m *Mailings) Cancel(ctx context.Context, id int64) error { return nil }

// Status counts the rows of a mailing. NotFound when there is none of this id.
func (m *Mailings) Status(ctx context.Context, id int64) (Status, error) { return Status{}, nil }

// OfEdition returns the id of an edition's mailing. NotFound when it has none.
func (m *Mailings) OfEdition(ctx context.Context, edition int64) (int64, error) { return 0, nil }

// Run sends what is due through s until ctx ends. Then it takes no more, gives the mails in flight up to Options.Drain,
// gives its leases back and returns nil. Trouble of the database is logged and waited out.
func (m *Mailings) Run(ctx context.Context, l Letters, s Sender) error {
	<-ctx.Done()
	return nil
}

// PauseDomain holds back mails to a recipient domain until a time, on every node; a time that has passed lets them go.
// Rows that come due meanwhile wait, and no try is counted.
func (m *Mailings) PauseDomain(ctx context.Context, domain string, until time.Time, reason string) error {
	return nil
}

// Pause of a domain, as PausedDomains lists it.
type DomainPause struct {
	Domain string
	Until  time.Time
	Reason string
}

// PausedDomains returns the domains that are held back now, by name.
func (m *Mailings) PausedDomains(ctx context.Context) ([]DomainPause, error) { return nil, nil }

// Token returns the part of the envelope sender b+<token>@bounce-domain that names a row: ASCII small letters and
// digits. Nobody without the key can make one.
func (m *Mailings) Token(mailing, reader int64) string { return "" }

// Delivery returns the row that a token names, from an envelope sender or from the local part of one of our
// Message-IDs; letters of either case. NotFound when the token is not ours or the row is gone.
func (m *Mailings) Delivery(ctx context.Context, token string) (Delivery, error) {
	return Delivery{}, nil
}

// Bounced notes on a row that was sent that its mail came back: Status counts it as failed with this kind.
func (m *Mailings) Bounced(ctx context.Context, mailing, reader int64, kind Kind, reason string) error {
	return nil
}
