package app

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	names := map[string]string{"path": filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" {
		names["abstract"] = fmt.Sprintf("@gatefold-test-%d", os.Getpid())
	}
	for kind, name := range names {
		t.Run(kind, func(t *testing.T) {
			manager := listenNotify(t, name)
			for _, state := range []string{notifyReady, notifyStopping} {
				if err := notify(name, state); err != nil {
					t.Fatal(err)
				}
				if got := nextState(t, manager); got != state {
					t.Errorf("the manager read %q, want %q", got, state)
				}
			}
		})
	}
}

func TestNotifyNobody(t *testing.T) {
	if err := notify("", notifyReady); err != nil {
		t.Errorf("without a socket: %v", err)
	}
	if err := notify(filepath.Join(t.TempDir(), "missing"), notifyReady); err == nil {
		t.Error("a socket that is not there gave no error")
	}
}

// listenNotify listens as a service manager does.
func listenNotify(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func nextState(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 256)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}
