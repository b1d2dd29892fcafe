package library

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSlug(t *testing.T) {
	for _, tt := range []struct{ title, want string }{
		{"The Model Treaty, 1776", "the-model-treaty-1776"},
		{"  Oil   Embargo, 1973–1974 ", "oil-embargo-1973-1974"},
		{"U.S. policy isn’t what it was", "us-policy-isnt-what-it-was"},
		{"Law & justice", "law-and-justice"},
		{"São Tomé and Príncipe", "sao-tome-and-principe"},
		{"Łódź, Göteborg, Straße, Ærø, Þingvellir", "lodz-goteborg-strasse-aero-thingvellir"},
		{"Côte d’Ivoire", "cote-divoire"},
		{"Москва и Київ: щит", "moskva-i-kiiv-shchit"},
		{"Αθήνα και Ψαρά", "athina-kai-psara"},
		{"İstanbul’un ışığı", "istanbulun-isigi"},
		{"3.5 percent", "3-5-percent"},
		{"ﬁne ﬀ ²", "fine-ff-2"},
		{"東京", ""},
		{"…—!", ""},
		{"", ""},
		{"-a--b-", "a-b"},
		{strings.Repeat("word ", 20), strings.TrimSuffix(strings.Repeat("word-", 16), "-")},
		{strings.Repeat("a", 100), strings.Repeat("a", 80)},
		{strings.Repeat("a", 80) + " b", strings.Repeat("a", 80)},
	} {
		if got := Slug(tt.title); got != tt.want {
			t.Errorf("Slug(%q) = %q, want %q", tt.title, got, tt.want)
		}
	}
}

func FuzzSlug(f *testing.F) {
	f.Add("U.S.–Soviet relations: “détente”")
	f.Add("щ\u0301ß.a.'b")
	f.Fuzz(func(t *testing.T, title string) {
		s := Slug(title)
		if len(s) > slugLimit || s != "" && checkSlug(s) != nil {
			t.Errorf("Slug(%q) = %q, which is not a slug", title, s)
		}
		if again := Slug(s); again != s {
			t.Errorf("Slug(%q) = %q, and the slug of that is %q", title, s, again)
		}
	})
}

func TestCheckSlug(t *testing.T) {
	for slug, ok := range map[string]bool{
		"a": true, "a-1": true, "the-long-view": true, strings.Repeat("a", 200): true, strings.Repeat("a", 201): false,
		"A": false, "-a": false, "a-": false, "a--b": false, "a b": false, "é": false, "a/b": false, "a.html": false, "a%2f": false,
	} {
		if err := checkSlug(slug); (err == nil) != ok {
			t.Errorf("checkSlug(%q) = %v", slug, err)
		}
	}
}

func TestSlugChoices(t *testing.T) {
	choices := func(d Draft) []string {
		var out []string
		slugChoices(&d)(func(s string) bool { out = append(out, s); return len(out) < 8 })
		return out
	}
	a := choices(Draft{Title: "Indonesia", Source: "frus-1"})
	if a[0] != "indonesia" || !strings.HasPrefix(a[1], "indonesia-") || len(a[1]) != len("indonesia-1234") {
		t.Errorf("choices %q", a)
	}
	if again := choices(Draft{Title: "Indonesia", Source: "frus-1", Standfirst: "Other."}); !slices.Equal(a, again) {
		t.Errorf("choices depend on more than title and source: %q, %q", a, again)
	}
	if b := choices(Draft{Title: "Indonesia", Source: "frus-2"}); a[1] == b[1] {
		t.Errorf("two sources share the choice %q", a[1])
	}
	c := choices(Draft{Title: strings.Repeat("word ", 30), Source: "x"})
	for _, s := range c {
		if len(s) > slugLimit || checkSlug(s) != nil {
			t.Errorf("choice %q", s)
		}
	}
	d := choices(Draft{Title: "東京", Kind: "article", Published: time.Unix(1, 0)})
	if d[0] != "article" || checkSlug(d[1]) != nil {
		t.Errorf("choices without a Latin spelling: %q", d)
	}
}
