package mail

import (
	"encoding/json"
	netmail "net/mail"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// verifier is dkimpy (Debian: python3-dkim), which shares no code with what signs here. It reads messages and the TXT
// records that are published, and says of each signature of each whether it holds.
const verifier = `
import json, sys, dkim
asked = json.load(sys.stdin)
def published(name, timeout=5):
    return asked["records"].get(name.decode().rstrip("."), "").encode()
def holds(message, index):
    try:
        return bool(dkim.DKIM(message).verify(idx=index, dnsfunc=published))
    except dkim.DKIMException:
        return False
print(json.dumps([[holds(m.encode(), i) for i in range(m.lower().count("dkim-signature:"))] for m in asked["messages"]]))
`

// verify has dkimpy look at messages. Where it is not installed, a person's tests go without; CI's do not.
func verify(t *testing.T, records map[string]string, messages []string) (held [][]bool) {
	t.Helper()
	if err := exec.Command("/usr/bin/python3", "-c", "import dkim, nacl").Run(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3-dkim and python3-nacl are not installed: scripts/need dkim")
		}
		t.Skip("DKIM is not verified by others here: Debian's python3-dkim and python3-nacl are not installed")
	}
	asked, err := json.Marshal(map[string]any{"records": records, "messages": messages})
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "/usr/bin/python3", "-c", verifier)
	c.Stdin, c.Stderr = strings.NewReader(string(asked)), os.Stderr
	out, err := c.Output()
	if err == nil {
		err = json.Unmarshal(out, &held)
	}
	if err != nil || len(held) != len(messages) {
		t.Fatalf("%s, %v", out, err)
	}
	return held
}

// A letter signed with both kinds of key holds before a verifier of others' making, and no more once anything that is
// signed is changed, added or taken away.
func TestSignatureHoldsBeforeOthers(t *testing.T) {
	records := map[string]string{}
	var keys []DKIMKey
	for _, kind := range []string{"rsa", "ed25519"} {
		text, err := GenerateDKIMKey(kind)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ParseDKIMKey(kind, text)
		if err != nil {
			t.Fatal(err)
		}
		if records[key.Name("journal.example")], err = key.Record(); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	signer, err := NewDKIM("journal.example", keys...)
	if err != nil {
		t.Fatal(err)
	}
	letter, err := CompileLetter(LetterSource{From: netmail.Address{Name: "Das Journal – täglich", Address: "letters@journal.example"}, Subject: "Die Straße öffnet wieder",
		HTML: "<p>Größer, " + Hole("name") + ".</p>", Text: "Größer, " + Hole("name") + ".\n\n.\n\nFrom here on, longer lines than one of seventy-six columns, folded.  \n",
		Headers: []Header{{"List-Id", "Daily <daily.journal.example>"}, {"List-Unsubscribe", "<https://journal.example/u/" + Hole("token") + ">"},
			{"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}, {"Feedback-ID", "1:daily:letters:journal"}}})
	if err != nil {
		t.Fatal(err)
	}
	message, err := letter.Append(nil, Personal{ID: "abc@journal.example", Date: time.Date(2026, 3, 2, 6, 0, 0, 0, time.UTC),
		To: netmail.Address{Name: "Änne", Address: "anna@example.org"}, Values: map[string]string{"name": "Ænne & Co", "token": "t0ken"}})
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	whole := string(signature) + string(message)
	cases := []struct {
		name    string
		message string
		want    bool
	}{
		{"as it left", whole, true},
		{"with what servers add on top", "Received: from a by b; Mon, 02 Mar 2026 06:00:01 +0000\r\n" + whole, true},
		{"another subject", strings.Replace(whole, "Subject: =?UTF-8?Q?Die", "Subject: =?UTF-8?Q?Nie", 1), false},
		{"a second subject", strings.Replace(whole, "\r\nMIME-Version:", "\r\nSubject: Win\r\nMIME-Version:", 1), false},
		{"a second subject above", "Subject: Win\r\n" + whole, false},
		{"a second sender above", "From: eve@example.org\r\n" + whole, false},
		{"another way to leave", strings.Replace(whole, "/u/t0ken", "/u/other", 1), false},
		{"no way to leave by one click", strings.Replace(whole, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", 1), false},
		{"another text", strings.Replace(whole, "longer lines", "shorter lines", 1), false},
		{"another recipient", strings.Replace(whole, "anna@example.org", "eve@example.org", 1), false},
	}
	var messages []string
	for _, tc := range cases {
		if tc.message == whole && tc.name != "as it left" {
			t.Fatalf("%s: nothing was changed", tc.name)
		}
		messages = append(messages, tc.message)
	}
	for i, held := range verify(t, records, messages) {
		if len(held) != 2 || held[0] != cases[i].want || held[1] != cases[i].want {
			t.Errorf("%s: the signatures hold: %v, want %v of both", cases[i].name, held, cases[i].want)
		}
	}
}
