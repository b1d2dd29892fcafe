package library

import (
	"context"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Filter says which articles a listing holds. The zero Filter is the whole archive. Kind is for the caller's
// convenience; Term alone decides.
type Filter struct {
	Kind  TermKind
	Term  int64     // 0 for all articles
	From  time.Time // the first moment; zero for the beginning
	Until time.Time // the first moment that is not in; zero for now
}

// A Listing is a page of articles, newest first, and where the pages beside it begin: a zero Cursor when there is none.
type Listing struct {
	Items []Summary
	Newer Cursor
	Older Cursor
}

// maxPage bounds a page, for a caller that passes on what it is asked.
const maxPage = 1000

// List returns a page of n articles, at most 1,000. It costs the same at any depth. A page of what is newer that
// reaches the newest end is the first page, whole.
func (l *Library) List(ctx context.Context, f Filter, c Cursor, n int) (Listing, error) {
	n = min(max(n, 1), maxPage)
	within := l.span(f)
	keys, err := l.page(ctx, f.Term, c, within, n+1)
	if err != nil {
		return Listing{}, err
	}
	if c.newer && len(keys) <= n {
		c = Cursor{}
		if keys, err = l.page(ctx, f.Term, c, within, n+1); err != nil {
			return Listing{}, err
		}
	}
	more := len(keys) > n
	keys = keys[:min(n, len(keys))]
	if c.newer {
		slices.Reverse(keys)
	}
	items, err := l.Summaries(ctx, ids(keys))
	if err != nil || len(keys) == 0 {
		return Listing{}, err
	}
	out := Listing{Items: items}
	first, last := keys[0], keys[len(keys)-1]
	if c.newer || !c.IsZero() {
		out.Newer = Cursor{newer: true, shown: first.shown, id: first.id}
	}
	if c.newer || more {
		out.Older = Cursor{shown: last.shown, id: last.id}
	}
	return out, nil
}

// A span is the times a filter lets through, from and to, both in. It ends now at the latest.
type span struct{ from, to int64 }

func (l *Library) span(f Filter) span {
	s := span{-1 << 63, l.now()}
	if !f.From.IsZero() {
		s.from = micros(f.From)
	}
	if !f.Until.IsZero() {
		s.to = min(s.to, micros(f.Until)-1)
	}
	return s
}

// clamp returns the cursor from which the same page is read and which lies in the span.
func (s span) clamp(c Cursor) Cursor {
	switch {
	case c.IsZero() || !c.newer && c.shown > s.to:
		return Cursor{shown: s.to, id: never}
	case c.newer && c.shown < s.from:
		return Cursor{newer: true, shown: s.from}
	}
	return c
}

// page reads the keys of up to n articles from a cursor on: what is older in falling order, what is newer in rising.
// The cursor is brought within the span first, so that it is one of the two ends of the range and the database begins
// to read there; a condition on both would have it begin at the end of the span.
func (l *Library) page(ctx context.Context, term int64, c Cursor, s span, n int) ([]key, error) {
	c = s.clamp(c)
	if c.newer {
		return readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND (shown, article) > ($2, $3)
			AND shown <= $4 ORDER BY shown, article LIMIT $5`, term, c.shown, c.id, s.to, n))
	}
	return readKeys(l.db.Query(ctx, `SELECT shown, article FROM filings WHERE term = $1 AND (shown, article) < ($2, $3)
		AND shown >= $4 ORDER BY shown DESC, article DESC LIMIT $5`, term, c.shown, c.id, s.from, n))
}

// A YearCount is how many articles readers find in each month of a year, January first.
type YearCount struct {
	Year   int
	Months [12]int
}

// Months counts the articles of the archive by month of the publication's time zone, the latest year first.
func (l *Library) Months(ctx context.Context) ([]YearCount, error) {
	rows, err := l.db.Query(ctx, `SELECT shown FROM filings WHERE term = $1 AND shown <= $2 ORDER BY shown DESC`,
		everything, l.now())
	var out []YearCount
	var begins int64 // of the month counted last
	var count *int
	err = eachRow(rows, err, func() error {
		var shown int64
		if err := rows.Scan(&shown); err != nil {
			return err
		}
		if count == nil || shown < begins {
			t := time.UnixMicro(shown).In(l.zone)
			if len(out) == 0 || out[len(out)-1].Year != t.Year() {
				out = append(out, YearCount{Year: t.Year()})
			}
			count = &out[len(out)-1].Months[t.Month()-1]
			begins = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, l.zone).UnixMicro()
		}
		*count++
		return nil
	})
	return out, err
}

// NextScheduled returns when the next scheduled article appears, the zero time when none is scheduled.
func (l *Library) NextScheduled(ctx context.Context) (time.Time, error) {
	var at int64
	err := l.db.QueryRow(ctx, `SELECT COALESCE(MIN(shown), 0) FROM filings WHERE term = $1 AND shown > $2 AND shown < $3`,
		everything, l.now(), never).Scan(&at)
	return storage.Time(at), err
}
