package desk

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
)

// Open returns the newest text of an article. It writes nothing. It returns NotFound for an article that is not there.
func (d *Desk) Open(ctx context.Context, article int64) (c Copy, err error) {
	err = d.db.Read(ctx, func(tx *storage.DB) error { // one view: what is filed in between is in both or in neither
		c, err = d.open(ctx, tx, article)
		return err
	})
	return c, of(err, "open", article)
}

func (d *Desk) open(ctx context.Context, tx *storage.DB, article int64) (Copy, error) {
	m, err := d.library.ManuscriptIn(ctx, tx, article)
	if err != nil {
		return Copy{}, err
	}
	c := Copy{Article: article, Public: m.State == library.Published}
	var filedText, text string
	var saved int64
	err = tx.QueryRow(ctx, `SELECT c.version, c.filed, c.filed_text, r.title, r.standfirst, r.document, r.saved, r.writer,
		r.writer_name FROM desk_copies c JOIN desk_revisions r ON r.article = c.article AND r.version = c.version
		WHERE c.article = $1`, article).
		Scan(&c.Version, &c.Filed, &filedText, &c.Text.Title, &c.Text.Standfirst, &text, &saved, &c.Writer.ID, &c.Writer.Name)
	if errors.Is(err, sql.ErrNoRows) {
		c.Text, err = textOf(m)
		return c, err
	}
	if err != nil {
		return Copy{}, err
	}
	c.Saved = storage.Time(saved)
	if !c.Waits() && filedText != textHash(m) { // the library got another text by another way, and nothing waits here
		c.Text, err = textOf(m)
		return c, err
	}
	c.Text.Document, err = document.Parse([]byte(text))
	return c, err
}

// textOf is the text of a manuscript.
func textOf(m library.Draft) (Text, error) {
	source, format := m.BodyHTML, prose.HTML
	if m.BodyMarkdown != "" {
		source, format = m.BodyMarkdown, prose.Markdown
	}
	doc, err := document.FromSource(source, format)
	return Text{m.Title, m.Standfirst, doc}, err
}

// textHash is the same for two manuscripts with the same words.
func textHash(m library.Draft) string {
	sum := sha256.Sum256([]byte(m.Title + "\x00" + m.Standfirst + "\x00" + m.BodyHTML + "\x00" + m.BodyMarkdown))
	return hex.EncodeToString(sum[:])
}

// A Change is what a writer sends.
type Change struct {
	Article int64
	Base    int64  // the version it was written upon
	Key     string // what the writer's window calls this save: the same when it is sent again. "" for one that is never
	Token   string // of the writer's window: see Lock
	Kind    Kind   // Written, Kept or Restored
	Writer  Writer
	Text    Text
}

// A Saved is what became of a change.
type Saved struct {
	Version int64 // of the newest text
	Kept    int64 // the revision that holds what was sent; another than Version when that was put aside
	At      time.Time
}

// Aside reports whether what was sent is not the newest text, as somebody else wrote or took over meanwhile.
func (s Saved) Aside() bool { return s.Kept != s.Version }

// Limits of what is sent, in bytes.
const (
	titleLimit      = 1000
	standfirstLimit = 10_000
)

func (c *Change) check() error {
	c.Text.Title, c.Text.Standfirst = tidy(c.Text.Title), tidy(c.Text.Standfirst)
	switch {
	case len(c.Text.Title) > titleLimit:
		return fault.Field("title", "expected at most %d bytes, got %d", titleLimit, len(c.Text.Title))
	case len(c.Text.Standfirst) > standfirstLimit:
		return fault.Field("standfirst", "expected at most %d bytes, got %d", standfirstLimit, len(c.Text.Standfirst))
	case len(c.Key) > 100 || len(c.Token) > 100 || !utf8.ValidString(c.Key+c.Token) || strings.ContainsRune(c.Key+c.Token, 0):
		return fault.New(fault.Invalid, "This window has a name that is none.")
	}
	return nil
}

// tidy leaves single spaces between words.
func tidy(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
}

// Save keeps what a writer sent. When it was written upon the newest text, and nobody else has the lock, it is the newest
// now; else it is put aside. It is durable when Save returns.
func (d *Desk) Save(ctx context.Context, c Change) (Saved, error) {
	if err := c.check(); err != nil {
		return Saved{}, of(err, "save", c.Article)
	}
	text := string(c.Text.Document.JSON())
	if strings.Contains(text, `\u0000`) {
		return Saved{}, fault.Field("document", "a text holds no character 0")
	}
	words := c.Text.Document.Words()
	var out Saved
	err := d.db.Write(ctx, func(tx *storage.DB) (err error) {
		w := saving{tx: tx, change: c, text: text, words: words, now: storage.Micros(d.now())}
		if err := w.begin(ctx, d.library); err != nil {
			return err
		}
		out, err = w.write(ctx)
		return err
	})
	return out, of(err, "save", c.Article)
}

// A saving is the writing of a change.
type saving struct {
	tx     *storage.DB
	change Change
	text   string
	words  int
	now    int64
	copy   struct{ version, last int64 }
	was    int64 // the version before the library's text came between, 0 when it did not
}

// begin makes the copy of an article that has none, with the library's text as its first revision, and takes hold of its
// row until the end of the transaction. The library is read after that: what is filed meanwhile comes before or after.
func (w *saving) begin(ctx context.Context, l *library.Library) error {
	a := w.change.Article
	made, err := w.tx.Exec(ctx, `INSERT INTO desk_copies (article, version, last, filed, filed_text) VALUES ($1, 1, 1, 1, '')
		ON CONFLICT (article) DO NOTHING`, a)
	if err != nil {
		return err
	}
	var filed int64
	var filedText string
	err = w.tx.QueryRow(ctx, `UPDATE desk_copies SET last = last + 1 WHERE article = $1 RETURNING version, last, filed, filed_text`, a).
		Scan(&w.copy.version, &w.copy.last, &filed, &filedText)
	if err != nil {
		return err
	}
	m, err := l.ManuscriptIn(ctx, w.tx, a)
	switch hash := textHash(m); {
	case err != nil:
		return err
	case made > 0:
		return w.first(ctx, m, hash)
	case w.copy.version == filed && filedText != hash:
		return w.between(ctx, m, hash)
	}
	return nil
}

// first makes a revision of the text that the library has before anybody writes here.
func (w *saving) first(ctx context.Context, m library.Draft, hash string) error {
	if err := insertFiled(ctx, w.tx, w.change.Article, 1, m, w.now); err != nil {
		return err
	}
	_, err := w.tx.Exec(ctx, `UPDATE desk_copies SET filed_text = $1 WHERE article = $2`, hash, w.change.Article)
	return err
}

// between makes a revision of the text that the library got by another way, an import for one, when nothing waited here.
func (w *saving) between(ctx context.Context, m library.Draft, hash string) error {
	if err := insertFiled(ctx, w.tx, w.change.Article, w.copy.last, m, w.now); err != nil {
		return err
	}
	w.was, w.copy.version, w.copy.last = w.copy.version, w.copy.last, w.copy.last+1
	_, err := w.tx.Exec(ctx, `UPDATE desk_copies SET version = $1, filed = $1, filed_text = $2, last = $3 WHERE article = $4`,
		w.copy.version, hash, w.copy.last, w.change.Article)
	return err
}

// insertFiled writes the revision of a text that the library has.
func insertFiled(ctx context.Context, tx *storage.DB, article, version int64, m library.Draft, now int64) error {
	t, err := textOf(m)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO desk_revisions (article, version, base, kind, title, standfirst, document, words, writer,
		writer_name, begun, saved, key) VALUES ($1, $2, 0, $3, $4, $5, $6, $7, 0, '', $8, $8, '')`, article, version, Filed, t.Title,
		t.Standfirst, string(t.Document.JSON()), t.Document.Words(), now)
	return err
}

func (w *saving) write(ctx context.Context) (Saved, error) {
	c := w.change
	if s, again, err := w.again(ctx); again || err != nil {
		return s, err
	}
	mine, err := w.mine(ctx)
	if err != nil {
		return Saved{}, err
	}
	newest := mine && (c.Base == w.copy.version || c.Base == 0 && w.copy.version == 1 || w.was != 0 && c.Base == w.was)
	if !newest {
		return Saved{Version: w.copy.version, Kept: w.copy.last, At: storage.Time(w.now)}, w.insert(ctx, Aside, c.Base)
	}
	if err := w.insert(ctx, c.Kind, w.copy.version); err != nil {
		return Saved{}, err
	}
	if _, err := w.tx.Exec(ctx, `UPDATE desk_copies SET version = $1 WHERE article = $2`, w.copy.last, c.Article); err != nil {
		return Saved{}, err
	}
	return Saved{Version: w.copy.last, Kept: w.copy.last, At: storage.Time(w.now)}, w.thin(ctx)
}

// again finds a change that was sent before.
func (w *saving) again(ctx context.Context) (s Saved, again bool, err error) {
	if w.change.Key == "" {
		return s, false, nil
	}
	var saved int64
	err = w.tx.QueryRow(ctx, `SELECT version, saved FROM desk_revisions WHERE article = $1 AND key = $2`, w.change.Article,
		w.change.Key).Scan(&s.Kept, &saved)
	if errors.Is(err, sql.ErrNoRows) {
		return s, false, nil
	}
	s.Version, s.At = w.copy.version, storage.Time(saved)
	return s, true, err
}

// mine reports whether nobody else has the lock.
func (w *saving) mine(ctx context.Context) (bool, error) {
	var token string
	err := w.tx.QueryRow(ctx, `SELECT token FROM desk_locks WHERE article = $1 AND until > $2`, w.change.Article, w.now).Scan(&token)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return token == w.change.Token, err
}

func (w *saving) insert(ctx context.Context, k Kind, base int64) error {
	c := w.change
	_, err := w.tx.Exec(ctx, `INSERT INTO desk_revisions (article, version, base, kind, title, standfirst, document, words, writer,
		writer_name, begun, saved, key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12)`, c.Article, w.copy.last,
		base, k, c.Text.Title, c.Text.Standfirst, w.text, w.words, c.Writer.ID, c.Writer.Name, w.now, c.Key)
	return err
}

// What a revision that was saved by itself gives way to: one by the same writer within a while that has not lost more than
// a few words.
const (
	thinWithin = 2 * time.Minute
	thinWords  = 5
)

// thin drops the revision before this one when this one goes on where it was, so that an hour of writing leaves thirty
// revisions and not a thousand. What the library has stays.
func (w *saving) thin(ctx context.Context) error {
	if w.change.Kind != Written {
		return nil
	}
	var base, begun int64
	var text string
	earlier := Text{}
	err := w.tx.QueryRow(ctx, `SELECT base, begun, title, standfirst, document FROM desk_revisions WHERE article = $1 AND version = $2
		AND kind = $3 AND writer = $4 AND begun > $5 AND version <> (SELECT filed FROM desk_copies WHERE article = $1)`,
		w.change.Article, w.copy.version, Written, w.change.Writer.ID, w.now-thinWithin.Microseconds()).
		Scan(&base, &begun, &earlier.Title, &earlier.Standfirst, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		earlier.Document, err = document.Parse([]byte(text))
	}
	if err != nil || !goesOn(earlier, w.change.Text) {
		return err
	}
	_, err = w.tx.Exec(ctx, `UPDATE desk_revisions SET base = $1, begun = $2 WHERE article = $3 AND version = $4`,
		base, begun, w.change.Article, w.copy.last)
	if err == nil {
		_, err = w.tx.Exec(ctx, `DELETE FROM desk_revisions WHERE article = $1 AND version = $2`, w.change.Article, w.copy.version)
	}
	return err
}

// goesOn reports whether a later text has all that an earlier one has but a few words, wherever they stand now.
func goesOn(earlier, later Text) bool {
	has := map[string]int{}
	for _, s := range words(later) {
		has[s]++
	}
	lost := 0
	for _, s := range words(earlier) {
		if has[s]--; has[s] < 0 {
			lost++
		}
	}
	if lost > thinWords {
		return false
	}
	for _, src := range earlier.Document.Pictures() {
		if !slices.Contains(later.Document.Pictures(), src) {
			return false
		}
	}
	return true
}

func words(t Text) []string {
	out := strings.Fields(t.Title + " " + t.Standfirst)
	for _, l := range t.Document.Lines() {
		out = append(out, strings.Fields(l.Text)...)
	}
	return out
}
