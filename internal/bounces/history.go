package bounces

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// Bounce is one notification as it is kept.
type Bounce struct {
	At        time.Time `json:"at"`
	Source    string    `json:"source"`
	Kind      string    `json:"kind"`
	Counts    string    `json:"counts_as"` // hard, soft, policy, complaint, success, or nothing
	Status    string    `json:"status"`
	ReplyCode string    `json:"reply_code"`
	Said      string    `json:"said"`
	Mailing   int64     `json:"mailing,omitempty"`
}

// History returns up to n notifications about an address in any spelling, the newest first.
func (b *Bounces) History(ctx context.Context, address string, n int) ([]Bounce, error) {
	_, key, err := b.options.Canonical(address)
	if err != nil {
		return nil, err
	}
	return b.history(ctx, key, n)
}

func (b *Bounces) history(ctx context.Context, key string, n int) ([]Bounce, error) {
	rows, err := b.db.Query(ctx, `SELECT at, source, kind, weight, status, reply_code, said, mailing FROM bounces
		WHERE mailbox = $1 ORDER BY at DESC, id DESC LIMIT $2`, b.digest(key), n)
	if err != nil {
		return nil, fmt.Errorf("history of a mailbox: %w", err)
	}
	defer rows.Close()
	list := []Bounce{}
	for rows.Next() {
		var one Bounce
		var at int64
		if err := rows.Scan(&at, &one.Source, &one.Kind, &one.Counts, &one.Status, &one.ReplyCode, &one.Said, &one.Mailing); err != nil {
			return nil, fmt.Errorf("history of a mailbox: %w", err)
		}
		one.At = storage.Time(at)
		list = append(list, one)
	}
	return list, rows.Err()
}

// Export is what a reader is given of this package.
type Export struct {
	Suppressed *ExportedSuppression `json:"suppressed"` // null when mail goes to them
	Bounces    []Bounce             `json:"bounces"`
}

// ExportedSuppression is a Suppression.
type ExportedSuppression struct {
	Scope    Scope     `json:"scope"`
	Reason   string    `json:"reason"`
	Evidence string    `json:"evidence"`
	Since    time.Time `json:"since"`
}

// ExportReader implements readers.Exporter.
func (b *Bounces) ExportReader(ctx context.Context, reader int64) (string, any, error) {
	p, err := b.people.Person(ctx, reader)
	if err != nil {
		return "", nil, fmt.Errorf("export bounces: %w", err)
	}
	var e Export
	if e.Bounces, err = b.history(ctx, p.Key, 1000); err != nil {
		return "", nil, err
	}
	s, err := b.find(ctx, b.db, p.Key)
	switch {
	case err == nil:
		e.Suppressed = &ExportedSuppression{s.Scope, s.Reason, s.Evidence, s.At}
	case !fault.Is(err, fault.NotFound):
		return "", nil, fmt.Errorf("export bounces: %w", err)
	}
	return "bounces", e, nil
}

// EraseReader implements readers.Eraser. The line of the list stays, by the HMAC of the mailbox and without what was
// said: it is there so that an address that bounced or complained is not mailed again when somebody types it anew. What
// came back stays known by its id alone, so that it does not count again.
func (b *Bounces) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	p, err := b.people.Person(ctx, reader)
	if err != nil {
		return fmt.Errorf("erase bounces: %w", err)
	}
	d := b.digest(p.Key)
	_, err = tx.Exec(ctx, `UPDATE suppressions SET address = '', evidence = '' WHERE mailbox = $1`, d)
	_, err2 := tx.Exec(ctx, `UPDATE bounces SET mailbox = '', reader = 0, mailing = 0, said = '' WHERE mailbox = $1 OR mailbox <> '' AND reader = $2`, d, reader)
	if err := errors.Join(err, err2); err != nil {
		return fmt.Errorf("erase bounces: %w", err)
	}
	return nil
}
