package web

import (
	"context"
	"log/slog"
	"net/http"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/follows"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mailing"
	"github.com/gatefold/gatefold/internal/newsletters"
	"github.com/gatefold/gatefold/internal/readers"
)

// letters wires the newsletters of a test site as the app does.
func (s *testSite) letters(ctx context.Context, c config.Config, gate *access.Gate, plans *billing.Billing, people *readers.Readers,
	followed *follows.Follows, sold *ads.Ads, log *slog.Logger) *newsletters.Newsletters {
	s.t.Helper()
	runs, err := mailing.New(ctx, s.db, mailing.Options{Domain: "review.example", Now: s.clock.now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := newsletters.New(ctx, s.db, newsletters.Deps{Publication: newsletters.Publication{Name: c.Publication.Name, Origin: c.Publication.URL,
		From: c.Sender(), Zone: c.Location()}, Library: s.lib, Gate: gate, Plans: plans, Readers: people, Follows: followed,
		Ads: sold, Outbox: s.out, Mailings: runs, Now: s.clock.now, Log: log})
	if err != nil {
		s.t.Fatal(err)
	}
	people.Attach([]readers.Exporter{l}, []readers.Eraser{l})
	return l
}

// edition is the address of an edition that names every planted article, with all of the text for who may read it. It is
// sent, to nobody, when it is first asked for.
func (s *canarySite) edition(slug string) string {
	s.t.Helper()
	ctx := context.Background()
	n, err := s.Newsletters.BySlug(ctx, slug)
	if err != nil {
		s.t.Fatal(err)
	}
	path := "/newsletters/" + slug + "/1"
	if _, err := s.Newsletters.Numbered(ctx, n, 1); err == nil {
		return path
	}
	d := newsletters.Document{Subject: "Everything", Blocks: []newsletters.Block{{Kind: newsletters.Articles}}}
	for _, p := range s.planted {
		d.Blocks[0].Items = append(d.Blocks[0].Items, newsletters.Item{Slug: p.slug})
	}
	e, err := s.Newsletters.Write(ctx, n, d)
	if err == nil {
		err = s.Newsletters.Approve(ctx, e.ID)
	}
	if err == nil {
		err = s.Newsletters.Send(ctx, e.ID)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return path
}

// lettersOf sends an edition of a newsletter to a reader who has it, and returns what stands in the holes of their copy.
func (s *testSite) lettersOf(t *testing.T, slug, address string) (reader int64, values map[string]string) {
	t.Helper()
	ctx := context.Background()
	r, err := s.Readers.Find(ctx, address)
	must(t, err)
	n, err := s.Newsletters.BySlug(ctx, slug)
	must(t, err)
	must(t, s.Newsletters.Subscribe(ctx, r.ID, newsletters.Choice{Newsletter: n}, "Send it.", home))
	e, err := s.Newsletters.Write(ctx, n, newsletters.Document{Subject: "Ships", Blocks: []newsletters.Block{
		{Kind: newsletters.Take, Text: "Ours. [Theirs](https://port.example/x)"}, {Kind: newsletters.Latest, Items: []newsletters.Item{{Slug: openOne}}}}})
	must(t, err)
	must(t, s.Newsletters.Approve(ctx, e.ID))
	must(t, s.Newsletters.Send(ctx, e.ID))
	e, err = s.Newsletters.Edition(ctx, e.ID)
	must(t, err)
	list, err := s.Newsletters.Recipients(ctx, mailing.Mailing{ID: e.Mailing, Edition: e.ID}, []int64{r.ID})
	must(t, err)
	if len(list) != 1 || list[0].Skip != "" {
		t.Fatalf("recipients %+v", list)
	}
	return r.ID, list[0].Values
}

// mailLinks returns the paths of the links in the mail that a reader has of an edition, by their numbers.
func (s *testSite) mailLinks(t *testing.T, edition, reader int64) map[string]string {
	t.Helper()
	e, err := s.Newsletters.Edition(t.Context(), edition)
	must(t, err)
	of := mailing.Mailing{ID: e.Mailing, Edition: e.ID}
	compiled, err := s.Newsletters.Compile(t.Context(), of)
	must(t, err)
	list, err := s.Newsletters.Recipients(t.Context(), of, []int64{reader})
	must(t, err)
	b, err := compiled.Copies[list[0].Copy].Append(nil, mail.Personal{ID: "id@review.example", Date: testStart,
		To: netmail.Address{Address: list[0].Address}, Values: list[0].Values})
	must(t, err)
	paths := map[string]string{}
	for _, m := range mailLink.FindAllStringSubmatch(strings.NewReplacer("=\r\n", "", "=2E", ".").Replace(string(b)), -1) {
		paths[m[1]] = m[0]
	}
	return paths
}

var mailLink = regexp.MustCompile(`/l/[0-9a-z]+\.([0-9a-z]+)\.[0-9a-z.]+`)

var home = netip.MustParsePrefix("192.0.2.0/24")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A mail program's button works from anywhere, without a cookie, at once; looking at the link does nothing.
func TestLeaving(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "anna@example.org")
	reader, values := s.lettersOf(t, "free", "anna@example.org")
	path, c := "/unsubscribe/"+values["unsubscribe"], s.client(t)
	has := func() bool {
		list, err := s.Readers.AgreedAmong(context.Background(), readers.Newsletter, []int64{reader})
		must(t, err)
		return len(list) == 1
	}
	for range 3 {
		c.Get(path).mustHave(t, http.StatusOK, "Leave The free newsletter?", `action="`+path+`" method="post"`)
	}
	if !has() {
		t.Fatal("looking at the link left the newsletter")
	}
	a := c.send("POST", path, strings.NewReader("List-Unsubscribe=One-Click"), "Content-Type", "application/x-www-form-urlencoded",
		"Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site")
	a.mustHave(t, http.StatusOK, "You have left The free newsletter")
	if has() {
		t.Error("it was not left")
	}
	if strings.Contains(s.logs(), values["unsubscribe"]) {
		t.Error("the log holds the token")
	}
	// The token does nothing else, and others do not leave.
	for _, at := range []string{"/preferences/" + values["unsubscribe"], "/unsubscribe/" + values["preferences"], "/unsubscribe/x"} {
		if a := c.Get(at); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", at, a.status)
		}
	}
}

// The page of preferences needs no signing in, keeps what is chosen, and shows nothing else of the account.
func TestPreferences(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "anna@example.org")
	reader, values := s.lettersOf(t, "free", "anna@example.org")
	path, c := "/preferences/"+values["preferences"], s.client(t)
	page := c.Get(path)
	page.mustHave(t, http.StatusOK, "The free newsletter", "Today’s Articles", "a…@example.org")
	page.mustNotHave(t, "anna@", "The Daily Review")
	form := url.Values{"have": {"today", "daily-review"}, "pace.today": {"published"}, "articles.today": {"followed"}, "terms": {"on"},
		"follow": {"topic:trade"}}
	c.follow(c.Post(path, form)).mustHave(t, http.StatusOK, "Your choice is kept.")
	choices, err := s.Newsletters.Choices(context.Background(), reader)
	must(t, err)
	for _, have := range choices {
		want := have.Newsletter.Slug == "today"
		if have.Has != want || want && (have.Pace != newsletters.AsPublished || !have.Followed) {
			t.Errorf("%s: %+v", have.Newsletter.Slug, have)
		}
	}
	if terms, err := s.Follows.Following(context.Background(), reader); err != nil || len(terms) != 1 || terms[0].Slug != "trade" {
		t.Errorf("follows %+v, %v", terms, err)
	}
	if a := c.Get("/account"); a.status != http.StatusSeeOther {
		t.Errorf("the token signed in: status %d", a.status)
	}
}

// Where letters come in several languages, readers choose theirs; where a newsletter asks for who follows its links, they
// may agree, and take it back.
func TestPreferencesOfLanguageAndMeasuring(t *testing.T) {
	s := newTestSite(t)
	ctx := context.Background()
	s.reader(t, "anna@example.org")
	reader, values := s.lettersOf(t, "free", "anna@example.org")
	path, c := "/preferences/"+values["preferences"], s.client(t)
	c.Get(path).mustNotHave(t, `name="language"`, `name="measure"`)
	n, err := s.Newsletters.BySlug(ctx, "free")
	must(t, err)
	n.Slug, n.Name, n.Language, n.Tracking = "brief", "Der Brief", "de", newsletters.ByReader
	must(t, s.Newsletters.Save(ctx, n))
	c.Get(path).mustHave(t, http.StatusOK, `name="language" value="en" checked`, "Deutsch", `name="measure" value="on">`)
	agreed := func() bool {
		_, agreed, err := s.Newsletters.Measuring(ctx, reader)
		must(t, err)
		return agreed
	}
	form := url.Values{"have": {"brief"}, "language": {"en"}, "measuring": {"on"}, "measure": {"on"}}
	c.follow(c.Post(path, form)).mustHave(t, http.StatusOK, "waits until you choose that language", `name="measure" value="on" checked`)
	if !agreed() {
		t.Error("agreed, and it was not kept")
	}
	form.Set("language", "de")
	form.Del("measure")
	a := c.follow(c.Post(path, form))
	a.mustHave(t, http.StatusOK, `name="language" value="de" checked`)
	a.mustNotHave(t, "waits until you choose")
	if language, err := s.Newsletters.Language(ctx, reader); err != nil || language != "de" || agreed() {
		t.Errorf("language %q, %v; agreed %v", language, err, agreed())
	}
	form.Set("language", "fr") // nobody writes in it
	c.Post(path, form)
	if language, err := s.Newsletters.Language(ctx, reader); err != nil || language != "de" {
		t.Errorf("language %q, %v", language, err)
	}
}

// Links of a letter lead where the edition says, with its number on our own pages, and nowhere else.
func TestClicks(t *testing.T) {
	s := newTestSite(t)
	s.reader(t, "anna@example.org")
	reader, _ := s.lettersOf(t, "free", "anna@example.org")
	s.clock.advance(time.Minute)
	c, links := s.client(t), s.mailLinks(t, 1, reader)
	for link, want := range map[string]string{"1": "https://port.example/x", "2": s.url + "/articles/" + openOne + "?letter=1", "0": s.url + "/?letter=1"} {
		if a := c.Get(links[link]); a.status != http.StatusFound || a.header.Get("Location") != want {
			t.Errorf("link %s: %d %q, want %q", link, a.status, a.header.Get("Location"), want)
		}
	}
	for _, at := range []string{"/l/1.1.0", "/l/1.0.0", strings.Replace(links["1"], "/l/1.1.", "/l/1.2.", 1), strings.Replace(links["1"], "/l/1.1.", "/l/2.1.", 1), "/l/x", "/l/1.1", "/l/https:%2F%2Fevil.example", "/l/1.-1.0"} {
		if a := c.Get(at); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d, to %q", at, a.status, a.header.Get("Location"))
		}
	}
	c.Get("/newsletters/free").mustHave(t, http.StatusOK, "Ships", "/newsletters/free/1")
	c.Get("/newsletters/free/1").mustHave(t, http.StatusOK, "Ours.", "Title of "+openOne)
}

// What editors write for subscribers is cut for everyone else, in the archive as anywhere.
func TestArchiveOfSubscribersIsCut(t *testing.T) {
	s := newTestSite(t)
	ctx := context.Background()
	n, err := s.Newsletters.BySlug(ctx, "daily-review")
	must(t, err)
	e, err := s.Newsletters.Write(ctx, n, newsletters.Document{Subject: "The strait", Blocks: []newsletters.Block{
		{Kind: newsletters.Take, Text: "The beginning of it. " + strings.Repeat("More of it. ", 30) + "\n\nThe secret of it."},
		{Kind: newsletters.Articles, Items: []newsletters.Item{{Slug: meteredOne, Line: "What we think of it."}, {Slug: openOne, Line: "What we think of it."}}},
		{Kind: newsletters.Latest, Items: []newsletters.Item{{Slug: openOne, Line: "What we think of it."}}}}})
	must(t, err)
	must(t, s.Newsletters.Approve(ctx, e.ID))
	must(t, s.Newsletters.Send(ctx, e.ID))
	for name, c := range map[string]*testClient{"a visitor": s.client(t), "a reader": s.reader(t, "anna@example.org")} {
		a := c.Get("/newsletters/daily-review/1")
		a.mustHave(t, http.StatusOK, "The beginning of it.", "comes in full with All-Access")
		for _, secret := range []string{"The secret of it", "What we think of it"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("%s reads %q, which is for subscribers", name, secret)
			}
		}
	}
	s.subscriber(t, "ben@example.org").Get("/newsletters/daily-review/1").mustHave(t, http.StatusOK, "The secret of it.", "What we think of it.")
}
