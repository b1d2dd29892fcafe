package readers

import (
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

const annaNew = "anna@elsewhere.example"

func TestChangeAddress(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		other := k.enter(anna, Device{})
		e := k.enter(anna, Device{})
		if err := k.ChangeAddress(ctx, e.Reader.ID, " Anna+new@Elsewhere.example", home); err != nil {
			t.Fatal(err)
		}
		if m := k.mails(anna)[0]; m.Kind != "old-address" || len(m.Links) != 0 {
			t.Errorf("to the old address: %+v", m.Mail)
		}
		token, code := k.mail("Anna+new@elsewhere.example")
		if code != "" {
			t.Error("a move has a code")
		}
		if l, err := k.OpenLink(ctx, token); err != nil || l.State != Usable || !l.Moves || l.Address != "Anna+new@elsewhere.example" {
			t.Fatalf("%+v, %v", l, err)
		}
		if r, err := k.Reader(ctx, e.Reader.ID); err != nil || r.Address != anna {
			t.Fatalf("changed before the link was used: %+v, %v", r, err)
		}
		moved, err := k.UseLink(ctx, token, Device{Session: e.Session})
		if err != nil || !moved.Moved || moved.Reader.Address != "Anna+new@elsewhere.example" || moved.Reader.Key != annaNew {
			t.Fatalf("%+v, %v", moved, err)
		}
		if k.signedIn(other.Session) || k.signedIn(e.Session) || !k.signedIn(moved.Session) {
			t.Error("sessions: the others and the old id must end, a new one begin")
		}
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("used twice: %v", err)
		}
		if in := k.enter("Anna+new@elsewhere.example", Device{}); in.Reader.ID != e.Reader.ID {
			t.Error("the new address is another reader")
		}
		if in := k.enter(anna, Device{}); in.Reader.ID == e.Reader.ID {
			t.Error("the old address still signs in")
		}
	})
}

// A link opened where nobody is signed in changes the address and signs nobody in.
func TestChangeAddressElsewhere(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e, ben := k.enter(anna, Device{}), k.enter("ben@example.org", Device{})
		if err := k.ChangeAddress(ctx, e.Reader.ID, annaNew, home); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail(annaNew)
		moved, err := k.UseLink(ctx, token, Device{Session: ben.Session})
		if err != nil || !moved.Moved || moved.Session != "" || k.signedIn(e.Session) || !k.signedIn(ben.Session) {
			t.Errorf("%+v, %v", moved, err)
		}
	})
}

// An address that belongs to somebody is answered like any other, until its owner opens the link.
func TestChangeAddressTaken(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e, ben := k.enter(anna, Device{}), k.enter("ben@example.org", Device{})
		k.pass(mailGap)
		if err := k.ChangeAddress(ctx, e.Reader.ID, "ben+x@example.org", home); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail("ben+x@example.org")
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Fatalf("took over an account: %v", err)
		}
		if r, err := k.Reader(ctx, e.Reader.ID); err != nil || r.Address != anna || !k.signedIn(e.Session) || !k.signedIn(ben.Session) {
			t.Errorf("a refused move left %+v, %v", r, err)
		}
	})
}

// Of two who move to one address at the same time the later is told that it is another's.
func TestChangeAddressTakenMeanwhile(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e, ben := k.enter(anna, Device{}), k.enter("ben@example.org", Device{})
		if err := k.ChangeAddress(ctx, e.Reader.ID, annaNew, home); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail(annaNew)
		moved := make(chan error, 1)
		err := k.db.Write(ctx, func(tx *storage.DB) error {
			if _, err := tx.Exec(ctx, `UPDATE readers SET mailbox = $1 WHERE id = $2`, annaNew, ben.Reader.ID); err != nil {
				return err
			}
			go func() {
				_, err := k.UseLink(ctx, token, Device{})
				moved <- err
			}()
			k.waitForLock()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := <-moved; !fault.Is(err, fault.Conflict) {
			t.Errorf("moved to what was taken meanwhile: %v", err)
		}
	})
}

// A reader who once typed the new address at the wall, unconfirmed, is no obstacle; one that staff added is.
func TestChangeAddressUnconfirmed(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := k.enter(anna, Device{})
		k.ask(annaNew, "")
		k.pass(mailGap)
		if err := k.ChangeAddress(ctx, e.Reader.ID, annaNew, home); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail(annaNew)
		if moved, err := k.UseLink(ctx, token, Device{}); err != nil || moved.Reader.ID != e.Reader.ID || k.count("readers") != 1 {
			t.Errorf("%+v, %v", moved, err)
		}
		granted, err := k.Add(ctx, "granted@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if err := k.ChangeAddress(ctx, e.Reader.ID, granted.Address, home); err != nil {
			t.Fatal(err)
		}
		token, _ = k.mail(granted.Address)
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("took what staff gave to another: %v", err)
		}
	})
}

// What one mailbox spent of the month does not begin anew by moving about: whoever held the address before a deletion is
// who it belongs to, also while the form was only typed into again (W-28).
func TestChangeAddressAfterDeletion(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		first := k.enter(anna, Device{}).Reader.ID
		moveTo := func(reader int64, address string) error {
			k.pass(24 * time.Hour)
			if err := k.ChangeAddress(ctx, reader, address, home); err != nil {
				t.Fatal(err)
			}
			token, _ := k.mail(address)
			_, err := k.UseLink(ctx, token, Device{})
			return err
		}
		if err := moveTo(first, annaNew); err != nil {
			t.Fatal(err)
		}
		second := k.enter(anna, Device{}).Reader.ID
		if err := k.Delete(ctx, first, "test"); err != nil {
			t.Fatal(err)
		}
		if err := moveTo(second, annaNew); !fault.Is(err, fault.Conflict) {
			t.Errorf("moved to the address of a deleted account: %v", err)
		}
		k.pass(24 * time.Hour)
		k.ask(annaNew, "") // the reader who was deleted is there again, unconfirmed
		if err := moveTo(second, annaNew); !fault.Is(err, fault.Conflict) {
			t.Errorf("moved to the address of one who came back: %v", err)
		}
		k.pass(24 * time.Hour)
		if again := k.enter(annaNew, Device{}).Reader.ID; again != first {
			t.Errorf("came back as reader %d, not as %d", again, first)
		}
		if err := moveTo(second, "anna@third.example"); err != nil {
			t.Errorf("an address that was nobody's: %v", err)
		}
		if err := moveTo(second, anna); err != nil {
			t.Errorf("back to the address of before: %v", err)
		}
		k.pass(formerLife)
		if err := k.Delete(ctx, first, "test"); err != nil {
			t.Fatal(err)
		}
		k.pass(formerLife)
		if err := k.Cleanup(ctx); err != nil {
			t.Fatal(err)
		}
		if err := moveTo(second, annaNew); err != nil {
			t.Errorf("after the month is long over: %v", err)
		}
	})
}

func TestChangeAddressLimits(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		e := k.enter(anna, Device{})
		if err := k.ChangeAddress(ctx, e.Reader.ID, anna, home); !fault.Is(err, fault.Invalid) {
			t.Errorf("to the same address: %v", err)
		}
		for i, address := range []string{"a@elsewhere.example", "a+1@elsewhere.example", "b@elsewhere.example"} {
			if err := k.ChangeAddress(ctx, e.Reader.ID, address, home); err != nil {
				t.Errorf("request %d: %v", i+1, err)
			}
		}
		if n := len(k.mails("a+1@elsewhere.example")); n != 0 {
			t.Error("two mails to one mailbox within ten minutes")
		}
		if err := k.ChangeAddress(ctx, e.Reader.ID, "c@elsewhere.example", home); !fault.Is(err, fault.TooMany) || len(k.mails("c@elsewhere.example")) != 0 {
			t.Errorf("the fourth of the day: %v", err)
		}
		notices := 0
		for _, m := range k.mails(anna) {
			if m.Kind == "old-address" {
				notices++
			}
		}
		if notices != 3 {
			t.Errorf("%d notices", notices)
		}
		token, _ := k.mail("b@elsewhere.example")
		older, _ := k.mail("a@elsewhere.example")
		if l, _ := k.OpenLink(ctx, older); l.State != Gone {
			t.Errorf("the older request: %+v", l)
		}
		k.pass(time.Hour)
		if l, _ := k.OpenLink(ctx, token); l.State != Gone {
			t.Errorf("after an hour: %+v", l)
		}
		if _, err := k.UseLink(ctx, token, Device{}); !fault.Is(err, fault.Conflict) {
			t.Errorf("after an hour: %v", err)
		}
	})
}

// "Sign out other devices" stops a thief's move to an address of their own.
func TestEndOthersStopsMove(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		thief, owner := k.enter(anna, Device{}), k.enter(anna, Device{})
		if err := k.ChangeAddress(ctx, thief.Reader.ID, annaNew, home); err != nil {
			t.Fatal(err)
		}
		s, err := k.Session(ctx, owner.Session)
		if err != nil {
			t.Fatal(err)
		}
		if err := k.EndOthers(ctx, owner.Reader.ID, s.ID); err != nil {
			t.Fatal(err)
		}
		token, _ := k.mail(annaNew)
		if _, err := k.UseLink(ctx, token, Device{Session: thief.Session}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the move went on: %v", err)
		}
	})
}
