package app

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/staff"
)

// The host of frames is neither the site nor the newsroom, whatever is asked of it.
func TestHostOfFramesHasNothingElse(t *testing.T) {
	c := testConfig(t.TempDir(), "")
	c.Ads.FrameURL = "http://frames.example"
	n := start(t, c)
	status := func(host, path string) int {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, n.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		a, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
		return a.StatusCode
	}
	for _, path := range []string{"/", "/newsroom/sign-in", "/sign-in"} {
		if there, here := status("frames.example", path), status("", path); there != http.StatusNotFound || here != http.StatusOK {
			t.Errorf("%s: status %d on the host of frames, %d on the publication's", path, there, here)
		}
	}
}

// A device that is signed in to the newsroom is signed in on the site, and leaves both by either door; who ends the sessions
// of other devices on the site ends those in the newsroom (S-02).
func TestSigningOutEndsBothSessions(t *testing.T) {
	n := start(t, testConfig(t.TempDir(), ""))
	const address = "owner@example.org"
	link, err := n.Staff.Link(t.Context(), address, staff.Owner, "test")
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(link, "token=")
	device := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	send := func(c *http.Client, path string, form url.Values) *http.Response {
		t.Helper()
		ask := func() (*http.Response, error) { return c.Get(n.url + path) }
		if form != nil {
			ask = func() (*http.Response, error) { return c.PostForm(n.url+path, form) }
		}
		a, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Body.Close()
		return a
	}
	in := func(c *http.Client) (room, site bool) {
		t.Helper()
		return !strings.HasPrefix(send(c, "/newsroom", nil).Header.Get("Location"), "/newsroom/sign-in"),
			send(c, "/account", nil).StatusCode == http.StatusOK
	}
	join := func() *http.Client {
		t.Helper()
		c := device()
		send(c, "/newsroom/join", url.Values{"token": {token}, "name": {"Olga"}})
		if room, site := in(c); !room || !site {
			t.Fatalf("who joined is in the newsroom: %t, on the site: %t", room, site)
		}
		link, err = n.Staff.Link(t.Context(), address, staff.Owner, "test")
		if err != nil {
			t.Fatal(err)
		}
		_, token, _ = strings.Cut(link, "token=")
		return c
	}
	for _, door := range []string{"/sign-out", "/newsroom/sign-out"} {
		c := join()
		send(c, door, url.Values{})
		if room, site := in(c); room || site {
			t.Errorf("after %s: in the newsroom %t, on the site %t", door, room, site)
		}
	}
	other, mine := join(), join()
	send(mine, "/account/sessions/end-others", url.Values{})
	if room, site := in(other); room || site {
		t.Errorf("a device whose sessions were ended: in the newsroom %t, on the site %t", room, site)
	}
	if room, site := in(mine); !room || !site {
		t.Errorf("the device itself: in the newsroom %t, on the site %t", room, site)
	}
}
