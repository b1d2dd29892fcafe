package readers

import (
	"context"
	"fmt"
	"time"
)

// Export is all that is kept of a reader, for "download my data". It has no hashes: they say nothing to a person.
type Export struct {
	At       time.Time         `json:"exported"`
	Reader   ExportedReader    `json:"reader"`
	Consents []ExportedConsent `json:"consents"`
	Sessions []ExportedSession `json:"sessions"`
	Feed     *time.Time        `json:"feed"`   // when the reader's own feed was opened, null without one
	Events   []ExportedEvent   `json:"events"` // of the audit log: sign-ins, grants, …
	Parts    []ExportedPart    `json:"parts"`
}

// ExportedReader is the account itself.
type ExportedReader struct {
	ID        int64      `json:"id"`
	Address   string     `json:"address"`
	Name      string     `json:"name"`
	Created   time.Time  `json:"created"`
	Confirmed *time.Time `json:"confirmed"` // null before
	Staff     bool       `json:"staff"`
}

// ExportedConsent is a Consent.
type ExportedConsent struct {
	Subject   string     `json:"subject"`
	Wording   string     `json:"wording"`
	Given     time.Time  `json:"given"`
	Network   string     `json:"network"`
	Withdrawn *time.Time `json:"withdrawn"` // null while it holds
}

// ExportedSession is a device that is signed in.
type ExportedSession struct {
	Device string    `json:"device"`
	Since  time.Time `json:"since"`
	Seen   time.Time `json:"seen"`
}

// ExportedEvent is a line of the audit log about the reader.
type ExportedEvent struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Before string    `json:"before,omitempty"`
	After  string    `json:"after,omitempty"`
}

// ExportedPart is what another package keeps.
type ExportedPart struct {
	Name string `json:"name"`
	Data any    `json:"data"`
}

// eventsExported is how many lines of the audit log an export holds, the newest ones.
const eventsExported = 10_000

// Export returns all that is kept of a reader, or NotFound.
func (r *Readers) Export(ctx context.Context, reader int64) (Export, error) {
	known, err := r.Reader(ctx, reader)
	if err != nil {
		return Export{}, fmt.Errorf("export: %w", err)
	}
	e := Export{At: r.now(), Consents: []ExportedConsent{}, Sessions: []ExportedSession{}, Events: []ExportedEvent{},
		Parts: []ExportedPart{}, Reader: ExportedReader{ID: known.ID, Address: known.Address, Name: known.Name,
			Created: known.Created, Confirmed: orNull(known.Confirmed), Staff: known.Staff}}
	for _, part := range []func(context.Context, int64, *Export) error{r.exportConsents, r.exportSessions, r.exportFeed, r.exportEvents, r.exportParts} {
		if err := part(ctx, reader, &e); err != nil {
			return Export{}, fmt.Errorf("export reader %d: %w", reader, err)
		}
	}
	return e, nil
}

func (r *Readers) exportConsents(ctx context.Context, reader int64, e *Export) error {
	list, err := r.Consents(ctx, reader)
	for _, c := range list {
		e.Consents = append(e.Consents, ExportedConsent{Subject: c.Subject, Wording: c.Wording, Given: c.Given,
			Network: c.Network, Withdrawn: orNull(c.Withdrawn)})
	}
	return err
}

func (r *Readers) exportSessions(ctx context.Context, reader int64, e *Export) error {
	list, err := r.Sessions(ctx, reader)
	for _, s := range list {
		e.Sessions = append(e.Sessions, ExportedSession{Device: s.Agent, Since: s.Created, Seen: s.Seen})
	}
	return err
}

func (r *Readers) exportFeed(ctx context.Context, reader int64, e *Export) error {
	since, err := r.FeedSince(ctx, reader)
	e.Feed = orNull(since)
	return err
}

func (r *Readers) exportEvents(ctx context.Context, reader int64, e *Export) error {
	list, err := Audit(ctx, r.db, Subject(reader), eventsExported)
	for _, v := range list {
		if v.At.Before(e.Reader.Created) { // of an account they deleted before
			continue
		}
		e.Events = append(e.Events, ExportedEvent{At: v.At, What: v.What, Before: v.Before, After: v.After})
	}
	return err
}

func (r *Readers) exportParts(ctx context.Context, reader int64, e *Export) error {
	for _, x := range r.exporters {
		name, data, err := x.ExportReader(ctx, reader)
		if err != nil {
			return err
		}
		e.Parts = append(e.Parts, ExportedPart{Name: name, Data: data})
	}
	return nil
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
