//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// startTime is how long the demonstration journal may take to be filled and
// ready; stopTime how long it may take to end.
const (
	startTime = 60 * time.Second
	stopTime  = 15 * time.Second
)

// binary builds gatefold once for all tests and returns its path.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gatefold-e2e")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "gatefold")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/gatefold").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build gatefold: %w\n%s", err, out)
	}
	builtIn = dir
	return path, nil
})

// builtIn is the folder of the built binary, empty if none was built.
var builtIn string

func removeBinary() {
	if builtIn != "" {
		_ = os.RemoveAll(builtIn)
	}
}

// demo is a running demonstration journal.
type demo struct {
	url string // http://127.0.0.1:PORT
	dir string // its data
	out *output
}

// output is what a process has printed so far.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// startDemo serves a new demonstration journal until the test ends, and fails
// the test if it does not stop in order.
func startDemo(t *testing.T, args ...string) *demo {
	t.Helper()
	gatefold, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	d := &demo{url: "http://" + address, dir: t.TempDir(), out: &output{}}
	cmd := exec.Command(gatefold, append([]string{"demo", "--dir", d.dir, "--listen", address}, args...)...)
	cmd.Stdout, cmd.Stderr = d.out, d.out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { stop(t, d, cmd.Process, ended) })
	if err := ready(t.Context(), d.url, ended); err != nil {
		t.Fatalf("start the demonstration journal: %v\n%s", err, d.out)
	}
	return d
}

// freeAddress returns a loopback address whose port was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// ready waits until /readyz answers 200.
func ready(ctx context.Context, base string, ended chan error) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if r, err := http.Get(base + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-ended:
			ended <- err // for stop
			return fmt.Errorf("it ended by itself: %w", errors.Join(err, os.ErrProcessDone))
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s", startTime)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func stop(t *testing.T, d *demo, process *os.Process, ended chan error) {
	_ = process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the demonstration journal ended with %v\n%s", err, d.out)
		}
	case <-time.After(stopTime):
		_ = process.Kill()
		<-ended
		t.Errorf("the demonstration journal did not stop within %s\n%s", stopTime, d.out)
	}
}

// mail is one message of /dev/outbox.json.
type mail struct {
	To, Subject, Text, HTML string
	Links                   []string
}

// mails returns the messages sent to an address, newest first.
func (d *demo) mails(t *testing.T, to string) []mail {
	t.Helper()
	r, err := http.Get(d.url + "/dev/outbox.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	var all, found []mail
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		t.Fatalf("read the outbox: %v", err)
	}
	for _, m := range all {
		if m.To == to {
			found = append(found, m)
		}
	}
	return found
}
