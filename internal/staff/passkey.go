package staff

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Passkey is a member's, as WebAuthn (W3C, Level 3) has it: it needs its device and a finger, face or PIN.
type Passkey struct {
	ID      string
	Name    string // the device it was made on, in words
	Created time.Time
	Used    time.Time // zero for never
}

// A ceremony is a passkey being made or used.
type ceremony string

const (
	making  ceremony = "make"
	signing ceremony = "sign"
)

func errPasskey(cause error) error {
	return fault.Wrap(fault.Invalid, cause, "The passkey was not accepted. Try again, or sign in another way.")
}

func errNoPasskeys() error {
	return fault.New(fault.Conflict, "Passkeys need the publication to have a name in place of a number in its address.")
}

// person is a member as the passkey library sees them.
type person struct {
	id      int64
	handle  []byte
	address string
	name    string
	keys    []webauthn.Credential
}

// WebAuthnID implements webauthn.User.
func (p *person) WebAuthnID() []byte { return p.handle }

// WebAuthnName implements webauthn.User.
func (p *person) WebAuthnName() string { return p.address }

// WebAuthnDisplayName implements webauthn.User.
func (p *person) WebAuthnDisplayName() string { return p.name }

// WebAuthnCredentials implements webauthn.User.
func (p *person) WebAuthnCredentials() []webauthn.Credential { return p.keys }

// person reads a member with their passkeys, by id, or by the handle that a passkey holds when id is 0.
func (s *Staff) person(ctx context.Context, id int64, handle []byte) (*person, error) {
	p := new(person)
	var h string
	err := s.db.QueryRow(ctx, `SELECT m.reader, m.handle, r.address, m.name FROM staff m JOIN readers r ON r.id = m.reader
		WHERE (m.reader = $1 OR m.handle = $2) AND r.banned = 0`, id, base64.RawURLEncoding.EncodeToString(handle)).
		Scan(&p.id, &h, &p.address, &p.name)
	if err != nil {
		return nil, storage.NotFound(err, "Nobody of the newsroom has this passkey.")
	}
	if p.handle, err = base64.RawURLEncoding.DecodeString(h); err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `SELECT credential FROM passkeys WHERE reader = $1 ORDER BY created, id`, p.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		var c webauthn.Credential
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return nil, fmt.Errorf("passkey of %d: %w", p.id, err)
		}
		p.keys = append(p.keys, c)
	}
	return p, rows.Err()
}

// begin keeps a ceremony and returns the token of its cookie.
func (s *Staff) begin(ctx context.Context, reader int64, what ceremony, data *webauthn.SessionData) (string, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	token := newToken()
	return token, s.db.Write(ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(ctx, `INSERT INTO ceremonies (id, reader, purpose, data, expires) VALUES ($1, $2, $3, $4, $5)`,
			digest(token), reader, what, string(text), storage.Micros(s.now().Add(ceremonyLife)))
		return err
	})
}

// take ends a ceremony and returns its data: a challenge is answered once.
func (s *Staff) take(ctx context.Context, token string, reader int64, what ceremony) (data webauthn.SessionData, err error) {
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		var text string
		err := tx.QueryRow(ctx, `DELETE FROM ceremonies WHERE id = $1 AND reader = $2 AND purpose = $3 AND expires > $4 RETURNING data`,
			digest(token), reader, what, storage.Micros(s.now())).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return errPasskey(err)
		}
		if err != nil {
			return err
		}
		data = webauthn.SessionData{}
		return json.Unmarshal([]byte(text), &data)
	})
	return data, err
}

// BeginPasskey returns what a browser needs to make a passkey for a member, as JSON, and the token of the ceremony.
func (s *Staff) BeginPasskey(ctx context.Context, member int64) (options []byte, token string, err error) {
	if s.passkeys == nil {
		return nil, "", errNoPasskeys()
	}
	p, err := s.person(ctx, member, nil)
	if err != nil {
		return nil, "", err
	}
	creation, data, err := s.passkeys.BeginRegistration(p, webauthn.WithExclusions(webauthn.Credentials(p.keys).CredentialDescriptors()))
	if err != nil {
		return nil, "", fmt.Errorf("begin passkey: %w", err)
	}
	if token, err = s.begin(ctx, member, making, data); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(creation)
	return options, token, err
}

// FinishPasskey keeps the passkey that a browser made. Invalid for an answer that is not right.
func (s *Staff) FinishPasskey(ctx context.Context, x Session, token string, answer []byte) error {
	data, err := s.take(ctx, token, x.Member.ID, making)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return errPasskey(err)
	}
	p, err := s.person(ctx, x.Member.ID, nil)
	if err != nil {
		return err
	}
	made, err := s.passkeys.CreateCredential(p, data, parsed)
	if err != nil {
		return errPasskey(err)
	}
	text, err := json.Marshal(made)
	if err != nil {
		return err
	}
	now := storage.Micros(s.now())
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `INSERT INTO passkeys (id, reader, name, credential, created) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
			base64.RawURLEncoding.EncodeToString(made.ID), x.Member.ID, x.Agent, string(text), now)
		if err == nil && n == 0 {
			err = errPasskey(errors.New("a passkey of this id is there already"))
		}
		if err != nil {
			return err
		}
		if err := s.prove(ctx, tx, x); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: x.Member.Who(), What: "add passkey", Subject: readers.Subject(x.Member.ID), After: x.Agent})
	})
}

// prove notes that a second factor was shown in a session.
func (s *Staff) prove(ctx context.Context, tx *storage.DB, x Session) error {
	_, err := tx.Exec(ctx, `UPDATE staff_sessions SET proved = $1 WHERE id = $2`, storage.Micros(s.now()), x.ID)
	return err
}

// BeginSignIn returns what a browser needs to sign in with a passkey, as JSON, and the token of the ceremony. Nobody is
// named: the passkey says who it is.
func (s *Staff) BeginSignIn(ctx context.Context) (options []byte, token string, err error) {
	if s.passkeys == nil {
		return nil, "", errNoPasskeys()
	}
	assertion, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, "", fmt.Errorf("begin sign-in: %w", err)
	}
	if token, err = s.begin(ctx, 0, signing, data); err != nil {
		return nil, "", err
	}
	options, err = json.Marshal(assertion)
	return options, token, err
}

// SignInWithPasskey signs a device in by what its passkey answered. Invalid for an answer that is not right.
func (s *Staff) SignInWithPasskey(ctx context.Context, token string, answer []byte, d Device) (e Entry, err error) {
	p, used, err := s.verify(ctx, token, answer)
	if err != nil {
		return Entry{}, err
	}
	session := newToken()
	err = s.db.Write(ctx, func(tx *storage.DB) error {
		if err := s.used(ctx, tx, p.id, used); err != nil {
			return err
		}
		e, err = s.enter(ctx, tx, p.id, session, d, "passkey")
		return err
	})
	return e, err
}

// ProveWithPasskey notes that the member of a session showed a passkey of theirs.
func (s *Staff) ProveWithPasskey(ctx context.Context, x Session, token string, answer []byte) error {
	p, used, err := s.verify(ctx, token, answer)
	if err != nil {
		return err
	}
	if p.id != x.Member.ID {
		return errPasskey(errors.New("another member's passkey"))
	}
	return s.db.Write(ctx, func(tx *storage.DB) error {
		if err := s.used(ctx, tx, p.id, used); err != nil {
			return err
		}
		return s.prove(ctx, tx, x)
	})
}

func (s *Staff) verify(ctx context.Context, token string, answer []byte) (*person, *webauthn.Credential, error) {
	data, err := s.take(ctx, token, 0, signing)
	if err != nil {
		return nil, nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, nil, errPasskey(err)
	}
	var p *person
	_, used, err := s.passkeys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		var err error
		p, err = s.person(ctx, 0, handle)
		return p, err
	}, data, parsed)
	if err != nil {
		return nil, nil, errPasskey(err)
	}
	if used.Authenticator.CloneWarning {
		return nil, nil, errPasskey(errors.New("the passkey's counter went back: it may have been copied"))
	}
	return p, used, nil
}

// used writes the passkey's counter down.
func (s *Staff) used(ctx context.Context, tx *storage.DB, member int64, c *webauthn.Credential) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE passkeys SET credential = $1, used = $2 WHERE id = $3 AND reader = $4`, string(text),
		storage.Micros(s.now()), base64.RawURLEncoding.EncodeToString(c.ID), member)
	if err == nil && n == 0 {
		err = errPasskey(errors.New("the passkey was taken away meanwhile"))
	}
	return err
}

// Passkeys returns a member's passkeys, the oldest first.
func (s *Staff) Passkeys(ctx context.Context, member int64) ([]Passkey, error) {
	rows, err := s.db.Query(ctx, `SELECT id, name, created, used FROM passkeys WHERE reader = $1 ORDER BY created, id`, member)
	if err != nil {
		return nil, fmt.Errorf("passkeys of %d: %w", member, err)
	}
	defer rows.Close()
	list := []Passkey{}
	for rows.Next() {
		var k Passkey
		var created, used int64
		if err := rows.Scan(&k.ID, &k.Name, &created, &used); err != nil {
			return nil, fmt.Errorf("passkeys of %d: %w", member, err)
		}
		k.Created, k.Used = storage.Time(created), storage.Time(used)
		list = append(list, k)
	}
	return list, rows.Err()
}

// RemovePasskey takes a passkey of a member away. Conflict when nothing else would secure their sign-in.
func (s *Staff) RemovePasskey(ctx context.Context, member int64, id string) error {
	return s.db.Write(ctx, func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, `DELETE FROM passkeys WHERE reader = $1 AND id = $2`, member, id)
		if err != nil || n == 0 {
			return err
		}
		if err := s.stillSecured(ctx, tx, member); err != nil {
			return err
		}
		return s.record(ctx, tx, readers.Event{Who: Who(member), What: "remove passkey", Subject: readers.Subject(member)})
	})
}

// stillSecured refuses to leave a member without a second factor. It locks their row against a like change beside it.
func (s *Staff) stillSecured(ctx context.Context, tx *storage.DB, member int64) error {
	if _, err := tx.Exec(ctx, `UPDATE staff SET role = role WHERE reader = $1`, member); err != nil {
		return err
	}
	m, err := s.member(ctx, tx, member)
	if err == nil && !m.Secured {
		return fault.New(fault.Conflict, "This is all that secures your sign-in. Set up another way first.")
	}
	return err
}
