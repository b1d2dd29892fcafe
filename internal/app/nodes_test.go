package app

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/access"
	"github.com/gatefold/gatefold/internal/config"
	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/search"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Nodes share the database and the pictures, and each has a search index of its own, as docs/install.md says.
func TestNodesShareWhatTheyShould(t *testing.T) {
	database, pictures := storagetest.Postgres(t), t.TempDir()
	shared := func() config.Config {
		c := testConfig(t.TempDir(), database)
		c.Data.Media = pictures
		return c
	}
	a, b := start(t, shared()), start(t, shared())
	if _, err := a.Library.Save(t.Context(), library.Draft{Title: "The tin of the islands", Level: access.Open,
		Section: "Briefings", BodyHTML: "<p>Of cassiterite.</p>", Published: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []*node{a, b} {
		eventually(t, 30*time.Second, "a node finds it in an index of its own", func() bool {
			status, body := n.get("/search?q=cassiterite")
			return status == http.StatusOK && strings.Contains(body, "The tin of the islands") && n.Search.Health().Phase == search.Ready
		})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	picture, err := a.Media.Put(t.Context(), &file)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := b.get(picture.Path(picture.Variants()[0])); status != http.StatusOK {
		t.Errorf("the other node has the picture with %d", status)
	}
}
