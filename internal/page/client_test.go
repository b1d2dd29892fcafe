package page

import (
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestClientAddress(t *testing.T) {
	proxies := prefixes("10.0.0.0/8", "fd00::/8", "192.0.2.7/32")
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		proxies      []netip.Prefix
		want         string
	}{
		{"direct", "198.51.100.4:1234", nil, proxies, "198.51.100.4"},
		{"no proxies: headers are ignored", "198.51.100.4:1234", []string{"203.0.113.9"}, nil, "198.51.100.4"},
		{"no proxies, from loopback", "127.0.0.1:1234", []string{"203.0.113.9"}, nil, "127.0.0.1"},
		{"not from a proxy", "198.51.100.4:1234", []string{"203.0.113.9"}, proxies, "198.51.100.4"},
		{"one proxy", "10.1.2.3:80", []string{"203.0.113.9"}, proxies, "203.0.113.9"},
		{"what the client wrote before it", "10.1.2.3:80", []string{"1.1.1.1, 203.0.113.9"}, proxies, "203.0.113.9"},
		{"in a header of its own", "10.1.2.3:80", []string{"1.1.1.1", "203.0.113.9"}, proxies, "203.0.113.9"},
		{"two proxies", "10.1.2.3:80", []string{"203.0.113.9, 192.0.2.7"}, proxies, "203.0.113.9"},
		{"a proxy that is not trusted between", "10.1.2.3:80", []string{"203.0.113.9, 198.51.100.1, 192.0.2.7"}, proxies, "198.51.100.1"},
		{"nothing but proxies", "10.1.2.3:80", []string{"10.9.9.9"}, proxies, "10.9.9.9"},
		{"no header", "10.1.2.3:80", nil, proxies, "10.1.2.3"},
		{"an empty header", "10.1.2.3:80", []string{""}, proxies, "10.1.2.3"},
		{"garbage", "10.1.2.3:80", []string{"203.0.113.9, unknown"}, proxies, "10.1.2.3"},
		{"garbage further out", "10.1.2.3:80", []string{"unknown, 203.0.113.9"}, proxies, "203.0.113.9"},
		{"garbage behind a proxy", "10.1.2.3:80", []string{"x, 192.0.2.7"}, proxies, "192.0.2.7"},
		{"spaces", "10.1.2.3:80", []string{" \t203.0.113.9 "}, proxies, "203.0.113.9"},
		{"IPv6", "[fd00::1]:80", []string{"2001:db8::5"}, proxies, "2001:db8::5"},
		{"a zone", "[fe80::1%eth0]:80", nil, proxies, "fe80::1"},
		{"IPv4 in IPv6", "[::ffff:10.1.2.3]:80", []string{"::ffff:203.0.113.9"}, proxies, "203.0.113.9"},
		{"no address at all", "@", []string{"203.0.113.9"}, proxies, "invalid IP"},
	} {
		if have := clientAddress(c.remote, c.forwarded, c.proxies).String(); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
	}
}

// Without trusted proxies no header a client can send moves its address (W-13).
func TestClientOutsideOfAChain(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.RemoteAddr = "198.51.100.4:1234"
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"} {
		r.Header.Set(h, "203.0.113.9")
	}
	if have := Client(httptest.NewRecorder(), r).String(); have != "198.51.100.4" {
		t.Errorf("%s", have)
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("10.1.2.3:80", "203.0.113.9, 192.0.2.7")
	f.Add("10.1.2.3:80", "x,,10.0.0.1")
	f.Add("[::ffff:10.1.2.3]:80", "::ffff:203.0.113.9%eth0")
	f.Add("198.51.100.4:1", "1.1.1.1")
	proxies := prefixes("10.0.0.0/8", "192.0.2.7/32", "fd00::/8")
	f.Fuzz(func(t *testing.T, remote, forwarded string) {
		direct := clientAddress(remote, nil, nil)
		if have := clientAddress(remote, []string{forwarded}, nil); have != direct {
			t.Fatalf("without proxies %q moved %s to %s", forwarded, direct, have)
		}
		have := clientAddress(remote, []string{forwarded}, proxies)
		if !trusted(direct, proxies) && have != direct {
			t.Fatalf("from %s, which is no proxy, %q moved to %s", direct, forwarded, have)
		}
		if have == direct {
			return
		}
		hops := strings.Split(forwarded, ",")
		slices.Reverse(hops)
		for _, hop := range hops { // everything right of the answer is a proxy
			a, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				t.Fatalf("%q: went past garbage to %s", forwarded, have)
			}
			if a = a.Unmap().WithZone(""); a == have {
				return
			}
			if !trusted(a, proxies) {
				t.Fatalf("%q: went past %s to %s", forwarded, a, have)
			}
		}
		t.Fatalf("%q: %s is no hop", forwarded, have)
	})
}
