package page

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{fault.New(fault.NotFound, "x"), 404},
		{fault.Field("email", "x"), 422},
		{fault.New(fault.Conflict, "x"), 409},
		{fault.New(fault.Denied, "x"), 403},
		{fault.Limited(time.Second, "x"), 429},
		{fault.New(fault.Unavailable, "x"), 503},
		{fault.New(fault.Internal, "x"), 500},
		{errors.New("x"), 500},
		{fmt.Errorf("load: %w", fault.New(fault.NotFound, "x")), 404},
	} {
		if have := Status(c.err); have != c.want {
			t.Errorf("%v: %d, want %d", c.err, have, c.want)
		}
	}
}

func TestHandle(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		name       string
		err        error
		status     int
		page       string
		retryAfter string
		logged     bool
	}{
		{"what a person can mend", fault.New(fault.Conflict, "It was changed."), 409, "It was changed.", "", false},
		{"a limit", fault.Limited(90*time.Second+time.Millisecond, "Wait a little."), 429, "Wait a little.", "91", false},
		{"a cause that is not shown", fault.Wrap(fault.Invalid, errors.New(secretWord), "Not so."), 422, "Not so.", "", false},
		{"the program's own trouble", errors.New(secretWord), 500, "page 500", "", true},
		{"a part that is away", fault.New(fault.Unavailable, "Come back."), 503, "Come back.", "", true},
	} {
		s.log.b.Reset()
		w := httptest.NewRecorder()
		s.Handle(func(http.ResponseWriter, *http.Request) error { return c.err }).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.page) || w.Header().Get("Retry-After") != c.retryAfter {
			t.Errorf("%s: %d %q, retry after %q", c.name, w.Code, w.Body, w.Header().Get("Retry-After"))
		}
		if strings.Contains(w.Body.String(), secretWord) {
			t.Errorf("%s: the page shows the cause", c.name)
		}
		if have := strings.Contains(s.log.String(), "request failed"); have != c.logged {
			t.Errorf("%s: logged %v", c.name, have)
		}
	}
}

// Who went away before the answer is no trouble to be logged.
func TestHandleOfAnEndedRequest(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Handle(func(_ http.ResponseWriter, r *http.Request) error { return r.Context().Err() }).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
	if log := s.log.String(); log != "" {
		t.Errorf("logged %s", log)
	}
}
