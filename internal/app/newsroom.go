package app

import (
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/gatefold/gatefold/internal/board"
	"github.com/gatefold/gatefold/internal/desk"
	"github.com/gatefold/gatefold/internal/fetch"
	"github.com/gatefold/gatefold/internal/newsroom"
	"github.com/gatefold/gatefold/internal/page"
	"github.com/gatefold/gatefold/internal/readers"
	"github.com/gatefold/gatefold/internal/staff"
	"github.com/gatefold/gatefold/internal/web"
)

func (s *Services) openStaff(demo bool) (err error) {
	c := s.Config
	s.Staff, err = staff.New(s.DB, s.Readers, s.Outbox, staff.Options{Publication: c.Publication.Name, Origin: c.Origin().String(),
		Now: s.now, Leaving: []readers.Eraser{board.New(s.DB, s.Library, s.now)}, Lenient: demo})
	if err == nil {
		s.Readers.Attach([]readers.Exporter{s.Staff}, []readers.Eraser{s.Staff})
	}
	return err
}

// newNewsroom builds the staff's surface, which looks like the site.
func (a *App) newNewsroom(m *page.Metrics) (*newsroom.Newsroom, error) {
	look := []fs.FS{web.Files}
	if dir := a.Config.Theme.Dir; dir != "" {
		look = append(look, os.DirFS(dir))
	}
	return newsroom.New(newsroom.Deps{Config: a.Config, DB: a.DB, Staff: a.Staff, Library: a.Library, Board: board.New(a.DB, a.Library, a.now),
		Desk: desk.New(a.DB, a.Library, desk.Options{Now: a.now}), Media: a.Media, Search: a.Search, Pages: fetch.New(fetch.Options{}), Readers: a.Readers,
		Site: a.site, Look: look, Prefix: web.AccentCSS(a.Config.Publication.Accent), Log: a.Log, Access: a.access, Metrics: m, Now: a.now})
}

// surfaces sends what lies under /newsroom there, and everything else to the site; but nothing of either to who asks the
// host of frames.
func (a *App) surfaces() http.Handler {
	site, room := a.site.Handler(), a.newsroom.Handler()
	return a.site.BesideFrames(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rest, ok := strings.CutPrefix(r.URL.Path, "/newsroom"); ok && (rest == "" || rest[0] == '/') {
			room.ServeHTTP(w, r)
			return
		}
		site.ServeHTTP(w, r)
	}))
}
