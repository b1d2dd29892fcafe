package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // so that time zones load on a machine that keeps none

	"github.com/bojanz/currency"
	"golang.org/x/text/language"
)

// check is a named rule for a text.
type check struct {
	expected string // of one: "an IANA time zone, such as …"
	plural   string // of several, in lists
	// test reports whether the text passes, and may add what it measured.
	test func(s string) (note string, ok bool)
}

// checks by the name that fields give in their "is" tag.
var checks = map[string]*check{
	"accent": {expected: `a color as "#8f1d21" with a contrast of at least 4.5 on the paper ` + paper, test: testAccent},
	"country": {
		expected: `a country of ISO 3166-1 in two capital letters, such as "IN"`, plural: `countries of ISO 3166-1 in two capital letters, such as "IN"`,
		test: plain(isCountry)},
	"currency": {
		expected: `a currency of ISO 4217, such as "EUR"`, test: plain(currency.IsValid)},
	"database": {
		expected: `"postgres://user:password@host:port/name"`, test: plain(isPostgres)},
	"day": {expected: `a day, such as "2027-01-31"`,
		test: plain(func(s string) bool { _, err := time.Parse(time.DateOnly, s); return err == nil })},
	"DKIM key": {
		expected: `a selector and a file, such as "s2026:/etc/gatefold/dkim.pem"`,
		plural:   `selectors and files, such as "s2026:/etc/gatefold/dkim.pem"`,
		test:     plain(regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?:[^\s].*$`).MatchString)},
	"host": {expected: `a host name, such as "journal.example"`, plural: `host names, such as "journal.example"`, test: plain(isHost)},
	"language": {
		expected: `a BCP 47 language tag, such as "en" or "pt-BR"`,
		test:     plain(func(s string) bool { _, err := language.Parse(s); return err == nil })},
	"listen": {expected: `a host and port, such as "127.0.0.1:8080"`, test: plain(isListen)},
	"mailbox": {
		expected: `a mail address, such as "editors@journal.example"`,
		test:     plain(func(s string) bool { a, err := mail.ParseAddress(s); return err == nil && a.Address == s })},
	"ads.txt line": {
		expected: `a line of ads.txt, such as "exchange.example, 1234, DIRECT"`, plural: `lines of ads.txt, such as "exchange.example, 1234, DIRECT"`,
		test: plain(regexp.MustCompile(`^[\x20-\x7e]{1,500}$`).MatchString)},
	"network": {
		expected: `a network, such as "10.0.0.0/8"`, plural: `networks, such as "10.0.0.0/8"`,
		test: plain(func(s string) bool { _, err := netip.ParsePrefix(s); return err == nil })},
	"endpoint": {
		expected: `an https address that ends at the host or port, such as "https://email.eu-west-1.amazonaws.com"; http only on a loopback host`,
		test: plain(func(s string) bool {
			u, err := url.Parse(s)
			return err == nil && isOrigin(s) && (u.Scheme == "https" || isLoopback(u.Hostname()))
		})},
	"origin": {
		expected: `an http or https address that ends at the host or port, such as "https://journal.example"`,
		test:     plain(isOrigin)},
	"picture": {
		expected: "the path of an .svg or .png file",
		test:     plain(func(s string) bool { return slices.Contains([]string{".svg", ".png"}, strings.ToLower(path.Ext(s))) })},
	"price": {
		expected: `a currency and an amount, such as "EUR 9.50"`, plural: `currencies with an amount, such as "EUR 9.50"`,
		test: plain(isPrice)},
	"public key": {
		expected: "an ECDSA public key on P-256, in base64 as SendGrid shows it", test: plain(isPublicKey)},
	"region": {
		expected: `a region of Amazon, such as "eu-west-1"`, test: plain(regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$`).MatchString)},
	"sender": {
		expected: `a name and mail address, such as "Gatefold Journal <post@journal.example>"`,
		test:     plain(func(s string) bool { _, err := mail.ParseAddress(s); return err == nil })},
	"slug": {
		expected: `a word of small letters, digits and hyphens, such as "in-depth"`,
		test:     plain(regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`).MatchString)},
	"smtp": {
		expected: `"smtp://user:password@host:587" or "smtps://user:password@host:465"; ` +
			`?tls=off only on a loopback host`, test: plain(isSMTP)},
	"time zone": {
		expected: `an IANA time zone, such as "Europe/Berlin"`,
		test: plain(func(s string) bool {
			_, err := time.LoadLocation(s)
			return err == nil && s != "Local"
		})},
	"topic": {
		expected: `a topic, such as "arn:aws:sns:eu-central-1:123456789012:bounces"`,
		plural:   `topics, such as "arn:aws:sns:eu-central-1:123456789012:bounces"`,
		test:     plain(regexp.MustCompile(`^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`).MatchString)},
	"web page": {
		expected: `an http or https address, such as "https://journal.example/terms"`, test: plain(isWebPage)},
}

func plain(test func(string) bool) func(string) (string, bool) {
	return func(s string) (string, bool) { return "", test(s) }
}

func isPublicKey(s string) bool {
	der, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return false
	}
	key, err := x509.ParsePKIXPublicKey(der)
	ec, ok := key.(*ecdsa.PublicKey)
	return err == nil && ok && ec.Curve == elliptic.P256()
}

var pricePattern = regexp.MustCompile(`^([A-Z]{3}) ([0-9]{1,9}(?:\.[0-9]{1,4})?)$`)

// isPrice takes an amount above nothing in no smaller parts than its currency has (ISO 4217).
func isPrice(s string) bool {
	m := pricePattern.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	a, err := currency.NewAmount(m[2], m[1])
	return err == nil && a.IsPositive() && a.Round().Equal(a)
}

func isPostgres(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "postgres" || u.Scheme == "postgresql") && u.Opaque == ""
}

func isWebPage(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && isHost(u.Hostname()) && isPort(u.Port(), true)
}

func isOrigin(s string) bool {
	u, err := url.Parse(s)
	return err == nil && isWebPage(s) && u.Scheme+"://"+u.Host == s && strings.ToLower(s) == s
}

// isCountry takes a country as it is written today: no group of them, and no name that has gone.
func isCountry(s string) bool {
	r, err := language.ParseRegion(s)
	return err == nil && r.IsCountry() && r.String() == s && r.Canonicalize() == r
}

var hostLabel = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// isHost takes an IP address or a host name (RFC 1123, section 2.1).
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if len(s) == 0 || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if !hostLabel.MatchString(label) {
			return false
		}
	}
	return true
}

func isPort(s string, orNone bool) bool {
	if s == "" {
		return orNone
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isListen(s string) bool {
	host, port, err := net.SplitHostPort(s)
	return err == nil && isPort(port, false) && (host == "" || isHost(host))
}

func isSMTP(s string) bool {
	u, err := url.Parse(s)
	if err != nil || !isHost(u.Hostname()) || !isPort(u.Port(), true) || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return false
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return false
	case len(query) == 0:
		return true
	}
	return len(query) == 1 && query.Get("tls") == "off" && u.Scheme == "smtp" && isLoopback(u.Hostname())
}

// isLoopback reports whether the host is this machine, without asking a
// name server.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

// paper is the background of the light scheme.
const paper = "#fdfcf9"

func testAccent(s string) (string, bool) {
	ratio, ok := contrast(s, paper)
	if !ok {
		return "", false
	}
	// Rounded down: 4.49 must not be shown as 4.5.
	return fmt.Sprintf("its contrast is %.2f", math.Floor(ratio*100)/100), ratio >= 4.5
}

// contrast is the contrast ratio of two colors written as "#rrggbb", from 1
// to 21 (WCAG 2.2, "contrast ratio").
func contrast(a, b string) (ratio float64, ok bool) {
	la, okA := luminance(a)
	lb, okB := luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05), okA && okB
}

// luminance is the relative luminance of a color (WCAG 2.2).
func luminance(s string) (float64, bool) {
	hex, ok := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || err != nil || len(hex) != 6 {
		return 0, false
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(16) + 0.7152*channel(8) + 0.0722*channel(0), true
}
