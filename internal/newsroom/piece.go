package newsroom

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/board"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
)

func (n *Newsroom) pieceRoutes() []Route {
	return []Route{
		{Pattern: "GET /newsroom/pieces/{id}", For: staff.Writers, Handle: n.piece},
		{Pattern: "POST /newsroom/pieces/{id}/plan", For: staff.Editors, Handle: n.pieceForm("plan", typed(n.plan))},
		{Pattern: "POST /newsroom/pieces/{id}/file", For: staff.Editors, Handle: n.pieceForm("file", typed(n.file))},
		{Pattern: "POST /newsroom/pieces/{id}/photograph", For: staff.Editors, Handle: n.photograph},
		{Pattern: "POST /newsroom/pieces/{id}/photograph/remove", For: staff.Editors, Handle: n.pieceForm("photograph", n.noPhotograph)},
		{Pattern: "POST /newsroom/pieces/{id}/publish", For: staff.Editors, Handle: n.pieceForm("publish", typed(n.publish))},
		{Pattern: "POST /newsroom/pieces/{id}/unpublish", For: staff.Editors, Handle: n.pieceForm("unpublish", typed(n.unpublish))},
		{Pattern: "POST /newsroom/pieces/{id}/correct", For: staff.Editors, Handle: n.pieceForm("correct", typed(n.correct))},
		{Pattern: "POST /newsroom/pieces/{id}/uncorrect", For: staff.Editors, Handle: n.pieceForm("correct", typed(n.uncorrect))},
	}
}

// piecePath is the sheet of an article.
func piecePath(id int64) string { return "/newsroom/pieces/" + strconv.FormatInt(id, 10) }

// piecePage is the sheet of an article: where it stands, and all of it but the text.
type piecePage struct {
	Frame
	Piece    pieceRow
	Draft    library.Draft
	Members  []staff.Member
	Stages   []board.State
	Kinds    []string
	Levels   []access.Level
	Default  access.Level // of articles that name none
	Sections []library.Term
	Series   []library.Term
	Log      []readers.Event
	Waits    bool              // readers have an earlier text than the newest
	Names    map[string]string // of members, by how the log names them
	Form     string            // the form that was refused, "" for none
	Typed    url.Values        // what it said
}

// Name is how the page calls who did something.
func (p piecePage) Name(who string) string {
	if name := p.Names[who]; name != "" {
		return name
	}
	return who
}

// Value is what a field of a form says: what was typed when the form was refused, or else what is so.
func (p piecePage) Value(form, field, is string) string {
	if p.Form == form {
		return p.Typed.Get(field)
	}
	return is
}

// Lines writes names a line each, as the form takes them.
func (p piecePage) Lines(names []string) string { return strings.Join(names, "\n") }

// Local writes a time as a field for date and time takes it, in the publication's zone.
func (p piecePage) Local(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(p.Now.Location()).Format("2006-01-02T15:04")
}

// Day writes a day as a field for dates takes it.
func (p piecePage) Day(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(p.Now.Location()).Format(time.DateOnly)
}

// Picture is the one that leads the article, nil for none.
func (p piecePage) Picture() *library.Image {
	if p.Draft.Hero == nil || p.Draft.Hero.File == "" {
		return nil
	}
	return p.Draft.Hero
}

// Words are what is said of the picture.
func (p piecePage) Words() (of library.Image) {
	if i := p.Picture(); i != nil {
		of = *i
	}
	return of
}

// PictureSrc is where the picture lies, in a size for the sheet.
func (p piecePage) PictureSrc() string {
	i := media.Image{Name: p.Words().File, Width: p.Words().Width, Height: p.Words().Height}
	return i.Path(i.Fit(640))
}

// Moment names a correction in its form.
func (p piecePage) Moment(at time.Time) string { return strconv.FormatInt(at.UnixMicro(), 10) }

// Public reports that readers see the article, or will without anybody's doing.
func (p piecePage) Public() bool {
	return p.Piece.State == board.Published || p.Piece.State == board.Scheduled
}

func (n *Newsroom) piece(w http.ResponseWriter, r *http.Request, v visit) error {
	f := n.frame(v, "", "/newsroom")
	if done := r.URL.Query().Get("done"); n.texts.Has("room.piece.done-" + done) {
		f.Done = n.texts.T("room.piece.done-" + done)
	}
	return n.showPiece(w, r, http.StatusOK, piecePage{Frame: f})
}

// logLines is how much of an article's history its sheet shows.
const logLines = 30

func (n *Newsroom) showPiece(w http.ResponseWriter, r *http.Request, status int, p piecePage) error {
	id, err := named(r, "id")
	if err != nil {
		return err
	}
	piece, err := n.Board.Piece(r.Context(), id)
	if err != nil {
		return err
	}
	if p.Draft, err = n.Library.Manuscript(r.Context(), id); err != nil {
		return err
	}
	written, err := n.Desk.Open(r.Context(), id)
	if err != nil {
		return err
	}
	p.Waits = written.Public && written.Waits()
	if p.Members, err = n.Staff.Members(r.Context()); err != nil {
		return err
	}
	if p.Log, err = readers.Audit(r.Context(), n.DB, board.Subject(id), logLines); err != nil {
		return err
	}
	if p.Sections, err = n.Library.TermsOf(r.Context(), library.Section); err != nil {
		return err
	}
	if p.Series, err = n.Library.TermsOf(r.Context(), library.Series); err != nil {
		return err
	}
	p.Names = map[string]string{}
	for _, m := range p.Members {
		p.Names[m.Who()] = m.Name
	}
	p.Piece, p.Title = n.rows([]board.Piece{piece}, p.Members)[0], piece.Title
	p.Stages, p.Kinds, p.Default = board.Stages(), library.Kinds(), n.Library.DefaultLevel()
	p.Levels = []access.Level{access.Open, access.Registered, access.Metered, access.Subscriber}
	return show(w, r, status, n.screens.piece, p)
}

// pieceForm makes the handler of a form of the sheet: f acts, and what is wrong is shown in the form, with what was typed.
func (n *Newsroom) pieceForm(form string, f func(r *http.Request, id int64, v visit) (done string, err error)) func(http.ResponseWriter, *http.Request, visit) error {
	return func(w http.ResponseWriter, r *http.Request, v visit) error {
		if err := r.ParseForm(); err != nil {
			return errForm(err)
		}
		id, err := named(r, "id")
		if err != nil {
			return err
		}
		done, err := f(r, id, v)
		if fault.Is(err, fault.NotFound) {
			return err
		}
		if err != nil {
			p := piecePage{Frame: n.frame(v, "", "/newsroom"), Form: form, Typed: r.PostForm}
			status, err := p.refuse(err)
			if err != nil {
				return err
			}
			return n.showPiece(w, r, status, p)
		}
		return to(w, r, piecePath(id)+"?done="+done)
	}
}

// typed makes what pieceForm takes of a form that brings words alone.
func typed(f func(ctx context.Context, id int64, q url.Values, v visit) (string, error)) func(*http.Request, int64, visit) (string, error) {
	return func(r *http.Request, id int64, v visit) (string, error) { return f(r.Context(), id, r.PostForm, v) }
}

func (n *Newsroom) plan(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	stage, err := board.ParseStage(q.Get("stage"))
	if err != nil {
		return "", err
	}
	p := board.Plan{Stage: stage}
	if p.Due, err = n.dayOf(q.Get("due")); err != nil {
		return "", err
	}
	if p.Assignee, err = n.assigneeOf(ctx, q.Get("who")); err != nil {
		return "", err
	}
	return "planned", n.Board.Set(ctx, id, p, v.Member.Who())
}

// assigneeOf reads who is to have an article: a member, or 0 for nobody. Invalid for anybody else.
func (n *Newsroom) assigneeOf(ctx context.Context, who string) (int64, error) {
	if who == "" || who == "0" {
		return 0, nil
	}
	id, err := strconv.ParseInt(who, 10, 64)
	if err == nil {
		_, err = n.Staff.Member(ctx, id)
	}
	if err != nil && (id == 0 || fault.Is(err, fault.NotFound)) {
		err = fault.Field("who", "Nobody of the newsroom is this.")
	}
	return id, err
}

// dayOf reads a day, the zero time for none.
func (n *Newsroom) dayOf(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	at, err := time.ParseInLocation(time.DateOnly, s, n.zone)
	if err != nil {
		return at, fault.Field("due", "Expected a day, such as 2026-11-30.")
	}
	return at, nil
}

// linesOf are the names of a field, a line each.
func linesOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
}

func (n *Newsroom) file(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	f := board.Filing{Kind: q.Get("kind"), Level: access.Level(q.Get("level")), Section: q.Get("section"), Byline: linesOf(q.Get("byline")),
		Topics: linesOf(q.Get("topics")), Countries: linesOf(q.Get("countries")), Series: q.Get("series"), Slug: q.Get("slug")}
	if part := q.Get("part"); part != "" && f.Series != "" {
		var err error
		if f.Part, err = strconv.Atoi(part); err != nil {
			return "", fault.Field("part", "Expected the number of the part.")
		}
	}
	if err := n.confirm(ctx, f, q); err != nil {
		return "", err
	}
	return "filed", n.Board.File(ctx, id, f, v.Member.Who())
}

// confirm asks before filing makes a section or another name that nobody has used yet, as it may be a typing mistake. The
// form is shown again with the names in its field "make", which says yes when it is sent once more.
func (n *Newsroom) confirm(ctx context.Context, f board.Filing, q url.Values) error {
	var asks []string
	for _, list := range []struct {
		kind  library.TermKind
		names []string
	}{{library.Section, []string{f.Section}}, {library.Series, []string{f.Series}}, {library.Byline, f.Byline}, {library.Topic, f.Topics},
		{library.Country, f.Countries}} {
		unknown, err := n.Library.Unknown(ctx, list.kind, list.names...)
		if err != nil {
			return err
		}
		for _, name := range unknown {
			asks = append(asks, n.texts.T("room.piece.unknown-"+string(list.kind), name))
		}
	}
	all := strings.Join(asks, " ")
	if all == "" || q.Get("make") == all {
		return nil
	}
	q.Set("make", all)
	return fault.New(fault.Invalid, "%s %s", all, n.texts.T("room.piece.unknown"))
}

// publish publishes at once, or at the minute that was given.
func (n *Newsroom) publish(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	at, done := n.Now(), "published"
	if q.Get("when") != "now" {
		var err error
		if at, err = time.ParseInLocation("2006-01-02T15:04", q.Get("at"), n.zone); err != nil {
			return "", fault.Field("at", "Expected a day and a time, such as 2026-11-30 06:00.")
		}
		if at.After(n.Now()) {
			done = "scheduled"
		}
	}
	if err := n.Desk.File(ctx, id); err != nil { // what is published is the newest text
		return "", err
	}
	return done, n.Board.Publish(ctx, id, at, v.Member.Who())
}

func (n *Newsroom) unpublish(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	return "unpublished", n.Board.Unpublish(ctx, id, q.Get("reason"), v.Member.Who())
}

func (n *Newsroom) correct(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	return "corrected", n.Board.Correct(ctx, id, q.Get("note"), v.Member.Who())
}

func (n *Newsroom) uncorrect(ctx context.Context, id int64, q url.Values, v visit) (string, error) {
	at, err := strconv.ParseInt(q.Get("at"), 10, 64)
	if err != nil {
		return "", fault.New(fault.Conflict, "This note is gone already.")
	}
	return "uncorrected", n.Board.Uncorrect(ctx, id, time.UnixMicro(at), v.Member.Who())
}

// Faults is what is wrong with a form as a whole: what belongs to one of the fields named, which the form has not.
func (p piecePage) Faults(fields ...string) (list []string) {
	for _, f := range fields {
		if p.Fault != "" && p.Field == f {
			list = append(list, p.Fault)
		}
	}
	return list
}
