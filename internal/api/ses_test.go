package api

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	topic   = "arn:aws:sns:eu-central-1:123456789012:bounces"
	certURL = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123.pem"
	yesURL  = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
)

var snsKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// certificate is one of the key, good from a time to another.
func certificate(t *testing.T, from, to time.Time) string {
	t.Helper()
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &snsKey().PublicKey, snsKey())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func sns(t *testing.T) *kit {
	t.Helper()
	k := open(t, Options{SESTopics: []string{topic}})
	k.pages[certURL] = certificate(t, k.clock.Add(-time.Hour), k.clock.Add(time.Hour))
	k.pages[yesURL] = "<ConfirmSubscriptionResponse/>"
	return k
}

// notice is a message of SNS that is complete but for its signature.
func notice(k *kit, text string) map[string]any {
	return map[string]any{"Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Message": text,
		"Timestamp": k.clock.Format("2006-01-02T15:04:05.000Z"), "SignatureVersion": "2", "SigningCertURL": certURL}
}

// sign signs a message as SNS does: written down here a second time, from its documentation.
func sign(t *testing.T, m map[string]any) string {
	t.Helper()
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if m["Type"] != "Notification" {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	var text strings.Builder
	for _, n := range names {
		if v, ok := m[n]; ok {
			text.WriteString(n + "\n" + v.(string) + "\n")
		}
	}
	hash, sum := crypto.SHA256, []byte(nil)
	if m["SignatureVersion"] == "1" {
		hash = crypto.SHA1
		s := sha1.Sum([]byte(text.String()))
		sum = s[:]
	} else {
		s := sha256.Sum256([]byte(text.String()))
		sum = s[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, snsKey(), hash, sum)
	if err != nil {
		t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	return encode(t, m)
}

func encode(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

const sesBounce = `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","timestamp":"2026-03-01T11:59:00.000Z",
"bouncedRecipients":[{"emailAddress":"anna@example.org","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
"mail":{"source":"b+t1@bounce.journal.example","messageId":"ses-1","headers":[{"name":"Message-ID","value":"<abc@journal.example>"}]}}`

func TestSES(t *testing.T) {
	k := sns(t)
	k.want("a bounce", k.post("/webhooks/ses", sign(t, notice(k, sesBounce))), http.StatusNoContent, "ses m-1 user unknown true anna@example.org")
	if r := k.last; r.MessageID != "abc@journal.example" || len(r.Senders) != 1 || r.Senders[0] != "b+t1@bounce.journal.example" || r.At.Minute() != 59 {
		t.Errorf("%+v", r)
	}
	m := notice(k, `{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"anna@example.org"}]},"mail":{}}`)
	m["SignatureVersion"], m["Subject"] = "1", "Amazon SES"
	k.want("a complaint, version 1, with a subject", k.post("/webhooks/ses", sign(t, m)), http.StatusNoContent, "ses m-1 complaint false anna@example.org")
	k.want("a delivery", k.post("/webhooks/ses", sign(t, notice(k, `{"notificationType":"Delivery","delivery":{"recipients":["anna@example.org"]},"mail":{}}`))),
		http.StatusNoContent, "ses m-1 delivered false anna@example.org")
	k.want("a test", k.post("/webhooks/ses", sign(t, notice(k, "Successfully validated SNS topic for Amazon SES"))), http.StatusNoContent)
	k.want("a type of no interest", k.post("/webhooks/ses", sign(t, notice(k, `{"eventType":"Open","mail":{}}`))), http.StatusNoContent)
	if len(k.asked) != 1 {
		t.Errorf("the certificate was fetched %d times", len(k.asked))
	}
	k.clock = k.clock.Add(25 * time.Hour)
	if status := k.post("/webhooks/ses", sign(t, notice(k, sesBounce))); status != http.StatusServiceUnavailable {
		t.Errorf("a certificate that has run out: %d", status)
	}
}

func TestSESSubscription(t *testing.T) {
	k := sns(t)
	question := func() map[string]any {
		m := notice(k, "You have chosen to subscribe to the topic …")
		m["Type"], m["Token"], m["SubscribeURL"] = "SubscriptionConfirmation", "t", yesURL
		return m
	}
	k.want("a question", k.post("/webhooks/ses", sign(t, question())), http.StatusNoContent)
	if len(k.asked) != 2 || k.asked[1] != yesURL {
		t.Errorf("asked %v", k.asked)
	}
	for _, elsewhere := range []string{"https://evil.example/", "http://sns.eu-central-1.amazonaws.com/", "https://sns.eu-central-1.amazonaws.com:444/",
		"https://sns.us-east-1.amazonaws.com/", "https://sns.eu-central-1.amazonaws.com@evil.example/", "https://u@sns.eu-central-1.amazonaws.com/",
		"https://sns.eu-central-1.amazonaws.com.evil.example/", "https://x.sns.eu-central-1.amazonaws.com/"} {
		m := question()
		m["SubscribeURL"] = elsewhere
		k.want(elsewhere, k.post("/webhooks/ses", sign(t, m)), http.StatusUnauthorized)
	}
	k.pages = map[string]string{certURL: k.pages[certURL]}
	k.want("a question whose answer fails", k.post("/webhooks/ses", sign(t, question())), http.StatusServiceUnavailable)
	m := question()
	m["Type"] = "UnsubscribeConfirmation"
	k.want("the end", k.post("/webhooks/ses", sign(t, m)), http.StatusNoContent)
	m["Type"] = "Other"
	k.want("another type", k.post("/webhooks/ses", sign(t, m)), http.StatusBadRequest)
}

// Nothing is fetched, and nothing believed, of a message that is not of our topic, of now, signed by a key of Amazon.
func TestSESForged(t *testing.T) {
	for name, change := range map[string]func(m map[string]any){
		"another topic":       func(m map[string]any) { m["TopicArn"] = "arn:aws:sns:eu-central-1:999999999999:bounces" },
		"a host of one's own": func(m map[string]any) { m["SigningCertURL"] = "https://evil.example/x.pem" },
		"a bucket":            func(m map[string]any) { m["SigningCertURL"] = "https://s3.eu-central-1.amazonaws.com/x.pem" },
		"a look-alike": func(m map[string]any) {
			m["SigningCertURL"] = "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem"
		},
		"another region":       func(m map[string]any) { m["SigningCertURL"] = "https://sns.us-east-1.amazonaws.com/x.pem" },
		"another path":         func(m map[string]any) { m["SigningCertURL"] = strings.Replace(certURL, ".pem", ".pem?Action=x.pem", 1) },
		"in the clear":         func(m map[string]any) { m["SigningCertURL"] = strings.Replace(certURL, "https", "http", 1) },
		"no certificate":       func(m map[string]any) { m["SigningCertURL"] = yesURL },
		"of the future":        func(m map[string]any) { m["Timestamp"] = "2026-03-01T12:05:01.000Z" },
		"of yesterday":         func(m map[string]any) { m["Timestamp"] = "2026-02-28T12:00:00.000Z" },
		"another version":      func(m map[string]any) { m["SignatureVersion"] = "3" },
		"version 1 for 2":      func(m map[string]any) { m["SignatureVersion"] = "1" },
		"a changed message":    func(m map[string]any) { m["Message"] = strings.Replace(sesBounce, "anna", "ben", 1) },
		"a subject added":      func(m map[string]any) { m["Subject"] = "x" },
		"an id changed":        func(m map[string]any) { m["MessageId"] = "m-2" },
		"no signature":         func(m map[string]any) { delete(m, "Signature") },
		"a signature of words": func(m map[string]any) { m["Signature"] = "!" },
	} {
		k := sns(t)
		m := notice(k, sesBounce)
		sign(t, m)
		change(m)
		k.want(name, k.post("/webhooks/ses", encode(t, m)), http.StatusUnauthorized)
		if len(k.asked) > 0 && k.asked[0] != certURL {
			t.Errorf("%s: fetched %v", name, k.asked)
		}
	}
	k := sns(t)
	k.want("no JSON", k.post("/webhooks/ses", "x"), http.StatusBadRequest)
	m := notice(k, sesBounce)
	m["MessageId"] = ""
	k.want("no id", k.post("/webhooks/ses", sign(t, m)), http.StatusBadRequest)
	k.clock = k.clock.Add(50 * time.Minute)
	m = notice(k, sesBounce)
	m["Timestamp"] = k.clock.Add(-snsRetries).Format("2006-01-02T15:04:05.000Z")
	k.want("a late try", k.post("/webhooks/ses", sign(t, m)), http.StatusNoContent, "ses m-1 user unknown true anna@example.org")
}
