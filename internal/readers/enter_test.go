package readers

import (
	"errors"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const anna = "anna@example.org"

func TestLinkSignsIn(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ask(anna, "")
		token, _ := k.mail(anna)
		for range 3 { // mail scanners look, again and again
			l, err := k.OpenLink(ctx, token)
			if err != nil || l.State != Usable || l.Address != anna || l.Moves {
				t.Fatalf("link %+v, %v", l, err)
			}
		}
		if r, err := k.Find(ctx, anna); err != nil || !r.Confirmed.IsZero() {
			t.Fatalf("looking at the link confirmed: %+v, %v", r, err)
		}
		e, err := k.UseLink(ctx, token, Device{Agent: "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"})
		if err != nil || !e.New || e.ReturnTo != "/articles/tides" || e.Reader.Address != anna || !e.Reader.Confirmed.Equal(k.now()) {
			t.Fatalf("%+v, %v", e, err)
		}
		s, err := k.Session(ctx, e.Session)
		if err != nil || s.Reader != e.Reader || s.Agent != "Firefox on Windows" {
			t.Fatalf("session %+v, %v", s, err)
		}
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a link signed in twice: %v", err)
		}
		if l, err := k.OpenLink(ctx, token); err != nil || l != (Link{}) {
			t.Errorf("a used link shows %+v, %v", l, err)
		}
		events, err := Audit(ctx, k.db, Subject(e.Reader.ID), 10)
		if err != nil || len(events) != 1 || events[0].What != "sign-in" || events[0].After != "Firefox on Windows" {
			t.Errorf("audit %+v, %v", events, err)
		}
	})
}

func TestCodeSignsIn(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		a := k.ask(anna, "")
		_, code := k.mail(anna)
		if _, err := k.UseCode(ctx, code, Device{Visitor: newToken()}); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code works in another browser: %v", err)
		}
		if _, err := k.UseCode(ctx, code, Device{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code works without a visitor: %v", err)
		}
		e, err := k.UseCode(ctx, " "+code[:3]+" "+code[3:], Device{Visitor: a.Visitor})
		if err != nil || !k.signedIn(e.Session) || !e.New {
			t.Fatalf("%+v, %v", e, err)
		}
		if _, err := k.UseCode(ctx, code, Device{Visitor: a.Visitor}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code signed in twice: %v", err)
		}
		token, _ := k.mail(anna)
		if l, _ := k.OpenLink(ctx, token); l.State != Gone {
			t.Errorf("the link outlives the code: %+v", l)
		}
	})
}

// After five wrong codes the right one is wrong too, with the same words.
func TestCodeTries(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		a := k.ask(anna, "")
		_, code := k.mail(anna)
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		var texts []string
		for _, c := range []string{wrong, wrong, wrong, "", "１２３４５６", code} {
			_, err := k.UseCode(ctx, c, Device{Visitor: a.Visitor})
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("code %q: %v", c, err)
			}
			texts = append(texts, err.Error())
		}
		for _, s := range texts {
			if s != texts[0] {
				t.Errorf("%q and %q", texts[0], s)
			}
		}
		token, _ := k.mail(anna)
		if l, _ := k.OpenLink(ctx, token); l.State != Usable {
			t.Errorf("wrong codes, which anybody with the browser can type, killed the link: %+v", l)
		}
	})
}

// A mistyped address and then the right one, in one browser: the code of either mail works.
func TestCodeAfterMistype(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		a := k.ask(anna, "")
		if b := k.ask("ana@example.org", a.Visitor); b.Visitor != a.Visitor {
			t.Fatal("a known visitor got another token")
		}
		_, code := k.mail(anna)
		if e, err := k.UseCode(t.Context(), code, Device{Visitor: a.Visitor}); err != nil || e.Reader.Address != anna {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

func TestNewestEndsOlder(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		a := k.ask(anna, "")
		older, olderCode := k.mail(anna)
		k.pass(mailGap - time.Second)
		k.ask(anna, a.Visitor) // too soon for a mail: the older stays good
		if l, _ := k.OpenLink(ctx, older); l.State != Usable {
			t.Fatalf("a withheld mail ended the one that went out: %+v", l)
		}
		k.pass(time.Second)
		k.ask(anna, a.Visitor)
		newer, newerCode := k.mail(anna)
		if l, _ := k.OpenLink(ctx, older); newer == older || l.State == Usable {
			t.Fatalf("the older link: %+v", l)
		}
		if _, err := k.UseCode(ctx, olderCode, Device{Visitor: a.Visitor}); olderCode != newerCode && err == nil {
			t.Error("the older code signed in")
		}
		if _, err := k.UseCode(ctx, newerCode, Device{Visitor: a.Visitor}); err != nil {
			t.Errorf("the newer code: %v", err)
		}
	})
}

// A link opened within a week still confirms, and one press sends a fresh mail.
func TestLateLink(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		agreed := &Consent{Subject: Newsletter, Wording: "Send me the letter"}
		asked := k.now()
		if _, err := k.KeepReading(ctx, Ask{Address: anna, Consent: agreed, From: home, ReturnTo: "/articles/tides"}); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail(anna)
		k.pass(linkLife)
		if l, err := k.OpenLink(ctx, token); err != nil || l.State != Late || l.Address != anna {
			t.Fatalf("%+v, %v", l, err)
		}
		e, err := k.UseLink(ctx, token, Device{From: home})
		if err != nil || e.Session != "" || !e.New || e.Fresh == nil || e.Reader.Confirmed.IsZero() {
			t.Fatalf("%+v, %v", e, err)
		}
		cs, err := k.Consents(ctx, e.Reader.ID)
		if err != nil || len(cs) != 1 || cs[0].Wording != agreed.Wording || !cs[0].Given.Equal(asked) || cs[0].Network != "192.0.2.0/24" {
			t.Errorf("consents %+v, %v", cs, err)
		}
		fresh, code := k.mail(anna)
		if fresh == token {
			t.Fatal("no fresh mail")
		}
		if in, err := k.UseCode(ctx, code, Device{Visitor: e.Fresh.Visitor}); err != nil || in.ReturnTo != "/articles/tides" {
			t.Errorf("the fresh code: %+v, %v", in, err)
		}
		k.pass(confirmLife)
		if l, _ := k.OpenLink(ctx, token); l.State != Gone {
			t.Errorf("after a week: %+v", l)
		}
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("after a week: %v", err)
		}
	})
}

func TestForeignTokens(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ask(anna, "")
		token, _ := k.mail(anna)
		id, _ := digestOf(token)
		for _, s := range []string{"", "x", newToken(), id.String(), token + "A", strings.ToUpper(token), "'; DROP TABLE readers; --", strings.Repeat("A", 1<<16)} {
			if l, err := k.OpenLink(ctx, s); err != nil || l != (Link{}) {
				t.Errorf("link %.20q: %+v, %v", s, l, err)
			}
			if _, err := k.UseLink(ctx, s, Device{}); !fault.Is(err, fault.Conflict) {
				t.Errorf("link %.20q: %v", s, err)
			}
			if _, err := k.Session(ctx, s); !fault.Is(err, fault.NotFound) {
				t.Errorf("session %.20q: %v", s, err)
			}
		}
	})
}

// 200 presses at once, half on each of two nodes, sign in once; so do 200 codes, of which at most five are looked at.
func TestOnce(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			at := url(t)
			a := open(t, storagetest.Open(t, at), Options{})
			b := open(t, storagetest.Open(t, at), Options{})
			answer := a.ask(anna, "")
			token, code := a.mail(anna)
			for what, use := range map[string]func(k *kit) (Entry, error){
				"link": func(k *kit) (Entry, error) { return k.UseLink(t.Context(), token, Device{}) },
				"code": func(k *kit) (Entry, error) {
					return k.UseCode(t.Context(), code, Device{Visitor: answer.Visitor})
				},
			} {
				once(t, what, a, b, use)
				a.pass(mailGap)
				b.pass(mailGap)
				answer = a.ask(anna, "")
				token, code = a.mail(anna)
			}
			if n := a.count("sessions"); n != 2 {
				t.Errorf("%d sessions", n)
			}
		})
	}
}

func once(t *testing.T, what string, a, b *kit, use func(k *kit) (Entry, error)) {
	t.Helper()
	var in, out atomic.Int64
	var wg sync.WaitGroup
	for i := range 200 {
		k := a
		if i%2 == 1 {
			k = b
		}
		wg.Go(func() {
			_, err := use(k)
			switch {
			case err == nil:
				in.Add(1)
			case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid):
				out.Add(1)
			default:
				t.Errorf("%s: %v", what, err)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 || out.Load() != 199 {
		t.Errorf("one %s signed in %d times, refused %d times", what, in.Load(), out.Load())
	}
}

// 200 wrong codes at once use up five tries, not more: each try that is looked at is a chance to guess.
func TestTriesAtOnce(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		a := k.ask(anna, "")
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if _, err := k.UseCode(t.Context(), "x", Device{Visitor: a.Visitor}); !fault.Is(err, fault.Invalid) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := k.count("attempts WHERE tries = 5"); n != 1 {
			t.Error("the tries were not counted exactly")
		}
	})
}

// A sign-in takes the place of the session the browser was in, also when that was another reader's.
func TestNewSessionID(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		first := k.enter(anna, Device{})
		second := k.enter(anna, Device{Session: first.Session})
		if first.Session == second.Session || k.signedIn(first.Session) || !k.signedIn(second.Session) {
			t.Error("the old session lives on")
		}
		third := k.enter("ben@example.org", Device{Session: second.Session})
		if k.signedIn(second.Session) || !k.signedIn(third.Session) {
			t.Error("the other reader's session lives on")
		}
	})
}

// Nothing that is kept opens anything: not a token, not a code, not a session.
func TestNothingInTheClear(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	k := open(t, db, Options{})
	a := k.ask(anna, "")
	token, code := k.mail(anna)
	e, err := k.UseLink(t.Context(), token, Device{})
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"attempts", "sessions", "visitors", "audit", "readers", "mail_limits"} {
		rows, err := db.Query(t.Context(), "SELECT * FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range cells(t, rows) {
			for what, secret := range map[string]string{"link": token, "code": code, "session": e.Session, "visitor": a.Visitor} {
				if strings.Contains(cell, secret) {
					t.Errorf("%s holds the %s", table, what)
				}
			}
		}
	}
}

func TestSignInLink(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		r, err := k.Add(ctx, anna)
		if err != nil {
			t.Fatal(err)
		}
		link, err := k.SignInLink(ctx, r.ID, "/account", time.Hour)
		if err != nil || len(k.mails("")) != 0 {
			t.Fatalf("%v, %d mails", err, len(k.mails("")))
		}
		token, _ := secrets(t, outbox.Entry{Mail: outbox.Mail{Links: []string{link}}})
		k.pass(59 * time.Minute)
		e, err := k.UseLink(ctx, token, Device{})
		if err != nil || e.ReturnTo != "/account" || !k.signedIn(e.Session) {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := k.SignInLink(ctx, 99, "", time.Hour); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody's link: %v", err)
		}
	})
}

// An address given away by its reader's deletion, and a database that fails in the middle, leave no half sign-in.
func TestUseRollsBack(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.ask(anna, "")
		token, _ := k.mail(anna)
		undone := errors.New("undone")
		err := k.db.Write(ctx, func(tx *storage.DB) error {
			w := entering{r: k.Readers, tx: tx, token: newToken(), now: k.now(), touched: new([]int64)}
			id, _ := digestOf(token)
			var err error
			if w.t, _, err = k.lookup(ctx, tx, id); err != nil {
				return err
			}
			if _, err := w.signIn(ctx, id); err != nil {
				return err
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if n := k.count("sessions") + k.count("audit"); n != 0 {
			t.Errorf("%d rows of a sign-in that was undone", n)
		}
		if l, _ := k.OpenLink(ctx, token); l.State != Usable {
			t.Errorf("the link is %+v", l)
		}
	})
}

func TestNetworkOf(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.7/32": "192.0.2.0/24", "2001:db8::/48": "2001:db8::/48", "::ffff:192.0.2.7/128": "192.0.2.0/24",
	} {
		if got := networkOf(netip.MustParsePrefix(in)); got != want {
			t.Errorf("networkOf(%s) = %s, want %s", in, got, want)
		}
	}
	if got := networkOf(netip.Prefix{}); got != "" {
		t.Errorf("no address: %s", got)
	}
}
