package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/search/index"
	"github.com/gatefold/gatefold/internal/search/words"
)

// An index is built in a folder of its own, and a small file names the folder that counts. So an old index serves until
// the new one is complete, and a build that is killed leaves nothing but a folder to sweep away.

// current is that file.
type current struct {
	Folder string
	Made   string // by which formats: see fingerprint
}

const (
	currentName  = "current.json"
	progressName = "progress.json" // of a build: a State
)

// fingerprint names what an index is made by. One that was made by something else is not read.
func (s *Search) fingerprint() string {
	return fmt.Sprintf("format %d, text %d, words %d %s", index.Format, textVersion, words.Version, s.language.Code)
}

// Load reads the index that is there, so that the first query finds it. Without one, or with one that cannot be used,
// Health says so, and Run builds it. It does nothing the second time.
func (s *Search) Load(ctx context.Context) {
	s.mu.Lock()
	again := s.loaded
	s.loaded = true
	s.mu.Unlock()
	if again {
		return
	}
	if err := errors.Join(s.loadTerms(ctx), s.loadEditorial(ctx)); err != nil {
		s.log.Error("read what search needs of the database", "error", err)
	}
	x, err := s.openCurrent()
	if err != nil {
		s.setState(func(st *State) { *st = State{Phase: Degraded, Reason: err.Error()} })
		s.log.Warn("search has no index: titles are searched until it is built", "reason", err)
		return
	}
	s.use(x)
}

func (s *Search) openCurrent() (*index.Index, error) {
	c, err := s.readCurrent()
	if err != nil {
		return nil, err
	}
	if c.Made != s.fingerprint() {
		return nil, fmt.Errorf("the index is of another kind (%s, not %s)", c.Made, s.fingerprint())
	}
	return index.Open(filepath.Join(s.dir, filepath.Base(c.Folder)))
}

var errNoIndex = errors.New("there is no index")

func (s *Search) readCurrent() (current, error) {
	var c current
	text, err := os.ReadFile(filepath.Join(s.dir, currentName))
	if errors.Is(err, fs.ErrNotExist) {
		return c, errNoIndex
	}
	if err == nil && json.Unmarshal(text, &c) != nil {
		err = errors.New("the index is damaged")
	}
	return c, err
}

// use makes an index the one that is searched.
func (s *Search) use(x *index.Index) {
	s.mu.Lock()
	s.all = append(s.all, x)
	s.state = State{Phase: Ready}
	s.mu.Unlock()
	s.live.Store(x)
	s.related.clear()
}

// buildBytes is how much memory a build takes before it writes a segment.
const buildBytes = 24 << 20

// build makes an index of everything in a new folder. It tells how far it is in the state, in a file for other
// processes, and to progress, which may be nil.
func (s *Search) build(ctx context.Context, progress func(State)) (x *index.Index, err error) {
	began := time.Now()
	dir, err := s.newFolder()
	if err != nil {
		return nil, err
	}
	var ids []int64
	if err := s.library.Versions(ctx, func(id, _ int64) { ids = append(ids, id) }); err != nil {
		return nil, err
	}
	s.log.Info("building the search index", "articles", len(ids))
	if x, err = index.Create(dir); err != nil {
		return nil, err
	}
	tell := s.teller(len(ids), progress)
	defer func() {
		_ = os.Remove(filepath.Join(s.dir, progressName)) // nobody minds one that stays
		if err != nil {
			_ = x.Close()
			_ = os.RemoveAll(dir) // or at the next build
		}
	}()
	b := index.NewBuilder(s.language)
	for done := 0; done < len(ids); {
		next := ids[done:min(done+readAtOnce, len(ids))]
		if _, err := s.read(ctx, b, next); err != nil {
			return x, err
		}
		if done += len(next); b.Size() > buildBytes || done == len(ids) {
			if err := x.Apply(b, nil); err != nil {
				return x, err
			}
			b = index.NewBuilder(s.language)
		}
		tell(done)
	}
	if err := x.MergeAll(); err != nil {
		return x, err
	}
	took := time.Since(began)
	s.log.Info("the search index is built", "articles", len(ids), "took", took.Round(time.Millisecond).String(),
		"rate", int(float64(len(ids))/max(took.Seconds(), 1e-3)), "bytes", x.Set().Bytes)
	return x, nil
}

// newFolder returns a folder for a new index, and sweeps away those that were given up.
func (s *Search) newFolder() (string, error) {
	c, err := s.readCurrent()
	if err != nil {
		c = current{}
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return "", err
	}
	last := 0
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil || !e.IsDir() {
			continue
		}
		last = max(last, n)
		if e.Name() != c.Folder {
			if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
				return "", err
			}
		}
	}
	return filepath.Join(s.dir, strconv.Itoa(last+1)), nil
}

// tellEvery is how often a build tells how far it is.
const tellEvery = 200 * time.Millisecond

func (s *Search) teller(total int, progress func(State)) func(done int) {
	var last time.Time
	return func(done int) {
		s.setState(func(st *State) {
			st.Done, st.Total = done, total
			if st.Phase == Degraded {
				st.Phase = Building
			}
		})
		now := time.Now()
		if now.Sub(last) < tellEvery && done < total {
			return
		}
		last = now
		st := s.Health()
		if text, err := json.Marshal(st); err == nil {
			_ = os.WriteFile(filepath.Join(s.dir, progressName), text, 0o640) // to look at, no more
		}
		if progress != nil {
			progress(st)
		}
	}
}

// takeOver brings a new index up to the moment and puts it in the place of the old one, which is deleted.
func (s *Search) takeOver(ctx context.Context, x *index.Index) error {
	if err := s.reconcile(ctx, x); err != nil {
		return err
	}
	folder := filepath.Base(x.Dir())
	text, err := json.Marshal(current{Folder: folder, Made: s.fingerprint()})
	if err != nil {
		return err
	}
	old, _ := s.readCurrent() // there may be none
	if err := index.Replace(filepath.Join(s.dir, currentName), text); err != nil {
		return err
	}
	s.use(x)
	if old.Folder != "" && old.Folder != folder {
		if err := os.RemoveAll(filepath.Join(s.dir, filepath.Base(old.Folder))); err != nil {
			s.log.Warn("delete the old search index", "error", err)
		}
	}
	return nil
}

// Reindex builds the index anew while the old one serves, and tells progress how far it is. When another process keeps
// the index, it is asked to do it, as are all other nodes, and watched.
func (s *Search) Reindex(ctx context.Context, progress func(State)) error {
	if err := os.MkdirAll(s.dir, 0o750); err != nil {
		return err
	}
	unlock, held, err := tryLock(filepath.Join(s.dir, "lock"))
	if held {
		return s.askToReindex(ctx, progress)
	}
	if err != nil {
		return err
	}
	defer unlock()
	s.Load(ctx)
	x, err := s.build(ctx, progress)
	if err != nil {
		return err
	}
	return s.takeOver(ctx, x)
}

// askToReindex has the process that keeps the index build it, and waits for it.
func (s *Search) askToReindex(ctx context.Context, progress func(State)) error {
	before, _ := s.readCurrent() // there may be none
	if err := s.tell(ctx, rebuildWanted); err != nil {
		return err
	}
	for pause(ctx, tellEvery) {
		if now, err := s.readCurrent(); err == nil && now != before {
			return nil
		}
		var st State
		if text, err := os.ReadFile(filepath.Join(s.dir, progressName)); err == nil && json.Unmarshal(text, &st) == nil {
			progress(st)
		}
	}
	return ctx.Err()
}

// CatchUp brings the index up to what the library holds, building it if need be, for a command that searches without a
// server. When another process keeps the index, it is read as it is.
func (s *Search) CatchUp(ctx context.Context, progress func(State)) error {
	if err := os.MkdirAll(s.dir, 0o750); err != nil {
		return err
	}
	unlock, held, err := tryLock(filepath.Join(s.dir, "lock"))
	if err != nil && !held {
		return err
	}
	s.Load(ctx)
	if held {
		return nil
	}
	defer unlock()
	if x := s.live.Load(); x != nil {
		return s.reconcile(ctx, x)
	}
	x, err := s.build(ctx, progress)
	if err != nil {
		return err
	}
	return s.takeOver(ctx, x)
}
