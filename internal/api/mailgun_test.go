package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"
)

// gun is a signed request of Mailgun.
func gun(key string, at time.Time, token, event string) string {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + token))
	s, _ := json.Marshal(map[string]string{"timestamp": stamp, "token": token, "signature": hex.EncodeToString(mac.Sum(nil))})
	return fmt.Sprintf(`{"signature":%s,"event-data":%s}`, s, event)
}

const failed = `{"id":"e1","event":"failed","severity":%q,"reason":%q,"recipient":"anna@example.org","timestamp":1772366340.5,
"envelope":{"sender":"B+t1@bounce.journal.example"},"message":{"headers":{"message-id":"abc@journal.example"}},"delivery-status":{"code":%d,"message":%q}}`

func TestMailgun(t *testing.T) {
	for _, tc := range []struct{ name, event, want string }{
		{"unknown", fmt.Sprintf(failed, "permanent", "bounce", 550, "5.1.1 No such user here"), "user unknown true"},
		{"unknown without a code", fmt.Sprintf(failed, "permanent", "bounce", 550, "No such user here"), "user unknown true"},
		{"full", fmt.Sprintf(failed, "permanent", "bounce", 552, "5.2.2 mailbox over quota"), "mailbox full false"},
		{"blocked", fmt.Sprintf(failed, "permanent", "generic", 550, "5.7.1 IP on a block list"), "blocked false"},
		{"temporary", fmt.Sprintf(failed, "temporary", "generic", 550, "5.1.1 no such user"), "user unknown false"},
		{"suppressed there", fmt.Sprintf(failed, "permanent", "suppress-bounce", 605, "Not delivering to previously bounced address"), "user unknown true"},
		{"complained there", fmt.Sprintf(failed, "permanent", "suppress-complaint", 605, "Not delivering"), "complaint false"},
		{"complaint", `{"id":"e1","event":"complained","recipient":"anna@example.org"}`, "complaint false"},
		{"delivered", `{"id":"e1","event":"delivered","recipient":"anna@example.org"}`, "delivered false"},
	} {
		k := open(t, Options{MailgunKey: "key"})
		k.want(tc.name, k.post("/webhooks/mailgun", gun("key", k.clock, "tok", tc.event)), http.StatusNoContent, "mailgun e1 "+tc.want+" anna@example.org")
		if tc.name == "unknown" && (k.last.MessageID != "abc@journal.example" || k.last.Senders[0] != "b+t1@bounce.journal.example" || k.last.At.Year() != 2026) {
			t.Errorf("%+v", k.last)
		}
		if tc.name == "temporary" && !k.last.Records[0].Delayed {
			t.Error("a try among several is taken for the end")
		}
	}
	k := open(t, Options{MailgunKey: "key"})
	k.want("an event of no interest", k.post("/webhooks/mailgun", gun("key", k.clock, "tok", `{"id":"e1","event":"opened"}`)), http.StatusNoContent)
}

func TestMailgunForged(t *testing.T) {
	const complaint = `{"id":"e1","event":"complained","recipient":"anna@example.org"}`
	k := open(t, Options{MailgunKey: "key"})
	const path = "/webhooks/mailgun"
	k.want("another key", k.post(path, gun("other", k.clock, "t", complaint)), http.StatusUnauthorized)
	k.want("old", k.post(path, gun("key", k.clock.Add(-tolerance-time.Second), "t", complaint)), http.StatusUnauthorized)
	k.want("of the future", k.post(path, gun("key", k.clock.Add(tolerance+time.Second), "t", complaint)), http.StatusUnauthorized)
	k.want("no signature", k.post(path, `{"event-data":`+complaint+`}`), http.StatusUnauthorized)
	k.want("no JSON", k.post(path, "x"), http.StatusBadRequest)
	k.want("no id", k.post(path, gun("key", k.clock, "t0", `{"event":"complained"}`)), http.StatusBadRequest)
	for _, at := range []time.Duration{-tolerance, tolerance} {
		token := fmt.Sprint(at)
		once := gun("key", k.clock.Add(at), token, complaint)
		k.want("in time", k.post(path, once), http.StatusNoContent, "mailgun e1 complaint false anna@example.org")
		k.want("again", k.post(path, once), http.StatusNoContent, "mailgun e1 complaint false anna@example.org") // the intake knows it
		k.want("its signature on another event", k.post(path, gun("key", k.clock.Add(at), token, `{"id":"e2","event":"complained","recipient":"ben@example.org"}`)), http.StatusUnauthorized)
	}
	var full tokens
	for i := range tokensMost {
		full.use(fmt.Sprint(i), [32]byte{}, k.clock)
	}
	if full.use("new", [32]byte{}, k.clock) || !full.use("new", [32]byte{}, k.clock.Add(time.Hour)) || len(full.used) != 1 {
		t.Errorf("%d tokens are remembered", len(full.used))
	}
}
