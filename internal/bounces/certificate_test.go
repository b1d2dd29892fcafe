package bounces

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/textproto"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// writePair makes a certificate for a host and writes it and its key into two files.
func writePair(t *testing.T, dir, host string, at time.Time) (cert, key string) {
	t.Helper()
	pair, err := selfSigned(host)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// A report comes in after STARTTLS, by a certificate of files or by one made at start.
func TestListenerSpeaksTLS(t *testing.T) {
	cert, key := writePair(t, t.TempDir(), "mx.journal.example", time.Now())
	for name, files := range map[string][2]string{"of files": {cert, key}, "made at start": {}} {
		t.Run(name, func(t *testing.T) {
			k := open(t, storagetest.Open(t, storagetest.SQLite(t)))
			secure, err := NewTLS(files[0], files[1], "mx.journal.example", slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			c := call(t, listenTLS(t, k, nil, secure))
			c.say("STARTTLS", 220)
			conn := tls.Client(c.c, &tls.Config{InsecureSkipVerify: true, ServerName: "mx.journal.example"})
			if err := conn.HandshakeContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := conn.ConnectionState().PeerCertificates[0].DNSNames; len(got) != 1 || got[0] != "mx.journal.example" {
				t.Errorf("the certificate is for %v", got)
			}
			c.c, c.r = conn, textproto.NewReader(bufio.NewReader(conn))
			c.say("EHLO client.example.net", 250)
			c.say("MAIL FROM:<>", 250)
			c.say("RCPT TO:<nobody@bounce.journal.example>", 550)
		})
	}
}

// A renewed certificate is used without a restart, and one that cannot be read leaves the one before.
func TestCertificateIsReadAgain(t *testing.T) {
	dir, at := t.TempDir(), time.Now().Add(-time.Hour)
	cert, key := writePair(t, dir, "old.example", at)
	c := &certificate{cert: cert, key: key, log: slog.New(slog.DiscardHandler)}
	host := func() string {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.DNSNames[0]
	}
	if got := host(); got != "old.example" {
		t.Error(got)
	}
	writePair(t, dir, "new.example", at.Add(time.Minute))
	if got := host(); got != "old.example" {
		t.Errorf("the file was read again at once: %s", got)
	}
	c.looked = time.Now().Add(-lookAgain)
	if got := host(); got != "new.example" {
		t.Error(got)
	}
	if err := os.WriteFile(cert, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.looked = time.Now().Add(-lookAgain)
	if got := host(); got != "new.example" {
		t.Error(got)
	}
	if _, err := NewTLS(cert, key, "x", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("half a certificate is taken")
	}
}
