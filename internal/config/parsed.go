package config

import (
	"fmt"
	"log/slog"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"
)

// The methods below read values of a valid Config in their parsed form. On
// a Config that Validate refuses they return the zero value.

// Location is the time zone of the publication; UTC when it names none that
// exists. It is loaded anew by each call.
func (c Config) Location() *time.Location {
	zone, err := time.LoadLocation(c.Publication.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Origin is publication.url; its path is empty.
func (c Config) Origin() *url.URL { return parsedURL(c.Publication.URL) }

// FrameOrigin is ads.frame_url; zero when there is none.
func (c Config) FrameOrigin() *url.URL { return parsedURL(c.Ads.FrameURL) }

// parsedURL is an address, zero when it is not one.
func parsedURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		return new(url.URL)
	}
	return u
}

// Proxies are the networks of server.trusted_proxies, masked.
func (c Config) Proxies() []netip.Prefix {
	var prefixes []netip.Prefix
	for _, s := range c.Server.TrustedProxies {
		if prefix, err := netip.ParsePrefix(s); err == nil {
			prefixes = append(prefixes, prefix.Masked())
		}
	}
	return prefixes
}

// Secure reports whether cookies carry the Secure mark and the __Host-
// prefix.
func (c Config) Secure() bool { return !c.Server.InsecureCookies }

// Postgres reports whether the journal is kept in PostgreSQL.
func (c Config) Postgres() bool { return c.Database.URL != "" }

// Sender is mail.from.
func (c Config) Sender() mail.Address { return address(c.Mail.From) }

// ReplyTo is mail.reply_to; zero when there is none.
func (c Config) ReplyTo() mail.Address { return address(c.Mail.ReplyTo) }

func address(s string) mail.Address {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return mail.Address{}
	}
	return *a
}

// Contact is the address readers may write to: publication.contact, or that
// of mail.from.
func (c Config) Contact() string {
	if c.Publication.Contact != "" {
		return c.Publication.Contact
	}
	return c.Sender().Address
}

// SubscribeContact is the address to subscribe at.
func (c Config) SubscribeContact() string {
	if c.Subscribe.Contact != "" {
		return c.Subscribe.Contact
	}
	return c.Contact()
}

// MailLeaves reports whether there is something that mail leaves by.
func (c Config) MailLeaves() bool { return c.Mail.SMTPURL != "" || c.Mail.SESRegion != "" }

// MailHello is the name given to mail servers.
func (c Config) MailHello() string {
	if c.Mail.Hello != "" {
		return c.Mail.Hello
	}
	return c.Origin().Hostname()
}

// LogLevel is log.level.
func (c Config) LogLevel() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// LogValue lists every setting by section, without secrets.
func (c Config) LogValue() slog.Value {
	root := reflect.ValueOf(c)
	var groups []slog.Attr
	for _, s := range sections {
		var attrs []slog.Attr
		for _, f := range s.fields {
			_, key, _ := strings.Cut(f.key, ".")
			value := root.FieldByIndex(f.index).Interface()
			if shown, ok := value.(fmt.Stringer); ok {
				value = shown.String() // durations and sizes as they are written
			}
			attrs = append(attrs, slog.Any(key, value))
		}
		groups = append(groups, slog.Attr{Key: s.key, Value: slog.GroupValue(attrs...)})
	}
	return slog.GroupValue(groups...)
}
