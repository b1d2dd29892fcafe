package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

const (
	idleMost    = 30 * time.Second // how long a connection waits for the next mail
	carriedMost = 1000             // mails after which a connection is opened anew: servers hang up after some number
)

// SMTP delivers mail to one mail server (RFC 5321), over connections that
// are kept for the next mail. It is safe for use by many goroutines.
type SMTP struct {
	relay    relay
	hello    string
	trust    *tls.Config // nil: the authorities this machine trusts
	timeouts timeouts
	slots    chan struct{} // one for each mail under way

	mu     sync.Mutex
	idle   []*conn // the last used at the end
	closed bool
}

// NewSMTP returns a client of the mail server at a URL:
//
//	smtp://user:password@host:587   STARTTLS, and nothing without it
//	smtps://user:password@host:465  TLS from the start
//	smtp://127.0.0.1:25?tls=off     in the clear, this machine only
//
// The server's certificate must be valid for the host. hello is the name
// this machine gives; at most connections mails are under way at once (one
// when it is less). Nothing is dialed yet. Errors do not show the URL.
func NewSMTP(url, hello string, connections int) (*SMTP, error) {
	r, err := parseRelay(url)
	if err != nil {
		return nil, err
	}
	if addr, err := netip.ParseAddr(hello); err == nil {
		hello = addressLiteral(addr)
	} else if !isDotAtom(hello) {
		return nil, errors.New("mail server: the name to greet with is not a host name")
	}
	return &SMTP{relay: r, hello: hello, timeouts: usualTimeouts, slots: make(chan struct{}, max(1, connections))}, nil
}

// addressLiteral is how a machine without a name greets (RFC 5321, 4.1.3).
func addressLiteral(addr netip.Addr) string {
	if addr.Unmap().Is4() {
		return "[" + addr.Unmap().String() + "]"
	}
	return "[IPv6:" + addr.WithZone("").String() + "]"
}

// Send hands one message to the server for one recipient. from and to are
// addresses as Mailbox takes them; an empty from is the null sender of
// bounces. The message is in the form Message.WriteTo gives: lines that end
// in CRLF, none over 998 columns.
//
// Send returns nil when the server has taken the mail upon itself. It
// returns a *ReplyError when the server refuses, ErrInvalid when the mail
// cannot be sent as it is, ErrUnknown when no answer came to a message
// handed over whole, and else the trouble met on the way; Temporary tells
// whether to try again. When ctx ends the delivery is broken off. No error
// text holds an address.
func (s *SMTP) Send(ctx context.Context, from, to string, message []byte) error {
	return sendChecked(ctx, s, from, to, message)
}

// deliverer takes parcels.
type deliverer interface {
	Deliver(ctx context.Context, p Parcel) error
}

// sendChecked delivers what was not written by Letter.Append: it looks at addresses and lines first.
func sendChecked(ctx context.Context, d deliverer, from, to string, message []byte) error {
	if from != "" {
		var err error
		if from, err = Mailbox(from); err != nil {
			return fmt.Errorf("sender %w", err)
		}
	}
	to, err := Mailbox(to)
	if err != nil {
		return fmt.Errorf("recipient %w", err)
	}
	if err := checkLines(message); err != nil {
		return err
	}
	return d.Deliver(ctx, Parcel{From: from, To: to, Message: stuff(message)})
}

// Deliver is Send for a mail that is known to be as it has to be, and that may have a gate. What it returns is as Send
// says, or the error of the gate.
func (s *SMTP) Deliver(ctx context.Context, p Parcel) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.deliver(ctx, p); err != nil {
		return fmt.Errorf("mail server %s: %w", s.relay.host, err)
	}
	return nil
}

// Check opens a connection as for a mail, with TLS and sign-in, and says goodbye. No error text holds the password.
func (s *SMTP) Check(ctx context.Context) error {
	c, err := dial(ctx, s.relay, s.hello, s.trust, s.timeouts)
	if err != nil {
		return fmt.Errorf("mail server %s: %w", s.relay.host, err)
	}
	c.quit()
	return nil
}

// stuff doubles the dots that begin a line (RFC 5321, section 4.5.2).
func stuff(message []byte) []byte {
	if !bytes.HasPrefix(message, []byte(".")) && !bytes.Contains(message, []byte("\n.")) {
		return message
	}
	var b bytes.Buffer
	for line := range bytes.Lines(message) {
		if line[0] == '.' {
			b.WriteByte('.')
		}
		b.Write(line)
	}
	return b.Bytes()
}

// deliver uses a kept connection when there is one. A server that hung up
// meanwhile is called again, as long as it has not seen the message.
func (s *SMTP) deliver(ctx context.Context, p Parcel) error {
	if c := s.take(); c != nil {
		carried := c.carried
		err := s.deliverOver(ctx, c, p)
		// Only a connection that ended is still ours to look at: any other may carry somebody else's mail by now.
		if again := err != nil && isHangUp(err) && c.carried == carried && ctx.Err() == nil; !again {
			return err
		}
	}
	c, err := dial(ctx, s.relay, s.hello, s.trust, s.timeouts)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoServer, err)
	}
	return s.deliverOver(ctx, c, p)
}

// isHangUp reports whether the connection ended, by itself or with a 421.
func isHangUp(err error) bool {
	var refused *ReplyError
	return !errors.As(err, &refused) || refused.Code == 421
}

// deliverOver delivers and keeps or closes the connection.
func (s *SMTP) deliverOver(ctx context.Context, c *conn, p Parcel) error {
	stop := context.AfterFunc(ctx, func() { _ = c.net.Close() })
	err := c.deliver(ctx, p)
	broken := !stop()
	if err != nil && isHangUp(err) {
		_ = c.net.Close()
		if broken && !errors.Is(err, ErrUnknown) {
			return ctx.Err()
		}
		return err
	}
	if !broken && err != nil {
		_, reset := c.ask("RSET", "RSET", 250)
		broken = reset != nil
	}
	if broken {
		_ = c.net.Close()
		return err
	}
	s.keep(c)
	return err
}

func (s *SMTP) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.idle) > 0 {
		c := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		if c.expire.Stop() {
			return c
		}
		// Its time is up; the timer closes it.
	}
	return nil
}

func (s *SMTP) keep(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || c.carried >= carriedMost {
		go c.quit()
		return
	}
	c.expire = time.AfterFunc(idleMost, func() { s.drop(c) })
	s.idle = append(s.idle, c)
}

func (s *SMTP) drop(c *conn) {
	s.mu.Lock()
	for i, other := range s.idle {
		if other == c {
			s.idle = append(s.idle[:i], s.idle[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	c.quit()
}

// Close says goodbye on all connections that wait. Those of mails under way
// close when these are done.
func (s *SMTP) Close() error {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.closed = nil, true
	s.mu.Unlock()
	for _, c := range idle {
		if c.expire.Stop() {
			c.quit()
		}
	}
	return nil
}

// checkLines refuses a message with bare CR or LF: servers differ in where
// they see its end, and a mail could be hidden in it ("SMTP smuggling").
func checkLines(message []byte) error {
	for line := range bytes.Lines(message) {
		text, whole := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case !whole || bytes.ContainsAny(text, "\r\n"):
			return invalid("message", "a line does not end in CRLF")
		case len(text) > lineMost:
			return invalid("message", "a line is longer than 998 columns")
		}
	}
	if len(message) == 0 {
		return invalid("message", "it is empty")
	}
	return nil
}
