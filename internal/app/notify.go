package app

import (
	"fmt"
	"net"
)

// What a service tells the manager that started it (sd_notify(3), "Well-known assignments").
const (
	notifyReady    = "READY=1"
	notifyStopping = "STOPPING=1"
)

// notify sends a state to the service manager listening on a socket, as sd_notify(3) does. The socket is the value of
// NOTIFY_SOCKET: a path or, where it begins with @, a name in the abstract namespace of Linux. Without one nobody
// waits for the news, and notify does nothing.
func notify(socket, state string) error {
	if socket == "" {
		return nil
	}
	// net takes a leading @ for the zero byte of an abstract name (unix(7)).
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("notify %s: %w", state, err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("notify %s: %w", state, err)
	}
	return nil
}
