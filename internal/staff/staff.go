package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/gatefold/gatefold/internal/outbox"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// Options of New.
type Options struct {
	Publication string           // its name, as in the masthead
	Origin      string           // of the site: scheme, host and port, without a slash
	Now         func() time.Time // nil is the system's clock
	Leaving     []readers.Eraser // forget a member who works here no more
	Lenient     bool             // a second factor is offered and not asked for: for the demonstration alone
}

// Staff is everybody who works at the publication. It is safe for concurrent use.
type Staff struct {
	db       *storage.DB
	readers  *readers.Readers
	out      *outbox.Outbox
	o        Options
	passkeys *webauthn.WebAuthn // nil where there can be none
}

// How long things are good for.
const (
	invitationLife = 7 * 24 * time.Hour
	sessionIdle    = 14 * 24 * time.Hour // a session unused for so long ends
	sessionLife    = 60 * 24 * time.Hour // a session ends so long after sign-in
	proofLife      = 15 * time.Minute    // a second factor shown so long ago is asked for again for what is grave
	ceremonyLife   = 5 * time.Minute     // from the beginning to the end of using a passkey
)

// New returns the staff kept in a migrated database.
func New(db *storage.DB, people *readers.Readers, out *outbox.Outbox, o Options) (*Staff, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	origin, err := url.Parse(o.Origin)
	if err != nil {
		return nil, fmt.Errorf("open staff: %w", err)
	}
	s := &Staff{db: db, readers: people, out: out, o: o}
	if _, err := netip.ParseAddr(origin.Hostname()); err == nil {
		return s, nil // a passkey belongs to a name (WebAuthn, 5.1.2, RP ID)
	}
	s.passkeys, err = webauthn.New(&webauthn.Config{RPID: origin.Hostname(), RPDisplayName: o.Publication, RPOrigins: []string{o.Origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired},
		AttestationPreference: protocol.PreferNoAttestation})
	if err != nil {
		return nil, fmt.Errorf("open staff: %w", err)
	}
	return s, nil
}

// now is the time as the database keeps it, to the microsecond.
func (s *Staff) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }

// tokenLength is the length of a token: 256 random bits in base64url (RFC 4648, section 5).
const tokenLength = 43

func newToken() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is what a token is known by in the database, "" for what cannot be one.
func digest(token string) string {
	if len(token) != tokenLength {
		return ""
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// record writes a deed into the audit log.
func (s *Staff) record(ctx context.Context, tx *storage.DB, e readers.Event) error {
	e.At = s.now()
	return readers.Record(ctx, tx, e)
}
