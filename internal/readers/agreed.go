package readers

import (
	"context"
	"fmt"
	"slices"

	"github.com/gatefold/gatefold/internal/storage"
)

// Agreed returns up to n ids of readers above after who may be written to about a subject: their consent holds, their
// address is confirmed, and they are not banned. In the order of their ids.
func (r *Readers) Agreed(ctx context.Context, subject string, after int64, n int) ([]int64, error) {
	rows, err := r.db.Query(ctx, `SELECT c.reader FROM consents c JOIN readers r ON r.id = c.reader
		WHERE c.subject = $1 AND c.withdrawn = 0 AND c.reader > $2 AND r.confirmed > 0 AND r.banned = 0
		ORDER BY c.reader LIMIT $3`, subject, after, n)
	if err != nil {
		return nil, fmt.Errorf("readers who agreed to %s: %w", subject, err)
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("readers who agreed to %s: %w", subject, err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// AgreedCount returns how many readers Agreed would give in all.
func (r *Readers) AgreedCount(ctx context.Context, subject string) (n int, err error) {
	err = r.db.QueryRow(ctx, `SELECT COUNT(*) FROM consents c JOIN readers r ON r.id = c.reader
		WHERE c.subject = $1 AND c.withdrawn = 0 AND r.confirmed > 0 AND r.banned = 0`, subject).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("readers who agreed to %s: %w", subject, err)
	}
	return n, nil
}

// amongRows is how many readers one statement asks for.
const amongRows = 50

// AgreedAmong returns those of some readers who may be written to about a subject now, by their ids.
func (r *Readers) AgreedAmong(ctx context.Context, subject string, ids []int64) (map[int64]Reader, error) {
	out := make(map[int64]Reader, len(ids))
	for part := range slices.Chunk(ids, amongRows) {
		if err := agreedAmong(ctx, r.db, out, subject, part); err != nil {
			return nil, fmt.Errorf("readers who agreed to %s: %w", subject, err)
		}
	}
	return out, nil
}

func agreedAmong(ctx context.Context, db *storage.DB, out map[int64]Reader, subject string, part []int64) error {
	args := make([]any, 1, amongRows+1)
	args[0] = subject
	for i := range amongRows { // the last is repeated where there are fewer
		args = append(args, part[min(i, len(part)-1)])
	}
	rows, err := db.Query(ctx, `SELECT r.id, r.address, r.mailbox, r.name, r.created, r.confirmed, r.banned, r.staff
		FROM readers r JOIN consents c ON c.reader = r.id WHERE c.subject = $1 AND c.withdrawn = 0 AND r.confirmed > 0 AND r.banned = 0
		AND r.id IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
		$27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var one Reader
		if err := one.scan(rows); err != nil {
			return err
		}
		out[one.ID] = one
	}
	return rows.Err()
}
