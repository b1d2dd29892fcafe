package page

import (
	"strings"
	"testing"
)

func TestLocalPath(t *testing.T) {
	for _, p := range []string{"/", "/articles/tides?x=1#notes", "/search?q=peace%2Fwar&year=2014", "/topics/a-b_c.d~e"} {
		if got := LocalPath(p); got != p {
			t.Errorf("LocalPath(%q) = %q", p, got)
		}
	}
	for _, p := range []string{"", "articles", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)",
		"/%5cevil.example", "/%5Cevil", "/%2fevil.example", "/%2F/evil", "/a\r\nSet-Cookie: x", "/a%0d%0aSet-Cookie: x", "/\tevil",
		"/a b", "/a%00", "/ä", "/\x7f", "/?q=%0A", "/" + strings.Repeat("a", pathMost)} {
		if got := LocalPath(p); got != "" {
			t.Errorf("LocalPath(%q) = %q", p, got)
		}
	}
}
