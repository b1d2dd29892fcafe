package web

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

// What everybody would get may be kept by anyone; the text of a gated article by nobody.
func TestArticleCaching(t *testing.T) {
	s := newTestSite(t)
	chose := s.reader(t, "chose@example.org")
	chose.unlock(meteredOne)
	guest := s.client(t)
	guest.leaveAddress("guest@example.org", meteredOne)
	robots := "noarchive, nocache, max-image-preview:large"
	for _, x := range []struct {
		name   string
		client *testClient
		slug   string
		full   bool
		public bool
		robots string
	}{
		{"anonymous, open", s.client(t), openOne, true, true, "max-image-preview:large"},
		{"anonymous, registered", s.client(t), registeredOne, false, true, robots},
		{"anonymous, metered", s.client(t), meteredOne, false, true, robots},
		{"anonymous, subscriber", s.client(t), subscriberOne, false, true, robots},
		{"courtesy", guest, meteredOne, true, false, robots},
		{"a visitor, open", guest, openOne, true, false, "max-image-preview:large"},
		{"reader, registered", s.reader(t, "reader@example.org"), registeredOne, true, false, robots},
		{"reader, unlocked", chose, meteredOne, true, false, robots},
		{"reader, teaser", chose, meteredTwo, false, false, robots},
		{"subscriber", s.subscriber(t, "paid@example.org"), subscriberOne, true, false, robots},
		{"subscriber, open", s.subscriber(t, "paid2@example.org"), openOne, true, false, "max-image-preview:large"},
	} {
		path := "/articles/" + x.slug
		a := x.client.Get(path)
		a.mustHave(t, http.StatusOK, teaserOf(x.slug))
		h := a.header
		if got := strings.Contains(a.body, restOf(x.slug)); got != x.full {
			t.Errorf("%s: the whole text: %v", x.name, got)
		}
		if x.public != (h.Get("Cache-Control") == "public, no-cache") || x.public != (h.Get("Etag") != "") || h.Get("Set-Cookie") != "" ||
			!x.public && h.Get("Cache-Control") != "private, no-store" || h.Get("Last-Modified") != "" {
			t.Errorf("%s: headers %v", x.name, h)
		}
		if h.Get("X-Robots-Tag") != x.robots || h.Get("Vary") != "Accept-Encoding, Cookie" {
			t.Errorf("%s: X-Robots-Tag %q, Vary %q", x.name, h.Get("X-Robots-Tag"), h.Get("Vary"))
		}
		again := x.client.Get(path, "If-None-Match", h.Get("Etag"))
		if want := map[bool]int{true: http.StatusNotModified, false: http.StatusOK}[x.public]; again.status != want {
			t.Errorf("%s: asked again with the tag %q: status %d", x.name, h.Get("Etag"), again.status)
		}
		if again.status == http.StatusNotModified && (again.body != "" || again.header.Get("Etag") == "" || again.header.Get("Cache-Control") != "public, no-cache" ||
			again.header.Get("X-Robots-Tag") != x.robots) {
			t.Errorf("%s: 304 with headers %v", x.name, again.header)
		}
	}
}

// A form of a page is public only if everybody gets it, whoever may come to be admitted to it.
func TestVariantsThatArePublic(t *testing.T) {
	for _, x := range []struct {
		k    variant
		want bool
	}{
		{variant{full: true}, true},
		{variant{gated: true}, true},
		{variant{full: true, gated: true}, false},
		{variant{full: true, signedIn: true}, false},
		{variant{gated: true, signedIn: true}, false},
	} {
		if got := x.k.public(); got != x.want {
			t.Errorf("%+v is public: %v", x.k, got)
		}
	}
}

// Whatever tells two forms apart tells their keys apart, and no other article's pages are dropped with an article's.
func TestVariantKeys(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []int64{1, 11} {
		for _, period := range []string{"", "2026-11", "2026-12", "rolling"} {
			for _, k := range []variant{{}, {full: true}, {gated: true}, {ads: true}, {signedIn: true}, {full: true, gated: true}, {gated: true, ads: true},
				{ads: true, signedIn: true}, {wall: access.Subscribe}, {wall: access.SlowDown}, {left: 1}, {left: 2}, {wall: access.KeepReading, left: 2}} {
				key, is := k.key(id, period), fmt.Sprint(id, period, k)
				if was, double := seen[key]; double {
					t.Errorf("%s and %s share the key %q", was, is, key)
				}
				seen[key] = is
				if of, ok := articleOf(key); of != id || !ok {
					t.Errorf("the key %q of article %d is one of article %d", key, id, of)
				}
			}
		}
	}
}

// Pages are kept by what may be read, never by who reads: whoever asks in whatever order gets their own.
func TestArticlePagesDoNotMix(t *testing.T) {
	s := newTestSite(t)
	chose := s.reader(t, "chose@example.org")
	chose.unlock(meteredOne)
	guest := s.client(t)
	guest.leaveAddress("guest@example.org", meteredOne)
	other := s.reader(t, "other@example.org")
	other.unlock(meteredTwo)
	people := []struct {
		name         string
		client       *testClient
		full         bool
		mine, theirs []string
	}{
		{"anonymous", s.client(t), false, []string{"Keep reading for free", `href="/sign-in">Sign in`}, []string{checkInbox, "Read this one?"}},
		{"subscriber", s.subscriber(t, "paid@example.org"), true, []string{`class="first" href="/account"`}, []string{adMark, "free articles", checkInbox}},
		{"guest", guest, true, []string{"guest@example.org", adMark}, []string{"Keep reading for free", "free articles in November"}},
		{"chose", chose, true, []string{"Two left.", adMark}, []string{checkInbox, "Keep reading"}},
		{"fresh", s.reader(t, "fresh@example.org"), false, []string{"Read this one?", "three left"}, []string{checkInbox, "Keep reading for free"}},
		{"one chosen", other, false, []string{"Read this one?", "two left"}, []string{checkInbox, "three left"}},
		{"staff", s.staff(t, "staff@example.org"), true, nil, []string{adMark, checkInbox, "Left."}},
	}
	s.settle()
	check := func(i int, encoding string) {
		who := people[i%len(people)]
		a := who.client.Get("/articles/"+meteredOne, "Accept-Encoding", encoding)
		body := string(unpacked(t, a))
		if a.status != http.StatusOK || strings.Contains(body, restOf(meteredOne)) != who.full {
			t.Errorf("%s: status %d, and the whole text: %v", who.name, a.status, !who.full)
		}
		for _, w := range who.mine {
			if !strings.Contains(body, w) {
				t.Errorf("%s lacks %q", who.name, w)
			}
		}
		for _, w := range who.theirs {
			if strings.Contains(body, w) {
				t.Errorf("%s has %q", who.name, w)
			}
		}
	}
	for i := range 3 * len(people) { // each before and after each other
		check(i, []string{"gzip", "identity", "br"}[i%3])
		check(i*5+1, "gzip")
	}
	s.pages.Clear() // and all at once, with nothing kept
	var all sync.WaitGroup
	for i := range 4 * len(people) {
		all.Go(func() { check(i, "gzip") })
	}
	all.Wait()
}

// A change shows at once, in every form of the page, and wherever the article is listed.
func TestArticleChanges(t *testing.T) {
	s := newTestSite(t)
	visitor, paid := s.client(t), s.subscriber(t, "paid@example.org")
	path := "/articles/" + meteredOne
	lists := []string{"/", "/archive", "/sections/briefings", "/topics/trade", "/contributors/ines-marvell", "/series/the-straits", "/feed.xml"}
	for _, p := range append(lists, path) {
		visitor.Get(p).mustHave(t, http.StatusOK, "Title of "+meteredOne)
		paid.Get(p).mustHave(t, http.StatusOK, "Title of "+meteredOne)
	}
	tag := visitor.Get(path).header.Get("Etag")
	d := draftOf(meteredOne, access.Metered, testStart.AddDate(0, 0, -2))
	d.ID, d.Title, d.Series, d.Part = s.articleID(meteredOne), "Quite another title", "The Straits", 2
	d.BodyHTML = "<p>A new opening.</p><!-- cut --><p>A new rest.</p>"
	d.Corrections = []library.Correction{{At: testStart, Text: "We had the title wrong."}}
	s.save(d)
	for _, p := range append(lists, path) {
		for _, c := range []*testClient{visitor, paid} {
			a := c.Get(p)
			a.mustHave(t, http.StatusOK, "Quite another title")
			a.mustNotHave(t, "Title of "+meteredOne)
		}
	}
	if a := visitor.Get(path, "If-None-Match", tag); a.status != http.StatusOK {
		t.Errorf("with the old tag: status %d", a.status)
	}
	teaser, full := visitor.Get(path), paid.Get(path)
	teaser.mustHave(t, http.StatusOK, "A new opening.")
	teaser.mustNotHave(t, "A new rest.", "We had the title wrong.")
	full.mustHave(t, http.StatusOK, "A new opening.", "A new rest.", "We had the title wrong.", "16 November 2026</time>: We")
	full.mustNotHave(t, restOf(meteredOne))

	d.Level = access.Open
	s.save(d)
	visitor.Get(path).mustHave(t, http.StatusOK, "A new rest.")
	d.Level = access.Subscriber
	s.save(d)
	closed := visitor.Get(path)
	closed.mustHave(t, http.StatusOK, "This article is for subscribers")
	closed.mustNotHave(t, "A new rest.")
	d.State = library.Drafted
	s.save(d)
	for _, c := range []*testClient{visitor, paid} {
		c.Get(path).mustHave(t, http.StatusNotFound)
		c.Get("/").mustNotHave(t, "Quite another title")
	}
}

// A scheduled article appears at its moment by the clock alone, on every page, although all were kept a moment before.
func TestArticleScheduled(t *testing.T) {
	s := newTestSite(t)
	first := draftOf("first-dispatch", access.Open, testStart.Add(time.Hour))
	first.Section, first.Topics, first.Byline = "Dispatches", []string{"Harbors"}, []string{"Jonas Rydel"}
	s.save(first)
	visitor, paid := s.client(t), s.subscriber(t, "paid@example.org")
	with := map[string]string{"/": "Title of first-dispatch", "/archive": "Title of " + scheduledOne, "/archive/2026/11": "Title of " + scheduledOne,
		"/sections": "Dispatches", "/sections/briefings": "Title of " + scheduledOne, "/topics/trade": "Title of " + scheduledOne, "/topics": "Harbors",
		"/contributors": "Jonas Rydel", "/contributors/ines-marvell": "Title of " + scheduledOne, "/feed.xml": "Title of first-dispatch",
		"/feed.atom": "Title of first-dispatch", "/feed.json": "Title of first-dispatch", "/sitemaps/2026-11.xml": "first-dispatch",
		"/subscribe": `href="/sections/dispatches"`, "/articles/" + openOne: `href="/sections/dispatches"`}
	all := func(there bool) {
		t.Helper()
		for path, text := range with {
			for _, c := range []*testClient{visitor, paid} {
				a := c.Get(path)
				a.mustHave(t, http.StatusOK)
				if strings.Contains(a.body, text) != there {
					t.Errorf("at %s, %s holds %q: %v", s.clock.now().Format(time.StampNano), path, text, !there)
				}
			}
		}
		for _, path := range []string{"/articles/" + scheduledOne, "/articles/first-dispatch", "/sections/dispatches"} {
			if got := visitor.Get(path).status == http.StatusOK; got != there {
				t.Errorf("at %s, %s is there: %v", s.clock.now().Format(time.StampNano), path, got)
			}
		}
	}
	all(false)
	s.clock.advance(time.Hour - time.Microsecond)
	all(false)
	s.clock.advance(time.Microsecond)
	all(true)
}

// Where opening spends: the first plain GET does, nothing else.
func TestArticleAutomatic(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Wall.Spend = "automatic" })
	c := s.reader(t, "anna@example.org")
	spent := func() int {
		t.Helper()
		list, err := s.Gate.Unlocks(t.Context(), s.readerOf("anna@example.org").ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	path := "/articles/" + meteredOne
	c.Head(path)
	for _, ahead := range [][]string{{"Sec-Purpose", "prefetch"}, {"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch"}, {"X-Moz", "prefetch"}} {
		a := c.Get(path, ahead...)
		a.mustHave(t, http.StatusOK, "Read this one?")
		a.mustNotHave(t, restOf(meteredOne))
	}
	if n := spent(); n != 0 {
		t.Fatalf("HEAD and prefetching spent %d", n)
	}
	for i, slug := range []string{meteredOne, meteredOne, meteredTwo, meteredThree, meteredOne} {
		left := []string{"Two left.", "Two left.", "One left.", "None left.", "None left."}[i]
		c.Get("/articles/"+slug).mustHave(t, http.StatusOK, restOf(slug), "This is one of your three free articles in November. "+left)
	}
	fourth := c.Get("/articles/" + meteredFour)
	fourth.mustHave(t, http.StatusOK, "You have read your three free articles in November")
	fourth.mustNotHave(t, restOf(meteredFour))
	if n := spent(); n != 3 {
		t.Errorf("spent %d", n)
	}
	// What is open anyway costs nothing, and a visitor has nothing to spend.
	c.Get("/articles/"+registeredOne).mustHave(t, http.StatusOK, restOf(registeredOne))
	s.client(t).Get(path).mustNotHave(t, restOf(meteredOne))
}

// An unlock is a reader's: anybody else's changes nothing, and leads back to the wall.
func TestArticleUnlock(t *testing.T) {
	s := newTestSite(t)
	for _, x := range []struct {
		name   string
		client *testClient
		slug   string
		full   bool
	}{
		{"a visitor", s.client(t), meteredOne, false},
		{"a reader at a subscriber's article", s.reader(t, "anna@example.org"), subscriberOne, false},
		{"a reader at an open article", s.reader(t, "bernd@example.org"), openOne, true},
		{"a subscriber", s.subscriber(t, "paid@example.org"), meteredOne, true},
	} {
		a := x.client.Post("/articles/"+x.slug+"/unlock", nil)
		a.goesTo(t, "/articles/"+x.slug)
		if got := strings.Contains(x.client.follow(a).body, restOf(x.slug)); got != x.full {
			t.Errorf("%s: the whole text: %v", x.name, got)
		}
	}
	var n int
	if err := s.db.QueryRow(t.Context(), `SELECT COUNT(*) FROM unlocks`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d free articles were spent, %v", n, err)
	}
	c := s.reader(t, "carl@example.org")
	c.Post("/articles/"+oldSlug+"/unlock", nil).goesTo(t, "/articles/"+renamedArticle)
	for _, slug := range []string{"no-such-article", draftOne, scheduledOne} {
		c.Post("/articles/"+slug+"/unlock", nil).mustHave(t, http.StatusNotFound)
	}
	if a := c.Get("/articles/" + oldSlug + "?x=1"); a.status != http.StatusMovedPermanently || a.location() != "/articles/"+renamedArticle {
		t.Errorf("the old name answers %d to %q", a.status, a.location())
	}
}

// The opening of an article is for everyone: who wrote it, when, about what.
func TestArticleOpening(t *testing.T) {
	s := newTestSite(t)
	d := draftOf(meteredThree, access.Metered, testStart.AddDate(0, 0, -20))
	d.ID, d.Updated, d.Origin, d.Licence = s.articleID(meteredThree), testStart.AddDate(0, 0, -3), "https://source.example/x", "CC BY 4.0"
	d.Byline = []string{"Ines Marvell", "Jonas Rydel"}
	s.save(d)
	a := s.client(t).Get("/articles/" + meteredThree)
	a.mustHave(t, http.StatusOK, "Title of "+meteredThree, "Standfirst of "+meteredThree, `href="/contributors/ines-marvell"`, `href="/contributors/jonas-rydel"`,
		"27 October 2026", "Updated", "13 November 2026", `href="/topics/trade"`, `href="/countries/portugal"`, "Ines Marvell writes on ports.",
		"has written on ports for twenty years", `href="https://source.example/x" rel="nofollow"`, "CC BY 4.0", "More from The Test Review")
	if n := strings.Count(a.body, "<h1"); n != 1 {
		t.Errorf("%d main headings", n)
	}
	same := s.client(t).Get("/articles/" + meteredFour)
	same.mustNotHave(t, "Updated", "Source:")
	photo := s.client(t).Get("/articles/" + meteredOne)
	img := photo.find(t, func(n *html.Node) bool { return n.Data == "img" && attribute(n, "fetchpriority") == "high" })
	if img == nil || attribute(img, "alt") != "Ships at anchor" || attribute(img, "width") != fmt.Sprint(s.photo.Width) || attribute(img, "height") != fmt.Sprint(s.photo.Height) {
		t.Errorf("the photograph: %v", img)
	}
	photo.mustHave(t, http.StatusOK, "Ships wait.", "A. Photographer", "Part one", `aria-current="page"`)
}
