package bounces

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/gatefold/gatefold/internal/fault"
)

// The limits of the listener.
const (
	mailMost        = 1 << 20 // bytes
	recipientsMost  = 10      // of one mail
	refusedMost     = 10      // recipients of one connection that are not ours, then it is closed
	connectionsMost = 64      // at once
	perClientMost   = 8       // at once, of one network
	commandTime     = time.Minute
	connectionTime  = 5 * time.Minute
)

// ListenerOptions of NewListener.
type ListenerOptions struct {
	Domain string      // the bounce domain
	Hello  string      // the name in the greeting
	TLS    *tls.Config // STARTTLS is offered with it; nil: it is not
	// Unsubscribe takes the token of a mail to unsubscribe+TOKEN@Domain; NotFound for one that is not ours. nil: such
	// mail is refused.
	Unsubscribe func(ctx context.Context, token string) error
}

// Listener is a mail server (RFC 5321) that takes what comes back and nothing else: mail to b+TOKEN@ the bounce domain,
// where TOKEN is of a mail that was sent, and to unsubscribe+TOKEN@. It sends nothing on.
type Listener struct {
	bounces *Bounces
	options ListenerOptions
	server  *smtp.Server
	log     *slog.Logger
}

// NewListener returns a listener that hands what it takes to b.
func NewListener(b *Bounces, o ListenerOptions) *Listener {
	l := &Listener{bounces: b, options: o, log: b.options.Log}
	s := smtp.NewServer(smtp.BackendFunc(l.session))
	s.Domain, s.MaxRecipients, s.MaxMessageBytes = o.Hello, recipientsMost, mailMost
	s.ReadTimeout, s.WriteTimeout = commandTime, commandTime
	s.TLSConfig = o.TLS
	s.EnableSMTPUTF8 = true // notifications come from servers that speak it (RFC 6533)
	s.ErrorLog = quiet{l.log}
	l.server = s
	return l
}

// Serve takes mail from ln until ctx ends, then finishes the mails under way within a few seconds. It closes ln.
func (l *Listener) Serve(ctx context.Context, ln net.Listener) error {
	done := make(chan error, 1)
	go func() { done <- l.server.Serve(limit(ln)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := l.server.Shutdown(grace); err != nil {
		_ = l.server.Close()
	}
	return nil
}

// quiet keeps what clients send out of the logs (S-18).
type quiet struct{ log *slog.Logger }

func (q quiet) Printf(string, ...any) { q.log.Debug("bounces: a client of the listener broke off") }
func (q quiet) Println(...any)        { q.log.Debug("bounces: a client of the listener broke off") }

func (l *Listener) session(*smtp.Conn) (smtp.Session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectionTime)
	return &session{listener: l, ctx: ctx, cancel: cancel}, nil
}

// session is one connection. It implements smtp.Session.
type session struct {
	listener *Listener
	ctx      context.Context
	cancel   context.CancelFunc
	refused  int
	to       []recipient
}

// recipient is an address of ours that a mail is for.
type recipient struct {
	token       string
	unsubscribe bool
	probe       bool
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.to = nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { s.cancel(); return nil }

// Mail implements smtp.Session. Any sender may report; most have none.
func (s *session) Mail(string, *smtp.MailOptions) error { return s.ctx.Err() }

func answer(code int, enhanced smtp.EnhancedCode, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

var (
	errNotOurs = answer(550, smtp.EnhancedCode{5, 1, 1}, "No such address here; only reports on our own mail are taken")
	errEnough  = answer(421, smtp.EnhancedCode{4, 7, 0}, "Too many addresses that are not here")
	errLater   = answer(451, smtp.EnhancedCode{4, 3, 0}, "Not now, please try again")
)

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if s.refused >= refusedMost {
		return errEnough
	}
	r, err := s.listener.recipient(s.ctx, to)
	switch {
	case fault.Is(err, fault.NotFound):
		s.refused++
		return errNotOurs
	case err != nil:
		s.listener.log.Error("bounces: look up an address", "error", err)
		return errLater
	}
	s.to = append(s.to, r)
	return nil
}

// recipient reads an address, or gives NotFound.
func (l *Listener) recipient(ctx context.Context, to string) (recipient, error) {
	at := strings.LastIndexByte(to, '@')
	if at < 0 || !strings.EqualFold(to[at+1:], l.options.Domain) {
		return recipient{}, fault.New(fault.NotFound, "Not our domain.")
	}
	local := to[:at]
	if token, ok := verpToken(local); ok {
		if l.bounces.ledger == nil {
			return recipient{}, fault.New(fault.NotFound, "No mail was sent.")
		}
		_, err := l.bounces.ledger.Delivery(ctx, token)
		return recipient{token: token}, err
	}
	if l.bounces.isProbe(local) {
		return recipient{probe: true}, nil
	}
	word, token, ok := strings.Cut(local, "+")
	if ok && strings.EqualFold(word, "unsubscribe") && l.options.Unsubscribe != nil && token != "" && len(token) <= 200 {
		return recipient{token: token, unsubscribe: true}, nil
	}
	return recipient{}, fault.New(fault.NotFound, "No such address.")
}

// Data implements smtp.Session. A mail is taken when what it says is durable.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		if err := s.listener.take(s.ctx, to, raw); err != nil {
			s.listener.log.Error("bounces: take a mail", "error", err)
			return errLater
		}
	}
	return nil
}

func (l *Listener) take(ctx context.Context, to recipient, raw []byte) error {
	switch {
	case to.probe:
		return nil
	case to.unsubscribe:
		err := l.options.Unsubscribe(ctx, to.token)
		if fault.Is(err, fault.NotFound) {
			return nil // old, or never ours: whoever sent it can do nothing about it
		}
		return err
	}
	return l.bounces.Mail(ctx, to.token, raw)
}
