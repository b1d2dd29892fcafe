package newsroom

import (
	"errors"
	"net/http"

	"github.com/gatefold/gatefold/internal/fault"
	"github.com/gatefold/gatefold/internal/library"
)

// photograph keeps the picture that leads an article, with its words. Without a file the picture there is keeps its place and
// gets other words. It works without scripts.
func (n *Newsroom) photograph(w http.ResponseWriter, r *http.Request, v visit) error {
	if err := r.ParseMultipartForm(publicBody); err != nil { // more of it goes to disk; the chain bounds all of it
		return errForm(err)
	}
	return n.pieceForm("photograph", func(r *http.Request, id int64, v visit) (string, error) {
		image, err := n.photographOf(r, id)
		if err != nil {
			return "", err
		}
		return "photograph", n.Board.Illustrate(r.Context(), id, image, v.Member.Who())
	})(w, r, v)
}

// photographOf is the picture that a form describes: the one it brings, or else the one the article has.
func (n *Newsroom) photographOf(r *http.Request, id int64) (library.Image, error) {
	var image library.Image
	file, _, err := r.FormFile("picture")
	switch {
	case err == nil:
		defer func() { _ = file.Close() }()
		kept, err := n.Media.Put(r.Context(), file)
		if err != nil {
			return image, inField("picture", err)
		}
		image = library.Image{File: kept.Name, Width: kept.Width, Height: kept.Height}
	case !errors.Is(err, http.ErrMissingFile):
		return image, errForm(err)
	default:
		d, err := n.Library.Manuscript(r.Context(), id)
		if err != nil {
			return image, err
		}
		if d.Hero == nil || d.Hero.File == "" {
			return image, fault.Field("picture", "%s", n.texts.T("room.piece.picture-none"))
		}
		image = *d.Hero
	}
	image.Alt, image.Caption = r.PostForm.Get("alt"), r.PostForm.Get("caption")
	image.Credit, image.Licence = r.PostForm.Get("picture-credit"), r.PostForm.Get("licence")
	return image, nil
}

// inField says of a field what is wrong with what it brought.
func inField(field string, err error) error {
	var e *fault.Error
	if errors.As(err, &e) && e.Kind == fault.Invalid {
		return fault.Field(field, "%s", e.Text)
	}
	return err
}

// noPhotograph takes the picture away that leads an article.
func (n *Newsroom) noPhotograph(r *http.Request, id int64, v visit) (string, error) {
	return "no-photograph", n.Board.Illustrate(r.Context(), id, library.Image{}, v.Member.Who())
}
