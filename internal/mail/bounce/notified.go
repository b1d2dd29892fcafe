package bounce

import (
	"cmp"
	"regexp"
	"strings"
)

// notified reads the groups of a delivery status notification, one for each recipient (RFC 3464, section 2.3), together
// with what the text for people says of the same recipient: the notification often leaves out at which command the
// mail was refused.
func (m *mailing) notified() (records []Record) {
	told := segments(m.text())
	for _, g := range m.status {
		if g["action"] == "" && g["status"] == "" && g["diagnostic-code"] == "" || g["reporting-mta"] != "" && g["action"] == "" {
			continue // about the mail, not about a recipient
		}
		if len(records) == recipientsMost {
			break
		}
		records = append(records, m.recipient(g, told))
	}
	return records
}

// recipient reads one group.
func (m *mailing) recipient(g fields, told []segment) Record {
	to := cmp.Or(address(g["final-recipient"]), address(g["original-recipient"]), address(g["x-actual-recipient"]))
	_, said, found := strings.Cut(g["diagnostic-code"], ";")
	if !found {
		said = g["diagnostic-code"]
	}
	said = strings.TrimSpace(said)
	context := about(told, to, m.text())
	e := evidence{recipient: to, said: said, context: context, action: strings.ToLower(word(g["action"])),
		status: statusOf(g["status"]), comment: comment(g["status"]), gateway: m.gateway()}
	if said == "" { // a diagnostic that says nothing: what is told to people has to do
		e.said, e.comment = transcript(context), e.comment+" "+context
	}
	if e.recipient == "" {
		e.recipient = address(said)
	}
	return e.record()
}

var statusCode = regexp.MustCompile(`\b([245])\.(\d{1,3})\.(\d{1,3})\b`)

// statusOf is the enhanced code at the beginning of a Status field.
func statusOf(field string) string {
	if loc := statusCode.FindStringIndex(field); loc != nil && loc[0] == 0 {
		return field[:loc[1]]
	}
	return ""
}

// comment is what follows in parentheses (RFC 822, section 3.4.3).
func comment(field string) string {
	_, after, _ := strings.Cut(field, "(")
	return strings.TrimSuffix(after, ")")
}

func word(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}

// gateway reports whether a filter in front of the mail server made the report: it takes the whole message before it
// hands it on, so that what it was told, it was told of the message.
func (m *mailing) gateway() bool {
	for _, name := range []string{"X-Mailer", "User-Agent", "X-Generated-By", "X-Mailscanner"} {
		if filters.MatchString(m.header.Get(name)) {
			return true
		}
	}
	return false
}

var filters = regexp.MustCompile(`(?i)surfcontrol|m-filter|interscan|active!?hunter|mailmarshal|guardian|webshield`)
