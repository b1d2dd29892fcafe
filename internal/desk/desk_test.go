package desk

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	anna = Writer{1, "Anna"}
	ben  = Writer{2, "Ben"}
)

// A room is a desk with one article on it.
type room struct {
	*Desk
	t       *testing.T
	library *library.Library
	article int64
	clock   time.Time
}

func newRoom(t *testing.T, db *storage.DB, state library.State) *room {
	t.Helper()
	l := library.New(db, library.Options{})
	id, err := l.Save(ctx, library.Draft{Title: "First", Standfirst: "So.", BodyHTML: "<p>One two.</p>", State: state, Published: noon, Section: "Columns"})
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, library: l, article: id, clock: noon}
	r.Desk = New(db, l, Options{Now: func() time.Time { return r.clock }})
	return r
}

func text(t *testing.T, words string) Text {
	t.Helper()
	d, err := document.FromSource("<p>"+words+"</p>", prose.HTML)
	if err != nil {
		t.Fatal(err)
	}
	return Text{"First", "So.", d}
}

func (r *room) save(base int64, w Writer, token, words string) Saved {
	r.t.Helper()
	s, err := r.Save(ctx, Change{Article: r.article, Base: base, Token: token, Kind: Written, Writer: w, Text: text(r.t, words)})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

// words is the newest text.
func (r *room) words() string {
	r.t.Helper()
	c, err := r.Open(ctx, r.article)
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Text.Document.HTML()
}

func (r *room) versions() (out []string) {
	r.t.Helper()
	all, err := r.Revisions(ctx, r.article, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, v := range all {
		out = append(out, fmt.Sprint(v.Version, " ", v.Kind, " ", v.Writer.Name))
	}
	return out
}

func TestWriting(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		c, err := r.Open(ctx, r.article)
		if err != nil || c.Version != 0 || c.Text.Title != "First" || c.Waits() || c.Text.Document.HTML() != "<p>One two.</p>" {
			t.Fatalf("before anybody wrote it is %+v, %v", c, err)
		}
		s := r.save(0, anna, "a", "One two three.")
		s = r.save(s.Version, anna, "a", "One two three four.")
		if r.words() != "<p>One two three four.</p>" || s.Aside() {
			t.Errorf("after two saves it is %s", r.words())
		}
		if have := fmt.Sprint(r.versions()); have != "[3 saved Anna 1 filed ]" {
			t.Errorf("the revisions are %s", have)
		}
		s = r.save(s.Version, anna, "a", "Gone.") // took out most: what was is kept
		r.clock = r.clock.Add(3 * time.Minute)
		s = r.save(s.Version, ben, "b", "Gone too.")
		if have := fmt.Sprint(r.versions()); have != "[5 saved Ben 4 saved Anna 1 filed ]" && have != "[5 saved Ben 4 saved Anna 3 saved Anna 1 filed ]" {
			t.Errorf("the revisions are %s", have)
		}
		if err := r.File(ctx, r.article); err != nil {
			t.Fatal(err)
		}
		m, err := r.library.Manuscript(ctx, r.article)
		if err != nil || m.BodyHTML != "<p>Gone too.</p>" || m.Section != "Columns" || m.State != library.Drafted {
			t.Errorf("the library has %+v, %v", m, err)
		}
		if c, err := r.Open(ctx, r.article); err != nil || c.Waits() || c.Filed != s.Version {
			t.Errorf("after filing it is %+v, %v", c, err)
		}
		if _, err := r.Restore(ctx, r.article, 1, anna, "a"); err != nil || r.words() != "<p>One two.</p>" {
			t.Errorf("restored it is %s, %v", r.words(), err)
		}
	})
}

// TestTakingOutKeepsWhatWas: a save that takes words out does not take the place of the one before.
func TestTakingOutKeepsWhatWas(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		long := "One two three four five six seven eight nine ten."
		s := r.save(0, anna, "a", long)
		for _, other := range []string{"Gone.", "Eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty."} {
			r.save(s.Version, anna, "a", other)
			v, err := r.Revision(ctx, r.article, s.Version)
			if err != nil || v.Text.Document.HTML() != "<p>"+long+"</p>" {
				t.Errorf("written over with %q, what was is %s, %v", other, v.Text.Document.HTML(), err)
			}
			s = r.save(s.Version+1, anna, "a", long)
		}
		next := r.save(s.Version, anna, "a", long+" Eleven.") // it goes on: one revision, as old as the first
		v, err := r.Revision(ctx, r.article, next.Version)
		if _, gone := r.Revision(ctx, r.article, s.Version); err != nil || !fault.Is(gone, fault.NotFound) || v.Base == s.Version {
			t.Errorf("what went on is %+v, %v; what was before: %v", v, err, gone)
		}
		if err := r.File(ctx, r.article); err != nil {
			t.Fatal(err)
		}
		more := r.save(next.Version, anna, "a", long+" Eleven twelve.") // what the library has stays, and is what this was written upon
		if v, err := r.Revision(ctx, r.article, more.Version); err != nil || v.Base != next.Version {
			t.Errorf("upon what was filed is %+v, %v", v, err)
		}
	})
}

func TestNobodyUndoesAnother(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		first := r.save(0, anna, "a", "Anna's.")
		late, err := r.Save(ctx, Change{Article: r.article, Base: 0, Token: "b", Kind: Written, Writer: ben, Text: text(t, "Ben's."), Key: "k"})
		if err != nil || !late.Aside() || late.Version != first.Version || r.words() != "<p>Anna's.</p>" {
			t.Fatalf("a late save: %+v, %v; the text is %s", late, err, r.words())
		}
		v, err := r.Revision(ctx, r.article, late.Kept)
		if err != nil || v.Kind != Aside || v.Writer != ben || v.Text.Document.HTML() != "<p>Ben's.</p>" {
			t.Errorf("what came late is kept as %+v, %v", v, err)
		}
		again, err := r.Save(ctx, Change{Article: r.article, Base: 0, Token: "b", Kind: Written, Writer: ben, Text: text(t, "Ben's."), Key: "k"})
		if err != nil || again.Kept != late.Kept {
			t.Errorf("sent again it became %+v, %v; was %+v", again, err, late)
		}
	})
}

// TestAllAtOnce: many save at the same time upon the same version. One is the newest; all are kept.
func TestAllAtOnce(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		var all sync.WaitGroup
		var mu sync.Mutex
		kept := map[int64]string{}
		newest := 0
		for i := range 8 {
			all.Go(func() {
				words := fmt.Sprint("Text ", i, ".")
				s, err := r.Save(ctx, Change{Article: r.article, Kind: Written, Writer: anna, Text: text(t, words), Key: words})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				} else if kept[s.Kept] = "<p>" + words + "</p>"; !s.Aside() {
					newest++
				}
			})
		}
		all.Wait()
		if newest != 1 || len(kept) != 8 {
			t.Errorf("%d are the newest, %d are kept", newest, len(kept))
		}
		for version, want := range kept {
			if v, err := r.Revision(ctx, r.article, version); err != nil || v.Text.Document.HTML() != want {
				t.Errorf("revision %d is %s, %v; want %s", version, v.Text.Document.HTML(), err, want)
			}
		}
	})
}

func TestLock(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		lock := func(token string, w Writer, take bool) Lock {
			t.Helper()
			l, err := r.Lock(ctx, r.article, token, w, take)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		if l := lock("a", anna, false); !l.Mine {
			t.Errorf("a free lock: %+v", l)
		}
		s := r.save(0, anna, "a", "Anna's.")
		if l := lock("b", ben, false); l.Mine || l.Writer != anna {
			t.Errorf("a lock that Anna has: %+v", l)
		}
		if aside := r.save(s.Version, ben, "b", "Ben's."); !aside.Aside() {
			t.Errorf("Ben wrote over Anna's lock: %+v", aside)
		}
		if l := lock("b", ben, true); !l.Mine {
			t.Errorf("taken over: %+v", l)
		}
		if l := lock("a", anna, false); l.Mine || l.Writer != ben {
			t.Errorf("Anna's next sign: %+v", l)
		}
		if late := r.save(s.Version, anna, "a", "Anna's last words."); !late.Aside() {
			t.Errorf("Anna wrote after Ben took over: %+v", late)
		}
		if s := r.save(s.Version, ben, "b", "Ben's."); s.Aside() || r.words() != "<p>Ben&#39;s.</p>" && r.words() != "<p>Ben's.</p>" {
			t.Errorf("Ben could not write: %+v", s)
		}
		r.clock = r.clock.Add(lockFor)
		if l := lock("a", anna, false); !l.Mine {
			t.Errorf("a lock that lapsed: %+v", l)
		}
		if err := r.Unlock(ctx, r.article, "a"); err != nil {
			t.Fatal(err)
		}
		if l := lock("b", ben, false); !l.Mine {
			t.Errorf("a lock that was given back: %+v", l)
		}
	})
}

// TestOthersFile: a text that the library got by another way is what is opened, and a revision once somebody writes on.
func TestOthersFile(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Published)
		s := r.save(0, anna, "a", "Anna's.")
		if err := r.File(ctx, r.article); err != nil {
			t.Fatal(err)
		}
		other := func(body string) {
			t.Helper()
			if err := r.library.Revise(ctx, r.article, func(d *library.Draft) error { d.BodyHTML = body; return nil }); err != nil {
				t.Fatal(err)
			}
		}
		other("<p>Imported.</p>")
		c, err := r.Open(ctx, r.article)
		if err != nil || c.Text.Document.HTML() != "<p>Imported.</p>" || !c.Public {
			t.Fatalf("opened %+v, %v", c, err)
		}
		next := r.save(s.Version, anna, "a", "Imported, and more.")
		if next.Aside() {
			t.Errorf("the next save was put aside: %+v", next)
		}
		other("<p>Imported again.</p>")
		if err := r.File(ctx, r.article); err != nil {
			t.Fatal(err)
		}
		if have := r.words(); have != "<p>Imported, and more.</p>" {
			t.Errorf("it is %s", have)
		}
		found := map[string]bool{}
		all, err := r.Revisions(ctx, r.article, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range all {
			one, err := r.Revision(ctx, r.article, v.Version)
			if err != nil {
				t.Fatal(err)
			}
			found[one.Text.Document.HTML()] = true
		}
		for _, want := range []string{"<p>One two.</p>", "<p>Imported.</p>", "<p>Imported again.</p>", "<p>Imported, and more.</p>"} {
			if !found[want] {
				t.Errorf("%s is no revision; there are %v", want, found)
			}
		}
	})
}

func TestComments(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		id, err := r.Comment(ctx, r.article, Comment{Writer: anna, Text: " Is it so? ", Passage: Passage{Quote: "two", Before: "One ", After: "."}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Resolve(ctx, r.article, id, ben, true); err != nil {
			t.Fatal(err)
		}
		cs, err := r.Comments(ctx, r.article)
		if err != nil || len(cs) != 1 || cs[0].Text != "Is it so?" || cs[0].Passage.Quote != "two" || cs[0].Resolved.IsZero() || cs[0].Resolver != "Ben" {
			t.Fatalf("the comments are %+v, %v", cs, err)
		}
		if _, err := r.Comment(ctx, r.article, Comment{Writer: ben, Text: "It is.", Thread: id}); err != nil {
			t.Fatal(err)
		}
		if cs, err = r.Comments(ctx, r.article); err != nil || len(cs) != 2 || !cs[0].Resolved.IsZero() || cs[1].Thread != id {
			t.Errorf("an answer does not open the thread again: %+v, %v", cs, err)
		}
		for name, err := range map[string]error{
			"another article's": r.Resolve(ctx, r.article+1, id, ben, true),
			"an answer":         r.Resolve(ctx, r.article, cs[1].ID, ben, true),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("resolving %s: %v", name, err)
			}
		}
		if _, err := r.Comment(ctx, r.article, Comment{Writer: anna, Text: " "}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a comment without words: %v", err)
		}
		if _, err := r.Comment(ctx, r.article, Comment{Writer: anna, Text: "x", Thread: 99}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an answer to nothing: %v", err)
		}
		if _, err := r.Comment(ctx, 99, Comment{Writer: anna, Text: "x"}); !fault.Is(err, fault.NotFound) || !strings.HasPrefix(err.Error(), "comment on article 99: ") {
			t.Errorf("a comment on no article: %v", err)
		}
		if _, err := r.Lock(ctx, 99, "a", anna, false); !fault.Is(err, fault.NotFound) {
			t.Errorf("a lock on no article: %v", err)
		}
		err = db.Write(ctx, func(tx *storage.DB) error {
			for range commentsMost {
				if _, err := tx.Exec(ctx, `INSERT INTO desk_comments (article, thread, writer, writer_name, text, quote, before, after, at)
					VALUES ($1, $2, 1, 'Anna', 'x', '', '', '', 1)`, r.article, id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		last, err := r.Comment(ctx, r.article, Comment{Writer: anna, Text: "The newest."})
		if err != nil {
			t.Fatal(err)
		}
		if cs, err = r.Comments(ctx, r.article); err != nil || len(cs) != commentsMost || cs[len(cs)-1].ID != last {
			t.Errorf("of many comments %d are shown, %v", len(cs), err)
		}
	})
}

func TestCompare(t *testing.T) {
	read := func(title, body string) Text {
		d, err := document.FromSource(body, prose.HTML)
		if err != nil {
			t.Fatal(err)
		}
		return Text{title, "", d}
	}
	a := read("The Strait", "<p>One two three.</p><h2>Head</h2><p>Stays.</p><p>Goes.</p>")
	b := read("The Straits", "<p>One four three.</p><h2>Head</h2><p>Stays.</p><ul><li>Comes now.</li></ul>")
	var got []string
	for _, c := range Compare(a, b) {
		line := c.Kind + ":"
		for _, p := range c.Pieces {
			line += map[string]string{"same": " =", "gone": " -", "new": " +"}[p.Is] + strings.TrimSpace(p.Words)
		}
		got = append(got, line)
	}
	want := []string{"title: =The -Strait +Straits", "paragraph: =One -two +four =three.", "heading: =Head", "paragraph: =Stays.",
		"paragraph: -Goes.", "list_item: +Comes now."}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("compared\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, c := range Compare(a, a) {
		if c.Changed() {
			t.Errorf("the same text differs: %+v", c)
		}
	}
}

// An article that is published while a text is being filed keeps the text it was published with.
func TestFilingThatAnEditorOvertakes(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		r := newRoom(t, db, library.Drafted)
		r.save(0, anna, "", "Not approved.")
		calls := 0
		err := r.file(ctx, r.article, func(m library.Draft) error {
			if calls++; m.State == library.Published {
				return errPublic
			}
			return r.library.Revise(ctx, r.article, func(d *library.Draft) error {
				d.State = library.Published
				return nil
			})
		})
		m, left := r.library.Manuscript(ctx, r.article)
		if err != errPublic || calls != 2 || left != nil || m.BodyHTML != "<p>One two.</p>" {
			t.Errorf("filed: %v after %d questions; the library has %q, %v", err, calls, m.BodyHTML, left)
		}
		if filed, err := r.FileUnlessPublic(ctx, r.article); filed || err != nil {
			t.Errorf("filed into a public article: %t, %v", filed, err)
		}
	})
}
