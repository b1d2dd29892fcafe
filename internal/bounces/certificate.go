package bounces

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"sync"
	"time"
)

// lookAgain is how long a certificate is used before its file is looked at again.
const lookAgain = time.Minute

// certificate is the listener's, kept from its files, which are renewed under a running server.
type certificate struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	looked time.Time
	at     time.Time // when the file was written
	now    *tls.Certificate
}

// NewTLS returns what the listener speaks STARTTLS with (RFC 3207): the certificate and key of two files in PEM, read
// again when they change, or without files one made now for a host, as servers that deliver mail ask for no better
// (RFC 7435).
func NewTLS(cert, key, host string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{cert: cert, key: key, log: log}
	if cert == "" {
		made, err := selfSigned(host)
		if err != nil {
			return nil, fmt.Errorf("make a certificate: %w", err)
		}
		return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{made}}, nil
	}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("bounces.tls_certificate: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// get gives the certificate, and the one before while a new one cannot be read.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= lookAgain {
		if err := c.load(); err != nil {
			c.log.Error("bounces: read the certificate anew", "error", err)
		}
	}
	return c.now, nil
}

// load reads the files when the certificate's has changed. The caller holds the lock.
func (c *certificate) load() error {
	c.looked = time.Now()
	info, err := os.Stat(c.cert)
	if err != nil {
		return err
	}
	if c.now != nil && info.ModTime().Equal(c.at) {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.now, c.at = &pair, info.ModTime()
	return nil
}

// selfSigned makes a certificate that nobody vouches for.
func selfSigned(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(10, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
