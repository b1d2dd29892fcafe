package mailing

import (
	"errors"
	"regexp"
	"strings"

	"github.com/gatefold/gatefold/internal/mail"
)

// classify tells the kind of trouble a delivery met, and whether the same mail may go through later.
func classify(err error) (k Kind, later bool) {
	var reply *mail.ReplyError
	switch {
	case errors.Is(err, mail.ErrUnknown):
		return NoAnswer, true
	case errors.As(err, &reply):
		return classifyReply(reply), reply.Temporary
	case errors.Is(err, mail.ErrInvalid):
		return Unsendable, false
	}
	return Network, true
}

// ofReputation are words of servers that refuse the sender rather than the recipient without an enhanced code that
// says so.
var ofReputation = regexp.MustCompile(`(?i)\bspam|\bblock(ed|list)|\bblacklist|\breputation|\bpolicy|\bDMARC\b|\bSPF\b|\bDKIM\b|\bDNSBL\b|\bunsolicited`)

// classifyReply goes by the enhanced code (RFC 3463), then by the words, then by what was refused: servers give 550 for
// everything.
func classifyReply(r *mail.ReplyError) Kind {
	class, subject, detail := enhanced(r.Enhanced)
	switch {
	case subject == "7", r.Code >= 500 && ofReputation.MatchString(r.Text):
		return Policy
	case r.Code < 500:
		if subject == "2" && detail == "2" || r.Code == 452 && r.Command == "RCPT" && subject == "2" {
			return Full
		}
		return Busy
	case subject == "2" && detail == "2", r.Code == 552 && subject == "":
		return Full
	case subject == "1" && detail != "7" && detail != "8", subject == "2" && detail == "1": // 5.1.7 and 5.1.8 speak of the sender
		return NoSuchUser
	case subject == "3" && detail == "4", subject == "6", r.Code == 554 && class == "" && r.Command == "message":
		return Content
	case class == "" && r.Command == "RCPT" && (r.Code == 550 || r.Code == 551 || r.Code == 553):
		return NoSuchUser
	}
	return Refused
}

func enhanced(code string) (class, subject, detail string) {
	class, rest, _ := strings.Cut(code, ".")
	subject, detail, _ = strings.Cut(rest, ".")
	return class, subject, detail
}

// slowing reports whether a reply asks us to send less to this domain (RFC 5321, 4.2.3; MAIL: 421, 451 and 454), or
// refuses us for what we are.
func slowing(err error) bool {
	var reply *mail.ReplyError
	if !errors.As(err, &reply) {
		return false
	}
	return reply.Code == 421 || reply.Code == 451 || reply.Code == 454 || classifyReply(reply) == Policy
}
