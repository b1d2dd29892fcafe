package insights

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func at(db *storage.DB, now time.Time) *Insights {
	i := New(db, slog.New(slog.DiscardHandler))
	i.now = func() time.Time { return now }
	return i
}

func view(i *Insights, article int64, times int) {
	for range times {
		i.Viewed(article)
	}
}

func flush(t *testing.T, i *Insights) {
	t.Helper()
	if err := i.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// counts returns the stored counts of a day by article.
func counts(t *testing.T, db *storage.DB, day string) map[int64]int64 {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT article, n FROM views WHERE day = $1`, day)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[int64]int64{}
	for rows.Next() {
		var article, n int64
		if err := rows.Scan(&article, &n); err != nil {
			t.Fatal(err)
		}
		out[article] = n
	}
	return out
}

func TestEveryOpeningIsCountedOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const nodes, readers, articles = 2, 8, 1200 // more articles than one batch takes
		var wg sync.WaitGroup
		for range nodes {
			i := at(db, noon)
			var node sync.WaitGroup
			for range readers {
				node.Go(func() {
					for a := range int64(articles) {
						i.Viewed(a)
						i.Viewed(7)
					}
				})
			}
			wg.Go(func() { flush(t, i) }) // in the midst of it
			wg.Go(func() { node.Wait(); flush(t, i); flush(t, i) })
		}
		wg.Wait()
		have := counts(t, db, "2026-11-23")
		if len(have) != articles {
			t.Errorf("%d articles counted, want %d", len(have), articles)
		}
		for a, n := range have {
			want := int64(nodes * readers)
			if a == 7 {
				want += nodes * readers * articles
			}
			if n != want {
				t.Errorf("article %d opened %d times, want %d", a, n, want)
			}
		}
	})
}

func TestBatchWhoseAnswerWasLostIsNotAddedTwice(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		i := at(db, noon)
		view(i, 1, 3)
		i.waiting = i.tally.take()
		if err := i.write(t.Context(), i.batch, i.waiting); err != nil { // committed, and nobody was told
			t.Fatal(err)
		}
		flush(t, i)
		view(i, 1, 2)
		flush(t, i)
		if have := counts(t, db, "2026-11-23"); have[1] != 5 {
			t.Errorf("5 openings counted as %d", have[1])
		}
	})
}

func TestCountsOutliveTroubleOfTheDatabase(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		i := at(db, noon)
		view(i, 1, 3)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := i.Flush(gone); err == nil {
			t.Fatal("a write that was not done was answered")
		}
		view(i, 1, 1)
		view(i, 2, 1)
		flush(t, i) // what waited
		flush(t, i) // what came after
		if have := counts(t, db, "2026-11-23"); have[1] != 4 || have[2] != 1 {
			t.Errorf("counted %v, want 4 and 1", have)
		}
	})
}

func TestDaysAreUTC(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		for _, c := range []struct {
			now  time.Time
			want string
		}{
			{time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC), "2026-11-23"},
			{time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), "2026-11-24"},
			{time.Date(2026, 3, 1, 1, 0, 0, 0, time.FixedZone("east", 5*3600)), "2026-02-28"},
		} {
			i := at(db, c.now)
			view(i, 1, 1)
			flush(t, i)
			if have := counts(t, db, c.want); have[1] != 1 {
				t.Errorf("%s: not counted on %s", c.now, c.want)
			}
		}
	})
}

func TestMostRead(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		for _, d := range []struct {
			ago      int
			openings map[int64]int
		}{
			{0, map[int64]int{1: 2, 2: 5, 3: 1}},
			{1, map[int64]int{1: 6, 4: 1}},
			{30, map[int64]int{5: 100}},
		} {
			i := at(db, noon.AddDate(0, 0, -d.ago))
			for article, n := range d.openings {
				view(i, article, n)
			}
			flush(t, i)
		}
		for _, c := range []struct {
			name  string
			since time.Time
			n     int
			want  []int64
		}{
			{"today", noon, 10, []int64{2, 1, 3}},
			{"since yesterday, equals by the later", noon.AddDate(0, 0, -1), 10, []int64{1, 2, 4, 3}},
			{"the two most read", noon.AddDate(0, 0, -1), 2, []int64{1, 2}},
			{"of all time", time.Time{}, 1, []int64{5}},
			{"of tomorrow", noon.AddDate(0, 0, 1), 10, nil},
		} {
			have, err := at(db, noon).MostRead(t.Context(), c.since, c.n)
			if err != nil || !slices.Equal(have, c.want) {
				t.Errorf("%s: %v, %v; want %v", c.name, have, err, c.want)
			}
		}
	})
}

func TestOldCountsAreDeleted(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		for _, ago := range []int{401, 400, 0} {
			i := at(db, noon.AddDate(0, 0, -ago))
			view(i, 1, 1)
			flush(t, i)
		}
		for ago, want := range map[int]int{401: 0, 400: 1, 0: 1} {
			d := day(noon.AddDate(0, 0, -ago))
			if have := len(counts(t, db, d)); have != want {
				t.Errorf("%d days ago: %d articles, want %d", ago, have, want)
			}
		}
		var marks int
		if err := db.QueryRow(t.Context(), `SELECT COUNT(*) FROM view_batches`).Scan(&marks); err != nil || marks != 2 {
			t.Errorf("%d marks of processes, %v; want 2", marks, err)
		}
	})
}

// Run writes while it runs, and what was counted last when it is told to end.
func TestRun(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		i := at(db, noon)
		i.every = 5 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- i.Run(ctx) }()
		view(i, 1, 3)
		for begin := time.Now(); counts(t, db, "2026-11-23")[1] != 3; time.Sleep(5 * time.Millisecond) {
			if time.Since(begin) > time.Minute {
				t.Fatal("nothing was written in a minute")
			}
		}
		view(i, 1, 2)
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if have := counts(t, db, "2026-11-23"); have[1] != 5 {
			t.Errorf("5 openings counted as %d", have[1])
		}
	})
}

func TestViewedAllocatesNothing(t *testing.T) {
	i := New(nil, nil)
	const articles = 1000
	warm := func() {
		for s := range i.tally.shards {
			for a := range int64(articles) {
				i.tally.shards[s].counts[a]++
			}
		}
	}
	warm()
	i.tally.take()
	warm() // the other half of each shard
	i.tally.take()
	var a int64
	if n := testing.AllocsPerRun(10_000, func() { a++; i.Viewed(a % articles) }); n != 0 {
		t.Errorf("%v allocations an opening", n)
	}
}

// An opening goes to any counter that is free, and waits for none.
func TestViewedWaitsForNobody(t *testing.T) {
	i := New(nil, nil)
	for free := range i.tally.shards {
		for s := range i.tally.shards {
			if s != free {
				i.tally.shards[s].mu.Lock()
			}
		}
		view(i, 7, 10)
		for s := range i.tally.shards {
			if s != free {
				i.tally.shards[s].mu.Unlock()
			}
		}
	}
	if have := i.tally.take(); len(have) != 1 || have[0] != (count{7, 10 * shards}) {
		t.Errorf("counted %v, want %d openings of article 7", have, 10*shards)
	}
}

// The promise is under 50 ns.
func BenchmarkViewed(b *testing.B) {
	i := New(nil, nil)
	b.RunParallel(func(pb *testing.PB) {
		var a int64
		for pb.Next() {
			a++
			i.Viewed(a % 500)
		}
	})
}

func BenchmarkViewedOneArticle(b *testing.B) {
	i := New(nil, nil)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i.Viewed(7)
		}
	})
}
