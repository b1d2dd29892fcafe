package mail

import (
	"bufio"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ReplyError is a mail server's refusal.
type ReplyError struct {
	Command  string // what was refused: "connection", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA" or "message"
	Code     int    // of RFC 5321: 400–599
	Enhanced string // of RFC 3463, such as "5.1.1"; empty when the server gave none
	Text     string // what the server said, its lines joined by spaces; often holds the address
	// Temporary says that the same mail may be taken later: for 4xx, and for
	// refusals that are not about the mail but about us (RFC 4954, section 6).
	Temporary bool
}

// Error leaves the server's text out: it often repeats the address, and
// logs hold none.
func (e *ReplyError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("refused %s: %d %s", e.Command, e.Code, e.Enhanced))
}

// ErrUnknown marks a delivery whose outcome nobody can tell: the whole
// message was handed over and no answer came. The server may have taken it,
// so trying again may deliver it twice.
var ErrUnknown = errors.New("outcome unknown")

// ErrNoServer marks trouble that is not about a mail: no connection could be
// made, or the server would not let us in.
var ErrNoServer = errors.New("no mail server")

// Temporary reports whether the same mail may go through later: after a
// temporary refusal, and after any trouble of the network or of encryption.
// It is false for a lasting refusal and for ErrInvalid.
func Temporary(err error) bool {
	var reply *ReplyError
	switch {
	case errors.As(err, &reply):
		return reply.Temporary
	case errors.Is(err, ErrInvalid):
		return false
	}
	return err != nil
}

// reply is one answer of a server.
type reply struct {
	code  int
	lines []string
}

// expect returns nil for the wanted code or, as 251 for 250, another of its
// kind; a *ReplyError for a refusal.
func (r reply) expect(command string, want int) error {
	switch {
	case r.code/10 == want/10:
		return nil
	case r.code >= 400:
		return r.refusal(command)
	}
	return fmt.Errorf("it answered %s with %d, not %d", command, r.code, want)
}

// readReply reads an answer of one or several lines (RFC 5321, 4.2.1).
// Lines are as long as the reader's buffer at most, and there are at most a
// hundred.
func readReply(r *bufio.Reader) (reply, error) {
	var got reply
	for range 100 {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return reply{}, err
		}
		code, text, last, ok := parseReplyLine(strings.TrimRight(string(line), "\r\n"))
		if !ok || got.code != 0 && code != got.code {
			return reply{}, errors.New("it sent an answer that is not SMTP")
		}
		got.code = code
		got.lines = append(got.lines, text)
		if last {
			return got, nil
		}
	}
	return reply{}, errors.New("it sent an answer without end")
}

func parseReplyLine(line string) (code int, text string, last, ok bool) {
	if len(line) < 3 {
		return 0, "", false, false
	}
	for _, c := range []byte(line[:3]) {
		if c < '0' || c > '9' {
			return 0, "", false, false
		}
		code = code*10 + int(c-'0')
	}
	if code < 200 || code > 599 {
		return 0, "", false, false
	}
	switch rest := line[3:]; {
	case rest == "":
		return code, "", true, true
	case rest[0] == ' ':
		return code, rest[1:], true, true
	case rest[0] == '-':
		return code, rest[1:], false, true
	}
	return 0, "", false, false
}

var enhancedCode = regexp.MustCompile(`^([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |$)`)

// refusal makes an error of an answer that is not the hoped for.
func (r reply) refusal(command string) *ReplyError {
	e := &ReplyError{Command: command, Code: r.code}
	var text []string
	for _, line := range r.lines {
		if m := enhancedCode.FindStringSubmatch(line); m != nil {
			e.Enhanced = m[1]
			line = line[len(m[0]):]
		}
		text = append(text, line)
	}
	e.Text = strings.ToValidUTF8(strings.TrimSpace(strings.Join(text, " ")), "\ufffd")
	e.Temporary = r.code < 500 || !aboutTheMail(command, r.code)
	return e
}

// aboutTheMail tells the refusal of a mail from that of its carrier: one
// that could not sign in must not lose the mails of the day.
func aboutTheMail(command string, code int) bool {
	switch code {
	case 530, 534, 535, 538: // authentication needed, or not good enough (RFC 4954)
		return false
	}
	return command == "MAIL" || command == "RCPT" || command == "DATA" || command == "message"
}
