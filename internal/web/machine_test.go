package web

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
)

// locations are the addresses in a sitemap or an index of them.
func locations(t *testing.T, a answer) (out []string) {
	t.Helper()
	var d struct {
		URLs []struct {
			Address string `xml:"loc"`
			Changed string `xml:"lastmod"`
		} `xml:",any"`
	}
	if err := xml.Unmarshal([]byte(a.body), &d); err != nil || a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/xml") {
		t.Fatalf("status %d, %v:\n%s", a.status, err, a.body)
	}
	for _, u := range d.URLs {
		if _, err := time.Parse(time.RFC3339, u.Changed); u.Changed != "" && err != nil {
			t.Errorf("lastmod %q", u.Changed)
		}
		out = append(out, u.Address)
	}
	return out
}

func TestSitemapsNameEveryPage(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	var all []string
	for _, at := range locations(t, c.Get("/sitemap.xml")) {
		for _, page := range locations(t, c.Get(strings.TrimPrefix(at, s.url))) {
			path, ok := strings.CutPrefix(page, s.url)
			if !ok {
				t.Errorf("%s is not ours", page)
			}
			if a := c.Get(path); a.status != http.StatusOK || strings.Contains(a.body, `content="noindex"`) {
				t.Errorf("the sitemap names %s: status %d, or not to be indexed", path, a.status)
			}
			all = append(all, path)
		}
	}
	for _, want := range []string{"/", "/archive", "/articles/" + openOne, "/articles/" + subscriberOne, "/articles/" + renamedArticle, "/articles/" + meteredFive,
		"/topics/trade", "/countries/portugal", "/regions/europe", "/contributors/ines-marvell", "/series/the-straits", "/sections/in-depth"} {
		if !slices.Contains(all, want) {
			t.Errorf("no sitemap names %s", want)
		}
	}
	for _, never := range []string{"/articles/" + oldSlug, "/articles/" + draftOne, "/articles/" + scheduledOne} {
		if slices.Contains(all, never) {
			t.Errorf("a sitemap names %s", never)
		}
	}
}

func TestNewsSitemap(t *testing.T) {
	s := newTestSite(t)
	a := s.client(t).Get("/sitemaps/news.xml")
	a.mustHave(t, http.StatusOK, "<news:name>The Test Review</news:name>", "<news:language>en</news:language>", "<news:title>Title of "+openOne+"</news:title>",
		"<news:publication_date>2026-11-15T09:00:00Z</news:publication_date>")
	if got := locations(t, a); len(got) != 3 { // those of yesterday, and one that is two days old to the minute
		t.Errorf("the last two days hold %q", got)
	}
	s.clock.advance(23 * time.Hour) // a scheduled article has appeared by then, and one is too old
	if got := locations(t, s.client(t).Get("/sitemaps/news.xml")); len(got) != 3 || !slices.Contains(got, s.url+"/articles/"+scheduledOne) {
		t.Errorf("a day later: %q", got)
	}
	s.clock.advance(72 * time.Hour)
	if got := locations(t, s.client(t).Get("/sitemaps/news.xml")); len(got) != 0 {
		t.Errorf("three days later: %q", got)
	}
}

func TestSitemapNames(t *testing.T) {
	y := library.YearCount{Year: 2024}
	y.Months[0], y.Months[1], y.Months[11] = 1, sitemapLength+1, sitemapLength
	names := monthSitemaps(y)
	if len(names) != 1+29+1 || names[0] != "2024-12" || names[1] != "2024-02-29" || names[29] != "2024-02-01" || names[30] != "2024-01" {
		t.Errorf("sitemaps of a year: %q", names)
	}
	if a, b := numbered("topics", 1), numbered("topics", 12); a != "topics" || b != "topics-12" {
		t.Errorf("%q, %q", a, b)
	}
	s := newTestSite(t)
	for _, name := range []string{"", "news", "none.xml", "topics-1.xml", "topics-2.xml", "topics-0.xml", "topics-02.xml", "2026-12.xml", "2026-13.xml", "2026-00.xml",
		"2026-11-31.xml", "2026-11-01.xml", "26-11.xml", "-.xml", "..%2fnews.xml", "contributors-99999999999999999999.xml", strings.Repeat("a", 100) + ".xml"} {
		if a := s.client(t).Get("/sitemaps/" + name); a.status != http.StatusNotFound {
			t.Errorf("/sitemaps/%s: status %d", name, a.status)
		}
	}
	if got := locations(t, s.client(t).Get("/sitemaps/2026-11-15.xml")); len(got) != 2 {
		t.Errorf("a day: %q", got)
	}
}

// robots reads robots.txt as RFC 9309 has it: the rules of each agent.
func robots(t *testing.T, text string) (rules map[string][]string, rest []string) {
	t.Helper()
	rules = map[string][]string{}
	var group []string
	naming := false
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch name = strings.TrimSpace(name); name {
		case "User-agent":
			if !naming {
				group = nil
			}
			group, naming = append(group, value), true
			continue
		case "Allow", "Disallow", "Content-Signal":
			for _, g := range group {
				rules[g] = append(rules[g], name+": "+value)
			}
		case "Sitemap":
			rest = append(rest, value)
		default:
			t.Errorf("a line that checkers do not know: %q", line)
		}
		naming = false
	}
	return rules, rest
}

func TestRobots(t *testing.T) {
	s := newTestSite(t)
	a := s.client(t).Get("/robots.txt")
	a.mustHave(t, http.StatusOK, "Article 4")
	rules, sitemaps := robots(t, a.body)
	if !slices.Equal(sitemaps, []string{s.url + "/sitemap.xml", s.url + "/sitemaps/news.xml"}) {
		t.Errorf("sitemaps %q", sitemaps)
	}
	if everyone := rules["*"]; !slices.Contains(everyone, "Content-Signal: search=yes, ai-input=no, ai-train=no") || !slices.Contains(everyone, "Disallow: /account") ||
		!slices.Contains(everyone, "Allow: /") || slices.Contains(everyone, "Disallow: /") {
		t.Errorf("rules for everyone: %q", everyone)
	}
	for agent, refused := range map[string]bool{"GPTBot": true, "ClaudeBot": true, "CCBot": true, "Google-Extended": true, "OAI-SearchBot": true, "PerplexityBot": true,
		"ChatGPT-User": false, "Claude-User": false, "Googlebot": false, "Bingbot": false, "Applebot": false} {
		if got := slices.Equal(rules[agent], []string{"Disallow: /"}); got != refused {
			t.Errorf("%s refused: %v, want %v", agent, got, refused)
		}
	}
}

func TestRobotsByClass(t *testing.T) {
	for _, tc := range []struct {
		training, search, action string
		signal                   string
	}{
		{"refuse", "refuse", "allow", "search=yes, ai-input=no, ai-train=no"},
		{"allow", "refuse", "refuse", "search=yes, ai-input=no, ai-train=yes"},
		{"refuse", "allow", "refuse", "search=yes, ai-input=yes, ai-train=no"},
		{"allow", "allow", "allow", "search=yes, ai-input=yes, ai-train=yes"},
	} {
		c := config.Robots{Training: tc.training, AISearch: tc.search, UserAction: tc.action, TDMPolicy: "https://review.example/terms"}
		text := string(robotsText(c, "https://review.example"))
		rules, _ := robots(t, text)
		if !slices.Contains(rules["*"], "Content-Signal: "+tc.signal) || !strings.Contains(text, "# Terms: https://review.example/terms") {
			t.Errorf("%+v:\n%s", tc, text)
		}
		for agent, rule := range map[string]string{"GPTBot": tc.training, "OAI-SearchBot": tc.search, "ChatGPT-User": tc.action} {
			if got := len(rules[agent]) > 0; got != (rule == "refuse") {
				t.Errorf("%+v: %s refused: %v", tc, agent, got)
			}
		}
	}
}

func TestRights(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Robots.TDMPolicy = "https://review.example/terms" })
	var rules []map[string]any
	a := s.client(t).Get("/.well-known/tdmrep.json")
	if err := json.Unmarshal([]byte(a.body), &rules); err != nil || len(rules) != 1 || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v: %s", err, a.body)
	}
	if r := rules[0]; r["location"] != "/" || r["tdm-reservation"] != 1.0 || r["tdm-policy"] != "https://review.example/terms" {
		t.Errorf("rule %v", r)
	}
	if a.header.Get("Tdm-Policy") != "https://review.example/terms" || a.header.Get("Tdm-Reservation") != "1" {
		t.Errorf("headers %v", a.header)
	}
	open := rightsHeaders(config.Robots{Training: "allow", AISearch: "allow", UserAction: "allow"})
	if open["Tdm-Reservation"] != "0" || open["Content-Usage"] != "train-ai=y, search=y" || len(open) != 2 {
		t.Errorf("nothing refused: %v", open)
	}
}

func TestWellKnownFiles(t *testing.T) {
	s := newTestSite(t)
	a := s.client(t).Get("/.well-known/security.txt")
	a.mustHave(t, http.StatusOK, "Contact: mailto:editor@review.example\n", "Canonical: "+s.url+"/.well-known/security.txt\n")
	_, rest, _ := strings.Cut(a.body, "Expires: ")
	line, _, _ := strings.Cut(rest, "\n")
	if at, err := time.Parse(time.RFC3339, line); err != nil || at.Before(testStart.AddDate(0, 1, 0)) || at.After(testStart.AddDate(1, 0, 0)) {
		t.Errorf("Expires %q", line)
	}
	if ads := s.client(t).Get("/ads.txt"); ads.status != http.StatusOK || ads.body != "" || !strings.HasPrefix(ads.header.Get("Content-Type"), "text/plain") {
		t.Errorf("ads.txt: %d, %q", ads.status, ads.body)
	}
	sold := newTestSite(t, func(c *config.Config) {
		c.Ads.AdsTxt = []string{"# ours", "exchange.example, 1234, DIRECT"}
	})
	if ads := sold.client(t).Get("/ads.txt"); ads.body != "# ours\nexchange.example, 1234, DIRECT\n" {
		t.Errorf("ads.txt: %q", ads.body)
	}
}

func TestIcons(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Publication.Accent = "#123456" })
	a := s.client(t).Get("/icon.svg")
	a.mustHave(t, http.StatusOK, `fill="#123456"`, ">T</text>")
	var any struct{}
	if err := xml.Unmarshal([]byte(a.body), &any); err != nil || a.header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("icon: %v, %v", err, a.header)
	}
	ico := s.client(t).Get("/favicon.ico")
	m, err := png.Decode(strings.NewReader(ico.body[22:]))
	if err != nil || m.Bounds().Dx() != iconSide || len(ico.body) > 1000 {
		t.Errorf("favicon of %d bytes: %v", len(ico.body), err)
	}
	for name, want := range map[string]string{"The Meridian Review": "M", "Theory": "T", "élan": "É", "  7 Days": "7", "«Новости»": "Н", "!": "·", "": "·"} {
		if got := monogram(name); got != want {
			t.Errorf("monogram(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestLogo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Logo.SVG")
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60"/>`
	if err := os.WriteFile(file, []byte(svg), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newTestSite(t, func(c *config.Config) { c.Publication.Logo = file })
	path := s.logo.path
	if !strings.HasPrefix(path, "/assets/logo.") || !strings.HasSuffix(path, ".svg") {
		t.Fatalf("logo at %q", path)
	}
	a := s.client(t).Get(path)
	if a.body != svg || a.header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Errorf("logo: %v %q", a.header, a.body)
	}
	s.client(t).Get("/").mustHave(t, http.StatusOK, `src="`+path+`" alt="The Test Review" width="240" height="48"`)
	publisher, _ := linkedData(t, s.client(t).Get("/articles/"+openOne))["publisher"].(map[string]any)
	if publisher["logo"] != s.url+path {
		t.Errorf("publisher %v", publisher)
	}
	newTestSite(t).client(t).Get("/").mustNotHave(t, "/assets/logo")
}

func TestLogosThatAreNot(t *testing.T) {
	dir := t.TempDir()
	d := newTestSite(t).Deps
	for name, content := range map[string]string{"broken.svg": "<svg", "other.svg": "<html/>", "broken.png": "GIF89a", "missing.svg": ""} {
		d.Config.Publication.Logo = filepath.Join(dir, name)
		if content != "" {
			if err := os.WriteFile(d.Config.Publication.Logo, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := New(context.Background(), d); err == nil || !strings.Contains(err.Error(), "publication.logo") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSizeOfSVG(t *testing.T) {
	for attributes, want := range map[string][2]float64{`viewBox="0 0 300 60"`: {300, 60}, `viewBox="0,0,30.5,6" width="1" height="9"`: {30.5, 6},
		`width="120px" height="40"`: {120, 40}, `width="100%" height="2em"`: {}, ``: {}, `viewBox="0 0 a b"`: {}} {
		w, h, err := sizeOfSVG([]byte(`<?xml version="1.0"?><!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `><g/></svg>`))
		if err != nil || w != want[0] || h != want[1] {
			t.Errorf("%s: %v, %v, %v", attributes, w, h, err)
		}
	}
}

func TestNewsArticle(t *testing.T) {
	s := newTestSite(t)
	d := draftOf("data", access.Metered, testStart.AddDate(0, 0, -9))
	d.Title, d.Updated = `</script><script>alert("x")</script>`, testStart.AddDate(0, 0, -8)
	s.save(d)
	a := s.client(t).Get("/articles/data")
	a.mustNotHave(t, `<script>alert`)
	got := linkedData(t, a)
	for key, want := range map[string]any{"@context": "https://schema.org", "headline": d.Title, "url": s.url + "/articles/data", "datePublished": "2026-11-07T09:00:00Z",
		"dateModified": "2026-11-08T09:00:00Z", "articleSection": "Briefings", "inLanguage": "en", "description": d.Standfirst, "isAccessibleForFree": false} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	page, _ := got["mainEntityOfPage"].(map[string]any)
	crumbs, _ := page["breadcrumb"].(map[string]any)
	if list, _ := crumbs["itemListElement"].([]any); page["@type"] != "WebPage" || len(list) != 3 {
		t.Errorf("page %v", page)
	}
	if images, _ := got["image"].([]any); len(images) != 1 || images[0] != s.url+"/cards/data.png" {
		t.Errorf("image %v", got["image"])
	}
	if authors, _ := got["author"].([]any); len(authors) != 1 {
		t.Errorf("author %v", got["author"])
	}
}

func TestImprint(t *testing.T) {
	s := newTestSite(t)
	if got := s.Imprint(testStart); got != "© 2026 The Test Review" {
		t.Errorf("imprint %q", got)
	}
	s.Config.Publication.Founded = 2006
	if got := s.Imprint(testStart); got != "© 2006–2026 The Test Review" {
		t.Errorf("imprint %q", got)
	}
	if got := s.Dateline(testStart); got != "Monday, 16 November 2026" {
		t.Errorf("date line %q", got)
	}
	for origin, want := range map[string]bool{"https://example.org/x": true, "http://example.org": true, "Public papers": false, "javascript:alert(1)": false, "": false} {
		if got := (articlePage{Article: library.Article{Origin: origin}}).OriginIsLink(); got != want {
			t.Errorf("OriginIsLink of %q: %v", origin, got)
		}
	}
}

func TestPictures(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	path := s.photo.Path(640)
	a := c.Get(path)
	a.mustHave(t, http.StatusOK)
	if a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", a.header)
	}
	if b := c.Get(path, "If-None-Match", a.header.Get("Etag")); b.status != http.StatusNotModified {
		t.Errorf("with its tag: status %d", b.status)
	}
	if b := c.Get(path, "Range", "bytes=0-1"); b.status != http.StatusPartialContent || b.body != "\xff\xd8" {
		t.Errorf("a range: status %d, %q", b.status, b.body)
	}
	if s.photo.Path(320) == path || c.Get(s.photo.Path(320)).status != http.StatusOK {
		t.Error("the small one is not there")
	}
	name := s.photo.Name
	for _, bad := range []string{"/media/640/", "/media/0640/" + name, "/media/+640/" + name, "/media/641/" + name, "/media/-1/" + name, "/media/99999999999999999999/" + name,
		"/media/640/" + strings.ToUpper(name), "/media/640/" + name + ".jpg", "/media/640/..%2f" + name, "/media/640/%2e%2e%2f%2e%2e%2fgatefold.db",
		"/media/%2e%2e/" + name, "/media/640/" + name + "%00", "/media/640/unfinished", "/media/640/" + name[:31] + ".jpg", "/media/640/" + name + "/x"} {
		if b := c.Get(bad); b.status != http.StatusNotFound && b.status != http.StatusBadRequest && (b.status < 300 || b.status > 308) {
			t.Errorf("%s: status %d", bad, b.status)
		}
	}
}

func TestShareCards(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	a := c.Get("/cards/" + subscriberOne + ".png")
	m, err := png.Decode(strings.NewReader(a.body))
	if err != nil || m.Bounds().Dx() != 1200 || m.Bounds().Dy() != 630 || a.header.Get("Content-Type") != "image/png" {
		t.Fatalf("card: %v, %v", err, a.header)
	}
	if cc := a.header.Get("Cache-Control"); !strings.HasPrefix(cc, "public") {
		t.Errorf("Cache-Control %q", cc)
	}
	if b := c.Get("/cards/"+subscriberOne+".png", "If-None-Match", a.header.Get("Etag")); b.status != http.StatusNotModified {
		t.Errorf("with its tag: status %d", b.status)
	}
	if n := s.cards.drawn.Len(); n != 1 {
		t.Errorf("%d cards kept", n)
	}
	d := draftOf(subscriberOne, access.Subscriber, testStart.AddDate(0, 0, -5))
	d.ID, d.Title = s.articleID(subscriberOne), "Another title altogether"
	s.save(d)
	if b := c.Get("/cards/" + subscriberOne + ".png"); b.body == a.body || b.header.Get("Etag") == a.header.Get("Etag") {
		t.Error("the card has the old title")
	}
	if b := c.Get("/cards/" + oldSlug + ".png"); b.status != http.StatusMovedPermanently || b.location() != "/cards/"+renamedArticle+".png" {
		t.Errorf("card of an old slug: %d to %q", b.status, b.location())
	}
	for _, bad := range []string{"none.png", draftOne + ".png", scheduledOne + ".png", subscriberOne, subscriberOne + ".jpg", subscriberOne + ".PNG", ".png", subscriberOne + ".png.png"} {
		if b := c.Get("/cards/" + bad); b.status != http.StatusNotFound {
			t.Errorf("/cards/%s: status %d", bad, b.status)
		}
	}
	page := c.Get("/articles/" + subscriberOne)
	page.mustHave(t, http.StatusOK, `property="og:image" content="`+s.url+`/cards/`+subscriberOne+`.png"`)
	c.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, `property="og:image" content="`+s.url+s.photo.Path(640)+`"`)
}

func TestCardsAreDrawnOnce(t *testing.T) {
	s := newTestSite(t)
	a, err := s.lib.BySlug(t.Context(), openOne)
	if err != nil {
		t.Fatal(err)
	}
	drawn := make([]*drawnCard, 8)
	together(len(drawn), func(i int) { drawn[i], _ = s.drawCard(context.Background(), a) })
	for _, d := range drawn[1:] {
		if d == nil || d != drawn[0] {
			t.Fatal("a card was drawn twice")
		}
	}
	if !bytes.HasPrefix(drawn[0].png, []byte("\x89PNG")) {
		t.Error("no PNG")
	}
	s.cards.turn <- struct{}{} // somebody draws
	ctx, stop := context.WithCancel(t.Context())
	stop()
	a.Version++
	if _, err := s.drawCard(ctx, a); err == nil {
		t.Error("a request that was given up waited on")
	}
}

func TestHealth(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for path, body := range map[string]string{"/healthz": "alive\n", "/readyz": "ready\n"} {
		a := c.Get(path)
		if a.status != http.StatusOK || a.body != body || a.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s: %d %q %v", path, a.status, a.body, a.header)
		}
	}
}

// What the site does without is said by the way: it answers all the same.
func TestReadyWithout(t *testing.T) {
	s := newTestSite(t)
	s.Lacks = func() []string { return []string{"no mail server", "no index"} }
	if a := s.client(t).Get("/readyz"); a.status != http.StatusOK || a.body != "ready\nno mail server\nno index\n" {
		t.Errorf("%d %q", a.status, a.body)
	}
}

func TestNotReadyWithoutADatabase(t *testing.T) {
	s := newTestSite(t)
	gone, stop := context.WithCancel(t.Context())
	stop()
	s.settle()
	r, err := http.NewRequestWithContext(gone, http.MethodGet, s.url+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL, _ = url.Parse("/readyz")
	if a := s.serve(r); a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "database") {
		t.Errorf("status %d, %q", a.status, a.body)
	}
	r, err = http.NewRequestWithContext(gone, http.MethodGet, "/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.serve(r); a.status != http.StatusOK {
		t.Errorf("alive without a database: status %d", a.status)
	}
}
