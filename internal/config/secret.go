package config

import (
	"log/slog"
	"net/url"
)

// Secret is a URL that may hold a password. Printed, logged or marshaled in
// any way it shows only its scheme, user, host and path; Reveal gives the
// whole.
type Secret string

// Reveal returns the URL with its password.
func (s Secret) Reveal() string { return string(s) }

// String returns the URL without its password and query, or "[secret]" when
// it is no URL.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(string(s))
	if err != nil || u.Host == "" {
		return "[secret]"
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User(u.User.Username())
	}
	return shown.String()
}

// GoString keeps %#v from showing the password.
func (s Secret) GoString() string { return "config.Secret(" + s.String() + ")" }

// MarshalText keeps encoders from showing the password.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps logs from showing the password.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
