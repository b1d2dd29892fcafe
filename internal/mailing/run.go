package mailing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
)

// Sender hands one mail to a mail server or a provider. mail.SMTP implements it.
type Sender interface {
	// Deliver returns nil when the mail has been taken, a *mail.ReplyError when it is refused, mail.ErrUnknown when no
	// answer came to a mail handed over whole, mail.ErrNoServer when nothing can be handed over at all, and else the
	// trouble met before that. It keeps nothing of the parcel.
	Deliver(ctx context.Context, p mail.Parcel) error
}

// Run sends what is due through s until ctx ends. Then it takes no more, gives the mails in flight up to Options.Drain,
// gives its leases back and returns nil. Trouble of the database is logged and waited out.
func (m *Mailings) Run(ctx context.Context, l Letters, s Sender) error {
	r := &run{Mailings: m, letters: l, sender: s, stopping: ctx, jobs: make(chan *job),
		lanes:    newLanes(m.now, m.options.Rate, m.options.Domains),
		recorder: &recorder{mailings: m, notes: make(chan *note, groupMost), enough: max(1, m.options.Places/2/m.recorders())},
		active:   map[int64]*active{}, held: map[*batch]bool{}, hungry: make(chan struct{}, 1)}
	r.recorder.recorded = r.through
	var abort context.CancelFunc
	r.ctx, abort = context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	recording, stopRecording := context.WithCancel(context.WithoutCancel(ctx)) // what was broken off is recorded too
	defer stopRecording()

	var recorders, places, hands, renewal sync.WaitGroup
	renewing, stopRenewing := context.WithCancel(r.ctx)
	defer stopRenewing()
	renewal.Go(func() { r.keepRenewing(renewing) })
	for range m.recorders() {
		recorders.Go(func() { r.recorder.run(recording) })
	}
	for range m.options.Places {
		places.Go(r.place)
	}
	hands.Go(r.watch)
	hands.Go(r.feed)
	hands.Go(r.dispatch)
	<-ctx.Done()
	drain := time.AfterFunc(m.options.Drain, abort)
	defer drain.Stop()
	giveUp := time.AfterFunc(m.options.Drain+lastWords, stopRecording)
	defer giveUp.Stop()
	hands.Wait()
	close(r.jobs)
	places.Wait()
	close(r.recorder.notes)
	recorders.Wait()
	stopRenewing()
	renewal.Wait()
	for _, b := range r.inHands() {
		r.giveBackNow(b)
	}
	return nil
}

// lastWords is how long the database may take for what is recorded and given back when Run stops.
const lastWords = 10 * time.Second

// recorders is how many transactions record at once: SQLite has one writer.
func (m *Mailings) recorders() int {
	if m.db.Shared() {
		return 2
	}
	return 1
}

// run is one Run.
type run struct {
	*Mailings
	letters  Letters
	sender   Sender
	stopping context.Context // of Run
	ctx      context.Context // of the deliveries: ends when draining takes too long
	lanes    *lanes
	recorder *recorder
	jobs     chan *job
	hungry   chan struct{} // there is room for more mails in memory, or something to look for

	mu     sync.Mutex
	active map[int64]*active
	held   map[*batch]bool
	until  time.Time // when to look whether there is a server again

	outage atomic.Int64 // times in a row that there was none
}

// active is a mailing that runs.
type active struct {
	Mailing               // but for useless, as it was when it was first seen
	useless  atomic.Int64 // UselessAfter in microseconds: Add moves it while mails are sent
	compiled *Compiled    // set by feed
	again    time.Time    // when to try to compile again
	stopped  atomic.Bool
}

// ofUse reports whether a copy that arrives at a time is still of use.
func (a *active) ofUse(at time.Time) bool { return storage.Micros(at) < a.useless.Load() }

// watch looks, every Poll and whenever it is woken, what is to be sent and what is held back.
func (r *run) watch() {
	tick := time.NewTicker(r.options.Poll)
	defer tick.Stop()
	for {
		if err := r.look(); err != nil && r.stopping.Err() == nil {
			r.options.Log.Error("mailing: look for work", "error", err)
		}
		r.feedMore()
		select {
		case <-r.stopping.Done():
			return
		case <-r.wake:
		case <-tick.C:
		}
	}
}

// keepRenewing holds on to what is in hand until ctx ends.
func (r *run) keepRenewing(ctx context.Context) {
	tick := time.NewTicker(r.options.Lease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, b := range r.inHands() {
			if err := r.renew(ctx, b); err != nil && ctx.Err() == nil {
				r.options.Log.Error("mailing: renew a lease", "error", err)
			}
		}
	}
}

// look brings the list of running mailings up to date.
func (r *run) look() error {
	list, err := r.running(r.stopping)
	if err != nil {
		return err
	}
	paused, err := r.PausedDomains(r.stopping)
	if err != nil {
		return err
	}
	r.lanes.pause(paused)
	r.mu.Lock()
	defer r.mu.Unlock()
	runs := map[int64]bool{}
	for _, m := range list {
		runs[m.ID] = true
		a := r.active[m.ID]
		if a == nil {
			a = &active{Mailing: m}
			r.active[m.ID] = a
		}
		a.useless.Store(storage.Micros(m.UselessAfter))
	}
	for id, a := range r.active {
		if !runs[id] {
			a.stopped.Store(true)
			delete(r.active, id)
		}
	}
	return nil
}

// running returns the mailings that run, the oldest first.
func (m *Mailings) running(ctx context.Context) ([]Mailing, error) {
	rows, err := m.db.Query(ctx, `SELECT id, edition, newsletter, started, useless FROM mailings WHERE state = 'running' ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Mailing
	for rows.Next() {
		var mailing Mailing
		var started, useless int64
		if err := rows.Scan(&mailing.ID, &mailing.Edition, &mailing.Newsletter, &started, &useless); err != nil {
			return nil, err
		}
		mailing.Started, mailing.UselessAfter = storage.Time(started), storage.Time(useless)
		list = append(list, mailing)
	}
	return list, rows.Err()
}

// inHands returns the batches this node holds.
func (r *run) inHands() []*batch {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.held))
}

func (r *run) hold(b *batch) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[b] = true
}

// through takes rows of a batch as recorded or dropped. With the last of them the batch ends: what was dropped is given
// back.
func (r *run) through(b *batch, rows int) {
	if b.open.Add(int64(-rows)) > 0 {
		return
	}
	r.mu.Lock()
	delete(r.held, b)
	r.mu.Unlock()
	if b.left.Load() > 0 {
		r.giveBackNow(b)
	}
}

// giveBackNow gives a batch back also while Run is stopping.
func (r *run) giveBackNow(b *batch) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), lastWords)
	defer cancel()
	if err := r.giveBack(ctx, b); err != nil {
		r.options.Log.Error("mailing: give a lease back", "error", err) // it ends by itself
	}
}

func (r *run) feedMore() {
	select {
	case r.hungry <- struct{}{}:
	default:
	}
}

// dispatch gives mails to places as their turns come.
func (r *run) dispatch() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		j, wait := r.lanes.take()
		if j != nil {
			if r.lanes.length() < leaseMost {
				r.feedMore()
			}
			select {
			case r.jobs <- j:
			case <-r.stopping.Done():
				return
			}
			continue
		}
		if wait == 0 {
			wait = time.Hour
		}
		timer.Reset(wait)
		select {
		case <-r.lanes.bell:
		case <-timer.C:
		case <-r.stopping.Done():
			return
		}
	}
}

// domainOf returns what stands behind the @ of an address as mail.Mailbox returns it.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// isRaced reports whether to ask for a lease again at once.
func isRaced(err error) bool { return errors.Is(err, errRaced) }
