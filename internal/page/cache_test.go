package page

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// ticker is a time that tests set.
type ticker struct{ now time.Time }

func (c *ticker) Now() time.Time { return c.now }

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestCacheExpiry(t *testing.T) {
	at := &ticker{noon}
	c := NewCache[string, int](100, at.Now)
	c.Put("a", 1, 10, noon.Add(time.Minute), c.Generation())
	for _, step := range []struct {
		at time.Time
		ok bool
	}{{noon, true}, {noon.Add(time.Minute), true}, {noon.Add(time.Minute + 1), false}} {
		at.now = step.at
		if v, ok := c.Get("a"); ok != step.ok || ok && v != 1 {
			t.Errorf("at %s: %d, %v", step.at, v, ok)
		}
	}
	if v, ok := c.Get("b"); ok || v != 0 {
		t.Errorf("never put: %d, %v", v, ok)
	}
	c.Put("a", 2, 10, at.now.Add(time.Minute), c.Generation())
	if v, ok := c.Get("a"); !ok || v != 2 {
		t.Errorf("put anew: %d, %v", v, ok)
	}
}

func TestCacheKeepsToItsLimit(t *testing.T) {
	at := &ticker{noon}
	c := NewCache[int, int](1000, at.Now)
	until := noon.Add(time.Hour)
	for k := range 10_000 {
		c.Put(k, k, 7, until, c.Generation())
		if _, ok := c.Get(k); !ok {
			t.Fatalf("%d was not kept when it was put", k)
		}
		c.Get(1) // the one that is always wanted
		if c.bytes > 1000 || c.bytes != 7*c.Len() {
			t.Fatalf("after %d: %d values of %d bytes", k, c.Len(), c.bytes)
		}
	}
	if c.Len() < 50 {
		t.Errorf("%d values kept, of about 140 that fit", c.Len())
	}
	c.Put(1, 1, 1001, until, c.Generation())
	if c.bytes > 1000 {
		t.Error("kept more than its limit in one value")
	}
	for range 3 { // a value in place of one with the same key
		c.Put(-1, 1, 500, until, c.Generation())
	}
	sum := 0
	for _, e := range c.entries {
		sum += e.size
	}
	if c.bytes != sum || sum > 1000 {
		t.Errorf("counts %d bytes and keeps %d", c.bytes, sum)
	}
}

func TestCacheKeepsWhatIsUsed(t *testing.T) {
	c := NewCache[int, int](100, (&ticker{noon}).Now)
	until := noon.Add(time.Hour)
	for k := range 10 {
		c.Put(k, k, 10, until, c.Generation())
	}
	for k := range 5 {
		c.Get(k)
	}
	c.Put(10, 10, 10, until, c.Generation()) // makes room down to nine tenths
	for k := range 5 {
		if _, ok := c.Get(k); !ok {
			t.Errorf("%d was used and went before those that were not", k)
		}
	}
	if _, ok := c.Get(10); !ok || c.Len() != 9 {
		t.Errorf("the new one kept: %v; %d values, want 9", ok, c.Len())
	}
}

func TestCacheDrop(t *testing.T) {
	c := NewCache[string, int](100, nil)
	until := time.Now().Add(time.Hour)
	for _, k := range []string{"a1", "a2", "b1"} {
		c.Put(k, 1, 10, until, c.Generation())
	}
	before := c.Generation()
	c.Drop(func(k string) bool { return k[0] == 'a' })
	if _, ok := c.Get("b1"); !ok || c.Len() != 1 || c.bytes != 10 {
		t.Errorf("dropped the wrong ones: %d values, %d bytes", c.Len(), c.bytes)
	}
	c.Put("a1", 2, 10, until, before)
	if v, ok := c.Get("a1"); ok {
		t.Errorf("what was made before the drop is kept: %d", v)
	}
	c.Put("a1", 3, 10, until, c.Generation())
	if v, ok := c.Get("a1"); !ok || v != 3 {
		t.Errorf("what was made after it is not: %d, %v", v, ok)
	}
	before = c.Generation()
	c.Clear()
	if c.Put("a1", 4, 10, until, before); c.Len() != 0 || c.bytes != 0 {
		t.Errorf("after Clear: %d values, %d bytes", c.Len(), c.bytes)
	}
}

func TestCacheUnderConcurrentUse(t *testing.T) {
	c := NewCache[string, string](2000, nil)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 2000 {
				k := fmt.Sprint((i * (w + 1)) % 300)
				if v, ok := c.Get(k); ok && v != "value of "+k {
					t.Errorf("%s: %s", k, v)
				}
				c.Put(k, "value of "+k, 10, time.Now().Add(time.Hour), c.Generation())
				if i%500 == 0 {
					c.Drop(func(k string) bool { return k < "2" })
				}
			}
		})
	}
	wg.Wait()
	if c.bytes != 10*c.Len() || c.bytes > 2000 {
		t.Errorf("%d values of %d bytes", c.Len(), c.bytes)
	}
}
