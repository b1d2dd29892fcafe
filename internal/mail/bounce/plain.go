package bounce

import (
	"cmp"
	"regexp"
	"strings"
)

// told reads a report made of words.
func (m *mailing) told() (records []Record) {
	text := m.text()
	all := segments(text)
	failed := m.failedRecipients()
	if len(all) == 0 || len(failed) == 1 && len(all) > 1 {
		to := ""
		if len(failed) > 0 {
			to = failed[0]
		} else if m.original != nil {
			to = address(m.original.Get("To"))
		}
		all = []segment{{to: to, text: text}}
	}
	for _, s := range all {
		if len(failed) > 1 && !contains(failed, s.to) {
			continue
		}
		records = append(records, m.segment(s, text))
	}
	if len(records) == 0 {
		records = append(records, m.segment(segment{text: text}, text))
	}
	return records
}

// failedRecipients are those of the header that Exim and Google write.
func (m *mailing) failedRecipients() (all []string) {
	for field := range strings.SplitSeq(m.header.Get("X-Failed-Recipients"), ",") {
		if a := address(field); a != "" && len(all) < recipientsMost {
			all = append(all, a)
		}
	}
	return all
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// segment reads what is told of one recipient, and where that is not understood, all that is told.
func (m *mailing) segment(s segment, text string) Record {
	e := evidence{recipient: s.to, said: transcript(s.text), context: s.text, comment: s.text, gateway: m.gateway(), action: m.action(text)}
	r := e.record()
	if r.Kind == Unknown && s.text != text {
		e.said, e.context, e.comment = transcript(text), text, text
		if all := e.record(); all.Kind != Unknown && !all.Hard {
			r = all
		} else if all.Hard && len(segments(text)) <= 1 {
			r = all
		}
	}
	if r.Kind == Unknown {
		e.comment += "\n" + m.header.Get("Subject")
		e.said = cmp.Or(e.said, m.header.Get("Subject"))
		r = e.record()
	}
	return r
}

// action is the word a notification would have for the mail.
func (m *mailing) action(text string) string {
	if delays.MatchString(m.header.Get("Subject")) || delays.MatchString(text) {
		return "delayed"
	}
	return "failed"
}

var delays = regexp.MustCompile(`(?i)this is a warning message only|status notification \((?:delay|warning)|\bdelayed \d+ hours|` +
	`warning: could not send message|delivery (?:has been |is )?delayed|has not yet been delivered|will be retried for|will keep trying until`)

// A segment is what a text says of one recipient.
type segment struct {
	to, text string
}

// Lines that begin what is said of a recipient: the address alone or with what was said, or after words that
// introduce it. An address elsewhere in a line is part of something else: of what a server said, of how to get help.
var recipientLine = []*regexp.Regexp{
	regexp.MustCompile(`^[ \t*]*[<"']([^<>"'\s]{1,128}@[^<>"'\s]{1,255})[>"']:?(?:[ \t]|$)`),
	regexp.MustCompile(`^[ \t*]*([^<>"'\s:()\[\]]{1,128}@[A-Za-z0-9_.-]{1,253}):?(?:[ \t]*$|[ \t]+(?:\d{3}\b|\[|on |(?i:invalid) |...:))`),
	regexp.MustCompile(`^[ \t]*([^<>"'\s:()\[\]]{1,128}@[A-Za-z0-9_.-]{1,253}):[ \t]`),
	regexp.MustCompile(`(?i)^delivery failed \d+ attempts: ([^<>"'\s:()\[\]]{1,128}@[A-Za-z0-9_.-]{1,253})`),
	regexp.MustCompile(`^>>> [^ ]+@[^ ]+ <([^<>"'\s]{1,128}@[^<>"'\s]{1,255})>`),
	regexp.MustCompile(`^[245]\d\d[ -](?:[245]\.\d+\.\d+ )?<([^<>"'\s]{1,128}@[^<>"'\s]{1,255})>\.\.\. `),
	regexp.MustCompile(`(?i)\b(?:(?:deliver\w*|sent|send|deliver(?:ing)? your mail|message|mail|address(?:es)?|recipients?|user|mailbox|for|rcpt) (?:to|is|was)?|` +
		`(?:recipient address|rejected recipient|unknown user|rcpt to|final recipient|address|allowed size|to the following recipients?))[: ]+<?([^<>"'\s,:;()\[\]]{1,128}@[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})`),
}

// segments parts a text by its recipients. A recipient named again goes on with what was said of it, unless a server's
// answer stands between: then the later one counts as told already.
func segments(text string) (all []segment) {
	index := map[string]int{}
	current := -1
	var before strings.Builder // the dialog that comes before the line that names the recipient
	for line := range strings.Lines(text) {
		if dialog.MatchString(line) {
			if !strings.HasPrefix(line, "<") && !strings.HasPrefix(line, ">") {
				before.Reset() // another server
			}
			before.WriteString(line)
			continue
		}
		if to := recipientOf(line); to != "" {
			i, known := index[to]
			if !known {
				if len(all) == recipientsMost {
					break
				}
				i = len(all)
				index[to] = i
				all = append(all, segment{to: to})
			}
			all[i].text += before.String()
			before.Reset()
			current = i
		}
		if current >= 0 {
			all[current].text += line
		}
	}
	return all
}

// answerLine is a line that begins with a server's answer.
var answerLine = regexp.MustCompile(`^[ \t]*[245]\d\d[ -]`)

// dialog is a line of what Sendmail and its server said to each other.
var dialog = regexp.MustCompile(`^(?:>>> [A-Z]{4}\b|<<< |(?:\.\.\. )?[Ww]hile talking to )`)

func recipientOf(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if len(line) > 2000 || !strings.Contains(line, "@") {
		return ""
	}
	patterns := recipientLine
	if answerLine.MatchString(line) { // only Sendmail puts the recipient first in what a server said; else it is in the words
		if patterns = recipientLine[5:6]; strings.Contains(strings.ToLower(line), "sender") {
			return ""
		}
	}
	for _, re := range patterns {
		if f := re.FindStringSubmatch(line); f != nil {
			return address(f[1])
		}
	}
	return ""
}

// about is what a text says of a recipient, all of it when the recipient is not named in it.
func about(told []segment, to, text string) string {
	for _, s := range told {
		if s.to == to && to != "" && len(told) > 1 {
			return s.text
		}
	}
	return text
}

// reply finds the answer of a server in a text: a code of three digits, alone or with an enhanced one.
var reply = regexp.MustCompile(`(?:^|[\s"'(\[:<])([245][0-5]\d)(?:[\s:-]+|$)(?:#?([245]\.\d{1,3}\.\d{1,3}))?`)

// bracketed is an answer without its code, after the address (HP OpenMail, Mail2000).
var bracketed = regexp.MustCompile(`(?m)^[^\s<>]+@[^\s<>]+ \[([A-Za-z][^\]\n]{3,200})\]\s*$`)

// transcript is the answer of a server within a text with what follows it; "" when there is none.
func transcript(text string) string {
	if _, after, ok := strings.Cut(text, "Received >>> "); ok { // InterScan's gateways
		answer, _, _ := strings.Cut(after, "\n")
		return answer
	}
	if i := strings.Index(text, "<<< "); i >= 0 {
		answer, _, _ := strings.Cut(text[i+4:], "\n")
		return answer
	}
	if f := bracketed.FindStringSubmatch(text); f != nil {
		return f[1]
	}
	if loc := reply.FindStringSubmatchIndex(text); loc != nil {
		answer, _, _ := strings.Cut(text[loc[2]:min(len(text), loc[2]+2*saidMost)], "\n\n")
		return strings.TrimSpace(answer)
	}
	return ""
}
