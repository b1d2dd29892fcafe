package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// signedFields are what a signature covers (RFC 6376, section 5.4.1; RFC 8058, section 4, for the unsubscribe fields).
// Those named twice are covered by one more than there are, so that none can be added on the way.
var signedFields = []string{
	"From", "From", "To", "To", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID", "Reply-To", "Reply-To",
	"MIME-Version", "Content-Type", "Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe", "List-Unsubscribe-Post",
	"List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted",
}

// A DKIMKey is a private key and the selector under which its public half is published.
type DKIMKey struct {
	Selector string
	signer   crypto.Signer
}

// DKIM signs mail for a domain, once with each key (RFC 6376, RFC 8463). It is safe for use by many goroutines. It
// implements Signer.
type DKIM struct {
	options []*dkim.SignOptions
}

// NewDKIM returns a signer for the domain of the From address. The keys have different selectors.
func NewDKIM(domain string, keys ...DKIMKey) (*DKIM, error) {
	if !isDotAtom(domain) || len(keys) == 0 {
		return nil, errors.New("dkim: expected a domain and at least one key")
	}
	d := &DKIM{}
	for _, k := range keys {
		d.options = append(d.options, &dkim.SignOptions{Domain: domain, Selector: k.Selector, Signer: k.signer,
			HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
			HeaderKeys: signedFields})
	}
	return d, nil
}

// Sign implements Signer.
func (d *DKIM) Sign(message []byte) ([]byte, error) {
	var fields bytes.Buffer
	for _, o := range d.options {
		s, err := dkim.NewSigner(o)
		if err != nil {
			return nil, err
		}
		if _, err := s.Write(message); err != nil {
			return nil, errors.Join(err, s.Close())
		}
		if err := s.Close(); err != nil {
			return nil, err
		}
		fields.WriteString(s.Signature())
	}
	return fields.Bytes(), nil
}

// ParseDKIMKey reads a private key in PEM: PKCS #8, RSA of at least 2,048 bits or Ed25519, or an RSA key as PKCS #1.
func ParseDKIMKey(selector string, text []byte) (DKIMKey, error) {
	if !isDotAtom(selector) {
		return DKIMKey{}, errors.New("dkim: the selector is not a name")
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return DKIMKey{}, errors.New("dkim: the key is not in PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		if parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
			return DKIMKey{}, errors.New("dkim: the key is neither PKCS #8 nor PKCS #1")
		}
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < 2048 {
			return DKIMKey{}, fmt.Errorf("dkim: the RSA key has %d bits, and large receivers want 2,048 (RFC 8301, 3.2)", k.N.BitLen())
		}
		return DKIMKey{selector, k}, nil
	case ed25519.PrivateKey:
		return DKIMKey{selector, k}, nil
	}
	return DKIMKey{}, errors.New("dkim: expected an RSA or Ed25519 key")
}

// GenerateDKIMKey makes a private key, of the kind "rsa" (2,048 bits) or "ed25519", in PEM.
func GenerateDKIMKey(kind string) ([]byte, error) {
	var key any
	var err error
	switch kind {
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	default:
		return nil, fmt.Errorf("dkim: no kind of key is called %q; there are rsa and ed25519", kind)
	}
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Name is where the record of a key for a domain is published: <selector>._domainkey.<domain>.
func (k DKIMKey) Name(domain string) string { return k.Selector + "._domainkey." + domain }

// Record is the text of that TXT record (RFC 6376, section 3.6.1; RFC 8463, section 4). A text over 255 characters is
// published in several strings (RSA keys are).
func (k DKIMKey) Record() (string, error) {
	switch public := k.signer.Public().(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public), nil
	default:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return "", err
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der), nil
	}
}

// Strings splits a text for a TXT record into quoted strings of at most 255 characters, as zone files want it.
func Strings(record string) string {
	var quoted []string
	for len(record) > 0 {
		n := min(255, len(record))
		quoted = append(quoted, `"`+record[:n]+`"`)
		record = record[n:]
	}
	return strings.Join(quoted, " ")
}
