package web

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/api"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/billing/rehearsal"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/gifts"
	"github.com/gatefold/gatefold/internal/groups"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/mail/bounce"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/storage"
)

// testStart is when every test site's clock begins: a Monday morning in the middle of a month.
var testStart = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

// A clock is set by the test alone.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// A logbook is what the site wrote of itself.
type logbook struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A testSite is the whole readers' site over a database of its own, served on loopback.
type testSite struct {
	*Site
	t      testing.TB
	srv    *httptest.Server
	url    string // of the server, and of the publication
	clock  *clock
	db     *storage.DB
	lib    *library.Library
	out    *outbox.Outbox
	log    *logbook
	access *page.AccessLog
	disk   string // the folder of the pictures
	photo  media.Image
	seen   storage.Position // the last line of the change log that the site was told
	mu     sync.Mutex
}

// newTestSite starts a site on SQLite with a few articles of every level (see fill). change may alter its configuration
// before it starts.
func newTestSite(t testing.TB, change ...func(*config.Config)) *testSite {
	t.Helper()
	dir := t.TempDir()
	files, photo := fillOnce(t)
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	s := startTestSite(t, openFile(t, dir), filepath.Join(dir, pictures), change)
	s.photo = photo
	return s
}

// newTestSiteOn starts one on a database that is migrated and empty.
func newTestSiteOn(t testing.TB, db *storage.DB, change ...func(*config.Config)) *testSite {
	t.Helper()
	s := startTestSite(t, db, t.TempDir(), change)
	s.fill(context.Background())
	return s
}

// startTestSite starts a site on a database and a folder of pictures.
func startTestSite(t testing.TB, db *storage.DB, disk string, change []func(*config.Config)) *testSite {
	t.Helper()
	ctx := context.Background()
	s := &testSite{t: t, db: db, clock: &clock{at: testStart}, log: &logbook{}, disk: disk, srv: httptest.NewUnstartedServer(nil)}
	s.url = "http://" + s.srv.Listener.Addr().String()
	c := config.Default()
	c.Publication.Name, c.Publication.Tagline, c.Publication.URL = "The Test Review", "Read before printing", s.url
	c.Publication.Contact, c.Mail.From = "editor@review.example", "The Test Review <post@review.example>"
	c.Server.InsecureCookies = true
	c.Limits.SignInPerHour, c.Limits.KeepReadingPerHour, c.Limits.SearchesPerMinute = 1000, 1000, 100_000
	c.Limits.UnseenFormsPerMinute, c.Limits.CheckoutsPerMinute = 1000, 1000
	for _, f := range change {
		f(&c)
	}
	d := s.deps(ctx, c)
	var err error
	if s.Site, err = New(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	s.srv.Config.Handler = s.Handler()
	s.srv.Start()
	t.Cleanup(s.srv.Close)
	return s
}

// deps wires the services as the app does.
func (s *testSite) deps(ctx context.Context, c config.Config) Deps {
	t := s.t
	t.Helper()
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.access = page.NewAccessLog(s.log)
	t.Cleanup(s.access.Close)
	var err error
	if s.out, err = outbox.New(ctx, s.db, outbox.Options{Domain: "review.example", Keep: true, Now: s.clock.now, Log: log}); err != nil {
		t.Fatal(err)
	}
	people, err := readers.New(ctx, s.db, s.out, readers.Options{
		Publication:   readers.Publication{Name: c.Publication.Name, Origin: c.Publication.URL},
		SignInPerHour: c.Limits.SignInPerHour, KeepReadingPerHour: c.Limits.KeepReadingPerHour,
		MailsPerDay: c.Limits.MailsPerAddressPerDay, Devices: c.Wall.SessionDevices, Now: s.clock.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	disk, err := media.OpenDisk(s.disk)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	plans := billing.New(s.db, s.clock.now)
	s.lib = library.New(s.db, library.Options{TeaserWords: c.Wall.TeaserWords, DefaultLevel: access.Level(c.Wall.DefaultLevel),
		Zone: c.Location(), Now: s.clock.now})
	gate := access.NewGate(s.db, policyOf(c), plans, log, s.clock.now)
	followed := follows.New(s.db, s.clock.now)
	people.Attach([]readers.Exporter{gate, access.GiftsGiven{Gate: gate}, plans, followed}, []readers.Eraser{gate, plans, followed})
	found, err := search.Open(t.TempDir(), s.db, s.lib, gate.Policy(), search.Options{Zone: c.Location(), Now: s.clock.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := found.Close(); err != nil {
			t.Error(err)
		}
	})
	var till *billing.Till
	var provider *rehearsal.Provider
	var given *gifts.Gifts
	seated, err := groups.New(ctx, s.db, people, s.out, groups.Options{Origin: s.url, Name: c.Publication.Name, Now: s.clock.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	people.Attach([]readers.Exporter{seated}, []readers.Eraser{seated})
	if c.Till.Provider == billing.TestSource {
		provider = rehearsal.New(s.db, s.url, s.clock.now)
		given, err = gifts.New(ctx, s.db, people, s.out, gifts.Options{Origin: s.url, Name: c.Publication.Name, Now: s.clock.now, Log: log})
		if err != nil {
			t.Fatal(err)
		}
		people.Attach([]readers.Exporter{given}, []readers.Eraser{given})
		till, err = billing.NewTill(ctx, s.db, people, s.out, []billing.Provider{provider}, billing.TillOptions{Catalog: testCatalog, Grace: 10 * 24 * time.Hour,
			Origin: s.url, Name: c.Publication.Name, Language: "en", Goods: map[string]billing.Goods{gifts.Kind: given, groups.Kind: seated}, Now: s.clock.now, Log: log})
		if err != nil {
			t.Fatal(err)
		}
	}
	counted, images := insights.New(s.db, log), media.New(s.db, disk)
	sold, err := ads.New(ctx, s.db, ads.Options{House: []ads.Creative{{Text: "Read the Review without advertisements.", URL: "/subscribe", Label: "Subscribe"}},
		Frames: c.Ads.FrameURL, Insights: counted, Media: images, Now: s.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	return Deps{Config: c, DB: s.db, Till: till, Gifts: given, Groups: seated, Rehearsal: provider, Library: s.lib, Gate: gate, Webhooks: s.webhooks(log),
		Readers: people, Plans: plans, Outbox: s.out, Media: images, Insights: counted, Ads: sold,
		Newsletters: s.letters(ctx, c, gate, plans, people, followed, sold, log), Search: found, Follows: followed, Log: log, Access: s.access, Now: s.clock.now, Demo: true}
}

// testCatalog is what a site with a till sells.
var testCatalog = billing.Catalog{
	Plans: []billing.Plan{
		{Slug: "month", Name: "By the month", Every: billing.Monthly, Prices: []billing.Money{{Amount: 900, Currency: "EUR"}, {Amount: 1000, Currency: "USD"}}},
		{Slug: "year", Name: "By the year", Every: billing.Yearly, Prices: []billing.Money{{Amount: 9000, Currency: "EUR"}}},
	},
	Coupons: []billing.Coupon{{Code: "half", PercentOff: 50, Periods: 1}},
}

// webhooks are those of every provider. What arrives there came without a signature, and may not be taken.
func (s *testSite) webhooks(log *slog.Logger) (routes []Route) {
	s.t.Helper()
	hooks, err := api.New(api.Options{SESTopics: []string{"arn:aws:sns:eu-central-1:123456789012:bounces"}, MailgunKey: letters(20),
		PostmarkPassword: letters(20), SendGridKey: sendGridKey, Intake: unsigned{s.t}, Now: s.clock.now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range hooks.Routes() {
		routes = append(routes, Route{Pattern: r.Pattern, Handle: r.Handle})
	}
	return routes
}

// sendGridKey is a public key whose private one was thrown away.
const sendGridKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfOvbJByVpTTuB27E1jBx5jMmTMVnTGDE7deBhtRTTN9EAG0gfuSLZl6I6KJwqXtEBuQ/bxlZU5lNWG9S+eLWcw=="

// unsigned takes nothing.
type unsigned struct{ t testing.TB }

// Report implements api.Intake.
func (n unsigned) Report(_ context.Context, source, id string, _ bounce.Report) error {
	n.t.Errorf("%s %q was taken without a signature", source, id)
	return nil
}

// policyOf is the wall as a configuration has it.
func policyOf(c config.Config) access.Policy {
	p := access.Policy{Free: c.Wall.FreeArticles, Rolling: c.Wall.Period == "rolling", Automatic: c.Wall.Spend == "automatic",
		Zone: c.Location(), CourtesyDays: c.Wall.CourtesyDays, CourtesiesByNetwork: c.Wall.CourtesiesPerNetwork,
		GiftArticles: c.Wall.GiftArticles, GiftDays: c.Wall.GiftDays, GiftDevices: c.Wall.GiftDevices,
		HourlyArticles: c.Wall.VelocityHour, DailyArticles: c.Wall.VelocityDay}
	for _, r := range c.Wall.Rules {
		p.Rules = append(p.Rules, access.Rule{Section: r.Section, Kind: r.Kind,
			OlderThan: time.Duration(r.OlderThanDays) * 24 * time.Hour, Level: access.Level(r.Level)})
	}
	return p
}

// The articles of every test site, by slug. meteredOne has a photograph, meteredOne and meteredTwo are the parts of a
// series, renamedArticle once had oldSlug, and the last two are not to be seen: scheduledOne appears an hour after
// testStart.
const (
	openOne        = "open-one"
	registeredOne  = "registered-one"
	meteredOne     = "metered-one"
	meteredTwo     = "metered-two"
	meteredThree   = "metered-three"
	meteredFour    = "metered-four"
	meteredFive    = "metered-five"
	subscriberOne  = "subscriber-one"
	renamedArticle = "renamed-article"
	oldSlug        = "an-older-name"
	draftOne       = "draft-one"
	scheduledOne   = "scheduled-one"
)

// teaserOf is in the opening of an article, restOf in its text after the opening and nowhere else.
func teaserOf(slug string) string { return "The opening of " + slug + "." }
func restOf(slug string) string   { return "What follows in " + slug + "." }

// draftOf is an article of a level; its opening ends with teaserOf, its text with restOf.
func draftOf(slug string, level access.Level, published time.Time) library.Draft {
	return library.Draft{Slug: slug, Title: "Title of " + slug, Standfirst: "Standfirst of " + slug + ".", Level: level,
		Kind: "analysis", Section: "Briefings", Byline: []string{"Ines Marvell"}, Topics: []string{"Trade"},
		Countries: []string{"Portugal"}, Published: published,
		BodyHTML: "<p>Ships wait outside the port. " + teaserOf(slug) + "</p><!-- cut --><p>Then they sail. " + restOf(slug) + "</p>"}
}

// fill writes the articles of every test site.
func (s *testSite) fill(ctx context.Context) {
	s.t.Helper()
	s.photo = s.putPhoto(ctx, 640, 400)
	if _, err := s.lib.SaveContributor(ctx, library.Contributor{Term: library.Term{Kind: library.Byline, Name: "Ines Marvell"},
		Line: "Ines Marvell writes on ports.", Biography: "Ines Marvell has written on ports for twenty years."}); err != nil {
		s.t.Fatal(err)
	}
	ago := func(days int) time.Time { return testStart.AddDate(0, 0, -days) }
	one, two := draftOf(meteredOne, access.Metered, ago(2)), draftOf(meteredTwo, access.Metered, ago(3))
	one.Series, one.Part, two.Series, two.Part = "The Straits", 2, "The Straits", 1
	one.Hero = &library.Image{File: s.photo.Name, Alt: "Ships at anchor", Caption: "Ships wait.", Credit: "A. Photographer",
		Width: s.photo.Width, Height: s.photo.Height}
	deep := draftOf(subscriberOne, access.Subscriber, ago(5))
	deep.Section, deep.Kind = "In-Depth", "essay"
	draft := draftOf(draftOne, access.Open, ago(1))
	draft.State = library.Drafted
	s.save(draftOf(openOne, access.Open, ago(1)), draftOf(registeredOne, access.Registered, ago(1)), one, two,
		draftOf(meteredThree, access.Metered, ago(20)), draftOf(meteredFour, access.Metered, ago(40)),
		draftOf(meteredFive, access.Metered, ago(400)), deep, draft, draftOf(scheduledOne, access.Metered, testStart.Add(time.Hour)))
	renamed := draftOf(oldSlug, access.Metered, ago(60))
	id := s.save(renamed)[0]
	renamed.ID, renamed.Slug = id, renamedArticle
	s.save(renamed)
}

// save writes articles and returns their ids. A refused one ends the test.
func (s *testSite) save(drafts ...library.Draft) (ids []int64) {
	s.t.Helper()
	saved, err := s.lib.SaveBatch(context.Background(), drafts)
	if err != nil {
		s.t.Fatal(err)
	}
	for i, one := range saved {
		if one.Err != nil {
			s.t.Fatalf("save %s: %v", drafts[i].Slug, one.Err)
		}
		ids = append(ids, one.ID)
	}
	return ids
}

// putPhoto keeps a photograph of a size in the site's media.
func (s *testSite) putPhoto(ctx context.Context, width, height int) media.Image {
	s.t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, height)), nil); err != nil {
		s.t.Fatal(err)
	}
	photos := s.media()
	i, err := photos.Put(ctx, &b)
	if err != nil {
		s.t.Fatal(err)
	}
	return i
}

func (s *testSite) media() *media.Images { return s.Site.Media }

// articleID is the id of a published article.
func (s *testSite) articleID(slug string) int64 {
	s.t.Helper()
	a, err := s.lib.BySlug(context.Background(), slug)
	if err != nil {
		s.t.Fatalf("article %s: %v", slug, err)
	}
	return a.ID
}

// settle tells the site of every change of the database since the last time, as the app does; clients call it before
// each request.
func (s *testSite) settle() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.Readers.WriteVisits(context.Background()); err != nil {
		s.t.Error(err)
	}
	for {
		changes, err := s.db.ChangesSince(context.Background(), s.seen)
		if err != nil {
			s.t.Error(err)
		}
		if len(changes) == 0 {
			return
		}
		for _, c := range changes {
			s.seen = c.At
			s.Gate.Changed(c)
			if c.Kind == "reader" {
				s.Readers.Forget(c.Subject)
			}
		}
		s.Search.Changed(changes)
		s.Changed(changes)
	}
}

// logs returns all that the site logged so far, requests among it.
func (s *testSite) logs() string {
	s.access.Flush()
	return s.log.String()
}

// A testClient is a browser without scripts: it keeps cookies and shows redirects instead of following them.
type testClient struct {
	t    testing.TB
	site *testSite
	http *http.Client
	jar  *cookiejar.Jar
}

// An answer is a response that was read to its end. body is decompressed.
type answer struct {
	status int
	header http.Header
	body   string
}

// location is where a redirect leads, as a path on the site.
func (a answer) location() string { return a.header.Get("Location") }

// token is the secret of the link in the newest mail to an address.
func (s *testSite) token(address string) string {
	s.t.Helper()
	mails, err := s.out.List(context.Background(), 1, address)
	if err != nil || len(mails) == 0 || len(mails[0].Links) == 0 {
		s.t.Fatalf("no mail with a link for %s: %v", address, err)
	}
	u, err := url.Parse(mails[0].Links[0])
	if err != nil || u.Query().Get("token") == "" {
		s.t.Fatalf("the mail's link is %q: %v", mails[0].Links[0], err)
	}
	return u.Query().Get("token")
}

var codePattern = regexp.MustCompile(`(?m)^ {4}(\d{6})$`)

// code is the six digits of the newest mail to an address.
func (s *testSite) code(address string) string {
	s.t.Helper()
	mails, err := s.out.List(context.Background(), 1, address)
	if err != nil || len(mails) == 0 {
		s.t.Fatalf("no mail for %s: %v", address, err)
	}
	m := codePattern.FindStringSubmatch(mails[0].Text)
	if m == nil {
		s.t.Fatalf("no code in the mail:\n%s", mails[0].Text)
	}
	return m[1]
}

// sent is how many mails went out to an address; to anybody, for "".
func (s *testSite) sent(address string) int {
	s.t.Helper()
	mails, err := s.out.List(context.Background(), 10_000, address)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(mails)
}

// enter signs a browser in as the reader of an address, without the screens. The mailbox must be due a mail: another
// sign-in of the same address needs ten minutes between.
func (s *testSite) enter(c *testClient, address string) readers.Reader {
	s.t.Helper()
	ctx := context.Background()
	a, err := s.Readers.SignIn(ctx, readers.Ask{Address: address, Visitor: c.cookie(s.cookies.visitor)})
	if err != nil {
		s.t.Fatal(err)
	}
	e, err := s.Readers.UseLink(ctx, s.token(a.Address), readers.Device{Agent: "Test", Visitor: a.Visitor})
	if err != nil {
		s.t.Fatal(err)
	}
	c.setCookie(s.cookies.visitor, a.Visitor)
	c.setCookie(s.cookies.session, e.Session)
	return e.Reader
}

// reader returns a browser signed in as a reader with a confirmed address.
func (s *testSite) reader(t testing.TB, address string) *testClient {
	t.Helper()
	c := s.client(t)
	s.enter(c, address)
	return c
}

// subscriber returns a browser signed in as a reader with All-Access for a year.
func (s *testSite) subscriber(t testing.TB, address string) *testClient {
	t.Helper()
	c := s.client(t)
	s.grant(s.enter(c, address), s.clock.now().AddDate(1, 0, 0))
	return c
}

// grant gives a reader All-Access until a time.
func (s *testSite) grant(r readers.Reader, until time.Time) {
	s.t.Helper()
	if err := s.Plans.Grant(context.Background(), r.ID, "all-access", until, "test"); err != nil {
		s.t.Fatal(err)
	}
}

// staff returns a browser signed in as a member of the newsroom.
func (s *testSite) staff(t testing.TB, address string) *testClient {
	t.Helper()
	ctx := context.Background()
	r, err := s.Readers.Add(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Readers.SetStaff(ctx, r.ID, true, "test"); err != nil {
		t.Fatal(err)
	}
	return s.reader(t, address)
}

// unlock spends a free article of a client's reader.
func (c *testClient) unlock(slug string) {
	c.t.Helper()
	if a := c.Post("/articles/"+slug+"/unlock", nil); a.status != http.StatusSeeOther {
		c.t.Fatalf("unlock %s: status %d\n%s", slug, a.status, a.body)
	}
}

// courtesy gives a browser one article for an address, without the screens.
func (s *testSite) courtesy(c *testClient, address, slug string) {
	s.t.Helper()
	ctx := context.Background()
	a, err := s.Readers.KeepReading(ctx, readers.Ask{Address: address, Visitor: c.cookie(s.cookies.visitor)})
	if err != nil {
		s.t.Fatal(err)
	}
	c.setCookie(s.cookies.visitor, a.Visitor)
	given, err := s.Gate.Courtesy(ctx, access.CourtesyRequest{Visitor: readers.VisitorID(a.Visitor), Address: a.Mailbox,
		Network: fmt.Sprint("net ", address), Article: s.articleID(slug)})
	if err != nil || !given {
		s.t.Fatalf("courtesy for %s: %v, %v", slug, given, err)
	}
}

// mustHave and mustNotHave check what a page says.
func (a answer) mustHave(t testing.TB, status int, wanted ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d:\n%s", a.status, status, a.body)
	}
	for _, w := range wanted {
		if !strings.Contains(a.body, w) {
			t.Errorf("the page lacks %q:\n%s", w, a.body)
		}
	}
}

func (a answer) mustNotHave(t testing.TB, unwanted ...string) {
	t.Helper()
	for _, u := range unwanted {
		if strings.Contains(a.body, u) {
			t.Errorf("the page has %q", u)
		}
	}
}
