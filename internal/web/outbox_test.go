package web

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// The outbox shows every mail to everyone: it is there in a demonstration, and nowhere else.
func TestOutboxOnlyInADemonstration(t *testing.T) {
	s := newTestSite(t)
	paths := []string{"/dev/outbox", "/dev/outbox.json", "/dev/outbox/1"}
	s.client(t).askToSignIn("anna@example.org", "/").mustHave(t, http.StatusOK)
	for _, path := range paths {
		s.client(t).Get(path).mustHave(t, http.StatusOK, "anna@example.org")
	}
	d := s.Deps
	d.Demo = false
	served, err := New(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range served.Routes() {
		if strings.Contains(r.Pattern, "/dev/") {
			t.Errorf("a publication answers %s", r.Pattern)
		}
	}
	s.Site = served
	s.srv.Config.Handler = served.Handler()
	for _, path := range paths {
		a := s.client(t).Get(path)
		a.mustHave(t, http.StatusNotFound)
		a.mustNotHave(t, "anna@example.org")
	}
}

func TestOutbox(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.Get("/dev/outbox").mustHave(t, http.StatusOK, "No letter yet.", `content="noindex"`)
	empty := c.Get("/dev/outbox.json")
	if strings.TrimSpace(empty.body) != "[]" || empty.header.Get("Content-Type") != "application/json; charset=utf-8" ||
		empty.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("an empty outbox is %q, headers %v", empty.body, empty.header)
	}
	c.leaveAddress("first@example.org", meteredOne)
	c.askToSignIn("second@example.org", "/")
	c.askToSignIn("second@example.org", "/") // withheld
	lines := c.outboxLines()
	if len(lines) != 2 || lines[0].To != "second@example.org" || lines[1].To != "first@example.org" {
		t.Fatalf("the outbox holds %+v, want the newest first", lines)
	}
	for _, l := range lines {
		if l.Subject == "" || len(l.Links) != 1 || !strings.Contains(l.Text, l.Links[0]) || !strings.Contains(l.HTML, l.Links[0]) ||
			!strings.HasPrefix(l.Links[0], s.url+"/confirm?token=") {
			t.Errorf("a mail is %+v", l)
		}
	}
	for _, raw := range []string{`"to":`, `"subject":`, `"text":`, `"html":`, `"links":`} {
		c.Get("/dev/outbox.json").mustHave(t, http.StatusOK, raw)
	}
	list := c.Get("/dev/outbox")
	list.mustHave(t, http.StatusOK, "first@example.org", "second@example.org", ">09:00<")
	if strings.Index(list.body, "second@example.org") > strings.Index(list.body, "first@example.org") {
		t.Error("the oldest mail comes first")
	}
	c.Get("/dev/outbox/0").mustHave(t, http.StatusNotFound)
	c.Get("/dev/outbox/x").mustHave(t, http.StatusNotFound)
}

// A mail's HTML stands in a frame that runs nothing; its page allows styles, and only there.
func TestOutboxMail(t *testing.T) {
	s := newTestSite(t)
	c := s.client(t)
	c.leaveAddress("anna@example.org", meteredOne)
	mails, err := s.out.List(t.Context(), 1, "")
	if err != nil || len(mails) != 1 {
		t.Fatal(mails, err)
	}
	a := c.Get("/dev/outbox/" + strconv.FormatInt(mails[0].ID, 10))
	a.mustHave(t, http.StatusOK, mails[0].Subject, "anna@example.org", s.code("anna@example.org"), `href="`+mails[0].Links[0]+`"`)
	frame := a.find(t, isElement("iframe"))
	if frame == nil || strings.Replace(attribute(frame, "srcdoc"), `<base target="_top">`, "", 1) != mails[0].HTML || attribute(frame, "title") == "" {
		t.Fatalf("the frame does not hold the mail:\n%s", a.body)
	}
	for _, x := range frame.Attr {
		if x.Key == "sandbox" && x.Val != "allow-top-navigation-by-user-activation" || x.Key == "src" {
			t.Errorf("the frame may do something: %s=%q", x.Key, x.Val)
		}
	}
	policy := a.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "style-src 'self' 'unsafe-inline'") {
		t.Errorf("Content-Security-Policy %q", policy)
	}
	if p := c.Get("/dev/outbox").header.Get("Content-Security-Policy"); strings.Contains(p, "unsafe") {
		t.Errorf("the list has the policy %q", p)
	}
}
