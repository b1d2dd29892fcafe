package page

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// listening serves a handler behind Listener.
func listening(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Listener = Listener(s.Listener)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// Bodies around the size of net/http's buffer, and some that fill a socket's, arrive whole over one connection.
func TestListenerSendsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, pattern(1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/file" {
			http.ServeFile(w, r, file)
			return
		}
		n, _ := strconv.Atoi(r.URL.Path[1:])
		w.Header().Set("Content-Length", strconv.Itoa(n))
		_, _ = w.Write(pattern(n))
	}))
	sizes := []int{0, 1, 2000, 5000, 20_000, 1 << 20, 10 << 20}
	for n := 3700; n <= 4200; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		if got := read(t, fmt.Sprintf("%s/%d", s.URL, n)); !bytes.Equal(got, pattern(n)) {
			t.Fatalf("of %d bytes came %d, or others", n, len(got))
		}
	}
	if got := read(t, s.URL+"/file"); !bytes.Equal(got, pattern(1<<20)) {
		t.Error("the file came as something else")
	}
}

func read(t *testing.T, address string) []byte {
	t.Helper()
	r, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is flushed goes out although nothing follows, also when it fills the buffer to the byte.
func TestListenerSendsWhatIsFlushed(t *testing.T) {
	const chunk = httpBuffer - 1024
	ended := make(chan struct{})
	defer close(ended)
	s := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.Close() }()
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 2*httpBuffer)
		_, _ = rw.Write(append([]byte(head), pattern(httpBuffer-len(head))...))
		_ = rw.Flush()
		<-ended // nothing more is written before the client is done
	}))
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, chunk)); err != nil {
		t.Errorf("what was flushed did not come: %v", err)
	}
}

// A client that is gone is an error of Write, not a wait.
func TestListenerTellsOfALostClient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = Listener(l)
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = client.(*net.TCPConn).SetLinger(0)
	_ = client.Close()
	_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	for range 10_000 {
		if _, err = c.Write(pattern(httpBuffer)); err != nil {
			break
		}
	}
	if ne, ok := err.(net.Error); err == nil || ok && ne.Timeout() {
		t.Errorf("writing to a client that is gone: %v", err)
	}
}

// A client that does not read lets Write wait no longer than the deadline.
func TestListenerKeepsDeadlines(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = Listener(l)
	defer func() { _ = l.Close() }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	for range 100_000 { // far more than sockets hold
		if _, err = c.Write(pattern(httpBuffer)); err != nil {
			break
		}
	}
	if ne, ok := err.(net.Error); !ok || !ne.Timeout() {
		t.Errorf("writing to a client that does not read: %v", err)
	}
}
