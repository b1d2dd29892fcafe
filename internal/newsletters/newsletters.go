package newsletters

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// changeKind is the kind of this package's lines in the change log: a newsletter, or an edition that can be read.
const changeKind = "newsletter"

// Deps are what newsletters stand on.
type Deps struct {
	Publication Publication
	Library     *library.Library
	Gate        *access.Gate
	Plans       Plans
	Readers     *readers.Readers
	Follows     *follows.Follows
	Insights    *insights.Insights // nil: nothing is known of what is read
	Ads         *ads.Ads
	Outbox      *outbox.Outbox // takes test mails
	Mailings    *mailing.Mailings
	Suppressed  Suppressed                      // nil: no mailbox is
	Ready       func(ctx context.Context) error // why letters may not go out to all, as the doctor says; nil: they may
	Now         func() time.Time                // nil is the system's clock
	Log         *slog.Logger                    // nil is slog.Default()
}

// Plans tells under what each of some readers may read everything at a time; who may not is left out. billing
// implements it.
type Plans interface {
	ActiveAmong(ctx context.Context, readers []int64, at time.Time) (map[int64]access.Entitlement, error)
}

// Suppressed knows the mailboxes that may not have mail, as theirs bounced or complained, by their canonical keys.
type Suppressed interface {
	SuppressedAmong(ctx context.Context, keys []string) (map[string]bool, error)
}

// Newsletters are the letters of one publication. It is safe for concurrent use.
type Newsletters struct {
	Deps
	db     *storage.DB
	secret []byte // keys the tokens of mails
	paper  *paper
	clicks *clicks
	copies copies
	held   holding
}

// A Publication is whom the letters are from.
type Publication struct {
	Name       string // as in the masthead
	Tagline    string
	Origin     string // links begin with it: scheme, host and port
	Language   string // BCP 47; "" means "en"
	Contact    string // where people may write to; "" for nowhere
	Postal     string // where the publication has its seat, as the law of many countries asks; "" leaves it out
	Accent     string // # and six hexadecimal digits; "" means the house's
	AccentDark string // the same on dark paper
	From       netmail.Address
	ReplyTo    netmail.Address // none when its Address is empty
	// MailDomain takes what is sent to unsubscribe+TOKEN@…; "" leaves the mailto form of List-Unsubscribe out.
	MailDomain string
	Zone       *time.Location
}

// check returns what is wrong with a publication.
func (p *Publication) check() error {
	p.Origin = strings.TrimSuffix(p.Origin, "/")
	if p.Zone == nil {
		p.Zone = time.UTC
	}
	if p.Language == "" {
		p.Language = "en"
	}
	switch {
	case p.Name == "":
		return errors.New("publication name: expected one line of text")
	case !webAddress(p.Origin):
		return errors.New("publication origin: expected https://host")
	}
	return nil
}

// now is the time as the database keeps it, to the microsecond.
func (l *Newsletters) now() time.Time { return l.Now().UTC().Truncate(time.Microsecond) }

// New returns the newsletters kept in db, and makes those that every publication has at the first start.
func New(ctx context.Context, db *storage.DB, d Deps) (*Newsletters, error) {
	if err := d.Publication.check(); err != nil {
		return nil, fmt.Errorf("open newsletters: %w", err)
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.Default()
	}
	secret, err := db.Secret(ctx, "newsletters")
	if err != nil {
		return nil, fmt.Errorf("open newsletters: %w", err)
	}
	l := &Newsletters{Deps: d, db: db, secret: secret, clicks: newClicks()}
	if l.paper, err = newPaper(d.Publication); err != nil {
		return nil, fmt.Errorf("open newsletters: %w", err)
	}
	if err := l.ship(ctx); err != nil {
		return nil, fmt.Errorf("open newsletters: %w", err)
	}
	return l, nil
}
