package search

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search/index"
)

const (
	applyAtMost = 1000                   // articles that go into one segment while the library changes
	readAtOnce  = 100                    // articles read from the database at once
	lookEvery   = 250 * time.Millisecond // for scheduled articles whose time has come
	retryAfter  = 2 * time.Second        // a failure
)

// Run keeps the index in step with the library until ctx ends: it brings in what was written while nobody looked, builds
// the index if there is none, and follows what Changed tells. Only one process at a time does it for a folder; others
// wait, and read.
func (s *Search) Run(ctx context.Context) {
	unlock := s.lock(ctx)
	if unlock == nil {
		return
	}
	defer unlock()
	s.Load(ctx)
	w := &worker{Search: s, built: make(chan *index.Index, 1), seen: s.now()}
	if s.live.Load() == nil {
		signal(s.rebuild)
	} else {
		s.setPendingAll()
		w.tasks.Go(func() { s.verify() })
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.wake:
			w.applyPending(ctx)
		case <-tick.C:
			w.lookForScheduled(ctx)
		case <-s.rebuild:
			w.startBuild(ctx)
		case x := <-w.built:
			w.finishBuild(ctx, x)
		}
	}
	w.tasks.Wait()
}

func (s *Search) setPendingAll() {
	s.mu.Lock()
	s.pending.all = true
	s.mu.Unlock()
	signal(s.wake)
}

// lock waits until this process may write the index; nil when ctx ended before.
func (s *Search) lock(ctx context.Context) (unlock func()) {
	told := false
	for {
		if err := os.MkdirAll(s.dir, 0o750); err != nil {
			s.log.Error("make the folder of the search index", "error", err)
		}
		unlock, held, err := tryLock(filepath.Join(s.dir, "lock"))
		if err == nil {
			return unlock
		}
		if !told {
			told = true
			s.log.Warn("the search index cannot be written yet", "held", held, "error", err)
		}
		if !pause(ctx, retryAfter) {
			return nil
		}
	}
}

// pause waits, and reports whether ctx lasted.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// A worker is Run's own.
type worker struct {
	*Search
	built    chan *index.Index // nil when a build failed
	building bool
	seen     time.Time // articles scheduled up to then are in
	tasks    sync.WaitGroup
}

// applyPending brings what has changed into the index. Without an index there is nothing to do but terms: the build
// that is under way ends with a look at everything.
func (w *worker) applyPending(ctx context.Context) {
	p := w.take(applyAtMost)
	if err := w.apply(ctx, p); err != nil && ctx.Err() == nil {
		w.log.Error("update the search index", "error", err)
		w.putBack(p)
		pause(ctx, retryAfter)
	}
}

func (w *worker) apply(ctx context.Context, p pending) error {
	if p.editorial {
		if err := w.loadEditorial(ctx); err != nil {
			return err
		}
	}
	if len(p.terms) > 0 {
		if err := w.loadTerms(ctx); err != nil {
			return err
		}
	}
	x := w.live.Load()
	if x == nil {
		return nil
	}
	if p.all {
		if err := w.reconcile(ctx, x); err != nil {
			return err
		}
	}
	ids := slices.Sorted(maps.Keys(p.articles))
	if len(p.terms) > 0 {
		ids = append(ids, filedUnder(x.Set(), p.terms)...)
	}
	if err := w.update(ctx, x, ids); err != nil {
		return err
	}
	w.tasks.Go(func() { w.merge(x) })
	return nil
}

// filedUnder returns the articles under one of the terms: their names are words of theirs.
func filedUnder(set *index.Set, terms map[int64]bool) (ids []int64) {
	for i, seg := range set.Segments {
		for d := range uint32(seg.Len()) {
			if !set.Dead[i].Has(d) && slices.ContainsFunc(seg.Terms(d), func(t uint32) bool { return terms[int64(t)] }) {
				ids = append(ids, seg.IDs[d])
			}
		}
	}
	return ids
}

func (w *worker) merge(x *index.Index) {
	if _, err := x.Merge(); err != nil && w.live.Load() == x {
		w.log.Error("merge the search index", "error", err)
	}
}

// reconcile compares the index with the library, article by article, and brings in the differences.
func (s *Search) reconcile(ctx context.Context, x *index.Index) error {
	have := map[int64]int64{}
	x.Set().Versions(func(id, version int64) { have[id] = version })
	var ids []int64
	err := s.library.Versions(ctx, func(id, version int64) {
		if have[id] != version {
			ids = append(ids, id)
		}
		delete(have, id)
	})
	if err != nil {
		return err
	}
	ids = append(ids, slices.Sorted(maps.Keys(have))...)
	if len(ids) > 0 {
		s.log.Info("the search index catches up", "articles", len(ids))
	}
	return s.update(ctx, x, ids)
}

// update brings articles into the index as the library has them now; those it does not have are taken out.
func (s *Search) update(ctx context.Context, x *index.Index, ids []int64) error {
	for part := range slices.Chunk(ids, applyAtMost) {
		b := index.NewBuilder(s.language)
		found, err := s.read(ctx, b, part)
		if err != nil {
			return err
		}
		var gone []int64
		for _, id := range part {
			if !found[id] {
				gone = append(gone, id)
			}
		}
		if err := x.Apply(b, gone); err != nil {
			return err
		}
		if err := s.relatedChanged(ctx, x, part); err != nil {
			return err
		}
		if len(ids) > applyAtMost {
			if _, err := x.Merge(); err != nil {
				return err
			}
		}
	}
	return nil
}

// read puts articles into a builder.
func (s *Search) read(ctx context.Context, b *index.Builder, ids []int64) (found map[int64]bool, err error) {
	found = map[int64]bool{}
	for part := range slices.Chunk(ids, readAtOnce) {
		list, err := s.library.Wholes(ctx, part)
		if err != nil {
			return nil, err
		}
		if err := s.knowTerms(ctx, list); err != nil {
			return nil, err
		}
		for _, a := range list {
			found[a.ID] = true
			b.Add(s.document(a))
		}
	}
	return found, nil
}

// lookForScheduled brings in the articles whose time has come.
func (w *worker) lookForScheduled(ctx context.Context) {
	now := w.now()
	ids, err := w.library.AppearedSince(ctx, w.seen)
	if err != nil {
		if ctx.Err() == nil {
			w.log.Error("look for scheduled articles", "error", err)
		}
		return
	}
	w.seen = now
	x := w.live.Load()
	if x == nil || len(ids) == 0 {
		return
	}
	w.mu.Lock()
	if w.pending.articles == nil {
		w.pending.articles = map[int64]bool{}
	}
	for _, id := range ids {
		w.pending.articles[id] = true
	}
	w.mu.Unlock()
	signal(w.wake)
}

// startBuild begins to build an index beside the one that is there.
func (w *worker) startBuild(ctx context.Context) {
	if w.building {
		return
	}
	w.building = true
	w.tasks.Go(func() {
		x, err := w.build(ctx, nil)
		for err != nil && ctx.Err() == nil {
			w.log.Error("build the search index", "error", err)
			if pause(ctx, retryAfter) {
				x, err = w.build(ctx, nil)
			}
		}
		if err == nil {
			w.built <- x
		}
	})
}

// finishBuild puts a new index in the place of the old one.
func (w *worker) finishBuild(ctx context.Context, x *index.Index) {
	w.building = false
	if err := w.takeOver(ctx, x); err != nil {
		_ = x.Close()
		if ctx.Err() == nil {
			w.log.Error("take over the new search index", "error", err)
			signal(w.rebuild)
			pause(ctx, retryAfter)
		}
	}
}

// verify reads the whole index once: damage that no query met is found before one does.
func (s *Search) verify() {
	x := s.live.Load()
	for _, seg := range x.Set().Segments {
		if err := seg.Verify(); err != nil && !errors.Is(err, os.ErrClosed) {
			s.damaged(err)
			return
		}
	}
}

// damaged gives the index up and asks for a new one.
func (s *Search) damaged(err error) {
	if s.live.Swap(nil) == nil {
		return
	}
	s.log.Error("the search index is damaged and is built anew; titles are searched meanwhile", "error", err)
	s.setState(func(st *State) { *st = State{Phase: Degraded, Reason: "the index was damaged"} })
	signal(s.rebuild)
}

// document is an article as it is indexed.
func (s *Search) document(a library.Whole) index.Document {
	d := index.Document{ID: a.ID, Version: a.Version, Published: a.Published.UnixMicro(), Level: string(a.Level),
		Kind: a.Kind, Section: a.Section.ID, Terms: a.Terms}
	d.Text[index.Title], d.Text[index.Standfirst] = a.Title, a.Standfirst
	d.Text[index.Body], d.Text[index.Headings] = plainText(string(a.Body))
	d.Teaser, _ = plainText(string(a.Teaser))
	d.Text[index.Names] = s.terms.Load().names(a.Terms)
	d.Public = s.open(a)
	return d
}
