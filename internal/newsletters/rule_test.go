package newsletters

import (
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

var anna = Facts{Standing: "subscriber", Plan: "all-access", Language: "en", Domain: "example.org", Joined: 30,
	Subscribed: map[string]bool{"daily-review": true}, Follows: map[string]bool{"topic:energy": true}}

func TestRule(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                  true,
		"standing = subscriber":             true,
		"standing = registered":             false,
		"standing != registered":            true,
		"plan = all-access":                 true,
		"language=de":                       false,
		"language=de or domain=example.org": true,
		"domain = Example.org":              true,
		"joined > 30":                       false,
		"joined>=30":                        true,
		"joined < 31 and joined <= 30":      true,
		"joined = 30 and not joined != 30":  true,
		"follows topic:energy":              true,
		"follows = topic:energy":            true,
		"follows country:portugal":          false,
		"subscribed daily-review":           true,
		"not subscribed daily-review":       false,
		"not not standing = subscriber":     true,
		// "not" before "and" before "or".
		"standing = subscriber or standing = subscriber and standing = registered":   true,
		"(standing = subscriber or standing = subscriber) and standing = registered": false,
		"not standing = registered and language = de":                                false,
		"not (standing = registered and language = de)":                              true,
		" \n standing\t= subscriber ":                                                true,
	} {
		r, err := ParseRule(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if have := r.Takes(anna); have != want {
			t.Errorf("%q takes Anna: %v, want %v", text, have, want)
		}
	}
}

func TestRuleRefuses(t *testing.T) {
	for text, hint := range map[string]string{
		"standing":                             "comparison",
		"standing subscriber":                  "comparison",
		"standing > subscriber":                "comparison",
		"standing = ":                          "value",
		"standing = subscriber language":       "the end",
		"name = anna":                          "expected one of standing",
		"1 = 1":                                "expected one of",
		"'; DROP TABLE readers":                "expected one of",
		"(standing = subscriber":               `expected )`,
		"standing = subscriber)":               "the end",
		"and":                                  "expected one of",
		"standing = subscriber and":            "expected one of",
		"not":                                  "expected one of",
		"joined > yesterday":                   "number of days",
		"joined > -1":                          "number of days",
		"follows energy":                       "topic:energy",
		"follows section:briefings":            "topic:energy",
		"follows":                              "value",
		"()":                                   "expected one of",
		strings.Repeat("(", 60) + "x":          "deeper",
		strings.Repeat("not ", 60) + "x":       "deeper",
		strings.Repeat("joined > 1 and ", 200): "2000",
	} {
		_, err := ParseRule(text)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, want Invalid with %q", text, err, hint)
		}
	}
}

func TestRuleAsks(t *testing.T) {
	r, err := ParseRule("not (joined > 3 or follows topic:energy) and language = en")
	if err != nil {
		t.Fatal(err)
	}
	for fact, want := range map[string]bool{"joined": true, "follows": true, "language": true, "subscribed": false, "standing": false} {
		if r.asks(fact) != want {
			t.Errorf("asks for %s: %v", fact, !want)
		}
	}
	if (Rule{}).asks("follows") {
		t.Error("the empty rule asks")
	}
}

// Whatever is typed is a rule or refused, and a rule reads back as itself.
func FuzzRule(f *testing.F) {
	for _, s := range []string{"standing = subscriber and not (joined > 30 or follows topic:energy)", "((", "not not", "joined>=1or", "a=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRule(s)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v is not Invalid", err)
			}
			return
		}
		again, err := ParseRule(r.String())
		if err != nil {
			t.Fatalf("%q reads back: %v", r, err)
		}
		for _, who := range []Facts{{}, anna} {
			if r.Takes(who) != again.Takes(who) {
				t.Fatalf("%q and %q differ", s, again)
			}
		}
	})
}
