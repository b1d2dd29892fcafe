package mail

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The example of Amazon's suite of tests for the signature, "post-vanilla".
func TestSignatureOfAmazonsSuite(t *testing.T) {
	r, err := http.NewRequest(http.MethodPost, "https://example.amazonaws.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	k := awsKey{id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "us-east-1", service: "service"}
	k.sign(r, nil, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC))
	const want = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
		"Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// amazon is SES as far as it is used here: it looks at every signature, and takes mails or says what answer says.
type amazon struct {
	t *testing.T

	mu     sync.Mutex
	secret string
	answer func(w http.ResponseWriter, m sesMail) bool
	mails  []sesMail
}

// says makes it answer so from now on, to those who sign with a secret.
func (a *amazon) says(secret string, answer func(http.ResponseWriter, sesMail) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.secret, a.answer = secret, answer
}

func (a *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client broke off
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.signed(r, body) {
		w.Header().Set("X-Amzn-ErrorType", "InvalidSignatureException:http://internal.amazon.com/")
		w.WriteHeader(http.StatusForbidden)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/v2/email/account" {
		fmt.Fprint(w, `{"SendingEnabled":true}`)
		return
	}
	var m sesMail
	if err := json.Unmarshal(body, &m); err != nil || r.URL.Path != "/v2/email/outbound-emails" || r.Header.Get("Content-Type") != "application/json" {
		a.t.Errorf("%s %s: %v", r.Method, r.URL, err)
	}
	if a.answer != nil && a.answer(w, m) {
		return
	}
	a.mails = append(a.mails, m)
	fmt.Fprint(w, `{"MessageId":"010201"}`)
}

// signed looks at a signature the other way round: it goes by what the request says is signed.
func (a *amazon) signed(r *http.Request, body []byte) bool {
	var id, date, region, service, names, signature string
	line := strings.NewReplacer(",", "", "/", " ").Replace(r.Header.Get("Authorization"))
	if _, err := fmt.Sscanf(line, "AWS4-HMAC-SHA256 Credential=%s %s %s %s aws4_request SignedHeaders=%s Signature=%s", &id, &date, &region, &service, &names, &signature); err != nil {
		return false
	}
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	if err != nil || time.Since(at).Abs() > 5*time.Minute || region != "eu-west-1" || service != "ses" || id != "AKID" || !strings.Contains(names, "host") {
		return false
	}
	text := r.Method + "\n" + r.URL.Path + "\n\n"
	for name := range strings.SplitSeq(names, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		text += name + ":" + value + "\n"
	}
	text += "\n" + names + "\n" + fmt.Sprintf("%x", sha256.Sum256(body))
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	key := mac(mac(mac(mac([]byte("AWS4"+a.secret), date), region), service), "aws4_request")
	want := mac(key, fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%x", stamp, date, region, service, sha256.Sum256([]byte(text))))
	return hex.EncodeToString(want) == signature
}

const amazonSecret = "se/cr+et"

func newAmazon(t *testing.T) (*amazon, *SES) {
	t.Helper()
	a := &amazon{t: t, secret: amazonSecret}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	s, err := NewSES(SESOptions{Region: "eu-west-1", KeyID: "AKID", Secret: amazonSecret, Endpoint: server.URL, Connections: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return a, s
}

const sesMessage = "Subject: x\r\n\r\n.one\r\n..two\r\n"

func TestSESTakesMail(t *testing.T) {
	a, s := newAmazon(t)
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Send(t.Context(), "b+token@bounces.journal.example", "anna@example.org", []byte(sesMessage)); err != nil {
		t.Fatal(err)
	}
	if len(a.mails) != 1 {
		t.Fatalf("%d mails", len(a.mails))
	}
	m := a.mails[0]
	if m.From != "b+token@bounces.journal.example" || m.Feedback != m.From || len(m.Destination.To) != 1 || m.Destination.To[0] != "anna@example.org" {
		t.Errorf("%+v", m)
	}
	if got := string(m.Content.Raw.Data); got != sesMessage {
		t.Errorf("it got %q, want %q", got, sesMessage)
	}
	stopped := errors.New("stopped")
	err := s.Deliver(t.Context(), Parcel{From: "a@journal.example", To: "b@example.org", Message: []byte(sesMessage), Before: func(context.Context) error { return stopped }})
	if !errors.Is(err, stopped) || len(a.mails) != 1 {
		t.Errorf("the gate was shut: %v, %d mails", err, len(a.mails))
	}
}

// What SES answers, and what is made of it.
func TestSESRefusals(t *testing.T) {
	a, s := newAmazon(t)
	refuse := func(status int, kind, message string) func(http.ResponseWriter, sesMail) bool {
		return func(w http.ResponseWriter, _ sesMail) bool {
			w.Header().Set("X-Amzn-ErrorType", kind)
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
			return true
		}
	}
	hangUp := func(w http.ResponseWriter, _ sesMail) bool {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return true
		}
		_ = c.Close()
		return true
	}
	for _, tc := range []struct {
		name   string
		answer func(http.ResponseWriter, sesMail) bool
		want   error
		code   int
	}{
		{"content", refuse(400, "MessageRejected", "Email content is not acceptable"), nil, 554},
		{"no address", refuse(400, "BadRequestException", "Invalid recipient"), nil, 554},
		{"not verified", refuse(400, "MessageRejected", "Email address is not verified."), ErrNoServer, 0},
		{"too fast", refuse(429, "TooManyRequestsException", "Rate exceeded"), ErrNoServer, 0},
		{"paused", refuse(400, "SendingPausedException", ""), ErrNoServer, 0},
		{"down", refuse(503, "ServiceUnavailable", ""), ErrNoServer, 0},
		{"broken", refuse(500, "InternalFailure", ""), ErrUnknown, 0},
		{"no answer", hangUp, ErrUnknown, 0},
	} {
		a.says(amazonSecret, tc.answer)
		err := s.Send(t.Context(), "a@journal.example", "anna@example.org", []byte(sesMessage))
		var reply *ReplyError
		if tc.want != nil && !errors.Is(err, tc.want) || tc.code != 0 && (!errors.As(err, &reply) || reply.Code != tc.code || reply.Temporary) || strings.Contains(fmt.Sprint(err), "anna@") {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	a.says("another", nil)
	if err := s.Send(t.Context(), "a@journal.example", "anna@example.org", []byte(sesMessage)); !errors.Is(err, ErrNoServer) || errors.Is(s.Check(t.Context()), nil) {
		t.Errorf("a wrong secret: %v", err)
	}
	for _, o := range []SESOptions{{}, {Region: "eu-west-1", KeyID: "a"}, {Region: "eu-west-1", KeyID: "a", Secret: "b", Endpoint: "http://ses.example"}} {
		if _, err := NewSES(o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
}
