package search

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// childEnv names the variable that makes this test's binary a child to be killed: its database and the folder of its
// index, a line each.
const childEnv = "GATEFOLD_TEST_INDEXING_CHILD"

func TestMain(m *testing.M) {
	if where := os.Getenv(childEnv); where != "" {
		url, folder, _ := strings.Cut(where, "\n")
		fmt.Fprintln(os.Stderr, indexingChild(url, folder))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// indexingChild changes articles and follows the changes, until it is killed; now and then it builds the index anew. It
// says so when it begins.
func indexingChild(url, folder string) error {
	ctx := context.Background()
	db, err := storage.Open(ctx, url, storage.Options{})
	if err != nil {
		return err
	}
	lib := library.New(db, library.Options{})
	s, err := Open(folder, db, lib, access.Policy{}, Options{})
	if err != nil {
		return err
	}
	after, err := db.LastChange(ctx)
	if err != nil {
		return err
	}
	go s.Run(ctx)
	go db.Follower(after, s.Changed, slog.New(slog.DiscardHandler)).Run(ctx)
	fmt.Println("indexing")
	for round := 0; ; round++ {
		var drafts []library.Draft
		for i := range 20 {
			drafts = append(drafts, numbered((round*7+i*13)%killedArticles, time.Now().UnixNano()))
		}
		if _, err := lib.SaveBatch(ctx, drafts); err != nil {
			return err
		}
		if round%10 == 5 {
			signal(s.rebuild)
		}
	}
}

// numbered is the article of a number, with a text that tells when it was written.
func numbered(n int, version int64) library.Draft {
	return library.Draft{Source: fmt.Sprint("n", n), Title: fmt.Sprint("Number ", n), Level: access.Open, Published: noon.AddDate(-1, 0, 0),
		BodyHTML: fmt.Sprintf("<p>Ore, iron and version%d of it.</p>", version)}
}

const (
	killedArticles = 200
	killedTimes    = 12
)

// Kill −9 at any moment while it indexes: it starts, it serves, and it ends as a fresh build.
func TestKilledWhileIndexing(t *testing.T) {
	url := storagetest.SQLite(t)
	s := newShelf(t, storagetest.Open(t, url))
	s.clock.advance(365 * 24 * time.Hour) // what the children write is not scheduled
	var drafts []library.Draft
	for n := range killedArticles {
		drafts = append(drafts, numbered(n, 0))
	}
	s.put(drafts...)
	for round := range killedTimes {
		killChild(t, url+"\n"+s.folder, time.Duration(round*round)*2*time.Millisecond)
		s.open()
		s.Load(t.Context())
		if r := s.find(Request{Query: "number", N: 1}); r.Total != killedArticles {
			t.Errorf("round %d: started again (%s), it finds %d", round, s.Health(), r.Total)
		}
		s.catchUp()
		s.wantFresh(round)
		s.close()
		if t.Failed() {
			return
		}
	}
	s.open()
}

// killChild starts a child and kills it some time after it began.
func killChild(t *testing.T, where string, after time.Duration) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childEnv+"="+where)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil && err != io.EOF {
		t.Error(err)
	}
	time.Sleep(after)
	_ = child.Process.Kill()
	_ = child.Wait() // it was killed, and says so
}

// wantFresh compares the index, word by word, with one that is built now.
func (s *shelf) wantFresh(round int) {
	s.t.Helper()
	fresh := &shelf{t: s.t, db: s.db, lib: s.lib, clock: s.clock, policy: s.policy, folder: filepath.Join(s.t.TempDir(), "fresh")}
	fresh.open()
	defer fresh.close()
	fresh.catchUp()
	have, want := s.listing(), fresh.listing()
	if !slices.Equal(have, want) {
		s.t.Errorf("round %d: the index has %d lines, a fresh one %d", round, len(have), len(want))
	}
}

// listing is what an index knows: each article in its version, and each word with the articles it stands in.
func (s *shelf) listing() (lines []string) {
	s.t.Helper()
	set := s.live.Load().Set()
	set.Versions(func(id, version int64) { lines = append(lines, fmt.Sprint("article ", id, " in version ", version)) })
	for i, seg := range set.Segments {
		words, err := seg.Prefixed("", 1<<30)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, w := range words {
			l, err := seg.Postings(w, true)
			if err != nil {
				s.t.Fatal(err)
			}
			for l.Next() {
				if !set.Dead[i].Has(l.Doc) {
					lines = append(lines, fmt.Sprint(w.Term, " in ", seg.IDs[l.Doc], l.Mask, l.TF, l.Positions(4, nil)))
				}
			}
			l.Release()
		}
	}
	slices.Sort(lines)
	return lines
}

// An index that is missing, of another kind or damaged: titles are found at once, the state says why, and in the
// background a new one is built.
func TestIndexThatCannotBeUsed(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir string){
		"missing": func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) },
		"old": func(t *testing.T, dir string) {
			file := filepath.Join(dir, currentName)
			text, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(file, []byte(strings.Replace(string(text), "format ", "format 0", 1)), 0o600))
		},
		"no list": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, currentName), []byte("{"), 0o600))
		},
		"cut short": func(t *testing.T, dir string) { eachSegment(t, dir, func(b []byte) []byte { return b[:len(b)/2] }) },
		"emptied":   func(t *testing.T, dir string) { eachSegment(t, dir, func([]byte) []byte { return nil }) },
		"a bad tail": func(t *testing.T, dir string) {
			eachSegment(t, dir, func(b []byte) []byte { b[len(b)-9] ^= 1; return b })
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := onFile(t)
			s.put(journal()...)
			s.catchUp()
			s.close()
			spoil(t, s.folder)
			s.open()
			s.Load(t.Context())
			if h := s.Health(); h.Phase != Degraded || h.Reason == "" {
				t.Errorf("the search is %s", h)
			}
			if r := s.find(Request{Query: "copper"}); !r.Titles || !slices.Equal(titles(r), []string{"Copper and its miners"}) {
				t.Errorf("meanwhile it finds %q", titles(r))
			}
			if list, err := s.Suggest(t.Context(), "copp", 5); err != nil || len(list) != 1 {
				t.Errorf("meanwhile it suggests %v, %v", list, err)
			}
			s.follow()
			s.ready()
			s.wantFound("zambia economy", "Copper and its miners", "A strike in the pits")
		})
	}
}

// What is damaged in its midst is found by reading it all once, or by the first query that meets it.
func TestDamageInTheMidst(t *testing.T) {
	s := onFile(t)
	s.put(journal()...)
	s.catchUp()
	s.close()
	eachSegment(t, s.folder, func(b []byte) []byte {
		for i := range 40 {
			b[i] ^= 0xff
		}
		return b
	})
	s.open()
	s.follow()
	s.until("the damage is mended", func() bool {
		return s.Health().Phase == Ready && len(s.found("zambia economy")) == 2 && len(s.found(`"water treaty"`)) == 1
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eachSegment changes the files of the index.
func eachSegment(t *testing.T, dir string, change func([]byte) []byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.seg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d segments, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		must(t, os.WriteFile(f, change(b), 0o600))
	}
}

// What is published is found within a second, and what is changed, withdrawn or renamed is as it is now.
func TestFollowsTheLibrary(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.put(journal()...)
		s.follow()
		s.ready()
		d := library.Draft{Title: "Fresh news", BodyHTML: "<p>Of plutonium.</p>", Topics: []string{"Metals"}}
		s.put(d)
		took := s.until("what is published is found", func() bool { return len(s.found("plutonium topic:metals")) == 1 })
		if s.db.Dialect() == storage.SQLite && took > time.Second { // on a PostgreSQL that tests share, others' transactions hold back
			t.Errorf("found after %s", took)
		}
		d.BodyHTML = "<p>Of uranium.</p>"
		s.put(d)
		s.until("what is changed is found", func() bool { return len(s.found("uranium")) == 1 && len(s.found("plutonium")) == 0 })
		d.State = library.Drafted
		s.put(d)
		s.until("what is withdrawn is not found", func() bool { return len(s.found("uranium")) == 0 && len(s.found("fresh")) == 0 })
	})
}

// A scheduled article is found from its minute on, and no trace of it before.
func TestScheduledArticle(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.put(journal()...)
		s.put(library.Draft{Title: "Tomorrow", BodyHTML: "<p>Of thorium.</p>", Published: noon.Add(time.Hour)})
		s.follow()
		s.ready()
		s.clock.advance(time.Hour - time.Second)
		time.Sleep(2 * lookEvery)
		if r := s.find(Request{Query: "thorium"}); r.Total != 0 || r.Meant != "" {
			t.Errorf("before its time: %q", titles(r))
		}
		if r := s.find(Request{Query: "thoriun"}); r.Meant != "" {
			t.Errorf("before its time: %q is meant", r.Meant)
		}
		s.clock.advance(time.Second)
		s.until("it is found", func() bool { return len(s.found("thorium")) == 1 })
	})
}

// While an index is built anew, the old one serves; the folder then holds the new one alone.
func TestReindex(t *testing.T) {
	s := onFile(t)
	s.put(journal()...)
	s.follow()
	s.ready()
	before, err := s.readCurrent()
	must(t, err)
	beside := &shelf{t: t, db: s.db, lib: s.lib, clock: s.clock, policy: s.policy, folder: s.folder} // a command beside the server
	beside.open()
	defer beside.close()
	told := make(chan error, 1)
	go func() { told <- beside.Reindex(context.Background(), func(State) {}) }()
	for waiting := true; waiting; {
		select {
		case err := <-told:
			must(t, err)
			waiting = false
		default:
			s.wantFound("zambia economy", "Copper and its miners", "A strike in the pits")
		}
	}
	after, err := s.readCurrent()
	folders, _ := filepath.Glob(filepath.Join(s.folder, "[0-9]*"))
	if err != nil || after == before || len(folders) != 1 {
		t.Errorf("%+v is %+v now, beside it %q, %v", before, after, folders, err)
	}
}
