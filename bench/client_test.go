package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestFire(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	remotes := map[string]bool{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("session")
		mu.Lock()
		seen[fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, cookie, r.PostFormValue("go"))]++
		remotes[r.RemoteAddr] = true
		mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "7") {
			http.Error(w, "no", http.StatusConflict)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}))
	defer site.Close()
	host := strings.TrimPrefix(site.URL, "http://")

	const requests, conns = 100, 8
	var all [][]byte
	for i := range requests {
		all = append(all, post(host, fmt.Sprintf("/articles/%d", i), fmt.Sprintf("session=s%d", i), "go=yes"))
	}
	v, err := fire(t.Context(), host, conns, all)
	if err != nil {
		t.Fatal(err)
	}
	if v.statuses[303] != 90 || v.statuses[409] != 10 || len(v.times) != requests || v.rate() <= 0 {
		t.Errorf("volley: %v, %d times", v.statuses, len(v.times))
	}
	for i := 1; i < len(v.times); i++ {
		if v.times[i] < v.times[i-1] {
			t.Fatal("times are not sorted")
		}
	}
	for i := range requests {
		if key := fmt.Sprintf("POST /articles/%d session=s%d yes", i, i); seen[key] != 1 {
			t.Errorf("%s came %d times", key, seen[key])
		}
	}
	if len(remotes) != conns {
		t.Errorf("%d connections, want %d kept alive", len(remotes), conns)
	}
}

func TestFireFails(t *testing.T) {
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fire(t.Context(), address, 2, [][]byte{post(address, "/", "", "")}); err == nil {
		t.Error("no server gave no error")
	}
}

func TestReadAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		status int
		err    error
	}{
		"a body":           {"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", 200, nil},
		"a redirect":       {"HTTP/1.1 303 See Other\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", 303, nil},
		"no content":       {"HTTP/1.1 204 No Content\r\n\r\n", 204, nil},
		"a body cut short": {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 200, io.EOF},
		"a head cut short": {"HTTP/1.1 200 OK\r\n", 0, io.EOF},
		"no length":        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, errUnframed},
	} {
		in := bufio.NewReader(strings.NewReader(c.answer))
		status, err := readAnswer(in)
		if status != c.status || !errors.Is(err, c.err) {
			t.Errorf("%s: %d, %v; want %d, %v", name, status, err, c.status, c.err)
		}
		if err == nil && in.Buffered() > 0 {
			t.Errorf("%s: %d bytes left for the next answer", name, in.Buffered())
		}
	}
	for _, answer := range []string{"SSH-2.0-x\r\n", "HTTP/1.1 ok\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "\r\n"} {
		if _, err := readAnswer(bufio.NewReader(strings.NewReader(answer))); err == nil {
			t.Errorf("%q gave no error", answer)
		}
	}
}
