package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// joinNewsletter sends the form of the newsletters' page.
func (c *testClient) joinNewsletter(address string, more ...string) answer {
	c.t.Helper()
	form := url.Values{"email": {address}}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return c.Post("/newsletters", form, "Accept-Encoding", "identity")
}

// An address is on the list once its mail is answered, and not before.
func TestNewsletters(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	const promise = "We send one letter first, to make sure that the address is yours. You are on the list once you answer it."
	page := c.Get("/newsletters")
	page.mustHave(t, http.StatusOK, "The free newsletter", promise)
	page.field(t, "/newsletters", "email")
	c.joinNewsletter("anna@example.org").mustHave(t, http.StatusOK, "Check your inbox", "anna@example.org", "“The free newsletter” is sent to it from then on")
	if m, err := s.out.List(t.Context(), 1, "anna@example.org"); err != nil || m[0].Subject != "Confirm that you want our letters" || !strings.Contains(m[0].HTML, "puts you on the list") {
		t.Errorf("the mail says %+v, %v", m, err)
	}
	if list := s.consents("anna@example.org"); len(list) != 0 {
		t.Errorf("before the mail was answered: %+v", list)
	}
	a := c.typeCode(s.code("anna@example.org"))
	a.goesTo(t, "/account?done=newsletter")
	c.follow(a).mustHave(t, http.StatusOK, "You are on the list of the free newsletter.", `value="on" checked`)
	if list := s.consents("anna@example.org"); len(list) != 1 || list[0].Wording != promise || list[0].Network != "127.0.0.0/24" {
		t.Errorf("consents %+v", list)
	}
	// The list gives no article.
	c = s.client(t)
	c.joinNewsletter("bernd@example.org")
	c.Get("/articles/"+meteredOne).mustNotHave(t, restOf(meteredOne))
}

func TestNewslettersAnswerAlike(t *testing.T) {
	s := newTestSite(t)
	want := ""
	for _, address := range append(s.strangersTo(t), disposableAddress) {
		a := s.client(t).joinNewsletter(address)
		if want == "" {
			a.mustHave(t, http.StatusOK, address)
			want = told(a, address)
		}
		if got := told(a, address); got != want {
			t.Errorf("the form answers %s\n%s\nand a new address\n%s", address, got, want)
		}
	}
}

func TestNewslettersSayWhatIsWrong(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	for _, typed := range []string{"", "anna", `"><b>x</b>`} {
		a := c.joinNewsletter(typed)
		a.refused(t, "/newsletters", "email", typed)
		a.mustNotHave(t, "<b>x")
	}
	c.joinNewsletter("robot@example.org", "website", "x").mustHave(t, http.StatusOK, "Check your inbox", "robot@example.org")
	if n := s.sent(""); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}
