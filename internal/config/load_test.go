package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestLoadOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "gatefold.toml")
	text := "[wall]\nfree_articles = 1\nteaser_words = 50\nsession_days = 7\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file,
		[]string{"HOME=/home/x", "GATEFOLD_WALL_FREE_ARTICLES=2", "GATEFOLD_WALL_TEASER_WORDS=60", "GATEFOLD_TEST_POSTGRES=x"},
		map[string]string{"wall.free_articles": "4"})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Wall.FreeArticles, want.Wall.TeaserWords, want.Wall.SessionDays = 4, 60, 7
	if !reflect.DeepEqual(c, want) {
		t.Errorf("loaded\n%+v\nwant\n%+v", c, want)
	}
}

func TestLoadNothingIsDefault(t *testing.T) {
	c, err := Load("", nil, nil)
	if err != nil || !reflect.DeepEqual(c, Default()) {
		t.Errorf("Load = %+v, %v; want the defaults", c, err)
	}
	if err := Default().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

func TestLoadMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "absent.toml"), nil, nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "absent.toml") {
		t.Errorf("error = %v, want one that names the missing file", err)
	}
}

// Every setting can be set in each of the three ways, to the same effect.
func TestEverySettingFromEverySource(t *testing.T) {
	cases := []struct {
		key, toml, text string
		read            func(Config) any
		want            any
	}{
		{"publication.name", `"Élan, the Review"`, "Élan, the Review", func(c Config) any { return c.Publication.Name }, "Élan, the Review"},
		{"publication.founded", "2006", "2006", func(c Config) any { return c.Publication.Founded }, 2006},
		{"publication.logo", `"art/logo.SVG"`, "art/logo.SVG", func(c Config) any { return c.Publication.Logo }, "art/logo.SVG"},
		{"server.trusted_proxies", `["10.0.0.0/8", "fd00::/8"]`, "10.0.0.0/8, fd00::/8",
			func(c Config) any { return c.Server.TrustedProxies }, []string{"10.0.0.0/8", "fd00::/8"}},
		{"server.insecure_cookies", "true", "true", func(c Config) any { return c.Server.InsecureCookies }, true},
		{"server.read_timeout", `"1m30s"`, "1m30s", func(c Config) any { return c.Server.ReadTimeout }, 90 * time.Second},
		{"server.max_body", `"2MiB"`, "2MiB", func(c Config) any { return c.Server.MaxBody }, 2 * Mebibyte},
		{"database.url", `"postgres://u:p@h/d"`, "postgres://u:p@h/d", func(c Config) any { return c.Database.URL.Reveal() }, "postgres://u:p@h/d"},
		{"wall.period", `"rolling"`, "rolling", func(c Config) any { return c.Wall.Period }, "rolling"},
		{"subscribe.all_access_lines", `["One, two", "Three"]`, `One\, two,Three`,
			func(c Config) any { return c.Subscribe.AllAccessLines }, []string{"One, two", "Three"}},
		{"mail.smtp_url", `"smtp://127.0.0.1:2525?tls=off"`, "smtp://127.0.0.1:2525?tls=off",
			func(c Config) any { return c.Mail.SMTPURL.Reveal() }, "smtp://127.0.0.1:2525?tls=off"},
		{"ads.house", "false", "false", func(c Config) any { return c.Ads.House }, false},
	}
	for _, tc := range cases {
		section, key, _ := strings.Cut(tc.key, ".")
		for source, load := range map[string]func() (Config, error){
			"file": func() (Config, error) {
				return load("f", []byte("["+section+"]\n"+key+" = "+tc.toml), nil, nil)
			},
			"dotted key": func() (Config, error) { return load("f", []byte(tc.key+" = "+tc.toml), nil, nil) },
			"environment": func() (Config, error) {
				return load("", nil, []string{fieldByKey[tc.key].env() + "=" + tc.text}, nil)
			},
			"option": func() (Config, error) { return load("", nil, nil, map[string]string{tc.key: tc.text}) },
		} {
			c, err := load()
			if err != nil {
				t.Errorf("%s from %s: %v", tc.key, source, err)
				continue
			}
			if got := tc.read(c); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("%s from %s = %#v, want %#v", tc.key, source, got, tc.want)
			}
		}
	}
}

func TestRules(t *testing.T) {
	want := []Rule{
		{Section: "in-depth", Level: "subscriber"},
		{Kind: "column", OlderThanDays: 90, Level: "registered"},
	}
	for name, file := range map[string]string{
		"tables": "[[wall.rules]]\nsection = 'in-depth'\nlevel = 'subscriber'\n" +
			"[[wall.rules]]\nkind = 'column'\nolder_than_days = 90\nlevel = 'registered'\n",
		"inline": "[wall]\nrules = [\n {section='in-depth', level='subscriber'},\n" +
			" {kind='column', older_than_days=90, level='registered'}]\n",
	} {
		c, err := load("f", []byte(file), nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(c.Wall.Rules, want) {
			t.Errorf("%s: rules = %+v, want %+v", name, c.Wall.Rules, want)
		}
	}
}

// What is refused, and in which words. A line of want is one problem.
func TestRefusals(t *testing.T) {
	cases := []struct {
		name, file string
		env        []string
		options    map[string]string
		want       string
	}{
		{name: "wrong type", file: "\n\n[wall]\nfree_articles = \"three\"\n",
			want: `g.toml:4: wall.free_articles: expected a whole number from 0 to 100, got "three"`},
		{name: "out of range", file: "wall.free_articles = 101",
			want: `g.toml:1: wall.free_articles: expected a whole number from 0 to 100, got 101`},
		{name: "fraction", file: "wall.free_articles = 1.5",
			want: `g.toml:1: wall.free_articles: expected a whole number from 0 to 100, got 1.5`},
		{name: "all at once, by line", file: "[log]\nlevel = 'loud'\nformat = 3\n[wall]\nspend = ''\n",
			env: []string{"GATEFOLD_WALL_PERIOD=week"}, options: map[string]string{"ads.house": "yes"},
			want: `g.toml:2: log.level: expected "debug", "info", "warn" or "error", got "loud"
g.toml:3: log.format: expected "json" or "text", got 3
g.toml:5: wall.spend: expected "choose" or "automatic", got ""
GATEFOLD_WALL_PERIOD: expected "month" or "rolling", got "week"
option ads.house: expected true or false, got "yes"`},
		{name: "unknown key", file: "[wall]\nfree_artciles = 3\n",
			want: `g.toml:2: wall.free_artciles: no such setting; did you mean wall.free_articles?`},
		{name: "unknown section", file: "[wal]\nfree_articles = 3\n",
			want: `g.toml:1: wal: no such setting; did you mean wall?`},
		{name: "key outside a section", file: "colour = 1\n", want: `g.toml:1: colour: no such setting`},
		{name: "strange key", file: "[wall]\n\"a\\nb\" = 1\n", want: `g.toml:2: wall."a\nb": no such setting`},
		{name: "section that is no table", file: "wall = 3\n",
			want: `g.toml:1: wall: expected a table, headed [wall], got 3`},
		{name: "table that is no section", file: "[wall.free_articles]\nx = 1\n",
			want: `g.toml:1: wall.free_articles: expected a whole number from 0 to 100, got a table`},
		{name: "unknown variable", env: []string{"GATEFOLD_DATABSE_URL=postgres://u:hunter2@h/d"},
			want: `GATEFOLD_DATABSE_URL: no such setting; did you mean GATEFOLD_DATABASE_URL?`},
		{name: "unknown option", options: map[string]string{"server.listn": ":1"},
			want: `option server.listn: no such setting; did you mean server.listen?`},
		{name: "rules by variable", env: []string{"GATEFOLD_WALL_RULES=x"},
			want: `GATEFOLD_WALL_RULES: rules are set in the file only`},
		{name: "rules by option", options: map[string]string{"wall.rules": "x"},
			want: `option wall.rules: rules are set in the file only`},
		{name: "no TOML", file: "[wall]\nperiod = month\n", want: `g.toml:2: column 10: expected TOML: unexpected character U+006D 'm' at start of value`},
		{name: "rules", file: `
[[wall.rules]]
section = "in-depth"
[[wall.rules]]
level = "subscriber"
[[wall.rules]]
kind = "column"
level = "open"
`, want: `g.toml:2: wall.rules[0].level: expected "open", "registered", "metered" or "subscriber", got ""
g.toml:4: wall.rules[1]: expected section, kind or older_than_days; a level for all articles is wall.default_level`},
		{name: "keys of rules", file: `
[[wall.rules]]
sektion = "in-depth"
level = "free"
[[wall.rules]]
older_than_days = "90"
`, want: `g.toml:3: wall.rules[0].sektion: no such setting; did you mean section?
g.toml:4: wall.rules[0].level: expected "open", "registered", "metered" or "subscriber", got "free"
g.toml:6: wall.rules[1].older_than_days: expected a whole number from 0 to 36500 (0: of any age), got "90"`},
		{name: "rules of the wrong shape", file: "wall.rules = 3\n",
			want: `g.toml:1: wall.rules: expected tables, each headed [[wall.rules]], got 3`},
		{name: "a rule of the wrong shape", file: "[wall]\nrules = [\n  'x']\n",
			want: `g.toml:3: wall.rules[0]: expected a table, got "x"`},
		{name: "cookies in the clear", file: "[server]\nlisten = ':80'\ninsecure_cookies = true\n",
			want: `g.toml:3: server.insecure_cookies: expected false, because server.listen is not a loopback address`},
		{name: "cookies in the clear behind TLS", file: "server.insecure_cookies = true",
			env:  []string{"GATEFOLD_PUBLICATION_URL=https://journal.example"},
			want: `g.toml:1: server.insecure_cookies: expected false, because publication.url is https`},
		{name: "frames on the publication's own host", options: map[string]string{"ads.frame_url": "http://localhost:9090"},
			want: `option ads.frame_url: expected another host than that of publication.url`},
		{name: "frames in the clear", options: map[string]string{"publication.url": "https://journal.example", "ads.frame_url": "http://frames.example"},
			want: `option ads.frame_url: expected https, as publication.url is https`},
		{name: "one address twice", options: map[string]string{"server.metrics_listen": "127.0.0.1:8080"},
			want: `option server.metrics_listen: expected another address than that of server.listen`},
		{name: "day shorter than hour", file: "[wall]\nvelocity_hour = 400\nvelocity_day = 399\n",
			want: `g.toml:3: wall.velocity_day: expected not less than wall.velocity_hour`},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, err := load("g.toml", []byte(tc.file), tc.env, tc.options)
			if err == nil {
				t.Fatalf("loaded %+v, want an error", c)
			}
			if err.Error() != tc.want {
				t.Errorf("error:\n%v\nwant:\n%s", err, tc.want)
			}
			var p *Problem
			if !errors.As(err, &p) || p.Key == "" || p.Reason == "" {
				t.Errorf("the error holds no whole *Problem: %#v", p)
			}
		})
	}
}

// Values each setting takes and refuses.
func TestValues(t *testing.T) {
	cases := []struct {
		key          string
		good, refuse []string
	}{
		{"publication.name", []string{"The Meridian Review", "‘Ā’"}, []string{"", " x", "a\nb", "a\x00b", "\xff"}},
		{"publication.tagline", []string{"", "World affairs, explained"}, []string{"a\r\nb"}},
		{"publication.url", []string{"https://journal.example", "http://127.0.0.1:8080", "http://[::1]:80"},
			[]string{"", "journal.example", "ftp://journal.example", "https://", "https://journal.example/", "https://j.example/path",
				"https://u:p@j.example", "https://j.example?x", "https://j.example#x", "https://j.example:99999", "https://J.example", "//j.example"}},
		{"publication.language", []string{"en", "pt-BR", "zh-Hans"}, []string{"", "english language", "x_"}},
		{"publication.time_zone", []string{"UTC", "Europe/Berlin", "America/Chicago"}, []string{"", "Berlin", "Local", "../etc/passwd"}},
		{"publication.accent", []string{"#8f1d21", "#000000", "#0B5394"}, []string{"", "red", "#fff", "#ff9900", "#8f1d2g", "8f1d21", "#-f1d21"}},
		{"publication.logo", []string{"", "logo.svg", "/srv/LOGO.PNG"}, []string{"logo.gif", "logo"}},
		{"publication.contact", []string{"", "editors@journal.example"}, []string{"editors", "Ed <e@j.example>"}},
		{"publication.founded", []string{"0", "1848"}, []string{"-1", "2201", "MMVI"}},
		{"server.listen", []string{":80", "127.0.0.1:0", "[::1]:8080", "localhost:8080"}, []string{"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "a b:80"}},
		{"server.metrics_listen", []string{"", "127.0.0.1:9090"}, []string{"9090"}},
		{"server.trusted_proxies", []string{"", "10.0.0.0/8", "10.0.0.0/8,::1/128"}, []string{"10.0.0.1", "10.0.0.0/33", "10.0.0.0/8,"}},
		{"server.idle_timeout", []string{"100ms", "1h"}, []string{"", "5", "-5s", "99ms", "61m", "soon"}},
		{"server.shutdown_grace", []string{"0s", "10m"}, []string{"-1s", "11m"}},
		{"server.max_body", []string{"1KB", "1gb", "4096", "64 KiB"}, []string{"", "999", "2GB", "1.5MB", "-1MB", "MB", "99999999999GB"}},
		{"database.url", []string{"", "postgres://h/d", "postgresql://u:p@h:5432/d?sslmode=verify-full", "postgres:///d?host=/tmp"},
			[]string{"mysql://h/d", "gatefold.db", "postgres:x", "postgres://u:p@h:port/d"}},
		{"database.read_connections", []string{"0", "200"}, []string{"-1", "201"}},
		{"wall.free_articles", []string{"0", "100"}, []string{"-1", "101", "9999999999999999999999"}},
		{"wall.teaser_words", []string{"20", "1000"}, []string{"19", "1001"}},
		{"wall.default_level", []string{"open", "subscriber"}, []string{"", "Open", "paid"}},
		{"wall.consent_box", []string{"true", "false"}, []string{"", "1", "TRUE"}},
		{"subscribe.all_access_lines", []string{"one", "1,2,3,4,5,6,7,8"}, []string{"", "one,", "1,2,3,4,5,6,7,8,9"}},
		{"mail.from", []string{"post@localhost", "Gatefold Journal <post@journal.example>", `"Müller, A." <a@b.example>`}, []string{"", "post", "a@b, c@d"}},
		{"mail.smtp_url", []string{"", "smtp://h:587", "smtps://u:p@h", "smtp://u%40h:p@h:25", "smtp://localhost?tls=off", "smtp://[::1]:25?tls=off"},
			[]string{"h:587", "http://h", "smtp://", "smtp://h?tls=off", "smtps://localhost?tls=off", "smtp://localhost?tls=on", "smtp://localhost?x=1", "smtp://h/path", "smtp://h:99999", "smtp://localhost?tls=off&tls=off%zz"}},
		{"mail.hello", []string{"", "mx.journal.example"}, []string{"two words", "-x", strings.Repeat("a", 64), strings.Repeat("a.", 127) + "a"}},
		{"mail.dkim_keys", []string{"", "s2026:/etc/gatefold/dkim.pem", "a:b,c-1:d e"}, []string{"s2026", ":file", "-s:file", "s: "}},
		{"bounces.domain", []string{"", "bounce.journal.example"}, []string{"a b", "bounce_journal"}},
		{"bounces.listen", []string{"", ":25", "127.0.0.1:0"}, []string{"25", "mx"}},
		{"bounces.ses_topics", []string{"", "arn:aws:sns:eu-central-1:123456789012:bounces", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:b,arn:aws:sns:eu-west-1:123456789012:c"},
			[]string{"bounces", "arn:aws:sqs:eu-central-1:123456789012:bounces", "arn:aws:sns:eu-central-1:12:bounces"}},
		{"bounces.sendgrid_key", []string{"", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEr5rL3wGbUNaiaW/T3gZbDOC8uFj+5SO1Ojr1pU7OrFZPhk2r/+hsgcTB7Cd/MZVK/wjUvCP3jdSbf6mk5nfIWA=="},
			[]string{"key", "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="}},
		{"robots.training", []string{"refuse", "allow"}, []string{"", "yes"}},
		{"robots.tdm_policy", []string{"", "https://j.example/terms?x=1"}, []string{"/terms", "https://"}},
	}
	for _, tc := range cases {
		for _, s := range tc.good {
			if _, err := load("", nil, nil, map[string]string{tc.key: s}); err != nil {
				t.Errorf("%s refuses %q: %v", tc.key, s, err)
			}
		}
		for _, s := range tc.refuse {
			_, err := load("", nil, nil, map[string]string{tc.key: s})
			if err == nil {
				t.Errorf("%s takes %q", tc.key, s)
			} else if !strings.HasPrefix(err.Error(), "option "+tc.key+": expected ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s refuses %q with %q", tc.key, s, err)
			}
		}
	}
}

func TestMeasuredContrastIsTold(t *testing.T) {
	_, err := load("", nil, nil, map[string]string{"publication.accent": "#ff9900"})
	if err == nil || !strings.Contains(err.Error(), "its contrast is 2.") {
		t.Errorf("error = %v, want the measured contrast", err)
	}
}

func TestContrast(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}, {"#8f1d21", paper, 8.7},
	} {
		got, ok := contrast(tc.a, tc.b)
		if !ok || got < tc.want-0.05 || got > tc.want+0.05 {
			t.Errorf("contrast(%s, %s) = %.3f, want %.2f", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestLongValuesAreCut(t *testing.T) {
	_, err := load("", nil, nil, map[string]string{"wall.period": strings.Repeat("long ", 1000)})
	if err == nil || len(err.Error()) > 200 {
		t.Errorf("error is too long or none: %v", err)
	}
}

// The environment of a container is often sorted by nobody.
func TestProblemsComeInOneOrder(t *testing.T) {
	file := "[log]\nlevel=1\nformat=2\n[robots]\ntraining=1\nai_search=2\nuser_action=3\n[ads]\nhouse=1\n"
	_, first := load("f", []byte(file), []string{"GATEFOLD_B=1", "GATEFOLD_A=1"}, nil)
	for range 20 {
		_, err := load("f", []byte(file), []string{"GATEFOLD_A=1", "GATEFOLD_B=1"}, nil)
		if err.Error() != first.Error() {
			t.Fatalf("problems come as\n%v\nand as\n%v", first, err)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("# a review\npublication.name = \"R\"\nserver = {idle_timeout = '1m', trusted_proxies = []}\n"))
	f.Add([]byte("[wall]\nfree_articles = 3\n[[wall.rules]]\nkind = 'a'\nlevel = 'open'\n"))
	f.Add([]byte("wall = {rules = [{level = 1}, 2, [3]]}\n"))
	f.Add([]byte("[mail]\nsmtp_url = 'smtp://u:hunter2@h'\n[database]\nurl = 'x:hunter2'"))
	f.Add([]byte("[[wall]]\n[[wall.rules.x]]\n[wall.rules.x.y]\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := load("f", file, nil, nil)
		if err == nil {
			if err := c.Validate(); err != nil {
				t.Errorf("loaded a configuration that is not valid: %v", err)
			}
			return
		}
		if !reflect.DeepEqual(c, Config{}) {
			t.Error("a refused file gives a configuration")
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !strings.HasPrefix(line, "f:") {
				t.Errorf("problem %q does not name the line", line)
			}
		}
	})
}
