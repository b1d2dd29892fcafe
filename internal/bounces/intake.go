package bounces

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// Report takes what an authenticated source tells of one mail: an event for each record. id is the source's own for the
// notification. The first error ends it; taken again, what was taken before does not count twice.
func (b *Bounces) Report(ctx context.Context, source, id string, r bounce.Report) error {
	token := b.tokenAmong(r.Senders)
	for i, record := range r.Records {
		e := Event{Source: source, ID: id, At: r.At, MessageID: r.MessageID, Recipient: record.Recipient, Record: record}
		if len(r.Records) == 1 {
			e.Token = token // the mail had one recipient, ours
		} else {
			e.ID += "/" + strconv.Itoa(i)
		}
		if _, err := b.Take(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// tokenAmong finds our VERP address among envelope senders.
func (b *Bounces) tokenAmong(senders []string) string {
	for _, s := range senders {
		if token, ok := verpToken(localPart(s)); ok {
			return token
		}
	}
	return ""
}

// Mail takes a mail that was sent to the bounce address of a token. Whatever it says, it can be about that token's
// reader alone. Answers by programs and mail that is no report are dropped.
func (b *Bounces) Mail(ctx context.Context, token string, raw []byte) error {
	r := bounce.Parse(raw)
	record, ok := mildest(r)
	if !ok {
		return nil
	}
	sum := sha256.Sum256([]byte(r.ID))
	if r.ID == "" {
		sum = sha256.Sum256(raw)
	}
	_, err := b.Take(ctx, Event{Source: "listener", ID: token + "/" + hex.EncodeToString(sum[:12]), Token: token, Record: record})
	return err
}

// mildest is the record that counts for a mail to one reader. When the mail was sent on to several mailboxes, one that
// is gone does not end the mail to the others. ok is false for what is no report.
func mildest(r bounce.Report) (best bounce.Record, ok bool) {
	if r.Automatic() {
		return best, false
	}
	order := map[weight]int{success: 1, none: 2, soft: 3, policy: 4, hard: 5, complaint: 6}
	for _, record := range r.Records {
		if record.Kind == bounce.Unknown && !r.Notified {
			continue // a person who wrote to the wrong address, or anything else
		}
		if w := order[(Event{Record: record}).weight()]; !ok || w < order[(Event{Record: best}).weight()] {
			best, ok = record, true
		}
	}
	return best, ok
}

// verpToken is the token of a local part b+TOKEN.
func verpToken(local string) (string, bool) {
	token, ok := strings.CutPrefix(strings.ToLower(local), "b+")
	if !ok || token == "" || len(token) > 64 || strings.ContainsFunc(token, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}) {
		return "", false
	}
	return token, true
}

// Probe returns a local part that this installation's listener takes and no other does: the doctor asks the mail
// server of the bounce domain whether it would.
func (b *Bounces) Probe() string {
	nonce := make([]byte, 8)
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	n := hex.EncodeToString(nonce)
	return "probe+" + n + b.probeMark(n)
}

func (b *Bounces) probeMark(nonce string) string {
	mac := hmac.New(sha256.New, b.secret)
	mac.Write([]byte("probe\x00" + nonce))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func (b *Bounces) isProbe(local string) bool {
	text, ok := strings.CutPrefix(strings.ToLower(local), "probe+")
	return ok && len(text) == 32 && hmac.Equal([]byte(text[16:]), []byte(b.probeMark(text[:16])))
}
