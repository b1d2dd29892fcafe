package app

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/fetch"
)

const (
	testTopic = "arn:aws:sns:eu-central-1:123456789012:bounces"
	testCert  = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
)

// provider tells of complaints, signed with the right keys, or with wrong ones.
type provider struct {
	t    *testing.T
	sns  *rsa.PrivateKey
	grid *ecdsa.PrivateKey
	key  string // of Mailgun, and the password of Postmark
}

func newProvider(t *testing.T, key string) provider {
	t.Helper()
	sns, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	grid, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return provider{t, sns, grid, key}
}

// settings are what an operator configures.
func (p provider) settings() config.Bounces {
	der, err := x509.MarshalPKIXPublicKey(&p.grid.PublicKey)
	if err != nil {
		p.t.Fatal(err)
	}
	return config.Bounces{SESTopics: []string{testTopic}, MailgunKey: config.Secret(p.key), PostmarkPassword: config.Secret(p.key),
		SendGridKey: base64.StdEncoding.EncodeToString(der)}
}

// Get implements api.Fetcher: the certificate of Amazon SNS.
func (p provider) Get(_ context.Context, address string) (fetch.Page, error) {
	if address != testCert {
		return fetch.Page{}, errors.New("not there")
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &p.sns.PublicKey, p.sns)
	return fetch.Page{Body: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, err
}

func (p provider) text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(raw)
}

func (p provider) ses(address string) (string, http.Header) {
	m := map[string]string{"Type": "Notification", "MessageId": "m-1", "TopicArn": testTopic, "SignatureVersion": "2", "SigningCertURL": testCert,
		"Timestamp": time.Now().UTC().Format(time.RFC3339),
		"Message":   `{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"` + address + `"}]},"mail":{}}`}
	var text strings.Builder
	for _, name := range []string{"Message", "MessageId", "Timestamp", "TopicArn", "Type"} {
		text.WriteString(name + "\n" + m[name] + "\n")
	}
	sum := sha256.Sum256([]byte(text.String()))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.sns, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	return p.text(m), nil
}

func (p provider) mailgun(address string) (string, http.Header) {
	at := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(p.key))
	mac.Write([]byte(at + "token"))
	return p.text(map[string]any{"signature": map[string]string{"timestamp": at, "token": "token", "signature": hex.EncodeToString(mac.Sum(nil))},
		"event-data": map[string]string{"id": "e1", "event": "complained", "recipient": address}}), nil
}

func (p provider) postmark(address string) (string, http.Header) {
	return `{"RecordType":"SpamComplaint","ID":7,"Email":"` + address + `"}`,
		http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("any:"+p.key))}}
}

func (p provider) sendgrid(address string) (string, http.Header) {
	at := fmt.Sprint(time.Now().Unix())
	body := `[{"sg_event_id":"g1","event":"spamreport","email":"` + address + `"}]`
	sum := sha256.Sum256([]byte(at + body))
	signature, err := ecdsa.SignASN1(rand.Reader, p.grid, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return body, http.Header{"X-Twilio-Email-Event-Webhook-Signature": {base64.StdEncoding.EncodeToString(signature)},
		"X-Twilio-Email-Event-Webhook-Timestamp": {at}}
}

// A complaint that a provider signed ends the mail to its reader. One that another signed does not, nor one that is
// sent again after the operator let the mail go on.
func TestWebhooks(t *testing.T) {
	right, wrong := newProvider(t, "right"), newProvider(t, "wrong")
	c := testConfig(t.TempDir(), "")
	c.Bounces = right.settings()
	n := start(t, c, func(_ *App, o *Options) { o.fetch = right })
	for name, sign := range map[string]func(provider, string) (string, http.Header){"ses": provider.ses, "mailgun": provider.mailgun,
		"postmark": provider.postmark, "sendgrid": provider.sendgrid} {
		t.Run(name, func(t *testing.T) {
			address := name + "@example.org"
			body, header := sign(wrong, address)
			n.tells(t, name, body, header, http.StatusUnauthorized, address, false)
			body, header = sign(right, address)
			n.tells(t, name, body, header, http.StatusNoContent, address, true)
			if err := n.Bounces.Lift(t.Context(), address, "test"); err != nil {
				t.Fatal(err)
			}
			n.tells(t, name, body, header, http.StatusNoContent, address, false)
			n.tells(t, name, strings.Replace(body, address, "x"+address, 1), nil, http.StatusUnauthorized, "x"+address, false)
			n.tells(t, name, body+strings.Repeat(" ", 1<<20), header, http.StatusRequestEntityTooLarge, address, false)
		})
	}
	if status, _ := n.get("/webhooks/ses"); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", status)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(n.returned)
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || len(families[0].GetMetric()) != 4 {
		t.Fatalf("%v, %v", families, err)
	}
	for _, m := range families[0].GetMetric() {
		if m.GetCounter().GetValue() != 1 {
			t.Errorf("a repetition is counted: %v", m)
		}
	}
	if log := n.log.String(); strings.Contains(log, "@example.org") {
		t.Errorf("the log names a reader: %s", log)
	}
}

// tells posts to a webhook, as no browser on the site would, and looks at the answer and at what became of an address.
func (n *node) tells(t *testing.T, name, body string, header http.Header, status int, address string, suppressed bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url+"/webhooks/"+name, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for key := range header {
		r.Header.Set(key, header.Get(key))
	}
	r.Header.Set("Origin", "https://elsewhere.example")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	_, err = n.Bounces.Find(t.Context(), address)
	if res.StatusCode != status || (err == nil) != suppressed || err != nil && !fault.Is(err, fault.NotFound) {
		t.Errorf("status %d, want %d; suppressed: %v, want %v (%v)", res.StatusCode, status, err == nil, suppressed, err)
	}
}
