package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/config"
)

func TestCookiesAreRead(t *testing.T) {
	open := cookies{session: "session", visitor: "visitor"}
	host := newCookies(config.Default())
	for _, x := range []struct {
		cookies          cookies
		lines            []string
		session, visitor string
	}{
		{open, nil, "", ""},
		{open, []string{""}, "", ""},
		{open, []string{"session=a; visitor=b"}, "a", "b"},
		{open, []string{"visitor=b;session=a"}, "a", "b"},
		{open, []string{"x=1; session=a", "visitor=b; y"}, "a", "b"},
		{open, []string{"  session=a  ;;; =; visitor"}, "a", ""},
		{open, []string{"asession=a; sessions=b; Session=c; __Host-session=d"}, "", ""},
		{open, []string{"session=a=b"}, "a=b", ""},
		{host, []string{"session=a; visitor=b"}, "", ""},
		{host, []string{"__Host-session=a; __Host-visitor=b"}, "a", "b"},
	} {
		if session, visitor, _, _ := x.cookies.read(x.lines); session != x.session || visitor != x.visitor {
			t.Errorf("%q: %q and %q, want %q and %q", x.lines, session, visitor, x.session, x.visitor)
		}
	}
	lines := []string{"a=b; __Host-session=" + strings.Repeat("s", 43) + "; __Host-visitor=" + strings.Repeat("v", 43)}
	if n := testing.AllocsPerRun(100, func() { host.read(lines) }); n != 0 {
		t.Errorf("reading allocates %v times", n)
	}
}

// Whoever brings nothing that we know is anonymous, and shares what everyone gets; who brings something gets a page of
// their own.
func TestAnonymousVisits(t *testing.T) {
	s := newTestSite(t)
	guest := s.client(t)
	guest.leaveAddress("guest@example.org", meteredOne)
	left := s.reader(t, "left@example.org")
	ended := left.cookie(s.cookies.session)
	left.Post("/sign-out", nil)
	banned := s.reader(t, "banned@example.org")
	if !banned.isSignedIn() {
		t.Fatal("the reader is not signed in")
	}
	if err := s.Readers.Ban(t.Context(), s.readerOf("banned@example.org").ID, "test", ""); err != nil {
		t.Fatal(err)
	}
	if banned.isSignedIn() {
		t.Error("who was banned is still signed in")
	}
	for _, x := range []struct {
		name, cookie string
		shared       bool
	}{
		{"no cookie", "", true},
		{"another site's", "_ga=GA1.1.1; theme=dark", true},
		{"a forged session", "session=" + letters(43), true},
		{"a session that ended", "session=" + ended, true},
		{"a session that was banned", "session=" + banned.cookie(s.cookies.session), true},
		{"no token at all", "session=; session==;", true},
		{"a visitor", "visitor=" + guest.cookie(s.cookies.visitor), false},
		{"a visitor nobody knows", "visitor=" + letters(43), false},
		{"a reader", "session=" + s.reader(t, "reader@example.org").cookie(s.cookies.session), false},
	} {
		a := s.client(t).Get("/articles/"+meteredTwo, "Cookie", x.cookie)
		a.mustHave(t, http.StatusOK, teaserOf(meteredTwo))
		a.mustNotHave(t, restOf(meteredTwo))
		shared := a.header.Get("Cache-Control") == "public, no-cache" && a.header.Get("Etag") != ""
		private := a.header.Get("Cache-Control") == "private, no-store" && a.header.Get("Etag") == ""
		if shared != x.shared || private == x.shared {
			t.Errorf("%s: headers %v", x.name, a.header)
		}
		if a.header.Get("Vary") != "Accept-Encoding, Cookie" || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: Vary %q, Set-Cookie %q", x.name, a.header.Get("Vary"), a.header.Get("Set-Cookie"))
		}
	}
}
