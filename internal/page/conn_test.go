package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// listening serves a handler behind Listener.
func listening(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Listener, s.Config.ConnContext = Listener(s.Listener), ConnContext
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
func TestPagesArriveWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, pattern(1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	var clients sync.Map
	s := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clients.Store(r.RemoteAddr, true)
		what, size, _ := strings.Cut(r.URL.Path[1:], "/")
		n, _ := strconv.Atoi(size)
		switch what {
		case "file":
			http.ServeFile(w, r, file)
		case "page":
			w.Header().Set("Content-Length", size)
			send(w, r, pattern(n))
		case "pieces": // of unknown length
			send(w, r, pattern(n)[:n/2])
			send(w, r, pattern(n)[n/2:])
		case "plain":
			_, _ = w.Write(pattern(n))
		}
	}))
	sizes := []int{0, 1, 2000, 5000, 20_000, 1 << 20, 10 << 20}
	for n := 3700; n <= 4200; n++ {
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		for _, what := range []string{"page", "pieces", "plain"} {
			if got := read(t, fmt.Sprintf("%s/%s/%d", s.URL, what, n)); !bytes.Equal(got, pattern(n)) {
				t.Fatalf("%s: of %d bytes came %d, or others", what, n, len(got))
			}
		}
	}
	if got := read(t, s.URL+"/file"); !bytes.Equal(got, pattern(1<<20)) {
		t.Error("the file came as something else")
	}
	connections := 0
	clients.Range(func(any, any) bool { connections++; return true })
	if connections != 1 {
		t.Errorf("%d connections were needed", connections)
	}
}

// The client's first read finds the whole page.
func TestPageLeavesInOnePiece(t *testing.T) {
	for _, n := range []int{4000, 5000, 30_000} {
		s := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(n))
			send(w, r, pattern(n))
		}))
		c := ask(t, s)
		b := make([]byte, 64<<10)
		got, err := c.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(b[:got], pattern(n)) {
			t.Errorf("of a page of %d bytes the first %d came by themselves", n, got)
		}
	}
}

// ask sends a request by hand.
func ask(t *testing.T, s *httptest.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return c
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

// What a handler flushes goes out although nothing follows, also when it fills the buffer to the byte.
func TestFlushedGoesOut(t *testing.T) {
	ended := make(chan struct{})
	s := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.Close() }()
		_, _ = rw.Write(pattern(httpBuffer))
		_ = rw.Flush()
		<-ended // nothing more is written before the client is done
	}))
	defer close(ended)
	if _, err := io.ReadFull(ask(t, s), make([]byte, httpBuffer)); err != nil {
		t.Errorf("what was flushed did not come: %v", err)
	}
}

// accepted is a connection that is in the middle of a page, and its client.
func accepted(t *testing.T) (*conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = Listener(l)
	t.Cleanup(func() { _ = l.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	c.(*conn).paging = true
	return c.(*conn), client
}

// A client that is gone is an error of Write, and one that does not read makes it wait no longer than the deadline.
func TestPageToALostClient(t *testing.T) {
	c, client := accepted(t)
	_ = client.(*net.TCPConn).SetLinger(0)
	_ = client.Close()
	_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if err := fill(c); err == nil || timedOut(err) {
		t.Errorf("writing to a client that is gone: %v", err)
	}
	c, _ = accepted(t)
	_ = c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	if err := fill(c); !timedOut(err) {
		t.Errorf("writing to a client that does not read: %v", err)
	}
}

// fill writes far more than sockets hold, until it fails.
func fill(c net.Conn) error {
	for range 100_000 {
		if _, err := c.Write(pattern(httpBuffer)); err != nil {
			return err
		}
	}
	return nil
}

func timedOut(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
