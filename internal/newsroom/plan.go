package newsroom

import (
	"net/http"
	"time"

	"github.com/gatefold/gatefold/internal/board"
)

// today is when the present day began, in the publication's zone.
func (n *Newsroom) today() time.Time {
	now := n.Now().In(n.zone)
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, n.zone)
}

// boardPage is what is worked on, by how far it is.
type boardPage struct {
	Frame
	Columns []column
}

// A column is what is in one state, and where the rest of it is.
type column struct {
	State  board.State
	Pieces []pieceRow
	More   string // "" for nothing more
}

// columnMost is how many articles a column of the board shows.
const columnMost = 20

func (n *Newsroom) board(w http.ResponseWriter, r *http.Request, v visit) error {
	p := boardPage{Frame: n.frame(v, n.texts.T("room.board.heading"), "/newsroom/board")}
	members, err := n.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	for _, s := range board.States() {
		list, next, err := n.Board.List(r.Context(), board.Filter{State: s}, board.Place{}, columnMost)
		if err != nil {
			return err
		}
		c := column{State: s, Pieces: n.rows(list, members)}
		if !next.IsZero() {
			c.More = "/newsroom?state=" + string(s)
		}
		p.Columns = append(p.Columns, c)
	}
	return show(w, r, http.StatusOK, n.screens.board, p)
}

// calendarPage is what appears and what is due, by day.
type calendarPage struct {
	Frame
	Days         []calendarDay
	Before, Next string // addresses of the weeks beside
}

// A calendarDay is a day of the calendar.
type calendarDay struct {
	At     time.Time
	Today  bool
	Pieces []pieceRow
}

// How long a page of the calendar is, and how much it shows.
const (
	calendarDays = 28
	calendarMost = 500
)

func (n *Newsroom) calendar(w http.ResponseWriter, r *http.Request, v visit) error {
	from := n.today()
	if at, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("from"), n.zone); err == nil { // what is no day is today
		from = at
	}
	from = from.AddDate(0, 0, -(int(from.Weekday())+6)%7) // the Monday of the week
	until := from.AddDate(0, 0, calendarDays)
	members, err := n.Staff.Members(r.Context())
	if err != nil {
		return err
	}
	list, err := n.Board.Coming(r.Context(), from, until.Add(-time.Microsecond), calendarMost)
	if err != nil {
		return err
	}
	p := calendarPage{Frame: n.frame(v, n.texts.T("room.calendar.heading"), "/newsroom/calendar"),
		Before: "/newsroom/calendar?from=" + from.AddDate(0, 0, -calendarDays).Format(time.DateOnly),
		Next:   "/newsroom/calendar?from=" + until.Format(time.DateOnly)}
	rows := n.rows(list, members)
	for day := from; day.Before(until); day = day.AddDate(0, 0, 1) {
		p.Days = append(p.Days, calendarDay{At: day, Today: day.Equal(n.today()), Pieces: n.on(day, rows)})
	}
	return show(w, r, http.StatusOK, n.screens.calendar, p)
}

// on returns those of the articles that are in the calendar for a day.
func (n *Newsroom) on(day time.Time, rows []pieceRow) (out []pieceRow) {
	for _, p := range rows {
		at := p.Due
		if p.State == board.Scheduled || p.State == board.Published {
			at = p.At
		}
		if at = at.In(n.zone); !at.Before(day) && at.Before(day.AddDate(0, 0, 1)) {
			out = append(out, p)
		}
	}
	return out
}
