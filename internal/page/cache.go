package page

import (
	"sync"
	"sync/atomic"
	"time"
)

// A Cache keeps values up to a number of bytes. What was not used since the last round goes first (second chance). A
// value has a time after which it is not given out; dropping is at once. It is safe for concurrent use.
type Cache[K comparable, V any] struct {
	limit int
	now   func() time.Time

	mu         sync.RWMutex
	entries    map[K]*entry[V]
	bytes      int
	generation uint64
}

type entry[V any] struct {
	value V
	size  int
	until time.Time
	used  atomic.Bool
}

// NewCache returns a cache of a number of bytes. now may be nil for the system's clock.
func NewCache[K comparable, V any](limit int, now func() time.Time) *Cache[K, V] {
	if now == nil {
		now = time.Now
	}
	return &Cache[K, V]{limit: limit, now: now, entries: map[K]*entry[V]{}}
}

// Get returns the value of a key, if there is one that is fresh.
func (c *Cache[K, V]) Get(k K) (v V, ok bool) {
	c.mu.RLock()
	e := c.entries[k]
	c.mu.RUnlock()
	if e == nil || c.now().After(e.until) {
		return v, false
	}
	if !e.used.Load() {
		e.used.Store(true)
	}
	return e.value, true
}

// Generation is to be read before a value is made, and given to Put: a value made from what has since been dropped
// is not kept.
func (c *Cache[K, V]) Generation() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.generation
}

// Put keeps a value of a size in bytes until a time, unless something was dropped since the generation.
func (c *Cache[K, V]) Put(k K, v V, size int, until time.Time, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation || size > c.limit {
		return
	}
	if old := c.entries[k]; old != nil {
		c.bytes -= old.size
	}
	c.entries[k] = &entry[V]{value: v, size: size, until: until}
	c.bytes += size
	if c.bytes > c.limit {
		c.evict(k)
	}
}

// evict makes room down to nine tenths of the limit, passing over what was used since the last time, and over keep.
func (c *Cache[K, V]) evict(keep K) {
	for range 2 {
		for k, e := range c.entries {
			if c.bytes <= c.limit*9/10 {
				return
			}
			if k != keep && !e.used.Swap(false) {
				c.bytes -= e.size
				delete(c.entries, k)
			}
		}
	}
}

// Drop removes the values whose key satisfies a condition.
func (c *Cache[K, V]) Drop(which func(K) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	for k, e := range c.entries {
		if which(k) {
			c.bytes -= e.size
			delete(c.entries, k)
		}
	}
}

// Clear removes everything.
func (c *Cache[K, V]) Clear() { c.Drop(func(K) bool { return true }) }

// Len returns how many values are kept.
func (c *Cache[K, V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.entries)
}
