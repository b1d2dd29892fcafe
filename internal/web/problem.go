package web

import (
	"errors"
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// problemPage says what happened, why, and the next step.
type problemPage struct {
	Frame
	Heading string
	Text    string
	Back    string
	Missing bool
	Latest  []library.Summary
	ID      string // of the request, where the operator must look
}

// fail renders an error. It is the only place that does.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	p := problemPage{Back: "/", Missing: status == http.StatusNotFound, Heading: s.texts.T("problem.other"),
		Text: s.texts.T("problem.other-text")}
	if key := map[int]string{http.StatusNotFound: "missing", http.StatusMethodNotAllowed: "method",
		http.StatusForbidden: "forbidden", http.StatusTooManyRequests: "too-many",
		http.StatusInternalServerError: "broken", http.StatusServiceUnavailable: "busy"}[status]; key != "" {
		p.Heading, p.Text = s.texts.T("problem."+key), s.texts.T("problem."+key+"-text")
	}
	var f *fault.Error
	if errors.As(err, &f) && status != http.StatusNotFound && status < 500 {
		p.Text = s.texts.Fault(f)
	}
	if status >= 500 {
		p.ID = page.RequestID(w)
	}
	frame, ferr := s.frame(r.Context(), p.Heading, r.URL.Path)
	if ferr != nil { // the database is away: say so without it
		frame = Frame{Site: s, Title: p.Heading, Now: s.Now().In(s.zone)}
	} else if p.Missing {
		if l, lerr := s.Library.List(r.Context(), library.Filter{}, library.Cursor{}, 5); lerr == nil {
			p.Latest = l.Items
		}
	}
	p.Frame = frame
	p.Canonical, p.NoIndex = "", true
	b, rerr := s.screens.problem.Render(p)
	if rerr != nil {
		s.Log.Error("render problem page", "error", rerr)
		http.Error(w, p.Heading, status)
		return
	}
	v, _ := s.visit(r) // without a database the page is shown as to a stranger
	s.send(w, r, status, v, b)
}
