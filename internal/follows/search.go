package follows

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Search is one that a reader saved.
type Search struct {
	ID    int64
	Query string // as the address of the search says it, canonical: what is the same search is the same text
	Since time.Time
}

// maxQuery bounds a saved search, in bytes.
const maxQuery = 1000

// Save keeps a search for a reader. It returns Invalid for one that is empty or longer than an address should be, and
// TooMany when the reader has saved MaxSearches already.
func (f *Follows) Save(ctx context.Context, reader int64, query string) error {
	if query == "" || len(query) > maxQuery || !utf8.ValidString(query) || strings.ContainsRune(query, 0) {
		return fault.Field("q", "This search cannot be saved.")
	}
	err := f.db.Write(ctx, func(tx *storage.DB) error {
		var have int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM saved_searches WHERE reader = $1 AND query <> $2`, reader, query).Scan(&have); err != nil {
			return err
		}
		if have >= MaxSearches {
			return fault.New(fault.TooMany, "You have saved %d searches: remove one to save another.", have)
		}
		_, err := tx.Exec(ctx, `INSERT INTO saved_searches (reader, query, at) SELECT id, $2, $3 FROM readers WHERE id = $1
			ON CONFLICT (reader, query) DO NOTHING`, reader, query, storage.Micros(f.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("save a search of reader %d: %w", reader, err)
	}
	return nil
}

// Remove forgets a saved search. A reader who has not saved it is left as they are.
func (f *Follows) Remove(ctx context.Context, reader int64, query string) error {
	err := f.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `DELETE FROM saved_searches WHERE reader = $1 AND query = $2`, reader, query)
		return err
	})
	if err != nil {
		return fmt.Errorf("remove a search of reader %d: %w", reader, err)
	}
	return nil
}

// Saved returns the searches of a reader, the newest first.
func (f *Follows) Saved(ctx context.Context, reader int64) ([]Search, error) {
	rows, err := f.db.Query(ctx, `SELECT id, query, at FROM saved_searches WHERE reader = $1 ORDER BY id DESC`, reader)
	if err != nil {
		return nil, fmt.Errorf("searches of reader %d: %w", reader, err)
	}
	defer rows.Close()
	out := []Search{}
	for rows.Next() {
		var s Search
		var at int64
		if err := rows.Scan(&s.ID, &s.Query, &at); err != nil {
			return nil, fmt.Errorf("searches of reader %d: %w", reader, err)
		}
		s.Since = storage.Time(at)
		out = append(out, s)
	}
	return out, rows.Err()
}
