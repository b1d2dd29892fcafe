package web

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
)

// heard is what a feed reader makes of any of the formats.
type heard struct {
	title, home, self string
	entries           []heardEntry
}

type heardEntry struct{ id, url, title, by, content, published string }

func hearRSS(t *testing.T, body string) (out heard) {
	t.Helper()
	var d struct {
		Channel struct {
			Title string `xml:"title"`
			Links []struct {
				Href string `xml:"href,attr"` // Atom's
				Text string `xml:",chardata"`
			} `xml:"link"`
			Items []struct {
				Title   string `xml:"title"`
				Link    string `xml:"link"`
				GUID    string `xml:"guid"`
				By      string `xml:"http://purl.org/dc/elements/1.1/ creator"`
				Content string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
				At      string `xml:"pubDate"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal([]byte(body), &d); err != nil || len(d.Channel.Links) != 2 {
		t.Fatalf("RSS: %v in %.300s", err, body)
	}
	out = heard{title: d.Channel.Title, home: d.Channel.Links[0].Text, self: d.Channel.Links[1].Href}
	for _, i := range d.Channel.Items {
		at, err := time.Parse(time.RFC1123, i.At)
		if err != nil {
			t.Errorf("pubDate %q", i.At)
		}
		out.entries = append(out.entries, heardEntry{i.GUID, i.Link, i.Title, i.By, i.Content, at.UTC().Format(time.RFC3339)})
	}
	return out
}

func hearAtom(t *testing.T, body string) (out heard) {
	t.Helper()
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	var d struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Links   []link   `xml:"link"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Link    link   `xml:"link"`
			By      string `xml:"author>name"`
			Content string `xml:"content"`
			At      string `xml:"published"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(body), &d); err != nil || len(d.Links) != 2 || d.Updated == "" {
		t.Fatalf("Atom: %v in %.300s", err, body)
	}
	out = heard{title: d.Title, self: d.Links[0].Href, home: d.Links[1].Href}
	for _, e := range d.Entries {
		out.entries = append(out.entries, heardEntry{e.ID, e.Link.Href, e.Title, e.By, e.Content, e.At})
	}
	return out
}

func hearJSON(t *testing.T, body string) (out heard) {
	t.Helper()
	var d struct {
		Version, Title string
		Home           string `json:"home_page_url"`
		Self           string `json:"feed_url"`
		Language       string
		Items          []struct {
			ID, URL, Title string
			Content        string `json:"content_html"`
			Published      string `json:"date_published"`
			Authors        []struct{ Name string }
		}
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil || d.Version != "https://jsonfeed.org/version/1.1" || d.Language != "en" {
		t.Fatalf("JSON Feed: %v in %.300s", err, body)
	}
	out = heard{title: d.Title, home: d.Home, self: d.Self}
	for _, i := range d.Items {
		out.entries = append(out.entries, heardEntry{i.ID, i.URL, i.Title, i.Authors[0].Name, i.Content, i.Published})
	}
	return out
}

var hear = map[string]func(*testing.T, string) heard{"feed.xml": hearRSS, "feed.atom": hearAtom, "feed.json": hearJSON}

func TestFeeds(t *testing.T) {
	s := newTestSite(t)
	d := draftOf("with-a-link", access.Metered, testStart.Add(-time.Minute))
	d.Title = `Ships & "harbours" <now>`
	d.BodyHTML = `<p>See <a href="/topics/trade">trade</a>, <a href="//example.org/x">x</a> and <a href="https://example.org/y">y</a>. ` +
		teaserOf(d.Slug) + `</p><!-- cut --><p>` + restOf(d.Slug) + `</p>`
	id := s.save(d)[0]
	for name, hear := range hear {
		for path, title := range map[string]string{"": "The Test Review", "/sections/briefings": "Briefings · The Test Review",
			"/topics/trade": "Trade · The Test Review", "/countries/portugal": "Portugal · The Test Review", "/regions/europe": "Europe · The Test Review",
			"/contributors/ines-marvell": "Ines Marvell · The Test Review"} {
			a := s.client(t).Get(path + "/" + name)
			a.mustHave(t, http.StatusOK)
			if ct := a.header.Get("Content-Type"); ct != feedFormats[name].media+"; charset=utf-8" {
				t.Errorf("%s/%s: Content-Type %q", path, name, ct)
			}
			f := hear(t, a.body)
			if f.title != title || f.self != s.url+path+"/"+name || strings.TrimSuffix(f.home, "/") != s.url+path {
				t.Errorf("%s/%s: title %q, home %q, self %q", path, name, f.title, f.home, f.self)
			}
			want := heardEntry{id: s.entryID(id), url: s.url + "/articles/with-a-link", title: d.Title, by: "Ines Marvell", published: "2026-11-16T08:59:00Z",
				content: `<p>See <a href="` + s.url + `/topics/trade">trade</a>, <a href="//example.org/x" rel="noopener">x</a> and ` +
					`<a href="https://example.org/y" rel="noopener">y</a>. ` + teaserOf(d.Slug) + `</p>`}
			if f.entries[0] != want {
				t.Errorf("%s/%s: the newest entry is\n%+v\nwant\n%+v", path, name, f.entries[0], want)
			}
		}
		if f := hear(t, s.client(t).Get("/series/the-straits/"+name).body); len(f.entries) != 2 {
			t.Errorf("/series/the-straits/%s has %d entries", name, len(f.entries))
		}
	}
}

func TestFeedsAreKeptAndRevalidated(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for name := range feedFormats {
		a := c.Get("/" + name)
		again := c.Get("/"+name, "If-None-Match", a.header.Get("Etag"))
		if again.status != http.StatusNotModified || again.body != "" {
			t.Errorf("%s with its tag: status %d", name, again.status)
		}
		s.save(draftOf("new-for-"+strings.ReplaceAll(name, ".", "-"), access.Metered, s.clock.now()))
		again = c.Get("/"+name, "If-None-Match", a.header.Get("Etag"))
		again.mustHave(t, http.StatusOK, "new-for-"+strings.ReplaceAll(name, ".", "-"))
	}
}

func TestFeedEntriesKeepTheirIDs(t *testing.T) {
	s := newTestSite(t)
	before := hearRSS(t, s.client(t).Get("/feed.xml").body).entries
	d := draftOf("another-name", access.Open, testStart.AddDate(0, 0, -1))
	d.ID = s.articleID(openOne)
	s.save(d)
	after := hearRSS(t, s.client(t).Get("/feed.xml").body).entries
	for i := range before {
		if before[i].id != after[i].id {
			t.Errorf("entry %d was %s, is %s", i, before[i].id, after[i].id)
		}
	}
}

func TestFeedsThatAreNot(t *testing.T) {
	s := newTestSite(t)
	for _, path := range []string{"/feed", "/feed.rss", "/topics/trade/feed", "/topics/trade/feed.txt", "/topics/none/feed.xml", "/sections//feed.xml", "/topics/TRADE/feed.xml"} {
		if a := s.client(t).Get(path); a.status != http.StatusNotFound && a.status != http.StatusMovedPermanently && a.status != http.StatusTemporaryRedirect {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestFeedsPage(t *testing.T) {
	s := newTestSite(t)
	a := s.client(t).Get("/feeds")
	a.mustHave(t, http.StatusOK, `href="/feed.xml"`, `href="/feed.atom"`, `href="/feed.json"`, `href="/sections/briefings/feed.xml"`, `href="/topics/trade/feed.atom"`,
		`href="/countries/portugal/feed.json"`, `href="/regions/europe/feed.xml"`, `href="/contributors/ines-marvell/feed.xml"`, `href="/series/the-straits/feed.xml"`,
		`aria-label="Briefings, RSS"`)
	if n := strings.Count(a.body, "<h1"); n != 1 {
		t.Errorf("%d h1", n)
	}
}

func TestEmptyFeeds(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Publication.Language = "en-GB" })
	f := feed{Title: "Nothing", Path: "/", Self: s.url + "/feed.xml"}
	for name, format := range feedFormats {
		b, err := format.render(s.Site, f)
		if err != nil {
			t.Fatal(err)
		}
		if name == "feed.json" {
			b = []byte(strings.Replace(string(b), "en-GB", "en", 1))
		}
		if got := hear[name](t, string(b)); len(got.entries) != 0 || got.title != "Nothing" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What XML cannot hold is replaced, so that one bad title does not break a feed.
func TestFeedsOfBadText(t *testing.T) {
	s := newTestSite(t)
	f := feed{Title: "A\x00B\x0bC\xffD", Path: "/", Self: "x", Entries: []feedEntry{{ID: "1", URL: "u", Text: "]]> \x01 </script>"}}}
	f.Entries[0].Title, f.Entries[0].Byline = "\ufffe & <", []string{"N"}
	for name, format := range feedFormats {
		b, err := format.render(s.Site, f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := hear[name](t, string(b)); len(got.entries) != 1 || !strings.Contains(got.entries[0].content, "]]>") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
