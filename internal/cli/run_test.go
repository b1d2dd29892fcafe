package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/fault"
)

// run runs a command in this process.
func run(ctx context.Context, env []string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = Run(ctx, Process{Version: "v0.0.0-test", Args: args, Env: env, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs})
	return code, out.String(), errs.String()
}

// An import that is interrupted says so, and the same command completes it.
func TestInterrupted(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.jsonl")
	var lines strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&lines, `{"id":"a%d","title":"Article %[1]d","published":"2024-01-02T08:00:00Z","body_html":"<p>Text.</p>"}`+"\n", i)
	}
	if err := os.WriteFile(file, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "jsonl", "--dir", filepath.Join(dir, "journal"), file}
	if code, _, stderr := run(t.Context(), nil, "migrate", "--dir", filepath.Join(dir, "journal")); code != exitDone {
		t.Fatalf("migrate: %d\n%s", code, stderr)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Millisecond, nil)
	defer cancel()
	interrupted, stop := context.WithCancel(context.Background())
	defer stop()
	context.AfterFunc(ctx, stop)
	code, _, stderr := run(interrupted, nil, args...)
	if code != exitInterrupted || !strings.Contains(stderr, "gatefold: interrupted\n") {
		t.Fatalf("interrupted after 30 ms it ended with %d:\n%s", code, stderr)
	}
	if code, stdout, stderr := run(t.Context(), nil, args...); code != exitDone || !strings.Contains(stdout, "3,000 lines") {
		t.Fatalf("completed with %d\n%s%s", code, stdout, stderr)
	}
	_, stdout, _ := run(t.Context(), nil, args...)
	if !strings.Contains(stdout, ": 0 new, 0 changed, 3000 the same") {
		t.Errorf("after completing, a run says %s", stdout)
	}
}

func TestExplain(t *testing.T) {
	problem := &config.Problem{Source: "a.toml", Line: 3, Key: "wall.x", Reason: "no such setting"}
	for _, c := range []struct {
		err        error
		text, hint string
		code       int
	}{
		{errors.New("it broke"), "it broke", "", exitFailed},
		{withHint(errors.New("it broke"), "mend %s", "it"), "it broke", "mend it", exitFailed},
		{fmt.Errorf("open: %w", &misused{"wrong word", "read this"}), "wrong word", "read this", exitMisused},
		{errors.Join(problem, problem), "the configuration is refused:\n  a.toml:3: wall.x: no such setting\n  a.toml:3: wall.x: no such setting",
			`"gatefold config reference" tells every setting.`, exitMisused},
		{withHint(errInterrupted, "again"), "interrupted", "again", exitInterrupted},
		{fault.Field("until", "Not good."), "until: Not good.", "", exitFailed},
	} {
		text, hint, code := explain(c.err)
		if text != c.text || hint != c.hint || code != c.code {
			t.Errorf("%v is explained as %q, %q, %d;\nwant %q, %q, %d", c.err, text, hint, code, c.text, c.hint, c.code)
		}
	}
	if withHint(nil, "x") != nil {
		t.Error("a hint made an error of none")
	}
}

func TestDemonstration(t *testing.T) {
	for _, c := range []struct{ listen, url, insecure string }{
		{"127.0.0.1:8080", "http://127.0.0.1:8080", "true"},
		{"localhost:80", "http://localhost:80", "true"},
		{"[::1]:8080", "http://[::1]:8080", "true"},
		{":8080", "http://localhost:8080", ""},
		{"0.0.0.0:8080", "http://localhost:8080", ""},
		{"192.0.2.1:8080", "http://192.0.2.1:8080", ""},
	} {
		got := demonstration("dir", c.listen)
		if got["publication.url"] != c.url || got["server.insecure_cookies"] != c.insecure {
			t.Errorf("on %s the demonstration is at %s with insecure cookies %q; want %s, %q", c.listen,
				got["publication.url"], got["server.insecure_cookies"], c.url, c.insecure)
		}
		if _, err := config.Load("", nil, got); err != nil {
			t.Errorf("on %s it is refused: %v", c.listen, err)
		}
	}
}

func TestEndOf(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		in   string
		want string // in UTC
		told string
	}{
		{"2027-01-31", "2027-01-31T23:00:00Z", "the end of 2027-01-31"},
		{"2027-03-28", "2027-03-28T22:00:00Z", "the end of 2027-03-28"}, // the clocks go forward
		{"2027-01-31T18:00:00Z", "2027-01-31T18:00:00Z", "2027-01-31 19:00 CET"},
	} {
		got, err := endOf(c.in, berlin)
		if err != nil || got.UTC().Format(time.RFC3339) != c.want || moment(got, berlin) != c.told {
			t.Errorf("%s is %s (%s), %v; want %s (%s)", c.in, got.UTC(), moment(got, berlin), err, c.want, c.told)
		}
	}
	for _, bad := range []string{"", "soon", "2027-02-30", "31.1.2027"} {
		if got, err := endOf(bad, berlin); err == nil {
			t.Errorf("%q was read as %s", bad, got)
		}
	}
}
