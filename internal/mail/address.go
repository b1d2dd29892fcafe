package mail

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"

	"golang.org/x/net/idna"
)

// ErrInvalid marks what cannot be sent as it is, now or later: a header that
// holds a line break, an address that is none.
var ErrInvalid = errors.New("invalid")

func invalid(what, why string) error { return fmt.Errorf("%s: %w: %s", what, ErrInvalid, why) }

// Mailbox returns the form of an address that goes over the wire: the part
// before the @ as it is, the domain in small ASCII letters (IDNA 2008,
// RFC 5891). It returns ErrInvalid for anything but local@domain, and for a
// part before the @ that is not ASCII, which few servers take (RFC 6531).
//
// Errors do not repeat the address: logs hold none.
func Mailbox(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "", invalid("address", "it has no @")
	}
	local := address[:at]
	switch {
	case !isDotAtom(local):
		return "", invalid("address", "the part before the @ is not a dot-atom of ASCII letters (RFC 5322, 3.2.3)")
	case len(local) > 64: // RFC 5321, 4.5.3.1.1
		return "", invalid("address", "the part before the @ is longer than 64 characters")
	}
	ascii, err := idna.Lookup.ToASCII(address[at+1:])
	ascii = strings.TrimSuffix(ascii, ".")
	if err != nil || !isDotAtom(ascii) {
		return "", invalid("address", "the domain is not one (RFC 5891)")
	}
	if len(local)+1+len(ascii) > 254 { // RFC 5321, 4.5.3.1.3, with its errata
		return "", invalid("address", "it is longer than 254 characters")
	}
	return local + "@" + ascii, nil
}

// isDotAtom reports whether s is a dot-atom-text (RFC 5322, section 3.2.3).
func isDotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.ContainsFunc(atom, func(r rune) bool { return !isAtomText(r) }) {
			return false
		}
	}
	return true
}

func isAtomText(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

// formatAddress writes a name and address for a header.
func formatAddress(a netmail.Address) (string, error) {
	mailbox, err := Mailbox(a.Address)
	if err != nil {
		return "", err
	}
	name, err := formatName(a.Name)
	switch {
	case err != nil:
		return "", err
	case name == "":
		return mailbox, nil
	}
	return name + " <" + mailbox + ">", nil
}

// formatName writes a display name: as it is when it is made of atoms, as a
// quoted string (RFC 5322, 3.2.4), or in encoded words.
func formatName(name string) (string, error) {
	if err := checkText(name); err != nil {
		return "", err
	}
	switch {
	case name == "":
		return "", nil
	case !isPlain(name):
		return encodeWords(name), nil
	case !strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && !isAtomText(r) }):
		return name, nil
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`, nil
}
