package newsletters

import (
	"context"
	"fmt"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/storage"
)

// An Edition is one issue of a newsletter.
type Edition struct {
	ID         int64
	Newsletter int64
	Slot       string // what it was drafted for: a time of the schedule, an article, or by hand
	Number     int    // counted when it is sent; 0 before
	State      State
	Subject    string
	Source     string // a Document, as an editor sees it
	Version    int64  // counts its changes
	Edited     bool   // by a person
	Instant    bool   // one article, for those who chose to have each as it is published
	Covers     time.Time
	Covered    time.Time // articles from Covers until this were there to draft from
	Due        time.Time // when it goes out; zero for when somebody says so
	Created    time.Time
	Approved   time.Time
	Started    time.Time // when sending began
	Mailing    int64     // the run that sends it; 0 before
	Note       string    // what an editor should know, as why it was not sent
}

// A State is where an edition stands.
type State string

// The states. An edition that was sent stays Sending until nothing of its mailing waits any more. One that is Held goes
// out by itself once letters may, while its time is not long past.
const (
	Draft     State = "draft"
	Approved  State = "approved"
	Held      State = "held" // approved and due, but letters may not go out: Note says why
	Sending   State = "sending"
	Sent      State = "sent"
	Discarded State = "discarded"
)

// Public reports whether the edition can be read on the site, when its newsletter has an archive.
func (e Edition) Public() bool { return (e.State == Sending || e.State == Sent) && !e.Instant }

const editionColumns = `id, newsletter, slot, number, state, subject, source, version, edited, instant, covers, covered, due,
	created, approved, started, mailing, note`

func (e *Edition) scan(row interface{ Scan(...any) error }) error {
	var edited, instant int
	var covers, covered, due, created, approved, started int64
	err := row.Scan(&e.ID, &e.Newsletter, &e.Slot, &e.Number, &e.State, &e.Subject, &e.Source, &e.Version, &edited, &instant,
		&covers, &covered, &due, &created, &approved, &started, &e.Mailing, &e.Note)
	e.Edited, e.Instant = edited == 1, instant == 1
	e.Covers, e.Covered, e.Due = storage.Time(covers), storage.Time(covered), storage.Time(due)
	e.Created, e.Approved, e.Started = storage.Time(created), storage.Time(approved), storage.Time(started)
	return err
}

var errNoEdition = fault.New(fault.NotFound, "There is no edition of this number.")

// Edition returns an edition by its id, or NotFound.
func (l *Newsletters) Edition(ctx context.Context, id int64) (Edition, error) {
	return edition(ctx, l.db, id)
}

func edition(ctx context.Context, db *storage.DB, id int64) (e Edition, err error) {
	err = e.scan(db.QueryRow(ctx, `SELECT `+editionColumns+` FROM editions WHERE id = $1`, id))
	return e, storage.NotFound(err, "%s", errNoEdition.Text)
}

// Editions returns up to n editions of a newsletter, of all for 0, the newest first.
func (l *Newsletters) Editions(ctx context.Context, newsletter int64, n int) ([]Edition, error) {
	return l.editions(ctx, `SELECT `+editionColumns+` FROM editions WHERE ($1 = 0 OR newsletter = $1) ORDER BY id DESC LIMIT $2`,
		newsletter, n)
}

// Archive returns up to n editions of a newsletter that can be read on the site, those numbered below before when that
// is not 0, the newest first.
func (l *Newsletters) Archive(ctx context.Context, n Newsletter, before, limit int) ([]Edition, error) {
	if !n.Archived {
		return nil, nil
	}
	return l.editions(ctx, `SELECT `+editionColumns+` FROM editions WHERE newsletter = $1 AND state IN ('sending', 'sent') AND instant = 0
		AND number > 0 AND ($2 = 0 OR number < $2) ORDER BY number DESC LIMIT $3`, n.ID, before, limit)
}

// Numbered returns an edition that can be read on the site, or NotFound.
func (l *Newsletters) Numbered(ctx context.Context, n Newsletter, number int) (e Edition, err error) {
	if !n.Archived || number < 1 {
		return e, errNoEdition
	}
	err = e.scan(l.db.QueryRow(ctx, `SELECT `+editionColumns+` FROM editions WHERE newsletter = $1 AND number = $2
		AND state IN ('sending', 'sent') AND instant = 0`, n.ID, number))
	return e, storage.NotFound(err, "%s", errNoEdition.Text)
}

func (l *Newsletters) editions(ctx context.Context, query string, args ...any) ([]Edition, error) {
	rows, err := l.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("editions: %w", err)
	}
	defer rows.Close()
	list := []Edition{}
	for rows.Next() {
		var e Edition
		if err := e.scan(rows); err != nil {
			return nil, fmt.Errorf("editions: %w", err)
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

// insert writes a new edition and returns its id; 0 when its slot is taken, by this node or another.
func (e Edition) insert(ctx context.Context, tx *storage.DB) (id int64, err error) {
	rows, err := tx.Query(ctx, `INSERT INTO editions (newsletter, slot, number, state, subject, source, version, edited, instant,
			covers, covered, due, created, approved, started, mailing, note)
		VALUES ($1, $2, 0, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13) ON CONFLICT (newsletter, slot) DO NOTHING RETURNING id`,
		e.Newsletter, e.Slot, e.State, e.Subject, e.Source, flag(e.Edited), flag(e.Instant), storage.Micros(e.Covers),
		storage.Micros(e.Covered), storage.Micros(e.Due), storage.Micros(e.Created), storage.Micros(e.Approved), e.Note)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&id); err != nil {
			return 0, err
		}
	}
	return id, rows.Err()
}

// Edit puts another text into a draft. version is the one the editor began from: Conflict when somebody changed the
// edition since, or it is no draft any more; then nothing is lost but the chance to overwrite. Invalid when the text
// is no Document.
func (l *Newsletters) Edit(ctx context.Context, id, version int64, source string) error {
	d, err := Parse(source)
	if err != nil {
		return err
	}
	return l.move(ctx, id, "edit", func(tx *storage.DB, e Edition) (int64, error) {
		switch {
		case e.State != Draft:
			return 0, fault.New(fault.Conflict, "Edition %d is %s: only a draft can be changed.", id, e.State)
		case e.Version != version:
			return 0, fault.New(fault.Conflict, "Edition %d was changed meanwhile (version %d, yours began from %d). Your text was not saved over it.",
				id, e.Version, version)
		}
		return tx.Exec(ctx, `UPDATE editions SET source = $1, subject = $2, edited = 1, version = version + 1
			WHERE id = $3 AND version = $4 AND state = 'draft'`, d.String(), d.Subject, id, version)
	})
}

// Approve says that a draft may go out at its time. It is written out first, for every way it is cut: Invalid says why
// it cannot be sent as it is.
func (l *Newsletters) Approve(ctx context.Context, id int64) error {
	e, err := l.Edition(ctx, id)
	if err != nil {
		return err
	}
	if e.State != Draft {
		return fault.New(fault.Conflict, "Edition %d is %s already.", id, e.State)
	}
	if err := l.try(ctx, e); err != nil {
		return fmt.Errorf("approve edition %d: %w", id, err)
	}
	return l.move(ctx, id, "approve", func(tx *storage.DB, now Edition) (int64, error) {
		if now.Version != e.Version {
			return 0, fault.New(fault.Conflict, "Edition %d was changed while it was looked at. Look at it again.", id)
		}
		return tx.Exec(ctx, `UPDATE editions SET state = 'approved', approved = $1, version = version + 1, note = ''
			WHERE id = $2 AND state = 'draft' AND version = $3`, storage.Micros(l.now()), id, e.Version)
	})
}

// Reopen makes an approved edition a draft again, also one that is held. When its time is past it waits from then on.
func (l *Newsletters) Reopen(ctx context.Context, id int64) error {
	return l.move(ctx, id, "reopen", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET state = 'draft', approved = 0, note = '', due = CASE WHEN due <= $1 THEN 0 ELSE due END,
			version = version + 1 WHERE id = $2 AND state IN ('approved', 'held')`, storage.Micros(l.now()), id)
	})
}

// Discard takes an edition that was not sent out of the way. Its text stays to be seen.
func (l *Newsletters) Discard(ctx context.Context, id int64, why string) error {
	return l.move(ctx, id, "discard", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET state = 'discarded', note = $1, version = version + 1
			WHERE id = $2 AND state IN ('draft', 'approved', 'held')`, why, id)
	})
}

// Schedule sets when an edition goes out; the zero time is when somebody sends it. Invalid for a time that is past.
func (l *Newsletters) Schedule(ctx context.Context, id int64, at time.Time) error {
	if !at.IsZero() && at.Before(l.now()) {
		return fault.Field("time", "This time is past.")
	}
	return l.move(ctx, id, "schedule", func(tx *storage.DB, _ Edition) (int64, error) {
		return tx.Exec(ctx, `UPDATE editions SET due = $1, state = CASE WHEN state = 'held' THEN 'approved' ELSE state END, note = '',
			version = version + 1 WHERE id = $2 AND state IN ('draft', 'approved', 'held')`, storage.Micros(at), id)
	})
}

// move changes the row of an edition by f, which returns how many rows it touched: none is a Conflict.
func (l *Newsletters) move(ctx context.Context, id int64, verb string, f func(tx *storage.DB, e Edition) (int64, error)) error {
	err := l.db.Write(ctx, func(tx *storage.DB) error {
		e, err := edition(ctx, tx, id)
		if err != nil {
			return err
		}
		n, err := f(tx, e)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "Edition %d is %s: that cannot be done with it now.", id, e.State)
		}
		if err != nil {
			return err
		}
		return tx.Changed(ctx, changeKind, id)
	})
	if err != nil {
		return fmt.Errorf("%s edition %d: %w", verb, id, err)
	}
	return nil
}
