package staff

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Authenticator is what an app is set up with (RFC 6238: SHA-1, six digits, 30 seconds, as all of them understand).
type Authenticator struct {
	Secret string // base32, for typing
	URL    string // otpauth://
}

const (
	period    = 30 // seconds of a time step
	codeTries = 5  // wrong codes before a member waits
	codePause = 15 * time.Minute
)

func errCode() error {
	return fault.Field("code", "This code is not right, or it was used already. Wait for the next one.")
}

// NewAuthenticator returns a fresh secret for a member's app. Nothing is kept before SetAuthenticator.
func (s *Staff) NewAuthenticator(address string) (Authenticator, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.o.Publication, AccountName: address})
	if err != nil {
		return Authenticator{}, fmt.Errorf("new authenticator: %w", err)
	}
	return Authenticator{Secret: key.Secret(), URL: key.URL()}, nil
}

// Restore returns the authenticator of a secret that NewAuthenticator gave out. Invalid for anything else.
func (s *Staff) Restore(address, secret string) (Authenticator, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != 20 {
		return Authenticator{}, fault.Field("code", "Begin again: this form is not one of ours.")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.o.Publication, AccountName: address, Secret: raw})
	if err != nil {
		return Authenticator{}, err
	}
	return Authenticator{Secret: key.Secret(), URL: key.URL()}, nil
}

// PNG draws the authenticator as a QR code for a phone's camera.
func (a Authenticator) PNG() ([]byte, error) {
	key, err := otp.NewKeyFromURL(a.URL)
	if err != nil {
		return nil, err
	}
	picture, err := key.Image(240, 240)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = png.Encode(&b, picture)
	return b.Bytes(), err
}

// step returns the time step in which a code is right, a minute of drift allowed, and 0 for a wrong one.
func step(secret, code string, now time.Time) int64 {
	for _, off := range []int64{0, -1, 1, -2, 2} {
		at := now.Unix()/period + off
		if ok, err := hotp.ValidateCustom(code, uint64(at), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}); ok && err == nil {
			return at
		}
	}
	return 0
}

// SetAuthenticator keeps a member's authenticator after a code of it was right. Invalid for the field "code" otherwise.
func (s *Staff) SetAuthenticator(ctx context.Context, x Session, secret, code string) error {
	if _, err := s.Restore(x.Member.Address, secret); err != nil {
		return err
	}
	at := step(secret, plainCode(code), s.now())
	if at == 0 {
		return errCode()
	}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `UPDATE staff SET totp = $1, totp_step = $2 WHERE reader = $3`, secret, at, x.Member.ID); err != nil {
			return err
		}
		if err := s.prove(ctx, tx, x); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: x.Member.Who(), What: "set authenticator", Subject: readers.Subject(x.Member.ID)})
	})
}

// RemoveAuthenticator takes a member's authenticator away. Conflict when nothing else would secure their sign-in.
func (s *Staff) RemoveAuthenticator(ctx context.Context, member int64) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `UPDATE staff SET totp = '', totp_step = 0 WHERE reader = $1`, member); err != nil {
			return err
		}
		if err := s.stillSecured(ctx, tx, member); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: Who(member), What: "remove authenticator", Subject: readers.Subject(member)})
	})
}

// HasAuthenticator reports whether a reader is a member who may sign in with a code.
func (s *Staff) HasAuthenticator(ctx context.Context, reader int64) (bool, error) {
	var n int
	err := s.db.QueryRow(ctx, `SELECT COUNT(*) FROM staff m WHERE m.reader = $1 AND (m.totp <> ''
		OR EXISTS (SELECT 1 FROM recovery_codes c WHERE c.reader = m.reader AND c.used = 0))`, reader).Scan(&n)
	return n > 0, err
}

// SignInWithCode signs a device in that is in a session of its reader already, and so has shown the mailbox: by a code of
// the authenticator, or a recovery code. Invalid, for the field "code", for a wrong one; after five of them TooMany for a
// quarter of an hour, whatever is typed.
func (s *Staff) SignInWithCode(ctx context.Context, reader int64, code string, d Device) (e Entry, err error) {
	session := newToken()
	err = s.withCode(ctx, reader, code, func(tx *storage.DB, how string) error {
		e, err = s.enter(ctx, tx, reader, session, d, how)
		return err
	})
	return e, err
}

// ProveWithCode notes that the member of a session showed a code.
func (s *Staff) ProveWithCode(ctx context.Context, x Session, code string) error {
	return s.withCode(ctx, x.Member.ID, code, func(tx *storage.DB, _ string) error { return s.prove(ctx, tx, x) })
}

// withCode runs f in the transaction that spends a right code. A wrong one is counted in a transaction that commits.
func (s *Staff) withCode(ctx context.Context, member int64, code string, f func(tx *storage.DB, how string) error) error {
	code = plainCode(code)
	now := s.now()
	var wrong error
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		wrong = nil
		wait, err := s.countTry(ctx, tx, member, now)
		if err != nil {
			return err
		}
		if wait > 0 {
			wrong = fault.Limited(wait, "Too many wrong codes. Try again in a quarter of an hour.")
			return nil
		}
		how, err := s.spend(ctx, tx, member, code, now)
		if err != nil {
			return err
		}
		if how == "" {
			wrong = errCode()
			return nil
		}
		if _, err := tx.Exec(ctx, `UPDATE staff SET tries = 0 WHERE reader = $1`, member); err != nil {
			return err
		}
		return f(tx, how)
	})
	return errors.Join(err, wrong)
}

// countTry counts a try, which locks the member's row, and returns how long the member has to wait.
func (s *Staff) countTry(ctx context.Context, tx *storage.DB, member int64, now time.Time) (time.Duration, error) {
	_, err := tx.Exec(ctx, `UPDATE staff SET tries = 0 WHERE reader = $1 AND tried <= $2`, member, storage.Micros(now.Add(-codePause)))
	if err != nil {
		return 0, err
	}
	var tries int
	var tried int64
	err = tx.QueryRow(ctx, `UPDATE staff SET tries = tries + 1, tried = CASE WHEN tries >= $1 THEN tried ELSE $2 END
		WHERE reader = $3 RETURNING tries, tried`, codeTries, storage.Micros(now), member).Scan(&tries, &tried)
	if err != nil {
		return 0, storage.NotFound(err, "Nobody of the newsroom is this.")
	}
	if tries <= codeTries {
		return 0, nil
	}
	return storage.Time(tried).Add(codePause).Sub(now), nil
}

// spend uses a code up and says what it was, "" for a wrong one.
func (s *Staff) spend(ctx context.Context, tx *storage.DB, member int64, code string, now time.Time) (how string, err error) {
	var secret string
	var last int64
	if err := tx.QueryRow(ctx, `SELECT totp, totp_step FROM staff WHERE reader = $1`, member).Scan(&secret, &last); err != nil {
		return "", err
	}
	if secret != "" && len(code) == 6 {
		at := step(secret, code, now)
		if at <= last {
			return "", nil
		}
		_, err := tx.Exec(ctx, `UPDATE staff SET totp_step = $1 WHERE reader = $2`, at, member)
		return "authenticator", err
	}
	n, err := tx.Exec(ctx, `UPDATE recovery_codes SET used = $1 WHERE reader = $2 AND code = $3 AND used = 0`,
		storage.Micros(now), member, recoveryDigest(code))
	if err != nil || n == 0 {
		return "", err
	}
	return "recovery code", nil
}

// plainCode is a code as people type it, without spaces and hyphens, in capitals.
func plainCode(code string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' || r == '\t' {
			return -1
		}
		return r
	}, code))
}

// recoveryCodes is how many a member has.
const recoveryCodes = 10

// recoveryDigest is a recovery code as it is stored. It has 80 random bits, so that a plain hash will do.
func recoveryDigest(code string) string {
	sum := sha256.Sum256([]byte("recovery\x00" + code))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// NewRecoveryCodes gives a member ten fresh recovery codes; the old ones are good for nothing any more. They are shown
// once: only their hashes are kept.
func (s *Staff) NewRecoveryCodes(ctx context.Context, member int64) ([]string, error) {
	codes := make([]string, recoveryCodes)
	for i := range codes {
		var b [10]byte
		_, _ = rand.Read(b[:]) // never fails (crypto/rand)
		t := base32.StdEncoding.EncodeToString(b[:])
		codes[i] = t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:]
	}
	err := s.db.Write(ctx, func(tx *storage.DB) error {
		if _, err := tx.Exec(ctx, `DELETE FROM recovery_codes WHERE reader = $1`, member); err != nil {
			return err
		}
		for _, c := range codes {
			if _, err := tx.Exec(ctx, `INSERT INTO recovery_codes (code, reader) VALUES ($1, $2)`, recoveryDigest(plainCode(c)), member); err != nil {
				return err
			}
		}
		return s.record(ctx, tx, readers.Event{Who: Who(member), What: "new recovery codes", Subject: readers.Subject(member)})
	})
	if err != nil {
		return nil, fmt.Errorf("recovery codes of %d: %w", member, err)
	}
	return codes, nil
}

// Ways are what a member can sign in with.
type Ways struct {
	Passkeys      []Passkey
	Authenticator bool
	Codes         int // recovery codes left
}

// Ways returns what a member can sign in with.
func (s *Staff) Ways(ctx context.Context, member int64) (w Ways, err error) {
	if w.Passkeys, err = s.Passkeys(ctx, member); err != nil {
		return w, err
	}
	var has int
	err = s.db.QueryRow(ctx, `SELECT CASE WHEN m.totp <> '' THEN 1 ELSE 0 END, (SELECT COUNT(*) FROM recovery_codes c
		WHERE c.reader = m.reader AND c.used = 0) FROM staff m WHERE m.reader = $1`, member).Scan(&has, &w.Codes)
	w.Authenticator = has == 1
	return w, err
}
