package access

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// generous is a policy under which articles are given away.
var generous = Policy{Free: 3, CourtesyDays: 30, CourtesiesByNetwork: 5, GiftArticles: 3, GiftDays: 14, GiftDevices: 2}

func inDepth(id int64) Article {
	return Article{ID: id, Level: Subscriber, Published: noon.AddDate(0, 0, -1)}
}

func (g *Gate) gift(t *testing.T, giver int64, a Article) Link {
	t.Helper()
	l, err := g.Give(t.Context(), Person{Reader: giver}, a)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (g *Gate) opens(t *testing.T, token, visitor string) error {
	t.Helper()
	_, err := g.OpenGift(t.Context(), token, visitor)
	return err
}

func TestGiftOpensOneArticleToThoseWhoHaveTheLink(t *testing.T) {
	runWith(t, generous, func(t *testing.T, g *Gate, c *clock) {
		for _, a := range []Article{metered(7), inDepth(8)} {
			l := g.gift(t, subscriber, a)
			if len(l.Token) < 43 {
				t.Fatalf("the token has %d characters", len(l.Token))
			}
			if id, free, err := g.GiftLink(t.Context(), l.Token); id != a.ID || !free || err != nil {
				t.Fatalf("a look: %d, %v, %v", id, free, err)
			}
			if d := g.admit(t, Person{Visitor: "v"}, a); d.Full() {
				t.Error("a look opens it")
			}
			if id, err := g.OpenGift(t.Context(), l.Token, "v"); id != a.ID || err != nil {
				t.Fatal(id, err)
			}
			for _, row := range []struct {
				name string
				who  Person
				a    Article
				want bool
			}{
				{"this browser", Person{Visitor: "v"}, a, true},
				{"signed in", Person{Visitor: "v", Reader: 1}, a, true},
				{"another article", Person{Visitor: "v"}, inDepth(9), false},
				{"another browser", Person{Visitor: "w"}, a, false},
				{"no browser", Person{}, a, false},
				{"made registered since", Person{Visitor: "v"}, Article{ID: a.ID, Level: Registered}, false},
			} {
				d := g.admit(t, row.who, row.a)
				if full := d.Full() && d.Grant == ByGift; full != row.want && row.who.Reader == 0 || d.Full() != row.want {
					t.Errorf("%s: %+v, want %v", row.name, d, row.want)
				}
			}
			if d := g.admit(t, Person{Visitor: "v", Reader: 1}, a); d.Left != 3 || !d.Ads {
				t.Errorf("a gift is not beside the free articles: %+v", d)
			}
		}
		c.add(14*days - time.Microsecond)
		if d := g.admit(t, Person{Visitor: "v"}, metered(7)); !d.Full() {
			t.Error("it ended early")
		}
		c.add(time.Microsecond)
		if d := g.admit(t, Person{Visitor: "v"}, metered(7)); d.Full() {
			t.Error("it did not end after 14 days")
		}
	})
}

// W-32: guessed, replayed on an eleventh device, and of a giver who no longer subscribes.
func TestW32GiftLinks(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		paying := atomic.Bool{}
		paying.Store(true)
		g, _ := newGate(db, generous, asked(func(reader int64) (Entitlement, error) {
			if reader == subscriber && paying.Load() {
				return Entitlement{Grant: BySubscription, Plan: "all-access"}, nil
			}
			return Entitlement{}, nil
		}))
		l := g.gift(t, subscriber, inDepth(7))
		for _, guess := range []string{"", "x", newGiftToken(), giftDigest(l.Token), l.Token + "A", l.Token[:42], " " + l.Token} {
			if err := g.opens(t, guess, "v"); !fault.Is(err, fault.NotFound) {
				t.Errorf("token %q: %v", guess, err)
			}
		}
		if err := g.opens(t, l.Token, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("a browser without a cookie: %v", err)
		}
		for range 5 { // the same browser again uses nothing up
			if err := g.opens(t, l.Token, "v1"); err != nil {
				t.Fatal(err)
			}
		}
		if err := g.opens(t, l.Token, "v2"); err != nil {
			t.Fatal(err)
		}
		if err := g.opens(t, l.Token, "v3"); !fault.Is(err, fault.Conflict) {
			t.Errorf("a device too many: %v", err)
		}
		if _, free, err := g.GiftLink(t.Context(), l.Token); free || err != nil {
			t.Errorf("a look at a link that is used up: %v, %v", free, err)
		}
		again := g.gift(t, subscriber, inDepth(7)) // another link to the same gift is no way around
		if err := g.opens(t, again.Token, "v3"); !fault.Is(err, fault.Conflict) || again.Left != l.Left {
			t.Errorf("a device too many by another link: %v, %d left", err, again.Left)
		}
		var kept int
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM gift_links WHERE token = $1`, l.Token).Scan(&kept); err != nil || kept != 0 {
			t.Errorf("the token stands in the database as it is: %d, %v", kept, err)
		}
		paying.Store(false)
		g.Forget(subscriber)
		if d := g.admit(t, Person{Visitor: "v1"}, inDepth(7)); d.Full() {
			t.Error("a gift outlives the subscription of its giver")
		}
		if err := g.opens(t, l.Token, "v1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link of a giver who lapsed: %v", err)
		}
		if _, err := g.Give(t.Context(), reader(subscriber), inDepth(7)); !fault.Is(err, fault.Denied) {
			t.Errorf("who lapsed gives: %v", err)
		}
		paying.Store(true)
		g.Forget(subscriber)
		if d := g.admit(t, Person{Visitor: "v1"}, inDepth(7)); !d.Full() {
			t.Error("it does not come back with the subscription")
		}
		if err := g.TakeBack(t.Context(), subscriber, "2026-11", 7); err != nil {
			t.Fatal(err)
		}
		if d := g.admit(t, Person{Visitor: "v1"}, inDepth(7)); d.Full() {
			t.Error("what was taken back is read")
		}
		if err := g.opens(t, l.Token, "v1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the link of a gift that was taken back: %v", err)
		}
	})
}

func TestGiftsOfAMonth(t *testing.T) {
	runWith(t, generous, func(t *testing.T, g *Gate, c *clock) {
		for i, want := range []int{2, 1, 0} {
			if l := g.gift(t, subscriber, metered(int64(i+1))); l.Left != want {
				t.Errorf("gift %d: %d left, want %d", i+1, l.Left, want)
			}
		}
		if _, err := g.Give(t.Context(), reader(subscriber), metered(4)); !fault.Is(err, fault.TooMany) {
			t.Errorf("one too many: %v", err)
		}
		if l := g.gift(t, subscriber, metered(2)); l.Left != 0 {
			t.Errorf("the same article again: %d left", l.Left)
		}
		for _, a := range []Article{{ID: 9, Level: Open}, {ID: 9, Level: Registered}} {
			if _, err := g.Give(t.Context(), reader(subscriber), a); !fault.Is(err, fault.Denied) {
				t.Errorf("an article that needs no gift: %v", err)
			}
		}
		for _, who := range []Person{{}, {Visitor: "v"}, reader(1), {Pass: Pass{Contract: 1, Until: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}}, {Staff: true}} {
			if _, err := g.Give(t.Context(), who, metered(9)); !fault.Is(err, fault.Denied) {
				t.Errorf("%+v gives: %v", who, err)
			}
		}
		list, left, err := g.Gifts(t.Context(), subscriber)
		if err != nil || left != 0 || len(list) != 3 || list[0].Devices != 2 || list[0].Ends.IsZero() {
			t.Fatalf("%+v, %d left, %v", list, left, err)
		}
		c.set(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
		if list, left, err := g.Gifts(t.Context(), subscriber); err != nil || left != 3 || len(list) != 3 {
			t.Errorf("the next month: %d, %d left, %v", len(list), left, err)
		}
		g.gift(t, subscriber, metered(4))
		c.set(time.Date(2027, 12, 2, 0, 0, 0, 0, time.UTC))
		if err := g.Cleanup(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, g.db, "gifts") + rows(t, g.db, "gift_links") + rows(t, g.db, "gift_devices"); n != 0 {
			t.Errorf("%d rows are kept for ever", n)
		}
	})
}

// S-14: exactly as many as there are, however many ask at once.
func TestParallelGifts(t *testing.T) {
	runWith(t, generous, func(t *testing.T, g *Gate, _ *clock) {
		var given, opened atomic.Int64
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_, err := g.Give(t.Context(), reader(subscriber), metered(int64(100+i%20)))
				if err == nil {
					given.Add(1)
				} else if !fault.Is(err, fault.TooMany) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := rows(t, g.db, "gifts"); n != 3 || given.Load() < 3 {
			t.Errorf("%d articles given, %d links", n, given.Load())
		}
		list, _, err := g.Gifts(t.Context(), subscriber)
		if err != nil {
			t.Fatal(err)
		}
		l := g.gift(t, subscriber, metered(list[0].Article))
		for i := range 40 {
			wg.Go(func() {
				_, err := g.OpenGift(t.Context(), l.Token, fmt.Sprint("v", i%20))
				if err == nil {
					opened.Add(1)
				} else if !fault.Is(err, fault.Conflict) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := rows(t, g.db, "gift_devices"); n != 2 || opened.Load() < 2 || opened.Load() > 4 {
			t.Errorf("%d devices, %d openings", n, opened.Load())
		}
	})
}
