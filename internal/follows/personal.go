package follows

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// exported is something a reader follows, in the export of their data.
type exported struct {
	Kind  string    `json:"kind"` // of a term, or "search"
	Name  string    `json:"name,omitempty"`
	Query string    `json:"query,omitempty"`
	Since time.Time `json:"since"`
}

// ExportReader gives what a reader follows for "download my data". It implements readers.Exporter.
func (f *Follows) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	terms, err := f.Following(ctx, reader)
	if err != nil {
		return "", nil, err
	}
	searches, err := f.Saved(ctx, reader)
	out := []exported{}
	for _, t := range terms {
		out = append(out, exported{Kind: t.Kind, Name: t.Name, Since: t.Since})
	}
	for _, s := range searches {
		out = append(out, exported{Kind: "search", Query: s.Query, Since: s.Since})
	}
	return "follows", out, err
}

// EraseReader forgets what a reader follows. It implements readers.Eraser.
func (f *Follows) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM follows WHERE reader = $1`, reader); err != nil {
		return fmt.Errorf("erase what reader %d follows: %w", reader, err)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM saved_searches WHERE reader = $1`, reader); err != nil {
		return fmt.Errorf("erase searches of reader %d: %w", reader, err)
	}
	return nil
}
