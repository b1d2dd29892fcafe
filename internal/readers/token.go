package readers

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
)

// tokenLength is the length of a token: 256 random bits in base64url (RFC 4648, section 5).
const tokenLength = 43

// newToken returns a token for a link, a session or a visitor.
func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is the SHA-256 of a token. A token has 256 random bits, so that no salt or slow hash is needed.
type digest [sha256.Size]byte

// digestOf returns the digest of a token, and false for what cannot be one. It allocates nothing: it runs in every
// request of a signed-in reader.
func digestOf(token string) (d digest, ok bool) {
	if len(token) != tokenLength {
		return d, false
	}
	var b [tokenLength]byte
	copy(b[:], token)
	return sha256.Sum256(b[:]), true
}

// String gives a digest as it is stored.
func (d digest) String() string { return base64.RawURLEncoding.EncodeToString(d[:]) }

func parseDigest(s string) (d digest, ok bool) {
	if len(s) != tokenLength { // Decode panics when its target is too short
		return d, false
	}
	n, err := base64.RawURLEncoding.Strict().Decode(d[:], []byte(s))
	return d, err == nil && n == len(d)
}

// newCode returns six random digits.
func newCode() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(1_000_000)) // never fails (crypto/rand)
	return fmt.Sprintf("%06d", n)
}

// codeDigest is the code of an attempt as it is stored. A million codes are quickly tried against a plain hash, so it
// is keyed with the installation's secret, and differs between attempts.
func (r *Readers) codeDigest(attempt digest, code string) string {
	return r.keyed("code\x00" + string(attempt[:]) + code)
}

// sameCode compares in constant time.
func sameCode(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// mailboxDigest stands for a mailbox where the address itself is not wanted.
func (r *Readers) mailboxDigest(key string) string { return r.keyed("mailbox\x00" + key) }

func (r *Readers) keyed(s string) string {
	h := hmac.New(sha256.New, r.secret)
	h.Write([]byte(s))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// plainCode returns the digits of a code as people type it, with spaces or a hyphen in the middle.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' {
			return -1
		}
		return r
	}, s)
}

// VisitorID returns what a visitor token is known by in the database, "" for what is no token.
func VisitorID(token string) string {
	d, ok := digestOf(token)
	if !ok {
		return ""
	}
	return d.String()
}
