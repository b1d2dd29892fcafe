package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gatefold/gatefold/internal/fault"
)

// What passes by itself is answered with 503, what is wrong with a statement or with who asks is not.
func TestOutage(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	for name, c := range map[string]struct {
		err    error
		outage bool
	}{
		"connection failure":         {&pgconn.PgError{Code: "08006"}, true},
		"too many connections":       {&pgconn.PgError{Code: "53300"}, true},
		"ended by an administrator":  {&pgconn.PgError{Code: "57P01"}, true},
		"crashed":                    {&pgconn.PgError{Code: "57P02"}, true},
		"starting up":                {&pgconn.PgError{Code: "57P03"}, true},
		"closed":                     {io.EOF, true},
		"closed within a message":    {io.ErrUnexpectedEOF, true},
		"bad connection":             {driver.ErrBadConn, true},
		"connection done":            {sql.ErrConnDone, true},
		"reset":                      {reset, true},
		"no rows":                    {sql.ErrNoRows, false},
		"no such table":              {&pgconn.PgError{Code: "42P01"}, false},
		"statement cancelled":        {&pgconn.PgError{Code: "57014"}, false},
		"given up":                   {context.Canceled, false},
		"took too long for who asks": {context.DeadlineExceeded, false},
		"given up while reading":     {errors.Join(context.Canceled, reset), false},
		"a fault already":            {fault.Wrap(fault.Invalid, io.ErrUnexpectedEOF, "That is cut off."), false},
	} {
		t.Run(name, func(t *testing.T) {
			err := outage(fmt.Errorf("read article 12: %w", c.err))
			if fault.Is(err, fault.Unavailable) != c.outage || !errors.Is(err, c.err) {
				t.Errorf("%v", err)
			}
		})
	}
	if outage(nil) != nil {
		t.Error("nothing is an outage")
	}
}
