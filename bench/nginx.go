package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// nginxConfig sets nginx up as fast as it serves a file: a worker a core, no
// access log, open files kept, no limit to a connection's requests. It answers
// with the precompressed file that lies beside the plain one.
const nginxConfig = `daemon off;
%s
worker_processes %d;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
	access_log off;
	default_type "text/html; charset=utf-8";
	gzip_static on;
	gzip_vary on;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 100000000;
	open_file_cache max=1000;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	server {
		listen %s;
		root files;
	}
}
`

// nginx is the yardstick: a server of files on loopback.
type nginx struct {
	*process
	base string // http://127.0.0.1:PORT
}

// startNginx serves what Gatefold answers for the paths, byte for byte, plain
// and compressed, from a folder of its own.
func startNginx(ctx context.Context, dir, gatefold string, paths []string) (*nginx, error) {
	program, err := nginxPath()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if err := keepAnswer(ctx, filepath.Join(dir, "files"), gatefold, path); err != nil {
			return nil, fmt.Errorf("fill nginx: %w", err)
		}
	}
	address, err := freeAddress()
	if err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // the folder is root's alone
	}
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, user, runtime.NumCPU(), address), 0o600); err != nil {
		return nil, fmt.Errorf("start nginx: %w", err)
	}
	p, err := start(ctx, program, "-p", dir, "-c", config, "-e", "stderr")
	if err != nil {
		return nil, err
	}
	n := &nginx{p, "http://" + address}
	if _, err := n.ready(ctx, n.base+paths[0], 10*time.Second); err != nil {
		n.stop()
		return nil, err
	}
	return n, nil
}

// nginxPath finds nginx also where a person's PATH leaves out the system's programs.
func nginxPath() (string, error) {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path, nil
	}
	const system = "/usr/sbin/nginx"
	if _, err := os.Stat(system); err != nil {
		return "", fmt.Errorf("nginx is not installed (Debian: apt-get install nginx-light)")
	}
	return system, nil
}

// keepAnswer writes the answer of base+path to root+path, and its gzip form to
// the same name with .gz behind it.
func keepAnswer(ctx context.Context, root, base, path string) error {
	file := filepath.Join(root, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	for coding, suffix := range map[string]string{"identity": "", "gzip": ".gz"} {
		body, got, err := fetch(ctx, base+path, coding)
		if err != nil {
			return err
		}
		if got != coding {
			return fmt.Errorf("%s: content coding is %q where %q was asked for", path, got, coding)
		}
		if err := os.WriteFile(file+suffix, body, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fetch returns the body as it came over the wire, and its content coding.
func fetch(ctx context.Context, address, coding string) ([]byte, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Accept-Encoding", coding) // set by hand, so the client does not unpack
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s: status %d", address, r.StatusCode)
	}
	body, err := io.ReadAll(r.Body)
	got := r.Header.Get("Content-Encoding")
	if got == "" {
		got = "identity"
	}
	return body, got, err
}

// etag returns the entity tag of the compressed answer.
func etag(ctx context.Context, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Accept-Encoding", "gzip")
	r, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	_ = r.Body.Close()
	tag := r.Header.Get("ETag")
	if !strings.HasSuffix(tag, `"`) {
		return "", fmt.Errorf("%s: ETag is %q", address, tag)
	}
	return tag, nil
}
