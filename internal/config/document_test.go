package config

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files of docs/ that are generated from this package")

func TestDocumentsAreCurrent(t *testing.T) {
	for name, want := range map[string]string{
		"configuration.md":      Reference(),
		"gatefold.example.toml": Example(),
	} {
		path := filepath.Join("..", "..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != want {
			t.Errorf("docs/%s is not what config.go says; run go test ./internal/config -update", name)
		}
	}
}

func TestEverySettingIsDocumented(t *testing.T) {
	for _, s := range sections {
		if comments()["Config."+s.name] == "" {
			t.Errorf("section %s has no comment", s.key)
		}
		for _, f := range s.fields {
			if comments()[s.name+"."+f.name] == "" {
				t.Errorf("%s has no comment", f.key)
			}
		}
	}
	for _, of := range fieldByKey {
		for _, f := range of.element {
			if comments()[of.table+"."+f.name] == "" {
				t.Errorf("%s %s has no comment", of.key, f.key)
			}
		}
	}
}

// A section's table is found by its type's name, and several tables may not
// share one.
func TestSectionsHaveTypesOfTheirOwn(t *testing.T) {
	seen := make(map[string]string)
	for _, s := range sections {
		if other := seen[s.name]; other != "" {
			t.Errorf("sections %s and %s share the type %s", s.key, other, s.name)
		}
		seen[s.name] = s.key
		if strings.Contains(s.key, "_") {
			t.Errorf("section %s: an underscore would make the names of variables ambiguous", s.key)
		}
	}
}

func TestExampleChangesNothing(t *testing.T) {
	c, err := load("example", []byte(Example()), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := Default(); !reflect.DeepEqual(c, want) {
		t.Errorf("example loads as\n%+v\nwant\n%+v", c, want)
	}
}

// With every setting of the example uncommented the file still says the
// defaults, and it says each of them.
func TestExampleStatesTheDefaults(t *testing.T) {
	file := regexp.MustCompile(`(?m)^#([a-z_]+ = |  "|\])`).ReplaceAllString(Example(), "$1")
	c, err := load("example", []byte(file), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Server.TrustedProxies, want.Bounces.SESTopics, want.Mail.DKIMKeys = []string{}, []string{}, []string{}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("uncommented example loads as\n%+v\nwant\n%+v", c, want)
	}
	at := lines([]byte(file))
	for key, f := range fieldByKey {
		if f.kind != rules && at[key] == 0 {
			t.Errorf("%s is not in the example", key)
		}
	}
}

func TestExampleRuleIsValid(t *testing.T) {
	file := regexp.MustCompile(`(?m)^#   (.*)$`).FindAllStringSubmatch(Example(), -1)
	var b strings.Builder
	for _, line := range file {
		b.WriteString(line[1] + "\n")
	}
	c, err := load("example", []byte(b.String()), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Rule{{Section: "in-depth", OlderThanDays: 90, Level: "subscriber"}}
	if !reflect.DeepEqual(c.Wall.Rules, want) {
		t.Errorf("rules are %+v, want %+v", c.Wall.Rules, want)
	}
	if !reflect.DeepEqual(c.Till.Plans, Default().Till.Plans) {
		t.Errorf("plans are %+v, want those by default", c.Till.Plans)
	}
	if coupons := []Coupon{{Code: "spring", PercentOff: 50, Periods: 3}}; !reflect.DeepEqual(c.Till.Coupons, coupons) {
		t.Errorf("coupons are %+v, want %+v", c.Till.Coupons, coupons)
	}
}

func TestReferenceNamesEveryVariable(t *testing.T) {
	reference := Reference()
	for key, f := range fieldByKey {
		if f.kind != rules && !strings.Contains(reference, "`"+f.env()+"`") {
			t.Errorf("the reference does not name the variable of %s", key)
		}
	}
}
