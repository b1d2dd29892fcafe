package page

import (
	"net"
	"syscall"
)

// httpBuffer is the size of the buffer through which net/http writes to a connection. It gives it to the connection
// full exactly when more of the response follows.
const httpBuffer = 4 << 10

// Listener lets the connections of l send a page of more than 4 KiB, headers and all, at once: net/http writes it in
// two pieces, and each one sent by itself costs as much as everything else a request does. The first is marked with
// MSG_MORE, so that the kernel sends it with the next, or 200 ms later if none should come (send(2), tcp(7)).
// Connections that are not TCP are left as they are.
func Listener(l net.Listener) net.Listener { return &listener{l} }

type listener struct{ net.Listener }

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return c, nil
	}
	return &conn{t, raw}, nil
}

// A conn is a TCP connection that knows when more is to come. Everything else, sending files among it, is TCPConn's.
type conn struct {
	*net.TCPConn
	raw syscall.RawConn
}

// Write implements io.Writer.
func (c *conn) Write(p []byte) (int, error) {
	if len(p) != httpBuffer {
		return c.TCPConn.Write(p)
	}
	sent := 0
	var failed error
	err := c.raw.Write(func(fd uintptr) (done bool) {
		for sent < len(p) {
			n, err := syscall.SendmsgN(int(fd), p[sent:], nil, nil, syscall.MSG_MORE|syscall.MSG_NOSIGNAL)
			switch err {
			case nil:
				sent += n
			case syscall.EINTR:
			case syscall.EAGAIN:
				return false // called again once there is room
			default:
				failed = &net.OpError{Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
				return true
			}
		}
		return true
	})
	if failed != nil {
		err = failed
	}
	return sent, err
}
