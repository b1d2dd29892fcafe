package newsroom

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// testdata/routes.txt says for whom each route is. Whoever adds a route adds a line: the table of the program is held to
// what people have read (S-21).
func rolesOfRoutes(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			pattern, roles, _ := strings.Cut(line, ": ")
			table[pattern] = roles
		}
	}
	return table
}

// filled is a path of a pattern, its parts filled in.
func (n *room) filled(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	id := strconv.FormatInt(n.article, 10)
	return method, strings.NewReplacer("{id}", id, "{member}", "999", "{name}", "site.css").Replace(path)
}

// Every route, as every role, as nobody, as a reader and as somebody who has not secured their sign-in: those for whom it
// is come in, all others are sent away and learn nothing.
func TestEveryRouteAsEveryRole(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		table := rolesOfRoutes(t)
		people := map[string]*person{"nobody": n.stranger(), "reader": n.stranger(), "unsecured": n.stranger()}
		for _, role := range staff.AllRoles() {
			people[string(role)] = n.member(role)
		}
		reader, err := n.Readers.Add(t.Context(), "reader@example.org")
		n.must(err)
		people["reader"].signsInOnTheSite(reader.ID)
		e, err := n.Staff.Link(t.Context(), "late@example.org", staff.Owner, "test")
		n.must(err)
		_, token, _ := strings.Cut(e, "token=")
		people["unsecured"].post("/newsroom/join", "token", token, "name", "Late")
		for _, r := range n.Routes() {
			said, known := table[r.Pattern]
			if !known {
				t.Errorf("testdata/routes.txt does not say for whom %q is", r.Pattern)
				continue
			}
			delete(table, r.Pattern)
			if strings.HasSuffix(r.Pattern, "/sign-out") {
				continue // which ends what the walk needs
			}
			for who, p := range people {
				method, path := n.filled(r.Pattern)
				a := p.send(method, path, "")
				checkAccess(t, r, said, who, a)
			}
		}
		for pattern := range table {
			t.Errorf("testdata/routes.txt tells of %q, which is no route", pattern)
		}
	})
}

// checkAccess compares what somebody got with what the table says.
func checkAccess(t *testing.T, r Route, said, who string, a answer) {
	t.Helper()
	where := r.Pattern + " as " + who
	if a.status >= 500 {
		t.Errorf("%s: status %d\n%s", where, a.status, a.body)
	}
	if said == "public" {
		if !r.Public {
			t.Errorf("%s is said to be public", r.Pattern)
		}
		return
	}
	turned := a.status == 303 && strings.HasPrefix(a.to, "/newsroom/sign-in?")
	switch {
	case who == "nobody" || who == "reader":
		if !turned {
			t.Errorf("%s: status %d to %q, want to sign in", where, a.status, a.to)
		}
	case who == "unsecured": // an owner
		if early := a.to == "/newsroom/security?first=1"; early == r.Early || turned {
			t.Errorf("%s: status %d to %q", where, a.status, a.to)
		}
	case slices.Contains(strings.Fields(said), who):
		if a.status == 403 || turned {
			t.Errorf("%s: status %d to %q, although it is for them", where, a.status, a.to)
		}
	case a.status != 403:
		t.Errorf("%s: status %d, want 403", where, a.status)
	}
	if (turned || a.status == 403) && strings.Contains(a.body, "The strait") {
		t.Errorf("%s tells of the article", where)
	}
}

// What was refused is in the audit log (S-18).
func TestRefusalsAreRecorded(t *testing.T) {
	n := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	author := n.member(staff.Author)
	if a := author.get("/newsroom/audit"); a.status != 403 {
		t.Fatalf("the audit log as an author: %d", a.status)
	}
	log, err := readers.AuditLog(t.Context(), n.DB, readers.AuditFilter{What: "denied"}, 10)
	n.must(err)
	if len(log) != 1 || log[0].Who != staff.Who(author.id) || log[0].After != "GET /newsroom/audit as author" {
		t.Errorf("recorded: %+v", log)
	}
}

// Nothing of the newsroom is kept by anybody, framed, or found by search engines.
func TestHeaders(t *testing.T) {
	n := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	owner := n.member(staff.Owner)
	for _, path := range []string{"/newsroom", "/newsroom/sign-in", "/newsroom/people", "/newsroom/nothing", "/newsroom/pieces/1"} {
		a := owner.get(path)
		for name, want := range map[string]string{"Cache-Control": "private, no-store", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex, nofollow",
			"X-Content-Type-Options": "nosniff"} {
			if have := a.header.Get(name); have != want {
				t.Errorf("%s: %s is %q", path, name, have)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy of content is %q", path, csp)
		}
	}
}

// What a member is denied again and again is one line of the log, and a form that is too large is refused.
func TestDenialsAndLargeForms(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		author := n.member(staff.Author)
		denied := func() int {
			list, err := readers.AuditLog(t.Context(), db, readers.AuditFilter{What: "denied"}, 100)
			n.must(err)
			return len(list)
		}
		for range 5 {
			author.get("/newsroom/audit")
		}
		if got := denied(); got != 1 {
			t.Errorf("5 denials of one page are %d lines", got)
		}
		author.post("/newsroom/pieces/1/publish")
		n.time = n.time.Add(2 * time.Hour)
		author.get("/newsroom/audit")
		if got := denied(); got != 3 {
			t.Errorf("with another page, and again two hours later, there are %d lines", got)
		}
		a := author.post("/newsroom/articles/"+strconv.FormatInt(n.article, 10)+"/write", "title", "T", "text", strings.Repeat("word ", 300_000))
		if a.status < 400 || a.status >= 500 {
			t.Errorf("a form of 1.5 MB: status %d", a.status)
		}
	})
}
