package mailing

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/mail/mailtest"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

const (
	nodeEnv     = "GATEFOLD_MAILING_NODE" // the database's URL; its presence makes this binary a node
	relayEnv    = "GATEFOLD_MAILING_RELAY"
	nodePlaces  = 16
	nodeDomains = 97 // of the recipients
)

func TestMain(m *testing.M) {
	if url := os.Getenv(nodeEnv); url != "" {
		if err := node(url, os.Getenv(relayEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// node sends what there is to send until it gets SIGTERM, or dies.
func node(url, relay string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	waits = []time.Duration{50 * time.Millisecond, 200 * time.Millisecond}
	db, err := storage.Open(ctx, url, storage.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	m, err := New(ctx, db, Options{Domain: "journal.example", Bounces: "bounces.journal.example", Places: nodePlaces,
		Lease: 3 * time.Second, Quiet: 100 * time.Millisecond, Poll: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	letters, err := compileEdition()
	if err != nil {
		return err
	}
	letters.change = func(r *Recipient) { r.Address = addressOf(r.Reader) }
	smtp, err := mail.NewSMTP(relay, "journal.example", nodePlaces)
	if err != nil {
		return err
	}
	defer func() { _ = smtp.Close() }()
	fmt.Println("ready")
	return m.Run(ctx, letters, smtp)
}

func addressOf(reader int64) string {
	return fmt.Sprintf("r%d@d%d.example", reader, reader%nodeDomains)
}

func readerOf(address string) int64 {
	local, _, _ := strings.Cut(address, "@")
	n, _ := strconv.ParseInt(strings.TrimPrefix(local, "r"), 10, 64)
	return n
}

// hardship is a mail server that does to the first tries of some readers all that a server can do.
type hardship struct {
	shuts atomic.Int64 // connections to come that are shut before the greeting
	taken atomic.Int64

	mu    sync.Mutex
	tries map[string]int
	mails map[string][][]byte // what was taken
	lost  int                 // answers to mails that were taken
}

func (h *hardship) answer(to string) mailtest.Answer {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tries[to]++
	reader, first := readerOf(to), h.tries[to] == 1
	switch {
	case reader%17 == 0 && h.tries[to] < 3:
		return mailtest.Answer{Refuse: "450 4.2.1 later"}
	case reader%23 == 0 && first:
		return mailtest.Answer{Reject: "452 4.3.1 no room"}
	case reader%131 == 0 && first:
		return mailtest.Answer{HangUp: mailtest.AtRecipient}
	case reader%137 == 0 && first:
		return mailtest.Answer{HangUp: mailtest.AtMessage}
	case reader%139 == 0 && first:
		return mailtest.Answer{HangUp: mailtest.BeforeAnswer}
	case reader%149 == 0 && first:
		h.lost++
		return mailtest.Answer{HangUp: mailtest.AfterTaking}
	}
	return mailtest.Answer{}
}

func (h *hardship) take(m mailtest.Mail) {
	h.mu.Lock()
	h.mails[m.To] = append(h.mails[m.To], bytes.Clone(m.Message))
	h.mu.Unlock()
	h.taken.Add(1)
}

func (h *hardship) shut() bool { return h.shuts.Add(-1) >= 0 }

// Nodes that are killed, or asked to stop, at any moment, and a mail server that refuses, hangs up at every stage and
// takes mails without saying so: every reader has one mail, and no more have two than were under way at the kills.
func TestKilled(t *testing.T) {
	t.Run("one node on SQLite", func(t *testing.T) { testKilled(t, storagetest.SQLite(t), 1) })
	t.Run("two nodes on PostgreSQL", func(t *testing.T) { testKilled(t, storagetest.Postgres(t), 2) })
}

func testKilled(t *testing.T, url string, nodes int) {
	n := 10_000
	if testing.Short() {
		n = 2_000
	}
	h := &hardship{tries: map[string]int{}, mails: map[string][][]byte{}}
	sink, err := mailtest.Serve("127.0.0.1:0", mailtest.Options{Answer: h.answer, Taken: h.take, Keep: true, Shut: h.shut})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	m := open(t, storagetest.Open(t, url), Options{})
	id := begin(t, m, int64(n))
	began := time.Now()
	fleet := &fleet{t: t, url: url, relay: sink.URL()}
	for range nodes {
		fleet.launch()
	}
	const deaths = 10
	for i := range deaths {
		after := int64(n*i/deaths + rand.IntN(n/deaths*3/4))
		for deadline := time.Now().Add(60 * time.Second); h.taken.Load() < after; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("nothing moves: %d mails taken", h.taken.Load())
			}
		}
		time.Sleep(rand.N(10 * time.Millisecond))
		if i == deaths/2 {
			h.shuts.Store(1)
		}
		fleet.replace(i%2 == 0)
	}
	status := until(t, m, id, Status.Done)
	fleet.stop()
	h.check(t, n, fleet.killed)
	if status.State != Finished || status.Sent != n || status.Total != n || status.Queued+status.Leased+status.Deferred+status.Failed+status.Skipped+status.Unknown > 0 {
		t.Errorf("status %+v", status)
	}
	t.Logf("%d mails in %s", n, time.Since(began).Round(time.Millisecond))
}

func (h *hardship) check(t *testing.T, n, killed int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	missing, twice := 0, 0
	for r := range int64(n) {
		mails := h.mails[addressOf(r+1)]
		if len(mails) == 0 {
			missing++
			continue
		}
		twice += len(mails) - 1
		for _, again := range mails[1:] {
			if !bytes.Equal(again, mails[0]) {
				t.Errorf("the second mail to reader %d is another:\n%s\n%s", r+1, mails[0], again)
			}
		}
	}
	most := killed*nodePlaces + h.lost
	t.Logf("%d killed, %d answers lost, %d mails sent twice (at most %d)", killed, h.lost, twice, most)
	if missing > 0 || len(h.mails) != n || twice > most {
		t.Errorf("%d of %d readers have no mail, %d addresses have one, %d mails were sent twice, want at most %d", missing, n, len(h.mails), twice, most)
	}
	if killed == 0 || h.lost == 0 {
		t.Errorf("%d were killed, %d answers were lost: the test saw nothing", killed, h.lost)
	}
}

// fleet are nodes that run.
type fleet struct {
	t          testing.TB
	url, relay string
	running    []*exec.Cmd
	killed     int
}

// launch starts a node and returns when it sends.
func (f *fleet) launch() {
	f.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), nodeEnv+"="+f.url, relayEnv+"="+f.relay)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		f.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = cmd.Process.Kill() })
	if _, err := out.Read(make([]byte, 8)); err != nil {
		f.t.Fatalf("a node did not start: %v", err)
	}
	f.running = append(f.running, cmd)
}

// replace ends the node that has run longest, by SIGKILL or SIGTERM, and starts another.
func (f *fleet) replace(kill bool) {
	f.t.Helper()
	if f.end(kill); kill {
		f.killed++
	}
	f.launch()
}

func (f *fleet) end(kill bool) {
	f.t.Helper()
	cmd := f.running[0]
	f.running = f.running[1:]
	if kill {
		if err := cmd.Process.Kill(); err != nil {
			f.t.Error(err)
		}
		_ = cmd.Wait() // it tells that it was killed
		return
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		f.t.Error(err)
	}
	if err := cmd.Wait(); err != nil {
		f.t.Errorf("a node that was asked to stop: %v", err)
	}
}

// stop asks all to stop.
func (f *fleet) stop() {
	for len(f.running) > 0 {
		f.end(false)
	}
}
