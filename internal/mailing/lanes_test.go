package mailing

import (
	"testing"
	"time"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time           { return c.at }
func (c *clock) advance(by time.Duration) { c.at = c.at.Add(by) }

// put queues mails to a domain and returns how many found room.
func put(l *lanes, domain string, n int) (queued int) {
	for range n {
		if _, ok := l.add(&job{domain: domain}); ok {
			queued++
		}
	}
	return queued
}

// drain takes what may go now, and says that it is through.
func drain(l *lanes) (n int, wait time.Duration) {
	for {
		j, wait := l.take()
		if j == nil {
			return n, wait
		}
		l.done(j.domain, false)
		n++
	}
}

func TestLanesKeepThePace(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 0, map[string]Limit{"slow.example": {PerSecond: 2}})
	if n := put(l, "slow.example", 50); n != 20 { // what leaves within the horizon
		t.Errorf("%d of 50 were queued, want 20", n)
	}
	put(l, "fast.example", 100)
	if n, wait := drain(l); n != 101 || wait != 500*time.Millisecond {
		t.Errorf("%d left at once, then %s; want 101 and half a second", n, wait)
	}
	for range 19 {
		c.advance(500 * time.Millisecond)
		if n, _ := drain(l); n != 1 {
			t.Fatalf("%d left after half a second", n)
		}
	}
	if _, wait := l.take(); wait != 0 || l.length() != 0 {
		t.Errorf("%d left over, %s to wait", l.length(), wait)
	}
	c.advance(time.Minute)
	put(l, "fast.example", 1)
	drain(l)
	if _, there := l.domains["fast.example"]; there {
		t.Error("a lane without mail takes memory")
	}
}

// What does not fit within the horizon is put off, each to a time of its own, in the order of the pace.
func TestLanesPutOff(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 0, map[string]Limit{"": {PerSecond: 1}})
	put(l, "a.example", 10)
	var last time.Time
	for i := range 5 {
		later, ok := l.add(&job{domain: "a.example"})
		if ok || !later.After(c.now()) || i > 0 && later.Sub(last) != time.Second {
			t.Errorf("the %dth is put off to %s, queued %v", i, later, ok)
		}
		last = later
	}
}

func TestLanesAtOnce(t *testing.T) {
	l := newLanes(newClock().now, 0, map[string]Limit{"a.example": {AtOnce: 2}})
	put(l, "a.example", 5)
	for range 2 {
		if j, _ := l.take(); j == nil {
			t.Fatal("two may be under way")
		}
	}
	if j, _ := l.take(); j != nil {
		t.Error("a third is under way")
	}
	l.done("a.example", false)
	if j, _ := l.take(); j == nil {
		t.Error("a place is free, and nothing goes")
	}
}

// A node's own pace holds for all domains together, and hold stops them all.
func TestLanesOfTheNode(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 10, nil)
	put(l, "a.example", 10)
	put(l, "b.example", 10)
	sent := 0
	for range 10 {
		n, _ := drain(l)
		sent += n
		c.advance(100 * time.Millisecond)
	}
	if sent != 10 {
		t.Errorf("%d left in a second, want 10", sent)
	}
	l.hold(c.now().Add(time.Minute))
	if n, wait := drain(l); n != 0 || wait != time.Minute {
		t.Errorf("%d left while all is held, %s to wait", n, wait)
	}
}

// A domain that asks to slow down waits, goes half as fast, and half as fast again when it asks again, not for what it
// says about the same mails; left in peace it comes back to its own pace.
func TestLanesSlowDown(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 0, map[string]Limit{"": {PerSecond: 8}})
	put(l, "a.example", 80)
	for range 40 {
		drain(l)
		c.advance(125 * time.Millisecond)
	}
	d := l.domains["a.example"]
	l.done("a.example", true)
	if d.pace.perSecond != 4 {
		t.Errorf("%g a second, want 4", d.pace.perSecond)
	}
	l.done("a.example", true)
	if _, wait := l.take(); d.pace.perSecond != 4 || wait != slowPause {
		t.Errorf("asked twice about the same mails: %g a second after %s, want 4 after %s", d.pace.perSecond, wait, slowPause)
	}
	c.advance(slowAgain)
	drain(l)
	l.done("a.example", true)
	if d.pace.perSecond >= 4 || d.pace.perSecond < slowest {
		t.Errorf("asked again: %g a second", d.pace.perSecond)
	}
	for range 20 {
		put(l, "a.example", 1)
		c.advance(recoverIn + slowPause)
		drain(l)
	}
	if d.slowed || d.pace.perSecond != 8 {
		t.Errorf("after minutes of peace: slowed %v, %g a second, want its own 8", d.slowed, d.pace.perSecond)
	}
}

func TestLanesNeverStop(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 0, nil)
	put(l, "a.example", 2)
	for range 20 {
		l.done("a.example", true)
		c.advance(slowAgain)
	}
	if got := l.domains["a.example"].pace.perSecond; got != slowest {
		t.Errorf("%g a second, want %g", got, slowest)
	}
}

func TestLanesPausedDomain(t *testing.T) {
	c := newClock()
	l := newLanes(c.now, 0, nil)
	until := c.now().Add(time.Hour)
	l.pause([]DomainPause{{Domain: "a.example", Until: until}})
	if later, ok := l.add(&job{domain: "a.example"}); ok || later.Before(until) || later.After(until.Add(time.Minute)) {
		t.Errorf("queued %v, put off to %s", ok, later)
	}
	if put(l, "b.example", 1) != 1 {
		t.Error("another domain waits too")
	}
	c.advance(time.Hour)
	if put(l, "a.example", 1) != 1 {
		t.Error("the pause is over, and the domain waits")
	}
}
