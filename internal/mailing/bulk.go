package mailing

import (
	"context"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Rows are written by the chunk: a statement costs a round trip to PostgreSQL whatever it does. The texts are constant,
// so that both databases keep them prepared; a chunk that is not full repeats its last reader.
const chunk = 64

// insertChunk writes rows that are not there yet.
const insertChunk = `INSERT INTO deliveries (mailing, reader, due) VALUES
		($1, $3, $2), ($1, $4, $2), ($1, $5, $2), ($1, $6, $2), ($1, $7, $2), ($1, $8, $2), ($1, $9, $2),
		($1, $10, $2), ($1, $11, $2), ($1, $12, $2), ($1, $13, $2), ($1, $14, $2), ($1, $15, $2),
		($1, $16, $2), ($1, $17, $2), ($1, $18, $2), ($1, $19, $2), ($1, $20, $2), ($1, $21, $2),
		($1, $22, $2), ($1, $23, $2), ($1, $24, $2), ($1, $25, $2), ($1, $26, $2), ($1, $27, $2),
		($1, $28, $2), ($1, $29, $2), ($1, $30, $2), ($1, $31, $2), ($1, $32, $2), ($1, $33, $2),
		($1, $34, $2), ($1, $35, $2), ($1, $36, $2), ($1, $37, $2), ($1, $38, $2), ($1, $39, $2),
		($1, $40, $2), ($1, $41, $2), ($1, $42, $2), ($1, $43, $2), ($1, $44, $2), ($1, $45, $2),
		($1, $46, $2), ($1, $47, $2), ($1, $48, $2), ($1, $49, $2), ($1, $50, $2), ($1, $51, $2),
		($1, $52, $2), ($1, $53, $2), ($1, $54, $2), ($1, $55, $2), ($1, $56, $2), ($1, $57, $2),
		($1, $58, $2), ($1, $59, $2), ($1, $60, $2), ($1, $61, $2), ($1, $62, $2), ($1, $63, $2),
		($1, $64, $2), ($1, $65, $2), ($1, $66, $2)
	ON CONFLICT DO NOTHING`

// settleChunk records one outcome of several rows. A delivery holds whatever the row says; anything else gives way to
// a delivery.
const settleChunk = `UPDATE deliveries SET state = $1, kind = $2, at = $3, due = NULL, tries = tries + $4, reason = ''
	WHERE mailing = $5 AND (state <> 'sent' OR $6 = 'sent') AND reader IN (
		$7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27,
		$28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47,
		$48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65, $66, $67,
		$68, $69, $70)`

// dueChunk says when rows of a batch are to be taken up, and counts no try. Rows that were put off are ours only while
// they are due at the end of our lease: what is due at another time was put off anew, what is due at none is done with.
const dueChunk = `UPDATE deliveries SET due = $1
	WHERE mailing = $2 AND state IN ('queued', 'deferred', 'unknown') AND due = $3 AND reader IN (
		$4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
		$26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45,
		$46, $47, $48, $49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64, $65,
		$66, $67)`

// chunked calls write with the first arguments followed by 64 readers at a time.
func chunked(readers []int64, first []any, write func(args []any) error) error {
	for len(readers) > 0 {
		n := min(chunk, len(readers))
		args := make([]any, 0, len(first)+chunk)
		args = append(args, first...)
		for _, r := range readers[:n] {
			args = append(args, r)
		}
		for len(args) < cap(args) {
			args = append(args, readers[n-1])
		}
		if err := write(args); err != nil {
			return err
		}
		readers = readers[n:]
	}
	return nil
}

// insert writes rows and returns how many were not there. With a time they are due then, at any place in the order of
// readers.
func insert(ctx context.Context, tx *storage.DB, mailing int64, due any, readers []int64) (written int64, err error) {
	err = chunked(readers, []any{mailing, due}, func(args []any) error {
		n, err := tx.Exec(ctx, insertChunk, args...)
		written += n
		return err
	})
	return written, err
}

// settle records one outcome of several rows of a mailing.
func settle(ctx context.Context, tx *storage.DB, o bulk, at time.Time, readers []int64) error {
	first := []any{string(o.state), o.kind, storage.Micros(at), o.tries, o.mailing, string(o.state)}
	return chunked(readers, first, func(args []any) error {
		_, err := tx.Exec(ctx, settleChunk, args...)
		return err
	})
}

// postpone says when rows of a batch are to be taken up again.
func postpone(ctx context.Context, tx *storage.DB, b *batch, due time.Time, readers []int64) error {
	return chunked(readers, []any{storage.Micros(due), b.mailing, b.until.Load()}, func(args []any) error {
		_, err := tx.Exec(ctx, dueChunk, args...)
		return err
	})
}
