package newsroom

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/library/document"
	"github.com/gatefold/gatefold/internal/media"
)

// wireCopy is the newest text, as the editor's script reads it.
type wireCopy struct {
	Version    int64           `json:"version"`
	Title      string          `json:"title"`
	Standfirst string          `json:"standfirst"`
	Document   json.RawMessage `json:"document"`
	Public     bool            `json:"public"`
	Waits      bool            `json:"waits"` // there is something readers, or the library, have not
	Saved      time.Time       `json:"saved,omitzero"`
}

func (n *Newsroom) document(w http.ResponseWriter, r *http.Request, _ visit) error {
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	return sendJSON(w, wireCopy{Version: c.Version, Title: c.Text.Title, Standfirst: c.Text.Standfirst, Document: c.Text.Document.JSON(),
		Public: c.Public, Waits: c.Waits(), Saved: c.Saved})
}

// wireChange is what the editor's script saves.
type wireChange struct {
	Base       int64           `json:"base"`
	Key        string          `json:"key"`
	Token      string          `json:"token"`
	Keep       bool            `json:"keep"` // by hand
	Title      string          `json:"title"`
	Standfirst string          `json:"standfirst"`
	Document   json.RawMessage `json:"document"`
}

// wireSaved is what became of it.
type wireSaved struct {
	Version int64     `json:"version"`
	Kept    int64     `json:"kept"` // the revision that holds what was sent; another than version when it was put aside
	At      time.Time `json:"at"`
	Said    string    `json:"said"` // At as the page says it
}

// saveDocument keeps what the editor's script sends, every few seconds while somebody writes. An article that is not public
// is filed when its title or standfirst changed, so that lists show it; the text is filed when the writer stops.
func (n *Newsroom) saveDocument(w http.ResponseWriter, r *http.Request, v visit) error {
	var in wireChange
	if err := takeJSON(r, &in); err != nil {
		return err
	}
	before, err := n.opened(r)
	if err != nil {
		return err
	}
	id := before.Article
	doc, err := document.Parse(in.Document)
	if err != nil {
		return err
	}
	kind := desk.Written
	if in.Keep {
		kind = desk.Kept
	}
	saved, err := n.Desk.Save(r.Context(), desk.Change{Article: id, Base: in.Base, Key: in.Key, Token: in.Token, Kind: kind,
		Writer: v.writer(), Text: desk.Text{Title: in.Title, Standfirst: in.Standfirst, Document: doc}})
	if err != nil {
		return err
	}
	named := before.Text.Title == in.Title && before.Text.Standfirst == in.Standfirst
	if !saved.Aside() && strings.TrimSpace(in.Title) != "" && (in.Keep || !named) {
		// What was sent is saved: that is the answer, and the next save or the end of writing files it.
		if _, err := n.Desk.FileUnlessPublic(r.Context(), id); err != nil {
			n.Log.Warn("a saved text was not filed", "article", id, "error", err)
		}
	}
	return sendJSON(w, wireSaved{Version: saved.Version, Kept: saved.Kept, At: saved.At, Said: n.stamp(saved.At)})
}

// wireLock says who writes, to the window that asked.
type wireLock struct {
	Mine    bool      `json:"mine"`
	Name    string    `json:"name"`
	Same    bool      `json:"same"` // as who asks: it is another window of theirs
	Since   time.Time `json:"since,omitzero"`
	Version int64     `json:"version"` // of the newest text
}

func (n *Newsroom) lockArticle(w http.ResponseWriter, r *http.Request, v visit) error {
	var in struct {
		Token string `json:"token"`
		Take  bool   `json:"take"`
		Leave bool   `json:"leave"`
	}
	if err := takeJSON(r, &in); err != nil {
		return err
	}
	c, err := n.opened(r)
	if err != nil {
		return err
	}
	id := c.Article
	if in.Leave { // the window closes: what was written goes where lists and previews find it
		if err := n.Desk.Unlock(r.Context(), id, in.Token); err != nil {
			return err
		}
		if strings.TrimSpace(c.Text.Title) == "" {
			return nil
		}
		_, err := n.Desk.FileUnlessPublic(r.Context(), id)
		return err
	}
	l, err := n.Desk.Lock(r.Context(), id, in.Token, v.writer(), in.Take)
	if err != nil {
		return err
	}
	return sendJSON(w, wireLock{Mine: l.Mine, Name: l.Writer.Name, Same: l.Writer.ID == v.writer().ID, Since: l.Since, Version: c.Version})
}

// addPicture keeps a picture that is put into a text.
func (n *Newsroom) addPicture(w http.ResponseWriter, r *http.Request, _ visit) error {
	if _, err := named(r, "id"); err != nil {
		return err
	}
	i, err := n.Media.Put(r.Context(), http.MaxBytesReader(w, r.Body, media.MaxBytes+1))
	if err != nil {
		return err
	}
	return sendJSON(w, map[string]any{"src": i.Path(i.Fit(1280)), "width": i.Width, "height": i.Height})
}

// wireLink is an article that a link may lead to.
type wireLink struct {
	Title string `json:"title"`
	Href  string `json:"href"`
}

// linkPaths are where what is suggested stands on the site.
var linkPaths = map[string]string{"article": "/articles/", "contributor": "/contributors/", "topic": "/topics/", "country": "/countries/",
	"region": "/regions/", "series": "/series/", "section": "/sections/"}

func (n *Newsroom) links(w http.ResponseWriter, r *http.Request, _ visit) error {
	q := r.URL.Query().Get("q")
	if strings.TrimSpace(q) == "" {
		return sendJSON(w, []wireLink{})
	}
	found, err := n.Search.Suggest(r.Context(), q[:min(len(q), 200)], 8)
	if err != nil {
		return err
	}
	out := []wireLink{}
	for _, s := range found {
		if path := linkPaths[s.Kind]; path != "" {
			out = append(out, wireLink{s.Title, path + s.Slug})
		}
	}
	return sendJSON(w, out)
}

func (n *Newsroom) makeCard(w http.ResponseWriter, r *http.Request, _ visit) error {
	var in struct {
		URL string `json:"url"`
	}
	if err := takeJSON(r, &in); err != nil {
		return err
	}
	card, err := cardOf(r.Context(), n.Pages, in.URL)
	if err != nil {
		return err
	}
	return sendJSON(w, card)
}
