package page

import (
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"github.com/gatefold/gatefold/internal/fault"
)

// Status returns the HTTP status of an error's kind.
func Status(err error) int {
	switch fault.KindOf(err) {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Conflict:
		return http.StatusConflict
	case fault.Denied:
		return http.StatusForbidden
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Handle makes a handler of a function that returns its error; one place renders it. What nobody classified is
// logged with the request's id and shown as an apology.
func (c *Chain) Handle(f func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			c.o.Error(w, r, http.StatusRequestEntityTooLarge, fault.New(fault.Invalid, "That is more than this page takes."))
			return
		}
		status := Status(err)
		if status >= 500 && r.Context().Err() == nil {
			c.o.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("id", RequestID(w)),
				slog.String("route", r.Pattern), slog.String("error", err.Error()))
		}
		RetryAfter(w, err)
		c.o.Error(w, r, status, err)
	})
}

// RetryAfter tells when to ask again (RFC 9110, 10.2.3), if the error knows.
func RetryAfter(w http.ResponseWriter, err error) {
	var f *fault.Error
	if errors.As(err, &f) && f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}
