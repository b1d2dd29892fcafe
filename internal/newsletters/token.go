package newsletters

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// A purpose is the one thing that a token of a mail can do. A token of one purpose is none of another: the purpose is
// part of what its HMAC covers.
type purpose string

const (
	leave  purpose = "unsubscribe" // one reader, one newsletter: the consent ends; and the edition that led to it
	choose purpose = "preferences" // one reader: what they have, and nothing else of them
	click  purpose = "click"       // one reader, one edition: counted by name where they agreed
	lead   purpose = "link"        // one edition, one link: led to where it goes
	sent   purpose = "left"        // one edition, one second: when the mail left that a click comes from
)

// base32 with the extended hex alphabet (RFC 4648, section 7) in small letters: a token survives mail servers that
// change the case of an address.
var tokenCode = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// macSize is how many bytes of the HMAC a token carries: 128 bits.
const macSize = 16

// token names a reader and subjects: a newsletter, an edition. Nobody without the key can make one. It has no end: a
// newsletter must be left by a mail of any age.
func (l *Newsletters) token(p purpose, reader int64, subjects ...int64) string {
	b := binary.AppendUvarint(nil, uint64(reader))
	for _, s := range subjects {
		b = binary.AppendUvarint(b, uint64(s))
	}
	return tokenCode.EncodeToString(append(b, l.mac(p, b)...))
}

func (l *Newsletters) mac(p purpose, payload []byte) []byte {
	h := hmac.New(sha256.New, l.secret)
	h.Write([]byte(p))
	h.Write([]byte{0})
	h.Write(payload)
	return h.Sum(nil)[:macSize]
}

// sealSize is how many bytes of the HMAC a link carries: 80 bits, in 16 letters, as a letter has many links.
const sealSize = 10

// seal vouches for numbers that stand beside it in an address.
func (l *Newsletters) seal(p purpose, of ...int64) string {
	var b []byte
	for _, n := range of {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return tokenCode.EncodeToString(l.mac(p, b)[:sealSize])
}

// tokenLimit is longer than any token.
const tokenLimit = 80

// read returns the reader that a token of a purpose names, and so many subjects; false for what we did not make for it.
func (l *Newsletters) read(p purpose, token string, subjects int) (reader int64, of []int64, ok bool) {
	if len(token) > tokenLimit {
		return 0, nil, false
	}
	token = strings.ToLower(token)
	b, err := tokenCode.DecodeString(token)
	if err != nil || len(b) < macSize || tokenCode.EncodeToString(b) != token { // there is one spelling of each
		return 0, nil, false
	}
	payload, mac := b[:len(b)-macSize], b[len(b)-macSize:]
	if !hmac.Equal(mac, l.mac(p, payload)) {
		return 0, nil, false
	}
	for len(payload) > 0 {
		id, n := binary.Uvarint(payload)
		if n <= 0 {
			return 0, nil, false
		}
		of, payload = append(of, int64(id)), payload[n:]
	}
	if len(of) != subjects+1 {
		return 0, nil, false
	}
	return of[0], of[1:], true
}

var errToken = fault.New(fault.NotFound, "This link is not whole. Use the one in your mail as it stands there.")
