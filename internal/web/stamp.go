package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// stamps are signed times in the forms that have a mail sent to an address (S-07). They tell a form that was shown on a
// page from one that a program made up. The page is one that many share and caches keep, so that a stamp says the week
// and nothing of who was shown it: a program that reads the page first has it too, and meets the limits of its network
// like everyone. What stamps stop is a crowd of machines that only send: all of them together get through as often in
// a minute as the setting says, while the forms of people go on to work.
type stamps struct {
	key    []byte
	now    func() time.Time
	unseen *turnstile // counts forms without a stamp, all senders as one
}

const (
	stampWeek = 7 * 24 * time.Hour
	stampSize = 16 // bytes of the HMAC: 128 bits
)

func newStamps(key []byte, now func() time.Time) *stamps {
	return &stamps{key: key, now: now, unseen: newTurnstile()}
}

// Stamp is what a form made now holds.
func (s *stamps) Stamp() string { return s.of(s.week()) }

func (s *stamps) week() int64 { return s.now().Unix() / int64(stampWeek/time.Second) }

func (s *stamps) of(week int64) string {
	h := hmac.New(sha256.New, s.key)
	_ = binary.Write(h, binary.BigEndian, week)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:stampSize])
}

// fresh reports whether a stamp is of this week or of the one before: a page may be open for a week, or kept as long.
func (s *stamps) fresh(stamp string) bool {
	week := s.week()
	return hmac.Equal([]byte(stamp), []byte(s.of(week))) || hmac.Equal([]byte(stamp), []byte(s.of(week-1)))
}

// errStale is what the sender of a form without a fresh stamp reads while too many of the kind come in. The form that
// is shown with it has one.
var errStale = fault.New(fault.Invalid, "This form was open for a long time. Send it once more, please.")

// unstamped refuses a form that was on no page of ours lately, once more of them than a number came in this minute.
func (s *stamps) unstamped(r *http.Request, perMinute int) error {
	if s.fresh(strings.TrimSpace(r.PostForm.Get("stamp"))) || s.unseen.pass("", perMinute, s.now()) == 0 {
		return nil
	}
	return errStale
}
