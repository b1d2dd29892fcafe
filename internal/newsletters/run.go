package newsletters

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/storage"
)

// How the schedule is kept.
const (
	tickEvery = 5 * time.Second
	ahead     = 2 * time.Hour // a draft is there so long before its time, for editors to look at
	lateMost  = 6 * time.Hour // a time that passed longer ago, as while nothing ran, makes no edition
	relaunch  = 2 * time.Minute
	holdPause = 5 * time.Minute // after which it is asked again whether what is held may go out
)

// Run keeps the schedule and counts clicks until ctx ends; it then returns nil. Trouble is logged and waited out. Every
// node runs it: rows decide which of them does what.
func (l *Newsletters) Run(ctx context.Context) error {
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		if err := errors.Join(l.Tick(ctx), l.FlushClicks(ctx, false)); err != nil && ctx.Err() == nil {
			l.Log.Error("newsletters", "error", err)
		}
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), tickEvery)
			defer cancel()
			if err := l.FlushClicks(last, true); err != nil {
				l.Log.Error("clicks of newsletters are lost", "error", err)
			}
			return nil
		case <-tick.C:
		}
	}
}

// Tick does what is due now: drafts, sends what is approved, and notes what is finished.
func (l *Newsletters) Tick(ctx context.Context) error {
	all, err := l.All(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range all {
		if !n.Stopped {
			errs = append(errs, l.draftDue(ctx, n), l.draftEach(ctx, n))
		}
		errs = append(errs, l.sendDue(ctx, n), l.finish(ctx, n))
	}
	return errors.Join(errs...)
}

// draftDue drafts the edition of the schedule's next time once that is near, and of its last time when that passed a
// short while ago and nobody was there.
func (l *Newsletters) draftDue(ctx context.Context, n Newsletter) error {
	now := l.now()
	var slots []time.Time
	if last, ok := n.Schedule.Last(now, l.Publication.Zone); ok && last.After(n.Since) && now.Sub(last) <= lateMost {
		slots = append(slots, last)
	}
	if next, ok := n.Schedule.Next(now, l.Publication.Zone); ok && next.Sub(now) <= ahead {
		slots = append(slots, next)
	}
	for _, at := range slots {
		slot := at.UTC().Format(time.RFC3339)
		taken, err := l.taken(ctx, n, slot)
		if err != nil || taken {
			if err != nil {
				return err
			}
			continue
		}
		_, err = l.draft(ctx, n, slot, at, now)
		if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) { // nothing to tell yet, or another node was faster
			continue
		}
		if err != nil {
			return fmt.Errorf("draft %s for %s: %w", n.Slug, slot, err)
		}
	}
	return nil
}

func (l *Newsletters) taken(ctx context.Context, n Newsletter, slot string) (bool, error) {
	var count int
	err := l.db.QueryRow(ctx, `SELECT COUNT(*) FROM editions WHERE newsletter = $1 AND slot = $2`, n.ID, slot).Scan(&count)
	return count > 0, err
}

// eachMost is how many articles go out one by one between two looks. More at once are an import, not a day's work.
const eachMost = 20

// draftEach makes an edition of every article that just appeared, for readers who want each by itself.
func (l *Newsletters) draftEach(ctx context.Context, n Newsletter) error {
	if !n.Instant && !n.Schedule.EachPublication() {
		return nil
	}
	now := l.now()
	since := now.Add(-lateMost)
	if n.Since.After(since) {
		since = n.Since
	}
	list, err := l.Library.List(ctx, library.Filter{From: since, Until: now.Add(time.Microsecond)}, library.Cursor{}, eachMost+1)
	if err != nil || len(list.Items) == 0 || len(list.Items) > eachMost {
		return err
	}
	wanted := -1
	for _, a := range list.Items {
		slot := fmt.Sprintf("article %d", a.ID)
		if taken, err := l.taken(ctx, n, slot); err != nil || taken {
			if err != nil {
				return err
			}
			continue
		}
		if wanted < 0 {
			if wanted, err = l.Count(ctx, n, n.Instant); err != nil || wanted == 0 {
				return err
			}
		}
		if err := l.draftOne(ctx, n, slot, a); err != nil {
			return err
		}
	}
	return nil
}

// draftOne makes the edition of one article. Where an editor looks first, it waits for that.
func (l *Newsletters) draftOne(ctx context.Context, n Newsletter, slot string, a library.Summary) error {
	now := l.now()
	kind := Articles
	d := Document{Subject: shorten(oneLine(a.Title), 150), Preheader: shorten(oneLine(a.Standfirst), 200),
		Blocks: []Block{{Kind: kind, Items: []Item{{Slug: a.Slug}}}, {Kind: Sponsor, Heading: headings[Sponsor]}}}
	e := Edition{Newsletter: n.ID, Slot: slot, State: Draft, Instant: n.Instant, Covers: a.Published, Covered: now, Due: now, Created: now}
	if n.Unattended {
		e.State, e.Approved = Approved, now
	}
	_, err := l.keep(ctx, e, d)
	if fault.Is(err, fault.NotFound) {
		return nil // another node was faster
	}
	return err
}

// sendDue sends what is approved and whose time has come. What was drafted for an unattended newsletter is approved
// then, drafted once more with what came in since when no editor touched it.
func (l *Newsletters) sendDue(ctx context.Context, n Newsletter) error {
	now := l.now()
	due, err := l.editions(ctx, `SELECT `+editionColumns+` FROM editions WHERE newsletter = $1 AND state IN ('draft', 'approved', 'held')
		AND due > 0 AND due <= $2 ORDER BY due, id LIMIT 100`, n.ID, storage.Micros(now))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range due {
		if now.Sub(e.Due) > lateMost {
			if e.State != Draft || e.Note == "" {
				errs = append(errs, l.hold(ctx, e, joinNonEmpty(" ", "Its time passed while it could not be sent.", e.Note,
					"Approve it again to send it, or discard it.")))
			}
			continue
		}
		errs = append(errs, l.sendOne(ctx, n, e))
	}
	return errors.Join(errs...)
}

func (l *Newsletters) sendOne(ctx context.Context, n Newsletter, e Edition) error {
	if e.State == Draft {
		if !n.Unattended {
			return nil
		}
		if ok, err := l.release(ctx, n, e); err != nil || !ok {
			return err
		}
	}
	if e.State == Held && !l.held.due(l.now()) {
		return nil
	}
	err := l.Send(ctx, e.ID)
	switch {
	case fault.Is(err, fault.Conflict):
		return nil // another node sends it
	case fault.Is(err, fault.Denied):
		l.held.refused(l.now())
		return l.keepBack(ctx, e, err)
	}
	return err
}

// holding remembers when letters were refused to go out, so that not every look asks anew. It counts by node, and
// forgets with the program: then it is asked once more.
type holding struct {
	mu    sync.Mutex
	again time.Time
}

func (h *holding) due(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !now.Before(h.again)
}

func (h *holding) refused(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.again = now.Add(holdPause)
}

// keepBack holds an edition whose time has come while letters may not go out. It is said once in the log; the reason
// stands with the edition, the latest there is.
func (l *Newsletters) keepBack(ctx context.Context, e Edition, why error) error {
	note := "Letters may not go out."
	if f := (*fault.Error)(nil); errors.As(why, &f) {
		note = f.Text
	}
	if e.State == Held && e.Note == note {
		return nil
	}
	err := l.move(ctx, e.ID, "hold", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET state = 'held', note = $1, version = version + 1
			WHERE id = $2 AND state IN ('approved', 'held') AND note <> $1`, note, e.ID)
	})
	if fault.Is(err, fault.Conflict) {
		return nil // another node was faster, or an editor
	}
	if err == nil && e.State != Held {
		l.Log.Warn("edition is held", "edition", e.ID, "why", note)
	}
	return err
}

// release approves an unattended draft whose time has come. It reports false when there is nothing to send.
func (l *Newsletters) release(ctx context.Context, n Newsletter, e Edition) (bool, error) {
	if !e.Edited && !e.Instant {
		err := l.redraft(ctx, n, e)
		switch {
		case errors.Is(err, errNothing):
			return false, l.Discard(ctx, e.ID, errNothing.Text)
		case fault.Is(err, fault.Conflict):
			return false, nil // another node was faster, or an editor
		case err != nil:
			return false, err
		}
	}
	err := l.Approve(ctx, e.ID)
	switch {
	case fault.Is(err, fault.Invalid):
		return false, l.hold(ctx, e, "It cannot be sent as it is: "+err.Error())
	case fault.Is(err, fault.Conflict):
		return false, nil
	}
	return err == nil, err
}

// hold makes an edition wait for an editor, and says why.
func (l *Newsletters) hold(ctx context.Context, e Edition, why string) error {
	l.Log.Warn("edition waits for an editor", "edition", e.ID, "why", why)
	err := l.move(ctx, e.ID, "hold", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET state = 'draft', approved = 0, due = 0, note = $1, version = version + 1
			WHERE id = $2 AND state IN ('draft', 'approved', 'held')`, why, e.ID)
	})
	if fault.Is(err, fault.Conflict) {
		return nil
	}
	return err
}

// finish notes the editions of which nothing waits any more, and goes on with those whose sending was cut off before
// every reader had a row.
func (l *Newsletters) finish(ctx context.Context, n Newsletter) error {
	list, err := l.editions(ctx, `SELECT `+editionColumns+` FROM editions WHERE newsletter = $1 AND state = 'sending' ORDER BY id LIMIT $2`,
		n.ID, 100)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range list {
		if e.Mailing == 0 {
			if l.now().Sub(e.Started) > relaunch {
				errs = append(errs, l.launch(ctx, e.ID))
			}
			continue
		}
		s, err := l.Mailings.State(ctx, e.Mailing) // counting its rows costs, and this is asked every few seconds
		if err != nil || !s.Done() {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, l.db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `UPDATE editions SET state = 'sent' WHERE id = $1 AND state = 'sending'`, e.ID)
			return err
		}))
		l.forget(e.ID)
	}
	return errors.Join(errs...)
}
