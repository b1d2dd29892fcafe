package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1:248:1893:25c8:1946": true, "8.8.8.8": true, "172.15.0.1": true, "172.32.0.1": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"fe80::1": false, "fc00::1": false, "fd12:3456::1": false, "fec0::1": false, "ff02::1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "::127.0.0.1": false,
		"64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b::808:808": true, "64:ff9b:1::808:808": false,
		"2002:7f00:1::": false, "2002:c0a8:101::1": false, "2002:808:808::1": true, "2001:0:4136:e378:8000:63bf:3fff:fdd2": false,
		"2001:db8::1": false, "198.18.0.1": false, "192.0.2.1": false, "198.51.100.9": false, "203.0.113.9": false, "240.0.0.1": false, "4000::1": false,
	} {
		if have := Public(netip.MustParseAddr(address)); have != want {
			t.Errorf("%s: %v", address, have)
		}
	}
	if Public(netip.Addr{}) || Public(netip.MustParseAddr("2606:2800::1%eth0")) {
		t.Error("no address, or one of an interface, is public")
	}
}

// names is a resolver that gives its answers in turn, the last again and again.
type names struct {
	answers map[string][]string
	asked   map[string]*atomic.Int64
}

func (n names) LookupNetIP(_ context.Context, _, host string) (all []netip.Addr, err error) {
	answers := n.answers[host]
	if answers == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	i := min(int(n.asked[host].Add(1)), len(answers)) - 1
	for s := range strings.SplitSeq(answers[i], " ") {
		all = append(all, netip.MustParseAddr(s))
	}
	return all, nil
}

// server answers on loopback over TLS under any of the names example.com and *.example.com, and counts.
func server(t *testing.T, h http.HandlerFunc) (port string, trust *tls.Config, served *atomic.Int64) {
	t.Helper()
	served = &atomic.Int64{}
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { served.Add(1); h(w, r) }))
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port(), &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, served
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

func resolver(answers map[string][]string) names {
	n := names{answers, map[string]*atomic.Int64{}}
	for host := range answers {
		n.asked[host] = &atomic.Int64{}
	}
	return n
}

func TestGet(t *testing.T) {
	port, trust, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.UserAgent() != "Gatefold" {
			t.Errorf("sent %v", r.Header)
		}
		switch r.URL.Path {
		case "/hop":
			http.Redirect(w, r, "/page", http.StatusFound)
		case "/page":
			w.Header().Set("Content-Type", "text/plain")
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
			_, _ = w.Write([]byte("hello"))
		case "/large":
			_, _ = w.Write(make([]byte, MaxBytes+1))
		case "/around":
			http.Redirect(w, r, "/around", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	})
	c := New(Options{Resolver: resolver(map[string][]string{"example.com": {"127.0.0.1"}}), Trust: trust, Allow: loopback})
	base := "https://example.com:" + port
	for range 2 {
		p, err := c.Get(t.Context(), base+"/hop")
		if err != nil || string(p.Body) != "hello" || p.Type != "text/plain" || p.URL.Path != "/page" {
			t.Fatalf("got %+v, %v", p, err)
		}
	}
	for path, want := range map[string]string{"/large": "more than 5242880 bytes", "/around": "more than 3 redirects", "/none": "status 404"} {
		if _, err := c.Get(t.Context(), base+path+"?secret=1"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What leads to where only this machine can go is refused before anything is sent there, also after a redirect and
// through every way to write such an address.
func TestForbidden(t *testing.T) {
	port, trust, served := server(t, func(http.ResponseWriter, *http.Request) {})
	n := resolver(map[string][]string{
		"inside.example.com": {"127.0.0.1"}, "both.example.com": {"93.184.216.34 127.0.0.1"}, "cloud.example.com": {"169.254.169.254"},
		"mapped.example.com": {"::ffff:127.0.0.1"}, "nat.example.com": {"64:ff9b::7f00:1"},
	})
	c := New(Options{Resolver: n, Trust: trust})
	for _, address := range []string{
		"https://inside.example.com:" + port, "https://both.example.com:" + port, "https://cloud.example.com/", "https://mapped.example.com:" + port,
		"https://nat.example.com:" + port, "https://127.0.0.1:" + port, "https://[::1]:" + port, "https://[::ffff:127.0.0.1]:" + port,
		"https://[64:ff9b::7f00:1]:" + port, "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://user@example.com/", "https:///x",
	} {
		if _, err := c.Get(t.Context(), address); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"https://2130706433:" + port, "https://0x7f000001:" + port, "https://127.1:" + port, "::", "https://none.example.com/"} {
		if _, err := c.Get(t.Context(), address); err == nil {
			t.Errorf("%s was fetched", address)
		}
	}
	if n := served.Load(); n != 0 {
		t.Errorf("%d requests arrived", n)
	}
}

func TestForbiddenRedirect(t *testing.T) {
	var to atomic.Value
	port, trust, served := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, to.Load().(string), http.StatusFound)
	})
	c := New(Options{Resolver: resolver(map[string][]string{"example.com": {"127.0.0.1"}, "inside.example.com": {"10.0.0.1"}}), Trust: trust, Allow: loopback})
	for _, target := range []string{"http://example.com:" + port, "https://inside.example.com/", "https://169.254.169.254/latest/meta-data", "https://a:b@example.com:" + port} {
		to.Store(target)
		served.Store(0)
		if _, err := c.Get(t.Context(), "https://example.com:"+port); !errors.Is(err, ErrForbidden) || served.Load() != 1 {
			t.Errorf("%s: %v after %d requests", target, err, served.Load())
		}
	}
}

// A name that is public when it is checked and of this machine when it would be dialed is resolved once: the connection
// goes to the address that was checked. The second answer is never asked for.
func TestRebinding(t *testing.T) {
	_, trust, served := server(t, func(http.ResponseWriter, *http.Request) {})
	n := resolver(map[string][]string{"example.com": {"203.0.113.1", "127.0.0.1"}})
	c := New(Options{Resolver: n, Trust: trust, Allow: []netip.Prefix{netip.MustParsePrefix("203.0.113.1/32")}}) // a checked address where nobody answers
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := c.Get(ctx, "https://example.com/"); err == nil {
		t.Error("somebody answered")
	}
	if asked := n.asked["example.com"].Load(); asked != 1 || served.Load() != 0 {
		t.Errorf("resolved %d times, %d requests served", asked, served.Load())
	}
	if _, err := c.Get(t.Context(), "https://example.com/"); !errors.Is(err, ErrForbidden) { // now it says loopback
		t.Errorf("the second answer: %v", err)
	}
}

func TestTimeout(t *testing.T) {
	port, trust, _ := server(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := New(Options{Resolver: resolver(map[string][]string{"example.com": {"127.0.0.1"}}), Trust: trust, Allow: loopback})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Get(ctx, fmt.Sprintf("https://example.com:%s/", port)); err == nil {
		t.Error("an answer that never comes was fetched")
	}
}
