package bounce

import "strings"

// kind weighs words, codes and stage.
func (e evidence) kind(r Record) Kind {
	words := normal(e.said)
	if words == "" {
		words = normal(e.comment)
	} else if disabled(normal(e.comment)) {
		return Disabled
	}
	kind := kindByWords(words)
	switch byCode := kindByCode(r); {
	case kind == MailboxFull, kind == Auth, kind == Disabled, nameTrouble.MatchString(words):
		return kind
	case rejectedAddress(words) && r.Stage != AtData, kind == UserUnknown && strings.HasSuffix(r.Status, ".4.1"):
		return UserUnknown // the latter: how Exchange Online refuses who is not in its directory
	case r.Stage == AtConnect, r.Stage == AtSender: // before any recipient was named
		return aboutUs(kind)
	case kind == HostUnknown && strings.Contains(r.Status, ".7.") && !strings.HasSuffix(r.Status, ".7.27"):
		return Blocked
	case kind == Unknown && byCode != Unknown:
		if byCode == Blocked && filtered.MatchString(words) {
			return Filtered
		}
		return byCode
	case kind == UserUnknown && strings.HasSuffix(r.Status, ".1.10"): // Exchange Online, which uses RFC 7505's code for it
		return UserUnknown
	case kind == UserUnknown && (byCode == UserUnknown || byCode == HostUnknown):
		return byCode
	case kind == UserUnknown:
		return e.mailbox(r, words)
	case kind == Temporary && (byCode == UserUnknown || byCode == HostUnknown):
		return byCode
	case kind == Unknown && filtered.MatchString(words):
		return Filtered
	}
	return kind
}

func disabled(comment string) bool {
	return len(comment) < 2000 && kindByWords(comment) == Disabled
}

// aboutUs is the kind of a refusal that came before the recipient was named.
func aboutUs(kind Kind) Kind {
	switch kind {
	case UserUnknown, HostUnknown, Unknown, Filtered:
		return Blocked
	}
	return kind
}

// mailbox decides whether words for an unknown mailbox mean it. A server that says so to RCPT does. One that took the
// recipient and says so to the message has the mailbox and hides a filter. Where the command is not known, a bare
// answer is not trusted to end a subscription, while the reporting system's own words are.
func (e evidence) mailbox(r Record, words string) Kind {
	switch {
	case kddi(e.recipient):
		if kddiFilters.MatchString(words) || r.Stage == AtData {
			return Filtered
		}
		return UserUnknown
	case r.Stage == AtRecipient && !strings.Contains(r.Status, ".7."), r.Stage == AtRecipient && !statusCode.MatchString(e.said):
		return UserUnknown
	case r.Stage == AtData, strings.Contains(r.Status, ".7."):
		return Filtered
	case strings.HasSuffix(r.Status, ".2.1") || strings.HasSuffix(r.Status, ".2.0"):
		return Filtered
	case r.ReplyCode == "" && r.Status != "" || ownWords(e):
		return UserUnknown
	}
	return Filtered
}

// rejectedAddress reports whether Postfix refused the recipient by its tables (RCPT, access(5)), and not the client or
// the sender.
func rejectedAddress(words string) bool {
	return strings.Contains(words, "recipient address rejected: access denied")
}

// ownWords reports whether the reporting system says in its own words, outside of the answer, that the mailbox is
// unknown.
func ownWords(e evidence) bool {
	if e.said == "" {
		return true
	}
	own, _, found := strings.Cut(e.comment, e.said)
	return found && kindByWords(normal(own)) == UserUnknown
}

// kddi are the domains of a Japanese carrier.
func kddi(address string) bool {
	_, domain, _ := strings.Cut(address, "@")
	return domain == "ezweb.ne.jp" || domain == "au.com" || strings.HasSuffix(domain, ".ezweb.ne.jp") || domain == "uqmobile.jp"
}

func kindByWords(words string) Kind {
	if words == "" {
		return Unknown
	}
	switch plainly := noSuch.MatchString(words) && !namesUs.MatchString(words); {
	case nameTrouble.MatchString(words):
		return Temporary
	case aboutSender.MatchString(words) && !plainly:
		return aboutUs(byPhrase(words))
	case plainly:
		return plainer(byPhrase(words))
	}
	return byPhrase(words)
}

// plainer is the kind of words that say plainly that there is no such mailbox: what they say besides of its quota, of an
// account that is switched off, of spam or of authentication stands; mere refusals give way.
func plainer(kind Kind) Kind {
	if kind == Blocked || kind == HostUnknown || kind == Temporary || kind == Unknown {
		return UserUnknown
	}
	return kind
}

// byPhrase is the kind of the first family with a phrase in the words.
func byPhrase(words string) Kind {
	for _, p := range phrases {
		if p.words.MatchString(words) {
			return p.kind
		}
	}
	return Unknown
}

// kindByCode is what the codes of RFC 3463, and the reply codes 521 and 556 of RFC 7504, say by themselves.
func kindByCode(r Record) Kind {
	if r.ReplyCode == "521" || r.ReplyCode == "556" {
		return HostUnknown
	}
	_, detail, _ := strings.Cut(r.Status, ".")
	subject, _, _ := strings.Cut(detail, ".")
	if r.ReplyCode == "542" { // of MessageLabs: the recipient is on no list of the customer
		return UserUnknown
	}
	if r.ReplyCode == "551" && strings.HasSuffix(r.Status, ".0.0") || r.ReplyCode == "551" && r.Status == "" { // user not local (RFC 5321, 3.4)
		return UserUnknown
	}
	switch detail {
	case "1.0", "1.1", "1.3", "1.6":
		return UserUnknown
	case "1.2", "1.10", "4.4", "7.27":
		return HostUnknown
	case "1.7", "1.8":
		return Blocked
	case "2.1", "7.13":
		return Disabled
	case "2.0":
		return Filtered
	case "2.2":
		return MailboxFull
	case "2.3", "3.4":
		return TooBig
	case "7.9", "7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.29", "7.30", "7.509":
		return Auth
	case "0.0":
		return Unknown
	}
	switch subject {
	case "3", "4", "5":
		return Temporary
	case "6":
		return Spam
	case "7":
		return Blocked
	}
	if strings.HasPrefix(r.Status, "4") || strings.HasPrefix(r.ReplyCode, "4") {
		return Temporary
	}
	return Unknown
}
