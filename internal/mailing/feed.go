package mailing

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/mail"
	"github.com/gatefold/gatefold/internal/storage"
)

// feed leases rows of the running mailings in turn and queues their mails, as long as there is room in memory.
func (r *run) feed() {
	for {
		for more := true; more && r.stopping.Err() == nil; {
			more = false
			for _, a := range r.mailings() {
				if r.lanes.length() >= leaseMost || r.stopping.Err() != nil {
					break
				}
				more = r.feedFrom(a) || more
			}
		}
		select {
		case <-r.stopping.Done():
			return
		case <-r.hungry:
		}
	}
}

func (r *run) mailings() []*active {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]*active, 0, len(r.active))
	for _, a := range r.active {
		list = append(list, a)
	}
	return list
}

// feedFrom queues the mails of one batch and reports whether there may be more.
func (r *run) feedFrom(a *active) (more bool) {
	if !r.compile(a) {
		return false
	}
	n, err := r.allowance(r.stopping)
	switch {
	case err == nil && n > 0:
		more, err = r.feedBatch(a, n)
	case err == nil: // the day's allowance is used up
		err = r.finish(r.stopping, a.ID)
	}
	switch {
	case isRaced(err):
		return true
	case err != nil && r.stopping.Err() == nil:
		r.options.Log.Error("mailing: take up rows", "mailing", a.ID, "error", err)
	}
	return more
}

func (r *run) feedBatch(a *active, n int) (more bool, err error) {
	b, err := r.lease(r.ctx, a.ID, n)
	if err != nil {
		return false, err
	}
	if len(b.rows) == 0 {
		return false, r.finish(r.stopping, a.ID)
	}
	r.hold(b)
	if !a.ofUse(r.now()) {
		r.note(b, b.rows, outcome{state: RowFailed, kind: string(Expired)})
		return true, nil
	}
	recipients, err := r.letters.Recipients(r.stopping, a.Mailing, b.readers())
	if err != nil {
		r.through(b, len(b.rows))
		return false, fmt.Errorf("ask about recipients: %w", err)
	}
	r.queue(a, b, recipients)
	return true, nil
}

// queue puts the mails of a batch into their lanes, and records at once those of readers who have none.
func (r *run) queue(a *active, b *batch, recipients []Recipient) {
	byReader := make(map[int64]*Recipient, len(recipients))
	for i := range recipients {
		byReader[recipients[i].Reader] = &recipients[i]
	}
	var rows []row
	var outcomes []outcome
	for _, row := range b.rows {
		o, queued := r.queueOne(a, b, row, byReader[row.reader])
		if !queued {
			rows, outcomes = append(rows, row), append(outcomes, o)
		}
	}
	if len(rows) > 0 {
		r.note(b, rows, outcomes...)
	}
}

func (r *run) queueOne(a *active, b *batch, row row, to *Recipient) (o outcome, queued bool) {
	switch {
	case to == nil:
		return outcome{state: RowSkipped, kind: "gone"}, false
	case to.Skip != "":
		return outcome{state: RowSkipped, kind: to.Skip}, false
	case to.Copy < 0 || to.Copy >= len(a.compiled.Copies):
		return outcome{state: RowFailed, kind: string(Unsendable), reason: "there is no such copy"}, false
	}
	address, err := mail.Mailbox(to.Address)
	if err != nil {
		return outcome{state: RowFailed, kind: string(Unsendable), reason: err.Error(), tries: 1}, false
	}
	j := &job{active: a, batch: b, row: row, to: *to, domain: domainOf(address)}
	j.to.Address = address
	if later, ok := r.lanes.add(j); !ok {
		return outcome{state: row.state, due: later}, false
	}
	return outcome{}, true
}

// note records outcomes without waiting.
func (r *run) note(b *batch, rows []row, outcomes ...outcome) *note {
	n := &note{batch: b, rows: rows, outcomes: outcomes, done: make(chan struct{})}
	r.recorder.notes <- n
	return n
}

// compileAgain is how long to wait after a letter could not be compiled.
const compileAgain = time.Minute

// compile makes sure that a mailing has its letters.
func (r *run) compile(a *active) bool {
	if a.compiled != nil {
		return true
	}
	if r.now().Before(a.again) {
		return false
	}
	c, err := r.letters.Compile(r.stopping, a.Mailing)
	if err != nil {
		if r.stopping.Err() == nil {
			r.options.Log.Error("mailing: compile", "mailing", a.ID, "error", err)
			r.trouble(a.ID, "compile: "+err.Error())
		}
		a.again = r.now().Add(compileAgain)
		return false
	}
	r.trouble(a.ID, "")
	a.compiled = &c
	return true
}

// trouble says in the Status of a mailing why nothing is sent; "" that it is.
func (r *run) trouble(id int64, what string) {
	err := r.db.Write(r.ctx, func(tx *storage.DB) error {
		_, err := tx.Exec(r.ctx, `UPDATE mailings SET trouble = $1 WHERE id = $2 AND trouble <> $3`, shorten(what), id, shorten(what))
		return err
	})
	if err != nil && r.ctx.Err() == nil {
		r.options.Log.Error("mailing: note trouble", "mailing", id, "error", err)
	}
}

// finish ends a mailing of which no row waits for anything.
func (r *run) finish(ctx context.Context, id int64) error {
	var finished int64
	err := r.db.Write(ctx, func(tx *storage.DB) (err error) {
		finished, err = tx.Exec(ctx, `UPDATE mailings SET state = 'finished', finished = $1, trouble = ''
			WHERE id = $2 AND state = 'running' AND taken >= filled
				AND NOT EXISTS (SELECT 1 FROM mailing_leases WHERE mailing = $2)
				AND NOT EXISTS (SELECT 1 FROM deliveries WHERE mailing = $2 AND due IS NOT NULL)`, storage.Micros(r.now()), id)
		return err
	})
	if err == nil && finished == 1 {
		r.options.Log.Info("mailing: finished", "mailing", id)
	}
	return err
}
