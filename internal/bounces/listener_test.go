package bounces

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const notification = `From: MAILER-DAEMON@mx.example.net
To: b+t1@bounce.journal.example
Message-ID: <%s@mx.example.net>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

<someone@example.net>: host mx said: 550 5.1.1 user unknown (in reply to RCPT TO command)
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; someone@example.net
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--x--
`

// listen starts a listener of k.
func listen(t *testing.T, k *kit, unsubscribe func(context.Context, string) error) string {
	t.Helper()
	return listenTLS(t, k, unsubscribe, nil)
}

func listenTLS(t *testing.T, k *kit, unsubscribe func(context.Context, string) error, secure *tls.Config) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := NewListener(k.Bounces, ListenerOptions{Domain: "bounce.journal.example", Hello: "mx.journal.example", TLS: secure, Unsubscribe: unsubscribe})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return ln.Addr().String()
}

// client speaks SMTP by the line.
type client struct {
	t *testing.T
	c net.Conn
	r *textproto.Reader
}

func call(t *testing.T, addr string) *client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	cl := &client{t, c, textproto.NewReader(bufio.NewReader(c))}
	cl.read(220)
	cl.say("EHLO client.example.net", 250)
	return cl
}

func (c *client) read(want int) string {
	c.t.Helper()
	_, text, err := c.r.ReadResponse(want)
	if err != nil {
		c.t.Errorf("want %d: %v", want, err)
	}
	return text
}

func (c *client) say(line string, want int) string {
	c.t.Helper()
	if _, err := c.c.Write([]byte(line + "\r\n")); err != nil {
		c.t.Fatal(err)
	}
	return c.read(want)
}

// send hands over one mail and expects an answer to it.
func (c *client) send(to, text string, want int) {
	c.t.Helper()
	c.say("MAIL FROM:<>", 250)
	c.say("RCPT TO:<"+to+">", 250)
	c.say("DATA", 354)
	c.say(strings.ReplaceAll(text, "\n", "\r\n")+"\r\n.", want)
}

func TestListener(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		var left []string
		addr := listen(t, k, func(_ context.Context, token string) error {
			left = append(left, token)
			switch token {
			case "Old":
				return fault.New(fault.NotFound, "No such token.")
			case "broken":
				return errors.New("no database")
			}
			return nil
		})
		c := call(t, addr)
		c.send("B+T1@Bounce.Journal.Example", fmt.Sprintf(notification, "1"), 250)
		c.send("b+t1@bounce.journal.example", fmt.Sprintf(notification, "1"), 250) // again: known
		if k.suppressed("r1@example.org") != "all" || k.suppressed("someone@example.net") != "" {
			t.Error("a report is about another than whose token it came to")
		}
		c.send("unsubscribe+Abc-1@bounce.journal.example", "Subject: unsubscribe\n", 250)
		c.send("unsubscribe+Old@bounce.journal.example", "Subject: unsubscribe\n", 250)
		c.send("unsubscribe+broken@bounce.journal.example", "Subject: unsubscribe\n", 451)
		if strings.Join(left, " ") != "Abc-1 Old broken" {
			t.Errorf("unsubscribed %v", left)
		}
		c.send(k.Probe()+"@bounce.journal.example", "Subject: probe\n", 250)
		if got := strings.Join(k.counts, ","); got != "listener user unknown" {
			t.Errorf("counted %s", got)
		}
	})
}

// What is no report, or the answer of a program, ends nothing.
func TestListenerDropsOtherMail(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		c := call(t, listen(t, k, nil))
		for i := range 8 {
			k.wait(4 * 24 * time.Hour)
			c.send("b+t1@bounce.journal.example", fmt.Sprintf("From: Anna <anna@example.org>\nMessage-ID: <p%d@x>\nSubject: A question\n\nWhere is my copy?\n", i), 250)
			c.send("b+t1@bounce.journal.example", fmt.Sprintf("From: anna@example.org\nMessage-ID: <v%d@x>\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nBack on Monday. User unknown.\n", i), 250)
		}
		if k.suppressed("r1@example.org") != "" || len(k.counts) != 0 {
			t.Errorf("counted %v", k.counts)
		}
		several := strings.Replace(fmt.Sprintf(notification, "s"), "\n--x--", "\nFinal-Recipient: rfc822; other@example.net\nAction: delivered\nStatus: 2.0.0\n\n--x--", 1)
		c.send("b+t1@bounce.journal.example", several, 250)
		if k.suppressed("r1@example.org") != "" {
			t.Error("a mail that reached one of two mailboxes ends the mail to both")
		}
	})
}

func TestListenerRefuses(t *testing.T) {
	k := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	addr := listen(t, k, nil)
	c := call(t, addr)
	c.say("MAIL FROM:<x@example.net>", 250)
	for i, to := range []string{"b+t1@other.example", "b+t100@bounce.journal.example", "b+@bounce.journal.example", "postmaster@bounce.journal.example",
		"anna@example.org", "unsubscribe+abc@bounce.journal.example", "probe+" + strings.Repeat("0", 32) + "@bounce.journal.example",
		"b+t1%example.org@bounce.journal.example", "@relay.example:b+t1@other.example"} {
		want := 550
		if strings.HasPrefix(to, "@") {
			continue // a source route is refused or read without it, by the library
		}
		c.say("RCPT TO:<"+to+">", want)
		_ = i
	}
	c.say("RCPT TO:<b+x@bounce.journal.example>", 550)
	c.say("RCPT TO:<b+x@bounce.journal.example>", 550)
	c.say("RCPT TO:<b+t1@bounce.journal.example>", 421)

	c = call(t, addr)
	c.say("MAIL FROM:<>", 250)
	c.say("RCPT TO:<b+t1@bounce.journal.example>", 250)
	c.say("DATA", 354)
	go func() {
		line := []byte(strings.Repeat("x", 70) + "\r\n")
		for range (mailMost + 100_000) / len(line) {
			if _, err := c.c.Write(line); err != nil {
				return
			}
		}
		_, _ = c.c.Write([]byte(".\r\n"))
	}()
	c.read(552)
	if len(k.counts) != 0 {
		t.Errorf("counted %v", k.counts)
	}
}

func TestListenerConnections(t *testing.T) {
	k := open(t, storagetest.Open(t, storagetest.SQLite(t)))
	addr := listen(t, k, nil)
	var all []*client
	for range perClientMost {
		all = append(all, call(t, addr))
	}
	extra, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = extra.Close() }()
	_ = extra.SetDeadline(time.Now().Add(5 * time.Second))
	if n, err := extra.Read(make([]byte, 10)); err == nil {
		t.Errorf("one connection too many was greeted: %d bytes", n)
	}
	all[0].say("QUIT", 221)
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Second))
		_, err = c.Read(make([]byte, 10))
		_ = c.Close()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a place that is free again is not given")
		}
	}
}

func TestNetworkOf(t *testing.T) {
	for in, want := range map[string]string{"192.0.2.77:1": "192.0.2.0/24", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64", "[::ffff:192.0.2.1]:1": "192.0.2.0/24"} {
		a, err := net.ResolveTCPAddr("tcp", in)
		if err != nil {
			t.Fatal(err)
		}
		if got := networkOf(a); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
