package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// TestMain makes this test's binary answer to the name gatefold too, as main does: the scripts drive the whole program
// in a process of its own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gatefold": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(Run(ctx, Process{Version: "v0.0.0-test", Args: os.Args[1:], Env: os.Environ(),
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}))
	}})
}

// The scripts of testdata/script. Beside testscript's own commands they know:
//
//	exits CODE PROGRAM ARG…   runs a program that must end with an exit code
//	launch NAME ARG…          starts gatefold, waits until /readyz answers, sets $NAME to its address and $NAME_ADDR to the host and port
//	halt NAME [CODE]          asks it to stop, waits, and puts what it printed into NAME.out and NAME.err
//	get STATUS URL            asks for an address; the answer lies in the files body and header
//	post STATUS URL KEY=VALUE…
//	[!] await URL REGEXP      asks for an address until the answer (does not) match, five seconds at most
//	find NAME FILE REGEXP     sets $NAME to what the first group matches in a file
//
// get, post and await keep cookies for the length of a script and follow no redirect.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "launch": launch, "halt": halt, "get": get, "post": post, "await": await, "find": find,
		},
		Condition: func(name string) (bool, error) {
			if name != "postgres" {
				return false, fmt.Errorf("no such condition: %s", name)
			}
			return os.Getenv(storagetest.PostgresEnv) != "" || os.Getenv("CI") == "true", nil
		},
	})
}

// The keys of what a script keeps between its commands.
type (
	clientKey   struct{}
	launchedKey struct{}
)

func setUp(e *testscript.Env) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	e.Values[clientKey{}] = &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	e.Values[launchedKey{}] = map[string]*launched{}
	if strings.HasPrefix(filepath.Base(e.WorkDir), "script-postgres") {
		e.Setenv("GATEFOLD_DATABASE_URL", storagetest.Postgres(e.T().(testing.TB)))
	}
	return nil
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("the exit code is %d, want %d", got, want)
	}
}

// launched is a gatefold in the background.
type launched struct {
	cmd      *exec.Cmd
	out, err string // files
	ended    chan error
}

// readyTime is how long a start may take: filling the demonstration draws some pictures, which the race detector makes
// slow.
const readyTime = 5 * time.Minute

var siteAddress = regexp.MustCompile(`(?:url=|"url":"|^\s+Front page\s+)(http://[^\s"/]+)`)

func launch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: launch NAME ARG…")
	}
	program, err := exec.LookPath(filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "gatefold"))
	ts.Check(err)
	l := &launched{cmd: exec.Command(program, args[1:]...), ended: make(chan error, 1),
		out: ts.MkAbs(args[0] + ".out"), err: ts.MkAbs(args[0] + ".err")}
	l.cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GATEFOLD_DATABASE_URL", "NOTIFY_SOCKET"} {
		if value := ts.Getenv(name); value != "" {
			l.cmd.Env = append(l.cmd.Env, name+"="+value)
		}
	}
	stdout, err := os.Create(l.out)
	ts.Check(err)
	stderr, err := os.Create(l.err)
	ts.Check(err)
	l.cmd.Stdout, l.cmd.Stderr = stdout, stderr
	ts.Check(l.cmd.Start())
	go func() { l.ended <- l.cmd.Wait(); _ = stdout.Close(); _ = stderr.Close() }()
	ts.Defer(func() { _ = l.cmd.Process.Kill() })
	address := l.ready(ts)
	ts.Setenv(args[0], address)
	ts.Setenv(args[0]+"_ADDR", strings.TrimPrefix(address, "http://"))
	ts.Value(launchedKey{}).(map[string]*launched)[args[0]] = l
}

// ready waits until the program has told its address and answers there.
func (l *launched) ready(ts *testscript.TestScript) string {
	for deadline := time.Now().Add(readyTime); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-l.ended:
			ts.Fatalf("it ended by itself: %v\n%s%s", err, l.printed(l.out), l.printed(l.err))
		default:
		}
		for _, line := range strings.Split(l.printed(l.out)+l.printed(l.err), "\n") {
			m := siteAddress.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if resp, err := http.Get(m[1] + "/readyz"); err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return m[1]
				}
			}
		}
	}
	ts.Fatalf("it never became ready:\n%s%s", l.printed(l.out), l.printed(l.err))
	return ""
}

func (l *launched) printed(file string) string {
	b, _ := os.ReadFile(file) // what is not there yet was not printed yet
	return string(b)
}

func halt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: halt NAME [CODE]")
	}
	l, ok := ts.Value(launchedKey{}).(map[string]*launched)[args[0]]
	if !ok {
		ts.Fatalf("%s was not launched", args[0])
	}
	want := "0"
	if len(args) == 2 {
		want = args[1]
	}
	ts.Check(l.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-l.ended:
		if got := strconv.Itoa(l.cmd.ProcessState.ExitCode()); got != want {
			ts.Fatalf("the exit code is %s, want %s\n%s", got, want, l.printed(l.err))
		}
	case <-time.After(30 * time.Second):
		ts.Fatalf("it did not stop\n%s", l.printed(l.err))
	}
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: get STATUS URL")
	}
	client := ts.Value(clientKey{}).(*http.Client)
	resp, err := client.Get(args[1])
	ts.Check(err)
	keep(ts, args[0], resp)
}

func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: post STATUS URL KEY=VALUE…")
	}
	form := url.Values{}
	for _, pair := range args[2:] {
		key, value, _ := strings.Cut(pair, "=")
		form.Add(key, value)
	}
	client := ts.Value(clientKey{}).(*http.Client)
	resp, err := client.PostForm(args[1], form)
	ts.Check(err)
	keep(ts, args[0], resp)
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] await URL REGEXP")
	}
	want := regexp.MustCompile(args[1])
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		get(ts, false, []string{"200", args[0]})
		if want.MatchString(ts.ReadFile("body")) != neg {
			return
		}
	}
	ts.Fatalf("five seconds on, that %s matches %s is still %v", args[0], args[1], neg)
}

func find(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: find NAME FILE REGEXP")
	}
	m := regexp.MustCompile(args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(m) < 2 {
		ts.Fatalf("%s holds nothing like %s", args[1], args[2])
	}
	ts.Setenv(args[0], m[1])
}

// keep checks the status of an answer and writes it into the script's folder.
func keep(ts *testscript.TestScript, status string, resp *http.Response) {
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("body"), body, 0o600))
	var header strings.Builder
	ts.Check(resp.Header.Write(&header))
	ts.Check(os.WriteFile(ts.MkAbs("header"), []byte(header.String()), 0o600))
	if got := strconv.Itoa(resp.StatusCode); got != status {
		ts.Fatalf("the status is %s, want %s; the answer begins\n%.500s", got, status, body)
	}
}
