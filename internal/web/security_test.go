package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
)

// The requirements of SECURITY.md that the site itself has to meet.

// secure configures a site as it is in public: https, cookies that only https carries.
func secure(c *config.Config) {
	c.Publication.URL, c.Server.InsecureCookies = "https://review.example", false
}

// serve hands a request to the site without a network between: over plain HTTP no browser would keep secure cookies.
func (s *testSite) serve(r *http.Request) answer {
	s.t.Helper()
	s.settle()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Result().Header, w.Body.String()}
}

func formRequest(path string, form url.Values, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://review.example"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://review.example")
	for _, k := range cookies {
		r.AddCookie(k)
	}
	return r
}

func TestS03CookieAttributes(t *testing.T) {
	s := newTestSite(t, secure)
	asked := s.serve(formRequest("/keep-reading", url.Values{"email": {"a@example.org"}, "article": {meteredOne}}))
	visitor := cookieOf(t, asked, "__Host-visitor")
	in := s.serve(formRequest("/confirm", url.Values{"token": {s.token("a@example.org")}}, visitor))
	session := cookieOf(t, in, "__Host-session")
	out := s.serve(formRequest("/sign-out", nil, visitor, session))
	for _, k := range []*http.Cookie{visitor, session, cookieOf(t, out, "__Host-session")} {
		if !k.Secure || !k.HttpOnly || k.SameSite != http.SameSiteLaxMode || k.Path != "/" || k.Domain != "" {
			t.Errorf("cookie %v", k)
		}
	}
	if len(visitor.Value) != 43 || len(session.Value) != 43 || session.MaxAge < 24*3600 || session.MaxAge > 400*24*3600 {
		t.Errorf("cookies %v, %v: no opaque tokens of 256 bits, or not for a while", visitor, session)
	}
	if cookieOf(t, out, "__Host-session").MaxAge >= 0 {
		t.Error("signing out leaves the cookie")
	}
	if out.header.Get("Clear-Site-Data") != `"cache", "storage"` { // S-17
		t.Errorf("Clear-Site-Data %q", out.header.Get("Clear-Site-Data"))
	}
	r := httptest.NewRequest(http.MethodGet, "https://review.example/articles/"+meteredOne, nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: session.Value}) // without the prefix anybody on a subdomain could set it
	if a := s.serve(r); strings.Contains(a.body, restOf(meteredOne)) {
		t.Error("a cookie without its prefix counts")
	}
	if a := s.serve(httptest.NewRequest(http.MethodGet, "https://review.example/", nil)); !strings.HasPrefix(a.header.Get("Strict-Transport-Security"), "max-age=31536000") {
		t.Errorf("Strict-Transport-Security %q", a.header.Get("Strict-Transport-Security"))
	}
}

// Public responses set no cookie, for anyone: what a cache keeps must not sign in those who get it.
func TestPublicResponsesSetNoCookie(t *testing.T) {
	s := newCanarySite(t)
	for _, c := range []*testClient{s.client(t), s.subscriber(t, "paid@example.org")} {
		for pattern, targets := range s.fill() {
			if strings.HasPrefix(pattern, "POST ") {
				continue
			}
			for _, at := range targets[:min(len(targets), 6)] {
				if a := c.Get(at.path); a.header.Get("Set-Cookie") != "" {
					t.Errorf("GET %s sets a cookie: %q", at.path, a.header["Set-Cookie"])
				}
			}
		}
	}
}

// contents sums up every table of the database but those named.
func (s *testSite) contents(but ...string) map[string]string {
	s.t.Helper()
	ctx := context.Background()
	rows, err := s.db.Query(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		s.t.Fatal(err)
	}
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			s.t.Fatal(err)
		}
		tables = append(tables, name)
	}
	_ = rows.Close()
	out := map[string]string{}
	for _, name := range tables {
		if !slices.Contains(but, name) {
			out[name] = s.sumOf(name)
		}
	}
	return out
}

func (s *testSite) sumOf(table string) string {
	s.t.Helper()
	rows, err := s.db.Query(context.Background(), `SELECT * FROM `+table)
	if err != nil {
		s.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		s.t.Fatal(err)
	}
	h := sha256.New()
	n := 0
	for ; rows.Next(); n++ {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			s.t.Fatal(err)
		}
		for _, v := range values {
			fmt.Fprintf(h, "%v\x00", *v.(*any))
		}
	}
	return fmt.Sprintf("%d rows, %x", n, h.Sum(nil)[:6])
}

func TestS08GetChangesNothing(t *testing.T) {
	s := newCanarySite(t)
	c := s.client(t)
	if !c.keepReading("waiting@example.org", meteredOne) {
		t.Fatal("no courtesy")
	}
	token := s.token("waiting@example.org")
	everyone := []*testClient{c, s.reader(t, "reader@example.org"), s.subscriber(t, "paid@example.org"), s.staff(t, "staff@example.org")}
	fill := s.fill()
	fill["GET /confirm"] = append(fill["GET /confirm"], paths("/confirm?token="+token, "/confirm?token="+token+"&code=000000")...)
	before := s.contents()
	if len(before) < 15 || before["sessions"] == "" {
		t.Fatalf("%d tables: %v", len(before), before)
	}
	for pattern, targets := range fill {
		path := strings.TrimPrefix(pattern, "POST ")
		if path != pattern { // the addresses of forms, asked for as pages
			targets = paths(targets[0].path, targets[0].path+"?"+targets[0].form.Encode())
		}
		for _, at := range targets {
			for _, who := range everyone {
				for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
					s.raw(who, method, at.path, nil)
				}
			}
		}
	}
	for name, was := range before {
		if now := s.sumOf(name); now != was {
			t.Errorf("looking changed the table %s: %s, then %s", name, was, now)
		}
	}
}

func TestS08FormsFromOtherSites(t *testing.T) {
	s := newCanarySite(t)
	c := s.reader(t, "reader@example.org")
	s.settle()
	fill := s.fill() // it sends the editions it asks for
	before := s.contents()
	for _, r := range s.Routes() {
		if !strings.HasPrefix(r.Pattern, "POST ") || r.Pattern == leaveRoute { // the one that is meant for others: see TestLeaving
			continue
		}
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"},
			{"Origin", "null"}, {"Origin", "http://127.0.0.1:1"}} {
			at, want := fill[r.Pattern][0], []int{http.StatusForbidden}
			if strings.HasPrefix(at.path, "/webhooks/") { // machines send there, and what is believed is their signature alone
				want = []int{http.StatusUnauthorized, http.StatusBadRequest}
			}
			a, _ := s.raw(c, http.MethodPost, at.path, strings.NewReader(at.form.Encode()), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
			if !slices.Contains(want, a.status) {
				t.Errorf("%s with %q: status %d", r.Pattern, header, a.status)
			}
		}
	}
	for name, was := range before {
		if now := s.sumOf(name); now != was {
			t.Errorf("a foreign form changed the table %s", name)
		}
	}
}

func TestS09S10HeadersEverywhere(t *testing.T) {
	s := newCanarySite(t)
	c := s.subscriber(t, "paid@example.org")
	want := map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Tdm-Reservation": "1", "Content-Usage": "train-ai=n, search=y"}
	check := func(what string, a answer) {
		for name, value := range want {
			if a.header.Get(name) != value {
				t.Errorf("%s: %s %q", what, name, a.header.Get(name))
			}
		}
		csp := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "script-src 'self'"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%s: no %s in the policy %q", what, part, csp)
			}
		}
		if strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "*") || strings.Contains(csp, "https:") {
			t.Errorf("%s: a loose policy %q", what, csp)
		}
		if strings.Contains(csp, "'unsafe-inline'") && !strings.Contains(what, "/dev/outbox/") {
			t.Errorf("%s: inline styles or scripts: %q", what, csp)
		}
		if r := a.header.Get("Referrer-Policy"); r != "strict-origin-when-cross-origin" && r != "no-referrer" {
			t.Errorf("%s: Referrer-Policy %q", what, r)
		}
		if a.header.Get("Permissions-Policy") == "" || a.header.Get("Server") != "" || a.header.Get("X-Powered-By") != "" {
			t.Errorf("%s: headers %v", what, a.header)
		}
	}
	for pattern, targets := range s.fill() {
		for _, at := range targets[:min(len(targets), 3)] {
			check("GET "+at.path, c.Get(at.path))
			if strings.HasPrefix(pattern, "POST ") && !strings.HasSuffix(pattern, "/sign-out") {
				check("POST "+at.path, c.Post(at.path, at.form))
			}
		}
	}
	check("PUT", c.send("PUT", "/", nil))
	check("a form from elsewhere", c.send("POST", "/sign-in", nil, "Sec-Fetch-Site", "cross-site"))
	s.Site.Gate = nil
	check("a panic", s.client(t).Get("/articles/"+meteredOne))
}

// evil are addresses that must never be gone to.
var evil = []string{"/ads/go/1.x", "/l/1.1.x", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/%5cevil.example", "/%5Cevil.example", "https://evil.example",
	"http:evil.example", "https:/evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "@evil.example", "/\t/evil.example", "/\n/evil.example",
	"/x\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "/%0a/evil.example", "/%2f/evil.example", "/%2Fevil.example", " //evil.example", "/ /evil.example",
	"user:pass@evil.example", "/\u2028//evil.example", "/\x00//evil.example", "/" + strings.Repeat("a", 600), "", ".", "..", "/\uff0fevil.example", "?x", "#x"}

// leadsAway reports whether a redirect leads anywhere but to a path of the site.
func leadsAway(location string) bool {
	u, err := url.Parse(location)
	return err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") ||
		strings.ContainsAny(location, "\\\r\n\t ") || strings.Contains(location, "evil") && !strings.HasPrefix(location, "/sign-in?")
}

func TestS13ReturnTo(t *testing.T) {
	s := newTestSite(t)
	for _, p := range evil {
		if got := here(p); got != "/" {
			t.Errorf("here(%q) = %q", p, got)
		}
	}
	for _, p := range []string{"/", "/account", "/articles/" + meteredOne, "/archive?page=o1-2", "/search?q=a%20b", "/a#b"} {
		if got := here(p); got != p {
			t.Errorf("here(%q) = %q", p, got)
		}
	}
	in := s.reader(t, "in@example.org")
	for i, p := range evil {
		if a := in.Get("/sign-in?return_to=" + url.QueryEscape(p)); a.status != http.StatusSeeOther || leadsAway(a.location()) {
			t.Errorf("signed in, return_to %q: %d to %q", p, a.status, a.location())
		}
		form := s.client(t).Get("/sign-in?return_to=" + url.QueryEscape(p))
		form.mustHave(t, http.StatusOK, `name="return_to" value="/"`)
		address := fmt.Sprintf("r%d@example.org", i)
		c := s.client(t)
		c.Post("/sign-in", url.Values{"email": {address}, "return_to": {p}}).mustHave(t, http.StatusOK)
		a := c.Post("/confirm", url.Values{"token": {s.token(address)}, "return_to": {p}})
		if a.status != http.StatusSeeOther || leadsAway(a.location()) || a.header.Get("Set-Cookie") == "" {
			t.Errorf("return_to %q: %d to %q", p, a.status, a.location())
		}
		if a := in.Post("/account/vouch", url.Values{"return_to": {p}}); a.status >= 300 && a.status < 400 && leadsAway(a.location()) {
			t.Errorf("vouch, return_to %q: to %q", p, a.location())
		}
		if a := s.client(t).Post("/keep-reading", url.Values{"email": {"k" + address}, "article": {p}}); a.status < 400 {
			t.Errorf("keep reading %q: %d to %q", p, a.status, a.location())
		}
	}
}

// Every page of somebody signed in is theirs alone (S-17).
func TestS17PersonalPagesAreNotStored(t *testing.T) {
	s := newCanarySite(t)
	c := s.subscriber(t, "paid@example.org")
	for pattern, targets := range s.fill() {
		if strings.HasPrefix(pattern, "POST ") {
			continue
		}
		for _, at := range targets[:min(len(targets), 4)] {
			a := c.Get(at.path)
			if a.status == http.StatusOK && strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s: Cache-Control %q", at.path, a.header.Get("Cache-Control"))
			}
			if strings.Contains(a.body, "paid@example.org") && a.header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("%s holds an address, with Cache-Control %q", at.path, a.header.Get("Cache-Control"))
			}
		}
	}
}

func TestS22BodiesAndPanics(t *testing.T) {
	s := newTestSite(t, func(c *config.Config) { c.Server.MaxBody = 10 * config.Kilobyte })
	c := s.client(t)
	large := url.Values{"email": {"a@example.org"}, "article": {meteredOne}, "more": {strings.Repeat("a", 20<<10)}}
	for _, path := range []string{"/keep-reading", "/sign-in", "/confirm", "/newsletters"} {
		if a := c.Post(path, large); a.status != http.StatusRequestEntityTooLarge && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s with 20 KB: status %d", path, a.status)
		}
	}
	if mails, err := s.out.List(context.Background(), 1, ""); err != nil || len(mails) > 0 {
		t.Errorf("a body that is too large sent a mail: %v, %v", mails, err)
	}
	s.Site.Gate = nil // and with it the article's page
	a := c.Get("/articles/" + meteredOne)
	a.mustHave(t, http.StatusInternalServerError, "Something broke on our side", "<code>")
	a.mustNotHave(t, "goroutine", "panic", "nil pointer", ".go:", restOf(meteredOne))
	_, rest, _ := strings.Cut(a.body, "<code>")
	id, _, _ := strings.Cut(rest, "</code>")
	if log := s.logs(); id == "" || !strings.Contains(log, id) || !strings.Contains(log, "goroutine") {
		t.Errorf("the log does not tell of the request %q", id)
	}
	if a := c.Get("/healthz"); a.status != http.StatusOK {
		t.Errorf("after a panic the site answers %d", a.status)
	}
}

// Logs hold no address and no token (S-10, S-18), and nobody can forge a line.
func TestLogsHoldNoSecrets(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.keepReading("secret.person@example.org", meteredOne)
	token := s.token("secret.person@example.org")
	c.Get("/confirm?token=" + token)
	c.Post("/confirm", url.Values{"token": {token}})
	session, visitor := c.cookie(s.cookies.session), c.cookie(s.cookies.visitor)
	c.Get("/articles/x%0a%22,%22status%22:200}%0a{%22forged%22:1}")
	c.Get("/account?done=secret.person@example.org")
	logs := s.logs()
	for _, secret := range []string{token, session, visitor, "secret.person"} {
		if secret == "" || strings.Contains(logs, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(logs), "\n") {
		if !strings.HasPrefix(line, `{"time":"`) || !strings.HasSuffix(line, "}") {
			t.Errorf("a line of the log was broken or forged: %s", line)
		}
	}
}
