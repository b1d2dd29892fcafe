package readers

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// suppression suppresses what it lists.
type suppression []string

func (s suppression) Suppressed(_ context.Context, _ *storage.DB, key string) (bool, error) {
	return slices.Contains(s, key), nil
}

// groups are readers the form must not tell apart (S-06): each prepares one and returns the address to ask for. All
// addresses have one length.
var groups = []struct {
	name    string
	mails   int // how many go out for the one request
	prepare func(k *kit) string
}{
	{"new", 1, func(*kit) string { return "a@example.org" }},
	{"asked before", 1, func(k *kit) string { k.ask("b@example.org", ""); return "b@example.org" }},
	{"known", 1, func(k *kit) string { k.enter("c@example.org", Device{}); return "c@example.org" }},
	{"known by another spelling", 1, func(k *kit) string { k.enter("d+xyz@example.org", Device{}); return "d@example.org" }},
	{"staff", 1, func(k *kit) string {
		e := k.enter("e@example.org", Device{})
		if err := k.SetStaff(context.Background(), e.Reader.ID, true, "test"); err != nil {
			k.t.Fatal(err)
		}
		return "e@example.org"
	}},
	{"banned", 0, func(k *kit) string {
		e := k.enter("f@example.org", Device{})
		if err := k.Ban(context.Background(), e.Reader.ID, "test", "spam"); err != nil {
			k.t.Fatal(err)
		}
		return "f@example.org"
	}},
	{"suppressed", 0, func(*kit) string { return "g@example.org" }},
	{"out of mails for ten minutes", 0, func(k *kit) string {
		k.ask("h@example.org", "")
		k.pass(-mailGap) // undone below
		return "h@example.org"
	}},
	{"out of mails for the day", 0, func(k *kit) string {
		for range 3 {
			k.ask("i@example.org", "")
			k.pass(mailGap)
		}
		return "i@example.org"
	}},
}

// Whatever is known of an address, one request writes to the same tables in the same order, and answers the same but
// for its random token (S-06).
func TestAsksAlike(t *testing.T) {
	traces, answers := map[string]string{}, map[string]Answer{}
	for _, g := range groups {
		db := storagetest.Open(t, storagetest.SQLite(t))
		k := open(t, db, Options{Suppressed: suppression{"g@example.org"}})
		visitor := k.ask("visitor@example.org", "").Visitor
		address := g.prepare(k)
		k.pass(mailGap)
		before := len(k.mails(""))
		trace := traceWrites(t, db)
		a, err := k.KeepReading(t.Context(), Ask{Address: address, Visitor: visitor, ArticleTitle: "Tides", From: home})
		if err != nil {
			t.Fatal(err)
		}
		traces[g.name] = trace()
		if a.Visitor != visitor || a.Address != address || len(a.Mailbox) != 43 {
			t.Errorf("%s: answer %+v", g.name, a)
		}
		a.Address, a.Mailbox, a.Visitor = "", "", ""
		answers[g.name] = a
		if sent := len(k.mails("")) - before; sent != g.mails {
			t.Errorf("%s: %d mails, want %d", g.name, sent, g.mails)
		}
	}
	want := "asks visitors mail_limits readers attempts outbox mail_limits"
	for name, got := range traces {
		if got != want {
			t.Errorf("%s wrote to %s, want %s", name, got, want)
		}
		if answers[name] != answers["new"] {
			t.Errorf("%s: %+v, new: %+v", name, answers[name], answers["new"])
		}
	}
}

// traceWrites makes the database note each row written from now on. The function it returns gives the tables, in
// order, without what repeats at once: whether a row was made or changed is not told apart.
func traceWrites(t *testing.T, db *storage.DB) func() string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
	if err != nil {
		t.Fatal(err)
	}
	tables := cells(t, rows)
	texts := []string{"CREATE TABLE written (id INTEGER PRIMARY KEY, name TEXT)"}
	for _, table := range tables {
		for _, deed := range []string{"INSERT", "UPDATE", "DELETE"} {
			texts = append(texts, fmt.Sprintf("CREATE TRIGGER on_%s_%s AFTER %s ON %s BEGIN INSERT INTO written (name) VALUES ('%s'); END",
				table, deed, deed, table, table))
		}
	}
	err = db.Write(t.Context(), func(tx *storage.DB) error {
		for _, text := range texts {
			if _, err := tx.Exec(t.Context(), text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() string {
		rows, err := db.Query(t.Context(), `SELECT name FROM written ORDER BY id`)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(slices.Compact(cells(t, rows)), " ")
	}
}

// The codes of mails that were withheld do not work, not even when guessed, and are refused in the same words.
func TestWithheldCode(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ask(anna, "")
		token, code := k.mail(anna)
		other := k.ask(anna, "") // another browser, within ten minutes
		_, err := k.UseCode(ctx, code, Device{Visitor: other.Visitor})
		if !fault.Is(err, fault.Invalid) {
			t.Fatalf("another browser joined the attempt: %v", err)
		}
		var silent string
		if err := k.db.QueryRow(ctx, `SELECT token FROM attempts WHERE silent = 1`).Scan(&silent); err != nil {
			t.Fatal(err)
		}
		id, _ := parseDigest(silent)
		if _, _, err := k.use(ctx, id, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the attempt of a withheld mail was used: %v", err)
		}
		if _, err := k.UseLink(ctx, token, Device{}); err != nil {
			t.Errorf("the mail that went out: %v", err)
		}
	})
}

func TestMailLimits(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		start := k.now()
		var at []time.Duration
		spelling := []string{"Anna@example.org", "anna+1@example.org", "anna+2@example.org."}
		for i := 0; k.now().Before(start.Add(30 * time.Hour)); i++ {
			before := len(k.mails(""))
			k.ask(spelling[i%3], "")
			if len(k.mails("")) > before {
				at = append(at, k.now().Sub(start))
			}
			k.pass(5 * time.Minute)
		}
		want := []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 24 * time.Hour, 24*time.Hour + 10*time.Minute, 24*time.Hour + 20*time.Minute}
		if !slices.Equal(at, want) {
			t.Errorf("mails went out after %v, want %v", at, want)
		}
	})
}

// Whoever used a mail may have the next at once, also a fourth in a day; whoever did not waits.
func TestAnsweredMails(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for i := range 4 {
			a := k.ask(anna, "")
			_, code := k.mail(anna)
			if _, err := k.UseCode(t.Context(), code, Device{Visitor: a.Visitor}); err != nil {
				t.Fatalf("sign-in %d of the day: %v", i+1, err)
			}
			k.pass(time.Second)
		}
		k.ask(anna, "")
		k.pass(mailGap - time.Second)
		if k.ask(anna, ""); len(k.mails(anna)) != 5 {
			t.Errorf("%d mails, want 5: the last one was not used", len(k.mails(anna)))
		}
	})
}

// 100 requests at once, for one address, on two nodes: one mail.
func TestMailLimitAtOnce(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			o := Options{SignInPerHour: 1000}
			nodes := []*kit{open(t, storagetest.Open(t, at), o), open(t, storagetest.Open(t, at), o)}
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() {
					_, err := nodes[i%2].SignIn(t.Context(), Ask{Address: fmt.Sprintf("anna+%d@example.org", i), From: home})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			k := nodes[0]
			if mails, readers, live := len(k.mails("")), k.count("readers"), k.count("attempts WHERE silent = 0"); mails != 1 || readers != 1 || live != 1 {
				t.Errorf("%d mails, %d readers, %d attempts that work", mails, readers, live)
			}
		})
	}
}

func TestNetworkLimit(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		k.pass(20 * time.Minute)
		ask := func(i int, from string) error {
			_, err := k.KeepReading(t.Context(), Ask{Address: fmt.Sprintf("r%d@example.org", i), From: netip.MustParsePrefix(from)})
			return err
		}
		for i := range 60 {
			if err := ask(i, fmt.Sprintf("192.0.2.%d/32", i)); err != nil {
				t.Fatalf("form %d: %v", i+1, err)
			}
		}
		var limited *fault.Error
		err := ask(60, "192.0.2.99/32")
		if !errors.As(err, &limited) || limited.Kind != fault.TooMany || limited.RetryAfter != 40*time.Minute {
			t.Fatalf("form 61: %v", err)
		}
		if len(k.mails("r60@example.org")) != 0 || k.count("readers") != 60 {
			t.Error("a refused form did something")
		}
		if err := ask(61, "192.0.3.1/32"); err != nil {
			t.Errorf("another network: %v", err)
		}
		if _, err := k.SignIn(t.Context(), Ask{Address: anna, From: netip.MustParsePrefix("192.0.2.1/32")}); err != nil {
			t.Errorf("the other form: %v", err)
		}
		k.pass(40 * time.Minute)
		if err := ask(62, "192.0.2.1/32"); err != nil {
			t.Errorf("the next hour: %v", err)
		}
	})
}

func TestAskRefuses(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	k := open(t, db, Options{})
	_, err := k.SignIn(t.Context(), Ask{Address: "anna@localhost", From: home})
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Field != "email" {
		t.Errorf("%v", err)
	}
	if n := k.count("readers") + k.count("visitors") + k.count("attempts"); n != 0 {
		t.Errorf("%d rows for no address", n)
	}
}

// The mail goes to the address as typed this time; the account keeps the spelling that was confirmed.
func TestSpellings(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		first := k.enter("Anna.Berg+journal@GoogleMail.com", Device{})
		if first.Reader.Address != "Anna.Berg+journal@googlemail.com" || first.Reader.Key != "annaberg@gmail.com" {
			t.Fatalf("%+v", first.Reader)
		}
		second := k.enter("annaberg@gmail.com", Device{})
		if second.Reader.ID != first.Reader.ID || second.Reader.Address != first.Reader.Address || second.New {
			t.Errorf("%+v", second)
		}
	})
}

func TestVisitors(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		a := k.ask(anna, "")
		if VisitorID(a.Visitor) == "" || k.ask("b@example.org", a.Visitor).Visitor != a.Visitor {
			t.Error("a visitor is not known again")
		}
		for _, planted := range []string{newToken(), "x", strings.Repeat("A", 43)} {
			if got := k.ask("c@example.org", planted).Visitor; got == planted {
				t.Errorf("took over the token %q that was never given out", planted)
			}
		}
		if VisitorID("x") != "" {
			t.Error("an id for no token")
		}
	})
}

func TestDisposableAnswer(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	k := open(t, db, Options{Disposable: []string{"zzz.example", "brief.example"}})
	for address, want := range map[string]bool{
		"a@mailinator.com": true, "a@x.mailinator.com": true, "a@brief.example": true, "a@zzz.example": true, "a@example.org": false,
	} {
		if a := k.ask(address, ""); a.Disposable != want {
			t.Errorf("%s: disposable is %v", address, a.Disposable)
		}
		if len(k.mails(address)) != 1 {
			t.Errorf("%s got no mail", address)
		}
	}
}

// What one request costs, group by group: the figures should not differ by more than they do from run to run.
func BenchmarkAsk(b *testing.B) {
	for _, g := range []struct {
		name string
		sql  string // what makes an address one of the group; for a new one, another reader, for the same work
	}{
		{"new", `INSERT INTO readers (mailbox, address, created) VALUES ('other ' || $1, $1, 1)`},
		{"known", `INSERT INTO readers (mailbox, address, created, confirmed) VALUES ($1, $1, 1, 1)`},
		{"banned", `INSERT INTO readers (mailbox, address, created, confirmed, banned) VALUES ($1, $1, 1, 1, 1)`},
	} {
		b.Run(g.name, func(b *testing.B) {
			db := storagetest.Open(b, storagetest.SQLite(b))
			out, err := outbox.New(b.Context(), db, outbox.Options{})
			if err != nil {
				b.Fatal(err)
			}
			r, err := New(b.Context(), db, out, Options{Publication: review, KeepReadingPerHour: 1 << 30})
			if err != nil {
				b.Fatal(err)
			}
			for i := 0; b.Loop(); i++ {
				address := fmt.Sprintf("r%d@example.org", i)
				b.StopTimer()
				err := db.Write(b.Context(), func(tx *storage.DB) error {
					_, err := tx.Exec(b.Context(), g.sql, address)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if _, err := r.KeepReading(b.Context(), Ask{Address: address, From: home}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Where a plus sign may begin another person's address, its owner must not sign in as the one before it.
func TestMailGoesToTheConfirmedSpelling(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		for _, g := range []struct{ own, other, want string }{
			{"ben@example.org", "ben+carla@example.org", "ben@example.org"},
			{"ben@gmail.com", "b.en+letters@gmail.com", "b.en+letters@gmail.com"},
		} {
			k.enter(g.own, Device{})
			k.pass(mailGap)
			k.ask(g.other, "")
			if es := k.mails(""); es[0].To != g.want {
				t.Errorf("%s asked for %s: the mail went to %s", g.other, g.own, es[0].To)
			}
		}
	})
}
