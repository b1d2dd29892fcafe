package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/storage"
)

// amongRows is how many readers one statement asks for.
const amongRows = 50

// ActiveAmong is Active for many readers at once. Those who have nothing are left out.
func (b *Billing) ActiveAmong(ctx context.Context, readers []int64, at time.Time) (map[int64]access.Entitlement, error) {
	out := map[int64]access.Entitlement{}
	for part := range slices.Chunk(readers, amongRows) {
		if err := b.activeAmong(ctx, out, part, at); err != nil {
			return nil, fmt.Errorf("active subscriptions of %d readers: %w", len(readers), err)
		}
	}
	return out, nil
}

func (b *Billing) activeAmong(ctx context.Context, out map[int64]access.Entitlement, part []int64, at time.Time) error {
	args := make([]any, 1, amongRows+1)
	args[0] = storage.Micros(at)
	for i := range amongRows { // the last is repeated where there are fewer
		args = append(args, part[min(i, len(part)-1)])
	}
	rows, err := b.db.Query(ctx, `SELECT reader, plan, source, ends FROM subscriptions WHERE starts <= $1 AND ends > $1 AND reader IN ($2, $3, $4,
		$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31,
		$32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51) ORDER BY ends, id`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var reader, ends int64
		var s Subscription
		if err := rows.Scan(&reader, &s.Plan, &s.Source, &ends); err != nil {
			return err
		}
		e := access.Entitlement{Grant: s.grant(), Plan: s.Plan, Until: storage.Time(ends)}
		out[reader] = e // the one that ends last is read last
	}
	return rows.Err()
}
