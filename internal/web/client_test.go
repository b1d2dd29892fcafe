package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// client returns a browser without cookies.
func (s *testSite) client(t testing.TB) *testClient {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &testClient{t: t, site: s, jar: jar, http: &http.Client{Jar: jar, Transport: s.srv.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Get asks for a path; header holds names and values in turn.
func (c *testClient) Get(path string, header ...string) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil, header...)
}

// Head asks for the headers of a path.
func (c *testClient) Head(path string, header ...string) answer {
	c.t.Helper()
	return c.send(http.MethodHead, path, nil, header...)
}

// Post sends a form to a path, as a browser on the site does.
func (c *testClient) Post(path string, form url.Values, header ...string) answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(form.Encode()),
		append([]string{"Content-Type", "application/x-www-form-urlencoded", "Origin", c.site.url, "Sec-Fetch-Site", "same-origin"}, header...)...)
}

// follow asks for the path that a redirect leads to.
func (c *testClient) follow(a answer) answer {
	c.t.Helper()
	if a.status < 300 || a.status > 399 {
		c.t.Fatalf("status %d is no redirect:\n%s", a.status, a.body)
	}
	return c.Get(strings.TrimPrefix(a.location(), c.site.url))
}

func (c *testClient) send(method, path string, body io.Reader, header ...string) answer {
	c.t.Helper()
	r, err := http.NewRequest(method, c.site.url+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := c.do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *testClient) do(r *http.Request) (answer, error) {
	c.site.settle()
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: string(b)}, err
}

// cookie is the value of one of the client's cookies, "" when it has none.
func (c *testClient) cookie(name string) string {
	at, _ := url.Parse(c.site.url)
	for _, k := range c.jar.Cookies(at) {
		if k.Name == name {
			return k.Value
		}
	}
	return ""
}

func (c *testClient) setCookie(name, value string) {
	at, _ := url.Parse(c.site.url)
	c.jar.SetCookies(at, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}
