package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Attacks by who one claims to be (ACCESS.md): crawlers, addresses, cookies, counts, sessions.

// keepReading leaves an address at the wall of an article, and reports whether the article opened.
func (c *testClient) keepReading(address, slug string, header ...string) bool {
	c.t.Helper()
	a := c.Post("/keep-reading", url.Values{"email": {address}, "article": {slug}}, header...)
	if a.status != http.StatusSeeOther {
		c.t.Fatalf("keep reading %s: status %d\n%s", slug, a.status, a.body)
	}
	return strings.Contains(c.follow(a).body, restOf(slug))
}

// reads reports whether a client is shown the whole of an article.
func (c *testClient) reads(slug string) bool {
	c.t.Helper()
	return strings.Contains(c.Get("/articles/"+slug).body, restOf(slug))
}

var metered = []string{meteredOne, meteredTwo, meteredThree, meteredFour, meteredFive}

func TestW10ClearedCookiesAndPrivateWindows(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "reader@example.org")
	before := c.jar.Cookies(mustURL(t, s.url))
	for _, slug := range metered[:3] {
		c.unlock(slug)
	}
	after := c.jar.Cookies(mustURL(t, s.url))
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("cookies changed with the count: %v, then %v", before, after)
	}
	for _, k := range after {
		if len(k.Value) != 43 {
			t.Errorf("cookie %s holds %q, no opaque token", k.Name, k.Value)
		}
	}
	for _, slug := range metered {
		if s.client(t).reads(slug) {
			t.Errorf("a window without cookies reads %s", slug)
		}
	}
	// The same reader in another window has the same count.
	s.clock.advance(11 * time.Minute)
	again := s.reader(t, "reader@example.org")
	again.unlock(meteredFour)
	if again.reads(meteredFour) {
		t.Error("a new sign-in began a new count")
	}
	if !again.reads(meteredOne) {
		t.Error("a new sign-in lost what was chosen")
	}
}

// A reader with nothing left leaves another address at the wall, by hand: no form there asks for one.
func TestW10NoCourtesyForReaders(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "reader@example.org")
	for _, slug := range metered[:3] {
		c.unlock(slug)
	}
	if c.keepReading("another@example.org", meteredFour) {
		t.Error("a second address gave a signed-in reader one more article")
	}
}

func mustURL(t testing.TB, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// alike asks for every level with headers that must change nothing, and compares every byte.
func alike(t *testing.T, s *testSite, sets [][]string) {
	t.Helper()
	for _, slug := range []string{openOne, registeredOne, meteredOne, subscriberOne} {
		want := s.client(t).Get("/articles/" + slug)
		for _, header := range sets {
			a := s.client(t).Get("/articles/"+slug, header...)
			if a.status != want.status || a.body != want.body || a.header.Get("Etag") != want.header.Get("Etag") || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s with %q: status %d, another page than without", slug, header, a.status)
			}
		}
	}
}

func TestW12CrawlerNames(t *testing.T) {
	s := newTestSite(t)
	var sets [][]string
	for _, ua := range crawlers {
		sets = append(sets, []string{"User-Agent", ua}, []string{"User-Agent", ua, "X-Forwarded-For", "66.249.66.1", "From", "googlebot(at)googlebot.com"})
	}
	alike(t, s, append(sets, []string{"User-Agent", ""}))
}

var addressHeaders = []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Cf-Connecting-Ip", "True-Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "Fastly-Client-Ip"}

func TestW13ClientAddresses(t *testing.T) {
	s := newTestSite(t)
	var sets [][]string
	for _, name := range addressHeaders {
		sets = append(sets, []string{name, "66.249.66.1"}, []string{name, "127.0.0.1"}, []string{name, "::1"}, []string{name, "for=66.249.66.1"})
	}
	alike(t, s, sets)
	// No proxy is configured: whatever is claimed, all of these are one network, which has five courtesies a day.
	given := 0
	for i := range 8 {
		claim := fmt.Sprintf("203.0.%d.7", i)
		if s.client(t).keepReading(fmt.Sprintf("stranger%d@example.org", i), meteredOne, "X-Forwarded-For", claim, "Forwarded", "for="+claim, "X-Real-Ip", claim) {
			given++
		}
	}
	if given != 5 {
		t.Errorf("%d courtesies for a network that claims to be eight, want 5", given)
	}
}

func TestW13BehindAProxy(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) {
		c.Server.TrustedProxies = []string{"127.0.0.0/8", "::1/128"}
		c.Wall.CourtesiesPerNetwork = 1
	})
	for i, tc := range []struct {
		forwarded string
		opens     bool
	}{
		{"203.0.113.7", true},
		{"203.0.113.200", false},              // the same /24
		{"198.51.100.1, 203.0.113.9", false},  // only the hop that the proxy saw counts
		{"203.0.113.9, 198.51.100.1", true},   // and what stands before it is hearsay
		{"192.0.2.1, 198.51.100.2", false},    //
		{"192.0.2.1, 127.0.0.1", true},        // a proxy behind a proxy
		{"not an address, 192.0.2.55", false}, //
		{"2001:db8:1:2::1", true},             //
		{"2001:db8:1:2:ffff::1", false},       // the same /64
		{"2001:db8:1:3::1", true},             //
	} {
		if got := s.client(t).keepReading(fmt.Sprintf("p%d@example.org", i), meteredOne, "X-Forwarded-For", tc.forwarded); got != tc.opens {
			t.Errorf("%q: opened %v, want %v", tc.forwarded, got, tc.opens)
		}
	}
}

func TestW14RefererAndFriends(t *testing.T) {
	s := newTestSite(t)
	sets := [][]string{{"Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-User", "?1"},
		{"Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors"}, {"Sec-Purpose", "prefetch;prerender"}, {"X-Requested-With", "XMLHttpRequest"},
		{"Save-Data", "on"}, {"Dnt", "1"}, {"Origin", "https://www.google.com"}, {"X-Amp-Cache", "1"}}
	for _, r := range []string{"https://www.google.com/", "https://news.google.com/", "https://t.co/abc", "https://l.facebook.com/", "https://outline.com/",
		"https://archive.ph/", s.url + "/account"} {
		sets = append(sets, []string{"Referer", r})
	}
	alike(t, s, sets)
}

// A mail that is forwarded, or opened in another browser, shows what that browser may read, and signs in nobody who
// does not press its button (W-24).
func TestW24ForwardedMail(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	if !c.keepReading("first@example.org", meteredOne) {
		t.Fatal("no courtesy")
	}
	link := "/confirm?token=" + s.token("first@example.org")
	friend := s.client(t)
	for range 3 { // a scanner, then a friend
		friend.Get(link).mustHave(t, http.StatusOK, `action="/confirm"`)
	}
	if friend.cookie(s.cookies.session) != "" || friend.reads(meteredOne) {
		t.Error("opening a forwarded link signed in, or opened the article")
	}
	if a := friend.Get(link); a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the link's page may carry its token on: %v", a.header)
	}
	a := c.Post("/confirm", url.Values{"token": {s.token("first@example.org")}})
	if a.status != http.StatusSeeOther || c.cookie(s.cookies.session) == "" {
		t.Fatalf("confirm: status %d", a.status)
	}
	if again := friend.Post("/confirm", url.Values{"token": {s.token("first@example.org")}}); again.status != http.StatusGone || friend.cookie(s.cookies.session) != "" {
		t.Errorf("a used link answers %d", again.status)
	}
}

// together runs n functions at the same moment.
func together(n int, f func(i int)) {
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wait.Wait()
}

func TestW28ParallelUnlocks(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { parallelUnlocks(t, newTestSiteOn(t, db)) })
}

func parallelUnlocks(t *testing.T, s *testSite) {
	t.Helper()
	var slugs []string
	var drafts []library.Draft
	for i := range 40 {
		slugs = append(slugs, fmt.Sprintf("crowd-%d", i))
		drafts = append(drafts, draftOf(slugs[i], access.Metered, testStart.AddDate(0, 0, -1)))
	}
	s.save(drafts...)
	c := s.reader(t, "reader@example.org")
	s.settle()
	together(200, func(i int) {
		r, err := http.NewRequest(http.MethodPost, s.url+"/articles/"+slugs[i%len(slugs)]+"/unlock", nil)
		if err != nil {
			t.Error(err)
			return
		}
		resp, err := c.http.Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		_ = resp.Body.Close()
	})
	open := 0
	for _, slug := range slugs {
		if c.reads(slug) {
			open++
		}
	}
	if open != 3 {
		t.Errorf("200 unlocks at once opened %d articles, want 3", open)
	}
	one := s.reader(t, "one@example.org")
	s.settle()
	together(50, func(int) { _, _ = one.http.Post(s.url+"/articles/"+meteredOne+"/unlock", "", nil) })
	if left := s.left(one); left != 2 {
		t.Errorf("50 unlocks of one article at once left %d of 3", left)
	}
}

// left is how many free articles a client's reader has in this period.
func (s *testSite) left(c *testClient) int {
	s.t.Helper()
	session, err := s.Readers.Session(context.Background(), c.cookie(s.cookies.session))
	if err != nil {
		s.t.Fatal(err)
	}
	spent, err := s.Gate.Unlocks(context.Background(), session.Reader.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.Gate.Policy().Free - len(spent)
}

func TestW29RefreshPrefetchDoubleClickClock(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "reader@example.org")
	for range 5 {
		c.Get("/articles/" + meteredOne)
		c.Head("/articles/" + meteredOne)
		c.Get("/articles/"+meteredOne, "Sec-Purpose", "prefetch")
	}
	if left := s.left(c); left != 3 {
		t.Fatalf("looking left %d of 3", left)
	}
	c.unlock(meteredOne)
	c.unlock(meteredOne)
	for range 5 {
		if !c.reads(meteredOne) {
			t.Fatal("an unlocked article closed on a refresh")
		}
	}
	if left := s.left(c); left != 2 {
		t.Errorf("one article, pressed twice and read five times, left %d of 3", left)
	}
	c.unlock(meteredTwo)
	c.unlock(meteredThree)
	s.clock.advance(-48 * time.Hour) // the server's clock is set back
	c.unlock(meteredFour)
	if c.reads(meteredFour) {
		t.Error("a clock set back gave another article")
	}
	s.clock.advance(48*time.Hour + 20*24*time.Hour) // December
	if c.reads(meteredOne) {
		t.Error("an unlock outlived its month")
	}
	c.unlock(meteredFour)
	if !c.reads(meteredFour) || s.left(c) != 2 {
		t.Errorf("the new month began with %d left after one", s.left(c))
	}
}

func TestW29AutomaticSpending(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.Spend = "automatic" })
	c := s.reader(t, "reader@example.org")
	for _, header := range [][]string{{"Sec-Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}, {"X-Moz", "prefetch"}} {
		c.Get("/articles/"+meteredOne, header...).mustNotHave(t, restOf(meteredOne))
	}
	c.Head("/articles/" + meteredOne)
	if left := s.left(c); left != 3 {
		t.Fatalf("preparing to look left %d of 3", left)
	}
	for _, slug := range metered[:3] {
		for range 2 {
			if !c.reads(slug) {
				t.Errorf("%s did not open", slug)
			}
		}
	}
	if c.reads(meteredFour) || s.left(c) != 0 {
		t.Errorf("a fourth article opened, or %d are left", s.left(c))
	}
	if s.client(t).reads(meteredOne) {
		t.Error("a stranger spent a free article")
	}
}

func TestW33ForgedCookiesAndParameters(t *testing.T) {
	s := newTestSite(t)
	for _, query := range []string{"paid=1", "subscriber=true", "staff=1", "standing=subscriber", "grant=staff", "level=open", "session=" + letters(43), "reader=1", "debug=1"} {
		s.client(t).Get("/articles/"+subscriberOne+"?"+query).mustNotHave(t, restOf(subscriberOne))
	}
	paid := s.subscriber(t, "paid@example.org")
	token := paid.cookie(s.cookies.session)
	session, err := s.Readers.Session(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(token)
	flipped[10] ^= 1
	for name, value := range map[string]string{"random": letters(43), "empty": "", "its hash": session.ID.String(), "number": "1", "flipped": string(flipped),
		"upper": strings.ToUpper(token), "short": token[:42], "long": token + "A", "quoted": `"` + token + `"`, "two": token[:20] + ";" + token[20:], "huge": strings.Repeat("a", 5000)} {
		a := s.client(t).Get("/articles/"+subscriberOne, "Cookie", s.cookies.session+"="+value+"; paid=1; subscriber=1; staff=1; meter=0")
		if strings.Contains(a.body, restOf(subscriberOne)) || a.status != http.StatusOK {
			t.Errorf("a session cookie, %s: status %d, read: %v", name, a.status, strings.Contains(a.body, restOf(subscriberOne)))
		}
	}
	s.client(t).Get("/articles/"+subscriberOne, "Cookie", s.cookies.visitor+"="+token).mustNotHave(t, restOf(subscriberOne))
	s.client(t).Get("/articles/"+subscriberOne, "Cookie", s.cookies.session+"="+token).mustHave(t, http.StatusOK, restOf(subscriberOne))
}

// Entitlements are read anew: a subscription that ends is no longer believed after 60 seconds, even on a node that no
// change reached (S-16).
func TestW33EntitlementsAreReadAnew(t *testing.T) {
	s := newTestSite(t)
	c := s.subscriber(t, "paid@example.org")
	if !c.reads(subscriberOne) {
		t.Fatal("a subscriber cannot read")
	}
	session, err := s.Readers.Session(context.Background(), c.cookie(s.cookies.session))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Plans.Revoke(context.Background(), session.Reader.ID, "test"); err != nil {
		t.Fatal(err)
	}
	s.skip() // this node hears nothing of it
	s.clock.advance(61 * time.Second)
	if c.reads(subscriberOne) {
		t.Error("a revoked subscription was believed for more than 60 seconds")
	}
	until := s.subscriber(t, "until@example.org")
	if !until.reads(subscriberOne) {
		t.Fatal("a subscriber cannot read")
	}
	s.clock.advance(366 * 24 * time.Hour)
	if until.reads(subscriberOne) {
		t.Error("a subscription outlived its last day")
	}
}

// skip passes over the changes so far, as on a node that they did not reach.
func (s *testSite) skip() {
	s.t.Helper()
	last, err := s.db.LastChange(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = last
}

func TestW37SharedComputer(t *testing.T) {
	s := newTestSite(t)
	c := s.subscriber(t, "paid@example.org")
	token := c.cookie(s.cookies.session)
	for _, path := range []string{"/articles/" + subscriberOne, "/articles/" + openOne, "/account", "/", "/archive", "/subscribe"} {
		if cc := c.Get(path).header.Get("Cache-Control"); cc != "private, no-store" {
			t.Errorf("%s: Back may show it: Cache-Control %q", path, cc)
		}
	}
	a := c.Post("/sign-out", nil)
	if a.status != http.StatusSeeOther || c.cookie(s.cookies.session) != "" {
		t.Fatalf("sign out: status %d, cookies %v", a.status, c.jar.Cookies(mustURL(t, s.url)))
	}
	if c.reads(subscriberOne) {
		t.Error("the browser still reads")
	}
	c.Get("/").mustNotHave(t, "paid@example.org", `class="first" href="/account"`)
	thief := s.client(t)
	thief.setCookie(s.cookies.session, token)
	if thief.reads(subscriberOne) {
		t.Error("the token of a session that was ended still opens")
	}
	if !slices.Contains(a.header.Values("Cache-Control"), "private, no-store") {
		t.Errorf("the answer to a sign-out may be kept: %v", a.header)
	}
}

// A page is asked for in the moment in which its article gets another slug, by a node that has not heard of it.
func TestRenamedWhileAsked(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.Get("/articles/" + meteredFive)
	d := draftOf("metered-fifth", access.Metered, testStart.AddDate(0, 0, -400))
	d.ID = s.articleID(meteredFive)
	s.save(d)
	s.skip()
	s.pages.Clear()
	if a := c.Get("/articles/" + meteredFive); a.status != http.StatusMovedPermanently || a.location() != "/articles/metered-fifth" {
		t.Errorf("status %d to %q", a.status, a.location())
	}
}
