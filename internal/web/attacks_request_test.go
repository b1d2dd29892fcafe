package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Attacks by the form of a request (ACCESS.md): tags, ranges, methods, spellings, slugs.

func TestW18TagsRangesLengths(t *testing.T) {
	s := newTestSite(t)
	anonymous, paid := s.client(t), s.subscriber(t, "paid@example.org")
	for _, slug := range gatedSlugs {
		path, tag := "/articles/"+slug, s.fullTag(slug)
		whole := paid.Get(path)
		whole.mustHave(t, http.StatusOK, restOf(slug))
		if whole.header.Get("Etag") != "" || whole.header.Get("Last-Modified") != "" {
			t.Errorf("%s: the whole text goes out with a validator: %v", slug, whole.header)
		}
		teaser := anonymous.Get(path)
		if teaser.header.Get("Etag") == tag {
			t.Errorf("%s: teaser and whole text share the tag %s", slug, tag)
		}
		for _, header := range [][]string{{"If-None-Match", tag}, {"If-None-Match", "W/" + tag}, {"If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)},
			{"Range", "bytes=0-10"}, {"Range", "bytes=0-10,20-30"}, {"Range", "bytes=-1"}, {"Range", "bytes=900000-"}, {"If-Range", tag, "Range", "bytes=5-"}} {
			a := anonymous.Get(path, header...)
			if a.status != http.StatusOK || a.body != teaser.body {
				t.Errorf("%s %q: status %d, not the teaser", slug, header, a.status)
			}
			if a.header.Get("Content-Range") != "" || a.header.Get("Accept-Ranges") != "" {
				t.Errorf("%s %q: ranges: %v", slug, header, a.header)
			}
			if a := paid.Get(path, header...); a.status != http.StatusOK || !strings.Contains(a.body, restOf(slug)) {
				t.Errorf("%s %q: status %d for who may read it", slug, header, a.status)
			}
		}
		plain := anonymous.Get(path, "Accept-Encoding", "identity")
		if n := plain.header.Get("Content-Length"); n != fmt.Sprint(len(teaser.body)) {
			t.Errorf("%s: Content-Length %s of a teaser page of %d", slug, n, len(teaser.body))
		}
		if a := anonymous.Get(path, "If-None-Match", plain.header.Get("Etag")); a.status != http.StatusNotModified || a.body != "" {
			t.Errorf("%s: its own tag answers %d", slug, a.status)
		}
	}
}

func TestW19HeadIsGet(t *testing.T) {
	s := newCanarySite(t)
	for _, c := range []*testClient{s.client(t), s.subscriber(t, "paid@example.org")} {
		for pattern, targets := range s.fill() {
			if !strings.HasPrefix(pattern, "GET ") {
				continue
			}
			for _, at := range targets[:min(len(targets), 4)] {
				get, body := s.raw(c, http.MethodGet, at.path, nil)
				head, none := s.raw(c, http.MethodHead, at.path, nil)
				if len(none) > 0 || head.status != get.status {
					t.Errorf("HEAD %s: status %d, %d bytes; GET: %d", at.path, head.status, len(none), get.status)
				}
				for _, name := range []string{"Content-Type", "Cache-Control", "Etag", "Vary", "Location", "X-Robots-Tag", "Content-Security-Policy"} {
					if head.header.Get(name) != get.header.Get(name) {
						t.Errorf("HEAD %s: %s %q; GET: %q", at.path, name, head.header.Get(name), get.header.Get(name))
					}
				}
				if n := head.header.Get("Content-Length"); n != "" && n != fmt.Sprint(len(body)) {
					t.Errorf("HEAD %s: Content-Length %s; GET sent %d", at.path, n, len(body))
				}
			}
		}
	}
}

func TestW19MethodsAndOverrides(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "reader@example.org")
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO"} {
		a := c.send(method, "/articles/"+meteredOne, nil, "X-Probe", "reflect-me")
		if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") == "" {
			t.Errorf("%s: status %d, Allow %q", method, a.status, a.header.Get("Allow"))
		}
		a.mustNotHave(t, restOf(meteredOne), "reflect-me")
	}
	if a := c.send("GET", "/articles/"+meteredOne+"/unlock", nil); a.status != http.StatusMethodNotAllowed {
		t.Errorf("GET of the unlock form: status %d", a.status)
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		c.Get("/articles/"+meteredOne, name, "POST").mustNotHave(t, restOf(meteredOne))
		c.Get("/articles/"+meteredOne+"/unlock", name, "POST")
		a := c.Post("/account/name", nil, name, "GET")
		if a.status != http.StatusSeeOther {
			t.Errorf("%s: a POST became another method: status %d", name, a.status)
		}
	}
	c.Get("/articles/"+meteredOne).mustNotHave(t, restOf(meteredOne)) // nothing was spent on the way
}

// wire sends a request as it is written and returns the answer.
func (s *testSite) wire(t testing.TB, request string) answer {
	t.Helper()
	conn, err := net.Dial("tcp", s.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return exchange(t, conn, request)
}

// exchange sends a request through a connection, and closes it.
func exchange(t testing.TB, conn net.Conn, request string) answer {
	t.Helper()
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	method, _, _ := strings.Cut(request, " ")
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

func (s *testSite) wireGet(t testing.TB, target, cookie string) answer {
	t.Helper()
	return s.wire(t, "GET "+target+" HTTP/1.1\r\nHost: "+s.srv.Listener.Addr().String()+"\r\nConnection: close\r\n"+cookie+"\r\n")
}

// sessionHeader is the Cookie line of a signed-in client.
func (c *testClient) sessionHeader() string {
	return "Cookie: " + c.site.cookies.session + "=" + c.cookie(c.site.cookies.session) + "\r\n"
}

func TestW19AbsoluteFormAndForeignHosts(t *testing.T) {
	s := newTestSite(t)
	paid := s.subscriber(t, "paid@example.org").sessionHeader()
	for _, target := range []string{"http://evil.example/articles/" + meteredOne, "https://evil.example:1/articles/" + meteredOne, "/articles/" + meteredOne} {
		a := s.wire(t, "GET "+target+" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
		a.mustNotHave(t, restOf(meteredOne), "evil.example")
		if a.status != http.StatusOK {
			t.Errorf("%s: status %d", target, a.status)
		}
		s.wireGet(t, target, paid).mustHave(t, http.StatusOK, restOf(meteredOne))
	}
	for _, request := range []string{"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"} {
		if a := s.wire(t, request); a.status == http.StatusOK && len(a.body) > 0 || a.status >= 500 {
			t.Errorf("%.20q: status %d, %d bytes", request, a.status, len(a.body))
		}
	}
}

// spellings are ways to write the address of an article that are not its address.
func spellings(slug string) []string {
	up := strings.ToUpper(slug)
	a := "/articles/" + slug
	return []string{"/" + a, "//" + a, "/articles//" + slug, "/./articles/" + slug, "/articles/./" + slug, "/articles/../articles/" + slug,
		"/x/../articles/" + slug, "/articles/" + slug + "/../" + slug, "/articles/%2e/" + slug, "/articles/%2e%2e/articles/" + slug, a + "/", a + "//",
		a + "/.", a + "/..", a + "/../", a + ";", a + ";x", a + ";a=b", a + "%3b", a + "%3bx", a + "%2f", a + "%2F", a + "%2fx", a + "%5c", a + "%5cx",
		a + "%00", a + "%00.css", a + "%0a", a + "%0d%0aX:y", a + "%09", a + "%20", a + "+", a + ".", a + ".amp", a + ".json", a + ".css", a + "/a.css",
		a + "%23", a + "%3f", a + "%3fx=1", a + "%253b", a + "%c0%af", a + "%e2%80%8b", a + "\xe2\x80\x8b", a + "~", a + "*", a + "'", a + "&x=1", a + ",", a + "@",
		"/articles/" + up, "/Articles/" + slug, "/ARTICLES/" + up, "/articles/" + strings.ToUpper(slug[:1]) + slug[1:], "/articles/%6" + fmt.Sprintf("%x", slug[0]&15) + slug[1:],
		"/%61rticles/" + slug, "/articles/" + strings.ReplaceAll(slug, "-", "%2d"), "/articles/" + strings.ReplaceAll(slug, "-", "_"),
		"/articles/" + strings.Replace(slug, "e", "e\u0301", 1), "/articles/" + strings.Replace(slug, "e", "\u00e9", 1), "/articles/" + strings.Replace(slug, "e", "\uff45", 1),
		"/articles%2f" + slug, "/articles;x/" + slug, "/articles\\" + slug, "/articles/%" + slug, "/articles/%zz" + slug, "/articles", "/articles/"}
}

func TestW20Spellings(t *testing.T) {
	s := newTestSite(t)
	s.settle()
	paid := s.subscriber(t, "paid@example.org").sessionHeader()
	s.settle()
	for name, cookie := range map[string]string{"anonymous": "", "subscriber": paid} {
		for _, target := range spellings(meteredOne) {
			a := s.wireGet(t, target, cookie)
			switch {
			case a.status == http.StatusNotFound || a.status == http.StatusBadRequest:
			case a.status >= 300 && a.status <= 308 && strings.HasPrefix(a.location(), "/") && !strings.HasPrefix(a.location(), "//"):
			default:
				t.Errorf("%s: %q answers %d, Location %q", name, target, a.status, a.location())
			}
			a.mustNotHave(t, restOf(meteredOne), teaserOf(meteredOne))
			if cc := a.header.Get("Cache-Control"); a.status == http.StatusNotFound && cc != "private, no-store" {
				t.Errorf("%s: %q answers 404 with Cache-Control %q", name, target, cc)
			}
		}
	}
	s.wireGet(t, "/articles/"+meteredOne, paid).mustHave(t, http.StatusOK, restOf(meteredOne))
}

func TestW21DraftsScheduledOldSlugs(t *testing.T) {
	s := newTestSite(t)
	everyone := []*testClient{s.client(t), s.reader(t, "reader@example.org"), s.subscriber(t, "paid@example.org"), s.staff(t, "staff@example.org")}
	for _, slug := range []string{draftOne, scheduledOne} {
		for _, c := range everyone {
			for _, path := range []string{"/articles/" + slug, "/articles/" + slug + "?preview=1", "/cards/" + slug + ".png"} {
				a := c.Get(path)
				if a.status != http.StatusNotFound {
					t.Errorf("%s: status %d", path, a.status)
				}
				a.mustNotHave(t, "Title of "+slug, teaserOf(slug), restOf(slug))
			}
			if a := c.Post("/articles/"+slug+"/unlock", nil); a.status != http.StatusNotFound {
				t.Errorf("unlock %s: status %d", slug, a.status)
			}
			for _, path := range []string{"/", "/archive", "/feed.xml", "/sections/briefings", "/sitemaps/2026-11.xml", "/sitemaps/news.xml", "/subscribe?article=" + slug, "/articles/" + meteredOne} {
				c.Get(path).mustNotHave(t, slug)
			}
		}
	}
	for _, c := range everyone {
		for _, method := range []string{"GET", "HEAD"} {
			a := c.send(method, "/articles/"+oldSlug, nil)
			if a.status != http.StatusMovedPermanently || a.location() != "/articles/"+renamedArticle {
				t.Errorf("%s of the old slug: %d to %q", method, a.status, a.location())
			}
			a.mustNotHave(t, restOf(oldSlug), teaserOf(oldSlug))
		}
	}
	if a := everyone[1].Post("/articles/"+oldSlug+"/unlock", nil); a.status != http.StatusSeeOther || a.location() != "/articles/"+renamedArticle {
		t.Errorf("unlock by the old slug: %d to %q", a.status, a.location())
	}
	s.clock.advance(time.Hour)
	everyone[0].Get("/articles/"+scheduledOne).mustHave(t, http.StatusOK, teaserOf(scheduledOne))
	everyone[0].Get("/feed.xml").mustHave(t, http.StatusOK, scheduledOne)
	gone := draftOf(renamedArticle, "metered", testStart.AddDate(0, 0, -60))
	gone.ID, gone.State = s.articleID(renamedArticle), "draft"
	s.save(gone)
	for _, slug := range []string{oldSlug, renamedArticle} {
		if a := everyone[2].Get("/articles/" + slug); a.status != http.StatusNotFound {
			t.Errorf("%s of a withdrawn article: status %d", slug, a.status)
		}
	}
}
