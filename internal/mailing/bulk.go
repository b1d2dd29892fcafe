package mailing

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Rows are written by the chunk: a statement costs a round trip to PostgreSQL whatever it does. There is one text for each
// size of a chunk, so that both databases keep them prepared; a chunk that is not full repeats its last reader.
var sizes = [...]int{8, 24, 64}

// A statement is one text for each of the sizes.
type statement [len(sizes)]string

// statements writes a statement for each of the sizes. The text is that for one reader, the last of its arguments; part is
// what of it there is one of for each reader. So the text is a statement by itself, which a test prepares on both databases.
func statements(text, part string) (s statement) {
	before, after, found := strings.Cut(text, part)
	placeholder := regexp.MustCompile(`\$\d+`).FindAllString(text, -1)
	reader := slices.MaxFunc(placeholder, func(a, b string) int { return argument(a) - argument(b) })
	if !found || !strings.Contains(part, reader) {
		panic("mailing: a statement has no part for each reader: " + text)
	}
	for i, size := range sizes {
		parts := make([]string, size)
		for k := range parts {
			parts[k] = strings.Replace(part, reader, "$"+strconv.Itoa(argument(reader)+k), 1)
		}
		s[i] = before + strings.Join(parts, ", ") + after
	}
	return s
}

func argument(placeholder string) int {
	n, _ := strconv.Atoi(placeholder[1:])
	return n
}

// insertChunk writes rows that are not there yet.
var insertChunk = statements(`INSERT INTO deliveries (mailing, due, reader) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, `($1, $2, $3)`)

// settleChunk records one outcome of several rows. A delivery holds whatever the row says; anything else gives way to
// a delivery.
var settleChunk = statements(`UPDATE deliveries SET state = $1, kind = $2, at = $3, due = NULL, tries = tries + $4, reason = ''
	WHERE mailing = $5 AND (state <> 'sent' OR $6 = 'sent') AND reader IN ($7)`, `$7`)

// dueChunk says when rows of a batch are to be taken up, and counts no try. Rows that were put off are ours only while
// they are due at the end of our lease: what is due at another time was put off anew, what is due at none is done with.
var dueChunk = statements(`UPDATE deliveries SET due = $1
	WHERE mailing = $2 AND state IN ('queued', 'deferred', 'unknown') AND due = $3 AND reader IN ($4)`, `$4`)

// chunked calls write with the first arguments followed by as many readers as a statement takes, and with its text.
func chunked(s statement, readers []int64, first []any, write func(text string, args []any) error) error {
	for len(readers) > 0 {
		i := 0
		for i < len(sizes)-1 && sizes[i] < len(readers) {
			i++
		}
		n := min(sizes[i], len(readers))
		args := make([]any, 0, len(first)+sizes[i])
		args = append(args, first...)
		for _, r := range readers[:n] {
			args = append(args, r)
		}
		for len(args) < cap(args) {
			args = append(args, readers[n-1])
		}
		if err := write(s[i], args); err != nil {
			return err
		}
		readers = readers[n:]
	}
	return nil
}

// insert writes rows and returns how many were not there. With a time they are due then, at any place in the order of
// readers.
func insert(ctx context.Context, tx *storage.DB, mailing int64, due any, readers []int64) (written int64, err error) {
	err = chunked(insertChunk, readers, []any{mailing, due}, func(text string, args []any) error {
		n, err := tx.Exec(ctx, text, args...)
		written += n
		return err
	})
	return written, err
}

// settle records one outcome of several rows of a mailing.
func settle(ctx context.Context, tx *storage.DB, o bulk, at time.Time, readers []int64) error {
	first := []any{string(o.state), o.kind, storage.Micros(at), o.tries, o.mailing, string(o.state)}
	return chunked(settleChunk, readers, first, func(text string, args []any) error {
		_, err := tx.Exec(ctx, text, args...)
		return err
	})
}

// postpone says when rows of a batch are to be taken up again.
func postpone(ctx context.Context, tx *storage.DB, b *batch, due time.Time, readers []int64) error {
	return chunked(dueChunk, readers, []any{storage.Micros(due), b.mailing, b.until.Load()}, func(text string, args []any) error {
		_, err := tx.Exec(ctx, text, args...)
		return err
	})
}
