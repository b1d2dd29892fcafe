package board

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

func errNoArticle() error { return fault.New(fault.NotFound, "There is no such article.") }

// A Filter says which articles a list holds. The zero Filter is all of them.
type Filter struct {
	State    State  // "" for any
	Term     int64  // a section, topic, contributor, …; 0 for any
	Assignee int64  // 0 for anybody
	Words    string // the title holds them all, however they are written; "" for any
}

// A Place is where a list goes on: after an article. The zero Place is the beginning.
type Place struct{ shown, id int64 }

// IsZero reports whether the place is the beginning; in a List, that nothing follows.
func (p Place) IsZero() bool { return p == Place{} }

// String writes a place for an address; ParsePlace reads it.
func (p Place) String() string {
	if p.IsZero() {
		return ""
	}
	return strconv.FormatInt(p.shown, 36) + "." + strconv.FormatInt(p.id, 36)
}

// ParsePlace reads what String wrote; anything else is Invalid.
func ParsePlace(s string) (Place, error) {
	if s == "" {
		return Place{}, nil
	}
	shown, id, _ := strings.Cut(s, ".")
	a, err1 := strconv.ParseInt(shown, 36, 64)
	b, err2 := strconv.ParseInt(id, 36, 64)
	p := Place{a, b}
	if err1 != nil || err2 != nil || b <= 0 || p.String() != s {
		return Place{}, fault.Field("after", "There is no such page.")
	}
	return p, nil
}

// listWords is how many words of a title a list looks for.
const listWords = 3

// List returns up to n articles of a filter from a place on, and the place where it goes on: what nobody can see first,
// the newest of it first, then what is scheduled, the furthest first, then what is published, the newest first.
func (b *Board) List(ctx context.Context, f Filter, after Place, n int) ([]Piece, Place, error) {
	from, to, stage := b.span(f.State)
	if !after.IsZero() {
		to = min(to, after.shown)
	} else {
		after = Place{to, never}
	}
	if after.shown > to {
		after = Place{to, never}
	}
	args := []any{f.Term, after.shown, after.id, from, stage, stage, f.Assignee, f.Assignee}
	query := listAll
	if f.Assignee != 0 {
		query = listAssigned
	}
	if stage != "" && f.Term == 0 && f.Assignee == 0 {
		query = listStage
	}
	words := strings.Fields(strings.ToLower(f.Words))
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) }) // the rarest first, most likely
	if len(words) > 0 && f.Assignee == 0 {
		query = listTitled
	}
	for i := range listWords {
		like := "%"
		if i < len(words) {
			like = "%" + likeQuoter.Replace(words[i]) + "%"
		}
		args = append(args, like)
	}
	rows, err := b.db.Query(ctx, query, append(args, n+1)...)
	return b.pieces(rows, err, n)
}

// likeQuoter writes a word for LIKE so that it stands for itself.
var likeQuoter = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`, "\x00", "")

// The texts of List. Each begins in an index at the place the page begins: of the filings under a term, of what a member
// has, of what is at a stage, or of the titles, which holds them, so that no other article need be read than those whose
// titles fit (CROSS JOIN keeps SQLite to that order).
const (
	listAll = `SELECT ` + pieceColumns + ` FROM filings f CROSS JOIN articles a
		WHERE a.id = f.article AND f.term = $1 AND (f.shown, f.article) < ($2, $3) AND f.shown >= $4` + listRest + `
		ORDER BY f.shown DESC, f.article DESC LIMIT $12`
	listAssigned = `SELECT ` + pieceColumns + ` FROM articles a
		WHERE a.assignee <> 0 AND a.assignee = $7 AND (a.shown, a.id) < ($2, $3) AND a.shown >= $4` + listRest + listUnder + `
		ORDER BY a.shown DESC, a.id DESC LIMIT $12`
	listStage = `SELECT ` + pieceColumns + ` FROM articles a
		WHERE a.state = 'draft' AND a.stage = $5 AND a.id < $3 AND (a.shown, a.id) < ($2, $3) AND a.shown >= $4` + listRest + `
		AND $1 = 0 ORDER BY a.id DESC LIMIT $12`
	listTitled = `SELECT ` + pieceColumns + ` FROM articles w CROSS JOIN articles a
		WHERE a.id = w.id AND (w.shown, w.id) < ($2, $3) AND w.shown >= $4 AND LOWER(w.title) LIKE $9 ESCAPE '\'
		AND ($10 = '%' OR LOWER(w.title) LIKE $10 ESCAPE '\') AND ($11 = '%' OR LOWER(w.title) LIKE $11 ESCAPE '\')` + listRest + listUnder + ` ORDER BY w.shown DESC, w.id DESC LIMIT $12`
	listRest = ` AND ($5 = '' OR a.stage = $6) AND ($7 = 0 OR a.assignee = $8)
		AND LOWER(a.title) LIKE $9 ESCAPE '\' AND LOWER(a.title) LIKE $10 ESCAPE '\' AND LOWER(a.title) LIKE $11 ESCAPE '\'`
	listUnder = ` AND ($1 = 0 OR EXISTS (SELECT 1 FROM filings f WHERE f.article = a.id AND f.term = $1))`
)

// span is the times from which articles of a state are shown, both in, and their stage.
func (b *Board) span(s State) (from, to int64, stage State) {
	now := b.now().UnixMicro()
	switch s {
	case "":
		return -1 << 63, never, ""
	case Published:
		return -1 << 63, now, ""
	case Scheduled:
		return now + 1, never - 1, ""
	}
	return never, never, s
}

func (b *Board) pieces(rows *sql.Rows, err error, n int) (list []Piece, next Place, _ error) {
	if err != nil {
		return nil, next, fmt.Errorf("list articles: %w", err)
	}
	defer rows.Close()
	list = []Piece{}
	for rows.Next() {
		p, shown, err := b.scanPiece(rows.Scan)
		if err != nil {
			return nil, next, fmt.Errorf("list articles: %w", err)
		}
		if len(list) == n {
			return list, next, nil
		}
		list, next = append(list, p), Place{shown, p.ID}
	}
	return list, Place{}, rows.Err()
}

// Coming returns up to n articles that appear or are due in a time, both ends in, by the day they are in the calendar
// for: what is scheduled by its time, what is not by the day it is due. The earliest come first.
func (b *Board) Coming(ctx context.Context, from, to time.Time, n int) ([]Piece, error) {
	rows, err := b.db.Query(ctx, `SELECT `+pieceColumns+` FROM (
			SELECT f.article AS id, f.shown AS at FROM filings f WHERE f.term = 0 AND f.shown < $1 AND f.shown >= $2 AND f.shown <= $3
			UNION ALL SELECT d.id, d.due FROM articles d WHERE d.due <> 0 AND d.shown = $1 AND d.due >= $2 AND d.due <= $3
		) c JOIN articles a ON a.id = c.id ORDER BY c.at, c.id LIMIT $4`,
		never, from.UnixMicro(), to.UnixMicro(), n)
	list, _, err := b.pieces(rows, err, n)
	return list, err
}
