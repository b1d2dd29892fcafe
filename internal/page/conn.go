package page

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// httpBuffer is the size of the buffer through which net/http writes to a connection. While it takes in a longer text
// it hands this buffer on full, and the rest later: always some, since it hands on only what more has to make room for.
const httpBuffer = 4 << 10

// Listener, with ConnContext, lets a page of more than 4 KiB leave in one piece. net/http writes it in two, and each
// system call that sends something costs as much as everything else a request does.
func Listener(l net.Listener) net.Listener { return listener{l} }

// ConnContext is for http.Server: it lets a request find its connection.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*conn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

type connKey struct{}

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if t, ok := c.(*net.TCPConn); ok && err == nil {
		return &conn{TCPConn: t}, nil
	}
	return c, err
}

// A conn is a TCP connection that can hold back the first piece of a page until the next one comes. Everything else,
// sending files among it, is TCPConn's. Only the goroutine that serves the connection writes to it.
type conn struct {
	*net.TCPConn
	paging bool      // a page is being written: more follows a full buffer
	held   *heldPart // what waits for it, nil for nothing
}

type heldPart [httpBuffer]byte

var heldParts = sync.Pool{New: func() any { return new(heldPart) }}

// Write implements io.Writer.
func (c *conn) Write(p []byte) (int, error) {
	switch {
	case c.held != nil:
		return c.writeBoth(p)
	case c.paging && len(p) == httpBuffer:
		c.held = heldParts.Get().(*heldPart)
		return copy(c.held[:], p), nil
	}
	return c.TCPConn.Write(p)
}

// writeBoth sends what was held back and p.
func (c *conn) writeBoth(p []byte) (int, error) {
	both := net.Buffers{c.held[:], p}
	n, err := both.WriteTo(c.TCPConn)
	heldParts.Put(c.held)
	c.held = nil
	return max(0, int(n)-httpBuffer), err
}

// send writes a page's body, as one piece with its headers where that can be.
func send(w http.ResponseWriter, r *http.Request, body []byte) {
	if r.Method == http.MethodHead {
		return
	}
	c, _ := r.Context().Value(connKey{}).(*conn)
	if c == nil {
		_, _ = w.Write(body)
		return
	}
	c.paging = true
	_, _ = w.Write(body)
	c.paging = false
}
