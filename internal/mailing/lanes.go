package mailing

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"sync"
	"time"
)

// Limit is how fast and how broadly mail may go to one recipient domain. 0 means no limit.
type Limit struct {
	PerSecond float64
	AtOnce    int
}

// horizon is how far ahead a domain's mails are kept in memory; what would leave later waits in the ledger, so that a
// slow domain takes no room from the others.
const horizon = 10 * time.Second

// job is one mail to be sent.
type job struct {
	active *active
	batch  *batch
	row    row
	to     Recipient
	domain string
}

// lanes are the mails in memory: a queue for each recipient domain, with its pace. They are safe for concurrent use.
type lanes struct {
	now    func() time.Time
	limits map[string]Limit // by domain; "" for all others
	bell   chan struct{}    // something may be ready earlier than thought

	mu      sync.Mutex
	domains map[string]*lane
	ready   laneHeap // those with mail and a free place
	queued  int
	all     pace // of the whole node
	paused  map[string]time.Time
}

// lane is the queue of one domain.
type lane struct {
	domain string
	limit  Limit
	pace   pace
	queue  []*job
	flying int
	index  int // in the heap; -1 when it is not there

	booked     time.Time // the end of what was put off to the ledger
	taken      int       // since window, to know how fast it went
	window     time.Time
	slowedAt   time.Time
	slowedFrom float64 // the pace to come back to; only while slowed
	slowed     bool
}

// pace is a token bucket that holds one token.
type pace struct {
	perSecond float64 // 0: no limit
	next      time.Time
}

// take books a turn.
func (p *pace) take(now time.Time) {
	if p.next.Before(now) {
		p.next = now
	}
	if p.perSecond > 0 {
		p.next = p.next.Add(time.Duration(float64(time.Second) / p.perSecond))
	}
}

func newLanes(now func() time.Time, perSecond float64, limits map[string]Limit) *lanes {
	return &lanes{now: now, limits: limits, bell: make(chan struct{}, 1), domains: map[string]*lane{}, all: pace{perSecond: perSecond}}
}

func (l *lanes) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// add queues a mail. When its turn would not come within the horizon, it is not queued, and add returns the time at
// which to try again.
func (l *lanes) add(j *job) (later time.Time, queued bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if until, ok := l.paused[j.domain]; ok && until.After(now) {
		return until.Add(rand.N(time.Minute)), false
	}
	d := l.lane(j.domain)
	if len(d.queue) >= d.room() {
		return d.book(now), false
	}
	d.queue = append(d.queue, j)
	l.queued++
	l.settle(d)
	l.ring()
	return time.Time{}, true
}

func (l *lanes) lane(domain string) *lane {
	d := l.domains[domain]
	if d == nil {
		limit, ok := l.limits[domain]
		if !ok {
			limit = l.limits[""]
		}
		d = &lane{domain: domain, limit: limit, pace: pace{perSecond: limit.PerSecond}, index: -1, window: l.now()}
		l.domains[domain] = d
	}
	return d
}

// room is how many mails a lane may hold.
func (d *lane) room() int {
	n := math.MaxInt
	if d.pace.perSecond > 0 {
		n = min(n, int(d.pace.perSecond*horizon.Seconds()))
	}
	if d.limit.AtOnce > 0 {
		n = min(n, 20*d.limit.AtOnce)
	}
	return max(n, 1)
}

// book returns the time after what was put off already.
func (d *lane) book(now time.Time) time.Time {
	step := horizon / 20
	if d.pace.perSecond > 0 {
		step = time.Duration(float64(time.Second) / d.pace.perSecond)
	}
	if soonest := now.Add(horizon / 2); d.booked.Before(soonest) {
		d.booked = soonest
	}
	d.booked = d.booked.Add(step)
	return d.booked
}

// settle puts a lane where it belongs: among the ready ones, or not, or away.
func (l *lanes) settle(d *lane) {
	open := len(d.queue) > 0 && (d.limit.AtOnce == 0 || d.flying < d.limit.AtOnce)
	switch {
	case open && d.index < 0:
		heap.Push(&l.ready, d)
	case open:
		heap.Fix(&l.ready, d.index)
	case d.index >= 0:
		heap.Remove(&l.ready, d.index)
	}
	if now := l.now(); len(d.queue) == 0 && d.flying == 0 && !d.slowed && !d.pace.next.After(now) && !d.booked.After(now) {
		delete(l.domains, d.domain)
	}
}

// take returns the next mail whose turn it is, or how long to wait for one: 0 for until the bell rings.
func (l *lanes) take() (j *job, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ready) == 0 {
		return nil, 0
	}
	now, d := l.now(), l.ready[0]
	at := d.pace.next
	if l.all.next.After(at) {
		at = l.all.next
	}
	if at.After(now) {
		return nil, at.Sub(now)
	}
	j = d.queue[0]
	d.queue[0], d.queue = nil, d.queue[1:]
	if len(d.queue) == 0 {
		d.queue = nil
	}
	l.queued--
	d.flying++
	d.taken++
	d.recover(now)
	d.pace.take(now)
	l.all.take(now)
	l.settle(d)
	return j, 0
}

// done says that a mail is no longer under way, and whether its domain asked us to slow down.
func (l *lanes) done(domain string, slow bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.lane(domain)
	d.flying = max(0, d.flying-1)
	if slow {
		d.slow(l.now())
	}
	l.settle(d)
	if d.index >= 0 {
		l.ring()
	}
}

const (
	slowest    = 0.1              // mails a second
	slowPause  = 5 * time.Second  // after the domain asked
	slowAgain  = 10 * time.Second // what is said within this time is about the same mails
	recoverIn  = time.Minute      // without being asked again, half as fast again
	fastEnough = 1000.0           // mails a second at which a lane that had no limit has none again
)

// slow halves the pace at which the lane went lately.
func (d *lane) slow(now time.Time) {
	if d.slowed && now.Sub(d.slowedAt) < slowAgain {
		return
	}
	was := d.pace.perSecond
	if lately := float64(d.taken) / max(now.Sub(d.window), time.Second).Seconds(); was == 0 || lately < was {
		was = lately
	}
	if !d.slowed {
		d.slowed, d.slowedFrom = true, d.limit.PerSecond
	}
	d.pace = pace{perSecond: max(was/2, slowest), next: now.Add(slowPause)}
	d.slowedAt, d.taken, d.window = now, 0, now
}

// recover lets a lane that was slowed go faster after a while.
func (d *lane) recover(now time.Time) {
	if now.Sub(d.window) > recoverIn {
		d.taken, d.window = 1, now
	}
	if !d.slowed || now.Sub(d.slowedAt) < recoverIn {
		return
	}
	d.slowedAt = now
	d.pace.perSecond *= 1.5
	if ceiling := d.slowedFrom; ceiling > 0 && d.pace.perSecond >= ceiling || ceiling == 0 && d.pace.perSecond >= fastEnough {
		d.slowed, d.pace.perSecond = false, ceiling
	}
}

// hold lets nothing go before a time.
func (l *lanes) hold(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until.After(l.all.next) {
		l.all.next = until
	}
}

// pause holds back mails to domains that are queued from now on.
func (l *lanes) pause(domains []DomainPause) {
	paused := make(map[string]time.Time, len(domains))
	for _, d := range domains {
		paused[d.Domain] = d.Until
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused = paused
}

// length is how many mails wait in memory.
func (l *lanes) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queued
}

// laneHeap has the lane whose turn comes first on top.
type laneHeap []*lane

func (h laneHeap) Len() int           { return len(h) }
func (h laneHeap) Less(i, k int) bool { return h[i].pace.next.Before(h[k].pace.next) }
func (h laneHeap) Swap(i, k int)      { h[i], h[k] = h[k], h[i]; h[i].index, h[k].index = i, k }

// Push implements heap.Interface.
func (h *laneHeap) Push(x any) {
	d := x.(*lane)
	d.index = len(*h)
	*h = append(*h, d)
}

// Pop implements heap.Interface.
func (h *laneHeap) Pop() any {
	old := *h
	d := old[len(old)-1]
	old[len(old)-1], d.index = nil, -1
	*h = old[:len(old)-1]
	return d
}
