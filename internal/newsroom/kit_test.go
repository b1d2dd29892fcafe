package newsroom

import (
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/gatefold/gatefold/internal/board"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
)

var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

// A room is the newsroom over a database of its own, served on loopback.
type room struct {
	*Newsroom
	t       *testing.T
	url     string
	out     *outbox.Outbox
	article int64
	site    *site
	time    time.Time
}

func (n *room) now() time.Time { return n.time }

// site stands in for the readers' site: a cookie "reader" holds the id of who is signed in there.
type site struct{ people *readers.Readers }

func (s *site) Reader(r *http.Request) (readers.Reader, bool, error) {
	c, err := r.Cookie("reader")
	if err != nil {
		return readers.Reader{}, false, nil
	}
	id, err := strconv.ParseInt(c.Value, 10, 64)
	if err != nil {
		return readers.Reader{}, false, nil
	}
	known, err := s.people.Reader(r.Context(), id)
	return known, err == nil, err
}

func (s *site) Admit(w http.ResponseWriter, _ *http.Request, reader int64) error {
	http.SetCookie(w, &http.Cookie{Name: "reader", Value: strconv.FormatInt(reader, 10), Path: "/"})
	return nil
}

func (s *site) Leave(w http.ResponseWriter, _ *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: "reader", Path: "/", MaxAge: -1})
	return nil
}

// open starts a newsroom on a migrated database, with an article.
func open(t *testing.T, db *storage.DB) *room {
	t.Helper()
	n := &room{t: t, time: monday}
	log := slog.New(slog.DiscardHandler)
	c := config.Default()
	c.Publication.Name, c.Server.InsecureCookies = "The Test Review", true
	srv := httptest.NewUnstartedServer(nil)
	n.url = "http://" + srv.Listener.Addr().String()
	c.Publication.URL = n.url
	var err error
	n.out, err = outbox.New(t.Context(), db, outbox.Options{Now: n.now, Keep: true, Log: log})
	n.must(err)
	people, err := readers.New(t.Context(), db, n.out, readers.Options{Now: n.now, Log: log,
		Publication: readers.Publication{Name: "The Test Review", Origin: n.url}})
	n.must(err)
	lib := library.New(db, library.Options{Now: n.now})
	desked := board.New(db, lib, n.now)
	members, err := staff.New(db, people, n.out, staff.Options{Publication: "The Test Review", Origin: n.url, Now: n.now, Leaving: []readers.Eraser{desked}})
	n.must(err)
	disk, err := media.OpenDisk(t.TempDir())
	n.must(err)
	t.Cleanup(func() { _ = disk.Close() })
	n.site = &site{people}
	n.Newsroom, err = New(Deps{Config: c, DB: db, Staff: members, Library: lib, Board: desked, Desk: desk.New(db, lib, desk.Options{}), Media: media.New(db, disk),
		Readers: people, Site: n.site, Look: []fs.FS{os.DirFS("../web")}, Log: log, Now: n.now})
	n.must(err)
	srv.Config.Handler = n.Handler()
	srv.Start()
	t.Cleanup(srv.Close)
	n.article, err = lib.Save(t.Context(), library.Draft{Title: "The strait", BodyMarkdown: "CANARY of the text.", State: library.Drafted})
	n.must(err)
	return n
}

func (n *room) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// A person is a browser.
type person struct {
	n      *room
	client *http.Client
	id     int64
	secret string // of the authenticator
}

func (n *room) stranger() *person {
	jar, err := cookiejar.New(nil)
	n.must(err)
	return &person{n: n, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// member is somebody who works here and has shown an authenticator just now.
func (n *room) member(role staff.Role) *person {
	n.t.Helper()
	p := n.stranger()
	p.joins(role)
	body := p.get("/newsroom/security").body
	_, rest, ok := strings.Cut(body, `name="secret" value="`)
	if !ok {
		n.t.Fatalf("no secret on the page:\n%s", body)
	}
	p.secret, _, _ = strings.Cut(rest, `"`)
	if a := p.post("/newsroom/security/authenticator", "secret", p.secret, "code", p.code()); a.status != 303 {
		n.t.Fatalf("set up an authenticator: %d\n%s", a.status, a.body)
	}
	return p
}

func (p *person) joins(role staff.Role) {
	p.n.t.Helper()
	link, err := p.n.Staff.Link(p.n.t.Context(), string(role)+"@example.org", role, "test")
	p.n.must(err)
	u, err := url.Parse(link)
	p.n.must(err)
	if a := p.get(u.RequestURI()); a.status != 200 {
		p.n.t.Fatalf("the invitation: %d", a.status)
	}
	if a := p.post("/newsroom/join", "token", u.Query().Get("token"), "name", "The "+string(role)); a.status != 303 {
		p.n.t.Fatalf("join: %d\n%s", a.status, a.body)
	}
	list, err := p.n.Staff.Members(p.n.t.Context())
	p.n.must(err)
	for _, m := range list {
		if m.Role == role {
			p.id = m.ID
		}
	}
}

func (p *person) code() string {
	p.n.t.Helper()
	c, err := totp.GenerateCode(p.secret, p.n.now())
	p.n.must(err)
	return c
}

type answer struct {
	status int
	to     string
	body   string
	header http.Header
}

func (p *person) get(path string) answer { return p.send(http.MethodGet, path, "") }

// post sends a form of names and values.
func (p *person) post(path string, pairs ...string) answer {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return p.send(http.MethodPost, path, form.Encode())
}

func (p *person) send(method, path, body string) answer {
	p.n.t.Helper()
	r, err := http.NewRequestWithContext(p.n.t.Context(), method, p.n.url+path, strings.NewReader(body))
	p.n.must(err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.do(r)
}

func (p *person) do(r *http.Request) answer {
	p.n.t.Helper()
	res, err := p.client.Do(r)
	p.n.must(err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	p.n.must(err)
	return answer{res.StatusCode, res.Header.Get("Location"), string(b), res.Header}
}

// signsInOnTheSite is what a mail and its link do.
func (p *person) signsInOnTheSite(reader int64) {
	u, err := url.Parse(p.n.url)
	p.n.must(err)
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: "reader", Value: strconv.FormatInt(reader, 10), Path: "/"}})
}
