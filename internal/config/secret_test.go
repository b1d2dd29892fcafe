package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const password = "hunter2"

func withSecrets(t *testing.T) Config {
	t.Helper()
	c, err := load("", nil, []string{
		"GATEFOLD_DATABASE_URL=postgres://gatefold:" + password + "@db.example/journal?password=" + password,
		"GATEFOLD_MAIL_SMTP_URL=smtps://post:" + password + "@mx.example",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSecretsAreNotShown(t *testing.T) {
	c := withSecrets(t)
	if !strings.Contains(c.Database.URL.Reveal(), password) {
		t.Fatal("the password is lost")
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("start", "config", c, "mail", c.Mail, "url", c.Database.URL)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("start", "config", c, "mail", c.Mail, "url", c.Database.URL)
	marshaled, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown := logged.String() + string(marshaled)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		shown += fmt.Sprintf(format, c) + fmt.Sprintf(format, &c) + fmt.Sprintf(format, c.Mail.SMTPURL)
	}
	if strings.Contains(shown, password) || strings.Contains(shown, fmt.Sprintf("%x", password)) {
		t.Errorf("the password is shown in:\n%s", shown)
	}
	if !strings.Contains(logged.String(), "postgres://gatefold@db.example/journal") {
		t.Errorf("the log does not name the database:\n%s", logged.String())
	}
}

func TestRefusedSecretsAreNotShown(t *testing.T) {
	for _, bad := range []string{
		"mysql://u:" + password + "@h/d", "postgres://u:" + password + "@h:port/d", password, "smtp://u:" + password + "@h?tls=off",
		"postgres://u:" + password + "%zz@h", "smtps://u:" + password + "@h\nx", "postgres://u: " + password + "\x00@h/d ",
	} {
		for _, key := range []string{"database.url", "mail.smtp_url"} {
			sources := map[string]error{}
			_, sources["option"] = load("", nil, nil, map[string]string{key: bad})
			_, sources["environment"] = load("", nil, []string{fieldByKey[key].env() + "=" + bad}, nil)
			_, sources["file"] = load("f", []byte(key+" = "+fmt.Sprintf("%q", bad)), nil, nil)
			_, sources["unquoted"] = load("f", []byte(key+" = "+bad), nil, nil)
			_, sources["list"] = load("f", []byte(key+" = ['"+bad+"']"), nil, nil)
			c := Default()
			c.Database.URL, c.Mail.SMTPURL = Secret(bad), Secret(bad)
			sources["program"] = c.Validate()
			for source, err := range sources {
				if err == nil {
					t.Errorf("%s from %s takes %q", key, source, bad)
				} else if strings.Contains(err.Error(), password) {
					t.Errorf("%s from %s shows the password: %v", key, source, err)
				}
			}
		}
	}
}

func TestSecretString(t *testing.T) {
	for in, want := range map[Secret]string{
		"":                                 "",
		"postgres://u:p@h:5432/d?x=y":      "postgres://u@h:5432/d",
		"smtp://h":                         "smtp://h",
		"u:p":                              "[secret]",
		"postgres:///d?password=p&host=/x": "[secret]",
		"smtp://u:p%zz@h":                  "[secret]",
	} {
		if got := in.String(); got != want {
			t.Errorf("%s shown as %q, want %q", in.Reveal(), got, want)
		}
	}
}
