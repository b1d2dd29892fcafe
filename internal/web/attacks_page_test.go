package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
)

// Attacks on what a page holds (ACCESS.md): what a browser was sent can be read, whatever the page does with it.

// gatedSlugs are articles of each level that the wall stands before.
var gatedSlugs = []string{registeredOne, meteredOne, subscriberOne}

func TestW01ScriptsStylesCookiesOff(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.http.Jar = nil
	for _, slug := range gatedSlugs {
		a := c.Get("/articles/" + slug)
		a.mustHave(t, http.StatusOK, teaserOf(slug), `id="wall"`)
		a.mustNotHave(t, restOf(slug))
	}
	// The wall is a plain form: sent by itself, without a header of a browser, it works.
	a := c.Get("/articles/" + meteredOne)
	a.mustHave(t, http.StatusOK, `action="/keep-reading" method="post"`, `name="email"`, `name="article" value="`+meteredOne+`"`)
	form := url.Values{"article": {meteredOne}, "email": {"plain@example.org"}}
	sent := c.send(http.MethodPost, "/keep-reading", strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	if sent.status != http.StatusSeeOther || sent.location() != "/articles/"+meteredOne {
		t.Fatalf("the form answers %d to %q", sent.status, sent.location())
	}
	// Who keeps no cookies is a stranger again: no text, and no loop.
	c.follow(sent).mustNotHave(t, restOf(meteredOne))
	// Who keeps the one it set, reads.
	with := s.client(t)
	with.setCookie(s.cookies.visitor, cookieOf(t, sent, s.cookies.visitor).Value)
	with.Get("/articles/"+meteredOne).mustHave(t, http.StatusOK, restOf(meteredOne))
}

// cookieOf is a cookie that an answer sets.
func cookieOf(t testing.TB, a answer, name string) *http.Cookie {
	t.Helper()
	r := http.Response{Header: a.header}
	for _, k := range r.Cookies() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no cookie %s is set: %q", name, a.header["Set-Cookie"])
	return nil
}

// ofAdvertising are the attributes that advertising has, which knows nothing of the text.
var ofAdvertising = map[string]bool{"data-at": true, "data-format": true, "data-waits": true, "data-ticket": true, "data-campaign": true,
	"data-weight": true, "data-cap": true, "data-house": true, "data-src": true}

func TestW02NothingHiddenInTheDocument(t *testing.T) {
	s := newTestSite(t)
	for _, slug := range gatedSlugs {
		a := s.client(t).Get("/articles/" + slug)
		a.mustNotHave(t, restOf(slug), "Then they sail")
		root, err := html.Parse(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			switch {
			case n.Type == html.CommentNode:
				t.Errorf("%s: a comment %q", slug, n.Data)
			case n.Data == "noscript" || n.Data == "template" || n.Data == "iframe" || n.Data == "dialog":
				t.Errorf("%s: an element %s", slug, n.Data)
			}
			for _, at := range n.Attr {
				if strings.HasPrefix(at.Key, "data-") && !ofAdvertising[at.Key] || at.Key == "style" || at.Key == "hidden" || at.Key == "srcdoc" {
					t.Errorf("%s: an attribute %s=%q", slug, at.Key, at.Val)
				}
			}
		}
	}
}

// linkedData is the JSON-LD of a page.
func linkedData(t testing.TB, a answer) map[string]any {
	t.Helper()
	_, rest, _ := strings.Cut(a.body, `<script type="application/ld+json">`)
	text, _, ok := strings.Cut(rest, "</script>")
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); !ok || err != nil {
		t.Fatalf("JSON-LD: %v in %q", err, text)
	}
	return out
}

func TestW05LinkedDataPreviewsAndSitemaps(t *testing.T) {
	s := newTestSite(t)
	chosen := s.reader(t, "chose@example.org")
	chosen.unlock(meteredOne)
	variants := map[string]*testClient{"anonymous": s.client(t), "unlocked": chosen, "subscriber": s.subscriber(t, "paid@example.org")}
	for name, c := range variants {
		for _, slug := range gatedSlugs {
			a := c.Get("/articles/" + slug)
			d := linkedData(t, a)
			part, _ := d["hasPart"].(map[string]any)
			if d["@type"] != "NewsArticle" || d["isAccessibleForFree"] != false || part["isAccessibleForFree"] != false ||
				part["@type"] != "WebPageElement" || part["cssSelector"] != ".paywall" {
				t.Errorf("%s, %s: %v", name, slug, d)
			}
			if strings.Contains(a.body, "articleBody") {
				t.Errorf("%s, %s: articleBody", name, slug)
			}
			if n := strings.Count(a.body, "paywall"); n < 2 {
				t.Errorf("%s, %s: no element has the class that the data names", name, slug)
			}
		}
		if d := linkedData(t, c.Get("/articles/"+openOne)); d["isAccessibleForFree"] != true || d["hasPart"] != nil {
			t.Errorf("%s, open: %v", name, d)
		}
	}
	for _, path := range append(s.sitemaps(), "/feed.xml", "/feed.atom", "/feed.json", "/sections/briefings/feed.json", "/topics/trade/feed.xml") {
		s.client(t).Get(path).mustNotHave(t, "What follows in")
	}
	head, _, _ := strings.Cut(s.client(t).Get("/articles/"+subscriberOne).body, "</head>")
	if !strings.Contains(head, `og:description" content="Standfirst of `+subscriberOne) || strings.Contains(head, "Ships wait") {
		t.Errorf("the head of a gated page:\n%s", head)
	}
}

// There is no list that shows more than the page of one article does (W-06), and no feed holds more than teasers,
// whoever asks for it (W-07): there are no tokens for full feeds yet.
func TestW06W07ListsAndFeedsHoldTeasers(t *testing.T) {
	s := newTestSite(t)
	c := s.subscriber(t, "paid@example.org")
	for _, path := range []string{"/feed.xml", "/feed.atom", "/feed.json", "/sections/in-depth/feed.xml", "/contributors/ines-marvell/feed.atom"} {
		for _, query := range []string{"", "?full=1&include=body&fields=*&token=" + letters(43)} {
			a := c.Get(path + query)
			a.mustHave(t, http.StatusOK, "The opening of ")
			a.mustNotHave(t, "What follows in")
			if cc := a.header.Get("Cache-Control"); !strings.HasPrefix(cc, "public") {
				t.Errorf("%s: Cache-Control %q", path, cc)
			}
		}
	}
}

func TestW08ParametersAndSuffixes(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	plain := c.Get("/articles/" + meteredOne)
	kept := s.pages.Len()
	for _, query := range []string{"amp", "amp=1", "output=amp", "outputType=amp", "print", "print=1", "view=full", "format=json", "full=true",
		"fields=body", "preview=1", "utm_source=x", "fbclid=1", "ref=hn", "page=2", "%00", "a;b", "_escaped_fragment_="} {
		a := c.Get("/articles/" + meteredOne + "?" + query)
		if a.status != http.StatusOK || a.body != plain.body || a.header.Get("Etag") != plain.header.Get("Etag") {
			t.Errorf("?%s: status %d, tag %s, another page than without it", query, a.status, a.header.Get("Etag"))
		}
	}
	if n := s.pages.Len(); n != kept {
		t.Errorf("parameters made %d pages more", n-kept)
	}
	for _, suffix := range []string{".md", ".json", ".html", ".amp", ".txt", ".xml", ".pdf", "/amp", "/print", "/feed", "/feed.xml", "/index.html", "/embed", "/full"} {
		for _, who := range []*testClient{c, s.subscriber(t, letters(8)+"@example.org")} {
			a := who.Get("/articles/" + meteredOne + suffix)
			if a.status != http.StatusNotFound {
				t.Errorf("%s: status %d", suffix, a.status)
			}
			a.mustNotHave(t, restOf(meteredOne), teaserOf(meteredOne))
		}
	}
}

func TestW25PicturesAfterTheTeaser(t *testing.T) {
	s := newTestSite(t)
	ctx := t.Context()
	before, after := s.putPhoto(ctx, 320, 200), s.putPhoto(ctx, 330, 200)
	d := draftOf("with-pictures", access.Metered, testStart.AddDate(0, 0, -1))
	d.Hero = &library.Image{File: before.Name, Alt: "Hero", Width: 320, Height: 200}
	d.BodyHTML = `<p>` + teaserOf("with-pictures") + `</p><!-- cut --><figure><img src="` + after.Path(330) + `" alt="Chart"></figure><p>` + restOf("with-pictures") + `</p>`
	s.save(d)
	for _, path := range []string{"/articles/with-pictures", "/", "/feed.xml", "/feed.json", "/sections/briefings"} {
		s.client(t).Get(path).mustNotHave(t, after.Name)
	}
	s.client(t).Get("/articles/with-pictures").mustHave(t, http.StatusOK, before.Name)
	s.subscriber(t, "paid@example.org").Get("/articles/with-pictures").mustHave(t, http.StatusOK, after.Name)
}
