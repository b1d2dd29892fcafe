package mail

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// SESOptions say how Amazon SES is reached.
type SESOptions struct {
	Region        string // such as "eu-west-1"
	KeyID, Secret string // of an IAM user that may ses:SendRawEmail and ses:GetAccount
	Endpoint      string // "" for that of the region
	Connections   int    // mails under way at once, at most; one when it is less
}

// SES delivers mail through the HTTP API of Amazon SES (version 2, SendEmail with raw content). It is safe for use by many
// goroutines. SES puts a Message-ID and a Date of its own into what it sends, and signs it.
type SES struct {
	endpoint *url.URL
	key      awsKey
	client   *http.Client
	slots    chan struct{}
}

// sesWait is how long SES may take for one request.
const sesWait = time.Minute

// NewSES returns a client of Amazon SES. Nothing is sent yet.
func NewSES(o SESOptions) (*SES, error) {
	endpoint, err := url.Parse(cmp.Or(o.Endpoint, "https://email."+o.Region+".amazonaws.com"))
	if err != nil || endpoint.Host == "" || o.KeyID == "" || o.Secret == "" || !isDotAtom(o.Region) {
		return nil, errors.New("amazon SES: expected a region, and the id and the secret of a key")
	}
	if endpoint.Scheme != "https" && !(endpoint.Scheme == "http" && isLoopback(endpoint.Hostname())) {
		return nil, errors.New("amazon SES: expected an https endpoint")
	}
	places := max(1, o.Connections)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = places, places
	return &SES{endpoint: endpoint, key: awsKey{o.KeyID, o.Secret, o.Region, "ses"}, slots: make(chan struct{}, places),
		client: &http.Client{Transport: transport, Timeout: sesWait,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Send hands one message to SES for one recipient, as SMTP.Send does to a mail server.
func (s *SES) Send(ctx context.Context, from, to string, message []byte) error {
	return sendChecked(ctx, s, from, to, message)
}

// sesMail is the request of SendEmail. What SES tells of the mail names its sender, and bounces go to where feedback is
// forwarded: both are the envelope sender, in which the mail is named.
type sesMail struct {
	From        string `json:"FromEmailAddress,omitempty"`
	Feedback    string `json:"FeedbackForwardingEmailAddress,omitempty"`
	Destination struct {
		To []string `json:"ToAddresses"`
	}
	Content struct {
		Raw struct{ Data []byte }
	}
}

// Deliver hands over one mail. What it returns is as SMTP.Send says, or the error of the gate.
func (s *SES) Deliver(ctx context.Context, p Parcel) error {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	m := sesMail{From: p.From, Feedback: p.From}
	m.Destination.To = []string{p.To}
	m.Content.Raw.Data = unstuff(p.Message)
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if p.Before != nil {
		if err := p.Before(ctx); err != nil {
			return err
		}
	}
	if err := s.ask(ctx, http.MethodPost, "/v2/email/outbound-emails", body); err != nil {
		return fmt.Errorf("amazon SES: %w", err)
	}
	return nil
}

// unstuff undoes what stuff did: over HTTP no dot ends a message.
func unstuff(message []byte) []byte {
	if !bytes.HasPrefix(message, []byte("..")) && !bytes.Contains(message, []byte("\n..")) {
		return message
	}
	var b bytes.Buffer
	for line := range bytes.Lines(message) {
		if bytes.HasPrefix(line, []byte("..")) {
			line = line[1:]
		}
		b.Write(line)
	}
	return b.Bytes()
}

// Check asks SES about our account, which shows that the key is one and may be used.
func (s *SES) Check(ctx context.Context) error {
	if err := s.ask(ctx, http.MethodGet, "/v2/email/account", nil); err != nil {
		return fmt.Errorf("amazon SES: %w", err)
	}
	return nil
}

// Close drops the connections that wait.
func (s *SES) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// ask sends a signed request. A request that was written whole and not answered may have been obeyed.
func (s *SES) ask(ctx context.Context, method, path string, body []byte) error {
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) }})
	r, err := http.NewRequestWithContext(ctx, method, s.endpoint.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	s.key.sign(r, body, time.Now())
	answer, err := s.client.Do(r)
	switch {
	case err != nil && written.Load():
		return fmt.Errorf("%w: %w", ErrUnknown, plainURL(err))
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNoServer, plainURL(err))
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // the status tells enough
	if answer.StatusCode/100 == 2 {
		return nil
	}
	return sesRefusal(answer, said)
}

// plainURL leaves the method and the URL out of an error of the client.
func plainURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// sesRefusal makes an error of an answer, as the "Errors" of SendEmail have them in the reference of the API.
func sesRefusal(answer *http.Response, said []byte) error {
	var told struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(said, &told) // what is no JSON is told by its status
	kind, _, _ := strings.Cut(cmp.Or(answer.Header.Get("X-Amzn-Errortype"), told.Type), ":")
	kind = kind[strings.LastIndexByte(kind, '#')+1:]
	status := answer.StatusCode
	switch about := kind == "MessageRejected" && !strings.Contains(told.Message, "not verified") || kind == "BadRequestException"; {
	case about: // this mail: its content, or an address that is none
		return &ReplyError{Command: "message", Code: 554, Enhanced: "5.6.0", Text: strings.ToValidUTF8(told.Message, "\ufffd")}
	case status/100 == 5 && status != http.StatusServiceUnavailable: // it may have been taken before things went wrong
		return fmt.Errorf("%w: it answered %d %s", ErrUnknown, status, kind)
	}
	// Too fast, or about us: the key, the account, an identity that is not verified.
	return fmt.Errorf("%w: it answered %d %s", ErrNoServer, status, kind)
}
