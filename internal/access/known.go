package access

import (
	"context"
	"slices"
	"sync"
	"time"
)

// keepFor bounds how long an entitlement, once read, is believed (S-16).
const keepFor = 60 * time.Second

// knownLimit bounds how many readers are kept in memory.
const knownLimit = 50_000

// known is what the gate remembers of a reader. A kept unlock is a fact for its whole period. That one is missing is
// believed where no other node can have spent it, and asked for again each time where one can.
type known struct {
	entitlement Entitlement
	read        time.Time
	period      string
	unlocked    []int64
	stamp       uint64 // another one after each change
}

type knowledge struct {
	mu       sync.RWMutex
	byReader map[int64]known
	forgot   uint64 // counts calls of forget: what was read before one is not kept after it
	stamps   uint64 // the last one given
}

func newKnowledge() *knowledge { return &knowledge{byReader: map[int64]known{}} }

func (k *knowledge) get(reader int64, now time.Time) (known, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	n, ok := k.byReader[reader]
	return n, ok && now.Sub(n.read) < keepFor && !now.Before(n.read)
}

// begin is to be called before what is put is read.
func (k *knowledge) begin() uint64 {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.forgot
}

func (k *knowledge) put(reader int64, n known, begun uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if begun != k.forgot {
		return
	}
	if len(k.byReader) >= knownLimit {
		k.evict(n.read)
	}
	k.set(reader, n)
}

// set keeps n under a new stamp.
func (k *knowledge) set(reader int64, n known) {
	k.stamps++
	n.stamp = k.stamps
	k.byReader[reader] = n
}

// evict drops what is too old to be believed, or everything when all of it is fresh.
func (k *knowledge) evict(now time.Time) {
	for r, n := range k.byReader {
		if now.Sub(n.read) >= keepFor {
			delete(k.byReader, r)
		}
	}
	if len(k.byReader) >= knownLimit {
		clear(k.byReader)
	}
}

func (k *knowledge) forget(reader int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forgot++
	if reader == 0 {
		clear(k.byReader)
		return
	}
	delete(k.byReader, reader)
}

// unlock notes an article that a reader has just spent on, so that the count beside those spent before is right.
func (k *knowledge) unlock(reader int64, period string, article int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	n, ok := k.byReader[reader]
	if !ok {
		return
	}
	if n.period == period && !slices.Contains(n.unlocked, article) {
		n.unlocked = append(slices.Clip(n.unlocked), article) // get has given the slice away
	}
	k.set(reader, n) // so that learn does not keep what was read before
}

// learn notes what a reader has spent in a period, unless something has changed since was was got.
func (k *knowledge) learn(reader int64, was known, period string, spent []Unlock) {
	unlocked := make([]int64, len(spent))
	for i, u := range spent {
		unlocked[i] = u.Article
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if n, ok := k.byReader[reader]; ok && n.stamp == was.stamp {
		n.period, n.unlocked = period, unlocked
		k.set(reader, n)
	}
}

// know returns what is known of a reader, reading it anew when it is older than keepFor.
func (g *Gate) know(ctx context.Context, reader int64, now time.Time) (known, error) {
	if n, ok := g.known.get(reader, now); ok {
		return n, nil
	}
	begun := g.known.begin()
	e, err := g.entitlements.Active(ctx, reader, now)
	if err != nil {
		return known{}, err
	}
	n := known{entitlement: e, read: now}
	g.known.put(reader, n, begun)
	return n, nil
}

// meter returns whether an article is unlocked for a reader in the current period, and how many are.
func (g *Gate) meter(ctx context.Context, reader, article int64, now time.Time) (unlocked bool, used int, err error) {
	period := g.policy.Period(now)
	n, fresh := g.known.get(reader, now)
	if !g.policy.Rolling && fresh && n.period == period {
		unlocked = slices.Contains(n.unlocked, article)
		if unlocked || !g.db.Shared() {
			return unlocked, len(n.unlocked), nil
		}
	}
	spent, err := g.spent(ctx, g.db, reader, now)
	if err != nil {
		return false, 0, err
	}
	if fresh {
		g.known.learn(reader, n, period, spent)
	}
	unlocked = slices.ContainsFunc(spent, func(u Unlock) bool { return u.Article == article })
	return unlocked, len(spent), nil
}
