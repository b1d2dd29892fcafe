package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/newsletters"
)

func TestLetterBehind(t *testing.T) {
	for _, c := range []struct{ form, path, referer, want string }{
		{"", "/keep-reading", "http://review.example/articles/x?letter=5", "5"},
		{"", "/subscribe?letter=7", "http://review.example/articles/x?letter=5", "7"},
		{"9", "/subscribe?letter=7", "", "9"},
		{"", "/keep-reading", "http://elsewhere.example/?letter=5", ""},
		{"", "/keep-reading", "http://review.example/articles/x", ""},
		{"x", "/keep-reading?letter=-3", "http://review.example/?letter=0", ""},
		{"", "/keep-reading", "::", ""},
	} {
		r := httptest.NewRequest("POST", "http://review.example"+c.path, nil)
		r.Header.Set("Referer", c.referer)
		if r.PostForm = (url.Values{}); c.form != "" {
			r.PostForm.Set("letter", c.form)
		}
		if have := letterBehind(r); have != c.want {
			t.Errorf("%+v: %q", c, have)
		}
	}
	for path, want := range map[string]string{"/a": "/a?letter=5", "/a?b=c": "/a?b=c&letter=5", "/a?letter=3": "/a?letter=3", "/a?%": "/a?%"} {
		if have := withLetter(path, "5"); have != want {
			t.Errorf("%s: %s, want %s", path, have, want)
		}
	}
}

// Whoever came by a letter and then left an address, at the wall, on the page of newsletters or to sign in, is a
// registration of its edition, once the mail is answered. Who has an account is none, nor who came by themselves.
func TestRegistrationsByALetterAreCounted(t *testing.T) {
	s := newTestSite(t)
	ctx := context.Background()
	s.reader(t, "anna@example.org")
	reader, _ := s.lettersOf(t, "free", "anna@example.org")
	s.clock.advance(time.Minute)
	joined := func() int {
		r, err := s.Newsletters.Report(ctx, 1)
		must(t, err)
		return r.Results[newsletters.Joined]
	}
	at := s.client(t).Get(s.mailLinks(t, 1, reader)["2"]).header.Get("Location")
	if !strings.HasSuffix(at, "?letter=1") {
		t.Fatalf("the letter leads to %s", at)
	}
	from := func(path string) []string { return []string{"Referer", s.url + path} }
	wall := "/articles/" + meteredOne
	for _, c := range []struct {
		name, address, path, referer string
		form                         url.Values
		want                         int
	}{
		{"at the wall", "berta@example.org", "/keep-reading", wall + "?letter=1", url.Values{"article": {meteredOne}}, 1},
		{"at the newsletters", "carl@example.org", "/newsletters", "/newsletters?letter=1", nil, 2},
		{"a form shown once more", "dora@example.org", "/keep-reading", "/keep-reading", url.Values{"article": {meteredOne}, "letter": {"1"}}, 3},
		{"signing in", "emil@example.org", "/sign-in", "/sign-in", url.Values{"return_to": {"/?letter=1"}}, 4},
		{"by themselves", "fritz@example.org", "/keep-reading", wall, url.Values{"article": {meteredOne}}, 4},
		{"who has an account", "anna@example.org", "/keep-reading", wall + "?letter=1", url.Values{"article": {meteredOne}}, 4},
		{"by an edition there is not", "gerda@example.org", "/keep-reading", wall + "?letter=99", url.Values{"article": {meteredOne}}, 4},
	} {
		browser, form := s.client(t), url.Values{"email": {c.address}}
		for k, v := range c.form {
			form[k] = v
		}
		before := joined()
		browser.Post(c.path, form, from(c.referer)...)
		if n := joined(); n != before {
			t.Errorf("%s: counted before the mail was answered", c.name)
		}
		if a := browser.typeCode(s.code(c.address)); a.status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", c.name, a.status)
		}
		if n := joined(); n != c.want {
			t.Errorf("%s: %d registrations, want %d", c.name, n, c.want)
		}
	}
}

// The edition stays in forms that are shown once more, and in the address that signing in leads back to.
func TestTheEditionIsCarriedOn(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	referer := []string{"Referer", s.url + "/articles/" + meteredOne + "?letter=12"}
	for path, form := range map[string]url.Values{"/keep-reading": {"article": {meteredOne}, "email": {"x"}}, "/newsletters": {"email": {"x"}}} {
		c.Post(path, form, referer...).mustHave(t, http.StatusUnprocessableEntity, `name="letter" value="12"`)
	}
	c.Get("/sign-in?return_to=/articles/"+meteredOne, referer...).mustHave(t, http.StatusOK, `value="/articles/`+meteredOne+`?letter=12"`)
}
