package groups

import (
	"context"
	"fmt"

	"github.com/gatefold/gatefold/internal/storage"
)

type exported struct {
	Name  string `json:"name"`
	Owner bool   `json:"owner"`
}

// ExportReader gives the groups a reader owns or has a seat of, for "download my data". It implements readers.Exporter.
func (s *Groups) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	list, err := s.Of(ctx, reader)
	out := make([]exported, len(list))
	for i, g := range list {
		out[i] = exported{g.Name, g.Owner == reader}
	}
	return "groups", out, err
}

// EraseReader frees the seats of a reader. A group they own stays for its members until it ends. It implements
// readers.Eraser.
func (s *Groups) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	for _, q := range []string{
		`DELETE FROM group_seats WHERE reader = $1`,
		`DELETE FROM group_seats WHERE reader = 0 AND mailbox = (SELECT mailbox FROM readers WHERE id = $1)`,
		`UPDATE reader_groups SET owner = 0 WHERE owner = $1`,
	} {
		if _, err := tx.Exec(ctx, q, reader); err != nil {
			return fmt.Errorf("erase seats of reader %d: %w", reader, err)
		}
	}
	return nil
}
