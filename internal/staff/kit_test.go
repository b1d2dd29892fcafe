package staff

import (
	"log/slog"
	"net/url"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// kit is a newsroom's staff with a clock to move and an outbox to look into.
type kit struct {
	*Staff
	t    *testing.T
	db   *storage.DB
	out  *outbox.Outbox
	mu   sync.Mutex
	time time.Time
}

func (k *kit) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.time
}

func (k *kit) pass(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.time = k.time.Add(d)
}

// run runs a test on both databases.
func run(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		k := &kit{t: t, db: db, time: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
		var err error
		if k.out, err = outbox.New(t.Context(), db, outbox.Options{Now: k.now, Keep: true}); err != nil {
			t.Fatal(err)
		}
		people, err := readers.New(t.Context(), db, k.out, readers.Options{Now: k.now, Log: slog.New(slog.DiscardHandler),
			Publication: readers.Publication{Name: "The Meridian Review", Origin: "https://meridian.example"}})
		if err != nil {
			t.Fatal(err)
		}
		k.Staff, err = New(db, people, k.out, Options{Publication: "The Meridian Review", Origin: "https://meridian.example", Now: k.now})
		if err != nil {
			t.Fatal(err)
		}
		people.Attach([]readers.Exporter{k.Staff}, []readers.Eraser{k.Staff})
		f(t, k)
	})
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// token is the token of a link.
func (k *kit) token(link string) string {
	k.t.Helper()
	u, err := url.Parse(link)
	k.must(err)
	if u.Host != "meridian.example" || u.Path != "/newsroom/join" {
		k.t.Fatalf("the link leads to %s", link)
	}
	return u.Query().Get("token")
}

// join makes somebody a member by a link of the command line.
func (k *kit) join(address string, role Role) Entry {
	k.t.Helper()
	link, err := k.Link(k.t.Context(), address, role, "test")
	k.must(err)
	e, err := k.Join(k.t.Context(), k.token(link), "Ada of "+address, "", Device{})
	k.must(err)
	return e
}

// session is the session of a token, which is there.
func (k *kit) session(token string) Session {
	k.t.Helper()
	x, err := k.Session(k.t.Context(), token)
	k.must(err)
	return x
}

// secure sets up an authenticator for a session and returns its secret.
func (k *kit) secure(token string) string {
	k.t.Helper()
	x := k.session(token)
	a, err := k.NewAuthenticator(x.Member.Address)
	k.must(err)
	k.must(k.SetAuthenticator(k.t.Context(), x, a.Secret, k.code(a.Secret)))
	return a.Secret
}

// code is what an authenticator shows now.
func (k *kit) code(secret string) string {
	k.t.Helper()
	c, err := totp.GenerateCode(secret, k.now())
	k.must(err)
	return c
}

var joinLink = regexp.MustCompile(`https://meridian\.example/newsroom/join\?token=\S+`)

// mailed is the invitation in the newest mail to an address.
func (k *kit) mailed(address string) string {
	k.t.Helper()
	list, err := k.out.List(k.t.Context(), 10, address)
	k.must(err)
	if len(list) == 0 {
		k.t.Fatalf("no mail to %s", address)
	}
	return k.token(joinLink.FindString(list[0].Text))
}
