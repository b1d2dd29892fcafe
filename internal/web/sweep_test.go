package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
)

// A principal is somebody who asks.
type principal struct {
	name   string
	client *testClient
	may    func(*planted) bool
}

func nothing(*planted) bool      { return false }
func everything(p *planted) bool { return !p.hidden }
func onlyLevels(levels ...access.Level) func(*planted) bool {
	return func(p *planted) bool { return !p.hidden && slices.Contains(levels, p.level) }
}

// strangers are those whom the wall stands before, each with what they may read all the same. n makes their addresses
// differ from those of another call.
func (s *canarySite) strangers(t *testing.T, n int) []*principal {
	t.Helper()
	address := func(who string) string { return fmt.Sprintf("%s%d@example.org", who, n) }
	lapsed := s.client(t)
	s.grant(s.enter(lapsed, address("lapsed")), s.clock.now().Add(time.Minute))
	s.clock.advance(2 * time.Minute)
	revoked := s.client(t)
	r := s.enter(revoked, address("revoked"))
	s.grant(r, s.clock.now().AddDate(1, 0, 0))
	if _, err := s.Plans.Revoke(context.Background(), r.ID, "test"); err != nil {
		t.Fatal(err)
	}
	exhausted := s.client(t)
	s.courtesy(exhausted, address("exhausted"), meteredOne)
	spent := s.reader(t, address("spent"))
	refunded := s.client(t)
	checkout := refunded.begin(buyer(address("refunded")))
	refunded.Post(checkout, url.Values{"do": {"pay"}})
	refunded.Get(strings.TrimPrefix(paidAddress(t, s.testSite), s.url))
	refunded.Post(checkout, url.Values{"do": {"refund"}})
	poor, formerly := s.client(t), s.client(t)
	giver := s.enter(formerly, address("giver"))
	s.grant(giver, s.clock.now().AddDate(1, 0, 0))
	poor.Post(formerly.gives("subscriber-canary-html"), nil)
	if _, err := s.Plans.Revoke(context.Background(), giver.ID, "test"); err != nil {
		t.Fatal(err)
	}
	s.Gate.Forget(giver.ID)
	for _, c := range []*testClient{lapsed, revoked, spent} { // a subscription that ended leaves the free articles of a reader
		for _, slug := range []string{meteredTwo, meteredThree, meteredFour} {
			c.unlock(slug)
		}
	}
	registered := onlyLevels(access.Registered)
	return []*principal{
		{"anonymous", s.client(t), nothing},
		{"a visitor whose courtesy is spent", exhausted, nothing},
		{"a reader with nothing left", spent, registered},
		{"a lapsed subscriber", lapsed, registered},
		{moneyBack, refunded, nothing},
		{"a revoked subscriber", revoked, registered},
		{poorFriend, poor, nothing},
	}
}

// moneyBack and poorFriend are visitors like any other.
const (
	moneyBack  = "a visitor who has the money back"
	poorFriend = "a visitor with a gift of a lapsed giver"
)

// entitled are those who may read more.
func (s *canarySite) entitled(t *testing.T) []*principal {
	t.Helper()
	const chosen = "metered-canary-html"
	guest := s.client(t)
	s.courtesy(guest, "guest@example.org", chosen)
	unlocked := s.reader(t, "unlocked@example.org")
	unlocked.unlock(chosen)
	payer := s.client(t)
	payer.buy(buyer("payer@example.org"))
	one := func(p *planted) bool { return p.slug == chosen }
	const given = "subscriber-canary-html"
	friend := s.client(t)
	friend.Post(s.subscriber(t, "generous@example.org").gives(given), nil)
	return []*principal{
		{"a reader at the wrong level", s.reader(t, "fresh@example.org"), onlyLevels(access.Registered)},
		{"a visitor with a courtesy", guest, one},
		{"a visitor with a gift", friend, func(p *planted) bool { return p.slug == given }},
		{"a reader who unlocked one", unlocked, func(p *planted) bool { return one(p) || onlyLevels(access.Registered)(p) }},
		{"a subscriber", s.subscriber(t, "subscriber@example.org"), everything},
		{"a browser that paid", payer, everything},
		{"staff", s.staff(t, "staff@example.org"), everything},
	}
}

// unpaid is an address of a checkout that was begun, behind a path.
func (s *canarySite) unpaid(path string) string {
	s.t.Helper()
	checkout := s.client(s.t).begin(buyer("unpaid@example.org"))
	if path == "/test-checkout/" {
		return checkout
	}
	return strings.TrimPrefix(paidAddress(s.t.(*testing.T), s.testSite), s.url)
}

// A target is one address of a route, with the form that is sent to it.
type target struct {
	path string
	form url.Values
}

func paths(all ...string) (out []target) {
	for _, p := range all {
		out = append(out, target{path: p})
	}
	return out
}

// every are the articles that are asked for in every way.
var every = []string{"registered-canary-html", "metered-canary-html", "subscriber-canary-markdown", "draft-canary", "scheduled-canary"}

// slugs are articles a reader could ask for, and those nobody can see.
func slugs() []string {
	return append(every, openOne, meteredOne, renamedArticle, oldSlug, draftOne, "vault-canary", "no-such-article")
}

// articles are the addresses of all articles.
func (s *canarySite) articles() []target {
	out := each("/articles/%s")
	for _, p := range s.planted {
		if !slices.Contains(slugs(), p.slug) {
			out = append(out, target{path: "/articles/" + p.slug})
		}
	}
	return out
}

// each makes an address for every one of slugs.
func each(format string) (out []target) {
	for _, slug := range slugs() {
		out = append(out, target{path: fmt.Sprintf(format, slug)})
	}
	return out
}

// forms makes a form for every one of slugs.
func forms(path string, form func(slug string) url.Values) (out []target) {
	for _, slug := range slugs() {
		out = append(out, target{path, form(slug)})
	}
	return out
}

// fill gives the addresses that the sweep asks of each route. A route that is not here fails the sweep: whoever adds
// one says here how to ask it for everything it has.
func (s *canarySite) fill() map[string][]target {
	feeds := []string{"feed.xml", "feed.atom", "feed.json"}
	out := map[string][]target{
		"GET /{$}":                             paths("/"),
		"GET /articles/{slug}":                 s.articles(),
		"GET /assets/{name}":                   paths(s.assetPath("site.css"), s.assetPath("site.js"), "/assets/site.css"),
		"GET /archive":                         paths("/archive", "/archive?page=x"),
		"GET /archive/{year}":                  paths("/archive/2026", "/archive/2027"),
		"GET /archive/{year}/{month}":          paths("/archive/2026/11", "/archive/2026/12"),
		"GET /subscribe":                       append(each("/subscribe?article=%s"), paths("/subscribe", "/subscribe?country=IN")...),
		"GET /regions":                         paths("/regions"),
		"GET /feeds":                           paths("/feeds"),
		"GET /sitemap.xml":                     paths("/sitemap.xml"),
		"GET /sitemaps/{name}":                 paths(s.sitemaps()...),
		"GET /robots.txt":                      paths("/robots.txt"),
		"GET /ads.txt":                         paths("/ads.txt"),
		"GET /.well-known/security.txt":        paths("/.well-known/security.txt"),
		"GET /.well-known/tdmrep.json":         paths("/.well-known/tdmrep.json"),
		"GET /icon.svg":                        paths("/icon.svg"),
		"GET /favicon.ico":                     paths("/favicon.ico"),
		"GET /media/{width}/{name}":            paths(s.photo.Path(640), s.photo.Path(320), "/media/640/none.jpg"),
		"GET /cards/{name}":                    each("/cards/%s.png"),
		"GET /healthz":                         paths("/healthz"),
		"GET /readyz":                          paths("/readyz"),
		"GET /sign-in":                         each("/sign-in?return_to=/articles/%s"),
		"GET /confirm":                         append(each("/confirm?return_to=/articles/%s"), paths("/confirm?token="+letters(43))...),
		"GET /newsletters":                     paths("/newsletters"),
		"GET /account":                         paths("/account", "/account?done=name"),
		"GET /account/data":                    paths("/account/data"),
		"POST /subscribe":                      forms("/subscribe", func(slug string) url.Values { return url.Values{"article": {slug}, "plan": {"month"}} }),
		"GET /subscribe/return/{token}":        paths("/subscribe/return/"+letters(26), s.unpaid("/subscribe/return/")),
		"GET /account/receipt/{entry}":         paths("/account/receipt/1", "/account/receipt/x"),
		"POST /account/subscription/portal":    paths("/account/subscription/portal"),
		"GET /card/{token}":                    paths("/card/1."+letters(43), "/card/x"),
		"GET /still/{token}":                   paths("/still/1."+letters(43), "/still/x"),
		"POST /still/{token}":                  paths("/still/1." + letters(43)),
		"POST /card/{token}":                   paths("/card/1." + letters(43)),
		"GET /account/subscription/cancel":     paths("/account/subscription/cancel"),
		"POST /account/subscription/cancel":    paths("/account/subscription/cancel"),
		"POST /account/subscription/resume":    paths("/account/subscription/resume"),
		"POST /account/subscription/pause":     {{"/account/subscription/pause", url.Values{"months": {"1"}}}},
		"POST /account/subscription/plan":      {{"/account/subscription/plan", url.Values{"plan": {"year"}}}},
		"GET /account/subscription/withdraw":   paths("/account/subscription/withdraw"),
		"POST /account/subscription/withdraw":  paths("/account/subscription/withdraw"),
		"GET /test-checkout/{ref}":             paths(s.unpaid("/test-checkout/"), "/test-checkout/x"),
		"POST /test-checkout/{ref}":            {{s.unpaid("/test-checkout/"), url.Values{"do": {"decline"}}}, {"/test-checkout/x", url.Values{"do": {"pay"}}}},
		"GET /dev/outbox":                      paths("/dev/outbox"),
		"GET /dev/outbox.json":                 paths("/dev/outbox.json"),
		"GET /dev/outbox/{id}":                 s.mails(),
		"GET /ads/go/{ticket}":                 paths("/ads/go/1.foot.1.x", "/ads/go/x"),
		"GET /ads/choice":                      paths("/ads/choice"),
		"POST /ads/choice":                     paths("/ads/choice"),
		"POST /ads/seen":                       paths("/ads/seen"),
		"GET /ads/report/{token}":              paths("/ads/report/" + letters(26)),
		"GET /ads/report/{token}/report.csv":   paths("/ads/report/" + letters(26) + "/report.csv"),
		"POST /articles/{slug}/unlock":         each("/articles/%s/unlock"),
		"GET /groups":                          paths("/groups", "/groups?currency=USD&left=1"),
		"POST /groups":                         {{"/groups", url.Values{"name": {"Port"}, "seats": {"3"}, "plan": {"year"}, "currency": {"EUR"}}}},
		"GET /account/groups/{id}":             paths("/account/groups/1", "/account/groups/x"),
		"POST /account/groups/{id}":            {{"/account/groups/1", url.Values{"do": {"join"}}}, {"/account/groups/1", url.Values{"do": {"invite"}, "address": {letters(8) + "@example.org"}}}},
		"GET /join/{token}":                    paths("/join/"+letters(26), "/join/x"),
		"POST /join/{token}":                   paths("/join/" + letters(26)),
		"GET /gift":                            paths("/gift", "/gift?currency=USD&left=1"),
		"POST /gift":                           {{"/gift", presentForm(letters(10) + "@example.org")}, {"/gift", url.Values{"months": {"2"}}}},
		"GET /gift/card/{token}":               paths("/gift/card/1."+letters(43), s.presentCardPath()),
		"GET /redeem":                          paths("/redeem", "/redeem?code="+letters(16)),
		"POST /redeem":                         {{"/redeem", url.Values{"code": {letters(16)}}}},
		"POST /articles/{slug}/give":           each("/articles/%s/give"),
		"GET /given/{token}":                   paths("/given/"+letters(43), "/given/x", "/given/"+s.spentGift()),
		"POST /given/{token}":                  paths("/given/"+letters(43), "/given/x", "/given/"+s.spentGift()),
		"POST /account/gifts/take-back":        {{"/account/gifts/take-back", url.Values{"article": {"1"}, "period": {"2026-11"}}}},
		"POST /keep-reading":                   forms("/keep-reading", keepReadingForm),
		"POST /sign-in":                        forms("/sign-in", signInForm),
		"POST /sign-out":                       paths("/sign-out"),
		"POST /webhooks/ses":                   {{"/webhooks/ses", nil}},
		"POST /webhooks/mailgun":               {{"/webhooks/mailgun", nil}},
		"POST /webhooks/postmark":              {{"/webhooks/postmark", nil}},
		"POST /webhooks/sendgrid":              {{"/webhooks/sendgrid", nil}},
		"POST /confirm":                        {{"/confirm", url.Values{"code": {"000000"}}}, {"/confirm", url.Values{"token": {letters(43)}}}},
		"POST /newsletters":                    {{"/newsletters", url.Values{"email": {"letters@example.org"}}}, {"/newsletters", nil}},
		"POST /account/name":                   {{"/account/name", url.Values{"name": {"Anna"}}}},
		"POST /account/address":                {{"/account/address", url.Values{"email": {"moved@example.org"}}}},
		"POST /account/newsletters":            {{"/account/newsletters", url.Values{"newsletter": {"on"}}}},
		"POST /account/sessions/end-others":    paths("/account/sessions/end-others"),
		"POST /account/sessions/{session}/end": paths("/account/sessions/" + letters(43) + "/end"),
		"GET /feeds/{token}/{feed}":            paths("/feeds/"+letters(43)+"/feed.xml", s.closedFeed(), "/feeds/x/feed.json", "/feeds/x/feed.txt"),
		"POST /account/feed":                   paths("/account/feed"),
		"POST /account/feed/close":             paths("/account/feed/close"),
		"POST /account/vouch":                  forms("/account/vouch", func(slug string) url.Values { return url.Values{"return_to": {"/articles/" + slug}} }),
		"POST /account/delete":                 {{"/account/delete", url.Values{"email": {"nobody@example.org"}}}},
		"GET /search":                          s.searches("/search"),
		"GET /search.json":                     s.searches("/search.json"),
		"GET /search/suggest":                  s.searches("/search/suggest")[:6],
		"GET /search/{feed}":                   append(s.searches("/search/feed.xml")[:6], paths("/search/feed.atom?q=ships", "/search/feed.json?q=ships", "/search/feed.txt?q=ships", "/search/feed.xml")...),
		"POST /search/save":                    {{"/search/save", url.Values{"search": {"q=ships"}, "return_to": {"/search?q=ships"}}}, {"/search/save", url.Values{"search": {"q=ships"}, "do": {"remove"}}}},
		"GET /newsletters/{slug}":              paths("/newsletters/today", "/newsletters/daily-review?before=2", "/newsletters/none"),
		"GET /newsletters/{slug}/{number}":     paths(s.edition("today"), s.edition("daily-review"), "/newsletters/today/99"),
		"GET /preferences/{token}":             paths("/preferences/" + letters(32)),
		"POST /preferences/{token}":            {{"/preferences/" + letters(32), url.Values{"have": {"today"}}}},
		"GET /unsubscribe/{token}":             paths("/unsubscribe/" + letters(32)),
		"POST /unsubscribe/{token}":            {{"/unsubscribe/" + letters(32), url.Values{"List-Unsubscribe": {"One-Click"}}}},
		"GET /l/{token}":                       paths("/l/1.1.0", "/l/1.0.0", "/l/9.9.9", "/l/x"),
		"POST /follow":                         {{"/follow", url.Values{"kind": {"topic"}, "slug": {"trade"}, "return_to": {"/topics/trade"}}}, {"/follow", url.Values{"kind": {"topic"}, "slug": {"no-such-term"}}}},
		"":                                     paths("/no-such-page", "/articles", "/articles/", "/api/articles", "/wp-json/wp/v2/posts", "/.env", "/amp/"+meteredOne),
	}
	for kind, slugs := range map[string][]string{"sections": {"briefings", "in-depth", "vault"}, "topics": {"trade"}, "countries": {"portugal"},
		"regions": {"europe"}, "contributors": {"ines-marvell"}, "series": {"the-straits"}} {
		out["GET /"+kind] = paths("/" + kind)
		for _, slug := range append(slugs, "no-such-term") {
			path := "/" + kind + "/" + slug
			out["GET /"+kind+"/{slug}"] = append(out["GET /"+kind+"/{slug}"], paths(path, path+"?page=x", path+"?after=o1-1")...)
			for _, f := range append(feeds, "feed.txt") {
				out["GET /"+kind+"/{slug}/{feed}"] = append(out["GET /"+kind+"/{slug}/{feed}"], target{path: path + "/" + f})
			}
		}
	}
	for _, f := range feeds {
		out["GET /"+f] = paths("/" + f)
	}
	return out
}

func keepReadingForm(slug string) url.Values {
	return url.Values{"article": {slug}, "email": {letters(10) + "@example.org"}, "newsletter": {"on"}}
}

func signInForm(slug string) url.Values {
	return url.Values{"email": {letters(10) + "@example.org"}, "return_to": {"/articles/" + slug}}
}

func (s *testSite) assetPath(name string) string {
	s.t.Helper()
	p, err := s.kit.Assets.Path(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// sitemaps are those that the index names.
func (s *testSite) sitemaps() (out []string) {
	s.t.Helper()
	for _, part := range strings.Split(s.client(s.t).Get("/sitemap.xml").body, "<loc>")[1:] {
		address, _, _ := strings.Cut(part, "</loc>")
		out = append(out, strings.TrimPrefix(address, s.url))
	}
	if len(out) < 5 {
		s.t.Fatalf("the sitemap index names %q", out)
	}
	return append(out, "/sitemaps/2026-12.xml", "/sitemaps/none.xml")
}

// mails are the letters of the demonstration's outbox.
func (s *testSite) mails() (out []target) {
	s.t.Helper()
	list, err := s.out.List(context.Background(), 10, "")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, m := range list {
		out = append(out, target{path: "/dev/outbox/" + strconv.FormatInt(m.ID, 10)})
	}
	return append(out, target{path: "/dev/outbox/0"})
}

// A way is a way of asking for an address.
type way struct {
	method string
	query  string
	header []string
}

// ways are all the ways in which the sweep asks for every address.
func ways() (out []way) {
	for _, e := range []string{"identity", "gzip", "br", "gzip, br;q=0.5", "*"} {
		out = append(out, way{method: "GET", header: []string{"Accept-Encoding", e}})
	}
	for _, a := range []string{"text/html", "application/json", "application/xml", "text/markdown", "text/plain", "application/activity+json",
		"application/ld+json", "application/rss+xml"} {
		out = append(out, way{method: "GET", header: []string{"Accept", a}})
	}
	for _, m := range []string{"HEAD", "POST", "PUT", "OPTIONS", "PROPFIND"} {
		out = append(out, way{method: m})
	}
	for _, h := range headerSets() {
		out = append(out, way{method: "GET", header: h}, way{method: "HEAD", header: h})
	}
	for _, q := range []string{"utm_source=letter&utm_medium=email&fbclid=1", "amp=1&output=amp&outputType=amp", "print=1&view=print&format=json",
		"preview=true&draft=1&p=1&revision=1", "paid=1&subscriber=1&staff=1&level=open", "_escaped_fragment_=&fields=*&include=body",
		"gift=1&token=" + letters(43)} {
		out = append(out, way{method: "GET", query: q})
	}
	return out
}

// share gives the n-th of a route's askings the ways to ask in: all of them for some articles, elsewhere the plain ones
// and a share of the rest, so that every route is asked in every way.
func share(all []way, path string, n, askings int) []way {
	if slug, ok := strings.CutPrefix(path, "/articles/"); ok && slices.Contains(every, slug) {
		return all
	}
	const plain, shares = 3, 20
	out := slices.Clone(all[:plain])
	stride := min(shares, askings)
	for i := plain + n%stride; i < len(all); i += stride {
		out = append(out, all[i])
	}
	return out
}

// headerSets are headers that have opened walls elsewhere.
func headerSets() [][]string {
	out := [][]string{
		{"Range", "bytes=0-"}, {"Range", "bytes=100-2000"}, {"Range", "bytes=0-9,500-"}, {"Range", "bytes=-5000", "If-Range", `"x"`},
		{"If-None-Match", "*"}, {"If-Match", "*"}, {"If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)},
		{"X-Forwarded-For", "66.249.66.1"}, {"X-Forwarded-For", "127.0.0.1, 10.0.0.1"}, {"Forwarded", "for=66.249.66.1;proto=https"},
		{"X-Real-IP", "66.249.66.1", "CF-Connecting-IP", "66.249.66.1", "True-Client-IP", "66.249.66.1"},
		{"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https"}, {"X-Original-URL", "/admin", "X-Rewrite-URL", "/admin"},
		{"X-HTTP-Method-Override", "POST"}, {"X-Method-Override", "PUT", "X-HTTP-Method", "DELETE"},
		{"Sec-Purpose", "prefetch;prerender"}, {"Purpose", "prefetch", "X-Moz", "prefetch"},
		{"Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Dest", "iframe", "Sec-Fetch-Mode", "navigate"},
		{"X-Requested-With", "XMLHttpRequest"}, {"Authorization", "Basic YWRtaW46YWRtaW4="}, {"Authorization", "Bearer " + letters(43)},
		{"Cache-Control", "no-cache", "Pragma", "no-cache"}, {"Save-Data", "on", "DNT", "1"}, {"Accept-Language", "de"},
		{"X-Middleware-Subrequest", "1", "X-Debug", "1"}, {"From", "googlebot(at)googlebot.com"},
	}
	for _, r := range []string{"https://www.google.com/", "https://t.co/x", "https://www.facebook.com/", "https://news.ycombinator.com/", "android-app://com.google.android.gm"} {
		out = append(out, []string{"Referer", r})
	}
	for _, ua := range crawlers {
		out = append(out, []string{"User-Agent", ua})
	}
	return out
}

// crawlers are User-Agents that other walls fall for.
var crawlers = []string{
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot-News", "Mozilla/5.0 (compatible; Google-InspectionTool/1.0)",
	"Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "DuckDuckBot/1.1", "facebookexternalhit/1.1", "Twitterbot/1.0",
	"Slackbot-LinkExpanding 1.0", "LinkedInBot/1.0", "Mozilla/5.0 (compatible; GPTBot/1.2)", "ClaudeBot/1.0", "CCBot/2.0", "archive.org_bot",
	"Feedly/1.0", "W3C_Validator/1.3", "Mozilla/5.0 (compatible; Chrome-Lighthouse)", "curl/8.0",
}

// ask asks for one address in one way, looks through the answer, and returns what canaries it held.
func (s *canarySite) ask(who *principal, at string, w way) []*planted {
	s.t.Helper()
	if w.query != "" {
		if strings.Contains(at, "?") {
			at += "&" + w.query
		} else {
			at += "?" + w.query
		}
	}
	a, body := s.raw(who.client, w.method, at, nil, w.header...)
	if w.method == http.MethodHead && len(body) > 0 {
		s.t.Errorf("%s: HEAD %s has a body", who.name, at)
	}
	if a.status >= 500 {
		s.t.Errorf("%s: %s %s %q: status %d", who.name, w.method, at, w.header, a.status)
	}
	return s.look(who, fmt.Sprint(w.method, " ", at, " ", w.header), a, body)
}

// readsEverything makes sure that the canaries do stand in what the entitled get: all of them, on the article's page.
func (s *canarySite) readsEverything(who *principal) {
	s.t.Helper()
	read := 0
	for _, p := range s.planted {
		a, body := s.raw(who.client, http.MethodGet, "/articles/"+p.slug, nil)
		s.look(who, p.slug, a, body)
		if !who.may(p) {
			continue
		}
		read++
		for i, w := range p.words {
			if !strings.Contains(string(body), w) {
				s.t.Errorf("%s: canary %d of %d is not on the page of %s", who.name, i+1, len(p.words), p.slug)
			}
		}
	}
	if read == 0 {
		s.t.Errorf("%s could read nothing", who.name)
	}
}

// withTags asks for every article with the tag of its whole text, as one who read it before would.
func (s *canarySite) withTags(everyone []*principal) {
	s.t.Helper()
	for _, p := range s.planted {
		if p.hidden {
			continue
		}
		tag := s.fullTag(p.slug)
		for _, who := range everyone {
			for _, form := range []string{tag, "W/" + tag, `"x", ` + tag} {
				for _, method := range []string{"GET", "HEAD"} {
					a, body := s.raw(who.client, method, "/articles/"+p.slug, nil, "If-None-Match", form)
					s.look(who, method+" "+p.slug+" with its tag", a, body)
					if a.status != http.StatusOK {
						s.t.Errorf("%s: %s %s with the tag %s of the whole text: status %d", who.name, method, p.slug, form, a.status)
					}
				}
			}
		}
	}
}

// silentLogs makes sure that nothing the site wrote of itself holds a canary, and that it wrote at all.
func (s *canarySite) silentLogs() {
	s.t.Helper()
	logs := s.logs()
	if !strings.Contains(logs, `"route":"GET /articles/{slug}"`) {
		s.t.Error("the access log tells of no request")
	}
	if plain, disguised := s.seen([]byte(logs)); len(plain) > 0 || disguised {
		s.t.Error("a canary stands in the logs")
	}
}

// Forms change who asks: each route is asked by principals of its own. What their redirects lead to is looked through
// as well, and so are the mails.
func TestW00CanarySweepForms(t *testing.T) {
	s := newCanarySite(t)
	n := 0
	for _, r := range s.Routes() {
		if !strings.HasPrefix(r.Pattern, "POST ") {
			continue
		}
		n++
		for _, who := range s.strangers(t, n) {
			for _, at := range s.fill()[r.Pattern] {
				if slices.Contains([]string{"anonymous", moneyBack, poorFriend}, who.name) && r.Pattern == "POST /keep-reading" {
					if slug := at.form.Get("article"); slices.ContainsFunc(s.planted, func(p *planted) bool {
						return p.slug == slug && p.level == access.Metered
					}) {
						continue // that is how one reads it: TestKeepReading
					}
				}
				s.submit(who, at)
			}
		}
	}
	if n < 5 {
		t.Errorf("%d routes take forms", n)
	}
	mails, err := s.out.List(context.Background(), 10_000, "")
	if err != nil || len(mails) == 0 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	for _, m := range mails {
		if plain, disguised := s.seen([]byte(m.Subject + m.Text + m.HTML + strings.Join(m.Links, " "))); len(plain) > 0 || disguised {
			t.Errorf("a canary stands in the mail %q to %s", m.Subject, m.To)
		}
	}
	s.silentLogs()
}

// submit sends a form and follows where it leads.
func (s *canarySite) submit(who *principal, at target) {
	s.t.Helper()
	a, body := s.raw(who.client, http.MethodPost, at.path, strings.NewReader(at.form.Encode()),
		"Content-Type", "application/x-www-form-urlencoded", "Origin", s.url)
	what := "POST " + at.path + " " + at.form.Encode()
	s.look(who, what, a, body)
	if a.status >= 500 {
		s.t.Errorf("%s, %s: status %d", who.name, what, a.status)
	}
	for range 3 {
		if a.status < 300 || a.status > 399 {
			return
		}
		a, body = s.raw(who.client, http.MethodGet, strings.TrimPrefix(a.location(), s.url), nil)
		s.look(who, "after "+what, a, body)
	}
}
