package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/outbox"
)

// mailServer answers on loopback as a mail server does, refusing recipients with a reply, and hands on what it took.
func mailServer(t *testing.T, refusal string) (url string, taken <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	messages := make(chan string, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveMail(c, refusal, messages)
		}
	}()
	return "smtp://" + l.Addr().String() + "?tls=off", messages
}

func serveMail(c net.Conn, refusal string, messages chan<- string) {
	defer func() { _ = c.Close() }()
	r := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 mail.example")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.TrimSpace(line), " "); {
		case verb == "RCPT" && refusal != "":
			say(refusal)
		case verb == "DATA":
			say("354 go on")
			messages <- readMessage(r)
			say("250 taken")
		default:
			say("250 mail.example")
		}
	}
}

func readMessage(r *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String()
		}
		b.WriteString(line)
	}
}

func testPostman(t *testing.T, url string) *postman {
	t.Helper()
	c := config.Default()
	c.Mail.From = "The Review <post@review.example>"
	c.Mail.ReplyTo = "editors@review.example"
	c.Mail.SMTPURL = config.Secret(url)
	p, err := newPostman(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func testLetter() outbox.Letter {
	return outbox.Letter{
		Mail:      outbox.Mail{To: "ann@mail.example", Subject: "Your link", Text: "Here it is.", HTML: "<p>Here it is.</p>"},
		MessageID: "abc@review.example", Created: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
	}
}

func TestPostmanDelivers(t *testing.T) {
	url, taken := mailServer(t, "")
	p := testPostman(t, url)
	for range 2 {
		if err := p.Send(context.Background(), testLetter()); err != nil {
			t.Fatal(err)
		}
	}
	first, second := <-taken, <-taken
	if first != second {
		t.Errorf("a letter sent twice is two different messages:\n%s\n%s", first, second)
	}
	m, err := netmail.ReadMessage(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": "The Review <post@review.example>", "Reply-To": "editors@review.example", "To": "ann@mail.example",
		"Message-Id": "<abc@review.example>", "Subject": "Your link", "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
		"Auto-Submitted": "auto-generated",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// What the outbox makes of an error hangs on mail.Temporary alone.
func TestPostmanJudgesTrouble(t *testing.T) {
	refusedFor, _ := mailServer(t, "550 5.1.1 no such mailbox")
	busy, _ := mailServer(t, "451 4.3.0 later")
	gone := "smtp://127.0.0.1:1?tls=off"
	for name, c := range map[string]struct {
		url       string
		letter    func(*outbox.Letter)
		temporary bool
	}{
		"lasting refusal":   {refusedFor, func(*outbox.Letter) {}, false},
		"temporary refusal": {busy, func(*outbox.Letter) {}, true},
		"nobody listens":    {gone, func(*outbox.Letter) {}, true},
		"no text":           {busy, func(l *outbox.Letter) { l.Text = "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := testLetter()
			c.letter(&l)
			err := testPostman(t, c.url).Send(context.Background(), l)
			if err == nil || mail.Temporary(err) != c.temporary {
				t.Errorf("temporary is %v for %v", mail.Temporary(err), err)
			}
			if strings.Contains(err.Error(), "ann@") {
				t.Errorf("the error holds the address: %v", err)
			}
		})
	}
}

func TestNobodyKeepsMailWaiting(t *testing.T) {
	err := nobody{}.Send(context.Background(), testLetter())
	if !mail.Temporary(err) {
		t.Errorf("got %v, want an error that is tried again", err)
	}
}

// Mail leaves by Amazon SES when a region is set, and the doctor asks there.
func TestPostmanOfSES(t *testing.T) {
	var paths []string
	amazon := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=AKID/") {
			w.WriteHeader(http.StatusForbidden)
		}
		var m struct {
			Destination struct{ ToAddresses []string }
			Content     struct{ Raw struct{ Data []byte } }
		}
		if err := json.NewDecoder(r.Body).Decode(&m); r.Method == http.MethodPost &&
			(err != nil || !slices.Equal(m.Destination.ToAddresses, []string{"ann@mail.example"}) || !strings.Contains(string(m.Content.Raw.Data), "Subject: Your link\r\n")) {
			t.Errorf("%+v, %v", m, err)
		}
	}))
	t.Cleanup(amazon.Close)
	c := config.Default()
	c.Mail.SESRegion, c.Mail.SESKeyID, c.Mail.SESSecret, c.Mail.SESEndpoint = "eu-west-1", "AKID", "secret", amazon.URL
	if err := c.Validate(); err != nil || !c.MailLeaves() {
		t.Fatalf("%v", err)
	}
	p, err := newPostman(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	if err := errors.Join(p.Send(t.Context(), testLetter()), p.server.Check(t.Context())); err != nil {
		t.Error(err)
	}
	if want := []string{"POST /v2/email/outbound-emails", "GET /v2/email/account"}; !slices.Equal(paths, want) || relayHost(c) != "127.0.0.1" {
		t.Errorf("asked %v, want %v", paths, want)
	}
}
