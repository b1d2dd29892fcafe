package readers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/mail"
)

// typedLimit is the longest text that is looked at, in bytes: four times the longest address.
const typedLimit = 4 * 254

// Canonical reads an address as a person types it. typed is where its mail goes: what was typed, with the domain in
// small ASCII letters. key is the same for every spelling of one mailbox (W-26): small letters, without what follows a
// plus sign, and as the big providers read it.
//
// Compatibility forms of letters (NFKC) become plain ones in both, so that mail goes to the mailbox of the key and not
// to one that only looks alike; for the same reason the part before the @ is ASCII (SMTPUTF8, RFC 6531, is not
// spoken). The error is Invalid, for the field "email", and does not repeat the address.
func Canonical(address string) (typed, key string, err error) {
	local, domain, ok := parse(address)
	if !ok {
		return "", "", fault.Field("email", "Enter an email address such as name@example.org.")
	}
	l, d := mailbox(strings.ToLower(local), domain)
	return local + "@" + domain, l + "@" + d, nil
}

// parse takes an address apart: what can go over the wire (mail.Mailbox), to a domain of two labels or more, which it
// brings into its ASCII form.
func parse(address string) (local, domain string, ok bool) {
	address = strings.TrimSpace(address)
	if len(address) > typedLimit || !utf8.ValidString(address) || strings.ContainsFunc(address, hidden) {
		return "", "", false
	}
	wire, err := mail.Mailbox(norm.NFKC.String(address))
	if err != nil {
		return "", "", false
	}
	local, domain, _ = strings.Cut(wire, "@")
	return local, domain, isDomain(domain)
}

// hidden reports runes that no address shows: control and format characters, bidirectional marks among them, private
// and unassigned ones.
func hidden(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r)
}

// isDomain reports whether s, in ASCII, is a name mail could be sent to: at least two labels of 1 to 63 letters,
// digits and hyphens (RFC 1123, 2.1), the last not a number, as in an address of four of them.
func isDomain(s string) bool {
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notLabel) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && strings.ContainsFunc(last, func(r rune) bool { return r < '0' || r > '9' })
}

func notLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
}

// domainOf returns what follows the @ of a canonical key or a typed address.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
