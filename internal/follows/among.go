package follows

import (
	"context"
	"fmt"
	"slices"
)

// amongRows is how many readers one statement asks for.
const amongRows = 50

// FollowedAmong returns what each of some readers follows. Who follows nothing is left out.
func (f *Follows) FollowedAmong(ctx context.Context, readers []int64) (map[int64][]Term, error) {
	out := map[int64][]Term{}
	for part := range slices.Chunk(readers, amongRows) {
		if err := f.followedAmong(ctx, out, part); err != nil {
			return nil, fmt.Errorf("what %d readers follow: %w", len(readers), err)
		}
	}
	return out, nil
}

func (f *Follows) followedAmong(ctx context.Context, out map[int64][]Term, part []int64) error {
	args := make([]any, amongRows)
	for i := range args { // the last is repeated where there are fewer
		args[i] = part[min(i, len(part)-1)]
	}
	rows, err := f.db.Query(ctx, `SELECT f.reader, t.id, t.kind, t.slug, t.name FROM follows f JOIN terms t ON t.id = f.term
		WHERE f.reader IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
		$24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49,
		$50) ORDER BY f.reader, t.id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var reader int64
		var t Term
		if err := rows.Scan(&reader, &t.ID, &t.Kind, &t.Slug, &t.Name); err != nil {
			return err
		}
		out[reader] = append(out[reader], t)
	}
	return rows.Err()
}
