package insights

import (
	"cmp"
	"slices"
	"sync"
)

// shards is how many counters stand side by side: enough that one is free whenever another is held.
const shards = 16

// tally counts in memory. An article has its shard; an opening that finds it held goes to the next that is free, so
// that the article everybody reads is not one lock everybody waits for.
type tally struct {
	shards [shards]shard
}

type shard struct {
	mu     sync.Mutex
	counts map[int64]int64
	spare  map[int64]int64 // empty, takes turns with counts so that neither has to grow again
	_      [40]byte        // a cache line for each shard
}

func newTally() *tally {
	t := &tally{}
	for i := range t.shards {
		t.shards[i].counts, t.shards[i].spare = map[int64]int64{}, map[int64]int64{}
	}
	return t
}

// add counts one opening. A shard is held for some nanoseconds, never across a wait, so that looking for a free one
// ends.
func (t *tally) add(article int64) {
	for at := uint64(article); ; at++ {
		if s := &t.shards[at%shards]; s.mu.TryLock() {
			s.counts[article]++
			s.mu.Unlock()
			return
		}
	}
}

// take returns what was counted since the last time, one count for each article, in the order of their ids: two nodes
// that write the same articles then wait for each other in one direction only. One take runs at a time.
func (t *tally) take() []count {
	sum := map[int64]int64{}
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		full := s.counts
		s.counts = s.spare
		s.mu.Unlock()
		for article, n := range full {
			sum[article] += n
		}
		clear(full)
		s.spare = full
	}
	out := make([]count, 0, len(sum))
	for article, n := range sum {
		out = append(out, count{article, n})
	}
	slices.SortFunc(out, func(a, b count) int { return cmp.Compare(a.article, b.article) })
	return out
}
