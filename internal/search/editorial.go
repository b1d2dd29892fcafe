package search

import (
	"context"
	"slices"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/search/words"
	"github.com/gatefold/gatefold/internal/storage"
)

// editorial is what the newsroom told the search. It does not change; a new one takes its place.
type editorial struct {
	groups [][][]string       // of stems that mean the same, each a word or several in a row
	pins   map[string][]int64 // articles that stand first, by query
}

// match returns how many of the words that come next stand together for one thing, and what means the same; 1 and
// nothing when they do not.
func (e *editorial) match(run []string) (n int, group [][]string) {
	n = 1
	for _, g := range e.groups {
		for _, member := range g {
			if len(member) <= len(run) && slices.Equal(member, run[:len(member)]) && (group == nil || len(member) > n) {
				n, group = len(member), g
			}
		}
	}
	return n, group
}

// pinKey is the one form of a query that has pins: its words.
func (s *Search) pinKey(query string) string {
	var all []string
	for t := range s.language.Tokens(query) {
		all = append(all, words.Fold(t.Word))
	}
	return strings.Join(all, " ")
}

func (s *Search) loadEditorial(ctx context.Context) error {
	e := &editorial{pins: map[string][]int64{}}
	groups, err := s.Synonyms(ctx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		var group [][]string
		for _, words := range g.Words {
			var stems []string
			for t := range s.language.Tokens(words) {
				if !s.language.Stop(t.Word) {
					stems = append(stems, s.language.Stem(t.Word))
				}
			}
			if len(stems) > 0 {
				group = append(group, stems)
			}
		}
		e.groups = append(e.groups, group)
	}
	pins, err := s.Pins(ctx)
	if err != nil {
		return err
	}
	for _, p := range pins {
		e.pins[p.Query] = append(e.pins[p.Query], p.Article)
	}
	s.editorial.Store(e)
	return nil
}

// Synonyms are words that mean the same to the search: each finds the others.
type Synonyms struct {
	ID    int64
	Words []string
}

// Synonyms returns all groups of synonyms.
func (s *Search) Synonyms(ctx context.Context) (out []Synonyms, err error) {
	rows, err := s.db.Query(ctx, `SELECT id, words FROM search_synonyms ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var g Synonyms
		var words string
		if err := rows.Scan(&g.ID, &words); err != nil {
			return nil, err
		}
		g.Words = strings.Split(words, "\n")
		out = append(out, g)
	}
	return out, rows.Err()
}

// AddSynonyms makes words mean the same. It returns Invalid for fewer than two.
func (s *Search) AddSynonyms(ctx context.Context, list []string) error {
	var kept []string
	for _, w := range list {
		if w = tidy(w); hasWord(w) && !slices.Contains(kept, w) {
			kept = append(kept, w)
		}
	}
	if len(kept) < 2 {
		return fault.Field("words", "expected two words or phrases that mean the same")
	}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `INSERT INTO search_synonyms (words) VALUES ($1)`, strings.Join(kept, "\n")); err != nil {
			return err
		}
		return tx.Changed(ctx, kindSearch, editorialChanged)
	})
}

// RemoveSynonyms deletes a group, or returns NotFound.
func (s *Search) RemoveSynonyms(ctx context.Context, id int64) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM search_synonyms WHERE id = $1`, id)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "There are no synonyms %d.", id)
		}
		if err != nil {
			return err
		}
		return tx.Changed(ctx, kindSearch, editorialChanged)
	})
}

// A Pin puts an article first for a query.
type Pin struct {
	Query   string
	Article int64
}

// Pins returns all pins, by query, in the order in which they stand.
func (s *Search) Pins(ctx context.Context) (out []Pin, err error) {
	rows, err := s.db.Query(ctx, `SELECT query, article FROM search_pins ORDER BY query, position, article`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Pin
		if err := rows.Scan(&p.Query, &p.Article); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// Pin puts an article first for a query, before those that are pinned already.
func (s *Search) Pin(ctx context.Context, query string, article int64) error {
	key := s.pinKey(query)
	if key == "" {
		return fault.Field("query", "expected words")
	}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO search_pins (query, article, position) SELECT $1, $2,
			COALESCE(MIN(position), 0) - 1 FROM search_pins WHERE query = $1 ON CONFLICT (query, article) DO UPDATE SET
			position = excluded.position`, key, article)
		if err != nil {
			return err
		}
		return tx.Changed(ctx, kindSearch, editorialChanged)
	})
}

// Unpin takes a pin away, or returns NotFound.
func (s *Search) Unpin(ctx context.Context, query string, article int64) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM search_pins WHERE query = $1 AND article = $2`, s.pinKey(query), article)
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "The article is not pinned for this query.")
		}
		if err != nil {
			return err
		}
		return tx.Changed(ctx, kindSearch, editorialChanged)
	})
}

// tell writes a line of the change log for every node's search.
func (s *Search) tell(ctx context.Context, what int64) error {
	return s.db.Write(ctx, func(tx *storage.DB) error { return tx.Changed(ctx, kindSearch, what) })
}
