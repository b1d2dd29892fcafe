package readers

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// Event is a line of the audit log (S-18). It holds no addresses and no tokens: people are named by Subject, so that
// the log can be kept when a reader is deleted.
type Event struct {
	ID      int64 // given by Record
	At      time.Time
	Who     string // "reader 12", "command line", "system"
	What    string // "sign-in", "grant", "delete"
	Subject string // whom or what it was done to
	Before  string // what it changed, in words or as JSON; may be empty
	After   string
}

// Subject is how the audit log names a reader.
func Subject(reader int64) string { return "reader " + strconv.FormatInt(reader, 10) }

// Record adds an event to the audit log, in the transaction of the deed itself. Nothing in this program changes or
// deletes what was recorded.
func Record(ctx context.Context, tx *storage.DB, e Event) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit (at, who, what, subject, was, became) VALUES ($1, $2, $3, $4, $5, $6)`,
		storage.Micros(e.At), e.Who, e.What, e.Subject, e.Before, e.After)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.What, err)
	}
	return nil
}

// Audit returns up to n events about a subject, the newest first.
func Audit(ctx context.Context, db *storage.DB, subject string, n int) ([]Event, error) {
	rows, err := db.Query(ctx, `SELECT id, at, who, what, subject, was, became FROM audit
		WHERE subject = $1 ORDER BY id DESC LIMIT $2`, subject, n)
	return events(rows, err)
}

// events reads the rows of a query for events.
func events(rows *sql.Rows, err error) ([]Event, error) {
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	defer rows.Close()
	list := []Event{}
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Who, &e.What, &e.Subject, &e.Before, &e.After); err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		e.At = storage.Time(at)
		list = append(list, e)
	}
	return list, rows.Err()
}

// An AuditFilter says which events AuditLog gives. The zero filter is all of them.
type AuditFilter struct {
	Who, What, Subject string // exactly; "" for any
	Before             int64  // events older than the one of this id; 0 for the newest
}

// AuditLog returns up to n events that a filter lets through, the newest first.
func AuditLog(ctx context.Context, db *storage.DB, f AuditFilter, n int) ([]Event, error) {
	rows, err := db.Query(ctx, `SELECT id, at, who, what, subject, was, became FROM audit
		WHERE (id < $1 OR $2 = 0) AND (who = $3 OR $4 = '') AND (what = $5 OR $6 = '') AND (subject = $7 OR $8 = '')
		ORDER BY id DESC LIMIT $9`, f.Before, f.Before, f.Who, f.Who, f.What, f.What, f.Subject, f.Subject, n)
	return events(rows, err)
}
