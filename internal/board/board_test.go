package board

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var monday = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

type kit struct {
	*Board
	t    *testing.T
	db   *storage.DB
	lib  *library.Library
	time time.Time
}

func run(t *testing.T, f func(t *testing.T, k *kit)) {
	t.Helper()
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		k := &kit{t: t, db: db, time: monday}
		now := func() time.Time { return k.time }
		k.lib = library.New(db, library.Options{Now: now})
		k.Board = New(db, k.lib, now)
		f(t, k)
	})
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// write gives an article a text.
func (k *kit) write(id int64, text string) {
	k.t.Helper()
	k.must(k.lib.Revise(k.t.Context(), id, func(d *library.Draft) error { d.BodyMarkdown, d.BodyHTML = text, ""; return nil }))
}

// titles are those of a filter, read in pages of a size.
func (k *kit) titles(f Filter, page int) string {
	k.t.Helper()
	var out []string
	var at Place
	for {
		list, next, err := k.List(k.t.Context(), f, at, page)
		k.must(err)
		for _, p := range list {
			out = append(out, p.Title)
		}
		if next.IsZero() {
			return strings.Join(out, " ")
		}
		if at, err = ParsePlace(next.String()); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *kit) state(id int64) State {
	k.t.Helper()
	p, err := k.Piece(k.t.Context(), id)
	k.must(err)
	return p.State
}

// An article goes from an idea to its minute, is corrected and taken back, and each step is in the log.
func TestTheWayOfAnArticle(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, err := k.Begin(ctx, "The strait", 7, "staff 7")
		k.must(err)
		if p, err := k.Piece(ctx, id); err != nil || p.State != Idea || p.Assignee != 7 || p.Slug != "the-strait" {
			t.Fatalf("begun as %+v, %v", p, err)
		}
		k.must(k.Set(ctx, id, Plan{Stage: Edit, Assignee: 8, Due: monday.AddDate(0, 0, 3)}, "staff 7"))
		if err := k.Publish(ctx, id, monday, "staff 7"); !fault.Is(err, fault.Invalid) {
			t.Errorf("published without a text: %v", err)
		}
		k.write(id, "Ships wait.")
		k.must(k.lib.Revise(ctx, id, func(d *library.Draft) error { d.Hero = &library.Image{File: "x.jpg"}; return nil }))
		if err := k.Publish(ctx, id, monday, "staff 7"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "credit") {
			t.Errorf("published with a picture that nobody made: %v", err)
		}
		k.must(k.lib.Revise(ctx, id, func(d *library.Draft) error { d.Hero.Credit = "NASA"; return nil }))
		k.must(k.File(ctx, id, Filing{Kind: "analysis", Level: "open", Section: "In-Depth", Byline: []string{"Ada"}, Topics: []string{"Trade"},
			Countries: []string{"Iran"}, Slug: "the-strait-of-hormuz"}, "staff 7"))
		minute := monday.Add(90 * time.Minute)
		k.must(k.Publish(ctx, id, minute, "staff 7"))
		if s := k.state(id); s != Scheduled {
			t.Errorf("scheduled is %s", s)
		}
		k.time = minute.Add(-time.Microsecond)
		if _, err := k.lib.BySlug(ctx, "the-strait-of-hormuz"); !fault.Is(err, fault.NotFound) {
			t.Errorf("before its minute: %v", err)
		}
		k.time = minute
		a, err := k.lib.BySlug(ctx, "the-strait-of-hormuz")
		k.must(err)
		if k.state(id) != Published || a.Section.Name != "In-Depth" || a.Byline[0].Name != "Ada" || a.Kind != "analysis" || a.Level != "open" {
			t.Errorf("at its minute: %+v", a)
		}
		k.must(k.Correct(ctx, id, " The strait is\n21 miles wide. ", "staff 7"))
		k.must(k.Correct(ctx, id, "And deep.", "staff 7"))
		if err := k.Correct(ctx, id, " ", "staff 7"); !fault.Is(err, fault.Invalid) {
			t.Errorf("an empty correction: %v", err)
		}
		a, err = k.lib.BySlug(ctx, "the-strait-of-hormuz")
		k.must(err)
		if len(a.Corrections) != 2 || a.Corrections[0].Text != "The strait is 21 miles wide." {
			t.Errorf("corrected to %+v", a.Corrections)
		}
		k.must(k.Uncorrect(ctx, id, a.Corrections[0].At, "staff 7"))
		k.must(k.Unpublish(ctx, id, "sued", "staff 7"))
		if _, err := k.lib.BySlug(ctx, "the-strait-of-hormuz"); !fault.Is(err, fault.NotFound) || k.state(id) != Edit {
			t.Errorf("taken back: %v, %s", err, k.state(id))
		}
		log, err := readers.Audit(ctx, k.db, Subject(id), 100)
		k.must(err)
		var deeds []string
		for _, e := range slices.Backward(log) {
			deeds = append(deeds, e.What)
		}
		if have, want := strings.Join(deeds, ", "), "begin, plan, file, schedule, correct, correct, take back a correction, unpublish"; have != want {
			t.Errorf("the log tells\n%s, want\n%s", have, want)
		}
		if err := k.Move(ctx, 99, Edit, "x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("of no article: %v", err)
		}
	})
}

// Lists hold what the filter says, whatever the size of the pages.
func TestLists(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		var section int64
		for i := range 12 {
			d := library.Draft{Title: fmt.Sprintf("a%02d", i), BodyMarkdown: "Text.", Section: "Briefings", State: library.Published,
				Published: monday.Add(time.Duration(i-8) * time.Hour)}
			if i%3 == 0 {
				d.State, d.Published = library.Drafted, time.Time{}
			}
			if i%2 == 0 {
				d.Section = "Columns"
			}
			id, err := k.lib.Save(ctx, d)
			k.must(err)
			if i%4 == 1 {
				k.must(k.Assign(ctx, id, 5, "x"))
			}
			if i == 6 {
				k.must(k.Move(ctx, id, Ready, "x"))
			}
		}
		k.must(k.db.QueryRow(ctx, `SELECT id FROM terms WHERE slug = $1`, "columns").Scan(&section))
		for _, c := range []struct {
			f    Filter
			want string
		}{
			{Filter{}, "a09 a06 a03 a00 a11 a10 a08 a07 a05 a04 a02 a01"},
			{Filter{State: Draft}, "a09 a03 a00"},
			{Filter{State: Ready}, "a06"},
			{Filter{State: Idea}, ""},
			{Filter{State: Scheduled}, "a11 a10"},
			{Filter{State: Published}, "a08 a07 a05 a04 a02 a01"},
			{Filter{Term: section}, "a06 a00 a10 a08 a04 a02"},
			{Filter{Term: section, State: Draft}, "a00"},
			{Filter{Assignee: 5}, "a09 a05 a01"},
			{Filter{Assignee: 5, State: Published}, "a05 a01"},
			{Filter{Assignee: 5, Term: section}, ""},
			{Filter{Words: "A0 1"}, "a01"},
			{Filter{Words: "%"}, ""},
			{Filter{Words: "a1", State: Scheduled}, "a11 a10"},
		} {
			for _, page := range []int{1, 2, 5, 100} {
				if have := k.titles(c.f, page); have != c.want {
					t.Errorf("%+v in pages of %d: %s, want %s", c.f, page, have, c.want)
				}
			}
		}
		for _, s := range []string{"x", "1", "1.", "1.0", "1.-1", ".1", "1.1.1", "1.01"} {
			if _, err := ParsePlace(s); !fault.Is(err, fault.Invalid) {
				t.Errorf("place %q: %v", s, err)
			}
		}
	})
}

// The calendar holds what appears in a time, and what is due in it and not yet planned.
func TestComing(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		for title, at := range map[string]time.Time{"soon": monday.Add(time.Hour), "gone": monday.Add(-time.Hour), "later": monday.AddDate(0, 0, 3), "far": monday.AddDate(0, 1, 0)} {
			_, err := k.lib.Save(ctx, library.Draft{Title: title, BodyMarkdown: "Text.", Published: at})
			k.must(err)
		}
		id, err := k.Begin(ctx, "due", 1, "x")
		k.must(err)
		k.must(k.Set(ctx, id, Plan{Stage: Draft, Due: monday.AddDate(0, 0, 2)}, "x"))
		list, err := k.Coming(ctx, monday, monday.AddDate(0, 0, 7), 100)
		k.must(err)
		var have []string
		for _, p := range list {
			have = append(have, p.Title)
		}
		if got := strings.Join(have, " "); got != "soon due later" {
			t.Errorf("coming: %s", got)
		}
		if list, err = k.Coming(ctx, monday, monday.AddDate(0, 0, 7), 2); err != nil || len(list) != 2 || list[1].Title != "due" {
			t.Errorf("the first two: %+v, %v", list, err)
		}
	})
}

// Many are filed at once; what is not named stays as it was.
func TestRefile(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		var ids []int64
		for _, title := range []string{"one", "two"} {
			id, err := k.lib.Save(ctx, library.Draft{Title: title, BodyMarkdown: "Text.", Section: "Briefings", Topics: []string{"Trade"}, Published: monday})
			k.must(err)
			ids = append(ids, id)
		}
		n, err := k.Refile(ctx, append(ids, 99), "Columns", "", "Energy", "x")
		if n != 2 || !fault.Is(err, fault.NotFound) {
			t.Errorf("filed %d, %v", n, err)
		}
		d, err := k.lib.Manuscript(ctx, ids[1])
		k.must(err)
		if d.Section != "Columns" || strings.Join(d.Topics, ",") != "Trade,Energy" || d.Level != "" {
			t.Errorf("filed as %+v", d)
		}
	})
}

// What is filed is not the text: the desk has title, standfirst and words.
func TestFilingLeavesTheText(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, err := k.lib.Save(ctx, library.Draft{Title: "The strait", Standfirst: "So.", Level: "open", BodyMarkdown: "Text.", Published: monday})
		k.must(err)
		k.must(k.File(ctx, id, Filing{Kind: "column", Slug: "the-strait"}, "x"))
		d, err := k.lib.Manuscript(ctx, id)
		k.must(err)
		if d.Standfirst != "So." || d.BodyMarkdown != "Text." || d.Kind != "column" || d.Level != "" {
			t.Errorf("filed as %+v", d)
		}
	})
}

// A deed that cannot be written into the log is not done (S-18).
func TestNoDeedWithoutItsLine(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		id, err := k.lib.Save(ctx, library.Draft{Title: "The strait", BodyMarkdown: "Text.", Published: monday})
		k.must(err)
		k.must(k.db.Write(ctx, func(tx *storage.DB) error {
			_, err := tx.Exec(ctx, `ALTER TABLE audit RENAME TO lost`)
			return err
		}))
		for what, err := range map[string]error{
			"unpublish": k.Unpublish(ctx, id, "", "x"),
			"correct":   k.Correct(ctx, id, "Not so.", "x"),
			"same":      k.revise(ctx, id, "x", "same", func(*library.Draft) (string, string, error) { return "", "", nil }),
			"begin":     func() error { _, err := k.Begin(ctx, "Another", 7, "x"); return err }(),
		} {
			if err == nil {
				t.Errorf("%s: done without a line in the log", what)
			}
		}
		d, err := k.lib.Manuscript(ctx, id)
		k.must(err)
		if titles := k.titles(Filter{}, 10); d.State != library.Published || len(d.Corrections) != 0 || titles != "The strait" {
			t.Errorf("left are %s: %+v", titles, d)
		}
	})
}
