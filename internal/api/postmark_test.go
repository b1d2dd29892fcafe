package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
)

func basic(password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte("postmark:"+password))
}

func TestPostmark(t *testing.T) {
	k := open(t, Options{PostmarkPassword: "secret"})
	bounce := func(kind, details string) string {
		return fmt.Sprintf(`{"RecordType":"Bounce","ID":42,"Type":%q,"Email":"anna@example.org","Details":%q,"BouncedAt":"2026-03-01T11:59:00Z"}`, kind, details)
	}
	for _, tc := range []struct{ body, want string }{
		{bounce("HardBounce", "smtp;550 5.1.1 The email account that you tried to reach does not exist"), "Bounce/42 user unknown true"},
		{bounce("HardBounce", ""), "Bounce/42 user unknown true"},
		{bounce("HardBounce", "smtp;554 5.7.1 blocked by Spamhaus"), "Bounce/42 blocked false"},
		{bounce("SoftBounce", "smtp;552 5.2.2 mailbox full"), "Bounce/42 mailbox full false"},
		{bounce("Transient", "user unknown for now"), "Bounce/42 temporary false"},
		{bounce("SpamNotification", "550 user unknown"), "Bounce/42 spam false"},
		{bounce("Blocked", "550 go away"), "Bounce/42 blocked false"},
		{bounce("DMARCPolicy", ""), "Bounce/42 auth false"},
		{bounce("AutoResponder", "I am away"), ""},
		{`{"RecordType":"SpamComplaint","ID":43,"Email":"anna@example.org"}`, "SpamComplaint/43 complaint false"},
		{`{"RecordType":"Delivery","MessageID":"m","Recipient":"anna@example.org"}`, "Delivery/m/anna@example.org delivered false"},
		{`{"RecordType":"Open"}`, ""},
	} {
		want := []string{}
		if tc.want != "" {
			want = append(want, "postmark "+tc.want+" anna@example.org")
		}
		k.want(tc.body, k.post("/webhooks/postmark", tc.body, "Authorization", basic("secret")), http.StatusNoContent, want...)
	}
	const good = `{"RecordType":"SpamComplaint","ID":43,"Email":"anna@example.org"}`
	for _, header := range []string{"", basic("wrong"), basic(""), "Bearer secret", "Basic !"} {
		k.want("with "+header, k.post("/webhooks/postmark", good, "Authorization", header), http.StatusUnauthorized)
	}
	k.want("no JSON", k.post("/webhooks/postmark", "[", "Authorization", basic("secret")), http.StatusBadRequest)
	k.want("no id", k.post("/webhooks/postmark", `{"RecordType":"SpamComplaint"}`, "Authorization", basic("secret")), http.StatusBadRequest)
}
