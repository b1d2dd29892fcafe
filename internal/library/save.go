package library

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Outcome says what saving a draft did.
type Outcome int

// The outcomes.
const (
	Unchanged Outcome = iota // the article is as it was
	Created
	Changed
)

// Saved is what became of one draft. When Err is set the draft was refused and nothing of it was written.
type Saved struct {
	ID      int64
	Slug    string
	Outcome Outcome
	Err     error
}

// Also is done in the transaction that saves an article, and undoes the save by an error. It may run again, with the
// transaction. Nothing is done for a draft that is refused.
type Also func(tx *storage.DB, article int64) error

// Save writes one article and returns its id. It returns Invalid for a draft that is not right, with the field, and
// Conflict for a slug that belongs to another article. See SaveBatch.
func (l *Library) Save(ctx context.Context, d Draft, also ...Also) (int64, error) {
	out := make([]Saved, 1)
	if err := l.saveDistinct(ctx, []Draft{d}, out, also...); err != nil {
		return 0, err
	}
	return out[0].ID, out[0].Err
}

// SaveBatch writes articles in one transaction, after one for the terms they bring in, and tells what became of each; a draft that is refused does not keep
// the others out. The drafts are prepared before the transaction, on all processors. A few hundred make a good batch.
// Of two drafts for one article the later one wins.
func (l *Library) SaveBatch(ctx context.Context, drafts []Draft) ([]Saved, error) {
	out := make([]Saved, len(drafts))
	for from := 0; from < len(drafts); {
		to := from + distinct(drafts[from:])
		if err := l.saveDistinct(ctx, drafts[from:to], out[from:to]); err != nil {
			return nil, err
		}
		from = to
	}
	return out, nil
}

// distinct returns how many drafts from the first on are for different articles.
func distinct(drafts []Draft) int {
	ids, sources := map[int64]bool{}, map[string]bool{}
	for i, d := range drafts {
		if d.ID != 0 && ids[d.ID] || d.ID == 0 && d.Source != "" && sources[d.Source] {
			return i
		}
		ids[d.ID], sources[d.Source] = true, true
	}
	return len(drafts)
}

// errRaced is returned by a write that found an article not as it was read: someone else wrote it in between.
var errRaced = errors.New("library: the article was written by someone else")

// saveTries bounds how often drafts are prepared anew after errRaced.
const saveTries = 10

func (l *Library) saveDistinct(ctx context.Context, drafts []Draft, out []Saved, also ...Also) error {
	for try := 1; ; try++ {
		jobs, err := l.prepare(ctx, drafts, out)
		if err != nil {
			return err
		}
		err = l.writeJobs(ctx, jobs, out, also)
		if err == nil || !errors.Is(err, errRaced) || try == saveTries {
			return err
		}
	}
}

// writeJobs writes prepared drafts in one transaction, with what is done also, or returns errRaced.
func (l *Library) writeJobs(ctx context.Context, jobs []*job, out []Saved, also []Also) error {
	if len(jobs) == 0 {
		if len(also) == 0 {
			return nil
		}
		return l.db.Write(ctx, func(tx *storage.DB) error { return allOf(tx, out, also) })
	}
	if err := l.makeTerms(ctx, jobs); err != nil {
		return fmt.Errorf("make the terms of %d articles: %w", len(jobs), err)
	}
	var view *termView
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		view = l.terms.view()
		b := batch{tx: tx, terms: view, teaserWords: l.teaserWords}
		if err := b.claimSlugs(ctx, jobs); err != nil {
			return fmt.Errorf("claim %d slugs: %w", len(jobs), err)
		}
		for _, j := range jobs {
			if err := b.write(ctx, j); err != nil {
				return fmt.Errorf("save article %q: %w", j.draft.Title, err)
			}
		}
		if err := b.flush(ctx); err != nil {
			return err
		}
		return allOf(tx, out, also)
	})
	if err == nil {
		view.keep()
	}
	return err
}

// allOf does what is done also with the articles that were saved.
func allOf(tx *storage.DB, out []Saved, also []Also) error {
	for _, s := range out {
		for _, f := range also {
			if s.Err != nil {
				break
			}
			if err := f(tx, s.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// A job is a draft that will be written.
type job struct {
	draft       Draft // settled
	have        stored
	hash        string
	hero        string
	corrections string
	text        prose.Text
	first       string // the slug a new article would like to have
	slug        string // the one it got
	saved       *Saved
}

// prepare finds out what each draft changes and does everything that needs no transaction. What it leaves out has its
// answer in out already.
func (l *Library) prepare(ctx context.Context, drafts []Draft, out []Saved) ([]*job, error) {
	have, err := l.readStored(ctx, drafts)
	if err != nil {
		return nil, err
	}
	all := make([]*job, len(drafts))
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(drafts)) {
		wait.Go(func() {
			for i := range next {
				out[i] = Saved{}
				all[i], out[i].Err = l.prepareOne(drafts[i], have[i], &out[i])
			}
		})
	}
	for i := range drafts {
		next <- i
	}
	close(next)
	wait.Wait()
	var jobs []*job
	for _, j := range all {
		if j != nil {
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// prepareOne returns nil when there is nothing to write.
func (l *Library) prepareOne(d Draft, have stored, saved *Saved) (*job, error) {
	if d.ID != 0 && have.id == 0 {
		return nil, fault.New(fault.NotFound, "There is no article %d.", d.ID)
	}
	j := &job{draft: d, have: have, saved: saved}
	j.draft.tidy()
	if err := j.draft.settle(have); err != nil {
		return nil, err
	}
	if err := j.draft.check(); err != nil {
		return nil, err
	}
	var err error
	if j.hash, err = j.draft.hash(); err != nil {
		return nil, err
	}
	if j.hash == have.hash && (j.draft.Slug == "" || j.draft.Slug == have.slug) {
		saved.ID, saved.Slug = have.id, have.slug
		return nil, nil
	}
	if j.hero, err = imageText(j.draft.Hero); err != nil {
		return nil, err
	}
	if j.corrections, err = correctionsText(j.draft.Corrections); err != nil {
		return nil, err
	}
	j.text, err = prose.Compose(j.draft.source(), j.draft.format(), l.teaserWords)
	return j, err
}
