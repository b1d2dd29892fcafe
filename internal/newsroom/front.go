package newsroom

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/board"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/staff"
)

func (n *Newsroom) deskRoutes() []Route {
	return []Route{
		{Pattern: "GET /newsroom", For: staff.Everyone, Handle: n.front},
		{Pattern: "GET /newsroom/board", For: staff.Everyone, Handle: n.board},
		{Pattern: "GET /newsroom/calendar", For: staff.Everyone, Handle: n.calendar},
		{Pattern: "POST /newsroom/new", For: staff.Writers, Handle: n.begin},
		{Pattern: "POST /newsroom/bulk", For: staff.Editors, Handle: n.bulk},
	}
}

// frontPage is the desk: what is worked on, and all that was published.
type frontPage struct {
	Frame
	Filter   board.Filter
	States   []stateWord
	Sections []library.Term
	Members  []staff.Member
	Levels   []access.Level
	Pieces   []pieceRow
	Next     string // the address of what follows, "" at the end
	Title    string // of a new article, as typed
}

// A stateWord is one of the states to choose from, and where it leads.
type stateWord struct {
	State board.State
	Path  string
	Here  bool
}

// A pieceRow is an article in a list, with the name of who has it.
type pieceRow struct {
	board.Piece
	Who  string
	Late bool // it was due before today
}

// Public reports that readers see it.
func (p pieceRow) Public() bool { return p.State == board.Published }

// deskPage is how many articles a page of the list holds.
const deskPage = 50

func (n *Newsroom) front(w http.ResponseWriter, r *http.Request, v visit) error {
	f := n.frame(v, n.texts.T("room.desk.heading"), "/newsroom")
	if done := r.URL.Query().Get("filed"); done != "" {
		if count, err := strconv.Atoi(done); err == nil {
			f.Done = n.texts.T("room.desk.filed", count)
		}
	}
	return n.showFront(w, r, http.StatusOK, frontPage{Frame: f})
}

func (n *Newsroom) showFront(w http.ResponseWriter, r *http.Request, status int, p frontPage) (err error) {
	q := r.URL.Query()
	if p.Filter, err = filterOf(q); err != nil {
		return err
	}
	after, err := board.ParsePlace(q.Get("after"))
	if err != nil {
		return err
	}
	list, next, err := n.Board.List(r.Context(), p.Filter, after, deskPage)
	if err != nil {
		return err
	}
	if p.Members, err = n.Staff.Members(r.Context()); err != nil {
		return err
	}
	if p.Sections, err = n.Library.TermsOf(r.Context(), library.Section); err != nil {
		return err
	}
	p.Pieces = n.rows(list, p.Members)
	p.Levels = []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber}
	for _, s := range append([]board.State{""}, board.States()...) {
		p.States = append(p.States, stateWord{s, deskPath(q, "state", string(s)), s == p.Filter.State})
	}
	if !next.IsZero() {
		p.Next = deskPath(q, "after", next.String())
	}
	return show(w, r, status, n.screens.front, p)
}

// filterOf reads a filter from an address. What is wrong in it is Invalid.
func filterOf(q url.Values) (f board.Filter, err error) {
	if f.State, err = board.ParseState(q.Get("state")); err != nil {
		return f, err
	}
	f.Words = q.Get("q")
	f.Term, _ = strconv.ParseInt(q.Get("section"), 10, 64) // what is no number is no filter
	f.Assignee, _ = strconv.ParseInt(q.Get("who"), 10, 64) // likewise
	return f, nil
}

// deskPath is the address of the list with one thing changed: it begins anew unless that is the place.
func deskPath(q url.Values, key, value string) string {
	next := url.Values{}
	for _, k := range []string{"state", "q", "section", "who"} {
		if q.Get(k) != "" {
			next.Set(k, q.Get(k))
		}
	}
	next.Set(key, value)
	if value == "" {
		next.Del(key)
	}
	if len(next) == 0 {
		return "/newsroom"
	}
	return "/newsroom?" + next.Encode()
}

// rows adds to articles who has them.
func (n *Newsroom) rows(list []board.Piece, members []staff.Member) []pieceRow {
	names := map[int64]string{}
	for _, m := range members {
		names[m.ID] = m.Name
	}
	today := n.today()
	out := make([]pieceRow, len(list))
	for i, p := range list {
		out[i] = pieceRow{Piece: p, Who: names[p.Assignee], Late: !p.Due.IsZero() && p.Due.Before(today) && p.State != board.Published && p.State != board.Scheduled}
	}
	return out
}

// begin makes an article of its title and leads to where it is written.
func (n *Newsroom) begin(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	id, err := n.Board.Begin(r.Context(), r.PostForm.Get("title"), v.Member.ID, v.Member.Who())
	if err != nil {
		p := frontPage{Frame: n.frame(v, n.texts.T("room.desk.heading"), "/newsroom"), Title: r.PostForm.Get("title")}
		status, err := p.refuse(err)
		if err != nil {
			return err
		}
		return n.showFront(w, r, status, p)
	}
	return to(w, r, piecePath(id))
}

// bulk files the articles that were marked in the list.
func (n *Newsroom) bulk(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	ids := idsOf(r.PostForm["id"])
	done, err := n.refile(r.Context(), ids, r.PostForm, v.Member.Who())
	if err != nil {
		p := frontPage{Frame: n.frame(v, n.texts.T("room.desk.heading"), "/newsroom")}
		status, err := p.refuse(err)
		if err != nil {
			return err
		}
		return n.showFront(w, r, status, p)
	}
	return to(w, r, "/newsroom?filed="+strconv.Itoa(done))
}

// bulkMost is how many articles one form files.
const bulkMost = deskPage

func (n *Newsroom) refile(ctx context.Context, ids []int64, form url.Values, who string) (int, error) {
	ids = ids[:min(len(ids), bulkMost)]
	var level access.Level
	if l := form.Get("level"); l != "" {
		var err error
		if level, err = access.ParseLevel(l); err != nil {
			return 0, err
		}
	}
	if stage := form.Get("stage"); stage != "" {
		s, err := board.ParseStage(stage)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			if err := n.Board.Move(ctx, id, s, who); err != nil {
				return 0, err
			}
		}
	}
	if m := form.Get("who"); m != "" {
		member, err := n.assigneeOf(ctx, m)
		if err != nil {
			return 0, err
		}
		for _, id := range ids {
			if err := n.Board.Assign(ctx, id, member, who); err != nil {
				return 0, err
			}
		}
	}
	section, topic := form.Get("section"), form.Get("topic")
	if section == "" && level == "" && topic == "" {
		return len(ids), nil
	}
	return n.Board.Refile(ctx, ids, section, level, topic, who)
}

// idsOf reads the ids of a form. What is none is passed over.
func idsOf(values []string) (ids []int64) {
	for _, s := range values {
		if id, err := strconv.ParseInt(s, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}
