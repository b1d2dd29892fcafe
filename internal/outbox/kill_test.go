package outbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const (
	childEnv = "GATEFOLD_OUTBOX_CHILD" // the database's URL; its presence makes this binary the child
	sinkEnv  = "GATEFOLD_OUTBOX_SINK"
	places   = 4

	// leaseTime is longer than a machine with other work to do keeps a worker waiting: one whose lease runs out before it
	// has settled has its mail sent twice without a kill.
	leaseTime = 3 * time.Second
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		if err := child(url, os.Getenv(sinkEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child puts mails as fast as it can, says on standard output which were answered, and sends them into a file, until
// it is killed.
func child(url, path string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, url, storage.Options{})
	if err != nil {
		return err
	}
	o, err := New(ctx, db, Options{Lease: leaseTime, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	go func() { _ = o.Run(ctx, fileSender{f}, places) }()
	for i := 0; ; i++ {
		to := fmt.Sprintf("p%d-%d@example.org", os.Getpid(), i)
		if err := db.Write(ctx, func(tx *storage.DB) error { return o.Put(ctx, tx, letter(to)) }); err != nil {
			return err
		}
		o.Wake()
		if _, err := fmt.Println(to); err != nil {
			return err
		}
	}
}

// fileSender is a mail server that takes a mail by one write of a line, which a kill cannot tear.
type fileSender struct{ w io.Writer }

func (s fileSender) Send(_ context.Context, l Letter) error {
	_, err := fmt.Fprintln(s.w, l.To, l.MessageID)
	return err
}

// Killed 20 times at any moment, an outbox loses no mail that was answered, and sends no more twice than were in
// flight at the kills, each under its one Message-ID.
func TestKilled(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) { testKilled(t, url(t)) })
	}
}

const kills = 20

func testKilled(t *testing.T, url string) {
	db := storagetest.Open(t, url)
	path := t.TempDir() + "/sink"
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	answered := map[string]bool{}
	for range kills {
		for _, to := range runAndKill(t, url, path) {
			answered[to] = true
		}
	}
	if len(answered) < kills {
		t.Fatalf("only %d mails were answered: the test saw nothing", len(answered))
	}
	finish(t, db, path)
	check(t, path, answered)
}

// runAndKill lets a child live for a moment after its first answer and returns what it answered.
func runAndKill(t *testing.T, url, path string) (answered []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+url, sinkEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(answered) == 0 {
			time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
		answered = append(answered, lines.Text())
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return answered
}

// finish sends what the dead left.
func finish(t *testing.T, db *storage.DB, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	o := open(t, db, Options{Lease: leaseTime})
	stop := start(t, o, fileSender{f}, 32)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		due, err := o.waiting(t.Context())
		if err == nil && due.IsZero() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("mail is still due at %v, %v", due, err)
		}
	}
	stop()
}

func check(t *testing.T, path string, answered map[string]bool) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	times, id := map[string]int{}, map[string]string{}
	twice := 0
	for line := range strings.Lines(string(raw)) {
		to, message, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			t.Fatalf("torn line %s", strconv.Quote(line))
		}
		if times[to]++; times[to] > 1 {
			twice++
			if id[to] != message {
				t.Errorf("%s went out as %s and as %s", to, id[to], message)
			}
		}
		id[to] = message
	}
	lost := 0
	for to := range answered {
		if times[to] == 0 {
			lost++
		}
	}
	t.Logf("%d answered, %d sent, %d twice", len(answered), len(times), twice)
	if lost > 0 || twice > kills*places {
		t.Errorf("%d of %d mails lost, %d sent twice (at most %d could be in flight)", lost, len(answered), twice, kills*places)
	}
}
