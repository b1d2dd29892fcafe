package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/storage"
)

var requestID = regexp.MustCompile(`<code>([0-9a-z]+-[0-9a-z]+)</code>`)

// looksRight checks what every page of a problem has to be.
func (a answer) looksRight(t testing.TB, status int, heading string) {
	t.Helper()
	a.mustHave(t, status, "<h1>"+heading+"</h1>", "The Test Review", `<meta name="robots" content="noindex">`, `href="/"`)
	h := a.header
	if h.Get("Cache-Control") != "private, no-store" || h.Get("Etag") != "" || h.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d: headers %v", status, h)
	}
	if h.Get("Content-Security-Policy") == "" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d: the security headers are missing: %v", status, h)
	}
	if a.find(t, func(n *html.Node) bool { return attribute(n, "rel") == "canonical" }) != nil {
		t.Errorf("%d: a problem has a canonical address", status)
	}
	if got := requestID.MatchString(a.body); got != (status >= 500) {
		t.Errorf("%d: the page shows a request's id: %v", status, got)
	}
}

func TestProblems(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Server.MaxBody, c.Limits.SignInPerHour = 2*config.Kilobyte, 1 })
	c := s.client(t)
	const form = "application/x-www-form-urlencoded"
	for _, path := range []string{"/no-such-page", "/articles/no-such-article", "/articles/" + draftOne, "/articles/" + meteredOne + "/more", "/sections/none", "/assets/none.css"} {
		a := c.Get(path)
		a.looksRight(t, http.StatusNotFound, "There is no such page")
		a.mustHave(t, http.StatusNotFound, `href="/archive"`, "The latest", "Title of "+openOne)
		if head := c.Head(path); head.status != http.StatusNotFound || head.body != "" || head.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("HEAD %s: status %d, body %q, headers %v", path, head.status, head.body, head.header)
		}
	}
	for _, x := range []struct{ method, path, allow string }{
		{"GET", "/keep-reading", "POST"}, {"GET", "/articles/" + meteredOne + "/unlock", "POST"}, {"GET", "/sign-out", "POST"},
		{"POST", "/", "GET, HEAD"}, {"DELETE", "/account", "GET, HEAD"}, {"PUT", "/sign-in", "GET, HEAD, POST"},
	} {
		a := c.send(x.method, x.path, nil)
		a.looksRight(t, http.StatusMethodNotAllowed, "That cannot be done here")
		if a.header.Get("Allow") != x.allow {
			t.Errorf("%s %s: Allow %q, want %q", x.method, x.path, a.header.Get("Allow"), x.allow)
		}
	}
	large := c.Post("/sign-in", url.Values{"email": {"anna@example.org"}, "more": {strings.Repeat("x", 3<<10)}})
	large.looksRight(t, http.StatusRequestEntityTooLarge, "That did not work")
	large.mustHave(t, http.StatusRequestEntityTooLarge, "That is more than this page takes.")
	broken := c.send("POST", "/sign-in", strings.NewReader("%zz"), "Content-Type", form)
	broken.looksRight(t, http.StatusUnprocessableEntity, "That did not work")
	foreign := c.send("POST", "/sign-in", strings.NewReader("email=anna@example.org"), "Content-Type", form, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
	foreign.looksRight(t, http.StatusForbidden, "That is not open to you")
	foreign.mustHave(t, http.StatusForbidden, "This form was sent from another site.")
	c.askToSignIn("anna@example.org", "/").mustHave(t, http.StatusOK)
	often := c.askToSignIn("bernd@example.org", "/")
	often.looksRight(t, http.StatusTooManyRequests, "A moment, please")
	if often.header.Get("Retry-After") != "3600" {
		t.Errorf("Retry-After %q", often.header.Get("Retry-After"))
	}
}

// A problem is told to the one who met it: signed in, they stay it.
func TestProblemsOfReaders(t *testing.T) {
	s := newTestSite(t)
	door := `<a class="first" href="/account">`
	s.subscriber(t, "paid@example.org").Get("/no-such-page").mustHave(t, http.StatusNotFound, door)
	s.client(t).Get("/no-such-page").mustNotHave(t, door)
}

// When something breaks, the page says so with the request's id; the log says what it was, and the page does not.
func TestProblemsOfOurs(t *testing.T) {
	s := newTestSite(t)
	c := s.reader(t, "anna@example.org")
	c.Get("/account").mustHave(t, http.StatusOK)
	drop := func(table string) {
		t.Helper()
		ctx := context.Background()
		if err := s.db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, "DROP TABLE "+table)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	drop("consents")
	a := c.Get("/account")
	a.looksRight(t, http.StatusInternalServerError, "Something broke on our side")
	a.mustNotHave(t, "consents", "SQL", "no such table")
	if head := c.Head("/account"); head.status != http.StatusInternalServerError || head.body != "" {
		t.Errorf("HEAD: status %d, body %q", head.status, head.body)
	}
	id := requestID.FindStringSubmatch(a.body)[1]
	found := false
	for _, line := range strings.Split(s.logs(), "\n") {
		found = found || strings.Contains(line, id) && strings.Contains(line, "consents") && strings.Contains(line, `"route":"GET /account"`)
	}
	if !found {
		t.Errorf("the log does not say what happened to %s:\n%s", id, s.logs())
	}

	// Without a database at all there is still a page.
	for _, table := range []string{"follows", "saved_searches", "introductions", "filings", "terms", "slugs", "sessions", "readers"} {
		drop(table)
	}
	s.Site.directory.drop()
	s.Site.pages.Clear()
	s.Readers.Forget(0)
	r, err := http.NewRequest(http.MethodGet, s.url+"/articles/"+subscriberOne, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: s.cookies.session, Value: c.cookie(s.cookies.session)})
	resp, err := s.srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	away := answer{status: resp.StatusCode, header: resp.Header, body: string(b)}
	away.looksRight(t, http.StatusInternalServerError, "Something broke on our side")
}
