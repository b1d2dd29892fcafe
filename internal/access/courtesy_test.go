package access

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func (g *Gate) courtesy(t *testing.T, visitor, address, network string, article int64) bool {
	t.Helper()
	ok, err := g.Courtesy(t.Context(), CourtesyRequest{Visitor: visitor, Address: address, Network: network, Article: article})
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

func TestCourtesyOpensOneArticleToOneBrowser(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		if !g.courtesy(t, "v", "a", "n", 7) {
			t.Fatal("the first courtesy was refused")
		}
		for _, row := range []struct {
			name string
			who  Person
			a    Article
			want bool
		}{
			{"this browser, this article", Person{Visitor: "v"}, metered(7), true},
			{"and signed in", Person{Visitor: "v", Reader: 1}, metered(7), true},
			{"another article", Person{Visitor: "v"}, metered(8), false},
			{"another browser", Person{Visitor: "w"}, metered(7), false},
			{"no browser", Person{}, metered(7), false},
			{"made subscribers' since", Person{Visitor: "v"}, Article{ID: 7, Level: Subscriber}, false},
			{"made registered since", Person{Visitor: "v"}, Article{ID: 7, Level: Registered}, false},
		} {
			if d := g.admit(t, row.who, row.a); d.Full() != row.want || row.want && d.Grant != ByCourtesy {
				t.Errorf("%s: %+v, want full %v", row.name, d, row.want)
			}
		}
		if d := g.admit(t, Person{Visitor: "v", Reader: 1}, metered(7)); d.Left != 3 {
			t.Errorf("the courtesy counts against the free articles: %d left", d.Left)
		}
		c.add(30*days - time.Microsecond)
		if d := g.admit(t, Person{Visitor: "v"}, metered(7)); !d.Full() {
			t.Error("it ended early")
		}
		c.add(time.Microsecond)
		if d := g.admit(t, Person{Visitor: "v"}, metered(7)); d.Full() {
			t.Error("it did not end")
		}
	})
}

func TestCourtesyLimits(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		for i, step := range []struct {
			name                      string
			visitor, address, network string
			article                   int64
			wait                      time.Duration
			want                      bool
		}{
			{"the first", "v1", "a1", "n1", 1, 0, true},
			{"the same again", "v1", "a1", "n1", 1, 0, true},
			{"its visitor, with another address", "v1", "a2", "n2", 2, 0, false},
			{"its address, in another browser", "v2", "a1", "n2", 2, 0, false},
			{"its article, with both", "v1", "a2", "n2", 1, 0, true}, // the browser holds it
			{"a refusal uses nothing up", "v2", "a2", "n2", 2, 0, true},
			{"its network, second", "v3", "a3", "n1", 1, 0, true},
			{"third", "v4", "a4", "n1", 1, 0, true},
			{"fourth", "v5", "a5", "n1", 1, time.Hour, true},
			{"fifth", "v6", "a6", "n1", 1, 0, true},
			{"sixth", "v7", "a7", "n1", 1, 0, false},
			{"sixth, from elsewhere", "v7", "a7", "n3", 1, 0, true},
			{"not a day after the first", "v8", "a8", "n1", 1, 22*time.Hour + 59*time.Minute, false},
			{"a day after the first", "v8", "a8", "n1", 1, time.Minute, true},
			{"the visitor within 30 days", "v1", "a9", "n4", 9, 28 * days, false},
			{"the visitor after 30 days", "v1", "a9", "n4", 9, days, true},
			{"the address after 30 days", "v9", "a1", "n4", 9, 0, true},
		} {
			c.add(step.wait)
			if have := g.courtesy(t, step.visitor, step.address, step.network, step.article); have != step.want {
				t.Errorf("step %d, %s: %v, want %v", i+1, step.name, have, step.want)
			}
		}
	})
}

func TestParallelCourtesies(t *testing.T) {
	same := func(word string) func(int) string { return func(int) string { return word } }
	each := func(word string) func(int) string { return func(i int) string { return fmt.Sprint(word, i) } }
	run(t, func(t *testing.T, g *Gate, _ *clock) {
		for _, c := range []struct {
			name                      string
			visitor, address, network func(i int) string
			want                      int
		}{
			{"one address in many browsers", each("v"), same("a"), each("n"), 1},
			{"one browser with many addresses", same("v"), each("a"), each("n"), 1},
			{"one network", each("v"), each("a"), same("n"), 5},
			{"one address in one network", each("v"), same("a"), same("n"), 1},
			{"nothing in common", each("v"), each("a"), each("n"), 50},
		} {
			before := rows(t, g.db, "courtesies")
			var given atomic.Int64
			var wg sync.WaitGroup
			for i := range 50 {
				r := CourtesyRequest{Visitor: c.name + c.visitor(i), Address: c.name + c.address(i), Network: c.name + c.network(i),
					Article: int64(i)} // each another, as a browser holds the one it was given whoever asks
				wg.Go(func() {
					ok, err := g.Courtesy(t.Context(), r)
					if err != nil {
						t.Error(err)
					}
					if ok {
						given.Add(1)
					}
				})
			}
			wg.Wait()
			if stored := rows(t, g.db, "courtesies") - before; int(given.Load()) != c.want || stored != c.want {
				t.Errorf("%s: %d given, %d stored; want %d", c.name, given.Load(), stored, c.want)
			}
		}
	})
}
