package newsroom

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/library/prose"
	"github.com/gatefold/gatefold/internal/staff"
)

// writePage is where an article is written: in the rich editor where its script is there and runs, else as Markdown.
type writePage struct {
	Frame
	Article  int64
	Copy     desk.Copy
	Markdown string
	Base     int64
	Open     int    // threads of comments that nobody has resolved
	Rich     bool   // the script of the rich editor is in this binary
	May      bool   // the member may put a public article's changes before readers
	Words    []word // what the script says
}

// A word is a text of the catalogue for the editor's script.
type word struct{ Key, Text string }

// scriptWords are the keys of what the editor's script says, under write.js.
var scriptWords = strings.Fields(`
	saving saved unsaved offline signed-out refused recovered put-aside see writes writes-you took took-you take
	tools bold italic link unlink sup sub code note comment heading subheading
	minor plain list numbers quote pull picture table card cut rule row
	column drop-row drop-column heads drop-table describe drop-picture outdent indent alt caption credit
	table-caption cut-line begin href find replace next previous replace-one replace-all found none
	done cancel remove card-url wait uploading lost-picture words minutes answer send resolve
	resolved reopen gone comments close note-label`)

// words are the texts of the editor's script. What a place takes stays a place: the script fills it in.
func (n *Newsroom) words() []word {
	out := make([]word, len(scriptWords))
	for i, key := range scriptWords {
		out[i] = word{key, n.texts.T("write.js."+key, "{0}", "{1}")}
	}
	return out
}

// Path is where what belongs to the article lies.
func (p writePage) Path() string { return articlePath(p.Article) }

func articlePath(id int64) string { return "/newsroom/articles/" + strconv.FormatInt(id, 10) }

// writeDone are what was done, by the word in the address.
var writeDone = map[string]string{"saved": "write.done-saved", "filed": "write.done-filed", "published": "write.done-published",
	"restored": "write.done-restored"}

func (n *Newsroom) write(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	p, err := n.writePage(r, v, c)
	if err != nil {
		return err
	}
	if key := writeDone[r.URL.Query().Get("done")]; key != "" {
		p.Done = n.texts.T(key)
	}
	if r.URL.Query().Has("plain") {
		p.Rich, p.Scripts = false, nil
	}
	return show(w, r, http.StatusOK, n.screens.write, p)
}

func (n *Newsroom) writePage(r *http.Request, v visit, c desk.Copy) (writePage, error) {
	title := c.Text.Title
	if title == "" {
		title = n.texts.T("write.untitled")
	}
	p := writePage{Frame: n.frame(v, title, "/newsroom"), Article: c.Article, Copy: c, Base: c.Version,
		Markdown: c.Text.Document.Markdown(), Rich: n.rich, May: mayPublish(v)}
	if n.rich {
		p.Scripts, p.Words = []string{editorAsset}, n.words()
	}
	comments, err := n.Desk.Comments(r.Context(), c.Article)
	for _, c := range comments {
		if c.ID == c.Thread && c.Resolved.IsZero() {
			p.Open++
		}
	}
	return p, err
}

// mayPublish reports whether a member puts articles before readers: an author writes, an editor publishes.
func mayPublish(v visit) bool { return staff.Editors.Have(v.Member.Role) }

// writePlain keeps what the form sends: title, standfirst and the text as Markdown. It works without scripts.
func (n *Newsroom) writePlain(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	base, _ := strconv.ParseInt(r.PostForm.Get("base"), 10, 64)
	typed := desk.Text{Title: r.PostForm.Get("title"), Standfirst: r.PostForm.Get("standfirst")}
	typed.Document, err = document.FromSource(r.PostForm.Get("text"), prose.Markdown)
	var saved desk.Saved
	if err == nil {
		saved, err = n.Desk.Save(r.Context(), desk.Change{Article: id, Base: base, Kind: desk.Kept, Writer: v.writer(), Text: typed,
			Token: r.PostForm.Get("token")})
	}
	if err == nil && !saved.Aside() {
		_, err = n.Desk.FileUnlessPublic(r.Context(), id)
	}
	if err == nil && saved.Aside() {
		return to(w, r, articlePath(id)+"/revisions/"+strconv.FormatInt(saved.Kept, 10)+"?aside=1")
	}
	if err == nil {
		return to(w, r, articlePath(id)+"/write?done=saved"+plainAgain(r))
	}
	p, left := n.writePage(r, v, c)
	if left != nil {
		return left
	}
	p.Copy.Text.Title, p.Copy.Text.Standfirst, p.Markdown, p.Base = typed.Title, typed.Standfirst, r.PostForm.Get("text"), base
	if saved.Version != 0 { // it is saved, and only not filed: what is corrected is written upon that
		p.Base = saved.Version
	}
	p.Rich, p.Scripts = false, nil // the form keeps what was typed
	status, err := p.refuse(err)
	if err != nil {
		return err
	}
	return show(w, r, status, n.screens.write, p)
}

// plainAgain keeps to the plain form when it was chosen.
func plainAgain(r *http.Request) string {
	if r.PostForm.Get("plain") != "" {
		return "&plain"
	}
	return ""
}

// fileArticle gives the library the newest text. Of a public article readers then have it: that is for editors.
func (n *Newsroom) fileArticle(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	if err := n.fileFor(r.Context(), id, v); err != nil {
		return err
	}
	if wantsJSON(r) {
		return sendJSON(w, map[string]bool{"filed": true})
	}
	done := "filed"
	if c.Public {
		done = "published"
	}
	return to(w, r, articlePath(id)+"/write?done="+done)
}

// fileFor files the newest text as a member may. Denied for one who may not put it before readers, when that it would do.
func (n *Newsroom) fileFor(ctx context.Context, id int64, v visit) error {
	if mayPublish(v) {
		return n.Desk.File(ctx, id)
	}
	filed, err := n.Desk.FileUnlessPublic(ctx, id)
	if err == nil && !filed {
		err = fault.New(fault.Denied, "%s", n.texts.T("write.editors-publish"))
	}
	return err
}

// queryNumber is a number of an address, 0 for none.
func queryNumber(r *http.Request, name string) int64 {
	n, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
