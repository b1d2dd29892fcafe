package newsroom

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gatefold/gatefold/internal/desk"
)

// commentsPage is what colleagues say of an article, for those whose browser runs no scripts, and on a phone.
type commentsPage struct {
	Frame
	Article int64
	Copy    desk.Copy
	Threads []thread
	Typed   string
}

// Path is where what belongs to the article lies.
func (p commentsPage) Path() string { return articlePath(p.Article) }

// A thread is a comment and its answers.
type thread struct {
	desk.Comment
	Answers []desk.Comment
}

// wireComment is a comment as the editor's script reads it.
type wireComment struct {
	ID       int64     `json:"id"`
	Thread   int64     `json:"thread"`
	Name     string    `json:"name"`
	Text     string    `json:"text"`
	At       time.Time `json:"at"`
	When     string    `json:"when"`
	Resolved bool      `json:"resolved"`
	desk.Passage
}

func (n *Newsroom) comments(w http.ResponseWriter, r *http.Request, v visit) error {
	return n.showComments(w, r, v, http.StatusOK, commentsPage{})
}

func (n *Newsroom) showComments(w http.ResponseWriter, r *http.Request, v visit, status int, p commentsPage) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	all, err := n.Desk.Comments(r.Context(), id)
	if err != nil {
		return err
	}
	if wantsJSON(r) {
		return n.sendComments(w, all)
	}
	said, field := p.Fault, p.Field
	p.Frame, p.Article, p.Copy = n.frame(v, n.texts.T("write.comments.heading"), "/newsroom"), id, c
	p.Fault, p.Field = said, field
	for _, c := range all {
		if last := len(p.Threads) - 1; last >= 0 && p.Threads[last].ID == c.Thread {
			p.Threads[last].Answers = append(p.Threads[last].Answers, c)
		} else {
			p.Threads = append(p.Threads, thread{Comment: c})
		}
	}
	return show(w, r, status, n.screens.comments, p)
}

func (n *Newsroom) sendComments(w http.ResponseWriter, all []desk.Comment) error {
	out := []wireComment{}
	for _, c := range all {
		out = append(out, wireComment{ID: c.ID, Thread: c.Thread, Name: c.Writer.Name, Text: c.Text, At: c.At, When: n.stamp(c.At),
			Resolved: !c.Resolved.IsZero(), Passage: c.Passage})
	}
	return sendJSON(w, out)
}

// addComment takes a comment from the form or from the editor's script, which sends the same fields.
func (n *Newsroom) addComment(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	f, id := r.PostForm, c.Article
	threadID, _ := strconv.ParseInt(f.Get("thread"), 10, 64)
	_, err = n.Desk.Comment(r.Context(), id, desk.Comment{Thread: threadID, Writer: v.writer(), Text: f.Get("text"),
		Passage: desk.Passage{Quote: f.Get("quote"), Before: f.Get("before"), After: f.Get("after")}})
	if wantsJSON(r) && err == nil {
		return n.showComments(w, r, v, http.StatusOK, commentsPage{})
	}
	if err == nil {
		return to(w, r, articlePath(id)+"/comments")
	}
	p := commentsPage{Typed: f.Get("text")}
	status, left := p.refuse(err)
	if left != nil || wantsJSON(r) || status == http.StatusNotFound {
		return err
	}
	return n.showComments(w, r, v, status, p)
}

func (n *Newsroom) resolveComment(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := named(r, "id")
	if err != nil {
		return err
	}
	comment, err := named(r, "comment")
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	if err := n.Desk.Resolve(r.Context(), id, comment, v.writer(), r.PostForm.Get("open") == ""); err != nil {
		return err
	}
	if wantsJSON(r) {
		return n.showComments(w, r, v, http.StatusOK, commentsPage{})
	}
	return to(w, r, articlePath(id)+"/comments")
}
