package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/config"
)

// frameURL is the host of frames of test sites that have one.
const frameURL = "http://frames.example:8081"

func withFrames(c *config.Config) { c.Ads.FrameURL = frameURL }

// sellTag makes a campaign at the foot of pages with words, and a tag of another company beside them.
func (s *testSite) sellTag(slug, tag string) ads.Creative {
	s.t.Helper()
	s.sell(slug, func(c *ads.Campaign) { c.Places = []string{"foot"} })
	k, err := s.Ads.AddCreative(context.Background(), slug, ads.Creative{Tag: tag}, nil)
	must(s.t, err)
	return k
}

// framedAt is the answer of a host of the site.
func (s *testSite) framedAt(host, path string) answer {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	must(s.t, err)
	r.Host = host
	a, err := s.client(s.t).do(r)
	must(s.t, err)
	return a
}

func policyIn(a answer) string { return a.header.Get("Content-Security-Policy") }

// chooses answers whether advertisements of other companies may be shown.
func (c *testClient) chooses(show, path string) answer {
	c.t.Helper()
	return c.Post("/ads/choice", url.Values{"show": {show}, "return_to": {path}})
}

// Consent is asked first: until then, after it was taken back, and on pages without a tag, no policy names the other host.
// It is remembered by a word that everybody has.
func TestFramesAfterConsent(t *testing.T) {
	s := newTestSite(t, withFrames)
	k := s.sellTag("tea", `<b id="tag">Tag</b>`)
	must(t, s.Ads.SetPlaceState(context.Background(), "top", ads.Ended))
	path := "/articles/" + openOne
	address := frameURL + "/ads/frame/" + strconv.FormatInt(k.ID, 10)
	reader := s.reader(t, "reader@example.org")
	for name, c := range map[string]*testClient{"visitor": s.client(t), "reader": reader} {
		asks := func(when string) {
			t.Helper()
			for _, path := range []string{path, "/"} {
				a := c.Get(path)
				if strings.Contains(policyIn(a), "frame-src") || strings.Contains(a.body, "data-shown") || strings.Contains(a.body, "<iframe") ||
					!strings.Contains(a.body, `data-frame="`+address+`"`) || !strings.Contains(a.body, `value="yes"`) || !strings.Contains(a.body, "Buy tea.") {
					t.Errorf("%s, %s: %s has the policy %q, or does not ask", name, when, path, policyIn(a))
				}
			}
		}
		asks("at first")
		a := c.chooses("yes", path)
		a.goesTo(t, path)
		if set := a.header.Get("Set-Cookie"); !strings.HasPrefix(set, "frames=shown; ") || !strings.Contains(set, "HttpOnly") || !strings.Contains(set, "SameSite=Lax") {
			t.Errorf("%s: the consent is kept as %q", name, set)
		}
		a = c.Get(path)
		if !strings.Contains(policyIn(a), "; frame-src "+frameURL) || a.header.Get("Cache-Control") != "private, no-store" ||
			!strings.Contains(a.body, "data-shown") || !strings.Contains(a.body, `href="/ads/choice"`) {
			t.Errorf("%s, after consent: policy %q, %v", name, policyIn(a), a.header)
		}
		for _, without := range []string{"/search", "/account", "/subscribe", "/ads/choice"} {
			if a := c.Get(without); strings.Contains(policyIn(a), "frame-src") || strings.Contains(a.body, "frames.example") {
				t.Errorf("%s: %s names the host of frames", name, without)
			}
		}
		c.Get("/ads/choice").mustHave(t, http.StatusOK, s.texts.T("ad.choice-is-yes"), `value="no"`)
		c.chooses("no", "//evil.example/").goesTo(t, "/")
		asks("taken back")
		c.Get("/ads/choice").mustHave(t, http.StatusOK, s.texts.T("ad.choice-is-no"), `value="yes"`)
		c.setCookie(s.cookies.frames, "yes")
		asks("with another word")
	}
	if a := s.client(t).chooses("perhaps", path); a.status != http.StatusUnprocessableEntity || a.header.Get("Set-Cookie") != "" {
		t.Errorf("another answer: status %d", a.status)
	}
	must(t, s.Ads.SetCreativeState(context.Background(), k.ID, ads.Ended))
	c := s.client(t)
	c.chooses("yes", path)
	if a := c.Get(path); strings.Contains(policyIn(a), "frame-src") || strings.Contains(a.body, "frames.example") {
		t.Errorf("without a tag: policy %q", policyIn(a))
	}
}

// The host of frames has frames and nothing else, under a policy that leaves them without an origin; the site has none.
func TestHostOfFrames(t *testing.T) {
	s := newTestSite(t, withFrames)
	const tag = "<script>top.location = 'https://evil.example/'</script>\n<p title='as it is'>"
	k := s.sellTag("tea", tag)
	path := "/ads/frame/" + strconv.FormatInt(k.ID, 10)
	for _, host := range []string{"frames.example:8081", "frames.example", "FRAMES.example", "frames.example."} {
		a := s.framedAt(host, path)
		a.mustHave(t, http.StatusOK, tag)
		policy := policyIn(a)
		for _, part := range []string{"sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox;", "object-src 'none'", "base-uri 'none'",
			"form-action 'none'", "frame-ancestors " + s.url} {
			if !strings.Contains(policy, part) {
				t.Errorf("the policy %q lacks %q", policy, part)
			}
		}
		h := a.header
		same(t, host, []string{h.Get("Referrer-Policy"), h.Get("X-Content-Type-Options"), h.Get("X-Robots-Tag"), h.Get("Cache-Control"), h.Get("Set-Cookie"), h.Get("X-Frame-Options")},
			"no-referrer", "nosniff", "noindex, nofollow", "no-store", "", "")
	}
	for _, other := range []string{"/", "/articles/" + openOne, "/sign-in", "/ads/choice", "/ads/frame/1", "/ads/frame/x", "/ads/frame/99", "/robots.txt", "/newsroom"} {
		if a := s.framedAt("frames.example", other); a.status != http.StatusNotFound || a.body != "Not Found\n" || !strings.HasPrefix(policyIn(a), "sandbox ") {
			t.Errorf("%s on the host of frames: status %d, %q", other, a.status, a.body)
		}
	}
	if a := s.client(t).Get(path); a.status != http.StatusNotFound || strings.Contains(a.body, "evil.example") {
		t.Errorf("on the publication's host: status %d", a.status)
	}
}

// Off is the default: there is no host, no question, no choice and no tag.
func TestNoFramesByDefault(t *testing.T) {
	s := newTestSite(t)
	s.sell("tea")
	if _, err := s.Ads.AddCreative(context.Background(), "tea", ads.Creative{Tag: "<b>x</b>"}, nil); err == nil {
		t.Error("a tag is taken")
	}
	c := s.client(t)
	c.setCookie(s.cookies.frames, framed)
	a := c.Get("/articles/" + openOne)
	if strings.Contains(policyIn(a), "frame-src") || strings.Contains(a.body, "/ads/choice") || !strings.Contains(a.header.Get("Cache-Control"), "public") {
		t.Errorf("policy %q, %v", policyIn(a), a.header)
	}
	if a := c.Get("/ads/choice"); a.status != http.StatusNotFound {
		t.Errorf("the choice: status %d", a.status)
	}
	if a := c.chooses("yes", "/"); a.status != http.StatusNotFound || a.header.Get("Set-Cookie") != "" {
		t.Errorf("choosing: status %d", a.status)
	}
}
