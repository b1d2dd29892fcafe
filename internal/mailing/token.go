package mailing

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// A token names a row: both ids and ten bytes of an HMAC over them. Mail servers change the case of what stands before
// an @, so it is written in base32.
var tokenCoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// tokenMAC is how many bytes of the HMAC a token has: 2⁸⁰ tries for one that holds.
const tokenMAC = 10

// What a token is for. One cannot stand in for the other: an envelope sender is known to every server on the way.
const (
	forBounce    = 'b'
	forMessageID = 'm'
)

// Token returns the part of the envelope sender b+<token>@bounce-domain that names a row: ASCII small letters and
// digits. Nobody without the key can make one.
func (m *Mailings) Token(mailing, reader int64) string { return m.token(forBounce, mailing, reader) }

// messageID is the same for a row at every try (RFC 5322, section 3.6.4).
func (m *Mailings) messageID(mailing, reader int64) string {
	return m.token(forMessageID, mailing, reader) + "@" + m.options.Domain
}

func (m *Mailings) token(purpose byte, mailing, reader int64) string {
	ids := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(mailing)), uint64(reader))
	return tokenCoding.EncodeToString(append(ids, m.mac(purpose, ids)...))
}

// mac uses its hashes again: keying one costs as much as both tokens of a mail.
func (m *Mailings) mac(purpose byte, ids []byte) []byte {
	h, ok := m.macs.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, m.secret)
	}
	defer m.macs.Put(h)
	h.Reset()
	h.Write([]byte{purpose})
	h.Write(ids)
	return h.Sum(nil)[:tokenMAC]
}

// parseToken returns the row that a token for either purpose names.
func (m *Mailings) parseToken(token string) (mailing, reader int64, ok bool) {
	raw, err := tokenCoding.DecodeString(strings.ToLower(token))
	if err != nil || len(raw) <= tokenMAC || len(raw) > 2*binary.MaxVarintLen64+tokenMAC {
		return 0, 0, false
	}
	ids, mac := raw[:len(raw)-tokenMAC], raw[len(raw)-tokenMAC:]
	if !hmac.Equal(mac, m.mac(forBounce, ids)) && !hmac.Equal(mac, m.mac(forMessageID, ids)) {
		return 0, 0, false
	}
	first, n := binary.Uvarint(ids)
	if n <= 0 {
		return 0, 0, false
	}
	second, k := binary.Uvarint(ids[n:])
	return int64(first), int64(second), k > 0 && n+k == len(ids)
}

// Delivery returns the row that a token names, from an envelope sender or from the local part of one of our
// Message-IDs; letters of either case. NotFound when the token is not ours or the row is gone.
func (m *Mailings) Delivery(ctx context.Context, token string) (Delivery, error) {
	mailing, reader, ok := m.parseToken(token)
	if !ok {
		return Delivery{}, fault.New(fault.NotFound, "the token names no mail of ours")
	}
	return m.delivery(ctx, mailing, reader)
}

func (m *Mailings) delivery(ctx context.Context, mailing, reader int64) (Delivery, error) {
	d := Delivery{Mailing: mailing, Reader: reader}
	var at int64
	err := m.db.QueryRow(ctx, `SELECT m.edition, m.newsletter, d.state, d.at FROM deliveries d JOIN mailings m ON m.id = d.mailing
		WHERE d.mailing = $1 AND d.reader = $2`, mailing, reader).Scan(&d.Edition, &d.Newsletter, &d.State, &at)
	d.At = storage.Time(at)
	return d, storage.NotFound(err, "the mail is not in the ledger any more")
}

// Bounced notes on a row that was sent that its mail came back: Status counts it as failed with this kind. It does
// nothing to a row that was not sent.
func (m *Mailings) Bounced(ctx context.Context, mailing, reader int64, kind Kind, reason string) error {
	err := m.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `UPDATE deliveries SET state = 'failed', kind = $1, reason = $2, due = NULL
			WHERE mailing = $3 AND reader = $4 AND state IN ('sent', 'unknown')`, string(kind), shorten(reason), mailing, reader)
		return err
	})
	if err != nil {
		return fmt.Errorf("bounce of mailing %d: %w", mailing, err)
	}
	return nil
}

// shorten keeps what a mail server says within a row.
func shorten(s string) string {
	const limit = 500
	if r := []rune(s); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
