package app

import (
	"net/http"
	"testing"
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
