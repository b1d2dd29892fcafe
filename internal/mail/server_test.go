package mail

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// authority signs certificates that only the tests trust.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	var raw []byte
	raw, a.key = sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, nil, nil)
	var err error
	if a.cert, err = x509.ParseCertificate(raw); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.cert)
	return a
}

// config returns the TLS of a server with a certificate for host.
func (a *authority) config(host string, until time.Time) *tls.Config {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host},
		NotBefore: until.Add(-time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	raw, key := sign(a.t, template, a.cert, a.key)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
}

// sign makes a certificate, signed by itself when there is no parent.
func sign(t *testing.T, template, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return raw, key
}

// sink is a mail server that keeps what it is given.
type sink struct {
	mu          sync.Mutex
	connections int
	received    []received
	answer      func(to string) error // to RCPT; nil takes all
	refuse      error                 // of the message
	login       bool                  // offer LOGIN in place of PLAIN
}

type received struct {
	from, to, user string
	data           []byte
	encrypted      bool
}

func (s *sink) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections++
	_, encrypted := c.TLSConnectionState()
	return &sinkSession{sink: s, mail: received{encrypted: encrypted}}, nil
}

func (s *sink) all() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.received...)
}

func (s *sink) dialed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

type sinkSession struct {
	sink *sink
	mail received
}

func (s *sinkSession) AuthMechanisms() []string {
	if s.sink.login {
		return []string{"LOGIN"}
	}
	return []string{"PLAIN"}
}

func (s *sinkSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user != "post" || password != "right" {
			return smtp.ErrAuthFailed
		}
		s.mail.user = user
		return nil
	}
	if mechanism == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is the server's half of LOGIN, which go-sasl has not.
type loginServer struct {
	check func(user, password string) error
	user  *string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case response == nil:
		return []byte("Username:"), false, nil
	case l.user == nil:
		user := string(response)
		l.user = &user
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(*l.user, string(response))
}

func (s *sinkSession) Reset() { s.mail.from, s.mail.to = "", "" }

func (s *sinkSession) Logout() error { return nil }

func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return nil
}

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	if s.sink.answer != nil {
		return s.sink.answer(to)
	}
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	if s.sink.refuse != nil {
		return s.sink.refuse
	}
	mail := s.mail
	mail.data = data
	s.sink.received = append(s.sink.received, mail)
	return nil
}

// serve runs a sink on a loopback port and returns its address. With
// implicit, TLS is there from the start; else by STARTTLS when config is
// given.
func serve(t *testing.T, s *sink, config *tls.Config, implicit bool) string {
	t.Helper()
	server := smtp.NewServer(s)
	server.Domain = "sink.example"
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener := listen(t)
	if implicit {
		listener = tls.NewListener(listener, config)
	} else {
		server.TLSConfig = config
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// script is a server that says and expects given lines: "S: " it sends, "C: "
// must come as a line with this beginning, "close" hangs up, "hang" waits
// until the client goes. It counts connections and keeps what came.
type script struct {
	address string
	mu      sync.Mutex
	count   int
	heard   bytes.Buffer
}

func runScript(t *testing.T, lines ...string) *script {
	t.Helper()
	listener := listen(t)
	s := &script{address: listener.Addr().String()}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.count++
			s.mu.Unlock()
			go s.play(t, c, lines)
		}
	}()
	return s
}

func (s *script) play(t *testing.T, c net.Conn, lines []string) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	for _, line := range lines {
		switch kind, text, _ := strings.Cut(line, ": "); kind {
		case "S":
			if _, err := io.WriteString(c, text+"\r\n"); err != nil {
				return
			}
		case "C":
			got, err := s.read(r)
			if err != nil || got == "QUIT\r\n" && text != "QUIT" {
				return
			}
			if !strings.HasPrefix(got, text) {
				t.Errorf("the client said %q, want %q", got, text)
				return
			}
		case "message":
			for got := ""; got != ".\r\n"; {
				var err error
				if got, err = s.read(r); err != nil {
					return
				}
			}
		case "hang":
			_, _ = io.Copy(io.Discard, r)
			return
		case "close":
			return
		}
	}
	for {
		if _, err := s.read(r); err != nil {
			return
		}
	}
}

func (s *script) read(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	s.mu.Lock()
	s.heard.WriteString(line)
	s.mu.Unlock()
	return line, err
}

func (s *script) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

var errTooSlow = errors.New("too slow")

// within fails the test when f takes longer than even a busy machine needs.
func within(t *testing.T, f func() error) error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal(errTooSlow)
		return errTooSlow
	}
}
