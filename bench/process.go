package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a server under measurement.
type process struct {
	cmd    *exec.Cmd
	out    *output
	log    string // file of what it logs; empty: that is in out too
	ended  chan struct{}
	failed error // of the ended process
}

// output keeps the last 64 KiB that a process printed.
type output struct {
	mu  sync.Mutex
	buf []byte
}

const kept = 64 << 10

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buf = append(o.buf, b...)
	if len(o.buf) > 2*kept {
		o.buf = append([]byte(nil), o.buf[len(o.buf)-kept:]...)
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.TrimSpace(o.buf))
}

// start runs a program until stop is called or ctx ends.
func start(ctx context.Context, name string, args ...string) (*process, error) {
	return startLogging(ctx, nil, name, args...)
}

// startLogging is start for a program whose log is long: it goes to a file, and costs nobody but the program anything.
func startLogging(ctx context.Context, log *os.File, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), out: &output{}, ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if log != nil {
		p.cmd.Stderr, p.log = log, log.Name()
	}
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 15 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		p.failed = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop asks the process to end and waits for it, 15 s at most.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(15 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// said returns what the process printed, and the end of its log.
func (p *process) said() string {
	log, err := os.ReadFile(p.log)
	if p.log == "" || err != nil {
		return p.out.String()
	}
	return p.out.String() + "\n" + string(log[max(0, len(log)-kept):])
}

// kill ends the process as a power cut would: it gets no chance to write anything.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// ready waits until url answers 200, and returns how long that took.
func (p *process) ready(ctx context.Context, url string, patience time.Duration) (time.Duration, error) {
	began := time.Now()
	client := &http.Client{Timeout: time.Second}
	for time.Since(began) < patience {
		if r, err := client.Get(url); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		select {
		case <-p.ended:
			return 0, fmt.Errorf("%s ended: %w\n%s", p.cmd.Path, errors.Join(p.failed, os.ErrProcessDone), p.said())
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
	return 0, fmt.Errorf("%s: %s not ready after %s\n%s", p.cmd.Path, url, patience, p.said())
}

// freeAddress returns a loopback address whose port was free a moment ago.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// tick is the unit of the times in /proc/PID/stat: USER_HZ is 100 on every
// Linux that Go runs on (proc(5)).
const tick = 10 * time.Millisecond

// cpu returns the processor time that the process and its descendants used.
func (p *process) cpu() (time.Duration, error) {
	all, err := stats("/proc")
	if err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	return treeTime(all, p.cmd.Process.Pid), nil
}

// stat is what is read of /proc/PID/stat.
type stat struct {
	pid, parent int
	used        time.Duration // user and system, with that of children that ended
}

func stats(proc string) ([]stat, error) {
	files, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat"))
	if err != nil {
		return nil, err
	}
	var all []stat
	for _, file := range files {
		line, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it ended between the two
		}
		if err != nil {
			return nil, err
		}
		s, err := parseStat(string(line))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// parseStat reads one line of /proc/PID/stat. The name in brackets may hold
// anything, spaces and brackets too, so fields count from the last bracket.
func parseStat(line string) (stat, error) {
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return stat{}, fmt.Errorf("no name in brackets in %q", line)
	}
	fields := strings.Fields(line[end+1:]) // fields[0] is the third, the state
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("too few fields in %q", line)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line[:open]))
	if err != nil {
		return stat{}, err
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return stat{}, err
	}
	s := stat{pid: pid, parent: parent}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, err
		}
		s.used += time.Duration(ticks) * tick
	}
	return s, nil
}

// treeTime adds up the times of root and all its descendants.
func treeTime(all []stat, root int) time.Duration {
	var sum time.Duration
	for _, s := range all {
		if s.pid == root {
			sum += s.used
		} else if s.parent == root {
			sum += treeTime(all, s.pid)
		}
	}
	return sum
}

// resident returns the memory that the process holds now, in megabytes (10⁶).
func (p *process) resident() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read resident memory: %w", err)
	}
	return parseResident(string(status))
}

func parseResident(status string) (float64, error) {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib * 1024 / 1e6, err
		}
	}
	return 0, errors.New("read resident memory: no VmRSS line")
}
