package readers

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Newsletter is the subject of the consent to the free newsletter.
const Newsletter = "newsletter"

// Consent is what a reader agreed to.
type Consent struct {
	Subject   string    // what for, such as Newsletter
	Wording   string    // the words that were agreed to
	Given     time.Time // when the box was ticked
	Network   string    // the /24 or /64 it came from
	Withdrawn time.Time // zero while it holds
}

// Consents returns what a reader agreed to, the newest first, with what was withdrawn.
func (r *Readers) Consents(ctx context.Context, reader int64) ([]Consent, error) {
	rows, err := r.db.Query(ctx, `SELECT subject, wording, given, network, withdrawn FROM consents
		WHERE reader = $1 ORDER BY id DESC`, reader)
	if err != nil {
		return nil, fmt.Errorf("consents of reader %d: %w", reader, err)
	}
	defer rows.Close()
	list := []Consent{}
	for rows.Next() {
		var c Consent
		var given, withdrawn int64
		if err := rows.Scan(&c.Subject, &c.Wording, &given, &c.Network, &withdrawn); err != nil {
			return nil, fmt.Errorf("consents of reader %d: %w", reader, err)
		}
		c.Given, c.Withdrawn = storage.Time(given), storage.Time(withdrawn)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Consent notes that a signed-in reader agrees to something. While an earlier consent to the same holds, it stays.
func (r *Readers) Consent(ctx context.Context, reader int64, subject, wording string, from netip.Prefix) error {
	c := Consent{Subject: subject, Wording: wording, Given: r.now(), Network: networkOf(from)}
	err := r.changeReader(ctx, reader, func(tx *storage.DB) error { return c.insert(ctx, tx, reader) })
	if err != nil {
		return fmt.Errorf("consent of reader %d: %w", reader, err)
	}
	return nil
}

func (c Consent) insert(ctx context.Context, tx *storage.DB, reader int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO consents (reader, subject, wording, given, network) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, reader, c.Subject, c.Wording, storage.Micros(c.Given), c.Network)
	return err
}

// Withdraw ends the consent to a subject. Without one it does nothing.
func (r *Readers) Withdraw(ctx context.Context, reader int64, subject string) error {
	_, err := r.End(ctx, reader, subject)
	return err
}

// End is Withdraw, and reports whether the consent held until now: of several at once, one alone ended it.
func (r *Readers) End(ctx context.Context, reader int64, subject string) (held bool, err error) {
	err = r.changeReader(ctx, reader, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `UPDATE consents SET withdrawn = $1 WHERE reader = $2 AND subject = $3 AND withdrawn = 0`,
			storage.Micros(r.now()), reader, subject)
		held = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("withdraw consent of reader %d: %w", reader, err)
	}
	return held, nil
}
