package newsroom

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/staff"
)

// articleRoutes are where an article is written: the screen, and what its script asks for.
func (n *Newsroom) articleRoutes() []Route {
	const article = "/newsroom/articles/{id}"
	return []Route{
		{Pattern: "GET " + article + "/write", For: staff.Writers, Handle: n.write},
		{Pattern: "POST " + article + "/write", For: staff.Writers, Handle: n.writePlain},
		{Pattern: "GET " + article + "/document", For: staff.Writers, Handle: n.document},
		{Pattern: "POST " + article + "/document", For: staff.Writers, Handle: n.saveDocument},
		{Pattern: "POST " + article + "/file", For: staff.Writers, Handle: n.fileArticle},
		{Pattern: "POST " + article + "/lock", For: staff.Writers, Handle: n.lockArticle},
		{Pattern: "POST " + article + "/pictures", For: staff.Writers, Handle: n.addPicture},
		{Pattern: "GET " + article + "/links", For: staff.Writers, Handle: n.links},
		{Pattern: "POST " + article + "/cards", For: staff.Writers, Handle: n.makeCard},
		{Pattern: "GET " + article + "/revisions", For: staff.Writers, Handle: n.revisions},
		{Pattern: "GET " + article + "/revisions/{version}", For: staff.Writers, Handle: n.revision},
		{Pattern: "POST " + article + "/revisions/{version}/restore", For: staff.Writers, Handle: n.restoreRevision},
		{Pattern: "GET " + article + "/comments", For: staff.Writers, Handle: n.comments},
		{Pattern: "POST " + article + "/comments", For: staff.Writers, Handle: n.addComment},
		{Pattern: "POST " + article + "/comments/{comment}/resolve", For: staff.Writers, Handle: n.resolveComment},
	}
}

// opened is the newest text of the article that a path names.
func (n *Newsroom) opened(r *http.Request) (desk.Copy, error) {
	id, err := named(r, "id")
	if err != nil {
		return desk.Copy{}, err
	}
	return n.Desk.Open(r.Context(), id)
}

// writer is the member as the desk knows them.
func (v visit) writer() desk.Writer { return desk.Writer{ID: v.Member.ID, Name: v.Member.Name} }

// wantsJSON reports whether a script asks.
func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// sendJSON answers a script.
func sendJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

// takeJSON reads what a script sent.
func takeJSON(r *http.Request, into any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fault.Wrap(fault.Invalid, err, "That is not what this page sends.")
	}
	return nil
}
