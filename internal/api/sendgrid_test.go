package api

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

var sendGridPrivate = sync.OnceValue(func() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return k
})

func sendGridPublic(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&sendGridPrivate().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// grid are the headers of a body signed by a key at a time.
func grid(t *testing.T, key *ecdsa.PrivateKey, at time.Time, body string) []string {
	t.Helper()
	stamp := fmt.Sprint(at.Unix())
	sum := sha256.Sum256([]byte(stamp + body))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return []string{sendGridSignature, base64.StdEncoding.EncodeToString(signature), sendGridTime, stamp}
}

const batch = `[
{"sg_event_id":"1","event":"bounce","type":"bounce","email":"anna@example.org","status":"5.1.1","reason":"550 5.1.1 no such user","smtp-id":"<abc@journal.example>","timestamp":1772366340},
{"sg_event_id":"2","event":"bounce","type":"blocked","email":"ben@example.org","reason":"550 user unknown"},
{"sg_event_id":"3","event":"bounce","type":"bounce","email":"carl@example.org","reason":"554 5.7.1 blocked by Spamhaus"},
{"sg_event_id":"4","event":"spamreport","email":"dora@example.org"},
{"sg_event_id":"5","event":"dropped","email":"emil@example.org","reason":"Bounced Address"},
{"sg_event_id":"6","event":"dropped","email":"fay@example.org","reason":"Unsubscribed Address"},
{"sg_event_id":"7","event":"deferred","email":"gil@example.org"},
{"sg_event_id":"8","event":"delivered","email":"hal@example.org"},
{"sg_event_id":"9","event":"click","email":"ida@example.org"},
{"event":"spamreport","email":"nobody@example.org"}]`

func TestSendGrid(t *testing.T) {
	k := open(t, Options{SendGridKey: sendGridPublic(t)})
	const path = "/webhooks/sendgrid"
	k.want("a batch", k.post(path, batch, grid(t, sendGridPrivate(), k.clock, batch)...), http.StatusNoContent,
		"sendgrid 1 user unknown true anna@example.org", "sendgrid 2 temporary false ben@example.org", "sendgrid 3 blocked false carl@example.org",
		"sendgrid 4 complaint false dora@example.org", "sendgrid 5 user unknown true emil@example.org", "sendgrid 8 delivered false hal@example.org")
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, headers := range map[string][]string{
		"another key":   grid(t, other, k.clock, batch),
		"another body":  grid(t, sendGridPrivate(), k.clock, batch+" "),
		"old":           grid(t, sendGridPrivate(), k.clock.Add(-tolerance-time.Second), batch),
		"of the future": grid(t, sendGridPrivate(), k.clock.Add(tolerance+time.Second), batch),
		"another time":  append(grid(t, sendGridPrivate(), k.clock, batch)[:2], sendGridTime, fmt.Sprint(k.clock.Unix()+1)),
		"nothing":       nil,
	} {
		k.want(name, k.post(path, batch, headers...), http.StatusUnauthorized)
	}
	k.want("no array", k.post(path, "{}", grid(t, sendGridPrivate(), k.clock, "{}")...), http.StatusBadRequest)
	k.fail = errors.New("no database")
	k.want("trouble of ours", k.post(path, batch, grid(t, sendGridPrivate(), k.clock, batch)...), http.StatusServiceUnavailable)
}
