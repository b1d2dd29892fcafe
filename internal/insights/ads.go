package insights

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// An AdCount is how often a creative was in view and clicked, in one place on one day.
type AdCount struct {
	Creative      int64
	Day           string // UTC, as "2026-11-24"
	Place         string
	Seen, Clicked int64
}

// adTally counts advertising in memory.
type adTally struct {
	mu     sync.Mutex
	counts map[adPlace]AdCount
}

type adPlace struct {
	creative int64
	place    string
}

func (t *adTally) add(c AdCount) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.counts == nil {
		t.counts = map[adPlace]AdCount{}
	}
	at := adPlace{c.Creative, c.Place}
	sum := t.counts[at]
	c.Seen, c.Clicked = c.Seen+sum.Seen, c.Clicked+sum.Clicked
	t.counts[at] = c
}

// take returns what was counted since the last time, always in the same order: two nodes that write the same rows then
// wait for each other in one direction only.
func (t *adTally) take() []AdCount {
	t.mu.Lock()
	counts := t.counts
	t.counts = nil
	t.mu.Unlock()
	out := make([]AdCount, 0, len(counts))
	for _, c := range counts {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b AdCount) int {
		return cmp.Or(cmp.Compare(a.Creative, b.Creative), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// AdSeen notes that a creative was in view in a place. It never waits.
func (i *Insights) AdSeen(creative int64, place string) {
	i.ads.add(AdCount{Creative: creative, Place: place, Seen: 1})
}

// AdClicked notes that a creative's link was followed from a place. It never waits.
func (i *Insights) AdClicked(creative int64, place string) {
	i.ads.add(AdCount{Creative: creative, Place: place, Clicked: 1})
}

// flushAds writes the counts of advertising. What it could not write it keeps for the next time.
func (i *Insights) flushAds(ctx context.Context) error {
	if len(i.advertised) == 0 {
		i.advertised = i.ads.take()
	}
	for len(i.advertised) > 0 {
		n := min(len(i.advertised), batchSize)
		part, today := i.advertised[:n], day(i.now())
		err := i.once(ctx, i.batch, func(tx *storage.DB) error {
			for _, c := range part {
				c.Day = today
				if err := AddAds(ctx, tx, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("write counts of %d advertisements: %w", len(i.advertised), err)
		}
		i.advertised = i.advertised[n:]
		i.batch++
	}
	return nil
}

// AddAds adds to the counts of advertising in a transaction of the caller's: for those who count for themselves, as
// letters do.
func AddAds(ctx context.Context, tx *storage.DB, c AdCount) error {
	_, err := tx.Exec(ctx, `INSERT INTO ad_counts (creative, day, place, seen, clicked) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (creative, day, place) DO UPDATE SET seen = ad_counts.seen + excluded.seen,
		clicked = ad_counts.clicked + excluded.clicked`, c.Creative, c.Day, c.Place, c.Seen, c.Clicked)
	return err
}

// AdDay is the day under which what happens at a time is counted.
func AdDay(at time.Time) string { return day(at) }

// AdCounts returns the counts of a creative, by day and place.
func (i *Insights) AdCounts(ctx context.Context, creative int64) ([]AdCount, error) {
	rows, err := i.db.Query(ctx, `SELECT day, place, seen, clicked FROM ad_counts WHERE creative = $1 ORDER BY day, place`, creative)
	if err != nil {
		return nil, fmt.Errorf("counts of creative %d: %w", creative, err)
	}
	defer rows.Close()
	var out []AdCount
	for rows.Next() {
		c := AdCount{Creative: creative}
		if err := rows.Scan(&c.Day, &c.Place, &c.Seen, &c.Clicked); err != nil {
			return nil, fmt.Errorf("counts of creative %d: %w", creative, err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
