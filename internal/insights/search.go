package insights

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/storage"
)

const (
	keepSearches   = 90     // days
	queriesWaiting = 5_000  // different ones in memory between two flushes; more are not counted
	queriesADay    = 20_000 // different ones kept of a day; those that come later count only when they are among them
	longestQuery   = 60     // letters
	mostWords      = 8
)

// A Query is what was searched for, over some days.
type Query struct {
	Text  string
	Times int64
	Total int64 // how many articles it found, at its best
}

// queries counts searches in memory.
type queries struct {
	mu    sync.Mutex
	found map[string]searched
}

// searched is how often a query was asked, and what it found last.
type searched struct {
	text     string
	n, total int64
}

func newQueries() *queries { return &queries{found: map[string]searched{}} }

// Searched notes that a query was asked and how many articles it found. Nothing is kept of who asked, and not the
// query either when it may hold something personal: see Plain.
func (i *Insights) Searched(query string, total int) {
	text, ok := Plain(query)
	if !ok {
		return
	}
	q := i.queries
	q.mu.Lock()
	defer q.mu.Unlock()
	s, known := q.found[text]
	if !known && len(q.found) >= queriesWaiting {
		return
	}
	q.found[text] = searched{text, s.n + 1, int64(total)}
}

// Plain returns a query as it is counted: in small letters, with single spaces. Addresses, numbers longer than a year
// and texts longer than a query are refused: they may be somebody's.
func Plain(query string) (text string, ok bool) {
	if len(query) > 4*longestQuery || !utf8.ValidString(query) {
		return "", false
	}
	fields := strings.Fields(strings.ToLower(query))
	text = strings.Join(fields, " ")
	if text == "" || len(fields) > mostWords || utf8.RuneCountInString(text) > longestQuery || strings.ContainsRune(text, '@') || strings.ContainsFunc(text, unicode.IsControl) {
		return "", false
	}
	for _, word := range fields {
		if _, err := netip.ParseAddr(word); err == nil || strings.Contains(word, "://") {
			return "", false
		}
	}
	if holdsNumber(fields) {
		return "", false
	}
	return text, true
}

// holdsNumber reports whether words hold a number with more digits than a year has, whatever parts its digits.
func holdsNumber(words []string) bool {
	digits := 0
	for _, word := range words {
		if strings.HasPrefix(word, "year:") {
			continue
		}
		for _, c := range word {
			switch {
			case unicode.IsDigit(c):
				digits++
			case !strings.ContainsRune("+-/.()", c):
				digits = 0
			}
			if digits > 4 {
				return true
			}
		}
	}
	return false
}

// take returns what was counted since the last time, in the order of the texts.
func (q *queries) take() []searched {
	q.mu.Lock()
	found := q.found
	q.found = map[string]searched{}
	q.mu.Unlock()
	out := make([]searched, 0, len(found))
	for _, s := range found {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b searched) int { return cmp.Compare(a.text, b.text) })
	return out
}

// flushSearches writes the searches counted so far. What it could not write it keeps for the next time.
func (i *Insights) flushSearches(ctx context.Context) error {
	if len(i.searched) == 0 {
		i.searched = i.queries.take()
	}
	for len(i.searched) > 0 {
		n := min(len(i.searched), batchSize)
		if err := i.writeSearches(ctx, i.batch, i.searched[:n]); err != nil {
			return fmt.Errorf("write counts of %d searches: %w", len(i.searched), err)
		}
		i.searched = i.searched[n:]
		i.batch++
	}
	return nil
}

func (i *Insights) writeSearches(ctx context.Context, batch int64, all []searched) error {
	today := day(i.now())
	return i.once(ctx, batch, func(tx *storage.DB) error {
		var have int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM searches WHERE day = $1`, today).Scan(&have); err != nil {
			return err
		}
		for _, s := range all {
			n, err := tx.Exec(ctx, `UPDATE searches SET n = n + $1, total = $2 WHERE day = $3 AND query = $4`, s.n, s.total, today, s.text)
			if err != nil {
				return err
			}
			if n > 0 || have >= queriesADay {
				continue
			}
			have++
			if _, err := tx.Exec(ctx, `INSERT INTO searches (day, query, n, total) VALUES ($1, $2, $3, $4)
				ON CONFLICT (day, query) DO UPDATE SET n = searches.n + excluded.n, total = excluded.total`,
				today, s.text, s.n, s.total); err != nil {
				return err
			}
		}
		return nil
	})
}

// MostSearched returns what was searched for most often from a day on and found something, at most n queries, each
// asked at least a number of times.
func (i *Insights) MostSearched(ctx context.Context, since time.Time, times int64, n int) ([]Query, error) {
	return i.readQueries(ctx, `SELECT query, SUM(n), MAX(total) FROM searches WHERE day >= $1 GROUP BY query
		HAVING SUM(n) >= $2 AND MAX(total) > 0 ORDER BY SUM(n) DESC, query LIMIT $3`, since, times, n)
}

// FoundNothing is MostSearched for what found nothing.
func (i *Insights) FoundNothing(ctx context.Context, since time.Time, times int64, n int) ([]Query, error) {
	return i.readQueries(ctx, `SELECT query, SUM(n), MAX(total) FROM searches WHERE day >= $1 GROUP BY query
		HAVING SUM(n) >= $2 AND MAX(total) = 0 ORDER BY SUM(n) DESC, query LIMIT $3`, since, times, n)
}

func (i *Insights) readQueries(ctx context.Context, statement string, since time.Time, times int64, n int) ([]Query, error) {
	rows, err := i.db.Query(ctx, statement, day(since), times, n)
	if err != nil {
		return nil, fmt.Errorf("searches since %s: %w", day(since), err)
	}
	defer rows.Close()
	var out []Query
	for rows.Next() {
		var q Query
		if err := rows.Scan(&q.Text, &q.Times, &q.Total); err != nil {
			return nil, fmt.Errorf("searches since %s: %w", day(since), err)
		}
		out = append(out, q)
	}
	return out, rows.Err()
}
