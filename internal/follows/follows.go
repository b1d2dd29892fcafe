package follows

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// How much one reader may follow. Two requests at the same moment may each be the last that fits.
const (
	MaxTerms    = 300
	MaxSearches = 100
)

// Follows keeps what readers follow. It is safe for concurrent use.
type Follows struct {
	db  *storage.DB
	now func() time.Time
}

// New returns the follows of a migrated database. A nil now is the system's clock.
func New(db *storage.DB, now func() time.Time) *Follows {
	if now == nil {
		now = time.Now
	}
	return &Follows{db: db, now: now}
}

// A Term is what a reader follows: a topic, a country or a contributor.
type Term struct {
	ID    int64
	Kind  string // "topic", "country" or "contributor"
	Slug  string
	Name  string
	Since time.Time
}

const noTerm = "There is nothing of this name to follow."

// Follow lets a reader follow a term. It returns NotFound for a term that is none, or of a kind that nobody follows,
// and TooMany when the reader follows MaxTerms already.
func (f *Follows) Follow(ctx context.Context, reader int64, kind, slug string) error {
	err := f.db.Write(ctx, func(tx *storage.DB) error {
		term, err := find(ctx, tx, kind, slug)
		if err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM follows WHERE reader = $1 AND term <> $2`, reader, term).Scan(&have); err != nil {
			return err
		}
		if have >= MaxTerms {
			return fault.New(fault.TooMany, "You follow %d topics, countries and contributors: leave one to follow another.", have)
		}
		_, err = tx.Exec(ctx, `INSERT INTO follows (reader, term, at) SELECT id, $2, $3 FROM readers WHERE id = $1
			ON CONFLICT (reader, term) DO NOTHING`, reader, term, storage.Micros(f.now()))
		return err
	})
	if err != nil {
		return fmt.Errorf("reader %d follows %s %s: %w", reader, kind, slug, err)
	}
	return nil
}

// Unfollow ends it. A reader who does not follow the term is left as they are.
func (f *Follows) Unfollow(ctx context.Context, reader int64, kind, slug string) error {
	err := f.db.Write(ctx, func(tx *storage.DB) error {
		term, err := find(ctx, tx, kind, slug)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM follows WHERE reader = $1 AND term = $2`, reader, term)
		return err
	})
	if err != nil {
		return fmt.Errorf("reader %d leaves %s %s: %w", reader, kind, slug, err)
	}
	return nil
}

// find returns the id of a term that can be followed.
func find(ctx context.Context, tx *storage.DB, kind, slug string) (id int64, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM terms WHERE kind = $1 AND slug = $2
		AND kind IN ('topic', 'country', 'contributor')`, kind, slug).Scan(&id)
	return id, storage.NotFound(err, noTerm)
}

// Following returns the terms a reader follows, by kind and name.
func (f *Follows) Following(ctx context.Context, reader int64) ([]Term, error) {
	rows, err := f.db.Query(ctx, `SELECT t.id, t.kind, t.slug, t.name, f.at FROM follows f JOIN terms t ON t.id = f.term
		WHERE f.reader = $1 ORDER BY t.kind DESC, t.name, t.id`, reader)
	if err != nil {
		return nil, fmt.Errorf("what reader %d follows: %w", reader, err)
	}
	defer rows.Close()
	out := []Term{}
	for rows.Next() {
		var t Term
		var at int64
		if err := rows.Scan(&t.ID, &t.Kind, &t.Slug, &t.Name, &at); err != nil {
			return nil, fmt.Errorf("what reader %d follows: %w", reader, err)
		}
		t.Since = storage.Time(at)
		out = append(out, t)
	}
	return out, rows.Err()
}

// Is reports whether a reader follows a term.
func (f *Follows) Is(ctx context.Context, reader, term int64) (bool, error) {
	var n int
	err := f.db.QueryRow(ctx, `SELECT COUNT(*) FROM follows WHERE reader = $1 AND term = $2`, reader, term).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("reader %d follows term %d: %w", reader, term, err)
	}
	return n > 0, nil
}

// ReadersFollowing returns up to n readers who follow a term, by their ids, from the one after an id on: the way to go
// through all of them.
func (f *Follows) ReadersFollowing(ctx context.Context, term, after int64, n int) ([]int64, error) {
	rows, err := f.db.Query(ctx, `SELECT reader FROM follows WHERE term = $1 AND reader > $2 ORDER BY reader LIMIT $3`, term, after, n)
	if err != nil {
		return nil, fmt.Errorf("readers who follow term %d: %w", term, err)
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("readers who follow term %d: %w", term, err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
