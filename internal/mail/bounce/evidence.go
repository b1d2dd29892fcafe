package bounce

import (
	"cmp"
	"regexp"
	"strings"
)

// evidence is what there is to judge one recipient by.
type evidence struct {
	recipient string
	said      string // what the refusing server said; "" when only the reporting one speaks
	context   string // what the report says around it
	comment   string // the reporting server's own words
	action    string // of RFC 3464, section 2.3.3: failed, delayed, delivered, relayed, expanded
	status    string // of the report's Status field
	gateway   bool
	at        Stage // where the words do not tell
}

// record judges.
func (e evidence) record() Record {
	r := Record{Recipient: e.recipient, Stage: e.stage(), Diagnostic: oneLine(cmp.Or(e.said, e.comment, e.context))}
	r.ReplyCode, r.Status = e.codes()
	switch e.action {
	case "delivered", "relayed", "expanded":
		r.Kind = Delivered
		return r
	}
	r.Kind = e.kind(r)
	r.Delayed = e.action == "delayed"
	if r.Delayed && (r.Kind == UserUnknown || r.Kind == HostUnknown || r.Kind == Unknown) {
		r.Kind = Temporary // they are still trying
	}
	if r.Status == "" {
		r.Status = e.class(r) + ".0.0"
	}
	// A name server that did not know the domain for now may know it later; a server that gave up on a mailbox it
	// could not find will not find it later.
	r.Hard = r.Kind == UserUnknown || r.Kind == HostUnknown && !strings.HasPrefix(r.Status, "4")
	return r
}

// Judge is the record of a refusal that a server gave to us directly: a reply code of RFC 5321, an enhanced code or "",
// its text, and the command it answered, as far as the text does not tell.
func Judge(recipient, code, enhanced, text string, at Stage) Record {
	e := evidence{recipient: strings.ToLower(recipient), said: strings.TrimSpace(code + " " + enhanced + " " + text), action: "failed", at: at}
	return e.record()
}

// class is the first digit of an enhanced code where nobody gave one.
func (e evidence) class(r Record) string {
	if e.action == "delayed" || strings.HasPrefix(r.ReplyCode, "4") {
		return "4"
	}
	return "5"
}

// codes are the reply code and the enhanced code. The one in what the server said counts over the one the reporting
// system chose, which is often a catch-all, such as Sendmail's 5.1.1 for every refusal of a recipient.
func (e evidence) codes() (reply3, status string) {
	if f := reply.FindStringSubmatch(e.said); f != nil {
		reply3, status = f[1], f[2]
	}
	if found := statusCode.FindString(noAddresses(e.said)); status == "" && found != "" {
		status = found
	}
	switch {
	case status == "" || strings.HasSuffix(status, ".0.0") && !strings.HasSuffix(e.status, ".0.0") && e.status != "":
		status = cmp.Or(e.status, status)
	}
	if status == "" && e.said == "" {
		status = statusCode.FindString(noAddresses(e.comment))
	}
	return reply3, status
}

// stages tell at which command the mail was refused, by the words of those who sent it: Exim, Postfix, Sendmail, qmail,
// Courier, OpenSMTPD, DragonFly, Oracle and others.
var stages = []struct {
	stage Stage
	words *regexp.Regexp
}{
	{AtData, regexp.MustCompile(`(?i)in reply to (?:end of )?DATA|after (?:pipelined )?(?:sending data|end of data|DATA)|failed after i sent the message|delivery error: dd |account \(\S+\) \[-?\d+\]|` +
		`our final DATA|like our DATA|\[?\(?DATA\)?\]? ?$|smtp transmission failure|-+ ?smtp command\s+DATA|SMTP:(?:DATA|EOM)|message was rejected after`)},
	{AtRecipient, regexp.MustCompile(`(?i)in reply to RCPT|after (?:pipelined )?RCPT|does not like recipient|like our RCPT|\[?RCPT_TO\b|SMTP:RCPT|` +
		`following RCPT|server has rejected address|rejected recipient|-+ ?smtp command\s+RCPT|RCPT TO\b.{0,120} failed`)},
	{AtSender, regexp.MustCompile(`(?i)in reply to MAIL|after (?:pipelined )?MAIL|sender was rejected|like our MAIL|\[?MAIL_FROM\b|SMTP:MAIL|rejected MAIL FROM|-+ ?smtp command\s+MAIL`)},
	{AtConnect, regexp.MustCompile(`(?i)in reply to (?:EHLO|HELO)|after initial connection|after (?:EHLO|HELO)|like our (?:EHLO|HELO|initial)|SMTP:(?:CONN|EHLO|HELO)|` +
		`connected to [^ ]+ but greeting failed|while receiving the initial server greeting|refused to talk to me`)},
}

// stage finds out at which command the mail was refused.
func (e evidence) stage() Stage {
	if s := e.commandBefore(); s != AtUnknown {
		return s
	}
	for _, text := range []string{e.said, e.comment, e.context} {
		text = strings.Join(strings.Fields(text), " ")
		for _, s := range stages {
			if text != "" && s.words.MatchString(text) {
				return s.stage
			}
		}
	}
	switch {
	case e.gateway:
		return AtData
	case strings.Contains(e.said+e.comment, "RCPT") && !strings.Contains(e.said+e.comment, "DATA"):
		return AtRecipient
	}
	return e.at
}

// commandBefore reads a transcript as Sendmail prints it: the command after >>>, the answer after <<<. The first
// refusal decides. In a pipeline the answers to RCPT come after DATA was sent; then the server goes on to say that it
// has no recipient, or Sendmail that the user is unknown.
func (e evidence) commandBefore() Stage {
	command, refused := AtUnknown, false
	for line := range strings.Lines(e.context) {
		line = strings.TrimSpace(line)
		switch {
		case !refused && strings.HasPrefix(line, ">>> "):
			command = commandStage(line[4:])
		case !refused && (strings.HasPrefix(line, "<<< 4") || strings.HasPrefix(line, "<<< 5")):
			refused = command != AtUnknown
		case refused && command == AtData && pipelined.MatchString(line):
			return AtRecipient
		}
	}
	if !refused {
		return AtUnknown
	}
	return command
}

var pipelined = regexp.MustCompile(`(?i)^<<< 50[0-9].*need (?:rcpt|recipient)|^<<< 5\d\d.*no valid recipients|^550 5\.1\.1 .*user unknown`)

func commandStage(line string) Stage {
	switch strings.ToUpper(word(line)) {
	case "RCPT", "VRFY":
		return AtRecipient
	case "MAIL":
		return AtSender
	case "DATA", ".", "BDAT":
		return AtData
	case "EHLO", "HELO", "STARTTLS":
		return AtConnect
	}
	return AtUnknown
}

// wordsMost is how much of a text is looked through for phrases, in bytes.
const wordsMost = 4096

var links = regexp.MustCompile(`(?i)https?://\S+|www\.\S+`)

// noAddresses leaves out addresses and links, whose letters say nothing. "@" stands for an address.
func noAddresses(s string) string {
	return anyAddress.ReplaceAllString(links.ReplaceAllString(s, " "), "@")
}

// normal is a text in the form that the phrases are looked for in.
func normal(s string) string {
	s = s[:min(len(s), wordsMost)]
	s = strings.Join(strings.Fields(noAddresses(s)), " ")
	return strings.ToLower(s)
}

// oneLine bounds what is kept of a diagnostic, and takes line breaks and control characters out.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > saidMost {
		s = strings.ToValidUTF8(s[:saidMost], "")
	}
	return s
}
