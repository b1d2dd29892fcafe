package newsroom

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// public makes an article that readers have.
func (n *room) public() int64 {
	n.t.Helper()
	id, err := n.Library.Save(n.t.Context(), library.Draft{Title: "The port", BodyHTML: "<p>One.</p>", Published: monday.AddDate(0, 0, -1)})
	n.must(err)
	return id
}

// What was changed in a published article waits: the sheet says so, and the writing page has its button ready for the script.
func TestChangesWait(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		id := n.public()
		editor, author := n.member(staff.Editor), n.member(staff.Author)
		write := articlePath(id) + "/write"
		says, button := n.texts.T("write.waits"), n.texts.T("write.publish")
		if a := editor.get(piecePath(id)); strings.Contains(a.body, says) {
			t.Error("the sheet says that changes wait, and there are none")
		}
		page := editor.get(write).body
		if hidden := strings.Contains(page, `id="write-waits" hidden`); hidden != n.rich || strings.Contains(page, button) != n.rich {
			t.Errorf("before any change: the notice is there and hidden: %v, the script is: %v", hidden, n.rich)
		}
		if a := author.post(write, "base", "0", "title", "The port", "text", "Two."); a.status != 303 {
			t.Fatalf("saved: %d", a.status)
		}
		if a := editor.get(piecePath(id)); !strings.Contains(a.body, says) || !strings.Contains(a.body, button) {
			t.Error("the sheet does not say that changes wait")
		}
		if a := author.get(piecePath(id)); !strings.Contains(a.body, says) || strings.Contains(a.body, button) {
			t.Error("the author's sheet does not say that changes wait, or lets the author publish them")
		}
		if a := editor.get(write); strings.Contains(a.body, `id="write-waits" hidden`) || !strings.Contains(a.body, button) {
			t.Error("the writing page does not say that changes wait")
		}
		if a := editor.post(articlePath(id) + "/file"); a.status != 303 {
			t.Fatalf("published: %d", a.status)
		}
		if a := editor.get(piecePath(id)); strings.Contains(a.body, says) {
			t.Error("published, the changes wait still")
		}
	})
}

// Another window of the same member is told that it is their own.
func TestAnotherWindowOfOnesOwn(t *testing.T) {
	w := newWritingRoom(t, storagetest.Open(t, storagetest.SQLite(t)))
	var lock wireLock
	for _, tt := range []struct {
		v          visit
		token      string
		mine, same bool
	}{{anAuthor, "first", true, true}, {anAuthor, "second", false, true}, {anEditor, "third", false, false}} {
		w.must(w.ask(w.lockArticle, tt.v, w.draft, fmt.Sprintf(`{"token":%q}`, tt.token), &lock))
		if lock.Mine != tt.mine || lock.Same != tt.same {
			t.Errorf("the %s window: %+v", tt.token, lock)
		}
	}
}

// A name that nobody has used yet is asked about before it is made, and the answer is for the names that were asked about.
func TestNewNamesAreAskedAbout(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		n := open(t, db)
		editor := n.member(staff.Editor)
		_, err := n.Library.Save(t.Context(), library.Draft{Title: "Old", BodyHTML: "<p>One.</p>", Published: monday, Section: "Briefings", Topics: []string{"Ports"}})
		n.must(err)
		file := func(pairs ...string) answer {
			return editor.post(piecePath(n.article)+"/file", append(pairs, "kind", "article")...)
		}
		if a := file("section", "briefings", "topics", "Ports"); a.status != 303 {
			t.Errorf("names that are known: %d\n%s", a.status, a.body)
		}
		a := file("section", "Breifings", "topics", "Ports\nPorst", "byline", "Edda")
		for _, want := range []string{"no section “Breifings” yet", "no topic “Porst” yet", "no contributor “Edda” yet", `value="Breifings"`, `name="make" value="`} {
			if a.status != 422 || !strings.Contains(a.body, want) {
				t.Errorf("asked: %d, without %s", a.status, want)
			}
		}
		if unknown, err := n.Library.Unknown(t.Context(), library.Section, "Breifings"); err != nil || len(unknown) != 1 {
			t.Errorf("made without an answer: %v", err)
		}
		_, yes, _ := strings.Cut(a.body, `name="make" value="`)
		yes, _, _ = strings.Cut(yes, `"`)
		if a := file("section", "Brefings", "make", yes); a.status != 422 {
			t.Errorf("yes to another name: %d", a.status)
		}
		if a := file("section", "Breifings", "topics", "Ports\nPorst", "byline", "Edda", "make", yes); a.status != 303 {
			t.Errorf("filed again: %d", a.status)
		}
		if d, err := n.Library.Manuscript(t.Context(), n.article); err != nil || d.Section != "Breifings" || len(d.Topics) != 2 {
			t.Errorf("filed: %+v, %v", d, err)
		}
	})
}
