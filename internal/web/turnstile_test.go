package web

import (
	"fmt"
	"testing"
	"time"
)

func TestTurnstile(t *testing.T) {
	g, at := newTurnstile(), time.Date(2026, 11, 16, 9, 0, 40, 0, time.UTC)
	for i, c := range []struct {
		guest string
		after time.Duration
		wait  time.Duration
	}{
		{"a", 0, 0}, {"a", 0, 0}, {"a", 0, 20 * time.Second}, {"b", 0, 0}, {"a", 5 * time.Second, 15 * time.Second},
		{"a", 20 * time.Second, 0}, {"a", 20 * time.Second, 0}, {"a", 21 * time.Second, 59 * time.Second},
	} {
		if wait := g.pass(c.guest, 2, at.Add(c.after)); wait != c.wait {
			t.Errorf("request %d, of %s: wait %s, want %s", i+1, c.guest, wait, c.wait)
		}
	}
}

func TestTurnstileHasAnEnd(t *testing.T) {
	g := newTurnstile()
	for i := range mostGuests + 100 {
		g.pass(fmt.Sprint(i), 1, testStart)
	}
	if len(g.passed) != mostGuests {
		t.Errorf("%d guests are remembered", len(g.passed))
	}
	if g.pass("0", 1, testStart) == 0 {
		t.Error("a guest who is known passes a second time")
	}
	if g.pass("new", 1, testStart) != 0 || g.pass("new", 1, testStart.Add(time.Minute)) != 0 {
		t.Error("a guest who is new has to wait")
	}
}
