package access

import (
	"sync"
	"time"
)

// pace counts how many different gated articles each account opened in the last hour and day (W-35), so that a
// subscription shared with a scraper shows. It is kept in memory, by node: a scraper spread over nodes is caught a
// little later. What clears a count clears it on all of them (Gate.Vouch).
type pace struct {
	hourly, daily int

	mu       sync.Mutex
	accounts map[int64]*account
	swept    time.Time
}

type account struct {
	opened  map[int64]time.Time // by article, when it was first opened within the day
	alerted bool
}

func newPace(hourly, daily int) *pace {
	return &pace{hourly: hourly, daily: daily, accounts: map[int64]*account{}}
}

// off reports that there is no cap, and nothing is counted.
func (p *pace) off() bool { return p.hourly == 0 && p.daily == 0 }

// opened notes that an account opens an article. over says the account may not open another now; first is true
// once, when it goes over.
func (p *pace) opened(reader, article int64, now time.Time) (over, first bool) {
	if p.off() {
		return false, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sweep(now)
	a := p.accounts[reader]
	if a == nil {
		a = &account{opened: map[int64]time.Time{}}
		p.accounts[reader] = a
	}
	switch again, beyond := p.judge(a, article, now); {
	case again:
		return false, false
	case beyond:
		first = !a.alerted
		a.alerted = true
		return true, first
	}
	a.alerted = false
	a.opened[article] = now
	return false, false
}

// over reports whether an account may not open an article now. It notes nothing.
func (p *pace) over(reader, article int64, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[reader]
	if a == nil {
		return false
	}
	_, beyond := p.judge(a, article, now)
	return beyond
}

// judge tells whether an account opens an article again within the day, which is free, and if not, whether another
// one is beyond the cap.
func (p *pace) judge(a *account, article int64, now time.Time) (again, beyond bool) {
	if _, again = a.opened[article]; again {
		return true, false
	}
	hour, day := a.count(now)
	return false, p.hourly > 0 && hour >= p.hourly || p.daily > 0 && day >= p.daily
}

func (a *account) count(now time.Time) (hour, day int) {
	for id, at := range a.opened {
		switch age := now.Sub(at); {
		case age >= 24*time.Hour:
			delete(a.opened, id)
		case age < time.Hour:
			hour++
			day++
		default:
			day++
		}
	}
	return hour, day
}

// sweep forgets idle accounts once an hour.
func (p *pace) sweep(now time.Time) {
	if now.Sub(p.swept) < time.Hour {
		return
	}
	p.swept = now
	for r, a := range p.accounts {
		if _, day := a.count(now); day == 0 {
			delete(p.accounts, r)
		}
	}
}

func (p *pace) clear(reader int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.accounts, reader)
}
