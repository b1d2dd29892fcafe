package web

import (
	"net/http"
	"strconv"
	"time"
)

var cacheImmutable = []string{"public, max-age=31536000, immutable"}

// picture serves one size of a picture. Its name is a hash of its content, which nobody can guess (W-25) and which
// never changes.
func (s *Site) picture(w http.ResponseWriter, r *http.Request) error {
	size, name := r.PathValue("width"), r.PathValue("name")
	width, err := strconv.Atoi(size)
	if err != nil || strconv.Itoa(width) != size { // one picture, one address
		return errNoPage
	}
	f, err := s.Media.Open(r.Context(), name, width)
	if err != nil {
		return err
	}
	defer f.Close()
	h := w.Header()
	h["Cache-Control"] = cacheImmutable
	h["Content-Type"] = []string{"image/jpeg"}
	h["Etag"] = []string{`"` + size + "-" + name + `"`}
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}
