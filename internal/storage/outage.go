package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/gatefold/gatefold/internal/fault"
)

// outagePause is when to ask again after the database was away.
const outagePause = 5 * time.Second

// outage makes an error Unavailable when it is the database's own trouble and passes: another process holds SQLite's
// file locked, its disk is full or fails, PostgreSQL cannot be reached, shuts down or was lost in the midst of a
// statement. Every other error stays as it is, and so does one that is a fault already.
func outage(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || !passes(err) {
		return err
	}
	f := fault.Wrap(fault.Unavailable, err, "The journal's database does not answer at the moment.")
	f.RetryAfter = outagePause
	return f
}

func passes(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false // whoever asked gave up; a context's error is a net.Error as well
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff { // the primary result code: SQLITE_BUSY, LOCKED, IOERR, FULL
		case 5, 6, 10, 13:
			return true
		}
		return false
	}
	// Appendix A: 08 connection exception, 53 insufficient resources, 57P operator intervention.
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P")
	}
	var refused *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &refused) || errors.As(err, &network) || lost(err)
}

// lost reports whether the connection is what broke.
func lost(err error) bool {
	for _, is := range []error{io.EOF, io.ErrUnexpectedEOF, driver.ErrBadConn, sql.ErrConnDone} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}
