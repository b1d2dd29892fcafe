package mail

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How long the server may take. RFC 5321, section 4.5.3.2, allows more for all
// but the answer to the message, and a worker must not wait that long for one
// mail.
type timeouts struct {
	connect time.Duration // the connection, the greeting, each step of the handshake
	command time.Duration // an answer, and taking the message
	final   time.Duration // the answer to the message: given up too early, the mail is sent twice (4.5.3.2.6)
}

var usualTimeouts = timeouts{connect: 30 * time.Second, command: time.Minute, final: 10 * time.Minute}

// conn is one connection to a relay, ready for the next mail.
type conn struct {
	net        net.Conn
	r          *bufio.Reader
	w          *bufio.Writer
	timeouts   timeouts
	extensions map[string]string // by keyword, as EHLO told them
	carried    int               // mails so far
	expire     *time.Timer       // closes the connection when idle for long
}

// dial connects, greets, encrypts and signs in. The connection is closed
// when ctx ends before that.
func dial(ctx context.Context, r relay, hello string, trust *tls.Config, t timeouts) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*t.connect)
	defer cancel()
	raw, err := (&net.Dialer{Timeout: t.connect}).DialContext(ctx, "tcp", r.address())
	if err != nil {
		return nil, err
	}
	c := &conn{net: raw, timeouts: t}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	if err := c.open(ctx, r, hello, trust); err != nil {
		_ = raw.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return c, nil
}

func (c *conn) open(ctx context.Context, r relay, hello string, trust *tls.Config) error {
	if r.security == implicitTLS {
		if err := c.encrypt(ctx, r.host, trust); err != nil {
			return err
		}
	}
	c.attach(c.net)
	if err := c.greet(hello); err != nil {
		return err
	}
	if r.security == startTLS {
		if err := c.startTLS(ctx, r.host, hello, trust); err != nil {
			return err
		}
	}
	if r.user == "" {
		return nil
	}
	return c.authenticate(r.user, r.password)
}

// attach reads and writes through n from now on; answers not yet read are
// dropped.
func (c *conn) attach(n net.Conn) {
	c.net, c.r, c.w = n, bufio.NewReaderSize(n, 4096), bufio.NewWriterSize(n, 64<<10)
}

func (c *conn) encrypt(ctx context.Context, host string, trust *tls.Config) error {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if trust != nil {
		config = trust.Clone()
	}
	config.ServerName = host
	secured := tls.Client(c.net, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	c.net = secured
	return nil
}

func (c *conn) greet(hello string) error {
	if err := c.deadline(c.timeouts.connect); err != nil {
		return err
	}
	got, err := readReply(c.r)
	if err == nil {
		err = got.expect("connection", 220)
	}
	if err != nil {
		return err
	}
	return c.hello(hello)
}

// hello learns the server's extensions. A server without EHLO has neither
// encryption nor authentication and is not spoken to further.
func (c *conn) hello(name string) error {
	got, err := c.ask("EHLO", "EHLO "+name, 250)
	if err != nil {
		return err
	}
	c.extensions = make(map[string]string)
	for _, line := range got.lines[1:] {
		keyword, parameters, _ := strings.Cut(line, " ")
		c.extensions[strings.ToUpper(keyword)] = parameters
	}
	return nil
}

func (c *conn) startTLS(ctx context.Context, host, hello string, trust *tls.Config) error {
	if _, offered := c.extensions["STARTTLS"]; !offered {
		return errors.New("it offers no STARTTLS, and nothing is sent in the clear")
	}
	if _, err := c.ask("STARTTLS", "STARTTLS", 220); err != nil {
		return err
	}
	// Bytes that came with the answer were not encrypted: somebody put them
	// there to be read as if they had been (RFC 3207, section 6).
	if c.r.Buffered() > 0 {
		return errors.New("it sent plain text after STARTTLS")
	}
	if err := c.encrypt(ctx, host, trust); err != nil {
		return err
	}
	c.attach(c.net)
	return c.hello(hello)
}

// authenticate signs in by PLAIN (RFC 4616), else by LOGIN. It is called on
// encrypted connections and on those to this machine.
func (c *conn) authenticate(user, password string) error {
	mechanisms := strings.Fields(strings.ToUpper(c.extensions["AUTH"]))
	encode := base64.StdEncoding.EncodeToString
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		_, err := c.ask("AUTH", "AUTH PLAIN "+encode([]byte("\x00"+user+"\x00"+password)), 235)
		return err
	case slices.Contains(mechanisms, "LOGIN"):
		for _, step := range []struct {
			line string
			want int
		}{{"AUTH LOGIN", 334}, {encode([]byte(user)), 334}, {encode([]byte(password)), 235}} {
			if _, err := c.ask("AUTH", step.line, step.want); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("it takes no sign-in by PLAIN or LOGIN")
}

// deliver hands over one mail. After an error other than a refusal the
// connection is of no more use.
func (c *conn) deliver(ctx context.Context, p Parcel) error {
	if err := c.envelope(p); err != nil {
		return err
	}
	c.carried++
	if p.Before != nil {
		if err := p.Before(ctx); err != nil {
			return err
		}
	}
	return c.hand(p.Message)
}

// envelope says who sends to whom and is told to go on. A server that takes
// commands in groups gets all three in one flight, and then answers each
// (RFC 2920, section 3.1).
func (c *conn) envelope(p Parcel) error {
	steps := [...]struct {
		command, line string
		want          int
	}{
		{"MAIL", "MAIL FROM:<" + p.From + ">" + c.mailParameters(p.Message), 250},
		{"RCPT", "RCPT TO:<" + p.To + ">", 250},
		{"DATA", "DATA", 354},
	}
	if _, grouped := c.extensions["PIPELINING"]; !grouped {
		for _, step := range steps {
			if _, err := c.ask(step.command, step.line, step.want); err != nil {
				return err
			}
		}
		return nil
	}
	if err := c.deadline(c.timeouts.command); err != nil {
		return err
	}
	for _, step := range steps {
		_, _ = c.w.WriteString(step.line + "\r\n") // Flush tells the error
	}
	if err := c.w.Flush(); err != nil {
		return err
	}
	var first error
	for _, step := range steps {
		got, err := readReply(c.r)
		if err != nil {
			return cmp.Or(first, err)
		}
		refused := got.expect(step.command, step.want)
		if step.command == "DATA" && first != nil && refused == nil {
			return c.takeBack(first)
		}
		first = cmp.Or(first, refused)
	}
	return first
}

// takeBack answers a server that waits for a message although it refused its
// sender or its recipient: with none (RFC 2920, section 3.1).
func (c *conn) takeBack(refused error) error {
	if _, err := c.w.WriteString(".\r\n"); err != nil {
		return err
	}
	if err := c.w.Flush(); err != nil {
		return err
	}
	if _, err := readReply(c.r); err != nil {
		return err
	}
	return refused
}

func (c *conn) mailParameters(message []byte) string {
	if _, ok := c.extensions["SIZE"]; ok { // RFC 1870
		return " SIZE=" + strconv.Itoa(len(message))
	}
	return ""
}

// hand writes the message, whose lines begin with no single dot, and waits
// for the answer. Until the final dot the server cannot have taken it; from
// there on only its answer tells.
func (c *conn) hand(message []byte) error {
	if err := c.deadline(c.timeouts.command); err != nil {
		return err
	}
	if err := c.pour(message); err != nil {
		return err
	}
	if err := c.deadline(c.timeouts.final); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	got, err := readReply(c.r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return got.expect("message", 250)
}

// pour writes the message and the final dot. On a bare connection they go to the kernel as they are; TLS makes one record
// of what is written at once, so there they are put together first.
func (c *conn) pour(message []byte) error {
	const end = ".\r\n"
	if tcp, bare := c.net.(*net.TCPConn); bare && c.w.Buffered() == 0 {
		pieces := net.Buffers{message, []byte(end)}
		n, err := pieces.WriteTo(tcp)
		if err != nil && n >= int64(len(message)+len(end)) {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return err
	}
	if _, err := c.w.Write(message); err != nil {
		return err
	}
	if _, err := c.w.WriteString(end); err != nil {
		return err
	}
	if err := c.w.Flush(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	return nil
}

// ask sends one line and reads the answer, which must have the wanted code;
// a refusal is a *ReplyError.
func (c *conn) ask(command, line string, want int) (reply, error) {
	if err := c.deadline(c.timeouts.command); err != nil {
		return reply{}, err
	}
	if _, err := c.w.WriteString(line + "\r\n"); err != nil {
		return reply{}, err
	}
	if err := c.w.Flush(); err != nil {
		return reply{}, err
	}
	got, err := readReply(c.r)
	if err != nil {
		return reply{}, err
	}
	return got, got.expect(command, want)
}

func (c *conn) deadline(d time.Duration) error { return c.net.SetDeadline(time.Now().Add(d)) }

// quit says goodbye without waiting for the answer.
func (c *conn) quit() {
	if c.deadline(time.Second) == nil {
		_, _ = c.w.WriteString("QUIT\r\n")
		_ = c.w.Flush()
	}
	_ = c.net.Close()
}
