package bounces

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Scope is which mail a suppressed mailbox does not get.
type Scope string

// The scopes.
const (
	All     Scope = "all"     // none at all, not even to sign in
	Letters Scope = "letters" // no newsletters
)

// Suppression is a mailbox that gets no mail.
type Suppression struct {
	Address  string // as mail went there; "" after its reader was deleted
	Scope    Scope
	Reason   string // a kind of bounce, or words of the operator
	Evidence string // what the server said; at most 500 bytes
	Source   string // of the event, or "operator"
	At       time.Time

	mailbox string // its place among lines of the same moment
}

// Suppressed reports whether a mailbox, by its canonical key, gets no mail at all. It takes one look-up for every
// mailbox, in tx. It implements readers.Suppression.
func (b *Bounces) Suppressed(ctx context.Context, tx *storage.DB, key string) (bool, error) {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM suppressions WHERE mailbox = $1 AND scope = 'all'`, b.digest(key)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look up a suppression: %w", err)
	}
	return n > 0, nil
}

// amongRows is how many mailboxes one statement asks for.
const amongRows = 50

// SuppressedAmong returns which of some mailboxes, by their canonical keys, get no newsletter. It is meant for a few
// hundred at once.
func (b *Bounces) SuppressedAmong(ctx context.Context, keys []string) (map[string]bool, error) {
	found := map[string]bool{}
	for part := range slices.Chunk(keys, amongRows) {
		if err := b.among(ctx, part, found); err != nil {
			return nil, fmt.Errorf("look up suppressions: %w", err)
		}
	}
	return found, nil
}

func (b *Bounces) among(ctx context.Context, keys []string, found map[string]bool) error {
	byDigest := make(map[string]string, len(keys))
	args := make([]any, amongRows)
	for i := range args { // the last is repeated where there are fewer
		key := keys[min(i, len(keys)-1)]
		d := b.digest(key)
		byDigest[d], args[i] = key, d
	}
	rows, err := b.db.Query(ctx, `SELECT mailbox FROM suppressions WHERE mailbox IN (
		$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
		$25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
		$47, $48, $49, $50)`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return err
		}
		found[byDigest[d]] = true
	}
	return rows.Err()
}

// put writes a line of the list. A wider scope takes the place of a narrower one; else the older reason stays.
func (b *Bounces) put(ctx context.Context, tx *storage.DB, s Suppression, key string) error {
	_, err := tx.Exec(ctx, `INSERT INTO suppressions (mailbox, address, scope, reason, evidence, source, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (mailbox) DO UPDATE SET address = excluded.address, scope = excluded.scope, reason = excluded.reason,
			evidence = excluded.evidence, source = excluded.source, at = excluded.at
		WHERE suppressions.scope = 'letters' AND excluded.scope = 'all'`,
		b.digest(key), s.Address, string(s.Scope), s.Reason, s.Evidence, s.Source, storage.Micros(s.At))
	return err
}

// operator is the source of lines made by hand.
const operator = "operator"

// Suppress ends the mail to an address by hand. by is whom the audit log names. Invalid for what is no address,
// Conflict when it is on the list with this scope or a wider one.
func (b *Bounces) Suppress(ctx context.Context, address string, scope Scope, reason, by string) error {
	typed, key, err := b.options.Canonical(address)
	if err != nil {
		return err
	}
	s := Suppression{Address: typed, Scope: scope, Reason: excerpt(reason), Source: operator, At: b.now()}
	err = b.db.Write(ctx, func(tx *storage.DB) error {
		old, err := b.find(ctx, tx, key)
		if err == nil && (old.Scope == All || scope == Letters) {
			return fault.New(fault.Conflict, "This address is on the list already: %s.", old.Reason)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := b.put(ctx, tx, s, key); err != nil {
			return err
		}
		return b.record(ctx, tx, Deed{Who: by, What: "suppress", Subject: "mailbox " + b.digest(key), After: string(scope)})
	})
	if err != nil {
		return fmt.Errorf("suppress: %w", err)
	}
	return nil
}

// Lift lets an address have mail again; what failed before does not count any more. NotFound when it is not on the
// list, Invalid for what is no address.
func (b *Bounces) Lift(ctx context.Context, address, by string) error {
	_, key, err := b.options.Canonical(address)
	if err != nil {
		return err
	}
	d, now := b.digest(key), b.now()
	err = b.db.Write(ctx, func(tx *storage.DB) error {
		old, err := b.find(ctx, tx, key)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM suppressions WHERE mailbox = $1`, d); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO bounces (event, source, at, mailbox, reader, mailing, domain, kind, weight, status, reply_code, said)
			VALUES ($1, $2, $3, $4, 0, 0, '', 'lifted', 'success', '', '', '') ON CONFLICT (event) DO NOTHING`,
			fmt.Sprintf("%s:%s/%d", operator, d, now.UnixMicro()), operator, storage.Micros(now), d)
		if err != nil {
			return err
		}
		return b.record(ctx, tx, Deed{Who: by, What: "lift suppression", Subject: "mailbox " + d, Before: old.Reason})
	})
	if err != nil {
		return fmt.Errorf("lift a suppression: %w", err)
	}
	return nil
}

func (b *Bounces) record(ctx context.Context, tx *storage.DB, d Deed) error {
	if b.options.Record == nil {
		return nil
	}
	d.At = b.now()
	return b.options.Record(ctx, tx, d)
}

// Find returns the line of an address in any spelling, or NotFound.
func (b *Bounces) Find(ctx context.Context, address string) (Suppression, error) {
	_, key, err := b.options.Canonical(address)
	if err != nil {
		return Suppression{}, err
	}
	return b.find(ctx, b.db, key)
}

const columns = `mailbox, address, scope, reason, evidence, source, at`

func (b *Bounces) find(ctx context.Context, tx *storage.DB, key string) (s Suppression, err error) {
	err = s.scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM suppressions WHERE mailbox = $1`, b.digest(key)))
	if errors.Is(err, sql.ErrNoRows) {
		return s, fault.New(fault.NotFound, "This address is not on the list.")
	}
	return s, err
}

func (s *Suppression) scan(row interface{ Scan(...any) error }) error {
	var at int64
	err := row.Scan(&s.mailbox, &s.Address, &s.Scope, &s.Reason, &s.Evidence, &s.Source, &at)
	s.At = storage.Time(at)
	return err
}

// List returns up to n lines, the newest first: those after the last line of the page before, or from the newest for
// the zero Suppression. Lines of the same moment stand in a fixed order.
func (b *Bounces) List(ctx context.Context, last Suppression, n int) ([]Suppression, error) {
	if last.At.IsZero() {
		last.At = b.now().AddDate(100, 0, 0)
	}
	rows, err := b.db.Query(ctx, `SELECT `+columns+` FROM suppressions WHERE at < $1 OR at = $1 AND mailbox < $2
		ORDER BY at DESC, mailbox DESC LIMIT $3`, storage.Micros(last.At), last.mailbox, n)
	if err != nil {
		return nil, fmt.Errorf("list suppressions: %w", err)
	}
	defer rows.Close()
	list := []Suppression{}
	for rows.Next() {
		var s Suppression
		if err := s.scan(rows); err != nil {
			return nil, fmt.Errorf("list suppressions: %w", err)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
