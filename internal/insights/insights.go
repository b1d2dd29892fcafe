// Package insights counts what is read, what is searched for, and which advertising was seen.
//
// An opening is counted in memory and written a few seconds later together with the others, so that reading costs no
// write. A crash loses the counts of those seconds and never counts twice. Counts are by article and day; nothing is
// kept of who read. Searches are counted in the same way, by their words: see Searched; advertising by creative and place,
// and those counts stay, as sponsors pay by them.
package insights

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

const (
	flushEvery = 5 * time.Second
	keepDays   = 400 // a year, and the month before it to compare with
	batchSize  = 500 // counts in one transaction: others wait behind it
)

// Insights counts openings. Viewed is safe for concurrent use; Run is to be called once.
type Insights struct {
	db      *storage.DB
	log     *slog.Logger
	now     func() time.Time
	tally   *tally
	queries *queries
	ads     adTally
	process string        // names this process among the nodes
	every   time.Duration // between two flushes of Run

	flushing   sync.Mutex // guards what follows
	waiting    []count    // taken from the tally, not written yet
	searched   []searched // taken from the queries, not written yet
	advertised []AdCount  // taken from ads, not written yet
	batch      int64      // number of the batch that is written next
	pruned     string     // the day on which old counts were last deleted
}

// A count is how often an article was opened.
type count struct {
	article, n int64
}

// New returns the counting of a process. It counts at once; Run writes.
func New(db *storage.DB, log *slog.Logger) *Insights {
	return &Insights{db: db, log: log, now: time.Now, tally: newTally(), queries: newQueries(), process: rand.Text(),
		every: flushEvery, batch: 1}
}

// Viewed notes that an article was opened. It takes some tens of nanoseconds, allocates nothing but for an article's
// first times, and never waits.
func (i *Insights) Viewed(article int64) { i.tally.add(article) }

// Run writes the counts every five seconds, and a last time when ctx ends; it then returns nil. Trouble of the
// database is logged and waited out, while counting goes on.
func (i *Insights) Run(ctx context.Context) error {
	tick := time.NewTicker(i.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushEvery)
			defer cancel()
			i.flushAndLog(last)
			return nil
		case <-tick.C:
			i.flushAndLog(ctx)
		}
	}
}

func (i *Insights) flushAndLog(ctx context.Context) {
	if err := i.Flush(ctx); err != nil && ctx.Err() == nil {
		i.log.Error("counts of openings wait to be written", "error", err)
	}
}

// Flush writes what was counted so far, under today's date, and deletes what is older than 400 days. What it could
// not write it keeps for the next time. It returns when the counts are durable.
func (i *Insights) Flush(ctx context.Context) error {
	i.flushing.Lock()
	defer i.flushing.Unlock()
	if len(i.waiting) == 0 {
		i.waiting = i.tally.take()
	}
	for len(i.waiting) > 0 {
		n := min(len(i.waiting), batchSize)
		if err := i.write(ctx, i.batch, i.waiting[:n]); err != nil {
			return fmt.Errorf("write counts of %d articles: %w", len(i.waiting), err)
		}
		i.waiting = i.waiting[n:]
		i.batch++
	}
	if err := i.flushSearches(ctx); err != nil {
		return err
	}
	if err := i.flushAds(ctx); err != nil {
		return err
	}
	return i.prune(ctx)
}

// write adds one batch of openings.
func (i *Insights) write(ctx context.Context, batch int64, counts []count) error {
	now := i.now()
	return i.once(ctx, batch, func(tx *storage.DB) error {
		for _, c := range counts {
			if _, err := tx.Exec(ctx, `INSERT INTO views (day, article, n) VALUES ($1, $2, $3)
				ON CONFLICT (day, article) DO UPDATE SET n = views.n + excluded.n`, day(now), c.article, c.n); err != nil {
				return err
			}
		}
		return nil
	})
}

// once adds one batch. A batch that is tried again after its answer was lost has its old number and is passed over when
// it did get through.
func (i *Insights) once(ctx context.Context, batch int64, add func(tx *storage.DB) error) error {
	return i.db.Write(ctx, func(tx *storage.DB) error {
		fresh, err := tx.Exec(ctx, `INSERT INTO view_batches (process, batch, at) VALUES ($1, $2, $3)
			ON CONFLICT (process) DO UPDATE SET batch = excluded.batch, at = excluded.at
			WHERE view_batches.batch < excluded.batch`, i.process, batch, storage.Micros(i.now()))
		if err != nil || fresh == 0 {
			return err
		}
		return add(tx)
	})
}

// prune deletes, once a day, the counts that are too old, and the marks of processes that ended as long ago.
func (i *Insights) prune(ctx context.Context) error {
	today, oldest := day(i.now()), i.now().AddDate(0, 0, -keepDays)
	if i.pruned == today {
		return nil
	}
	err := i.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `DELETE FROM views WHERE day < $1`, day(oldest)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM searches WHERE day < $1`, day(i.now().AddDate(0, 0, -keepSearches))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM view_batches WHERE at < $1`, storage.Micros(oldest))
		return err
	})
	if err != nil {
		return fmt.Errorf("delete counts older than %d days: %w", keepDays, err)
	}
	i.pruned = today
	return nil
}

// MostRead returns the articles opened most often from a day on, the most read first, at most n. Among equals the
// later article comes first.
func (i *Insights) MostRead(ctx context.Context, since time.Time, n int) ([]int64, error) {
	rows, err := i.db.Query(ctx, `SELECT article FROM views WHERE day >= $1
		GROUP BY article ORDER BY SUM(n) DESC, article DESC LIMIT $2`, day(since), n)
	if err != nil {
		return nil, fmt.Errorf("most read since %s: %w", day(since), err)
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("most read since %s: %w", day(since), err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// Opened returns how often each of some articles was opened from a day on. Those nobody opened are left out.
func (i *Insights) Opened(ctx context.Context, articles []int64, since time.Time) (map[int64]int64, error) {
	out := map[int64]int64{}
	for _, id := range articles {
		var n int64
		err := i.db.QueryRow(ctx, `SELECT COALESCE(SUM(n), 0) FROM views WHERE article = $1 AND day >= $2`, id, day(since)).Scan(&n)
		if err != nil {
			return nil, fmt.Errorf("openings of article %d: %w", id, err)
		}
		if n > 0 {
			out[id] = n
		}
	}
	return out, nil
}

// day is the text under which a time is counted.
func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }
