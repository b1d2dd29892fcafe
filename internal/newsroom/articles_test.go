package newsroom

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
	"github.com/gatefold/gatefold/internal/web"
)

// A writingRoom is a newsroom with an article that readers have and one that they have not.
type writingRoom struct {
	*Newsroom
	t             *testing.T
	public, draft string // their ids
}

var (
	anAuthor = visit{Member: staff.Member{ID: 1, Name: "Anna", Role: staff.Author}}
	anEditor = visit{Member: staff.Member{ID: 2, Name: "Ben", Role: staff.Editor}}
)

func newWritingRoom(t *testing.T, db *storage.DB) writingRoom {
	t.Helper()
	store, err := media.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := library.New(db, library.Options{})
	n, err := New(Deps{Config: config.Default(), DB: db, Library: l, Media: media.New(db, store), Desk: desk.New(db, l, desk.Options{}),
		Look: []fs.FS{web.Files}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := writingRoom{Newsroom: n, t: t}
	for _, a := range []struct {
		id    *string
		state library.State
	}{{&w.public, library.Published}, {&w.draft, library.Drafted}} {
		id, err := l.Save(context.Background(), library.Draft{Title: "First", BodyHTML: "<p>One.</p>", State: a.state, Published: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		*a.id = strings.TrimPrefix(articlePath(id), "/newsroom/articles/")
	}
	return w
}

// ask runs a handler as a script would, and reads its answer into a value.
func (w writingRoom) ask(handle func(http.ResponseWriter, *http.Request, visit) error, v visit, article, body string, into any) error {
	w.t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Accept", "application/json")
	if !strings.HasPrefix(body, "{") {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetPathValue("id", article)
	answer := httptest.NewRecorder()
	if err := handle(answer, r, v); err != nil {
		return err
	}
	if into != nil {
		if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
			w.t.Fatalf("answered %s: %v", answer.Body, err)
		}
	}
	return nil
}

// changeOf is what the script sends to save words.
func changeOf(base int, title, words string) string {
	return `{"base":` + string(rune('0'+base)) + `,"key":"` + title + words + `","title":"` + title + `","document":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"` + words + `"}]}]}}`
}

func (w writingRoom) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// library is what the library has of an article.
func (w writingRoom) has(article string) library.Draft {
	w.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.SetPathValue("id", article)
	id, err := named(r, "id")
	w.must(err)
	d, err := w.Library.Manuscript(context.Background(), id)
	w.must(err)
	return d
}

func TestSavingByScript(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		w := newWritingRoom(t, db)
		var saved wireSaved
		w.must(w.ask(w.saveDocument, anAuthor, w.public, changeOf(0, "Second", "Two."), &saved))
		if d := w.has(w.public); saved.Version != 2 || d.Title != "First" || d.BodyHTML != "<p>One.</p>" {
			t.Errorf("saved %+v, readers have %+v", saved, d)
		}
		if err := w.ask(w.fileArticle, anAuthor, w.public, "{}", nil); !fault.Is(err, fault.Denied) {
			t.Errorf("an anAuthor published: %v", err)
		}
		w.must(w.ask(w.fileArticle, anEditor, w.public, "{}", nil))
		if d := w.has(w.public); d.Title != "Second" || d.BodyHTML != "<p>Two.</p>" || d.State != library.Published {
			t.Errorf("published, readers have %+v", d)
		}
		w.must(w.ask(w.saveDocument, anEditor, w.public, changeOf(0, "Second", "Late."), &saved))
		if saved.Kept == saved.Version || w.has(w.public).BodyHTML != "<p>Two.</p>" {
			t.Errorf("a late save: %+v", saved)
		}

		w.must(w.ask(w.saveDocument, anAuthor, w.draft, changeOf(0, "Named", "Two."), &saved))
		if d := w.has(w.draft); d.Title != "Named" {
			t.Errorf("a new title of a draft is not in the library: %+v", d)
		}
		w.must(w.ask(w.saveDocument, anAuthor, w.draft, changeOf(2, " ", "Without a title."), &saved))
		if saved.Kept != saved.Version || w.has(w.draft).Title != "Named" {
			t.Errorf("a text without a title became %+v", saved)
		}
		w.must(w.ask(w.saveDocument, anAuthor, w.draft, changeOf(int(saved.Version), "Named", "Three."), &saved))
		w.must(w.ask(w.lockArticle, anAuthor, w.draft, `{"token":"a","leave":true}`, nil))
		if d := w.has(w.draft); d.BodyHTML != "<p>Three.</p>" || d.State != library.Drafted {
			t.Errorf("after the writer left the library has %+v", d)
		}
	})
}

// A heldBody is a request's body that does something before its first byte is read.
type heldBody struct {
	io.Reader
	first func()
}

func (h *heldBody) Read(b []byte) (int, error) {
	if h.first != nil {
		h.first()
		h.first = nil
	}
	return h.Reader.Read(b)
}

// An author who holds the body of a request back until an editor has published the article changes nothing that readers have.
func TestHeldRequestsOfAnAuthor(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		form := url.Values{"title": {"Smuggled"}, "text": {"Smuggled."}, "base": {"0"}}.Encode()
		for name, tt := range map[string]struct {
			body   string
			handle func(*Newsroom) func(http.ResponseWriter, *http.Request, visit) error
		}{
			"the script":    {changeOf(0, "Smuggled", "Smuggled."), func(n *Newsroom) func(http.ResponseWriter, *http.Request, visit) error { return n.saveDocument }},
			"the form":      {form, func(n *Newsroom) func(http.ResponseWriter, *http.Request, visit) error { return n.writePlain }},
			"a window shut": {`{"token":"a","leave":true}`, func(n *Newsroom) func(http.ResponseWriter, *http.Request, visit) error { return n.lockArticle }},
		} {
			w := newWritingRoom(t, db)
			r := httptest.NewRequest("POST", "/", &heldBody{strings.NewReader(tt.body), func() {
				d := w.has(w.draft)
				id, err := strconv.ParseInt(w.draft, 10, 64)
				w.must(err)
				d.ID, d.State, d.Published = id, library.Published, time.Now()
				_, err = w.Library.Save(t.Context(), d)
				w.must(err)
				if name == "a window shut" { // what waits was written after the editor published
					w.must(w.ask(w.saveDocument, anAuthor, w.draft, changeOf(0, "Smuggled", "Smuggled."), nil))
				}
			}})
			if name == "the form" {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
			r.SetPathValue("id", w.draft)
			w.must(tt.handle(w.Newsroom)(httptest.NewRecorder(), r, anAuthor))
			if d := w.has(w.draft); d.Title != "First" || d.BodyHTML != "<p>One.</p>" || d.State != library.Published {
				t.Errorf("%s: readers have %+v", name, d)
			}
		}
	})
}

func TestScriptsAreRefused(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	w := newWritingRoom(t, db)
	for _, tt := range []struct {
		name, article, body string
		handle              func(http.ResponseWriter, *http.Request, visit) error
		want                fault.Kind
	}{
		{"no JSON", w.draft, "{", w.saveDocument, fault.Invalid},
		{"no document", w.draft, "{}", w.saveDocument, fault.Invalid},
		{"a script in it", w.draft, `{"document":{"type":"doc","content":[{"type":"script"}]}}`, w.saveDocument, fault.Invalid},
		{"no article", "99", changeOf(0, "a", "b"), w.saveDocument, fault.NotFound},
		{"no number", "x", changeOf(0, "a", "b"), w.saveDocument, fault.NotFound},
		{"a lock without a name", w.draft, `{}`, w.lockArticle, fault.Invalid},
		{"a lock on nothing", "99", `{"token":"a"}`, w.lockArticle, fault.NotFound},
		{"no picture", w.draft, "{GIF?", w.addPicture, fault.Invalid},
		{"a card of this machine", w.draft, `{"url":"http://127.0.0.1/"}`, w.makeCard, fault.Invalid},
		{"a comment without words", w.draft, url.Values{"text": {" "}}.Encode(), w.addComment, fault.Invalid},
		{"a comment on nothing", "99", url.Values{"text": {"x"}}.Encode(), w.addComment, fault.NotFound},
	} {
		if err := w.ask(tt.handle, anAuthor, tt.article, tt.body, nil); !fault.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCommentsByScript(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	w := newWritingRoom(t, db)
	var all []wireComment
	w.must(w.ask(w.addComment, anAuthor, w.draft, url.Values{"text": {"So?"}, "quote": {"One"}, "after": {"."}}.Encode(), &all))
	if len(all) != 1 || all[0].Name != "Anna" || all[0].Quote != "One" || all[0].Resolved {
		t.Fatalf("the comments are %+v", all)
	}
	w.must(w.ask(func(rw http.ResponseWriter, r *http.Request, v visit) error {
		r.SetPathValue("comment", "1")
		return w.resolveComment(rw, r, v)
	}, anEditor, w.draft, "", &all))
	if len(all) != 1 || !all[0].Resolved {
		t.Errorf("resolved they are %+v", all)
	}
}
