package mailing

import (
	"context"
	"errors"
	"math/rand/v2"
	netmail "net/mail"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
)

// place sends one mail after the other until there are no more. It hands over none before the answer to the one before
// is durable: so at most one of its mails can be accepted and not recorded.
func (r *run) place() {
	var last *note
	var buffer []byte
	for j := range r.jobs {
		before := last
		gate := func(ctx context.Context) error { return r.gate(ctx, j, before) }
		var err error
		if buffer, err = r.send(j, buffer, gate); err != nil && r.dropped(j, err) {
			r.lanes.done(j.domain, false)
			r.through(j.batch, 1)
			continue
		}
		o, refusal := r.judge(j, err)
		r.lanes.done(j.domain, slowing(err))
		last = r.note(j.batch, []row{j.row}, o)
		if refusal != nil && r.options.Refusals != nil {
			r.tell(last, *refusal)
		}
	}
	if last != nil {
		select {
		case <-last.done:
		case <-r.ctx.Done():
		}
	}
}

var errNotOurs = errors.New("the lease is over or the mailing was stopped")

// gate is passed right before a mail is handed over.
func (r *run) gate(ctx context.Context, j *job, last *note) error {
	if last != nil {
		select {
		case <-last.done:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	if !j.batch.holds(r.now()) {
		return errNotOurs
	}
	return nil
}

// send writes a reader's copy and hands it over. The buffer is used again.
func (r *run) send(j *job, buffer []byte, gate func(context.Context) error) ([]byte, error) {
	if j.active.stopped.Load() || !j.batch.holds(r.now()) {
		return buffer, errNotOurs
	}
	letter := j.to.Letter
	if letter == nil {
		letter = j.active.compiled.Copies[j.to.Copy]
	}
	message, err := letter.Append(buffer[:0], mail.Personal{ID: r.messageID(j.batch.mailing, j.row.reader), Date: j.active.Started,
		To: netmail.Address{Name: j.to.Name, Address: j.to.Address}, Values: j.to.Values})
	if err != nil {
		return message, err
	}
	buffer = message
	if r.options.Signer != nil {
		signature, err := r.options.Signer.Sign(message)
		if err != nil {
			return buffer, err
		}
		message = append(signature, message...)
	}
	from := letter.From()
	if r.options.Bounces != "" {
		from = "b+" + r.Token(j.batch.mailing, j.row.reader) + "@" + r.options.Bounces
	}
	return buffer, r.sender.Deliver(r.ctx, mail.Parcel{From: from, To: j.to.Address, Message: message, Before: gate})
}

// dropped reports whether nothing was tried for this mail, so that there is nothing to record.
func (r *run) dropped(j *job, err error) bool {
	return errors.Is(err, errNotOurs) || r.ctx.Err() != nil && !errors.Is(err, mail.ErrUnknown)
}

// judge turns what a delivery met into an outcome, and into what others want to hear of.
func (r *run) judge(j *job, err error) (outcome, *Refusal) {
	if err == nil {
		r.reached()
		return outcome{state: RowSent, tries: 1}, nil
	}
	now := r.now()
	if errors.Is(err, mail.ErrNoServer) {
		return r.wait(j, err, now), nil
	}
	r.reached()
	kind, later := classify(err)
	o := outcome{state: RowFailed, kind: string(kind), reason: words(err), tries: 1}
	switch next := now.Add(backoff(j.row.tries + 1)); {
	case kind == NoAnswer:
		o.state = RowUnknown
		if j.row.state != RowUnknown {
			o.due = now.Add(r.options.Quiet)
		}
	case later && j.active.ofUse(next):
		o.state, o.due = RowDeferred, next
		if j.row.state == RowUnknown {
			o.state = RowUnknown
		}
	case later:
		o.kind = string(Expired)
	}
	return o, refusalOf(j, err, kind, o, now)
}

// wait holds the whole node back while there is no server to talk to. The mail was not tried. What several mails under
// way meet at once is one outage.
func (r *run) wait(j *job, err error, now time.Time) outcome {
	r.mu.Lock()
	first := !now.Before(r.until)
	if first {
		r.until = now.Add(min(time.Second<<min(r.outage.Add(1)-1, 6), time.Minute))
	}
	until := r.until
	r.mu.Unlock()
	if first {
		r.lanes.hold(until)
		r.options.Log.Warn("mailing: no mail server", "error", err)
		r.trouble(j.batch.mailing, err.Error())
	}
	return outcome{state: j.row.state, due: until.Add(rand.N(time.Second))}
}

// reached notes that there is a server.
func (r *run) reached() {
	if r.outage.Load() == 0 || r.outage.Swap(0) == 0 {
		return
	}
	for _, a := range r.mailings() {
		r.trouble(a.ID, "")
	}
}

func refusalOf(j *job, err error, kind Kind, o outcome, now time.Time) *Refusal {
	var reply *mail.ReplyError
	if !errors.As(err, &reply) || o.state != RowFailed && kind != Policy && kind != Full {
		return nil
	}
	return &Refusal{
		Delivery: Delivery{Mailing: j.batch.mailing, Edition: j.active.Edition, Newsletter: j.active.Newsletter, Reader: j.row.reader,
			State: o.state, At: now},
		Address: j.to.Address, Kind: kind, Code: reply.Code, Enhanced: reply.Enhanced, Text: reply.Text, At: now,
	}
}

// tell passes a refusal on once it is durable.
func (r *run) tell(n *note, refusal Refusal) {
	select {
	case <-n.done:
		r.options.Refusals.Refused(r.ctx, refusal)
	case <-r.ctx.Done():
	}
}

// words are what is kept of an error with the row.
func words(err error) string {
	var reply *mail.ReplyError
	if errors.As(err, &reply) {
		return reply.Error() + " " + reply.Text
	}
	return err.Error()
}

// waits is how long to wait after the first, second, … try that met trouble; the last holds for all further ones.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// backoff returns the pause after a number of tries, up to a fifth longer or shorter, so that the mails of one outage
// do not all come back at one moment.
func backoff(tries int64) time.Duration {
	w := waits[min(max(tries, 1), int64(len(waits)))-1]
	return w - w/5 + rand.N(2*w/5)
}
