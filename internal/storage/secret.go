package storage

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// Secret returns the 32 random bytes kept under a name: the key of an HMAC that every node of an installation
// shares. It is made by whoever asks first and never changes. Each use has a name of its own.
func (d *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails (crypto/rand)
	var kept string
	err := d.Write(ctx, func(tx *DB) error {
		if _, err := tx.Exec(ctx, `INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			name, base64.RawURLEncoding.EncodeToString(fresh)); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT value FROM secrets WHERE name = $1`, name).Scan(&kept)
	})
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	return base64.RawURLEncoding.DecodeString(kept)
}
