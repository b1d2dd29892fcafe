package app

import (
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
)

// A letter that goes into the tray has its words as they were written.
func TestOpened(t *testing.T) {
	l, err := mail.CompileLetter(mail.LetterSource{From: netmail.Address{Name: "The Review", Address: "letters@review.example"},
		Subject: "Früh am Morgen", Text: "Die Öffnung = heute.\n" + strings.Repeat("Wort ", 40) + mail.Hole("unsubscribe"), HTML: "<p>Die Öffnung = heute.</p>"})
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Append(nil, mail.Personal{ID: "x@review.example", Date: time.Unix(1, 0), To: netmail.Address{Address: "anna@example.org"},
		Values: map[string]string{"unsubscribe": "token"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := opened(b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Früh am Morgen" || !strings.Contains(m.Text, "Öffnung = heute.") || !strings.Contains(m.Text, "Wort token") ||
		strings.TrimSpace(m.HTML) != "<p>Die Öffnung = heute.</p>" {
		t.Errorf("%+v", m)
	}
	for _, broken := range []string{"", "Subject: x\r\n\r\nwords", "Subject: x\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\nnothing"} {
		if _, err := opened([]byte(broken)); err == nil {
			t.Errorf("%q was opened", broken)
		}
	}
}
