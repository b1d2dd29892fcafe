package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/library"
)

// batchLines and batchBytes bound a batch, which is one transaction.
const (
	batchLines = 200
	batchBytes = 8 << 20
)

// waiting is how many batches, beyond one a processor, may wait for the disk or the other side of a connection.
const waiting = 2

// progressEvery is how often progress is told.
const progressEvery = 100 * time.Millisecond

// ImportJSONL brings the articles of files of JSON Lines (docs/import.md) into a library, the pictures they name into
// media; without media they go without. It reads the files twice: first for ids that come more than once, of which the
// last line counts. It tells of its progress about ten times a second, from one goroutine at a time, when progress is
// not nil.
//
// Lines that cannot be used are in the report; the error is for what ends the run: a file that cannot be opened, the
// database, or ctx. What was brought in until then stays, and a second run does the rest.
func ImportJSONL(ctx context.Context, lib *library.Library, media Media, in []Source, progress func(Progress)) (Report, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	im := &importer{lib: lib, pictures: newPictures(media), in: in, begun: time.Now(), cancel: cancel,
		tally: tally{seen: map[string]bool{}}}
	for _, s := range in {
		im.total += s.Size
	}
	stop := im.tell(progress)
	err := im.run(ctx)
	stop()
	return im.tally.finish(im.begun), err
}

type importer struct {
	lib      *library.Library
	pictures *pictures
	in       []Source
	survey   *survey
	tally    tally
	begun    time.Time
	total    int64
	looked   atomic.Int64 // bytes, by the survey
	started  atomic.Int64 // when the survey was over, in nanoseconds since begun
	cancel   context.CancelCauseFunc
}

// An item is a line on its way. One whose id comes more than once is parsed already.
type item struct {
	place
	raw []byte
	rec *record
}

func (im *importer) run(ctx context.Context) (err error) {
	if im.survey, err = look(ctx, im.in, &im.looked); err != nil {
		return err
	}
	im.started.Store(int64(time.Since(im.begun)))
	batches := make(chan []item)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) + waiting {
		workers.Go(func() {
			for batch := range batches {
				if err := im.save(ctx, batch); err != nil {
					im.cancel(err)
				}
			}
		})
	}
	err = im.readAll(ctx, batches)
	close(batches)
	workers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// readAll parts the lines of all sources into batches.
func (im *importer) readAll(ctx context.Context, batches chan<- []item) error {
	b := batcher{im: im, out: batches, held: map[string]*record{}}
	for i := range im.in {
		if err := b.readSource(ctx, i); err != nil {
			return err
		}
	}
	return b.flush(ctx)
}

type batcher struct {
	im    *importer
	out   chan<- []item
	batch []item
	size  int
	held  map[string]*record // of superseded lines, for what later ones lack
}

func (b *batcher) readSource(ctx context.Context, n int) error {
	im := b.im
	r, err := open(im.in[n], new(atomic.Int64))
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }()
	for {
		line, err := r.next()
		switch {
		case errors.Is(err, errTooLong):
			im.bad(place{n, r.n}, err)
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			im.bad(place{n, r.n}, fmt.Errorf("the file cannot be read further: %w", err))
			return nil
		case len(bytes.TrimSpace(line)) == 0:
			continue
		}
		if err := b.add(ctx, place{n, r.n}, line); err != nil {
			return err
		}
	}
}

// add takes a line. The line is only borrowed.
func (b *batcher) add(ctx context.Context, at place, line []byte) error {
	it := item{place: at}
	switch s := b.im.survey; {
	case s.superseded[at]:
		b.hold(at, line)
		return ctx.Err()
	case s.last[at]:
		rec, err := parseRecord(line)
		if err != nil {
			b.im.bad(at, err)
			return ctx.Err()
		}
		if h := b.held[rec.draft.Source]; h != nil {
			h.lend(rec)
			delete(b.held, rec.draft.Source)
		}
		it.rec = rec
	default:
		it.raw = slices.Clone(line)
	}
	b.batch = append(b.batch, it)
	if b.size += len(line); len(b.batch) >= batchLines || b.size >= batchBytes {
		return b.flush(ctx)
	}
	return nil
}

// hold keeps of a line whose id comes again what the later one may lack.
func (b *batcher) hold(at place, line []byte) {
	rec, err := parseRecord(line)
	if err != nil {
		b.im.bad(at, err)
		return
	}
	if h := b.held[rec.draft.Source]; h != nil {
		h.lend(rec)
	}
	rec.forgetText()
	b.held[rec.draft.Source] = rec
	b.im.tally.add(func(r *Report) { r.Lines++; r.Repeated++ })
	b.im.note("repeated", at, fmt.Sprintf("the id %s comes again further on; of lines with one id the last counts", rec.draft.Source))
}

func (b *batcher) flush(ctx context.Context) error {
	if len(b.batch) == 0 {
		return nil
	}
	select {
	case b.out <- b.batch:
		b.batch, b.size = nil, 0
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// save brings a batch in. Its error ends the run.
func (im *importer) save(ctx context.Context, batch []item) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	drafts := make([]library.Draft, 0, len(batch))
	places := make([]place, 0, len(batch))
	for _, it := range batch {
		rec := it.rec
		if rec == nil {
			var err error
			if rec, err = parseRecord(it.raw); err != nil {
				im.bad(it.place, err)
				continue
			}
		}
		im.complete(ctx, rec, it.place)
		drafts, places = append(drafts, rec.draft), append(places, it.place)
	}
	saved, err := im.lib.SaveBatch(ctx, drafts)
	if err != nil {
		return fmt.Errorf("import %s, lines %d to %d: %w", im.in[batch[0].source].Name, batch[0].line, batch[len(batch)-1].line, err)
	}
	for i, s := range saved {
		if s.Err != nil {
			im.bad(places[i], s.Err)
			continue
		}
		im.tally.add(func(r *Report) {
			r.Lines++
			switch s.Outcome {
			case library.Created:
				r.New++
			case library.Changed:
				r.Changed++
			case library.Unchanged:
				r.Same++
			}
		})
	}
	return nil
}

// complete adds to a record what its line does not say by itself.
func (im *importer) complete(ctx context.Context, rec *record, at place) {
	rec.findSeries()
	for _, key := range rec.unknown {
		im.note("key "+key, at, fmt.Sprintf("the key %.60q means nothing here and is passed over", key))
	}
	if rec.picture.File == "" {
		return
	}
	dir := im.in[at.source].Dir
	hero, err := im.pictures.hero(ctx, dir, rec.picture)
	if err != nil {
		im.note("picture "+rec.picture.File, at, pictureNote(rec.picture.File, err))
		return
	}
	rec.draft.Hero = hero
	if err := im.pictures.captionsFault(dir); err != nil {
		im.note("captions "+dir, at, fmt.Sprintf("%s beside this file cannot be read: %v", captionsFile, err))
	}
}

func (im *importer) bad(at place, err error) {
	im.tally.add(func(r *Report) { r.Lines++ })
	im.tally.bad(im.problem(at, err.Error()))
}

func (im *importer) note(kind string, at place, text string) {
	im.tally.note(kind, im.problem(at, text))
}

func (im *importer) problem(at place, text string) Problem {
	return Problem{File: im.in[at.source].Name, Line: at.line, Reason: text, source: at.source}
}

// tell calls progress from time to time, and a last time when it is stopped.
func (im *importer) tell(progress func(Progress)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				progress(im.progress())
			case <-done:
				progress(im.progress())
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

func (im *importer) progress() Progress {
	p := Progress{TotalBytes: im.total}
	started := time.Duration(im.started.Load())
	if started == 0 {
		p.Survey, p.Bytes = true, im.looked.Load()
		return p
	}
	im.tally.add(func(r *Report) {
		p.Lines, p.New, p.Changed, p.Same, p.Bad = r.Lines, r.New, r.Changed, r.Same, r.Bad
	})
	took := time.Since(im.begun) - started
	if took > 0 {
		p.Rate = float64(p.Lines) / took.Seconds()
	}
	// What was read may wait long for its pictures: only lines that are done with count.
	if all := im.survey.lines; p.Lines > 0 && all > 0 {
		part := min(1, float64(p.Lines)/float64(all))
		p.Bytes = int64(part * float64(p.TotalBytes))
		p.Left = time.Duration(float64(took) * (1 - part) / part)
	}
	return p
}
