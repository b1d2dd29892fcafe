package access

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestAdmit(t *testing.T) {
	p := usual
	p.Rules = []Rule{{Section: "in-depth", Level: Subscriber}}
	runWith(t, p, func(t *testing.T, g *Gate, c *clock) {
		g.unlock(t, reader(1), metered(7))
		for _, row := range []struct {
			name string
			who  Person
			a    Article
			want string
		}{
			{"visitor", Person{}, metered(7), "[keep-reading]*"},
			{"visitor with a cookie", Person{Visitor: "v"}, metered(7), "[keep-reading]*"},
			{"reader who unlocked it", reader(1), metered(7), "metered-unlock*2"},
			{"reader who unlocked another", reader(1), metered(8), "[read-this-one]*2"},
			{"another reader", reader(2), metered(7), "[read-this-one]*3"},
			{"subscriber", reader(subscriber), metered(7), "subscription"},
			{"staff", Person{Staff: true}, metered(7), "staff"},
			{"staff with a reader's session", Person{Staff: true, Reader: 2}, metered(7), "staff"},
			{"open", Person{}, Article{ID: 9, Level: Open}, "open*"},
			{"open, to a subscriber", reader(subscriber), Article{ID: 9, Level: Open}, "open"},
			{"registered", reader(2), Article{ID: 9, Level: Registered}, "registered*3"},
			{"subscribers' by rule", reader(1), Article{ID: 7, Level: Metered, Section: "in-depth"}, "[subscribe]*2"},
			{"open as filed, subscribers' by rule", Person{}, Article{ID: 7, Level: Open, Section: "in-depth"}, "[subscribe]*"},
		} {
			d := g.admit(t, row.who, row.a)
			standing, _, err := g.Standing(t.Context(), row.who)
			if err != nil {
				t.Fatal(err)
			}
			if have := cell(Facts{Standing: standing}, d); have != row.want {
				t.Errorf("%s: %s, want %s", row.name, have, row.want)
			}
			if d.Article() != row.a.ID {
				t.Errorf("%s: decided on article %d", row.name, d.Article())
			}
		}
		if n := rows(t, g.db, "unlocks"); n != 1 {
			t.Errorf("Admit spent: %d unlocks, want 1", n)
		}
	})
}

func TestSubscriptionEndsToTheMoment(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		c.set(noon.AddDate(1, 0, 0).Add(-time.Microsecond))
		if d := g.admit(t, reader(subscriber), metered(7)); d.Grant != BySubscription {
			t.Errorf("a moment before the end: %+v", d)
		}
		c.add(time.Microsecond) // what the gate keeps for a minute has run out all the same
		if d := g.admit(t, reader(subscriber), metered(7)); d.Full() || !d.Ads || d.Wall != ReadThisOne {
			t.Errorf("at the end: %+v", d)
		}
	})
}

func TestEntitlementIsKeptForAMinuteOrUntilForgotten(t *testing.T) {
	paid := Entitlement{Grant: BySeat, Plan: "all-access"}
	now, times := Entitlement{}, 0
	db := storagetest.Open(t, storagetest.SQLite(t))
	g, c := newGate(db, usual, asked(func(int64) (Entitlement, error) { times++; return now, nil }))
	step := func(name string, wantFull bool, wantTimes int) {
		t.Helper()
		if d := g.admit(t, reader(1), metered(7)); d.Full() != wantFull || times != wantTimes {
			t.Errorf("%s: full %v, asked %d times; want %v, %d", name, d.Full(), times, wantFull, wantTimes)
		}
	}
	step("first", false, 1)
	now = paid
	step("kept", false, 1)
	g.Forget(2)
	step("another reader was forgotten", false, 1)
	g.Forget(1)
	step("forgotten", true, 2)
	now = Entitlement{}
	c.add(keepFor - time.Microsecond)
	step("almost a minute later", true, 2)
	c.add(time.Microsecond)
	step("a minute later", false, 3)
	now = paid
	g.Forget(0)
	step("all forgotten", true, 4)
	c.add(-2 * time.Hour)
	step("the clock was set back", true, 5)
}

// A subscription that ends while the gate reads it must not be kept as it was.
func TestForgetHoldsAgainstAReadUnderWay(t *testing.T) {
	var g *Gate
	var c *clock
	entitled, times := Entitlement{Grant: BySubscription}, 0
	g, c = newGate(storagetest.Open(t, storagetest.SQLite(t)), usual, asked(func(int64) (Entitlement, error) {
		times++
		was := entitled
		if times == 1 {
			entitled = Entitlement{}
			g.Forget(1) // the change log tells of the end before the read is answered
		}
		return was, nil
	}))
	g.admit(t, reader(1), metered(7))
	if d := g.admit(t, reader(1), metered(7)); d.Full() {
		t.Error("the ended subscription was kept")
	}
	// The same while the meter is read: what is written back beside it is the entitlement from before.
	begun := g.known.begin()
	n, _ := g.known.get(1, c.Now())
	g.Forget(1)
	if g.known.put(1, n, begun); len(g.known.byReader) != 0 {
		t.Error("what was forgotten came back")
	}
}

func TestErrorsFailClosed(t *testing.T) {
	broken := errors.New("the till is broken")
	db := storagetest.Open(t, storagetest.SQLite(t))
	g, _ := newGate(db, usual, asked(func(int64) (Entitlement, error) {
		return Entitlement{Grant: BySubscription}, broken
	}))
	for name, ask := range map[string]func(context.Context, Person, Article) (Decision, error){"Admit": g.Admit, "Unlock": g.Unlock} {
		for _, l := range []Level{Metered, Subscriber, Open} {
			d, err := ask(t.Context(), reader(1), Article{ID: 7, Level: l})
			if !errors.Is(err, broken) || d.Full() || d.Grant != None || d.Wall == NoWall || d.Article() != 7 {
				t.Errorf("%s, %s: %+v, %v", name, l, d, err)
			}
		}
	}
	if _, err := g.Explain(t.Context(), reader(1), metered(7)); !errors.Is(err, broken) {
		t.Errorf("Explain: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	g, _ = newGate(db, usual, nil)
	if d, err := g.Admit(gone, reader(1), metered(7)); err == nil || d.Full() {
		t.Errorf("without a database: %+v, %v", d, err)
	}
	if d, err := g.Admit(gone, Person{Visitor: "v"}, metered(7)); err == nil || d.Full() {
		t.Errorf("a visitor without a database: %+v, %v", d, err)
	}
	if d, err := g.Admit(gone, Person{}, Article{ID: 9, Level: Open}); err != nil || !d.Full() {
		t.Errorf("an open article needs no database: %+v, %v", d, err)
	}
}

func TestVelocityCap(t *testing.T) {
	p := usual
	p.HourlyArticles, p.DailyArticles = 3, 5
	var log strings.Builder
	g, c := newGate(storagetest.Open(t, storagetest.SQLite(t)), p, nil)
	g.log = slog.New(slog.NewTextHandler(&log, nil))
	opens := func(id int64, want bool) {
		t.Helper()
		d := g.admit(t, reader(subscriber), metered(id))
		if d.Full() != want || !want && d.Wall != SlowDown || d.Ads {
			t.Errorf("article %d: full %v before wall %s, want full %v", id, d.Full(), d.Wall, want)
		}
	}
	opens(1, true)
	opens(2, true)
	opens(2, true) // again costs nothing
	opens(3, true)
	opens(4, false)
	opens(4, false) // and stays so
	opens(1, true)  // what was opened stays open
	if d := g.admit(t, reader(subscriber), Article{ID: 50, Level: Open}); !d.Full() {
		t.Error("the cap closed an open article")
	}
	if d := g.admit(t, Person{Staff: true, Reader: subscriber}, metered(4)); !d.Full() {
		t.Error("the cap closed an article to staff")
	}
	if n := strings.Count(log.String(), "faster than its cap"); n != 1 {
		t.Errorf("%d alerts, want 1", n)
	}
	c.add(time.Hour)
	opens(4, true)
	opens(5, true)
	opens(6, false) // five in a day
	if err := g.Vouch(t.Context(), subscriber); err != nil {
		t.Fatal(err)
	}
	opens(6, true)
	c.add(24 * time.Hour)
	for id := int64(6); id < 9; id++ {
		opens(id, true) // a day later the first counts anew
	}
	opens(9, false)
	for id := range int64(100) {
		d, err := g.Admit(t.Context(), reader(1), metered(id))
		if err != nil || d.Wall != ReadThisOne {
			t.Fatalf("a reader without a subscription: %+v, %v", d, err)
		}
	}
}

// A browser that reads under what it paid for is counted by itself, whoever's address it gave (W-34).
func TestPassIsCountedApart(t *testing.T) {
	p := usual
	p.HourlyArticles = 2
	g, c := newGate(storagetest.Open(t, storagetest.SQLite(t)), p, nil)
	pass := Person{Pass: Pass{Contract: subscriber, Until: g.now().Add(time.Hour)}}
	for id := int64(1); id < 3; id++ {
		if d := g.admit(t, pass, metered(id)); !d.Full() {
			t.Fatalf("a pass does not open article %d", id)
		}
	}
	if d := g.admit(t, pass, metered(3)); d.Wall != SlowDown {
		t.Errorf("a pass has no cap: %+v", d)
	}
	if d := g.admit(t, reader(subscriber), metered(3)); !d.Full() {
		t.Error("what a pass opened counts as the reader's")
	}
	c.add(time.Hour)
	if d := g.admit(t, pass, metered(1)); d.Full() {
		t.Error("a pass opens after its end")
	}
}

// Who answers a mail at one node may read on at all of them.
func TestVouchingReachesEveryNode(t *testing.T) {
	p := usual
	p.HourlyArticles = 1
	all := asked(func(int64) (Entitlement, error) { return Entitlement{Grant: BySubscription}, nil })
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		here, _ := newGate(db, p, all)
		there, _ := newGate(db, p, all)
		for _, who := range []int64{subscriber, 7} {
			there.admit(t, reader(who), metered(1))
			if d := there.admit(t, reader(who), metered(2)); d.Wall != SlowDown {
				t.Fatalf("a second article within the hour: %+v", d)
			}
		}
		if err := here.Vouch(t.Context(), subscriber); err != nil {
			t.Fatal(err)
		}
		for _, c := range storagetest.Log(t, db) {
			there.Changed(c)
		}
		if d := there.admit(t, reader(subscriber), metered(2)); !d.Full() {
			t.Errorf("the other node still holds them up: %+v", d)
		}
		if d := there.admit(t, reader(7), metered(2)); d.Wall != SlowDown {
			t.Errorf("somebody else's count began anew as well: %+v", d)
		}
	})
}

func TestWithoutACapNothingIsCounted(t *testing.T) {
	g, _ := newGate(storagetest.Open(t, storagetest.SQLite(t)), usual, nil)
	for id := range int64(1000) {
		if d := g.admit(t, reader(subscriber), metered(id)); !d.Full() {
			t.Fatalf("article %d: %+v", id, d)
		}
	}
	if err := g.Vouch(t.Context(), subscriber); err != nil || len(storagetest.Log(t, g.db)) != 0 {
		t.Errorf("vouching without a cap writes: %v", err)
	}
	if len(g.pace.accounts) != 0 {
		t.Errorf("%d accounts counted", len(g.pace.accounts))
	}
}

func TestPaceForgetsIdleAccounts(t *testing.T) {
	p := newPace(60, 300)
	for r := range int64(100) {
		p.opened(r, 1, noon)
	}
	p.opened(500, 1, noon.Add(25*time.Hour))
	if len(p.accounts) != 1 {
		t.Errorf("%d accounts kept, want 1", len(p.accounts))
	}
}

func TestKnowledgeIsBounded(t *testing.T) {
	k := newKnowledge()
	for r := range int64(knownLimit) {
		k.put(r, known{read: noon}, 0)
	}
	k.put(-1, known{read: noon.Add(keepFor)}, 0)
	if len(k.byReader) != 1 {
		t.Errorf("%d readers kept after the old ones went, want 1", len(k.byReader))
	}
	for r := range int64(knownLimit) {
		k.put(r, known{read: noon.Add(keepFor)}, 0)
	}
	if len(k.byReader) > knownLimit {
		t.Errorf("%d readers kept, want no more than %d", len(k.byReader), knownLimit)
	}
}

func TestExplain(t *testing.T) {
	p := usual
	p.HourlyArticles = 1
	runWith(t, p, func(t *testing.T, g *Gate, c *clock) {
		if ok, err := g.Courtesy(t.Context(), CourtesyRequest{Visitor: "v", Address: "a", Network: "n", Article: 7}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		g.unlock(t, reader(1), metered(7))
		for id := int64(1); id <= 3; id++ {
			g.unlock(t, reader(2), metered(id))
		}
		ask := func(who Person, a Article) Explanation {
			x, err := g.Explain(t.Context(), who, a)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		for _, row := range []struct {
			who  Person
			a    Article
			want string
		}{
			{Person{}, Article{ID: 7, Level: Open}, "The article is open to everyone."},
			{Person{Staff: true}, metered(7), "Staff read everything."},
			{reader(3), Article{ID: 7, Level: Registered}, "The article is open to every reader with a confirmed address, and this is one."},
			{reader(1), metered(7), "The reader unlocked this article in the current period (1 of 3 used)."},
			{Person{Visitor: "v"}, metered(7), "This browser was given the article for an address."},
			{reader(subscriber), metered(7), `The reader has the plan "all-access" (subscription).`},
			{Person{}, Article{ID: 7, Level: Subscriber}, "The article is for subscribers, and the standing is anonymous."},
			{reader(1), Article{ID: 7, Level: Subscriber}, "The article is for subscribers, and the standing is registered."},
			{reader(1), metered(8), "The reader can still choose it: 2 of 3 free articles are left."},
			{Person{}, metered(7), "The article is metered, and nobody is signed in."},
			{Person{}, Article{ID: 7, Level: Registered}, "The article is registered, and nobody is signed in."},
			{reader(2), metered(8), "All 3 free articles of the period are used."},
		} {
			if x := ask(row.who, row.a); x.Text != row.want {
				t.Errorf("%+v before %+v: %s\nwant %s", row.who, row.a, x.Text, row.want)
			}
		}
		x := ask(reader(subscriber), metered(7))
		if x.Standing != Paid || x.Plan != "all-access" || !x.Until.Equal(noon.AddDate(1, 0, 0)) || !x.Decision.Full() {
			t.Errorf("of a subscriber: %+v", x)
		}
		if x := ask(reader(1), metered(7)); x.Standing != Reader || !x.Unlocked || x.Used != 1 {
			t.Errorf("of a reader: %+v", x)
		}
		g.admit(t, reader(subscriber), metered(20)) // asking above opened nothing, so this is the first
		if x := ask(reader(subscriber), metered(21)); !strings.Contains(x.Text, "more articles than its cap") || x.Decision.Full() {
			t.Errorf("of an account over its cap: %+v", x)
		}
		if x := ask(reader(subscriber), metered(20)); !x.Decision.Full() {
			t.Errorf("of what it opened before: %+v", x)
		}
	})
	none := usual
	none.Free = 0
	g, _ := newGate(storagetest.Open(t, storagetest.SQLite(t)), none, nil)
	if x, err := g.Explain(t.Context(), reader(1), metered(7)); err != nil || x.Text != "The article is metered, and there are no free articles." {
		t.Errorf("without free articles: %+v, %v", x, err)
	}
}

func TestReadersTakeTheirUnlocksWithThem(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		g.unlock(t, reader(1), metered(7))
		g.unlock(t, reader(2), metered(7))
		name, part, err := g.ExportReader(t.Context(), 1)
		list, ok := part.([]spentUnlock)
		if err != nil || !ok || name != "unlocks" || len(list) != 1 || list[0] != (spentUnlock{Article: 7, Period: "2026-11", At: noon}) {
			t.Errorf("exported %q %+v, %v", name, part, err)
		}
		err = g.db.Write(t.Context(), func(tx *storage.DB) error { return g.EraseReader(t.Context(), tx, 1) })
		if err != nil {
			t.Fatal(err)
		}
		if len(g.spentBy(t, 2)) != 1 {
			t.Error("another reader suffered")
		}
		_, part, err = g.ExportReader(t.Context(), 1)
		if list, _ := part.([]spentUnlock); err != nil || len(list) != 0 {
			t.Errorf("still tells %+v, %v", list, err)
		}
		g.Forget(1) // as for every line of the change log
		// Who comes back has spent what they had spent, and may choose the same article again.
		for article, want := range map[int64]bool{7: true, 8: true} {
			if d := g.unlock(t, reader(1), metered(article)); d.Full() != want {
				t.Errorf("article %d after coming back: %+v", article, d)
			}
		}
		if d := g.unlock(t, reader(1), metered(9)); d.Full() {
			t.Error("a deletion began the month anew")
		}
	})
}
