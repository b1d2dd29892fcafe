package mailing

import (
	"errors"
	"fmt"
	"testing"

	"github.com/gatefold/gatefold/internal/mail"
)

func refused(command string, code int, enhanced, text string) *mail.ReplyError {
	return &mail.ReplyError{Command: command, Code: code, Enhanced: enhanced, Text: text, Temporary: code < 500}
}

// What servers say, what is made of it, whether the mail is tried again, and whether its domain is slowed.
func TestClassify(t *testing.T) {
	for _, tc := range []struct {
		name  string
		err   error
		kind  Kind
		later bool
		slow  bool
	}{
		{"no such user", refused("RCPT", 550, "5.1.1", "no such user"), NoSuchUser, false, false},
		{"no such user, without a code", refused("RCPT", 550, "", "unknown"), NoSuchUser, false, false},
		{"moved", refused("RCPT", 551, "", "user not local"), NoSuchUser, false, false},
		{"address not allowed", refused("RCPT", 553, "", "not allowed"), NoSuchUser, false, false},
		{"disabled", refused("RCPT", 550, "5.2.1", "disabled"), NoSuchUser, false, false},
		{"550 to the message", refused("message", 550, "", "no"), Refused, false, false},
		{"sender does not exist", refused("MAIL", 553, "5.1.8", "sender"), Refused, false, false},
		{"null sender's domain", refused("MAIL", 550, "5.1.7", "sender"), Refused, false, false},
		{"full", refused("RCPT", 552, "5.2.2", "full"), Full, false, false},
		{"full, without a code", refused("RCPT", 552, "", "quota"), Full, false, false},
		{"full for now", refused("RCPT", 452, "4.2.2", "full"), Full, true, false},
		{"no room", refused("message", 452, "4.3.1", "no room"), Busy, true, false},
		{"policy", refused("message", 550, "5.7.1", "no"), Policy, false, true},
		{"policy for now", refused("RCPT", 450, "4.7.1", "greylisted"), Policy, true, true},
		{"reputation in words", refused("RCPT", 550, "", "blocked: see our blocklist"), Policy, false, true},
		{"spam in words", refused("message", 554, "", "looks like SPAM"), Policy, false, true},
		{"a code beside words of spam", refused("RCPT", 550, "5.1.1", "user unknown; spamming is reported"), Policy, false, true},
		{"too large", refused("MAIL", 552, "5.3.4", "too large"), Content, false, false},
		{"not understood", refused("message", 554, "5.6.0", "what"), Content, false, false},
		{"554 to the message", refused("message", 554, "", "transaction failed"), Content, false, false},
		{"554 to the recipient", refused("RCPT", 554, "", "no"), Refused, false, false},
		{"later", refused("RCPT", 450, "4.2.1", "later"), Busy, true, false},
		{"shutting down", refused("MAIL", 421, "4.3.2", "bye"), Busy, true, true},
		{"too fast", refused("RCPT", 451, "", "slow down"), Busy, true, true},
		{"no sign-in now", refused("MAIL", 454, "4.3.0", "later"), Busy, true, true},
		{"wrapped", fmt.Errorf("mail server mx: %w", refused("RCPT", 550, "5.1.1", "no")), NoSuchUser, false, false},
		{"answer lost", fmt.Errorf("%w: %w", mail.ErrUnknown, errors.New("reset")), NoAnswer, true, false},
		{"not to be sent", fmt.Errorf("letter: %w", mail.ErrInvalid), Unsendable, false, false},
		{"network", errors.New("connection reset"), Network, true, false},
	} {
		kind, later := classify(tc.err)
		if kind != tc.kind || later != tc.later || slowing(tc.err) != tc.slow {
			t.Errorf("%s: %s, later %v, slow %v; want %s, %v, %v", tc.name, kind, later, slowing(tc.err), tc.kind, tc.later, tc.slow)
		}
	}
}
