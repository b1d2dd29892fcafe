package ads

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/insights"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/storage"
)

// ChangeKind is the kind of this package's lines in the change log.
const ChangeKind = "ads"

// Options are what advertising stands on.
type Options struct {
	House    []Creative         // words of the publication's own, where nothing else stands at the foot of a page
	Frames   string             // origin of the host that has what other companies send, "" for none of it
	Insights *insights.Insights // counts
	Media    *media.Images      // keeps the pictures
	Now      func() time.Time   // nil is the system's clock
	Log      *slog.Logger       // nil is slog.Default()
}

// Ads is the advertising of one publication. It is safe for concurrent use.
type Ads struct {
	Options
	db    *storage.DB
	key   []byte // signs tickets
	guard *guard

	mu         sync.Mutex
	stock      *stock // what runs, nil when it is to be read
	generation int    // of stock: what was read before a change is not kept after it
}

// New returns the advertising kept in db.
func New(ctx context.Context, db *storage.DB, o Options) (*Ads, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	key, err := db.Secret(ctx, "ads")
	if err != nil {
		return nil, fmt.Errorf("open advertising: %w", err)
	}
	a := &Ads{Options: o, db: db, key: key, guard: &guard{}}
	_, _ = rand.Read(a.guard.salt[:]) // never fails (crypto/rand)
	if err := a.lay(ctx); err != nil {
		return nil, fmt.Errorf("open advertising: %w", err)
	}
	return a, nil
}

// now is the time as the database keeps it, to the microsecond.
func (a *Ads) now() time.Time { return a.Now().UTC().Truncate(time.Microsecond) }

// Forget drops what is kept in memory of places and campaigns: the change log says that they were changed.
func (a *Ads) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stock = nil
	a.generation++
}

// A stock is everything that may be shown, as it was read together.
type stock struct {
	places    []Place
	campaigns []Campaign
	creatives map[int64][]Creative // by campaign, those that are running and may be shown here
	byID      map[int64]Creative   // all of them: links that are out go on leading somewhere
}

func (a *Ads) shelves(ctx context.Context) (*stock, error) {
	a.mu.Lock()
	kept, generation := a.stock, a.generation
	a.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	s := &stock{creatives: map[int64][]Creative{}, byID: map[int64]Creative{}}
	err := a.db.Read(ctx, func(tx *storage.DB) (err error) {
		if s.places, err = places(ctx, tx); err != nil {
			return err
		}
		if s.campaigns, err = campaigns(ctx, tx, ""); err != nil {
			return err
		}
		all, err := creatives(ctx, tx, 0)
		for _, c := range all {
			s.byID[c.ID] = c
			if c.State == Running && (c.Tag == "" || a.Frames != "") {
				s.creatives[c.Campaign] = append(s.creatives[c.Campaign], c)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what is advertised: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.generation == generation {
		a.stock = s
	}
	return s, nil
}

// change writes, and tells every node.
func (a *Ads) change(ctx context.Context, what string, f func(tx *storage.DB) error) error {
	err := a.db.Write(ctx, func(tx *storage.DB) error {
		if err := f(tx); err != nil {
			return err
		}
		return tx.Changed(ctx, ChangeKind, 0)
	})
	a.Forget()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// A State says whether something may be shown.
type State string

// The states. What has ended does not run again.
const (
	Running State = "running"
	Paused  State = "paused"
	Ended   State = "ended"
)

// setState moves one thing to another state. update is the statement that does, with the state it gets as $1, that it
// must not be in as $2, and its name as $3.
func (a *Ads) setState(ctx context.Context, what, update string, name any, to State) error {
	return a.change(ctx, fmt.Sprintf("%s %v", what, name), func(tx *storage.DB) error {
		n, err := tx.Exec(ctx, update, to, Ended, name)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "there is no such %s, or it has ended", what)
		}
		return err
	})
}
