package newsroom

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/staff"
)

// A Frame is what every page has around its own content.
type Frame struct {
	Member      staff.Member // the zero Member before signing in
	Publication string
	Language    string
	Title       string
	Here        string // the path of the rail's word that the page belongs to
	Rail        []railWord
	Done        string    // what was just done, in words
	Fault       string    // what is wrong with the form, in words
	Field       string    // the field it belongs to, "" for all of the form
	Scripts     []string  // assets of this page beside the common one
	Now         time.Time // in the publication's zone
}

// Wrong returns what is wrong with a field, "" for nothing.
func (f Frame) Wrong(field string) string {
	if f.Field == field {
		return f.Fault
	}
	return ""
}

// May reports whether the member's role is one of those named: "owner", "editor", …
func (f Frame) May(roles ...string) bool { return slices.Contains(roles, string(f.Member.Role)) }

// A railWord is one word of the rail, and where it leads.
type railWord struct{ Path, Name string }

// rail are the pages that have a word in the rail, with the key of the word.
var rail = []struct{ path, key string }{
	{"/newsroom", "room.rail.desk"},
	{"/newsroom/board", "room.rail.board"},
	{"/newsroom/calendar", "room.rail.calendar"},
	{"/newsroom/people", "room.rail.people"},
	{"/newsroom/audit", "room.rail.audit"},
}

// frame begins the frame of a page. Here is the path of the rail's word it belongs to.
func (n *Newsroom) frame(v visit, title, here string) Frame {
	f := Frame{Member: v.Member, Publication: n.Config.Publication.Name, Language: n.texts.Language, Title: title, Here: here,
		Now: n.Now().In(n.zone)}
	if v.signedIn() && n.Staff.Ready(v.Session) {
		for _, word := range rail {
			if n.mayOpen(v.Member, word.path) {
				f.Rail = append(f.Rail, railWord{word.path, n.texts.T(word.key)})
			}
		}
	}
	return f
}

// mayOpen reports whether a member may open a page of the rail.
func (n *Newsroom) mayOpen(m staff.Member, path string) bool {
	return slices.ContainsFunc(n.routes, func(r Route) bool { return r.Pattern == "GET "+path && m.May(r.For) })
}

// refuse puts what a person may read of an error into the frame, and returns the status of the page. What is not the
// person's to mend comes back as an error.
func (f *Frame) refuse(err error) (status int, left error) {
	var e *fault.Error
	if !errors.As(err, &e) || e.Kind == fault.Internal || e.Kind == fault.Unavailable {
		return 0, err
	}
	f.Fault, f.Field = e.Text, e.Field
	return page.Status(err), nil
}

// show renders a page. No page of the newsroom is kept by anybody.
func show[T any](w http.ResponseWriter, r *http.Request, status int, s *page.Screen[T], p T) error {
	b, err := s.Render(p)
	if err != nil {
		return err
	}
	page.ServeOnce(w, r, status, b, func(string) string { return "" })
	return nil
}

// problemPage says what happened and the next step.
type problemPage struct {
	Frame
	Text string
	ID   string // of the request, where the operator must look
}

// fail renders an error. It is the only place that does.
func (n *Newsroom) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	v, verr := n.visit(r)
	if verr != nil {
		v = visit{} // the page is shown as to a stranger
	}
	key := map[int]string{http.StatusNotFound: "missing", http.StatusForbidden: "forbidden", http.StatusConflict: "conflict",
		http.StatusTooManyRequests: "too-many", http.StatusServiceUnavailable: "busy", http.StatusRequestEntityTooLarge: "too-large"}[status]
	if key == "" {
		key = "other"
	}
	p := problemPage{Frame: n.frame(v, n.texts.T("room.problem."+key), ""), Text: n.texts.T("room.problem." + key + "-text")}
	var f *fault.Error
	if errors.As(err, &f) && status < 500 {
		p.Text = f.Text
	}
	if status >= 500 {
		p.ID = page.RequestID(w)
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		http.Error(w, p.Text, status)
		return
	}
	if err := show(w, r, status, n.screens.problem, p); err != nil {
		n.Log.Error("render problem page", "error", err)
		http.Error(w, p.Title, status)
	}
}
