package readers

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	believedFor = 60 * time.Second // how long a session, once read, is believed (S-16, W-33)
	cacheLimit  = 20_000           // sessions in memory: about 10 MB
)

// cache keeps the sessions read last.
type cache struct {
	epoch    atomic.Uint64 // counts what was forgotten
	mu       sync.RWMutex
	byID     map[digest]kept
	byReader map[int64][]digest
}

type kept struct {
	session Session
	read    time.Time
}

func newCache() *cache { return &cache{byID: map[digest]kept{}, byReader: map[int64][]digest{}} }

func (c *cache) get(id digest, now time.Time) (Session, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	k, ok := c.byID[id]
	if age := now.Sub(k.read); !ok || age < 0 || age >= believedFor {
		return Session{}, false
	}
	return k.session, true
}

// mark is taken before a session is read and given to put: what was read before a sign-out and comes after it is not
// kept.
func (c *cache) mark() uint64 { return c.epoch.Load() }

func (c *cache) put(id digest, s Session, now time.Time, mark uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch.Load() != mark {
		return
	}
	if _, ok := c.byID[id]; !ok {
		if len(c.byID) >= cacheLimit {
			c.makeRoom(now)
		}
		c.byReader[s.Reader.ID] = append(c.byReader[s.Reader.ID], id)
	}
	c.byID[id] = kept{session: s, read: now}
}

// makeRoom drops what is believed no longer; when that is nothing, it drops everything.
func (c *cache) makeRoom(now time.Time) {
	for id, k := range c.byID {
		if now.Sub(k.read) >= believedFor {
			c.drop(k.session.Reader.ID)
			delete(c.byID, id)
		}
	}
	if len(c.byID) >= cacheLimit {
		clear(c.byID)
		clear(c.byReader)
	}
}

// drop forgets a reader's sessions.
func (c *cache) drop(reader int64) {
	for _, id := range c.byReader[reader] {
		delete(c.byID, id)
	}
	delete(c.byReader, reader)
}

func (c *cache) forget(reader int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch.Add(1)
	if reader == 0 {
		clear(c.byID)
		clear(c.byReader)
		return
	}
	c.drop(reader)
}
