package access

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestUnlock(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		for i, want := range []struct {
			article int64
			full    bool
			left    int
			wall    Wall
		}{
			{1, true, 2, NoWall},
			{1, true, 2, NoWall}, // a second press
			{2, true, 1, NoWall},
			{3, true, 0, NoWall},
			{4, false, 0, Subscribe},
			{2, true, 0, NoWall}, // stays open
		} {
			c.add(time.Second)
			d := g.unlock(t, reader(1), metered(want.article))
			if d.Full() != want.full || d.Left != want.left || d.Wall != want.wall || d.Full() && d.Grant != ByMeteredUnlock {
				t.Errorf("step %d: %+v, want %+v", i+1, d, want)
			}
		}
		var order []int64
		for i, u := range g.spentBy(t, 1) {
			order = append(order, u.Article)
			if u.Slot != i+1 || u.At.Before(noon) {
				t.Errorf("unlock %+v", u)
			}
		}
		if fmt.Sprint(order) != "[1 2 3]" {
			t.Errorf("spent on %v", order)
		}
	})
}

// The count beside an article spent on before is that of now, although what was spent is kept in memory.
func TestCountAfterAnotherUnlock(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		for i, left := range []int{2, 1, 0} {
			g.unlock(t, reader(1), metered(int64(i+1)))
			if d := g.admit(t, reader(1), metered(1)); !d.Full() || d.Left != left {
				t.Errorf("after %d unlocks: %+v, want %d left", i+1, d, left)
			}
		}
	})
}

// A node that shares its database finds at once what was spent on another. One that has it to itself may believe what it
// knows for as long as it keeps it; even then a second press spends nothing, and no more than is free is spent.
func TestUnlockOnAnotherNode(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		other, _ := newGate(g.db, usual, nil)
		if d := g.admit(t, reader(1), metered(1)); d.Wall != ReadThisOne {
			t.Fatalf("before: %+v", d)
		}
		for id := range int64(3) {
			other.unlock(t, reader(1), metered(id+1))
		}
		if d := g.admit(t, reader(1), metered(1)); d.Full() != g.db.Shared() {
			t.Errorf("unlocked on another node of a database that is shared %v: %+v", g.db.Shared(), d)
		}
		if d := g.unlock(t, reader(1), metered(4)); d.Full() || d.Wall != Subscribe {
			t.Errorf("a fourth: %+v", d)
		}
		if d := g.unlock(t, reader(1), metered(1)); !d.Full() || d.Left != 0 {
			t.Errorf("the first, pressed again here: %+v", d)
		}
		if n := rows(t, g.db, "unlocks"); n != 3 {
			t.Errorf("%d are spent", n)
		}
	})
}

// What was read before an unlock is not remembered after it.
func TestLearnedTooLate(t *testing.T) {
	k := newKnowledge()
	k.put(1, known{read: noon}, k.begin())
	was, _ := k.get(1, noon)
	k.learn(1, was, "2026-11", nil)
	was, _ = k.get(1, noon)
	k.unlock(1, "2026-11", 7)
	k.learn(1, was, "2026-11", nil)
	if n, _ := k.get(1, noon); fmt.Sprint(n.unlocked) != "[7]" {
		t.Errorf("remembered: %v", n.unlocked)
	}
	was, _ = k.get(1, noon)
	k.forget(1)
	k.learn(1, was, "2026-11", []Unlock{{Article: 7}})
	if n, ok := k.get(1, noon); ok {
		t.Errorf("remembered although forgotten: %+v", n)
	}
}

func TestUnlockSpendsOnlyWhereItHelps(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		if ok, err := g.Courtesy(t.Context(), CourtesyRequest{Visitor: "v", Address: "a", Network: "n", Article: 7}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		for name, ask := range map[string]struct {
			who Person
			a   Article
		}{
			"a visitor":             {Person{}, metered(7)},
			"a visitor's courtesy":  {Person{Visitor: "v"}, metered(7)},
			"a reader's courtesy":   {Person{Visitor: "v", Reader: 1}, metered(7)},
			"an open article":       {reader(1), Article{ID: 7, Level: Open}},
			"a registered article":  {reader(1), Article{ID: 7, Level: Registered}},
			"a subscribers' one":    {reader(1), Article{ID: 7, Level: Subscriber}},
			"a subscriber":          {reader(subscriber), metered(7)},
			"staff":                 {Person{Staff: true, Reader: 1}, metered(7)},
			"an article of no kind": {reader(1), Article{ID: 7}},
		} {
			g.unlock(t, ask.who, ask.a)
			if n := rows(t, g.db, "unlocks"); n != 0 {
				t.Fatalf("%s: spent", name)
			}
		}
	})
}

func TestNextMonthResets(t *testing.T) {
	p := usual
	p.Zone = zone(t, "Europe/Berlin")
	runWith(t, p, func(t *testing.T, g *Gate, c *clock) {
		c.set(time.Date(2026, 11, 30, 22, 59, 59, 0, time.UTC)) // a second to midnight there
		for id := range int64(3) {
			g.unlock(t, reader(1), metered(id))
		}
		if d := g.admit(t, reader(1), metered(9)); d.Left != 0 || d.Wall != Subscribe {
			t.Errorf("in November: %+v", d)
		}
		c.add(time.Second)
		d := g.admit(t, reader(1), metered(1))
		if d.Full() || d.Left != 3 {
			t.Errorf("November's article in December: %+v", d)
		}
		if d := g.unlock(t, reader(1), metered(1)); !d.Full() || d.Left != 2 {
			t.Errorf("unlocked again in December: %+v", d)
		}
	})
}

func TestRollingPeriod(t *testing.T) {
	p := usual
	p.Rolling = true
	runWith(t, p, func(t *testing.T, g *Gate, c *clock) {
		for id := int64(1); id <= 3; id++ {
			if d := g.unlock(t, reader(1), metered(id)); !d.Full() {
				t.Fatalf("article %d: %+v", id, d)
			}
			c.add(10 * days)
		} // 30 days after the first
		if d := g.admit(t, reader(1), metered(1)); !d.Full() || d.Left != 0 {
			t.Errorf("to the end of its 30 days: %+v", d)
		}
		if d := g.unlock(t, reader(1), metered(4)); d.Full() {
			t.Errorf("a fourth in 30 days: %+v", d)
		}
		c.add(time.Microsecond)
		if d := g.admit(t, reader(1), metered(1)); d.Full() || d.Left != 1 {
			t.Errorf("after its 30 days: %+v", d)
		}
		if d := g.unlock(t, reader(1), metered(4)); !d.Full() || d.Left != 0 {
			t.Errorf("the first made room: %+v", d)
		}
		if d := g.admit(t, reader(1), metered(2)); !d.Full() {
			t.Errorf("the second is open still: %+v", d)
		}
	})
}

// parallel unlocks n articles for reader 1 at once through several gates and returns which were answered as open.
func parallel(t testing.TB, gates []*Gate, n int, article func(i int) int64) map[int64]bool {
	var mu sync.Mutex
	open := map[int64]bool{}
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			d, err := gates[i%len(gates)].Unlock(context.Background(), reader(1), metered(article(i)))
			if err != nil {
				t.Errorf("unlock: %v", err)
			}
			if d.Full() {
				mu.Lock()
				defer mu.Unlock()
				open[d.Article()] = true
			}
		})
	}
	close(begin)
	wg.Wait()
	return open
}

func each(i int) int64 { return int64(i + 1) }

func one(int) int64 { return 7 }

func TestParallelUnlocks(t *testing.T) {
	for _, c := range []struct {
		name    string
		article func(i int) int64
		want    int
	}{
		{"of different articles", each, 3},
		{"of one article", one, 1},
	} {
		for _, rolling := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, rolling %v", c.name, rolling), func(t *testing.T) {
				p := usual
				p.Rolling = rolling
				runWith(t, p, func(t *testing.T, g *Gate, _ *clock) {
					open := parallel(t, []*Gate{g}, 200, c.article)
					exactly(t, g, open, c.want)
				})
			})
		}
	}
}

// exactly checks that the articles answered as open are those stored, n in number, and that the gate still says so.
func exactly(t *testing.T, g *Gate, open map[int64]bool, n int) {
	t.Helper()
	spent := g.spentBy(t, 1)
	if len(open) != n || len(spent) != n {
		t.Errorf("%d answered as open, %d stored; want %d", len(open), len(spent), n)
	}
	for _, u := range spent {
		if !open[u.Article] || !g.admit(t, reader(1), metered(u.Article)).Full() {
			t.Errorf("article %d is stored and was not open", u.Article)
		}
	}
}

// Two nodes, each with connections of its own.
func TestTwoGatesOverOnePostgreSQL(t *testing.T) {
	url := storagetest.Postgres(t)
	first, _ := newGate(storagetest.Open(t, url), usual, nil)
	second, _ := newGate(storagetest.Open(t, url), usual, nil)
	exactly(t, first, parallel(t, []*Gate{first, second}, 200, each), 3)
	c, err := storage.Open(t.Context(), url, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	third, _ := newGate(c, usual, nil)
	if open := parallel(t, []*Gate{first, second, third}, 200, each); len(open) != 3 {
		t.Errorf("%d open when asked again, want the same 3", len(open))
	}
}

// Rows that fell out of the rolling window are taken away by many at once.
func TestRollingSlotsAreFreedOnce(t *testing.T) {
	p := usual
	p.Rolling = true
	runWith(t, p, func(t *testing.T, g *Gate, c *clock) {
		parallel(t, []*Gate{g}, 30, each)
		c.add(31 * days)
		open := parallel(t, []*Gate{g}, 100, func(i int) int64 { return int64(1000 + i) })
		exactly(t, g, open, 3)
	})
}

func TestCleanup(t *testing.T) {
	run(t, func(t *testing.T, g *Gate, c *clock) {
		courtesy := func(visitor string) {
			r := CourtesyRequest{Visitor: visitor, Address: visitor, Network: "n", Article: 7}
			if ok, err := g.Courtesy(t.Context(), r); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}
		clean := func(courtesies, slots, unlocks int) {
			t.Helper()
			if err := g.Cleanup(t.Context()); err != nil {
				t.Fatal(err)
			}
			have := []int{rows(t, g.db, "courtesies"), rows(t, g.db, "courtesy_slots"), rows(t, g.db, "unlocks")}
			if want := []int{courtesies, slots, unlocks}; fmt.Sprint(have) != fmt.Sprint(want) {
				t.Errorf("at %s: courtesies, slots, unlocks %v, want %v", c.Now(), have, want)
			}
		}
		courtesy("first")
		g.unlock(t, reader(1), metered(7))
		clean(1, 3, 1)
		c.add(20 * days)
		courtesy("second")
		clean(2, 5, 1) // the first's place in its network is free again
		c.add(10 * days)
		clean(1, 2, 1)
		c.set(noon.AddDate(1, 0, 0))
		clean(0, 0, 1)
		c.add(time.Microsecond)
		clean(0, 0, 0)
	})
}

const childEnv = "GATEFOLD_ACCESS_CHILD" // the database's URL; its presence makes this binary the child

// child is another process: it says that it is ready, waits for a line with the number of its first article, unlocks a
// hundred for reader 1 at once, says which were answered as open, and waits to be killed.
func child(url string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, url, storage.Options{ReadConnections: 8})
	if err != nil {
		return err
	}
	g, _ := newGate(db, usual, nil)
	fmt.Println("ready")
	var first int64
	if _, err := fmt.Scan(&first); err != nil {
		return err
	}
	var wg sync.WaitGroup
	var failed atomic.Value
	for i := range int64(100) {
		wg.Go(func() {
			d, err := g.Unlock(ctx, reader(1), metered(first+i))
			if err != nil {
				failed.Store(err)
			}
			if d.Full() {
				fmt.Println("open", d.Article())
			}
		})
	}
	wg.Wait()
	if err, ok := failed.Load().(error); ok {
		return err
	}
	fmt.Println("done")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// A process is a child under way.
type process struct {
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Scanner
}

func start(t *testing.T, url string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childEnv+"="+url)
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	})
	if line := p.line(t); line != "ready" {
		t.Fatalf("child said %q", line)
	}
	return p
}

func (p *process) line(t *testing.T) string {
	t.Helper()
	if !p.out.Scan() {
		t.Fatalf("the child ended: %v", p.out.Err())
	}
	return p.out.Text()
}

// unlock lets the child begin at an article and adds what it says was open, up to enough or its last.
func (p *process) unlock(t *testing.T, open map[int64]bool, enough int) {
	t.Helper()
	for len(open) < enough {
		line := p.line(t)
		if line == "done" {
			return
		}
		id, err := strconv.ParseInt(strings.TrimPrefix(line, "open "), 10, 64)
		if err != nil {
			t.Fatalf("child said %q", line)
		}
		open[id] = true
	}
}

func (p *process) begin(t *testing.T, first int64) {
	t.Helper()
	if _, err := fmt.Fprintln(p.in, first); err != nil {
		t.Fatal(err)
	}
}

func TestTwoProcessesOverOnePostgreSQL(t *testing.T) {
	url := storagetest.Postgres(t)
	g, _ := newGate(storagetest.Open(t, url), usual, nil)
	children := []*process{start(t, url), start(t, url)}
	for i, p := range children {
		p.begin(t, int64(1+i*1000))
	}
	open := map[int64]bool{}
	for _, p := range children {
		p.unlock(t, open, 1000)
	}
	exactly(t, g, open, 3)
}

// An unlock that was answered is there after the process was killed, and open.
func TestAnsweredUnlockOutlivesAKill(t *testing.T) {
	for name, url := range map[string]func(testing.TB) string{"SQLite": storagetest.SQLite, "PostgreSQL": storagetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			url := url(t)
			migrated(t, url)
			p, open := start(t, url), map[int64]bool{}
			p.begin(t, 1)
			p.unlock(t, open, 1) // one answer, with the others in flight
			if err := p.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = p.cmd.Wait()
			g, _ := newGate(storagetest.Open(t, url), usual, nil)
			for article := range open {
				if d := g.admit(t, reader(1), metered(article)); d.Grant != ByMeteredUnlock {
					t.Errorf("article %d, answered as open: %+v", article, d)
				}
			}
			parallel(t, []*Gate{g}, 50, func(i int) int64 { return int64(5000 + i) })
			if n := len(g.spentBy(t, 1)); n != 3 {
				t.Errorf("%d spent in the end, want 3", n)
			}
		})
	}
}

// migrated brings a database to its schema and leaves it to others.
func migrated(t *testing.T, url string) {
	t.Helper()
	db, err := storage.Open(t.Context(), url, storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
