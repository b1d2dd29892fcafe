package newsletters

import (
	"context"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var (
	_ mailing.Letters  = (*Newsletters)(nil)
	_ readers.Exporter = (*Newsletters)(nil)
	_ readers.Eraser   = (*Newsletters)(nil)
	_ Plans            = (*billing.Billing)(nil)
)

// desk is a publication with newsletters, and a clock that tests set: a Monday at noon.
type desk struct {
	*Newsletters
	t     *testing.T
	plans *billing.Billing

	mu   sync.Mutex
	time time.Time
}

var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.time
}

func (d *desk) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.time = at
}

func (d *desk) pass(by time.Duration) { d.set(d.clock().Add(by)) }

// run runs a test on both databases.
func run(t *testing.T, f func(t *testing.T, d *desk)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, open(t, db)) })
}

// once runs a test on SQLite, for what does not depend on the database.
func once(t *testing.T) *desk {
	t.Helper()
	return open(t, storagetest.Open(t, storagetest.SQLite(t)))
}

var review = Publication{Name: "The Meridian Review", Origin: "https://meridian.example", Contact: "post@meridian.example",
	Postal: "12 Harbour Street, Trieste", MailDomain: "bounces.meridian.example",
	From: netmail.Address{Name: "The Meridian Review", Address: "letters@meridian.example"}}

func open(t *testing.T, db *storage.DB) *desk {
	t.Helper()
	d := &desk{t: t, time: monday}
	log := slog.New(slog.DiscardHandler)
	out, err := outbox.New(t.Context(), db, outbox.Options{Now: d.clock, Keep: true})
	must(t, err)
	people, err := readers.New(t.Context(), db, out, readers.Options{Publication: readers.Publication{Name: review.Name, Origin: review.Origin},
		Now: d.clock, Log: log})
	must(t, err)
	runs, err := mailing.New(t.Context(), db, mailing.Options{Domain: "meridian.example", Now: d.clock, Log: log, Poll: 10 * time.Millisecond})
	must(t, err)
	counted := insights.New(db, log)
	sold, err := ads.New(t.Context(), db, ads.Options{House: []ads.Creative{{Text: "Read without advertisements.", URL: "/subscribe", Label: "All-Access"}},
		Insights: counted, Now: d.clock})
	must(t, err)
	d.plans = billing.New(db, d.clock)
	d.Newsletters, err = New(t.Context(), db, Deps{Publication: review, Library: library.New(db, library.Options{Now: d.clock}),
		Gate: access.NewGate(db, access.Policy{Free: 3}, d.plans, log, d.clock), Plans: d.plans, Readers: people,
		Follows: follows.New(db, d.clock), Insights: counted,
		Ads:    sold,
		Outbox: out, Mailings: runs, Now: d.clock, Log: log})
	must(t, err)
	people.Attach([]readers.Exporter{d.Newsletters}, []readers.Eraser{d.Newsletters})
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newsletter returns one that was shipped.
func (d *desk) newsletter(slug string) Newsletter {
	d.t.Helper()
	n, err := d.BySlug(d.t.Context(), slug)
	must(d.t, err)
	return n
}

// change sets settings of a newsletter: "schedule=weekdays 06:00".
func (d *desk) change(slug string, settings ...string) Newsletter {
	d.t.Helper()
	n := d.newsletter(slug)
	for _, s := range settings {
		name, value, _ := strings.Cut(s, "=")
		must(d.t, n.Set(name, value))
	}
	must(d.t, d.Save(d.t.Context(), n))
	return d.newsletter(slug)
}

var home = netip.MustParsePrefix("192.0.2.0/24")

// reader makes a reader with a confirmed address.
func (d *desk) reader(address string) int64 {
	d.t.Helper()
	ctx := d.t.Context()
	r, err := d.Readers.Add(ctx, address)
	must(d.t, err)
	link, err := d.Readers.SignInLink(ctx, r.ID, "/", time.Hour)
	must(d.t, err)
	_, token, _ := strings.Cut(link, "token=")
	_, err = d.Readers.UseLink(ctx, token, readers.Device{From: home})
	must(d.t, err)
	return r.ID
}

// subscriber makes one who pays.
func (d *desk) subscriber(address string) int64 {
	d.t.Helper()
	id := d.reader(address)
	must(d.t, d.plans.Grant(d.t.Context(), id, billing.AllAccess, d.clock().AddDate(1, 0, 0), "test"))
	return id
}

// have puts a reader on a list.
func (d *desk) have(reader int64, slug string, c Choice) {
	d.t.Helper()
	c.Newsletter = d.newsletter(slug)
	must(d.t, d.Subscribe(d.t.Context(), reader, c, "Send me the letter.", home))
}

// An article's opening ends with "The opening of SLUG.", its text with "The rest of SLUG."
func (d *desk) publish(slug string, level access.Level, at time.Time, change ...func(*library.Draft)) {
	d.t.Helper()
	a := library.Draft{Slug: slug, Title: "Title of " + slug, Standfirst: "Standfirst of " + slug + ".", Level: level, Section: "Briefings",
		Byline: []string{"Ines Marvell", "Chidera Obanwu"}, Topics: []string{"Trade"}, Countries: []string{"Portugal"}, Published: at,
		BodyHTML: "<p>Ships wait outside the port. The opening of " + slug + ".</p><!-- cut --><p>Then they sail. The rest of " + slug + ".</p>"}
	for _, f := range change {
		f(&a)
	}
	saved, err := d.Library.SaveBatch(d.t.Context(), []library.Draft{a})
	must(d.t, err)
	must(d.t, saved[0].Err)
}

// today publishes an article of every level an hour ago.
func (d *desk) today() {
	for i, level := range []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber} {
		d.publish(string(level)+"-one", level, d.clock().Add(-time.Hour-time.Duration(i)*time.Minute))
	}
}

// compose drafts an edition by hand.
func (d *desk) composed(slug string) Edition {
	d.t.Helper()
	e, err := d.Compose(d.t.Context(), d.newsletter(slug))
	must(d.t, err)
	return e
}

// send approves an edition and begins to send it.
func (d *desk) send(e Edition) Edition {
	d.t.Helper()
	must(d.t, d.Approve(d.t.Context(), e.ID))
	must(d.t, d.Send(d.t.Context(), e.ID))
	return d.edition(e.ID)
}

func (d *desk) edition(id int64) Edition {
	d.t.Helper()
	e, err := d.Edition(d.t.Context(), id)
	must(d.t, err)
	return e
}

// recipients asks what leaves for readers of an edition that is sent.
func (d *desk) recipients(e Edition, ids ...int64) map[int64]mailing.Recipient {
	d.t.Helper()
	list, err := d.Recipients(d.t.Context(), d.mailing(e), ids)
	must(d.t, err)
	out := map[int64]mailing.Recipient{}
	for _, r := range list {
		out[r.Reader] = r
	}
	return out
}

func (d *desk) mailing(e Edition) mailing.Mailing {
	return mailing.Mailing{ID: e.Mailing, Edition: e.ID, Newsletter: fmt.Sprint(e.Newsletter), Started: e.Started}
}

func (d *desk) tick() {
	d.t.Helper()
	must(d.t, d.Tick(context.Background()))
}

func (d *desk) editionsOf(slug string) []Edition {
	d.t.Helper()
	list, err := d.Editions(d.t.Context(), d.newsletter(slug).ID, 100)
	must(d.t, err)
	return list
}
