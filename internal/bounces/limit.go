package bounces

import (
	"errors"
	"net"
	"sync"
	"time"
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
		network := networkOf(c.RemoteAddr())
		if l.enter(network) {
			_ = c.SetDeadline(time.Now().Add(connectionTime))
			return &limitedConn{Conn: c, leave: func() { l.leave(network) }, end: time.Now().Add(connectionTime)}, nil
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

// networkOf is the IPv4 /24 or IPv6 /64 of a client.
func networkOf(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return ""
	}
	ip := tcp.AddrPort().Addr().Unmap()
	bits := 64
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
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
