package config

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/mail"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func TestParsedValues(t *testing.T) {
	c := Default()
	c.Publication.URL = "https://journal.example:8443"
	c.Publication.TimeZone = "Europe/Berlin"
	c.Server.TrustedProxies = []string{"10.1.2.3/8", "::1/128"}
	c.Mail.From = "Gatefold Journal <post@journal.example>"
	c.Mail.ReplyTo = "editors@journal.example"
	c.Log.Level = "warn"
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2]any{
		"location": {c.Location().String(), "Europe/Berlin"},
		"origin":   {c.Origin().String(), "https://journal.example:8443"},
		"proxies": {c.Proxies(), []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
		"secure":            {c.Secure(), true},
		"postgres":          {c.Postgres(), false},
		"sender":            {c.Sender(), mail.Address{Name: "Gatefold Journal", Address: "post@journal.example"}},
		"reply to":          {c.ReplyTo().Address, "editors@journal.example"},
		"contact":           {c.Contact(), "post@journal.example"},
		"subscribe contact": {c.SubscribeContact(), "post@journal.example"},
		"hello":             {c.MailHello(), "journal.example"},
		"level":             {c.LogLevel(), slog.LevelWarn},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s = %v, want %v", name, pair[0], pair[1])
		}
	}
	c.Publication.Contact, c.Subscribe.Contact, c.Mail.Hello = "a@b.example", "c@d.example", "mx.example"
	if c.Contact() != "a@b.example" || c.SubscribeContact() != "c@d.example" || c.MailHello() != "mx.example" {
		t.Errorf("contacts = %s, %s, hello = %s: what is set is not used", c.Contact(), c.SubscribeContact(), c.MailHello())
	}
}

// Nothing of what Validate refuses makes the readers of values panic.
func TestParsedValuesOfNothing(t *testing.T) {
	c := Config{Publication: Publication{URL: "%", TimeZone: "Nowhere"}, Server: Server{TrustedProxies: []string{"x"}}}
	if c.Location() != time.UTC || c.Origin().String() != "" || c.Proxies() != nil ||
		c.Sender().Address != "" || c.Contact() != "" || c.MailHello() != "" || c.LogLevel() != slog.LevelInfo {
		t.Error("a value that is not valid is read as something")
	}
	if err := c.Validate(); err == nil {
		t.Error("an empty configuration is valid")
	}
}

func TestLogValueNamesEverySetting(t *testing.T) {
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Info("start", "config", Default())
	var line struct{ Config map[string]map[string]any }
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if len(line.Config[s.key]) != len(s.fields) {
			t.Errorf("section %s logs %d of %d settings", s.key, len(line.Config[s.key]), len(s.fields))
		}
	}
	if got := line.Config["server"]["idle_timeout"]; got != "2m0s" {
		t.Errorf("idle_timeout is logged as %v, want 2m0s", got)
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]Size{
		"0": 0, "1": 1, "10B": 10, "1KB": 1000, "1 kib": 1024, "2MB": 2_000_000, "2MiB": 2 << 20, " 3 GB ": 3_000_000_000, "1GiB": 1 << 30,
	} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", in, got, err, want)
		}
	}
	for in, want := range map[Size]string{0: "0B", 999: "999B", 1000: "1KB", 1024: "1KiB", 1_000_000: "1MB", 3 << 30: "3GiB"} {
		if got := in.String(); got != want {
			t.Errorf("Size(%d) = %s, want %s", int64(in), got, want)
		}
		if back, err := ParseSize(in.String()); err != nil || back != in {
			t.Errorf("%s read back is %d, %v", in, int64(back), err)
		}
	}
}

func TestNearest(t *testing.T) {
	for in, want := range map[string]string{
		"wall.free_article": "wall.free_articles", "wall.peroid": "wall.period", "mail.form": "mail.from",
		"server.adress": "", "zzz": "",
	} {
		if got := nearest(in, allKeys()); got != want {
			t.Errorf("nearest(%q) = %q, want %q", in, got, want)
		}
	}
}
