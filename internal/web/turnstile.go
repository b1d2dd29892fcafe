package web

import (
	"sync"
	"time"
)

// A turnstile lets so many requests of one guest pass in a minute. It counts in memory, by node: it guards the machine,
// not a secret, and a count in the database would cost more than what it counts.
type turnstile struct {
	mu     sync.Mutex
	minute time.Time
	passed map[string]int // by guest, in this minute
}

// mostGuests bounds the memory of a turnstile. When more come in a minute, those that are new pass uncounted.
const mostGuests = 100_000

func newTurnstile() *turnstile { return &turnstile{passed: map[string]int{}} }

// pass counts a request of a guest, and returns 0, or how long the guest has to wait once the limit is passed.
func (t *turnstile) pass(guest string, limit int, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(t.minute) {
		t.minute = minute
		clear(t.passed)
	}
	n, known := t.passed[guest]
	if !known && len(t.passed) >= mostGuests {
		return 0
	}
	if n >= limit {
		return t.minute.Add(time.Minute).Sub(now)
	}
	t.passed[guest] = n + 1
	return 0
}
