package readers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// How often visits are written down, and how long the last of them may take when Run ends.
const (
	visitsEvery = time.Second
	lastVisits  = 5 * time.Second
)

// visits are the last uses of sessions that wait to be written: reading waits for no write.
type visits struct {
	mu sync.Mutex
	at map[digest]time.Time
}

func (v *visits) note(id digest, at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at == nil {
		v.at = map[digest]time.Time{}
	}
	v.at[id] = at
}

func (v *visits) take() map[digest]time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	at := v.at
	v.at = nil
	return at
}

// Run writes down when sessions were used, a second later at the most and all of a second at once, until ctx ends. Its
// error is always nil.
func (r *Readers) Run(ctx context.Context) error {
	tick := time.NewTicker(visitsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastVisits)
			defer cancel()
			r.logVisits(last)
			return nil
		case <-tick.C:
			r.logVisits(ctx)
		}
	}
}

// logVisits passes over visits that cannot be written: the next one of the session is noted again.
func (r *Readers) logVisits(ctx context.Context) {
	if err := r.WriteVisits(ctx); err != nil && ctx.Err() == nil {
		r.options.Log.Error("readers: note visits", "error", err)
	}
}

// WriteVisits writes down the visits noted since the last time. A visit is noted once in ten minutes, however many nodes
// it is noted by.
func (r *Readers) WriteVisits(ctx context.Context) error {
	at := r.visits.take()
	if len(at) == 0 {
		return nil
	}
	// In one order, so that no two nodes wait for each other.
	ids := slices.SortedFunc(maps.Keys(at), func(a, b digest) int { return cmp.Compare(a.String(), b.String()) })
	err := r.db.Write(ctx, func(tx *storage.DB) error {
		for _, id := range ids {
			_, err := tx.Exec(ctx, `UPDATE sessions SET seen = $1 WHERE id = $2 AND seen <= $3`,
				storage.Micros(at[id]), id.String(), storage.Micros(at[id].Add(-seenEvery)))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write %d visits: %w", len(ids), err)
	}
	return nil
}
