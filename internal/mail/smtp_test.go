package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

const letter = "Subject: x\r\n\r\nHello.\r\n.\r\n..dots\r\n"

// client returns a client of a URL that trusts the authority.
func client(t *testing.T, a *authority, url string) *SMTP {
	t.Helper()
	s, err := NewSMTP(url, "journal.example", 2)
	if err != nil {
		t.Fatal(err)
	}
	if a != nil {
		s.trust = &tls.Config{RootCAs: a.pool}
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func send(t *testing.T, s *SMTP, to string) error {
	t.Helper()
	return within(t, func() error { return s.Send(context.Background(), "post@journal.example", to, []byte(letter)) })
}

func TestSend(t *testing.T) {
	a := newAuthority(t)
	secure := a.config("127.0.0.1", time.Now().Add(time.Hour))
	for _, tc := range []struct {
		name, url       string
		config          *tls.Config
		implicit, login bool
		user            string
		encrypted       bool
	}{
		{name: "implicit TLS and PLAIN", url: "smtps://post:right@%s", config: secure, implicit: true, user: "post", encrypted: true},
		{name: "STARTTLS and PLAIN", url: "smtp://post:right@%s", config: secure, user: "post", encrypted: true},
		{name: "STARTTLS and LOGIN", url: "smtp://post:right@%s", config: secure, login: true, user: "post", encrypted: true},
		{name: "STARTTLS without sign-in", url: "smtp://%s", config: secure, encrypted: true},
		{name: "in the clear on this machine", url: "smtp://%s?tls=off"},
		{name: "in the clear with sign-in", url: "smtp://post:right@%s?tls=off", user: "post"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &sink{login: tc.login}
			c := client(t, a, fmt.Sprintf(tc.url, serve(t, s, tc.config, tc.implicit)))
			if err := send(t, c, "reader@bücher.example"); err != nil {
				t.Fatal(err)
			}
			got := s.all()
			if len(got) != 1 {
				t.Fatalf("%d mails came, want 1", len(got))
			}
			want := received{from: "post@journal.example", to: "reader@xn--bcher-kva.example", user: tc.user, encrypted: tc.encrypted}
			data := got[0].data
			got[0].data = nil
			if fmt.Sprint(got[0]) != fmt.Sprint(want) {
				t.Errorf("came %+v, want %+v", got[0], want)
			}
			if string(data) != letter {
				t.Errorf("came %q, want %q", data, letter)
			}
		})
	}
}

// A connection that is not what it should be carries nothing: no password,
// no address.
func TestSendNothingInsecurely(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	later, past := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	for _, tc := range []struct {
		name, url string
		config    *tls.Config
		implicit  bool
		want      string
	}{
		{"STARTTLS stripped", "smtp://post:right@%s", nil, false, "no STARTTLS"},
		{"certificate of a stranger", "smtp://post:right@%s", stranger.config("127.0.0.1", later), false, "certificate"},
		{"certificate of a stranger, implicit", "smtps://post:right@%s", stranger.config("127.0.0.1", later), true, "certificate"},
		{"certificate for another host", "smtp://post:right@%s", a.config("mx.example", later), false, "certificate"},
		{"certificate out of date", "smtps://post:right@%s", a.config("127.0.0.1", past), true, "certificate"},
		{"no TLS where it should start", "smtps://post:right@%s", nil, false, "TLS"},
		{"TLS of long ago", "smtps://post:right@%s", oldTLS(a.config("127.0.0.1", later)), true, "version"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &sink{}
			c := client(t, a, fmt.Sprintf(tc.url, serve(t, s, tc.config, tc.implicit)))
			err := send(t, c, "reader@example.org")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one about %q", err, tc.want)
			}
			if !Temporary(err) {
				t.Error("the mail would be given up for a fault of the server")
			}
			if got := s.all(); len(got) != 0 {
				t.Errorf("sent %+v", got)
			}
		})
	}
}

func oldTLS(config *tls.Config) *tls.Config {
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return config
}

// Whoever sits between could add an answer in the clear, to be read as the
// first one of the encrypted part.
func TestPlainTextAfterSTARTTLS(t *testing.T) {
	s := runScript(t, "S: 220 x", "C: EHLO journal.example", "S: 250-x\r\n250 STARTTLS", "C: STARTTLS", "S: 220 go\r\n250 injected", "hang")
	err := send(t, client(t, newAuthority(t), "smtp://"+s.address), "reader@example.org")
	if err == nil || !strings.Contains(err.Error(), "plain text after STARTTLS") {
		t.Errorf("error = %v, want the injection noticed", err)
	}
}

func TestRefusals(t *testing.T) {
	s := &sink{answer: func(to string) error {
		switch name, _, _ := strings.Cut(to, "@"); name {
		case "full":
			return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}
		case "nobody":
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such\nuser <" + to + ">"}
		case "login":
			return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in first"}
		}
		return nil
	}}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	for _, tc := range []struct {
		to   string
		want ReplyError
	}{
		{"full@example.org", ReplyError{Command: "RCPT", Code: 452, Enhanced: "4.2.2", Text: "mailbox full", Temporary: true}},
		{"nobody@example.org", ReplyError{Command: "RCPT", Code: 550, Enhanced: "5.1.1", Text: "no such user <nobody@example.org>"}},
		{"login@example.org", ReplyError{Command: "RCPT", Code: 530, Enhanced: "5.7.0", Text: "sign in first", Temporary: true}},
	} {
		err := send(t, c, tc.to)
		var got *ReplyError
		if !errors.As(err, &got) || *got != tc.want {
			t.Errorf("%s: error = %#v, want %#v", tc.to, err, tc.want)
			continue
		}
		if Temporary(err) != tc.want.Temporary {
			t.Errorf("%s: Temporary = %t", tc.to, !tc.want.Temporary)
		}
		if strings.Contains(err.Error(), "example.org") {
			t.Errorf("the error text holds the address: %v", err)
		}
	}
	if err := send(t, c, "reader@example.org"); err != nil || len(s.all()) != 1 {
		t.Errorf("after refusals: %v, %d mails came", err, len(s.all()))
	}
	if s.dialed() != 1 {
		t.Errorf("%d connections, want the one kept through refusals", s.dialed())
	}
}

func TestMessageRefused(t *testing.T) {
	s := &sink{refuse: &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "spam"}}
	err := send(t, client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off"), "reader@example.org")
	var got *ReplyError
	if !errors.As(err, &got) || got.Command != "message" || got.Code != 554 || Temporary(err) || errors.Is(err, ErrUnknown) {
		t.Errorf("error = %#v, want a lasting refusal of the message", err)
	}
}

// A relay that does not know us any more must not cost the mails.
func TestWrongPasswordIsTemporary(t *testing.T) {
	for _, login := range []bool{false, true} {
		s := &sink{login: login}
		err := send(t, client(t, nil, "smtp://post:wrong@"+serve(t, s, nil, false)+"?tls=off"), "reader@example.org")
		var got *ReplyError
		if !errors.As(err, &got) || got.Command != "AUTH" || got.Code != 535 || !Temporary(err) {
			t.Errorf("error = %#v, want a temporary refusal of AUTH", err)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, got), "wrong") {
			t.Error("the error shows the password")
		}
	}
}

func TestTrouble(t *testing.T) {
	ready := []string{"S: 220 x", "C: EHLO journal.example", "S: 250 x"}
	toData := append(ready[:3:3], "C: MAIL FROM:<post@journal.example>", "S: 250 ok", "C: RCPT TO:<reader@example.org>", "S: 251 will forward", "C: DATA")
	toBody := append(toData[:8:8], "S: 354 go", "message")
	const soon, later = 200 * time.Millisecond, time.Minute // the step that hangs is given up soon, no other by mistake
	for _, tc := range []struct {
		name     string
		url      string
		lines    []string
		timeouts timeouts // none: all of them later
		unknown  bool
		want     string
	}{
		{name: "hangs up at once", lines: []string{"close"}, want: "EOF"},
		{name: "is busy", lines: []string{"S: 421 4.3.2 busy"}, want: "refused connection: 421 4.3.2"},
		{name: "refuses us", lines: []string{"S: 554 5.7.1 go away"}, want: "refused connection: 554 5.7.1"},
		{name: "knows no EHLO", lines: []string{"S: 220 x", "C: EHLO", "S: 502 what"}, want: "refused EHLO: 502"},
		{name: "never greets", lines: []string{"hang"}, timeouts: timeouts{soon, later, later}, want: "timeout"},
		{name: "never answers", lines: append(ready[:3:3], "C: MAIL", "hang"), timeouts: timeouts{later, soon, later}, want: "timeout"},
		{name: "is no mail server", lines: []string{"S: HTTP/1.1 400 Bad Request"}, want: "not SMTP"},
		{name: "talks without end", lines: []string{"S: 220-" + strings.Repeat("x\r\n220-", 200)}, want: "without end"},
		{name: "has endless lines", lines: []string{"S: 220 " + strings.Repeat("x", 10000)}, want: "buffer full"},
		{name: "takes DATA wrong", lines: append(toData[:8:8], "S: 250 ok"), want: "answered DATA with 250, not 354"},
		{name: "refuses DATA", lines: append(toData[:8:8], "S: 451 4.3.0 later", "close"), want: "refused DATA: 451 4.3.0"},
		{name: "hangs up before the message", lines: append(toData[:8:8], "close"), want: "EOF"},
		{name: "hangs up after the message", lines: append(toBody[:10:10], "close"), unknown: true, want: "EOF"},
		{name: "never confirms", lines: append(toBody[:10:10], "hang"), timeouts: timeouts{later, later, soon}, unknown: true, want: "timeout"},
		{name: "defers the message", lines: append(toBody[:10:10], "S: 451 4.7.1 greylisted", "close"), want: "refused message: 451 4.7.1"},
		{name: "offers no sign-in", url: "smtp://post:right@", lines: ready, want: "no sign-in"},
		{name: "wants more after PLAIN", url: "smtp://post:right@",
			lines: []string{"S: 220 x", "C: EHLO", "S: 250-x\r\n250 AUTH PLAIN", "C: AUTH PLAIN AHBvc3QAcmlnaHQ=", "S: 334 more"}, want: "answered AUTH with 334"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := runScript(t, tc.lines...)
			if tc.url == "" {
				tc.url = "smtp://"
			}
			c := client(t, nil, tc.url+s.address+"?tls=off")
			if c.timeouts = tc.timeouts; c.timeouts == (timeouts{}) {
				c.timeouts = timeouts{later, later, later}
			}
			err := send(t, c, "reader@example.org")
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want one with %q", err, tc.want)
			}
			if errors.Is(err, ErrUnknown) != tc.unknown {
				t.Errorf("unknown = %t, want %t: %v", !tc.unknown, tc.unknown, err)
			}
			if !Temporary(err) {
				t.Errorf("%v is not temporary", err)
			}
			if s.connections() != 1 {
				t.Errorf("%d connections, want 1", s.connections())
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	listener := listen(t)
	_ = listener.Close()
	if err := send(t, client(t, nil, "smtp://"+listener.Addr().String()+"?tls=off"), "reader@example.org"); err == nil || !Temporary(err) {
		t.Errorf("error = %v, want a temporary one", err)
	}
}

func TestConnectionIsKept(t *testing.T) {
	s := &sink{}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	for range 5 {
		if err := send(t, c, "reader@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	if s.dialed() != 1 || len(s.all()) != 5 {
		t.Errorf("%d connections for %d mails, want 1 for 5", s.dialed(), len(s.all()))
	}
}

func TestConnectionIsReplacedAfterManyMails(t *testing.T) {
	s := &sink{}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	for range carriedMost + 1 {
		if err := send(t, c, "reader@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	if s.dialed() != 2 {
		t.Errorf("%d connections, want 2", s.dialed())
	}
}

// A kept connection the server closed meanwhile costs a new one, not a mail.
func TestServerHangsUpBetweenMails(t *testing.T) {
	one := []string{"S: 220 x", "C: EHLO", "S: 250 x", "C: MAIL", "S: 250 ok", "C: RCPT", "S: 250 ok", "C: DATA", "S: 354 go", "message", "S: 250 taken"}
	for name, end := range map[string][]string{
		"silently": {"close"}, "with notice": {"S: 421 4.4.2 idle too long", "close"}, "at the next": {"C: MAIL", "S: 421 4.3.0 enough", "close"},
	} {
		s := runScript(t, append(one[:len(one):len(one)], end...)...)
		c := client(t, nil, "smtp://"+s.address+"?tls=off")
		for i := range 3 {
			if err := send(t, c, "reader@example.org"); err != nil {
				t.Errorf("%s: mail %d: %v", name, i+1, err)
			}
		}
		if s.connections() != 3 {
			t.Errorf("%s: %d connections, want 3", name, s.connections())
		}
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	s := &sink{}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	if err := send(t, c, "reader@example.org"); err != nil {
		t.Fatal(err)
	}
	c.drop(c.idle[0])
	if len(c.idle) != 0 || c.take() != nil {
		t.Error("a dropped connection is still there")
	}
	if err := send(t, c, "reader@example.org"); err != nil || s.dialed() != 2 {
		t.Errorf("after the drop: %v, %d connections", err, s.dialed())
	}
}

func TestParallelSends(t *testing.T) {
	s := &sink{}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	var wait sync.WaitGroup
	for i := range 40 {
		wait.Go(func() {
			if err := c.Send(context.Background(), "post@journal.example", fmt.Sprintf("r%d@example.org", i), []byte(letter)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if len(s.all()) != 40 || s.dialed() > 2 {
		t.Errorf("%d mails over %d connections, want 40 over 2 at most", len(s.all()), s.dialed())
	}
}

func TestContext(t *testing.T) {
	hang := []string{"S: 220 x", "C: EHLO", "S: 250 x", "C: MAIL", "hang"}
	for name, lines := range map[string][]string{"greeting": {"hang"}, "mail": hang} {
		s := runScript(t, lines...)
		c := client(t, nil, "smtp://"+s.address+"?tls=off")
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		err := within(t, func() error { return c.Send(ctx, "post@journal.example", "reader@example.org", []byte(letter)) })
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error = %v, want the end of the context", name, err)
		}
	}
	// All slots taken.
	c := client(t, nil, "smtp://127.0.0.1:1?tls=off")
	c.slots <- struct{}{}
	c.slots <- struct{}{}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Send(ctx, "", "reader@example.org", []byte(letter)); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the end of the context", err)
	}
}

// Broken off after the message, the outcome is unknown, not "not sent".
func TestContextAfterTheMessage(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := runScript(t, "S: 220 x", "C: EHLO", "S: 250 x", "C: MAIL", "S: 250 ok", "C: RCPT", "S: 250 ok", "C: DATA", "S: 354 go", "message", "hang")
	c := client(t, nil, "smtp://"+s.address+"?tls=off")
	go func() {
		for !s.has("..dots\r\n.\r\n") {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	err := within(t, func() error { return c.Send(ctx, "post@journal.example", "reader@example.org", []byte(letter)) })
	if !errors.Is(err, ErrUnknown) {
		t.Errorf("error = %v, want the outcome unknown", err)
	}
}

func (s *script) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return bytes.Contains(s.heard.Bytes(), []byte(text))
}

func TestSendRefusesWhatIsInvalid(t *testing.T) {
	c := client(t, nil, "smtp://127.0.0.1:1?tls=off")
	for _, tc := range []struct{ name, from, to, message string }{
		{"command in the sender", "a@b.example>\r\nRCPT TO:<x", "reader@example.org", letter},
		{"command in the recipient", "", "reader@example.org>\r\nDATA", letter},
		{"no recipient", "", "", letter},
		{"empty message", "", "reader@example.org", ""},
		{"bare LF", "", "reader@example.org", "a: b\r\n\r\nx\n.\nMAIL FROM:<y>\r\n"},
		{"bare CR", "", "reader@example.org", "a: b\r\n\r\nx\r.\r\ny\r\n"},
		{"no line end", "", "reader@example.org", "a: b"},
		{"long line", "", "reader@example.org", strings.Repeat("x", 999) + "\r\n"},
	} {
		err := c.Send(context.Background(), tc.from, tc.to, []byte(tc.message))
		if !errors.Is(err, ErrInvalid) || Temporary(err) {
			t.Errorf("%s: error = %v, want ErrInvalid", tc.name, err)
		}
	}
}

func TestNullSender(t *testing.T) {
	s := &sink{}
	c := client(t, nil, "smtp://"+serve(t, s, nil, false)+"?tls=off")
	err := within(t, func() error { return c.Send(context.Background(), "", "reader@example.org", []byte(letter)) })
	if err != nil || len(s.all()) != 1 || s.all()[0].from != "" {
		t.Errorf("error = %v, received %+v", err, s.all())
	}
}

func TestClose(t *testing.T) {
	s := runScript(t, "S: 220 x", "C: EHLO", "S: 250 x", "C: MAIL", "S: 250 ok", "C: RCPT", "S: 250 ok", "C: DATA", "S: 354 go", "message", "S: 250 taken", "C: QUIT")
	c := client(t, nil, "smtp://"+s.address+"?tls=off")
	if err := send(t, c, "reader@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := within(t, func() error {
		for !s.has("QUIT\r\n") {
			time.Sleep(time.Millisecond)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

func TestNewSMTP(t *testing.T) {
	for url, want := range map[string]relay{
		"smtp://mx.example":                     {host: "mx.example", port: "587"},
		"smtp://mx.example:2525":                {host: "mx.example", port: "2525"},
		"smtps://us%40er:p%3Ass@mx.example":     {host: "mx.example", port: "465", security: implicitTLS, user: "us@er", password: "p:ss"},
		"smtp://localhost?tls=off":              {host: "localhost", port: "25", security: inTheClear},
		"smtp://[::1]:1025?tls=off":             {host: "::1", port: "1025", security: inTheClear},
		"smtp://[::ffff:127.0.0.1]:25?tls=off":  {host: "::ffff:127.0.0.1", port: "25", security: inTheClear},
		"smtp://post:right@127.0.0.2:9?tls=off": {host: "127.0.0.2", port: "9", security: inTheClear, user: "post", password: "right"},
	} {
		s, err := NewSMTP(url, "journal.example", 0)
		if err != nil || s.relay != want {
			t.Errorf("NewSMTP(%s) = %+v, %v; want %+v", url, s, err, want)
		}
	}
	for _, url := range []string{
		"", "mx.example", "http://mx.example", "smtp://", "smtp://mx.example?tls=off", "smtps://localhost?tls=off",
		"smtp://localhost.example?tls=off", "smtp://u:secret%zz@mx.example", "imap://u:secret@mx.example",
	} {
		if s, err := NewSMTP(url, "journal.example", 1); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("NewSMTP(%s) = %+v, %v; want an error without the password", url, s, err)
		}
	}
	for hello, want := range map[string]string{"127.0.0.1": "[127.0.0.1]", "::1": "[IPv6:::1]", "fe80::1%eth0": "[IPv6:fe80::1]", "mx.example": "mx.example"} {
		if s, err := NewSMTP("smtp://mx.example", hello, 1); err != nil || s.hello != want {
			t.Errorf("greeting for %s: %v, want %s", hello, err, want)
		}
	}
	for _, hello := range []string{"", "a b", "a\r\nMAIL", "a..b"} {
		if _, err := NewSMTP("smtp://mx.example", hello, 1); err == nil {
			t.Errorf("greets with %q", hello)
		}
	}
}

func TestReplies(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       *ReplyError // nil: no reply at all
	}{
		{"several lines", "550-5.1.1 no such\r\n550 5.1.1 user\r\n", &ReplyError{Command: "RCPT", Code: 550, Enhanced: "5.1.1", Text: "no such user"}},
		{"code alone", "452\r\n", &ReplyError{Command: "RCPT", Code: 452, Temporary: true}},
		{"enhanced code alone", "550 5.7.26\n", &ReplyError{Command: "RCPT", Code: 550, Enhanced: "5.7.26"}},
		{"no enhanced code", "550 5.1.1x no\r\n", &ReplyError{Command: "RCPT", Code: 550, Text: "5.1.1x no"}},
		{"not UTF-8", "550 caf\xe9\r\n", &ReplyError{Command: "RCPT", Code: 550, Text: "caf\ufffd"}},
		{"too short", "25\r\n", nil},
		{"no digits", "2x0 ok\r\n", nil},
		{"no such code", "650 ok\r\n", nil},
		{"nothing between", "250ok\r\n", nil},
		{"codes that differ", "250-a\r\n550 b\r\n", nil},
		{"cut off", "250-a\r\n", nil},
	} {
		got, err := readReply(bufio.NewReader(strings.NewReader(tc.text)))
		switch {
		case tc.want == nil:
			if err == nil {
				t.Errorf("%s: read %+v", tc.name, got)
			}
		case err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case *got.refusal("RCPT") != *tc.want:
			t.Errorf("%s: %+v, want %+v", tc.name, got.refusal("RCPT"), tc.want)
		}
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add("250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
	f.Add("550-5.1.1 no such\n550 5.1.1 user\r\n")
	f.Add("354\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readReply(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		if got.code < 200 || got.code > 599 || len(got.lines) == 0 || len(got.lines) > 100 {
			t.Errorf("reply %+v", got)
		}
		if e := got.refusal("RCPT"); strings.ContainsAny(e.Error(), "\r\n") || e.Temporary != (got.code < 500) && got.code < 530 {
			t.Errorf("refusal %+v", e)
		}
	})
}
