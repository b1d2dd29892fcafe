package staff

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

func TestRoles(t *testing.T) {
	for _, c := range []struct {
		set  Roles
		have string
	}{
		{Owners, "owner"}, {Editors, "owner editor"}, {Writers, "owner editor author"}, {Marketers, "owner editor marketing"},
		{Supporters, "owner support"}, {Everyone, "owner editor author marketing support"}, {0, ""},
	} {
		var have []string
		for _, r := range append(AllRoles(), "", "reader") {
			if c.set.Have(r) {
				have = append(have, string(r))
			}
		}
		if got := strings.Join(have, " "); got != c.have {
			t.Errorf("%b has %q, want %q", c.set, got, c.have)
		}
	}
	if _, err := ParseRole("chief"); !fault.Is(err, fault.Invalid) {
		t.Errorf("chief: %v", err)
	}
}

// The first owner joins by the link of the start, an editor by the owner's mail; each link works once.
func TestJoining(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		old, err := k.FirstLink(ctx)
		k.must(err)
		link, err := k.FirstLink(ctx)
		k.must(err)
		if _, err := k.Join(ctx, k.token(old), "Ada", "ada@example.org", Device{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("the older link of the first owner: %v", err)
		}
		for field, form := range map[string][2]string{"name": {" \u202e ", "ada@example.org"}, "email": {"Ada", "ada@"}} {
			if _, err := k.Join(ctx, k.token(link), form[0], form[1], Device{}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), field) {
				t.Errorf("joining with a wrong %s: %v", field, err)
			}
		}
		owner, err := k.Join(ctx, k.token(link), " Ada  Owner\n", "Ada@example.org", Device{Agent: "Firefox/1 Linux"})
		k.must(err)
		if m := owner.Member; m.Name != "Ada Owner" || m.Role != Owner || m.Secured {
			t.Errorf("joined as %+v", m)
		}
		if link, err := k.FirstLink(ctx); link != "" || err != nil {
			t.Errorf("a link although somebody works here: %q, %v", link, err)
		}
		known, err := k.readers.Reader(ctx, owner.Member.ID)
		k.must(err)
		if !known.Staff || known.Confirmed.IsZero() {
			t.Errorf("the owner reads as %+v", known)
		}
		k.must(k.Invite(ctx, "ed@example.org", Author, owner.Member.Who()))
		first := k.mailed("ed@example.org")
		k.pass(time.Minute)
		k.must(k.Invite(ctx, "ED@example.org", Editor, owner.Member.Who()))
		token := k.mailed("ED@example.org")
		if _, err := k.Invitation(ctx, first); !fault.Is(err, fault.NotFound) {
			t.Errorf("the older invitation: %v", err)
		}
		var wait sync.WaitGroup
		joined := make(chan Entry, 5)
		for range 5 {
			wait.Go(func() {
				if e, err := k.Join(ctx, token, "Ed", "", Device{}); err == nil {
					joined <- e
				} else if !fault.Is(err, fault.NotFound) {
					t.Errorf("joining beside another: %v", err)
				}
			})
		}
		wait.Wait()
		close(joined)
		if len(joined) != 1 {
			t.Errorf("one invitation let %d in", len(joined))
		}
		for e := range joined {
			if e.Member.Role != Editor {
				t.Errorf("joined as %s", e.Member.Role)
			}
		}
		k.must(k.Invite(ctx, "late@example.org", Author, "test"))
		k.pass(invitationLife)
		if _, err := k.Join(ctx, k.mailed("late@example.org"), "Late", "", Device{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an invitation of last week: %v", err)
		}
	})
}

// The link of the first owner is over as soon as anybody works here, whoever it was made for: it would let its holder
// name any address.
func TestTheFirstLinkEndsWithTheFirstMember(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		link, err := k.FirstLink(ctx)
		k.must(err)
		token := k.token(link)
		ada := k.join("ada@example.org", Owner)
		k.must(k.db.Write(ctx, func(tx *storage.DB) error { // as one made at that moment would be
			_, err := tx.Exec(ctx, `UPDATE invitations SET ended = 0 WHERE mailbox = ''`)
			return err
		}))
		for _, address := range []string{"ada@example.org", "mallory@example.org"} {
			if _, err := k.Join(ctx, token, "Mallory", address, Device{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("joining as %s by the link of the first owner: %v", address, err)
			}
		}
		if x := k.session(ada.Session); x.Member.Name != ada.Member.Name {
			t.Errorf("the owner is %+v", x.Member)
		}
	})
}

func TestJoiningEndsTheFirstLink(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		link, err := k.FirstLink(ctx)
		k.must(err)
		k.join("ada@example.org", Owner)
		if _, err := k.Invitation(ctx, k.token(link)); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link of the first owner: %v", err)
		}
	})
}

// Of several invitations of a mailbox at once one is good; and none leads back who was removed or deleted their account.
func TestInvitationsThatAreOver(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.join("ada@example.org", Owner)
		tokens := make(chan string, 6)
		var wait sync.WaitGroup
		for range cap(tokens) {
			wait.Go(func() {
				link, err := k.Link(ctx, "ed@example.org", Editor, "test")
				if err != nil {
					t.Error(err)
					return
				}
				tokens <- k.token(link)
			})
		}
		wait.Wait()
		close(tokens)
		good := 0
		for token := range tokens {
			if _, err := k.Invitation(ctx, token); err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("%d invitations of one mailbox are good", good)
		}
		for address, end := range map[string]func(id int64) error{
			"ed@example.org": func(id int64) error { return k.Remove(ctx, id, "test") },
			"cy@example.org": func(id int64) error { return k.readers.Delete(ctx, id, "test") },
		} {
			e := k.join(address, Editor)
			link, err := k.Link(ctx, address, Editor, "test")
			k.must(err)
			k.must(end(e.Member.ID))
			if _, err := k.Join(ctx, k.token(link), "Back", "", Device{}); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is back: %v", address, err)
			}
		}
	})
}

// Codes of an authenticator work once; five wrong ones shut the door for a quarter of an hour, also to the right one.
func TestCodes(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := k.join("ada@example.org", Editor)
		if x := k.session(e.Session); k.Ready(x) || k.Fresh(x) {
			t.Error("who has nothing but a link is let in")
		}
		a, err := k.NewAuthenticator("ada@example.org")
		k.must(err)
		if err := k.SetAuthenticator(ctx, k.session(e.Session), a.Secret, "12345a"); !fault.Is(err, fault.Invalid) {
			t.Errorf("set up with a wrong code: %v", err)
		}
		if err := k.SetAuthenticator(ctx, k.session(e.Session), "AAAA", k.code(a.Secret)); !fault.Is(err, fault.Invalid) {
			t.Errorf("set up with a secret of four letters: %v", err)
		}
		secret := k.secure(e.Session)
		if x := k.session(e.Session); !k.Ready(x) || !k.Fresh(x) {
			t.Error("who has just shown a code is not let in")
		}
		id := e.Member.ID
		if _, err := k.SignInWithCode(ctx, id, k.code(secret), Device{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("the code that set it up: %v", err)
		}
		k.pass(30 * time.Second)
		code := k.code(secret)
		in, err := k.SignInWithCode(ctx, id, " "+code[:3]+" "+code[3:], Device{Session: e.Session})
		k.must(err)
		if _, err := k.Session(ctx, e.Session); !fault.Is(err, fault.NotFound) {
			t.Errorf("the device's older session: %v", err)
		}
		if _, err := k.SignInWithCode(ctx, id, code, Device{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a code a second time: %v", err)
		}
		k.pass(proofLife)
		if x := k.session(in.Session); k.Fresh(x) {
			t.Error("a factor shown a quarter of an hour ago is fresh")
		}
		k.must(k.ProveWithCode(ctx, k.session(in.Session), k.code(secret)))
		if x := k.session(in.Session); !k.Fresh(x) {
			t.Error("a factor shown just now is not fresh")
		}
		for range codeTries {
			if _, err := k.SignInWithCode(ctx, id, "000000", Device{}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a wrong code: %v", err)
			}
		}
		k.pass(time.Minute)
		if _, err := k.SignInWithCode(ctx, id, k.code(secret), Device{}); !fault.Is(err, fault.TooMany) {
			t.Errorf("the right code after five wrong ones: %v", err)
		}
		k.pass(codePause)
		if _, err := k.SignInWithCode(ctx, id, k.code(secret), Device{}); err != nil {
			t.Errorf("the right code a quarter of an hour later: %v", err)
		}
		if err := k.RemoveAuthenticator(ctx, id); !fault.Is(err, fault.Conflict) {
			t.Errorf("removing all that secures the sign-in: %v", err)
		}
	})
}

// Each recovery code signs in once, new ones end the old, and only their hashes are kept.
func TestRecoveryCodes(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := k.join("ada@example.org", Editor)
		k.secure(e.Session)
		old, err := k.NewRecoveryCodes(ctx, e.Member.ID)
		k.must(err)
		codes, err := k.NewRecoveryCodes(ctx, e.Member.ID)
		k.must(err)
		for _, c := range []struct {
			name, code string
			ok         bool
		}{{"replaced", old[0], false}, {"fresh", strings.ToLower(codes[0]), true}, {"used", codes[0], false}, {"another", codes[9], true}} {
			if _, err := k.SignInWithCode(ctx, e.Member.ID, c.code, Device{}); (err == nil) != c.ok {
				t.Errorf("a code that is %s: %v", c.name, err)
			}
		}
		w, err := k.Ways(ctx, e.Member.ID)
		k.must(err)
		if w.Codes != recoveryCodes-2 || !w.Authenticator {
			t.Errorf("ways left: %+v", w)
		}
		var plain int
		k.must(k.db.QueryRow(ctx, `SELECT COUNT(*) FROM recovery_codes WHERE code = $1 OR code = $2`, codes[1], plainCode(codes[1])).Scan(&plain))
		if plain != 0 {
			t.Error("codes are kept as they are")
		}
	})
}

// What takes a privilege away ends sessions at once (S-01, S-02), and the last owner stays.
func TestLosingARole(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		owner, ed := k.join("ada@example.org", Owner), k.join("ed@example.org", Editor)
		for what, err := range map[string]error{
			"another role": k.SetRole(ctx, owner.Member.ID, Author, "test"),
			"removed":      k.Remove(ctx, owner.Member.ID, "test"),
			"deleted":      k.readers.Delete(ctx, owner.Member.ID, "test"),
		} {
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("the last owner, %s: %v", what, err)
			}
		}
		k.must(k.SetRole(ctx, ed.Member.ID, Owner, owner.Member.Who()))
		if _, err := k.Session(ctx, ed.Session); !fault.Is(err, fault.NotFound) {
			t.Errorf("the session after another role: %v", err)
		}
		var wait sync.WaitGroup
		for _, id := range []int64{owner.Member.ID, ed.Member.ID} {
			wait.Go(func() {
				if err := k.Remove(ctx, id, "test"); err != nil && !fault.Is(err, fault.Conflict) {
					t.Errorf("removing owners beside each other: %v", err)
				}
			})
		}
		wait.Wait()
		left, err := k.Members(ctx)
		k.must(err)
		if len(left) != 1 || left[0].Role != Owner {
			t.Fatalf("of two owners who were removed at once stay %+v", left)
		}
		gone := owner
		if left[0].ID == owner.Member.ID {
			gone = ed
		}
		known, err := k.readers.Reader(ctx, gone.Member.ID)
		k.must(err)
		if known.Staff {
			t.Error("who was removed reads as staff")
		}
		if _, err := k.Session(ctx, gone.Session); !fault.Is(err, fault.NotFound) {
			t.Errorf("the session of who was removed: %v", err)
		}
		third := k.join("cy@example.org", Support)
		k.must(k.readers.Ban(ctx, third.Member.ID, "test", "test"))
		if _, err := k.Session(ctx, third.Session); !fault.Is(err, fault.NotFound) {
			t.Errorf("the session of who is banned: %v", err)
		}
	})
}

// A member who lost everything is invited anew: what they had is forgotten, their role stays.
func TestSigningInAnew(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		k.join("ada@example.org", Owner)
		e := k.join("ed@example.org", Editor)
		secret := k.secure(e.Session)
		codes, err := k.NewRecoveryCodes(ctx, e.Member.ID)
		k.must(err)
		again := k.join("ed@example.org", Owner)
		if again.Member.Role != Editor || again.Member.Secured {
			t.Errorf("anew as %+v", again.Member)
		}
		k.pass(time.Minute)
		for _, code := range []string{codes[0], k.code(secret)} {
			if _, err := k.SignInWithCode(ctx, e.Member.ID, code, Device{}); err == nil {
				t.Error("what the member had before still signs in")
			}
		}
		if _, err := k.Session(ctx, e.Session); !fault.Is(err, fault.NotFound) {
			t.Errorf("the session from before: %v", err)
		}
		other, err := k.Join(ctx, k.token(must(k.Link(ctx, "ed@example.org", Editor, "test"))), "Ed", "", Device{})
		k.must(err)
		third := k.join("third@example.org", Author)
		k.must(k.EndSessions(ctx, third.Member.ID, k.session(other.Session).ID, ""))
		if _, err := k.Session(ctx, other.Session); err != nil {
			t.Errorf("ended by another member: %v", err)
		}
	})
}

func must(link string, err error) string {
	if err != nil {
		panic(err)
	}
	return link
}

// The audit log knows of each step, and holds no address and no token.
func TestDeedsAreRecorded(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		owner := k.join("ada@example.org", Owner)
		ed := k.join("ed@example.org", Author)
		k.must(k.SetRole(ctx, ed.Member.ID, Editor, owner.Member.Who()))
		k.must(k.Remove(ctx, ed.Member.ID, owner.Member.Who()))
		log, err := readers.AuditLog(ctx, k.db, readers.AuditFilter{}, 100)
		k.must(err)
		var told []string
		for _, e := range log {
			told = append(told, e.What+": "+e.Before+"→"+e.After)
			if strings.Contains(e.Who+e.What+e.Subject+e.Before+e.After, "@") || len(e.After) >= tokenLength {
				t.Errorf("the log holds %+v", e)
			}
		}
		all := strings.Join(told, "\n")
		for _, want := range []string{"invite: →owner", "role: →author", "role: author→editor", "role: editor→", "sign-in to the newsroom: →join", "staff: true→false"} {
			if !strings.Contains(all, want) {
				t.Errorf("the log lacks %q:\n%s", want, all)
			}
		}
		by, err := readers.AuditLog(ctx, k.db, readers.AuditFilter{Who: owner.Member.Who(), What: "role"}, 100)
		k.must(err)
		if len(by) != 3 {
			t.Errorf("the owner's deeds with roles: %+v", by)
		}
		older, err := readers.AuditLog(ctx, k.db, readers.AuditFilter{Before: log[0].ID}, 1)
		k.must(err)
		if len(older) != 1 || older[0].ID != log[1].ID {
			t.Errorf("older than %d: %+v", log[0].ID, older)
		}
	})
}

func TestNoPasskeysWithoutAName(t *testing.T) {
	s, err := New(nil, nil, nil, Options{Publication: "X", Origin: "http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.BeginSignIn(t.Context()); !fault.Is(err, fault.Conflict) {
		t.Errorf("a passkey of a number: %v", err)
	}
}
