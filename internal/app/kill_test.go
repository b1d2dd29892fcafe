package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
)

// childEnv names the variable that makes this test's binary a child to be killed: the folder of its data.
const childEnv = "GATEFOLD_TEST_UNLOCKING_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		fmt.Fprintln(os.Stderr, unlockingChild(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// unlockingChild answers POST /unlock?reader=N&article=N with 200 when the article is unlocked, until it is killed. It
// prints its address as soon as it listens.
func unlockingChild(dir string) error {
	s, err := Open(context.Background(), testConfig(dir, ""), Options{Log: io.Discard})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reader, _ := strconv.ParseInt(r.FormValue("reader"), 10, 64)
		article, _ := strconv.ParseInt(r.FormValue("article"), 10, 64)
		d, err := s.Gate.Unlock(r.Context(), access.Person{Reader: reader}, access.Article{ID: article, Level: access.Metered})
		if err != nil || !d.Full() {
			http.Error(w, fmt.Sprint(d.Wall, err), http.StatusInternalServerError)
		}
	}))
}

// testConfig is a publication in a folder, on ports of the system's choice.
func testConfig(dir, database string) config.Config {
	c := config.Default()
	c.Publication.URL = "http://127.0.0.1:0"
	c.Server.Listen, c.Server.InsecureCookies = "127.0.0.1:0", true
	c.Data.Dir, c.Database.URL = dir, config.Secret(database)
	return c
}

const (
	kills     = 50
	clients   = 16
	startTime = time.Minute
	answers   = 120 // a child is killed after at most as many
)

// Kill −9 at any moment loses no unlock that was answered, spends no article twice, and leaves a database that opens.
func TestKilledFiftyTimes(t *testing.T) {
	dir := t.TempDir()
	answered := map[int64][]int64{} // articles by reader
	total := 0
	var reader atomic.Int64
	for round := range kills {
		fresh := killOnce(t, dir, round, &reader)
		for r, articles := range fresh {
			answered[r] = articles
			total += len(articles)
		}
		checkUnlocks(t, dir, fresh)
		if t.Failed() {
			t.Fatalf("after %d kills", round+1)
		}
	}
	checkUnlocks(t, dir, answered)
	if total < answers/4*kills { // half of answers is to be expected, in nine of ten rounds
		t.Errorf("only %d unlocks were answered in %d rounds: too few to tell anything", total, kills)
	}
	t.Logf("%d kills, %d unlocks answered and found", kills, total)
}

// killOnce starts a child, has it unlock, kills it at a moment nobody chose, and returns what it answered. Every tenth
// child is killed while it starts.
func killOnce(t *testing.T, dir string, round int, reader *atomic.Int64) map[int64][]int64 {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childEnv+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Wait() }() // it was killed, and says so
	if round%10 == 9 {
		time.Sleep(rand.N(40 * time.Millisecond))
		_ = child.Process.Kill()
		return nil
	}
	stuck := time.AfterFunc(startTime, func() { _ = child.Process.Kill() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if !stuck.Stop() || err != nil {
		t.Fatalf("round %d: the child did not start: %v", round, err)
	}
	return unlockUntilGone(t, "http://"+strings.TrimSpace(address), reader, func() { _ = child.Process.Kill() })
}

// unlockUntilGone has readers of its own unlock two articles each, from many sides, until nobody answers any more. It
// has the server killed some microseconds after one of the answers.
func unlockUntilGone(t *testing.T, base string, reader *atomic.Int64, kill func()) map[int64][]int64 {
	t.Helper()
	left := atomic.Int64{}
	left.Store(1 + rand.Int64N(answers))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: startTime}
	defer client.CloseIdleConnections()
	answered := map[int64][]int64{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for {
				r := reader.Add(1)
				for article := r; article < r+2; article++ {
					err := unlockOver(client, base, r, article)
					if errors.Is(err, errRefused) {
						t.Error(err)
					}
					if err != nil {
						return
					}
					mu.Lock()
					answered[r] = append(answered[r], article)
					mu.Unlock()
					if left.Add(-1) == 0 {
						time.AfterFunc(rand.N(3*time.Millisecond), kill)
					}
				}
			}
		})
	}
	all.Wait()
	return answered
}

var errRefused = errors.New("an unlock was refused")

func unlockOver(client *http.Client, base string, reader, article int64) error {
	resp, err := client.Post(fmt.Sprintf("%s/unlock?reader=%d&article=%d", base, reader, article), "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: %s", errRefused, text)
	}
	return err
}

// checkUnlocks opens what was killed and looks for every unlock that was answered. An unlock nobody heard the answer
// of may be there too, but none twice.
func checkUnlocks(t *testing.T, dir string, answered map[int64][]int64) {
	t.Helper()
	ctx := context.Background()
	s, err := Open(ctx, testConfig(dir, ""), Options{Log: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for reader, articles := range answered {
		spent, err := s.Gate.Unlocks(ctx, reader)
		if err != nil {
			t.Fatal(err)
		}
		found := map[int64]bool{}
		for _, u := range spent {
			if found[u.Article] {
				t.Errorf("reader %d spent two free articles on article %d", reader, u.Article)
			}
			found[u.Article] = true
		}
		for _, a := range articles {
			if !found[a] {
				t.Errorf("reader %d was answered that article %d is unlocked, and it is not", reader, a)
			}
		}
	}
}
