package web

import (
	"bytes"
	"context"
	"html/template"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/newsletters"
)

// sell makes a campaign with one creative in words that name it.
func (s *testSite) sell(slug string, change ...func(*ads.Campaign)) ads.Creative {
	s.t.Helper()
	ctx := context.Background()
	c := ads.Campaign{Slug: slug, Sponsor: "The " + slug + " company", Starts: testStart.AddDate(0, 0, -1), Weight: 1}
	for _, f := range change {
		f(&c)
	}
	_, err := s.Ads.SaveCampaign(ctx, c)
	must(s.t, err)
	k, err := s.Ads.AddCreative(ctx, slug, ads.Creative{URL: "https://" + slug + ".example/buy", Text: "Buy " + slug + ".", Label: "Look"}, nil)
	must(s.t, err)
	return k
}

// person are headers of a browser in which somebody follows a link of the site.
var person = []string{"User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"}

// inView reports a ticket as the script does.
func (c *testClient) inView(tickets string, header ...string) answer {
	c.t.Helper()
	return c.send(http.MethodPost, "/ads/seen", strings.NewReader(tickets), append(slices.Clone(person[:2]), append([]string{"Origin", c.site.url}, header...)...)...)
}

// counted are the sums of a campaign.
func (s *testSite) counted(slug string) ads.Total {
	s.t.Helper()
	must(s.t, s.Insights.Flush(context.Background()))
	r, err := s.Ads.Report(context.Background(), slug)
	must(s.t, err)
	return r.Total()
}

// always is a subscription of everybody's, under one grant.
type always access.Grant

func (g always) Active(context.Context, int64, time.Time) (access.Entitlement, error) {
	return access.Entitlement{Grant: access.Grant(g), Plan: "all-access"}, nil
}

// S-09: in what is sent to those who read free of advertising, on whatever route, there is no place, no style, no script,
// no address and no word of it: not in the page, and not in its headers.
func TestNoAdvertisingForThoseWhoPay(t *testing.T) {
	s := newCanarySite(t)
	ctx := context.Background()
	word := letters(12)
	marks := []string{word, `class="ad"`, `class="ad-`, "data-ticket", "data-at=", "/ads/", "Advertisement", s.assetPath("ad.css"), s.assetPath("ad.js"), "frames.example", "frame-src", "<iframe"}
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 400, 100))))
	for _, slug := range []string{"oil", "wine"} {
		s.sell(slug, func(c *ads.Campaign) { c.Sponsor = "Sponsor " + word })
		k, err := s.Ads.AddCreative(ctx, slug, ads.Creative{URL: "https://" + word + ".example/", Alt: "Picture " + word}, bytes.NewReader(b.Bytes()))
		must(t, err)
		marks = append(marks, k.Picture.Name)
	}
	s.sell("house", func(c *ads.Campaign) { c.House, c.Sponsor = true, "House "+word })
	s.sellTag("tags", "<p>"+word+"</p>")
	n, err := s.Newsletters.BySlug(ctx, "today")
	must(t, err)
	e, err := s.Newsletters.Write(ctx, n, newsletters.Document{Subject: "Sponsored", Blocks: []newsletters.Block{
		{Kind: newsletters.Take, Text: "Ours."}, {Kind: newsletters.Sponsor}}})
	must(t, err)
	must(t, s.Newsletters.Approve(ctx, e.ID))
	must(t, s.Newsletters.Send(ctx, e.ID))
	var pages []string
	for pattern, targets := range s.fill() {
		if strings.Contains(pattern, "/ads") || strings.HasPrefix(pattern, "POST ") || strings.HasPrefix(pattern, "GET /assets/") || pattern == "GET /robots.txt" {
			continue // /ads.txt and robots.txt are the same for everyone
		}
		for _, at := range targets {
			pages = append(pages, at.path)
		}
	}
	advertised := 0
	look := func(who string, c *testClient) (found int) {
		c.setCookie(s.cookies.frames, framed) // asked for before they paid
		for _, path := range pages {
			a, body := s.raw(c, http.MethodGet, path, nil)
			var head bytes.Buffer
			_ = a.header.Write(&head) // a bytes.Buffer does not fail
			for _, m := range marks {
				if strings.Contains(string(body), m) || strings.Contains(head.String(), m) {
					found++
					if who != "" {
						t.Errorf("%s: %q stands in %s", who, m, path)
					}
					break
				}
			}
		}
		return found
	}
	payer := s.client(t)
	payer.buy(buyer("payer@example.org"))
	look("a browser that paid", payer)
	look("a subscriber", s.subscriber(t, "subscriber@example.org"))
	look("staff", s.staff(t, "staff@example.org"))
	own := s.Gate
	for _, g := range []access.Grant{access.BySeat, access.ByInstitution} {
		s.Gate = access.NewGate(s.db, own.Policy(), always(g), s.Log, s.clock.now)
		look(string(g), s.reader(t, string(g)+"@example.org"))
	}
	s.Gate = own
	if advertised = look("", s.client(t)); advertised < 20 { // and what was looked for is there for the others
		t.Errorf("%d of %d pages have advertising for a visitor", advertised, len(pages))
	}
	if have := look("", s.reader(t, "reader@example.org")); have < 20 {
		t.Errorf("%d of %d pages have advertising for a reader", have, len(pages))
	}
	for _, asset := range []string{"site.css", "site.js"} { // which subscribers have
		a, body := s.raw(payer, http.MethodGet, s.assetPath(asset), nil)
		if a.status != http.StatusOK || bytes.Contains(body, []byte(".ad")) && bytes.Contains(body, []byte(".ad-")) || bytes.Contains(body, []byte("/ads/")) {
			t.Errorf("%s: status %d, or something of advertising in it", asset, a.status)
		}
	}
}

// Every page has what was sold for it alone, in the copy that visitors share.
func TestPagesKeepTheirOwnAdvertising(t *testing.T) {
	s := newTestSite(t)
	trade, ports := draftOf("on-trade", access.Open, testStart.Add(-time.Hour)), draftOf("on-ports", access.Open, testStart.Add(-time.Hour))
	trade.Topics, ports.Topics = []string{"Tea"}, []string{"Ports"}
	s.save(trade, ports)
	s.sell("tea", func(c *ads.Campaign) { c.Targets, c.Places = []string{"topic:tea"}, []string{"top"} })
	s.sell("ropes", func(c *ads.Campaign) { c.Targets, c.Places = []string{"topic:ports"}, []string{"top"} })
	s.sell("news", func(c *ads.Campaign) { c.Targets, c.Places = []string{"front"}, []string{"top"} })
	want := map[string]string{"/articles/on-trade": "Buy tea.", "/articles/on-ports": "Buy ropes.", "/topics/tea": "Buy tea.", "/topics/ports": "Buy ropes.",
		"/": "Buy news.", "/articles/" + openOne: ""}
	for range 2 {
		for path, text := range want {
			one, other := s.client(t).Get(path), s.client(t).Get(path)
			if one.body != other.body || one.header.Get("Etag") == "" || !strings.Contains(one.header.Get("Cache-Control"), "public") {
				t.Errorf("%s is not shared by visitors: %v", path, one.header)
			}
			for _, any := range []string{"Buy tea.", "Buy ropes.", "Buy news."} {
				if strings.Contains(one.body, any) != (any == text) {
					t.Errorf("%s is to show %q; %q is there: %v", path, text, any, strings.Contains(one.body, any))
				}
			}
		}
	}
}

// A campaign begins and ends on kept pages to the moment, and what is changed by hand is changed at once.
func TestKeptPagesFollowCampaigns(t *testing.T) {
	s := newTestSite(t)
	s.sell("tea", func(c *ads.Campaign) {
		c.Places, c.Starts, c.Ends = []string{"foot"}, testStart.Add(90*time.Second), testStart.Add(3*time.Minute)
	})
	c := s.client(t)
	shows := func(want bool) {
		t.Helper()
		if a := c.Get("/articles/" + openOne); strings.Contains(a.body, "Buy tea.") != want {
			t.Errorf("shown at %v: %v, want %v", s.clock.now(), !want, want)
		}
	}
	shows(false)
	s.clock.advance(90*time.Second - time.Microsecond)
	shows(false)
	s.clock.advance(time.Microsecond)
	shows(true)
	must(t, s.Ads.SetCampaignState(context.Background(), "tea", ads.Paused))
	shows(false)
	must(t, s.Ads.SetCampaignState(context.Background(), "tea", ads.Running))
	shows(true)
	s.clock.advance(90 * time.Second)
	shows(false)
}

// What a sponsor writes is text, wherever it stands.
func TestCreativesAreText(t *testing.T) {
	s := newTestSite(t)
	ctx := context.Background()
	s.sell("tea")
	_, err := s.Ads.AddCreative(ctx, "tea", ads.Creative{URL: "https://tea.example/?a=1&b='x'", Headline: "<script>alert(1)</script>",
		Text: `"><img src=x onerror=alert(1)>`, Label: "</a><b>x"}, nil)
	must(t, err)
	must(t, s.Ads.SetCreativeState(ctx, 1, ads.Ended))
	token, err := s.Ads.OpenReport(ctx, "tea")
	must(t, err)
	for _, path := range []string{"/articles/" + openOne, "/", "/ads/report/" + token} {
		a := s.client(t).Get(path)
		for _, bad := range []string{"<script>alert", "<img src=x", "<b>x", "onerror=alert(1)>"} {
			if strings.Contains(a.body, bad) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
	}
	if d := s.client(t).Get("/articles/" + openOne).document(t); !slices.Contains(d.texts("aside.ad strong"), "<script>alert(1)</script>") {
		t.Errorf("the headline reads %q", d.texts("aside.ad strong"))
	}
}

// ticketOf is the ticket of the first advertisement of a page.
func ticketOf(t *testing.T, a answer) string {
	t.Helper()
	_, after, ok := strings.Cut(a.body, `href="/ads/go/`)
	ticket, _, _ := strings.Cut(after, `"`)
	if !ok {
		t.Fatal("no advertisement on the page")
	}
	return ticket
}

// A click leads to the stored address and to no other, and is counted when a person made it on a page of ours.
func TestClicksOnAdvertising(t *testing.T) {
	s := newTestSite(t)
	s.sell("tea", func(c *ads.Campaign) { c.Places = []string{"foot"} })
	visitor := s.client(t)
	ticket := ticketOf(t, visitor.Get("/articles/"+openOne))
	path := "/ads/go/" + ticket
	leads := func(what string, a answer) {
		t.Helper()
		if a.status != http.StatusFound || a.location() != "https://tea.example/buy" || !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s: status %d to %q", what, a.status, a.location())
		}
	}
	with := func(name, value string) []string {
		h := slices.Clone(person)
		if i := slices.Index(h, name); i >= 0 {
			h[i+1] = value
			return h
		}
		return append(h, name, value)
	}
	for what, h := range map[string][]string{"no word of the browser": person[:2], "another site": with("Sec-Fetch-Site", "cross-site"),
		"a script": with("Sec-Fetch-Mode", "cors"), "a prefetch": with("Sec-Purpose", "prefetch"), "a crawler": with("User-Agent", crawlers[0]),
		"a program": with("User-Agent", "curl/8.0"), "no name": with("User-Agent", "")} {
		leads(what, visitor.Get(path, h...))
	}
	leads("HEAD", visitor.Head(path, person...))
	leads("staff", s.staff(t, "staff@example.org").Get(path, person...))
	leads("a subscriber", s.subscriber(t, "subscriber@example.org").Get(path, person...))
	leads("more in the address", visitor.Get(path+"?url=https://evil.example/&to=//evil.example", person[:2]...))
	if have := s.counted("tea"); have.Clicked != 0 {
		t.Errorf("%d clicks counted of nobody", have.Clicked)
	}
	leads("a person", visitor.Get(path, person...))
	if have := s.counted("tea"); have.Clicked != 1 {
		t.Errorf("%d clicks counted, want 1", have.Clicked)
	}
	for _, bad := range []string{"/ads/go/https:%2f%2fevil.example", "/ads/go/" + ticket + "x", "/ads/go/1.foot.1.aaaaaaaaaaaaaaaa", "/ads/go/"} {
		if a := visitor.Get(bad, person...); a.status != http.StatusNotFound || a.location() != "" {
			t.Errorf("%s: status %d to %q", bad, a.status, a.location())
		}
	}
}

func TestViewsOfAdvertising(t *testing.T) {
	s := newTestSite(t)
	s.sell("tea", func(c *ads.Campaign) { c.Places = []string{"foot"} })
	visitor := s.client(t)
	ticket := ticketOf(t, visitor.Get("/"))
	s.staff(t, "staff@example.org").inView(ticket)
	s.subscriber(t, "subscriber@example.org").inView(ticket)
	visitor.inView(ticket, "User-Agent", crawlers[0])
	visitor.inView(ticket, "Sec-Purpose", "prefetch;prerender")
	visitor.inView(strings.Repeat(ticket+" ", mostSeen+1))
	visitor.inView("x " + ticket + "x")
	if a := visitor.inView(ticket, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("a view that another site reports: status %d", a.status)
	}
	if a := visitor.inView(strings.Repeat("x", 3000)); a.status < 400 || a.status >= 500 {
		t.Errorf("too long a report: status %d", a.status)
	}
	if have := s.counted("tea"); have.Seen != 0 {
		t.Errorf("%d views counted of nobody", have.Seen)
	}
	a := visitor.inView(ticket)
	s.reader(t, "reader@example.org").inView(ticket)
	if have := s.counted("tea"); a.status != http.StatusNoContent || a.header.Get("Set-Cookie") != "" || have.Seen != 2 {
		t.Errorf("status %d, cookie %q, %d views counted, want 2", a.status, a.header.Get("Set-Cookie"), have.Seen)
	}
}

// A sponsor's report is there for whoever has the address, for no search engine and no cache, until it is taken away.
func TestAdvertisingReport(t *testing.T) {
	s := newTestSite(t)
	s.sell("tea", func(c *ads.Campaign) { c.Places = []string{"foot"} })
	ctx, c := context.Background(), s.client(t)
	token, err := s.Ads.OpenReport(ctx, "tea")
	must(t, err)
	path := "/ads/report/" + token
	if d := c.Get(path).document(t); len(d.all("p.empty")) != 1 || len(d.all("table")) != 0 {
		t.Errorf("a report of nothing: %q", d.texts("main"))
	}
	ticket := ticketOf(t, c.Get("/"))
	c.inView(ticket)
	c.Get("/ads/go/"+ticket, person...)
	s.counted("tea")
	a := c.Get(path)
	d := a.document(t)
	if len(d.all("table")) != 3 || !strings.Contains(strings.Join(d.texts("td"), " "), "1 1 100.0") {
		t.Errorf("the report says %q", d.texts("main"))
	}
	same(t, "privacy", []string{a.header.Get("Referrer-Policy"), a.header.Get("Cache-Control")}, "no-referrer", "private, no-store")
	if !strings.Contains(a.body, `content="noindex"`) {
		t.Error("search engines may keep the report")
	}
	table := c.Get(path + "/report.csv")
	if table.status != http.StatusOK || !strings.HasPrefix(table.header.Get("Content-Type"), "text/csv") || !strings.Contains(table.body, ",foot,1 Buy tea.,1,1\r\n") {
		t.Errorf("the table: status %d, %q", table.status, table.body)
	}
	must(t, s.Ads.CloseReport(ctx, "tea"))
	for _, at := range []string{path, path + "/report.csv", "/ads/report/" + letters(26)} {
		if a := c.Get(at); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", at, a.status)
		}
	}
}

// A place in the text stands after its paragraph, outside of everything else, and never at the end.
func TestPieces(t *testing.T) {
	slots := []ads.Slot{{Place: ads.Place{Slug: "x", Paragraph: 2}}}
	for text, want := range map[string]string{
		"":                         "",
		"<p>1</p><p>2</p>":         "<p>1</p><p>2</p>",
		"<p>1</p><p>2</p><p>3</p>": "<p>1</p><p>2</p>|<p>3</p>",
		"<p>1</p><blockquote><p>q</p></blockquote><p>2</p><h2>h</h2><p>3</p>":     "<p>1</p><blockquote><p>q</p></blockquote><p>2</p>|<h2>h</h2><p>3</p>",
		"<p>1<br>x</p><figure><img src=x><p>c</p></figure><p>2<em>y</em></p><p>3": "<p>1<br>x</p><figure><img src=x><p>c</p></figure><p>2<em>y</em></p><p>3",
		"<p>1</p><ul><li><p>a</p></li></ul><p>2</p><hr><p>3</p>":                  "<p>1</p><ul><li><p>a</p></li></ul><p>2</p>|<hr><p>3</p>",
	} {
		var have []string
		for _, p := range pieces(template.HTML(text), slots) {
			have = append(have, string(p.Text))
		}
		if got := strings.Join(have, "|"); got != want {
			t.Errorf("%s is cut into %s, want %s", text, got, want)
		}
	}
}

// In an article that may be read, advertising stands in the text; in a teaser it does not.
func TestAdvertisingInTheText(t *testing.T) {
	s := newTestSite(t)
	long := draftOf("long", access.Metered, testStart.Add(-time.Hour))
	long.BodyHTML, long.BodyMarkdown = strings.Repeat("<p>"+filler(60)+"</p>", 9), ""
	s.save(long)
	s.sell("tea", func(c *ads.Campaign) { c.Places = []string{"article"} })
	reader := s.reader(t, "reader@example.org")
	if d := reader.Get("/articles/long").document(t); len(d.all(".prose aside.ad")) != 0 {
		t.Error("advertising stands in a teaser")
	}
	reader.unlock("long")
	before, _, found := strings.Cut(reader.Get("/articles/long").body, `<aside class="ad" data-at="article"`)
	if n := strings.Count(before, "<p>Ships"); !found || n != 4 || !strings.HasSuffix(before, "</p>") {
		t.Errorf("advertising in the text: %v, after %d paragraphs", found, n)
	}
	if a := s.subscriber(t, "paid@example.org").Get("/articles/long"); strings.Contains(a.body, "<aside") || strings.Count(a.body, "<p>Ships") != 9 {
		t.Error("the text of a subscriber is not whole and free of advertising")
	}
}
