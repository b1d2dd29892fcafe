package mail

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// relay is a mail server and how to speak to it.
type relay struct {
	host, port string
	security   security
	user       string
	password   string
}

type security int

const (
	startTLS    security = iota // in the clear until STARTTLS (RFC 3207), and no further without it
	implicitTLS                 // TLS from the first byte (RFC 8314)
	inTheClear                  // this machine only
)

// parseRelay reads smtp://user:password@host:port, smtps://… or, for a host
// on this machine, smtp://…?tls=off. Errors show no part of the URL.
func parseRelay(rawURL string) (relay, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" {
		return relay{}, errors.New("mail server: expected smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	r := relay{host: u.Hostname(), port: u.Port(), user: u.User.Username()}
	r.password, _ = u.User.Password()
	switch off := u.Query().Get("tls") == "off"; {
	case u.Scheme == "smtps" && !off:
		r.security = implicitTLS
	case u.Scheme == "smtp" && !off:
		r.security = startTLS
	case u.Scheme == "smtp" && isLoopback(r.host):
		r.security = inTheClear
	case u.Scheme == "smtp" || u.Scheme == "smtps":
		return relay{}, errors.New("mail server: tls=off is for smtp:// to a loopback address only")
	default:
		return relay{}, errors.New("mail server: expected a URL with smtp:// or smtps://")
	}
	if r.port == "" {
		r.port = map[security]string{startTLS: "587", implicitTLS: "465", inTheClear: "25"}[r.security]
	}
	return r, nil
}

func (r relay) address() string { return net.JoinHostPort(r.host, r.port) }

// isLoopback reports whether the host is this machine, without asking a
// name server.
func isLoopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}
