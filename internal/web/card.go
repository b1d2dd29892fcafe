package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"image/color"
	"net/http"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/media"
	"github.com/gatefold/gatefold/internal/page"
)

// cardsMemory is how much memory the drawn cards may take, in bytes: a few hundred of them.
const cardsMemory = 16 << 20

// cards draws what shared links show, one at a time, and keeps what it drew.
type cards struct {
	drawn *page.Cache[string, *drawnCard]
	turn  chan struct{} // holds one: who takes it draws
}

type drawnCard struct {
	png []byte
	tag string
}

func newCards(now func() time.Time) cards {
	return cards{drawn: page.NewCache[string, *drawnCard](cardsMemory, now), turn: make(chan struct{}, 1)}
}

var cacheCard = []string{"public, max-age=3600"}

// shareCard serves the picture of an article that has no photograph, for links to it elsewhere: "/cards/SLUG.png".
// It says what the head of the page says to everyone.
func (s *Site) shareCard(w http.ResponseWriter, r *http.Request) error {
	slug, ok := strings.CutSuffix(r.PathValue("name"), ".png")
	if !ok {
		return errNoPage
	}
	a, err := s.Library.BySlug(r.Context(), slug)
	var moved *library.Moved
	if errors.As(err, &moved) {
		http.Redirect(w, r, "/cards/"+moved.Slug+".png", http.StatusMovedPermanently)
		return nil
	}
	if err != nil {
		return err
	}
	c, err := s.drawCard(r.Context(), a)
	if err != nil {
		return err
	}
	h := w.Header()
	h["Cache-Control"] = cacheCard
	h["Content-Type"] = []string{"image/png"}
	h["Etag"] = []string{c.tag}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(c.png))
	return nil
}

// drawCard returns the card of an article, drawing it when it is not kept.
func (s *Site) drawCard(ctx context.Context, a library.Article) (*drawnCard, error) {
	key := fmt.Sprintf("%d %d %s %s", a.ID, a.Version, a.Section.Name, bylineOf(a))
	if c, ok := s.cards.drawn.Get(key); ok {
		return c, nil
	}
	select {
	case s.cards.turn <- struct{}{}:
		defer func() { <-s.cards.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if c, ok := s.cards.drawn.Get(key); ok { // drawn while this request waited
		return c, nil
	}
	accent := rgb(s.Config.Publication.Accent)
	b, err := media.Card{Publication: s.Config.Publication.Name, Section: a.Section.Name, Title: a.Title, Byline: bylineOf(a),
		Accent: color.RGBA{uint8(accent[0]), uint8(accent[1]), uint8(accent[2]), 0xff}}.PNG()
	if err != nil {
		return nil, fmt.Errorf("card of article %d: %w", a.ID, err)
	}
	sum := sha256.Sum256(b)
	c := &drawnCard{b, `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	s.cards.drawn.Put(key, c, len(b)+256, s.Now().Add(keepFor), s.cards.drawn.Generation())
	return c, nil
}
