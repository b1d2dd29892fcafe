package bounce

import (
	"cmp"
	"regexp"
	"strings"
)

// complaint reads an abuse report (RFC 5965), or the like that Microsoft sends: the original under a cover, with the
// reader's address in a field of it.
func (m *mailing) complaint() Report {
	kind := strings.ToLower(word(m.feedback["feedback-type"]))
	if m.feedback == nil || kind == "" {
		kind = "abuse"
	}
	to := cmp.Or(address(m.feedback["original-rcpt-to"]), address(m.feedback["removal-recipient"]))
	if m.original != nil {
		to = cmp.Or(to, address(m.original.Get(complainant)), address(m.original.Get("Delivered-To")), address(m.original.Get("To")))
	}
	m.sender(m.feedback["original-mail-from"])
	r := Record{Recipient: to, Kind: Complaint, Diagnostic: oneLine("feedback: " + kind + " " + m.feedback["user-agent"])}
	switch kind {
	case "not-spam", "dismiss": // the reader wants the mail
		r.Kind = Delivered
	case "auth-failure", "virus": // about the mail (RFC 6591), not by the reader
		r.Kind = Auth
	}
	return Report{Records: []Record{r}, Feedback: kind, Notified: true}
}

const complainant = "X-Hmxmroriginalrecipient"

func (m *mailing) hasComplainant() bool {
	return m.original != nil && m.original.Get(complainant) != ""
}

var (
	away = regexp.MustCompile(`(?i)out of (?:the )?office|vacation|holiday|on leave|away from|abwesen|absence|absent|ausente|fuori ufficio|不在|休暇|автоответ`)
	auto = regexp.MustCompile(`(?i)^(?:respuesta|risposta|resposta) autom[aá]tica|^automatisch antwoord|^auto(?:matisk(?:t)?)?[ -]?sva?r|^odpowied[zź] automatyczna|^automatick[aá] odpov[eě][dď]|^otomatik yan[iı]t|^автоматический ответ|^自动(?:回复|答复)|` +
		`^(?:re: )?auto(?:matic|mated)?[ :-]*(?:reply|response|answer|respon)|^auto:|^autoreply|^automatische? antwort|^réponse automatique|自動(?:返信|応答)`)
)

// automatic reports whether a program answers the mail itself (RFC 3834, section 5, and what came before it).
func (m *mailing) automatic() bool {
	h := m.header
	submitted := strings.ToLower(h.Get("Auto-Submitted"))
	subject := decoded(m, "Subject")
	if daemon.MatchString(h.Get("From")) || h.Get("X-Failed-Recipients") != "" {
		return false
	}
	switch {
	case strings.HasPrefix(submitted, "auto-replied"):
		return !bounceSubject.MatchString(subject)
	case h.Get("X-Autoreply") != "", h.Get("X-Autorespond") != "", h.Get("X-Autoresponse") != "", h.Get("X-Auto-Response-From") != "":
		return !bounceSubject.MatchString(subject)
	case strings.EqualFold(h.Get("Precedence"), "auto_reply"), auto.MatchString(subject):
		return !bounceSubject.MatchString(subject)
	}
	return away.MatchString(subject) && !bounceSubject.MatchString(subject)
}

// personal reports whether the mail has nothing of one that came back: it is from no mail system, gives no code of RFC 5321
// or RFC 3463, holds no copy. Somebody answered, and "unknown to me" in it is about something else.
func (m *mailing) personal() bool {
	if m.original != nil || bounceSubject.MatchString(decoded(m, "Subject")) || m.header.Get("From") == "" || strings.Contains(m.header.Get("Content-Type"), "report") {
		return false
	}
	text := m.text()
	return !systems.MatchString(m.header.Get("From")) && !reply.MatchString(text) && !statusCode.MatchString(text) && !systems.MatchString(text)
}

var systems = regexp.MustCompile(`(?i)mailer|daemon|postmaster|administrator|mail (?:delivery|router|system|server)|deliver|undeliver|returned|failed|failure|<>|<@>`)

var daemon = regexp.MustCompile(`(?i)mailer-daemon|postmaster@|mail delivery (?:sub)?system`)

var bounceSubject = regexp.MustCompile(`(?i)undeliver|deliver|returned|failure|failed|bounce|daemon|unzustellbar|nicht zugestellt|non remis|non distribu|échec|impossible de remettre|no (?:se pudo )?entrega|devuelto|mancato recapito|non recapit|não entreg|falha|onbestelbaar|niet (?:worden )?bezorgd|kunde inte|niedostarcz|nedoručit|не доставлен|недоставлен|退信|配信(?:不能|エラー)|送信エラー`)

// reply is the report of an automatic answer.
func (m *mailing) reply() Report {
	subject := decoded(m, "Subject")
	r := Record{Recipient: address(m.header.Get("From")), Kind: AutoReply, Diagnostic: oneLine(subject)}
	if away.MatchString(subject) || away.MatchString(m.text()[:min(len(m.text()), 2000)]) {
		r.Kind = Vacation
	}
	return Report{Records: []Record{r}}
}

func decoded(m *mailing, name string) string {
	if s, err := m.header.Text(name); err == nil {
		return s
	}
	return m.header.Get(name)
}
