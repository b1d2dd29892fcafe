package demo

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/ads"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
)

// Deps are what Fill writes to.
type Deps struct {
	Library *library.Library
	Media   *media.Images
	Ads     *ads.Ads // nil sells nothing
	// Welcome makes sure that a guest is a reader, confirmed, and has what they should. Called at every Fill; nil makes
	// no readers.
	Welcome func(ctx context.Context, g Guest) error
}

// Options of Fill.
type Options struct {
	Now      time.Time             // in the publication's time zone: what was "published this morning" depends on it
	Articles int                   // how many generated articles there shall be beside the written ones, for load
	Progress func(done, total int) // hears how far the generated articles are; nil is nobody
}

// A Summary tells what Fill did, and where to look.
type Summary struct {
	Created   int // written articles that were not there
	Kept      int // written articles that were
	Generated int // generated articles that were not there
	Pictures  int
	Samples   map[access.Level]string // the slug of the newest published article of each level
}

// Fill makes the demonstration journal, or completes it when it was interrupted. What is there stays as it is.
func Fill(ctx context.Context, d Deps, o Options) (Summary, error) {
	j, err := read(files)
	if err != nil {
		return Summary{}, fmt.Errorf("read the demonstration: %w", err)
	}
	f := filler{Deps: d, journal: j, now: o.Now, heroes: map[string]library.Image{}}
	f.summary.Samples = map[access.Level]string{}
	for _, step := range []func(context.Context) error{f.shelve, f.introduce, f.hang, f.publish, f.open, f.advertise,
		func(ctx context.Context) error { return f.generate(ctx, o.Articles, o.Progress) }, f.welcome} {
		if err := step(ctx); err != nil {
			return Summary{}, fmt.Errorf("fill the demonstration: %w", err)
		}
	}
	return f.summary, nil
}

// A filler is one Fill on its way.
type filler struct {
	Deps
	journal journal
	now     time.Time
	heroes  map[string]library.Image // by file of photos/
	summary Summary
}

// shelve makes the sections, topics and series that are not there, in order.
func (f *filler) shelve(ctx context.Context) error {
	for _, of := range []struct {
		kind    library.TermKind
		shelves []shelf
	}{{library.Section, sections}, {library.Topic, topics}, {library.Series, series}} {
		for _, s := range of.shelves {
			_, err := f.Library.Term(ctx, of.kind, library.Slug(s.name))
			if fault.Is(err, fault.NotFound) {
				_, err = f.Library.SaveTerm(ctx, library.Term{Kind: of.kind, Name: s.name, Description: s.description})
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", of.kind, s.name, err)
			}
		}
	}
	return nil
}

// introduce makes the contributors who are not there.
func (f *filler) introduce(ctx context.Context) error {
	for _, c := range f.journal.contributors {
		_, err := f.Library.ContributorBySlug(ctx, c.Slug)
		if fault.Is(err, fault.NotFound) {
			_, err = f.Library.SaveContributor(ctx, library.Contributor{
				Term: library.Term{Kind: library.Byline, Slug: c.Slug, Name: c.Name}, Line: c.Line, Biography: c.Biography})
		}
		if err != nil {
			return fmt.Errorf("contributor %s: %w", c.Name, err)
		}
	}
	return nil
}

// hang keeps the photographs, several at a time.
func (f *filler) hang(ctx context.Context) error {
	var mu sync.Mutex // of heroes
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range f.journal.photos {
		g.Go(func() error {
			b, err := files.ReadFile(path.Join("photos", p.File))
			if err != nil {
				return err
			}
			i, err := f.Media.Put(ctx, bytes.NewReader(b))
			if err != nil {
				return fmt.Errorf("photograph %s: %w", p.File, err)
			}
			mu.Lock()
			defer mu.Unlock()
			f.heroes[p.File] = library.Image{File: i.Name, Width: i.Width, Height: i.Height,
				Alt: p.Caption, Caption: p.Caption, Credit: p.Credit, Licence: p.Licence}
			return nil
		})
	}
	f.summary.Pictures = len(f.journal.photos)
	return g.Wait()
}

// publish saves the written articles that are not there.
func (f *filler) publish(ctx context.Context) error {
	all := f.journal.articles
	offsets, sources := make([]offset, len(all)), make([]string, len(all))
	for i, a := range all {
		offsets[i], sources[i] = a.Published, "demo:"+a.Slug
	}
	times := schedule(offsets, f.now)
	newest := map[access.Level]time.Time{}
	for i, a := range all {
		if at := times[i]; at.Before(f.now) && at.After(newest[a.Level]) {
			newest[a.Level] = at
			f.summary.Samples[a.Level] = a.Slug
		}
	}
	created, err := f.save(ctx, sources, func(i int) library.Draft {
		d := f.draft(all[i])
		d.Source, d.Published = sources[i], times[i]
		return d
	})
	f.summary.Created, f.summary.Kept = created, len(all)-created
	return err
}

// open writes the introductions that are not there.
func (f *filler) open(ctx context.Context) error {
	for _, i := range f.journal.introduced {
		t, err := f.Library.Term(ctx, i.Kind, i.Slug)
		if err != nil {
			return fmt.Errorf("introduction of %s %s: %w", i.Kind, i.Slug, err)
		}
		have, err := f.Library.Introduction(ctx, t.ID)
		if err == nil && have.Source == "" {
			err = f.Library.Introduce(ctx, i.Kind, i.Slug, i.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// draft is a written article but for its source and time.
func (f *filler) draft(a article) library.Draft {
	d := library.Draft{
		Slug: a.Slug, Kind: a.Kind, Title: a.Title, Standfirst: a.Standfirst, Level: a.Level,
		Section: a.Section, Byline: a.Contributors, Topics: a.Topics, Countries: a.Countries, Series: a.Series,
		Part: a.Part, State: library.Published, Licence: textLicence, BodyMarkdown: a.text,
	}
	if a.Photo != "" {
		hero := f.heroes[a.Photo]
		hero.Alt = a.Alt
		d.Hero = &hero
	}
	return d
}

// textLicence is that of the texts: the project's own.
const textLicence = "Apache-2.0"

// save writes those articles that are not there by their sources, as draft makes them, and returns how many those were.
func (f *filler) save(ctx context.Context, sources []string, draft func(i int) library.Draft) (int, error) {
	known, err := f.Library.Known(ctx, sources)
	if err != nil {
		return 0, err
	}
	var missing []library.Draft
	for i, s := range sources {
		if known[s] == 0 {
			missing = append(missing, draft(i))
		}
	}
	saved, err := f.Library.SaveBatch(ctx, missing)
	if err != nil {
		return 0, err
	}
	for i, s := range saved {
		if s.Err != nil {
			return 0, fmt.Errorf("article %s: %w", missing[i].Source, s.Err)
		}
	}
	return len(missing), nil
}

// welcome makes the sample readers.
func (f *filler) welcome(ctx context.Context) error {
	if f.Welcome == nil {
		return nil
	}
	for _, g := range Guests() {
		if err := f.Welcome(ctx, g); err != nil {
			return fmt.Errorf("reader %s: %w", g.Address, err)
		}
	}
	return nil
}
