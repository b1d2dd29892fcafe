package outbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
)

// A Sender hands one mail to a mail server. Nil means that the server has taken it upon itself. An error for which
// mail.Temporary is false, a lasting refusal or a mail that cannot be written, ends the mail; every other is tried
// again. Send keeps its own time-outs, and gives up when ctx ends.
type Sender interface {
	Send(ctx context.Context, l Letter) error
}

// Run sends what is in the outbox, at most places mails at once, until ctx ends. Then it takes no more, gives those in
// flight up to Options.Drain to finish, and returns nil. Trouble of the database is logged and waited out.
func (o *Outbox) Run(ctx context.Context, s Sender, places int) error {
	w := &worker{outbox: o, sender: s, free: make(chan struct{}, max(places, 1)), stopping: ctx.Done()}
	var abort context.CancelFunc
	w.ctx, abort = context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	for range cap(w.free) {
		w.free <- struct{}{}
	}
	for ctx.Err() == nil {
		w.step(ctx)
	}
	timer := time.AfterFunc(o.options.Drain, abort)
	defer timer.Stop()
	w.flying.Wait()
	return nil
}

// worker is one Run.
type worker struct {
	outbox   *Outbox
	sender   Sender
	ctx      context.Context // of the deliveries: ends when draining takes too long
	stopping <-chan struct{}
	free     chan struct{} // one token for each place not in use
	flying   sync.WaitGroup
}

// step waits for a free place and for mail that is due, and sends what there is room for.
func (w *worker) step(ctx context.Context) {
	select {
	case <-ctx.Done():
		return
	case <-w.free:
	}
	places := 1
	for more := true; more; {
		select {
		case <-w.free:
			places++
		default:
			more = false
		}
	}
	letters := w.take(ctx, places)
	for _, l := range letters {
		w.flying.Go(func() {
			defer func() { w.free <- struct{}{} }()
			w.deliver(l)
		})
	}
	for range places - len(letters) {
		w.free <- struct{}{}
	}
	if len(letters) == 0 {
		w.rest(ctx)
	}
}

// take leases mail, asking first without a write whether any is due.
func (w *worker) take(ctx context.Context, n int) []Letter {
	due, err := w.outbox.waiting(ctx)
	if err == nil && (due.IsZero() || due.After(w.outbox.now())) {
		return nil
	}
	var letters []Letter
	if err == nil {
		letters, err = w.outbox.lease(w.ctx, n)
	}
	if err != nil && ctx.Err() == nil {
		w.outbox.options.Log.Error("outbox: take mail", "error", err)
	}
	return letters
}

// rest waits until there may be mail.
func (w *worker) rest(ctx context.Context) {
	t := time.NewTimer(w.outbox.options.Poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-w.outbox.wake:
	case <-t.C:
	}
}

// deliver sends one mail and records what came of it.
func (w *worker) deliver(l Letter) {
	err := w.persist(l, w.send(l))
	if err != nil {
		// The lease runs out and the mail is sent again: late or twice, but not lost.
		w.outbox.options.Log.Error("outbox: record a delivery", "mail", l.ID, "error", err)
	}
}

var errExpired = errors.New("it could not be sent while it was of use")

// send hands a mail over and holds on to it meanwhile. It breaks nothing off: a server that was told to give up may
// have taken the mail all the same, and would get it again.
func (w *worker) send(l Letter) (err error) {
	if !w.outbox.now().Before(l.useless) {
		return errExpired
	}
	release := w.hold(l)
	defer release()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the sender panicked: %v", p)
		}
	}()
	return w.sender.Send(w.ctx, l)
}

// hold renews the lease of a mail until the function it returns is called.
func (w *worker) hold(l Letter) (release func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.ctx))
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(w.outbox.options.Lease / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := w.outbox.renew(ctx, l); err != nil && ctx.Err() == nil {
				w.outbox.options.Log.Error("outbox: renew a lease", "mail", l.ID, "error", err)
			}
		}
	})
	return func() { cancel(); renewing.Wait() }
}

// persist records what came of a mail, again and again while the database is away, for a third of the lease: the last
// renewal left more, and when it ends another worker may take the mail.
func (w *worker) persist(l Letter, outcome error) error {
	lease := w.outbox.options.Lease
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), lease/3)
	defer cancel()
	for {
		err := w.record(ctx, l, outcome)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(lease / 50):
		}
	}
}

func (w *worker) record(ctx context.Context, l Letter, err error) error {
	o := w.outbox
	next := o.now().Add(wait(l.tries))
	switch {
	case err == nil:
		return o.sent(ctx, l)
	case w.ctx.Err() != nil:
		return o.release(ctx, l)
	case errors.Is(err, errExpired), !mail.Temporary(err):
		o.options.Log.Warn("outbox: mail given up", "mail", l.ID, "kind", l.Kind, "tries", l.tries)
		return o.fail(ctx, l, err.Error())
	case !next.Before(l.useless):
		o.options.Log.Warn("outbox: mail given up", "mail", l.ID, "kind", l.Kind, "tries", l.tries)
		return o.fail(ctx, l, "expired: "+err.Error())
	}
	o.options.Log.Info("outbox: mail deferred", "mail", l.ID, "kind", l.Kind, "tries", l.tries)
	return o.putBack(ctx, l, next, err.Error())
}
