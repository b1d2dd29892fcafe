//go:build e2e

package e2e

import (
	"bytes"
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

// workshop is the folder of what all tests share: the binary, and a journal filled once.
var workshop string

// binary builds gatefold and returns its path.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workshop, "gatefold")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/gatefold").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build gatefold: %w\n%s", err, out)
	}
	return path, nil
})

// filled fills the demonstration journal, which takes most of a first start, and returns its folder.
var filled = sync.OnceValues(func() (string, error) {
	address, err := freeAddress()
	if err != nil {
		return "", err
	}
	d, err := run(address, filepath.Join(workshop, "filled"))
	if err != nil {
		return "", err
	}
	return d.dir, d.stop()
})

// demo is a running demonstration journal.
type demo struct {
	url     string // http://127.0.0.1:PORT
	dir     string // its data
	out     *output
	process *os.Process
	ended   chan error
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

// startDemo serves a new demonstration journal until the test ends, and fails the test if it does not stop in order.
func startDemo(t *testing.T, args ...string) *demo {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return startDemoAt(t, address, args...)
}

// startDemoAt is startDemo at an address of the test's choice.
func startDemoAt(t *testing.T, address string, args ...string) *demo {
	t.Helper()
	full, err := filled()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(full)); err != nil {
		t.Fatal(err)
	}
	d, err := run(address, dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// run serves the journal of a folder, and returns when it is ready.
func run(address, dir string, args ...string) (*demo, error) {
	program, err := binary()
	if err != nil {
		return nil, err
	}
	d := &demo{url: "http://" + address, dir: dir, out: &output{}, ended: make(chan error, 1)}
	cmd := exec.Command(program, append([]string{"demo", "--dir", dir, "--listen", address}, args...)...)
	cmd.Stdout, cmd.Stderr = d.out, d.out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d.process = cmd.Process
	go func() { d.ended <- cmd.Wait() }()
	if err := d.ready(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the demonstration journal: %w\n%s", err, d.out), d.stop())
	}
	return d, nil
}

// freeAddress returns a loopback address whose port was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// ready waits until /readyz answers 200.
func (d *demo) ready() error {
	late := time.After(startTime)
	for {
		if r, err := http.Get(d.url + "/readyz"); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case err := <-d.ended:
			d.ended <- err // for stop
			return fmt.Errorf("it ended by itself: %w", errors.Join(err, os.ErrProcessDone))
		case <-late:
			return fmt.Errorf("not ready after %s", startTime)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the journal in order, and by force if it does not.
func (d *demo) stop() error {
	_ = d.process.Signal(syscall.SIGTERM)
	select {
	case err := <-d.ended:
		if err != nil {
			return fmt.Errorf("the demonstration journal ended: %w\n%s", err, d.out)
		}
		return nil
	case <-time.After(stopTime):
		_ = d.process.Kill()
		<-d.ended
		return fmt.Errorf("the demonstration journal did not stop within %s\n%s", stopTime, d.out)
	}
}

// gatefold runs another command beside the server.
func (d *demo) gatefold(t *testing.T, args ...string) {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput(); err != nil {
		t.Fatalf("gatefold %v: %v\n%s", args, err, out)
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
