package readers

import (
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

func TestCanonical(t *testing.T) {
	for _, tc := range []struct{ in, typed, key string }{
		{"anna@example.org", "anna@example.org", "anna@example.org"},
		{"  Anna@Example.ORG\n", "Anna@example.org", "anna@example.org"},
		{"anna@example.org.", "anna@example.org", "anna@example.org"},
		{"anna+review@example.org", "anna+review@example.org", "anna@example.org"},
		{"anna+a+b@example.org", "anna+a+b@example.org", "anna@example.org"},
		{"+anna@example.org", "+anna@example.org", "+anna@example.org"},
		{"anna.berg@example.org", "anna.berg@example.org", "anna.berg@example.org"},
		{"o'hara@example.org", "o'hara@example.org", "o'hara@example.org"},

		{"Anna.Berg+x@gmail.com", "Anna.Berg+x@gmail.com", "annaberg@gmail.com"},
		{"a.n.n.a.berg@GoogleMail.com.", "a.n.n.a.berg@googlemail.com", "annaberg@gmail.com"},
		{"anna.berg@outlook.com", "anna.berg@outlook.com", "anna.berg@outlook.com"},
		{"anna@hotmail.com", "anna@hotmail.com", "anna@hotmail.com"},
		{"a-n.n_a@pm.me", "a-n.n_a@pm.me", "anna@proton.me"},
		{"anna@protonmail.com", "anna@protonmail.com", "anna@proton.me"},
		{"_@proton.me", "_@proton.me", "_@proton.me"},
		{"anna.b@me.com", "anna.b@me.com", "anna.b@icloud.com"},
		{"anna.b@ya.ru", "anna.b@ya.ru", "anna-b@yandex.ru"},
		{"anna-news@yahoo.com", "anna-news@yahoo.com", "anna@yahoo.com"},
		{"anna-news@yahoo.de", "anna-news@yahoo.de", "anna@yahoo.de"},
		{"anna-news@example.org", "anna-news@example.org", "anna-news@example.org"},

		{"anna@bücher.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"},
		{"anna@BÜCHER.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"},
		{"anna@bu\u0308cher.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"},
		{"anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"},
		{"anna@example。org。", "anna@example.org", "anna@example.org"},
		// Wide letters, and the Kelvin sign: the plain mailbox, in both.
		{"ａnna＠example.org", "anna@example.org", "anna@example.org"},
		{"\u212Aarl@example.org", "Karl@example.org", "karl@example.org"},
	} {
		typed, key, err := Canonical(tc.in)
		if err != nil || typed != tc.typed || key != tc.key {
			t.Errorf("Canonical(%q) = %q, %q, %v, want %q, %q", tc.in, typed, key, err, tc.typed, tc.key)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"empty":                   "",
		"no @":                    "anna",
		"no local part":           "@example.org",
		"no domain":               "anna@",
		"one label":               "anna@localhost",
		"two @":                   "anna@b@example.org",
		"display name":            "Anna <anna@example.org>",
		"angle brackets":          "<anna@example.org>",
		"comment":                 "anna(x)@example.org",
		"quoted":                  `"anna"@example.org`,
		"two addresses":           "anna@example.org,ben@example.org",
		"space inside":            "an na@example.org",
		"line break":              "anna@example.org\r\nBcc: ben@example.org",
		"line break inside":       "anna\n@example.org",
		"null":                    "anna\x00@example.org",
		"right-to-left override":  "anna\u202E@example.org",
		"zero width space":        "an\u200Bna@example.org",
		"zero width in domain":    "anna@exam\u200Bple.org",
		"soft hyphen in domain":   "anna@exam\u00ADple.org",
		"byte order mark":         "\uFEFFanna@example.org",
		"not UTF-8":               "anna\xff@example.org",
		"letters beyond ASCII":    "änna@example.org",
		"dotless i":               "mıke@example.org",
		"Cyrillic a":              "\u0430nna@example.org",
		"dot first":               ".anna@example.org",
		"dot last":                "anna.@example.org",
		"two dots":                "anna..b@example.org",
		"dots in domain":          "anna@example..org",
		"two trailing dots":       "anna@example.org..",
		"dot first in domain":     "anna@.example.org",
		"underscore in domain":    "anna@exa_mple.org",
		"hyphen first in label":   "anna@-example.org",
		"address literal":         "anna@[192.0.2.1]",
		"address of four numbers": "anna@192.0.2.1",
		"broken punycode":         "anna@xn--a.example",
		"local part of 65 bytes":  strings.Repeat("a", 65) + "@example.org",
		"label of 64 bytes":       "anna@" + strings.Repeat("a", 64) + ".org",
		"255 bytes":               "annab@" + strings.Repeat(strings.Repeat("a", 49)+".", 5),
		"a book":                  strings.Repeat("a", 1<<20) + "@example.org",
	} {
		typed, key, err := Canonical(in)
		if !fault.Is(err, fault.Invalid) || typed != "" || key != "" {
			t.Errorf("%s: %q, %q, %v", name, typed, key, err)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"anna@example.org", "A.n+x@GoogleMail.com.", "a-b+c@yahoo.com", "_-.@pm.me", "x@bücher.example",
		"ａ＠ｅxample。org", `"q"@example.org`, "a@b@c.de", "+@ya.ru", "a.+b@example.org", "-+-@yahoo.fr"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		typed, key, err := Canonical(in)
		if err != nil {
			return
		}
		if len(typed) > 254 || len(key) > 254 { // RFC 5321, 4.5.3.1.3
			t.Fatalf("%q: %q, %q are too long", in, typed, key)
		}
		for _, s := range []string{typed, key} {
			a, err := netmail.ParseAddress(s)
			if err != nil || a.Address != s || a.Name != "" {
				t.Fatalf("%q: net/mail reads %q as %v, %v", in, s, a, err)
			}
			again, sameKey, err := Canonical(s)
			if err != nil || again != s || sameKey != key {
				t.Fatalf("%q: Canonical(%q) = %q, %q, %v, want the key %q", in, s, again, sameKey, err, key)
			}
		}
		if key != strings.ToLower(key) || strings.ContainsFunc(typed+key, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q: %q, %q are not plain", in, typed, key)
		}
	})
}

func TestDisposable(t *testing.T) {
	if list := disposable(); len(list) < 5000 || !slices.IsSorted(list) {
		t.Fatalf("the list has %d domains, sorted: %v", len(list), slices.IsSorted(list))
	}
	for domain, want := range map[string]bool{
		"mailinator.com": true, "in.mailinator.com": true, "a.b.yopmail.com": true,
		"gmail.com": false, "example.org": false, "proton.me": false, "mailinator.com.example.org": false, "mailinator.example.org": false, "com": false, "": false,
	} {
		if got := Disposable(domain); got != want {
			t.Errorf("Disposable(%q) = %v", domain, got)
		}
	}
}
