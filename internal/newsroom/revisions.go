package newsroom

import (
	"net/http"

	"github.com/gatefold/gatefold/internal/desk"
)

// revisionsPage is what an article was.
type revisionsPage struct {
	Frame
	Article   int64
	Copy      desk.Copy
	Revisions []desk.Revision
	More      int64 // the version to go on from, 0 at the end
}

// Path is where what belongs to the article lies.
func (p revisionsPage) Path() string { return articlePath(p.Article) }

func (n *Newsroom) revisions(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	p := revisionsPage{Frame: n.frame(v, n.texts.T("write.revisions.heading"), "/newsroom"), Article: id, Copy: c}
	if p.Revisions, err = n.Desk.Revisions(r.Context(), id, queryNumber(r, "before")); err != nil {
		return err
	}
	if len(p.Revisions) == desk.Listed {
		p.More = p.Revisions[desk.Listed-1].Version
	}
	return show(w, r, http.StatusOK, n.screens.revisions, p)
}

// revisionPage sets a revision beside another, the newest text when none is named.
type revisionPage struct {
	Frame
	Article  int64
	Copy     desk.Copy
	Revision desk.Revision
	Blocks   []desk.Compared
	Same     bool
	Newest   bool // it is the newest text itself
	Aside    bool // it was just put aside
}

// Path is where what belongs to the article lies.
func (p revisionPage) Path() string { return articlePath(p.Article) }

func (n *Newsroom) revision(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	version, err := named(r, "version")
	if err != nil {
		return err
	}
	rev, err := n.Desk.Revision(r.Context(), id, version)
	if err != nil {
		return err
	}
	p := revisionPage{Frame: n.frame(v, n.texts.T("write.revisions.one", n.stamp(rev.Saved)), "/newsroom"), Article: id, Copy: c, Revision: rev,
		Newest: version == c.Version, Aside: r.URL.Query().Has("aside"), Same: true}
	earlier, later := rev.Text, c.Text
	if p.Newest || rev.Kind == desk.Aside { // what changed in it, or what it would change
		earlier, later = c.Text, rev.Text
		if p.Newest && rev.Base > 0 {
			if base, err := n.Desk.Revision(r.Context(), id, rev.Base); err == nil {
				earlier = base.Text
			}
		}
	}
	p.Blocks = desk.Compare(earlier, later)
	for _, b := range p.Blocks {
		p.Same = p.Same && !b.Changed()
	}
	return show(w, r, http.StatusOK, n.screens.revision, p)
}

func (n *Newsroom) restoreRevision(w http.ResponseWriter, r *http.Request, v visit) error {
	id, err := named(r, "id")
	if err != nil {
		return err
	}
	version, err := named(r, "version")
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return errForm(err)
	}
	// Restoring is asked for by hand, with the newest text beside it: it takes over from whoever writes.
	token := "restore " + v.Session.ID
	if _, err := n.Desk.Lock(r.Context(), id, token, v.writer(), true); err != nil {
		return err
	}
	if _, err := n.Desk.Restore(r.Context(), id, version, v.writer(), token); err != nil {
		return err
	}
	if err := n.Desk.Unlock(r.Context(), id, token); err != nil {
		return err
	}
	return to(w, r, articlePath(id)+"/write?done=restored")
}
