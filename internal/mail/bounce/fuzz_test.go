package bounce

import (
	"testing"
	"unicode/utf8"
)

// Whatever comes in by the bounce domain, what is read of it is bounded, is text, and contradicts itself nowhere.
func FuzzParse(f *testing.F) {
	f.Add([]byte("From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n" +
		"Final-Recipient: rfc822; anna@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 unknown\r\n\r\n--b--\r\n"))
	f.Add([]byte("Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n" +
		"Feedback-Type: abuse\r\nOriginal-Rcpt-To: anna@example.org\r\n\r\n--b--\r\n"))
	f.Add([]byte("From: postmaster@example.org\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program.\r\n<anna@example.org>:\r\nuser unknown\r\n"))
	f.Add([]byte("Auto-Submitted: auto-replied\r\nSubject: Out of office\r\n\r\nBack on Monday.\r\n"))
	f.Add([]byte("Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: base64\r\n\r\n\x1b$B\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := Parse(raw)
		if len(r.Records) > len(raw)/10+1 {
			t.Errorf("%d records of %d bytes", len(r.Records), len(raw))
		}
		for _, one := range r.Records {
			if one.Hard && one.Kind.Policy() {
				t.Errorf("a refusal by policy ends the mail to a reader: %+v", one)
			}
			for _, text := range []string{one.Recipient, one.Status, one.ReplyCode, one.Diagnostic} {
				if !utf8.ValidString(text) {
					t.Errorf("%q is no text", text)
				}
			}
		}
	})
}
