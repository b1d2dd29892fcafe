package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Attacks through caches that others share (W-17). deceptions are addresses that look like files to a cache which
// keeps files whatever their headers say, and like an article to a site that is not strict.
func deceptions(slug string) (out []string) {
	for _, tail := range []string{"/a.css", "/a.js", "/x/y.png", ".css", ".js", ";a.css", "%3ba.css", "%2fa.css", "%2f..%2fa.css", "%0aa.css", "%00.css",
		"%23a.css", "%3fa.css", "//a.css", "/..%2fassets%2fa.css", "/%2e%2e/a.css", "\\a.css"} {
		out = append(out, "/articles/"+slug+tail)
	}
	return append(out, "/account/a.css", "/account%2fa.css", "/account;a.css", "/account/data/a.css", "/account/data.json", "/assets/..%2faccount%2fa.css")
}

// Nothing that a subscriber is sent at such an address is theirs: there is no page there.
func TestW17CacheDeception(t *testing.T) {
	s := newTestSite(t)
	paid := s.subscriber(t, "paid@example.org")
	s.settle()
	for _, target := range deceptions(subscriberOne) {
		a := s.wireGet(t, target, paid.sessionHeader())
		a.mustNotHave(t, restOf(subscriberOne), teaserOf(subscriberOne), "paid@example.org")
		if a.status != http.StatusNotFound && a.status != http.StatusBadRequest && (a.status < 300 || a.status > 308) {
			t.Errorf("%s: status %d", target, a.status)
		}
	}
}

// A rudeCache keeps whatever it may and gives it to everyone: it heeds no-store and private, knows nothing of Vary,
// and asks with the tag it has before each use, as "no-cache" wants (RFC 9111, 5.2.2.4).
type rudeCache struct {
	site *testSite
	kept map[string]answer
}

func (c *rudeCache) get(who *testClient, path string) answer {
	old, have := c.kept[path]
	header := []string{"Accept-Encoding", "identity"}
	if have {
		header = append(header, "If-None-Match", old.header.Get("Etag"))
	}
	a := who.Get(path, header...)
	if have && a.status == http.StatusNotModified {
		return old
	}
	if cc := a.header.Get("Cache-Control"); a.status == http.StatusOK && !strings.Contains(cc, "no-store") && !strings.Contains(cc, "private") {
		c.kept[path] = a
	}
	return a
}

func TestW17RevalidatingCache(t *testing.T) {
	s := newTestSite(t)
	anonymous, paid := s.client(t), s.subscriber(t, "paid@example.org")
	for _, slug := range gatedSlugs {
		for _, order := range [][]*testClient{{paid, anonymous, paid, anonymous}, {anonymous, paid, anonymous, paid}} {
			c := &rudeCache{s, map[string]answer{}}
			for i, who := range order {
				a := c.get(who, "/articles/"+slug)
				if got := strings.Contains(a.body, restOf(slug)); got != (who == paid) {
					t.Errorf("%s, asked %d.: a subscriber %v, the whole text %v", slug, i+1, who == paid, got)
				}
			}
			if len(c.kept) != 1 {
				t.Errorf("%s: %d pages kept: the test shows nothing", slug, len(c.kept))
			}
		}
	}
}

// nginxProxy is a cache as publishers put before a site: /kept heeds what the site says of caching; /files, as content
// networks do, keeps what looks like a file for ten minutes whatever the site says.
const nginxProxy = `daemon off;
%s
worker_processes 1;
pid nginx.pid;
error_log stderr crit;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	proxy_cache_path cache keys_zone=all:1m;
	proxy_cache all;
	proxy_cache_key $host$request_uri;
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_set_header Host $host;
	merge_slashes off;
	add_header X-Cache $upstream_cache_status always;
	server {
		listen unix:kept.sock;
		location / { proxy_pass http://%[2]s; }
	}
	server {
		listen unix:files.sock;
		location / { proxy_pass http://%[2]s; }
		location ~* \.(css|js|png|jpg|ico|svg|json)$ {
			proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
			proxy_cache_valid any 10m;
			proxy_pass http://%[2]s;
		}
	}
}
`

// startNginx runs Debian's nginx before the site, in a folder of its own, listening on sockets there.
func startNginx(t *testing.T, s *testSite) (dir string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("nginx is not installed: in CI the test of a caching proxy runs")
	} else if err != nil {
		t.Skip("nginx is not installed: the test of a caching proxy is left out")
	}
	dir, err = os.MkdirTemp("", "gatefold") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	conf := filepath.Join(dir, "nginx.conf")
	text := strings.ReplaceAll(fmt.Sprintf(nginxProxy, user, s.srv.Listener.Addr()), "unix:", "unix:"+dir+"/")
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "-p", dir, "-c", conf, "-e", "stderr")
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Second
	var said logbook
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = c.Wait() }) // it ends by the signal
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", filepath.Join(dir, "files.sock")); err == nil {
			_ = conn.Close()
			return dir
		}
		if time.Now().After(deadline) {
			t.Fatalf("nginx does not listen:\n%s", said.String())
		}
	}
}

// through asks for a path through one of nginx's sockets.
func through(t *testing.T, socket, target, cookie string) answer {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	return exchange(t, conn, "GET "+target+" HTTP/1.1\r\nHost: review.example\r\nConnection: close\r\n"+cookie+"\r\n")
}

func TestW17CachingProxy(t *testing.T) {
	s := newTestSite(t)
	paid := s.subscriber(t, "paid@example.org")
	chosen := s.reader(t, "chose@example.org")
	chosen.unlock(meteredOne)
	s.settle()
	dir := startNginx(t, s)
	kept, files := filepath.Join(dir, "kept.sock"), filepath.Join(dir, "files.sock")

	// It does keep: an asset comes from the cache the second time, and a page that looks like a file is kept by files.
	through(t, kept, s.assetPath("site.css"), "")
	through(t, files, "/feed.json", "")
	for socket, path := range map[string]string{kept: s.assetPath("site.css"), files: "/feed.json"} {
		if a := through(t, socket, path, ""); a.status != http.StatusOK || a.header.Get("X-Cache") != "HIT" {
			t.Fatalf("%s through %s: status %d, X-Cache %q: the cache keeps nothing", path, socket, a.status, a.header.Get("X-Cache"))
		}
	}
	for _, socket := range []string{kept, files} {
		for _, slug := range gatedSlugs {
			path := "/articles/" + slug
			for round := range 3 {
				through(t, socket, path, paid.sessionHeader()).mustHave(t, http.StatusOK, restOf(slug))
				a := through(t, socket, path, "")
				if a.status != http.StatusOK || strings.Contains(a.body, restOf(slug)) {
					t.Errorf("%s, round %d, after a subscriber: status %d, the whole text %v", slug, round, a.status, strings.Contains(a.body, restOf(slug)))
				}
			}
		}
		through(t, socket, "/articles/"+meteredOne, chosen.sessionHeader()).mustHave(t, http.StatusOK, restOf(meteredOne))
		through(t, socket, "/articles/"+meteredOne, "").mustNotHave(t, restOf(meteredOne))
		through(t, socket, "/account", paid.sessionHeader()).mustHave(t, http.StatusOK, "paid@example.org")
		if a := through(t, socket, "/account", ""); a.status != http.StatusSeeOther {
			t.Errorf("/account of a stranger after a subscriber's: status %d", a.status)
		}
		for _, target := range append(deceptions(subscriberOne), deceptions(meteredOne)...) {
			through(t, socket, target, paid.sessionHeader())
			through(t, socket, target, "").mustNotHave(t, restOf(subscriberOne), restOf(meteredOne), "paid@example.org")
		}
	}
}

// What a reader downloads of themselves has an address that looks like no file: there are caches that keep files
// whatever their headers say.
func TestW17PersonalDataLooksLikeNoFile(t *testing.T) {
	s := newTestSite(t)
	a := s.subscriber(t, "paid@example.org").Get("/account/data")
	a.mustHave(t, http.StatusOK, "paid@example.org")
	if cc := a.header.Get("Cache-Control"); cc != "private, no-store" {
		t.Errorf("Cache-Control %q", cc)
	}
	for _, r := range s.Routes() {
		path := strings.TrimPrefix(r.Pattern, "GET ")
		if strings.HasPrefix(path, "/account") && strings.Contains(path, ".") {
			t.Errorf("%s looks like a file", r.Pattern)
		}
	}
}
