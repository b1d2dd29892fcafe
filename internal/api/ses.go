package api

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/mail/bounce"
)

// message is what Amazon SNS sends ("HTTP/HTTPS notification JSON format" of its developer guide).
type message struct {
	Type             string
	MessageID        string `json:"MessageId"`
	TopicArn         string
	Subject          *string
	Message          string
	Timestamp        string
	Token            string
	SubscribeURL     string
	SignatureVersion string
	Signature        string
	SigningCertURL   string
}

// snsRetries is how long SNS tries to deliver a message, which keeps its time and signature all the while.
const snsRetries = time.Hour

// ses takes a message of SNS: a notification of SES, or the question whether we want them. A confirmation is answered
// for topics of the configuration alone: whoever could make us confirm another could send us anything, signed.
func (a *API) ses(ctx context.Context, _ *http.Request, body []byte) error {
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		return malformed("not JSON")
	}
	if !slices.Contains(a.options.SESTopics, m.TopicArn) {
		return forged("a topic that is not in bounces.ses_topics")
	}
	if err := a.signed(ctx, m); err != nil {
		return err
	}
	switch m.Type {
	case "SubscriptionConfirmation":
		return a.confirm(ctx, m)
	case "UnsubscribeConfirmation":
		a.options.Log.Warn("webhook: the subscription to an SNS topic has ended")
		return nil
	case "Notification":
		report, ok := bounce.SES([]byte(m.Message))
		if !ok {
			return nil // a test message, or an event nobody asked for
		}
		return a.options.Intake.Report(ctx, "ses", m.MessageID, report)
	}
	return malformed("a type that is not known")
}

// signed checks topic, time and signature.
func (a *API) signed(ctx context.Context, m message) error {
	at, err := time.Parse(time.RFC3339, m.Timestamp)
	if err != nil || m.MessageID == "" {
		return malformed("no time, or no id")
	}
	if age := a.options.Now().Sub(at); age < -tolerance || age > snsRetries+tolerance {
		return forged("too old, or of the future")
	}
	if !amazon(m.SigningCertURL, m.TopicArn) || !snsCertificate.MatchString(m.SigningCertURL) {
		return forged("a certificate from elsewhere")
	}
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil {
		return forged("a signature that is none")
	}
	key, err := a.certs.key(ctx, a.options.Fetch, m.SigningCertURL, a.options.Now())
	if err != nil {
		return fmt.Errorf("certificate of SNS: %w", err)
	}
	text := []byte(m.text())
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum(text)
		err = rsa.VerifyPKCS1v15(key, crypto.SHA1, sum[:], signature)
	case "2":
		sum := sha256.Sum256(text)
		err = rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
	default:
		return forged("a signature version that is not known")
	}
	if err != nil {
		return forged("a wrong signature")
	}
	return nil
}

// text is what is signed: names and values, a line each, in this order ("Verifying the signatures of Amazon SNS
// messages").
func (m message) text() string {
	var b strings.Builder
	add := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	add("Message", m.Message)
	add("MessageId", m.MessageID)
	if m.Type == "Notification" {
		if m.Subject != nil {
			add("Subject", *m.Subject)
		}
	} else {
		add("SubscribeURL", m.SubscribeURL)
	}
	add("Timestamp", m.Timestamp)
	if m.Type != "Notification" {
		add("Token", m.Token)
	}
	add("TopicArn", m.TopicArn)
	add("Type", m.Type)
	return b.String()
}

var snsHost = regexp.MustCompile(`^sns\.([a-z0-9-]{3,40})\.amazonaws\.com(?:\.cn)?$`)

// snsCertificate is where the certificates of SNS stand, and nothing that somebody else may have Amazon answer with.
var snsCertificate = regexp.MustCompile(`^https://[^/?#]+/SimpleNotificationService-[0-9a-f]+\.pem$`)

// amazon reports whether an address is of SNS in the region of a topic.
func amazon(address, topic string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Fragment != "" || u.Opaque != "" {
		return false
	}
	f := snsHost.FindStringSubmatch(u.Host)
	parts := strings.Split(topic, ":")
	return f != nil && len(parts) > 3 && f[1] == parts[3]
}

// confirm says yes to a topic.
func (a *API) confirm(ctx context.Context, m message) error {
	if !amazon(m.SubscribeURL, m.TopicArn) {
		return forged("a confirmation elsewhere")
	}
	if _, err := a.options.Fetch.Get(ctx, m.SubscribeURL); err != nil {
		return fmt.Errorf("confirm an SNS topic: %w", err)
	}
	a.options.Log.Info("webhook: subscribed to an SNS topic")
	return nil
}

// certificates are the keys of SNS that were fetched, by address. The zero value is empty.
type certificates struct {
	mu    sync.Mutex
	known map[string]known
}

type known struct {
	key   *rsa.PublicKey
	until time.Time
}

// How long and how many certificates are kept.
const (
	keepCertificate  = 24 * time.Hour
	certificatesMost = 8
)

func (c *certificates) key(ctx context.Context, f Fetcher, address string, now time.Time) (*rsa.PublicKey, error) {
	c.mu.Lock()
	have, ok := c.known[address]
	c.mu.Unlock()
	if ok && now.Before(have.until) {
		return have.key, nil
	}
	p, err := f.Get(ctx, address)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(p.Body)
	if block == nil {
		return nil, errors.New("not in PEM")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := cert.PublicKey.(*rsa.PublicKey)
	if !ok || now.Before(cert.NotBefore) || now.After(cert.NotAfter) {
		return nil, errors.New("no RSA key, or out of its time")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= certificatesMost {
		c.known = map[string]known{}
	}
	c.known[address] = known{key, now.Add(keepCertificate)}
	return key, nil
}
