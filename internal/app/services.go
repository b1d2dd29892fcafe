package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/api"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/billing/stripe"
	"github.com/gatefold/gatefold/internal/bounces"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/doctor"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of Open and New. The zero value serves a publication.
type Options struct {
	Demo         bool             // shows the outbox, and keeps what it sent
	AsIs         bool             // refuses a database that is not at this program's schema, in place of migrating it
	Version      string           // of the binary, for the metrics
	Log          io.Writer        // where the logs go; nil is standard error
	NotifySocket string           // NOTIFY_SOCKET of a service manager that waits for the start; "" for none
	Now          func() time.Time // nil is the system's clock

	names names       // answers the doctor in tests; nil are name servers and the network
	fetch api.Fetcher // stands in for the guarded client in tests; nil is the client

	stripeAPI string // stands in for Stripe in tests; "" is Stripe
}

// Services are the parts of one publication, wired and ready, without the site.
type Services struct {
	Config   config.Config
	Log      *slog.Logger
	DB       *storage.DB
	Library  *library.Library
	Plans    *billing.Billing
	Till     *billing.Till // nil when nothing is sold here
	Groups   *groups.Groups
	Gifts    *gifts.Gifts // nil when no gifts are sold here
	Gate     *access.Gate
	Outbox   *outbox.Outbox
	Readers  *readers.Readers
	Staff    *staff.Staff
	Media    *media.Images
	Insights *insights.Insights
	Ads      *ads.Ads
	Search   *search.Search
	Follows  *follows.Follows

	Mailings    *mailing.Mailings
	Newsletters *newsletters.Newsletters
	Bounces     *bounces.Bounces
	Doctor      *doctor.Doctor
	Rehearsal   *rehearsal.Provider // the test checkout of the demonstration, else nil
	stripe      *stripe.Provider    // nil unless it takes the money

	now      func() time.Time
	returned *prometheus.CounterVec // notifications about mails
	closers  []func() error         // in the order of opening
}

// OpenDatabase opens the publication's database and brings it up to this program's schema. The folder of the data is
// made when it is missing.
func OpenDatabase(ctx context.Context, c config.Config) (*storage.DB, error) {
	if err := os.MkdirAll(c.Data.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("make data.dir: %w", err)
	}
	return openWith(ctx, c, (*storage.DB).Migrate)
}

// openAsIs is OpenDatabase for a database that is there and has this program's schema; it changes nothing otherwise.
func openAsIs(ctx context.Context, c config.Config) (*storage.DB, error) {
	if !c.Postgres() {
		if _, err := os.Stat(databaseURL(c)); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf(`there is no journal in %s: "gatefold migrate" makes one`, c.Data.Dir)
		}
	}
	return openWith(ctx, c, (*storage.DB).CheckSchema)
}

func openWith(ctx context.Context, c config.Config, prepare func(*storage.DB, context.Context) error) (*storage.DB, error) {
	db, err := storage.Open(ctx, databaseURL(c), storage.Options{ReadConnections: c.Database.ReadConnections})
	if err != nil {
		return nil, err
	}
	if err := prepare(db, ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// databaseURL is where the database is, as storage.Open takes it.
func databaseURL(c config.Config) string {
	return cmp.Or(c.Database.URL.Reveal(), filepath.Join(c.Data.Dir, "gatefold.db"))
}

// Open opens the publication of a configuration. Nothing runs in the background yet. The caller closes it.
func Open(ctx context.Context, c config.Config, o Options) (*Services, error) {
	s := &Services{Config: c, now: o.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	s.Log = newLog(c, o.Log)
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes what Open opened, the last first. It may be called twice.
func (s *Services) Close() error {
	var errs []error
	for _, c := range slices.Backward(s.closers) {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}

func (s *Services) open(ctx context.Context, o Options) (err error) {
	c := s.Config
	opened := OpenDatabase
	if o.AsIs {
		opened = openAsIs
	}
	if s.DB, err = opened(ctx, c); err != nil {
		return err
	}
	s.closers = append(s.closers, s.DB.Close)
	disk, err := media.OpenDisk(cmp.Or(c.Data.Media, filepath.Join(c.Data.Dir, "media")))
	if err != nil {
		return err
	}
	s.closers = append(s.closers, disk.Close)
	s.Media = media.New(s.DB, disk)
	s.Library = library.New(s.DB, library.Options{TeaserWords: c.Wall.TeaserWords,
		DefaultLevel: access.Level(c.Wall.DefaultLevel), Zone: c.Location(), Now: s.now})
	s.Plans = billing.New(s.DB, s.now)
	s.Gate = access.NewGate(s.DB, policy(c), s.Plans, s.Log, s.now)
	s.Insights = insights.New(s.DB, s.Log)
	s.Follows = follows.New(s.DB, s.now)
	s.Ads, err = ads.New(ctx, s.DB, ads.Options{House: house(c), Frames: c.Ads.FrameURL, Insights: s.Insights, Media: s.Media, Now: s.now})
	if err != nil {
		return err
	}
	s.Search, err = search.Open(filepath.Join(c.Data.Dir, "search"), s.DB, s.Library, s.Gate.Policy(), search.Options{
		Language: c.Publication.Language, Recency: float64(c.Search.Recency) / 100, Zone: c.Location(), Now: s.now, Log: s.Log})
	if err != nil {
		return err
	}
	s.closers = append(s.closers, s.Search.Close)
	s.Outbox, err = outbox.New(ctx, s.DB, outbox.Options{Domain: c.Origin().Hostname(), Keep: o.Demo,
		Drain: c.Server.ShutdownGrace, Now: s.now, Log: s.Log})
	if err != nil {
		return err
	}
	if err := s.openBounces(ctx); err != nil {
		return err
	}
	if err := s.openReaders(ctx); err != nil {
		return err
	}
	if err := s.openStaff(o.Demo); err != nil {
		return err
	}
	if err := s.openGroups(ctx); err != nil {
		return err
	}
	if err := s.openTill(ctx, o.stripeAPI); err != nil {
		return err
	}
	if err := s.openDoctor(o.names); err != nil {
		return err
	}
	return s.openLetters(ctx, o.Demo)
}

func (s *Services) openReaders(ctx context.Context) error {
	c := s.Config
	throwaway, err := domains(c.Wall.DisposableDomainsFile)
	if err != nil {
		return err
	}
	s.Readers, err = readers.New(ctx, s.DB, s.Outbox, readers.Options{
		Publication: readers.Publication{Name: c.Publication.Name, Origin: c.Publication.URL,
			Language: c.Publication.Language, Contact: c.Contact(), Accent: c.Publication.Accent},
		Idle:               time.Duration(c.Wall.SessionDays) * 24 * time.Hour,
		Devices:            c.Wall.SessionDevices,
		SignInPerHour:      c.Limits.SignInPerHour,
		KeepReadingPerHour: c.Limits.KeepReadingPerHour,
		MailsPerDay:        c.Limits.MailsPerAddressPerDay,
		Disposable:         throwaway,
		Suppressed:         s.Bounces,
		Now:                s.now,
		Log:                s.Log,
	})
	if err != nil {
		return err
	}
	s.Readers.Attach([]readers.Exporter{s.Gate, access.GiftsGiven{Gate: s.Gate}, s.Plans, billing.Payments{Billing: s.Plans}, s.Follows}, []readers.Eraser{s.Gate, s.Plans, s.Follows})
	return nil
}

// domains reads the list of wall.disposable_domains_file: a domain a line, empty lines and those after # passed over.
func domains(file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("wall.disposable_domains_file: %w", err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.ToLower(strings.TrimSpace(line)); line != "" {
			list = append(list, line)
		}
	}
	return list, nil
}

// house is the publication's own advertising: what All-Access holds, a line at a time, in the publication's words.
func house(c config.Config) []ads.Creative {
	if !c.Ads.House {
		return nil
	}
	var list []ads.Creative
	for _, line := range c.Subscribe.AllAccessLines {
		list = append(list, ads.Creative{Text: line, URL: "/subscribe", Label: "All-Access"})
	}
	return list
}

// Pictures keeps the pictures of an import or of the demonstration.
func (s *Services) Pictures() Pictures { return Pictures{s.Media} }

// Pictures shows the picture store as package transfer wants it.
type Pictures struct{ images *media.Images }

// Put keeps a picture and returns the name it is known by, and its size in pixels.
func (p Pictures) Put(ctx context.Context, r io.Reader) (name string, width, height int, err error) {
	i, err := p.images.Put(ctx, r)
	return i.Name, i.Width, i.Height, err
}
