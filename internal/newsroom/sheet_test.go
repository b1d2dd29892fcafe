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
