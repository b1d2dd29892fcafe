package bounce

import "testing"

// dsn is a notification of RFC 3464.
func dsn(action, status, diagnostic string) string {
	return "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: text/plain\n\nThis is the mail system.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n" +
		"Final-Recipient: rfc822; anna@example.org\nAction: " + action + "\n" + status + diagnostic + "\n--b--\n"
}

// The families of bounces, in the words of the systems that send them.
func TestFamilies(t *testing.T) {
	for _, tc := range []struct {
		name, raw string
		kind      Kind
		hard      bool
	}{
		{"Postfix", dsn("failed", "Status: 5.1.1\n", "Diagnostic-Code: smtp; 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown in virtual mailbox table\n"), UserUnknown, true},
		{"Gmail", dsn("failed", "Status: 5.1.1\n", "Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.\n"), UserUnknown, true},
		{"Exchange Online", dsn("failed", "Status: 5.1.10\n", "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient anna@example.org not found by SMTP address lookup\n"), UserUnknown, true},
		{"no such domain", dsn("failed", "Status: 5.4.4\n", "Diagnostic-Code: x-postfix; Host or domain name not found. Name service error for name=example.org type=A: Host not found\n"), HostUnknown, true},
		{"mailbox full", dsn("failed", "Status: 5.2.2\n", "Diagnostic-Code: smtp; 552 5.2.2 mailbox over quota\n"), MailboxFull, false},
		{"policy", dsn("failed", "Status: 5.7.1\n", "Diagnostic-Code: smtp; 550 5.7.1 Service unavailable, client host blocked using Spamhaus\n"), Blocked, false},
		{"DMARC", dsn("failed", "Status: 5.7.26\n", "Diagnostic-Code: smtp; 550-5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy\n"), Auth, false},
		{"success", dsn("delivered", "Status: 2.0.0\n", "Diagnostic-Code: smtp; 250 2.0.0 ok\n"), Delivered, false},
		{"relayed", dsn("relayed", "Status: 2.0.0\n", ""), Delivered, false},
		{"delayed", dsn("delayed", "Status: 4.4.1\n", "Diagnostic-Code: smtp; connect to example.org: Connection timed out\n"), Temporary, false},
		{"no status", dsn("failed", "", "Diagnostic-Code: smtp; 550 5.1.1 user unknown\n"), UserUnknown, true},
		{"qmail", "From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.example.\n\n<anna@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n", UserUnknown, true},
		{"away", "From: anna@example.org\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nBack on Monday.\n", Vacation, false},
		{"complaint", "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: anna@example.org\n\n--b--\n", Complaint, false},
	} {
		r := Parse([]byte(tc.raw))
		if len(r.Records) != 1 || r.Records[0].Kind != tc.kind || r.Records[0].Hard != tc.hard {
			t.Errorf("%s: %+v, want %s, hard %v", tc.name, r.Records, tc.kind, tc.hard)
		}
	}
}
