package bounces

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/subnet"
)

// limit bounds the connections of a listener, all and of one network.
func limit(ln net.Listener) net.Listener {
	return &limited{Listener: ln, open: map[string]int{}}
}

type limited struct {
	net.Listener

	mu   sync.Mutex
	open map[string]int
	all  int
}

// Accept implements net.Listener. A connection over the limits is closed at once.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := networkOf(c.RemoteAddr())
		if l.enter(from) {
			_ = c.SetDeadline(time.Now().Add(connectionTime))
			return &limitedConn{Conn: c, leave: func() { l.leave(from) }, end: time.Now().Add(connectionTime)}, nil
		}
		_ = c.Close()
	}
}

func (l *limited) enter(network string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= connectionsMost || l.open[network] >= perClientMost {
		return false
	}
	l.all++
	l.open[network]++
	return true
}

func (l *limited) leave(network string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[network]--; l.open[network] == 0 {
		delete(l.open, network)
	}
}

// networkOf is the network of a client.
func networkOf(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return ""
	}
	return subnet.Of(tcp.AddrPort().Addr()).String()
}

// limitedConn is a connection that ends at a time, whatever is done on it.
type limitedConn struct {
	net.Conn
	end   time.Time
	leave func()
}

// SetDeadline implements net.Conn.
func (c *limitedConn) SetDeadline(t time.Time) error { return c.Conn.SetDeadline(c.earlier(t)) }

// SetReadDeadline implements net.Conn.
func (c *limitedConn) SetReadDeadline(t time.Time) error { return c.Conn.SetReadDeadline(c.earlier(t)) }

// SetWriteDeadline implements net.Conn.
func (c *limitedConn) SetWriteDeadline(t time.Time) error {
	return c.Conn.SetWriteDeadline(c.earlier(t))
}

func (c *limitedConn) earlier(t time.Time) time.Time {
	if t.IsZero() || t.After(c.end) {
		return c.end
	}
	return t
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	err := c.Conn.Close()
	if !errors.Is(err, net.ErrClosed) {
		c.leave()
	}
	return err
}
