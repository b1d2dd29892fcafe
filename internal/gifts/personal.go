package gifts

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

type exported struct {
	Months   int       `json:"months"`
	Given    bool      `json:"given"` // else it was redeemed
	Receiver string    `json:"receiver,omitempty"`
	Signed   string    `json:"signed"`
	Note     string    `json:"note,omitempty"`
	Paid     time.Time `json:"paid"`
}

// ExportReader gives the gifts a reader gave and redeemed, for "download my data". It implements readers.Exporter.
func (s *Gifts) ExportReader(ctx context.Context, reader int64) (name string, part any, err error) {
	list, err := scan(s.db.Query(ctx, `SELECT `+columns+` FROM gift_subscriptions WHERE paid > 0 AND (giver = $1 OR reader = $1) ORDER BY id`, reader))
	out := make([]exported, len(list))
	for i, g := range list {
		out[i] = exported{Months: g.Months, Given: g.Giver == reader, Signed: g.Signed, Note: g.Note, Paid: g.Paid}
		if g.Giver == reader {
			out[i].Receiver = g.Receiver
		}
	}
	return "gifts", out, err
}

// EraseReader forgets who gave and who redeemed. A gift that waits stays good for its receiver, without the giver's name
// and note; what was redeemed is gone with the account. It implements readers.Eraser.
func (s *Gifts) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	for _, q := range []string{
		`UPDATE gift_subscriptions SET giver = 0, signed = '', note = '' WHERE giver = $1`,
		`UPDATE gift_subscriptions SET reader = -1, receiver = '', note = '' WHERE reader = $1`,
	} {
		if _, err := tx.Exec(ctx, q, reader); err != nil {
			return fmt.Errorf("erase gifts of reader %d: %w", reader, err)
		}
	}
	return nil
}
