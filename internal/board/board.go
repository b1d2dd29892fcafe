package board

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
)

// A Board is the work on a library. It is safe for concurrent use.
type Board struct {
	db      *storage.DB
	library *library.Library
	clock   func() time.Time
}

// New returns the board of a library in the same database; now may be nil for the system's clock.
func New(db *storage.DB, l *library.Library, now func() time.Time) *Board {
	if now == nil {
		now = time.Now
	}
	return &Board{db: db, library: l, clock: now}
}

func (b *Board) now() time.Time { return b.clock().UTC().Truncate(time.Microsecond) }

// Subject is how the audit log names an article.
func Subject(article int64) string { return "article " + strconv.FormatInt(article, 10) }

// never is the time from which an article that is not published is shown, as the library keeps it.
const never int64 = 1<<63 - 1

// A Piece is an article as the desk sees it.
type Piece struct {
	ID       int64
	Slug     string
	Title    string
	State    State
	Stage    State  // which counts while no reader can see it
	Section  string // "" for none
	Byline   string // the first name of it
	Level    string // "" for the publication's default
	Assignee int64  // the member who has it, 0 for nobody
	Due      time.Time
	At       time.Time // when readers see it, or saw it last; zero when never planned
	Words    int
	Version  int64
}

// pieceColumns are what scanPiece reads, of articles a.
const pieceColumns = `a.id, a.slug, a.title, a.stage, a.level, a.assignee, a.due, a.published, a.shown, a.words, a.version,
	COALESCE((SELECT t.name FROM terms t WHERE t.id = a.section), ''),
	COALESCE((SELECT t.name FROM filings x JOIN terms t ON t.id = x.term WHERE x.article = a.id AND t.kind = 'contributor'
		ORDER BY x.position, t.id LIMIT 1), '')`

func (b *Board) scanPiece(scan func(...any) error) (p Piece, shown int64, err error) {
	var due, at int64
	err = scan(&p.ID, &p.Slug, &p.Title, &p.Stage, &p.Level, &p.Assignee, &due, &at, &shown, &p.Words, &p.Version, &p.Section, &p.Byline)
	p.Due, p.At, p.State = storage.Time(due), storage.Time(at), p.Stage
	switch {
	case shown == never:
	case shown > b.now().UnixMicro():
		p.State = Scheduled
	default:
		p.State = Published
	}
	return p, shown, err
}

// Piece returns an article, or NotFound.
func (b *Board) Piece(ctx context.Context, id int64) (Piece, error) {
	p, _, err := b.scanPiece(b.db.QueryRow(ctx, `SELECT `+pieceColumns+` FROM articles a WHERE a.id = $1`, id).Scan)
	if err != nil {
		return Piece{}, fmt.Errorf("article %d: %w", id, storage.NotFound(err, "There is no such article."))
	}
	return p, nil
}

// Begin makes an article of a title, as an idea that the one who has it works on.
func (b *Board) Begin(ctx context.Context, title string, by int64, who string) (int64, error) {
	return b.library.Save(ctx, library.Draft{Title: title, State: library.Drafted}, func(tx *storage.DB, id int64) error {
		if _, err := tx.Exec(ctx, `UPDATE articles SET stage = $1, assignee = $2 WHERE id = $3`, Idea, by, id); err != nil {
			return err
		}
		return b.record(ctx, tx, readers.Event{Who: who, What: "begin", Subject: Subject(id)})
	})
}

// A Plan is what is set of the work on an article beside the article itself.
type Plan struct {
	Stage    State
	Assignee int64     // 0 for nobody
	Due      time.Time // zero for no day
}

// Set changes stage, assignee and day of an article. NotFound when there is none.
func (b *Board) Set(ctx context.Context, id int64, p Plan, who string) error {
	return b.plan(ctx, id, who, "plan", func(tx *storage.DB) (int64, error) {
		return tx.Exec(ctx, `UPDATE articles SET stage = $1, assignee = $2, due = $3 WHERE id = $4`, p.Stage, p.Assignee, storage.Micros(p.Due), id)
	}, string(p.Stage))
}

// Move sets the stage alone.
func (b *Board) Move(ctx context.Context, id int64, stage State, who string) error {
	return b.plan(ctx, id, who, "stage", func(tx *storage.DB) (int64, error) {
		return tx.Exec(ctx, `UPDATE articles SET stage = $1 WHERE id = $2`, stage, id)
	}, string(stage))
}

// Assign gives the article to a member, or to nobody for 0.
func (b *Board) Assign(ctx context.Context, id, member int64, who string) error {
	return b.plan(ctx, id, who, "assign", func(tx *storage.DB) (int64, error) {
		return tx.Exec(ctx, `UPDATE articles SET assignee = $1 WHERE id = $2`, member, id)
	}, strconv.FormatInt(member, 10))
}

// EraseReader implements readers.Eraser: nobody has the articles of a member who works here no more.
func (b *Board) EraseReader(ctx context.Context, tx *storage.DB, reader int64) error {
	_, err := tx.Exec(ctx, `UPDATE articles SET assignee = 0 WHERE assignee = $1 AND assignee <> 0`, reader)
	return err
}

// plan runs an update of one article's row and records it.
func (b *Board) plan(ctx context.Context, id int64, who, what string, f func(tx *storage.DB) (int64, error), after string) error {
	err := b.db.Write(ctx, func(tx *storage.DB) error {
		n, err := f(tx)
		if err == nil && n == 0 {
			err = errNoArticle()
		}
		if err != nil {
			return err
		}
		return b.record(ctx, tx, readers.Event{Who: who, What: what, Subject: Subject(id), After: after})
	})
	if err != nil {
		return fmt.Errorf("%s article %d: %w", what, id, err)
	}
	return nil
}

func (b *Board) record(ctx context.Context, tx *storage.DB, e readers.Event) error {
	e.At = b.now()
	return readers.Record(ctx, tx, e)
}
