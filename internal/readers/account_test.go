package readers

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// execSQL runs a statement of a test.
func execSQL(k *kit, text string) (n int64, err error) {
	ctx := context.Background()
	err = k.db.Write(ctx, func(tx *storage.DB) error {
		n, err = tx.Exec(ctx, text)
		return err
	})
	return n, err
}

func TestFindListAdd(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		added, err := k.Add(ctx, "Anna+x@Example.org")
		if err != nil || added.Address != "Anna+x@example.org" || added.Key != anna || !added.Confirmed.IsZero() || !added.Created.Equal(k.now()) {
			t.Fatalf("%+v, %v", added, err)
		}
		again, err := k.Add(ctx, anna)
		if err != nil || again != added {
			t.Errorf("added twice: %+v, %v", again, err)
		}
		found, err := k.Find(ctx, "anna+other@example.org")
		if err != nil || found != added {
			t.Errorf("find: %+v, %v", found, err)
		}
		for _, a := range []string{"b@example.org", "c@example.org"} {
			if _, err := k.Add(ctx, a); err != nil {
				t.Fatal(err)
			}
		}
		first, err := k.List(ctx, 0, 2)
		if err != nil || len(first) != 2 || first[0] != added {
			t.Fatalf("list: %+v, %v", first, err)
		}
		rest, err := k.List(ctx, first[1].ID, 2)
		if err != nil || len(rest) != 1 || rest[0].Address != "c@example.org" {
			t.Errorf("list on: %+v, %v", rest, err)
		}
		if _, err := k.Find(ctx, "nobody@example.org"); !fault.Is(err, fault.NotFound) || strings.Contains(err.Error(), "nobody") {
			t.Errorf("find nobody: %v", err)
		}
		if _, err := k.Reader(ctx, 99); !fault.Is(err, fault.NotFound) {
			t.Errorf("reader 99: %v", err)
		}
		for _, err := range []error{justErr(k.Find(ctx, "x")), justErr(k.Add(ctx, "x"))} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("no address: %v", err)
			}
		}
	})
}

func justErr(_ Reader, err error) error { return err }

func TestRename(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		e := k.enter(anna, Device{})
		for in, want := range map[string]string{
			"  Anna   Berg ": "Anna Berg", "": "", "Zoë 李": "Zoë 李", "An\x00na\r\nBerg": "Anna Berg", "\u202eAnna\u200b": "Anna",
			"<b>Anna</b>": "<b>Anna</b>", strings.Repeat("ä", 100): strings.Repeat("ä", 100), "a\xffb": "ab",
		} {
			if !k.signedIn(e.Session) {
				t.Fatal("signed out")
			}
			if err := k.Rename(t.Context(), e.Reader.ID, in); err != nil {
				t.Errorf("%q: %v", in, err)
			}
			if s, err := k.Session(t.Context(), e.Session); err != nil || s.Reader.Name != want {
				t.Errorf("%q became %q, %v, want %q", in, s.Reader.Name, err, want)
			}
		}
		if err := k.Rename(t.Context(), e.Reader.ID, strings.Repeat("ä", 101)); !fault.Is(err, fault.Invalid) {
			t.Errorf("101 letters: %v", err)
		}
		if err := k.Rename(t.Context(), 99, "x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// A ban ends what is open, also the link in the last mail, until it is lifted.
func TestBan(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := k.enter(anna, Device{})
		k.pass(mailGap)
		k.ask(anna, "")
		token, _ := k.mail(anna)
		if err := k.Ban(ctx, e.Reader.ID, "editor", "shared the password"); err != nil {
			t.Fatal(err)
		}
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the link of a banned reader: %v", err)
		}
		if r, err := k.Reader(ctx, e.Reader.ID); err != nil || !r.Banned {
			t.Errorf("%+v, %v", r, err)
		}
		if err := k.Unban(ctx, e.Reader.ID, "editor", "an error"); err != nil {
			t.Fatal(err)
		}
		k.enter(anna, Device{})
		events, err := Audit(ctx, k.db, Subject(e.Reader.ID), 10)
		var what []string
		for _, v := range events {
			what = append(what, v.What)
		}
		if want := []string{"sign-in", "unban", "ban", "sign-in"}; err != nil || !slices.Equal(what, want) {
			t.Errorf("audit %v, %v, want %v", what, err, want)
		}
		if events[2].Who != "editor" || events[2].After != "shared the password" || !events[2].At.Equal(k.now().Add(-mailGap)) {
			t.Errorf("audit of the ban: %+v", events[2])
		}
	})
}

func TestConsents(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.enter(anna, Device{}).Reader.ID
		given := k.now()
		for _, wording := range []string{"Send me the letter", "Another wording, later"} {
			if err := k.Consent(ctx, id, Newsletter, wording, home); err != nil {
				t.Fatal(err)
			}
			k.pass(time.Minute)
		}
		if err := k.Withdraw(ctx, id, Newsletter); err != nil {
			t.Fatal(err)
		}
		if err := k.Withdraw(ctx, id, Newsletter); err != nil {
			t.Fatal(err)
		}
		k.pass(time.Minute)
		if err := k.Consent(ctx, id, Newsletter, "Again", home); err != nil {
			t.Fatal(err)
		}
		want := []Consent{
			{Subject: Newsletter, Wording: "Again", Given: given.Add(3 * time.Minute), Network: "192.0.2.0/24"},
			{Subject: Newsletter, Wording: "Send me the letter", Given: given, Network: "192.0.2.0/24", Withdrawn: given.Add(2 * time.Minute)},
		}
		if got, err := k.Consents(ctx, id); err != nil || !slices.Equal(got, want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	})
}

// Consent given with an address counts for nobody until the mail is confirmed.
func TestConsentNeedsConfirmation(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		e := k.enter(anna, Device{})
		k.pass(mailGap)
		ask := Ask{Address: anna, Consent: &Consent{Subject: Newsletter, Wording: "yes"}, From: home}
		if _, err := k.KeepReading(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
		if cs, err := k.Consents(t.Context(), e.Reader.ID); err != nil || len(cs) != 0 {
			t.Errorf("somebody consented for Anna: %+v, %v", cs, err)
		}
		token, _ := k.mail(anna)
		if _, err := k.UseLink(t.Context(), token, Device{}); err != nil {
			t.Fatal(err)
		}
		if cs, err := k.Consents(t.Context(), e.Reader.ID); err != nil || len(cs) != 1 {
			t.Errorf("%+v, %v", cs, err)
		}
	})
}

// part is what another package keeps of a reader.
type part struct {
	erased []int64
	err    error
}

func (p *part) ExportReader(_ context.Context, reader int64) (string, any, error) {
	return "reading", map[string]int64{"reader": reader}, p.err
}

func (p *part) EraseReader(_ context.Context, _ *storage.DB, reader int64) error {
	p.erased = append(p.erased, reader)
	return p.err
}

func TestExport(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		p := &part{}
		k.Attach([]Exporter{p}, nil)
		e := k.enter(anna, Device{Agent: "Firefox/140.0 Windows"})
		if err := k.Consent(t.Context(), e.Reader.ID, Newsletter, "Send me the letter", home); err != nil {
			t.Fatal(err)
		}
		x, err := k.Export(t.Context(), e.Reader.ID)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"address":"anna@example.org"`, `"wording":"Send me the letter"`, `"withdrawn":null`,
			`"device":"Firefox on Windows"`, `"what":"sign-in"`, `"parts":[{"name":"reading","data":{"reader":1}}]`, `"exported":"2026-11-02T09:10:00Z"`} {
			if !strings.Contains(string(raw), want) {
				t.Errorf("no %s in %s", want, raw)
			}
		}
		p.err = errors.New("broken")
		if _, err := k.Export(t.Context(), e.Reader.ID); !errors.Is(err, p.err) {
			t.Errorf("an export with a part missing: %v", err)
		}
		if _, err := k.Export(t.Context(), 99); !fault.Is(err, fault.NotFound) {
			t.Errorf("nobody: %v", err)
		}
	})
}

// After a deletion the address is in no table but the outbox, which has the last mail, and what is attached is asked.
func TestDelete(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		p := &part{}
		k.Attach(nil, []Eraser{p})
		k.ask("Anna+Tides@example.org", "") // the same mailbox
		e, ben := k.enter(anna, Device{}), k.enter("ben@example.org", Device{})
		if err := k.Consent(ctx, e.Reader.ID, Newsletter, "yes", home); err != nil {
			t.Fatal(err)
		}
		if err := k.ChangeAddress(ctx, e.Reader.ID, "anna.new@example.org", home); err != nil {
			t.Fatal(err)
		}
		p.err = errors.New("broken")
		if err := k.Delete(ctx, e.Reader.ID, "reader"); !errors.Is(err, p.err) || !k.signedIn(e.Session) {
			t.Fatalf("half a deletion: %v", err)
		}
		p.err, p.erased = nil, nil
		if err := k.Delete(ctx, e.Reader.ID, Subject(e.Reader.ID)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(p.erased, []int64{e.Reader.ID}) {
			t.Errorf("erased %v elsewhere", p.erased)
		}
		for _, table := range []string{"readers", "visitors", "attempts", "sessions", "consents", "mail_limits", "asks", "audit", "changes", "former_readers"} {
			rows, err := k.db.Query(ctx, "SELECT * FROM "+table)
			if err != nil {
				t.Fatal(err)
			}
			for _, cell := range cells(t, rows) {
				if strings.Contains(strings.ToLower(cell), "anna") {
					t.Errorf("%s holds %q", table, cell)
				}
			}
		}
		if ms := k.mails(anna); len(ms) != 1 || ms[0].Kind != "goodbye" {
			t.Errorf("%d mails to the deleted reader", len(ms))
		}
		if n := len(k.mails("Anna+Tides@example.org")); n != 0 {
			t.Errorf("%d mails to another spelling of the address", n)
		}
		if !k.signedIn(ben.Session) || len(k.mails("ben@example.org")) == 0 {
			t.Error("another reader suffered")
		}
		events, err := Audit(ctx, k.db, Subject(e.Reader.ID), 1)
		if err != nil || events[0].What != "delete" || events[0].Who != Subject(e.Reader.ID) {
			t.Errorf("audit %+v, %v", events, err)
		}
		if err := k.Delete(ctx, e.Reader.ID, "reader"); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		// Who comes back is new, and the limits of mail outlived the deletion.
		before := len(k.mails(anna))
		k.ask(anna, "")
		k.ask(anna, "")
		if n := len(k.mails(anna)) - before; n > 1 {
			t.Errorf("%d mails at once after a deletion", n)
		}
		again, err := k.Find(ctx, anna)
		if err != nil || again.ID != e.Reader.ID || !again.Confirmed.IsZero() || again.Name != "" {
			t.Errorf("who came back is %+v, %v; the meter must know reader %d again", again, err, e.Reader.ID)
		}
	})
}

// What is written by somebody who signs in while the account is being deleted goes with it.
func TestDeleteWhileSigningIn(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id := k.enter(anna, Device{}).Reader.ID
		deleted := make(chan error, 1)
		err := k.db.Write(ctx, func(tx *storage.DB) error {
			if _, err := tx.Exec(ctx, `UPDATE readers SET mailbox = mailbox WHERE id = $1`, id); err != nil { // as use does
				return err
			}
			go func() { deleted <- k.Delete(ctx, id, "test") }()
			k.waitForLock()
			_, err := tx.Exec(ctx, `INSERT INTO sessions (id, reader, created, seen, agent) VALUES ('late', $1, $2, $2, '')`,
				id, storage.Micros(k.now()))
			return err
		})
		if err := errors.Join(err, <-deleted); err != nil {
			t.Fatal(err)
		}
		if n := k.count("sessions"); n != 0 {
			t.Errorf("%d sessions of a deleted reader", n)
		}
	})
}

// An address nobody confirmed gets no word of its deletion (S-07).
func TestDeleteUnconfirmed(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		k.ask(anna, "")
		r, err := k.Find(t.Context(), anna)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.Delete(t.Context(), r.ID, "command line"); err != nil || len(k.mails("")) != 0 {
			t.Errorf("%v, %d mails", err, len(k.mails("")))
		}
	})
}

func TestCleanup(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.enter(anna, Device{})
		if _, err := k.Add(ctx, "granted@example.org"); err != nil {
			t.Fatal(err)
		}
		k.ask("never@example.org", "")
		clean := func() {
			t.Helper()
			if err := k.Cleanup(ctx); err != nil {
				t.Fatal(err)
			}
		}
		clean()
		if n := []int{k.count("attempts"), k.count("readers"), k.count("sessions"), k.count("visitors"), k.count("asks"), k.count("mail_limits")}; !slices.Equal(n, []int{2, 3, 1, 2, 1, 2}) {
			t.Errorf("at once it deleted something: %v", n)
		}
		k.pass(30 * 24 * time.Hour)
		clean()
		if n := []int{k.count("attempts"), k.count("readers"), k.count("sessions"), k.count("visitors"), k.count("asks"), k.count("mail_limits")}; !slices.Equal(n, []int{0, 2, 1, 2, 0, 0}) {
			t.Errorf("after a month: %v", n)
		}
		k.pass(90 * 24 * time.Hour)
		clean()
		if n := []int{k.count("readers"), k.count("sessions"), k.count("visitors"), k.count("audit")}; !slices.Equal(n, []int{2, 0, 0, 1}) {
			t.Errorf("after four months: %v", n)
		}
	})
}

// The audit log is only ever added to: no statement of the program says otherwise.
func TestAuditIsAppendOnly(t *testing.T) {
	bad := regexp.MustCompile(`(?i)(update|delete\s+from|replace\s+into|drop\s+table|alter\s+table|truncate)\s+audit\b`)
	sources := 0
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sql") {
			return err
		}
		raw, err := os.ReadFile(path)
		sources++
		if found := bad.Find(raw); found != nil {
			t.Errorf("%s: %s", path, found)
		}
		return err
	})
	if err != nil || sources < 20 {
		t.Fatalf("%d sources, %v", sources, err)
	}
	if !bad.MatchString("DELETE FROM audit WHERE at < $1") || bad.MatchString("INSERT INTO audit (at) VALUES ($1)") {
		t.Error("the pattern sees nothing")
	}
}
