package storage

import (
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/gatefold/gatefold/internal/fault"
)

// outagePause is when to ask again after the database was away.
const outagePause = 5 * time.Second

// outage makes an error Unavailable when it is the database's own trouble and passes: another process holds SQLite's
// file locked, its disk is full, PostgreSQL cannot be reached or shuts down. Every other error stays as it is.
func outage(err error) error {
	if err == nil || !passes(err) {
		return err
	}
	f := fault.Wrap(fault.Unavailable, err, "The journal's database does not answer at the moment.")
	f.RetryAfter = outagePause
	return f
}

func passes(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff { // the primary result code: SQLITE_BUSY, LOCKED, FULL
		case 5, 6, 13:
			return true
		}
		return false
	}
	var refused *pgconn.ConnectError
	if errors.As(err, &refused) {
		return true
	}
	// Appendix A: 53 insufficient resources, 57P operator intervention.
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P"))
}
