package readers

import (
	"testing"
	"time"
)

// A browser is reminded of the mail it asked for until it is used, in the same words for every address, and of no
// other browser's.
func TestPending(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		banned := k.enter("banned@example.org", Device{})
		if err := k.Ban(ctx, banned.Reader.ID, "test", ""); err != nil {
			t.Fatal(err)
		}
		pending := func(visitor string, want Pending) {
			t.Helper()
			if want.Address != "" {
				want.ReturnTo = "/articles/tides"
			}
			if got, err := k.Pending(ctx, visitor); err != nil || got != want {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		}
		mine := k.ask(anna, "").Visitor
		others := k.ask(anna, "").Visitor // too soon for a mail
		theirs := k.ask("banned@example.org", "").Visitor
		for _, visitor := range []string{mine, others} {
			pending(visitor, Pending{Waiting: true, Live: true, Address: anna})
		}
		pending(theirs, Pending{Waiting: true, Live: true, Address: "banned@example.org"})
		link, err := k.SignInLink(ctx, banned.Reader.ID, "/account", time.Minute) // which no browser asked for
		if err != nil || link == "" {
			t.Fatal(link, err)
		}
		for _, nobody := range []string{"", "x", newToken()} {
			pending(nobody, Pending{})
		}

		k.pass(time.Minute)
		k.ask(anna, mine) // asked again, too soon
		_, code := k.mail(anna)
		if _, err := k.UseCode(ctx, code, Device{Visitor: mine}); err != nil {
			t.Fatal(err)
		}
		pending(mine, Pending{Address: anna})
		pending(others, Pending{Waiting: true, Live: true, Address: anna}) // or it would learn that Anna signed in
		k.pass(linkLife)
		pending(others, Pending{Waiting: true, Address: anna})
		pending(theirs, Pending{Waiting: true, Address: "banned@example.org"})
		k.pass(pendingLife)
		pending(others, Pending{})
	})
}
