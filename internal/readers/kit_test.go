package readers

import (
	"context"
	"database/sql"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// kit is a publication's readers with a clock to move and an outbox to look into.
type kit struct {
	*Readers
	t   *testing.T
	db  *storage.DB
	out *outbox.Outbox

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

var review = Publication{Name: "The Meridian Review", Origin: "https://meridian.example", Contact: "post@meridian.example"}

// run runs a test on both databases.
func run(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) { f(t, open(t, db, Options{})) })
}

func open(t *testing.T, db *storage.DB, o Options) *kit {
	t.Helper()
	k := &kit{t: t, db: db, time: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	o.Now, o.Log, o.Publication = k.now, slog.New(slog.DiscardHandler), review
	out, err := outbox.New(t.Context(), db, outbox.Options{Now: k.now, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	k.out = out
	if k.Readers, err = New(t.Context(), db, out, o); err != nil {
		t.Fatal(err)
	}
	return k
}

var home = netip.MustParsePrefix("192.0.2.7/32")

// ask sends the sign-in form.
func (k *kit) ask(address, visitor string) Answer {
	k.t.Helper()
	a, err := k.SignIn(k.t.Context(), Ask{Address: address, Visitor: visitor, ReturnTo: "/articles/tides", From: home})
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

// mails are those to an address, the newest first.
func (k *kit) mails(to string) []outbox.Entry {
	k.t.Helper()
	es, err := k.out.List(k.t.Context(), 100, to)
	if err != nil {
		k.t.Fatal(err)
	}
	return es
}

var codePattern = regexp.MustCompile(`(?m)^ {4}(\d{6})$`)

// mail returns the token and code of the newest mail to an address.
func (k *kit) mail(to string) (token, code string) {
	k.t.Helper()
	es := k.mails(to)
	if len(es) == 0 {
		k.t.Fatalf("no mail to %s", to)
	}
	return secrets(k.t, es[0])
}

func secrets(t *testing.T, e outbox.Entry) (token, code string) {
	t.Helper()
	_, token, ok := strings.Cut(e.Links[0], "/confirm?token=")
	if !ok || len(token) != tokenLength {
		t.Fatalf("link %q", e.Links[0])
	}
	if m := codePattern.FindStringSubmatch(e.Text); m != nil {
		code = m[1]
	}
	return token, code
}

// enter signs a reader in by link and returns the session's token.
func (k *kit) enter(address string, d Device) Entry {
	k.t.Helper()
	k.pass(mailGap)
	token, _ := k.mail(k.ask(address, d.Visitor).Address)
	e, err := k.UseLink(k.t.Context(), token, d)
	if err != nil || e.Session == "" {
		k.t.Fatalf("sign in: %+v, %v", e, err)
	}
	return e
}

// signedIn reports whether a token opens a session.
func (k *kit) signedIn(token string) bool {
	_, err := k.Session(k.t.Context(), token)
	if err := k.WriteVisits(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	return err == nil
}

// count counts rows; where is SQL.
func (k *kit) count(from string) (n int) {
	k.t.Helper()
	if err := k.db.QueryRow(context.Background(), "SELECT COUNT(*) FROM "+from).Scan(&n); err != nil {
		k.t.Fatal(err)
	}
	return n
}

// waitForLock returns when a transaction waits for a row that another holds. On SQLite none can: there is one writer.
func (k *kit) waitForLock() {
	k.t.Helper()
	if k.db.Dialect() == storage.SQLite {
		return
	}
	for begin := time.Now(); k.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0; {
		if time.Since(begin) > time.Minute {
			k.t.Error("nobody waits for a lock")
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// cells returns every value of some rows as text.
func cells(t *testing.T, rows *sql.Rows) (all []string) {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		row := make([]sql.NullString, len(columns))
		dest := make([]any, len(columns))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			t.Fatal(err)
		}
		for _, c := range row {
			all = append(all, c.String)
		}
	}
	return all
}
