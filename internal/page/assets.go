package page

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Assets are the stylesheet, the script and other files under a name that holds a hash of their content, so that
// browsers may keep them for ever.
type Assets struct {
	at     string             // the folder they are served under: "/assets/"
	byName map[string]string  // "site.css" → "/assets/site.3f9a….css"
	byPath map[string]*Shared // the file name with its hash
}

// NewAssets returns an empty set, served under a path that begins and ends with a slash.
func NewAssets(at string) *Assets {
	return &Assets{at: at, byName: map[string]string{}, byPath: map[string]*Shared{}}
}

// Add puts a file into the set under a name such as "site.css".
func (a *Assets) Add(name string, content []byte) {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	s := NewShared(mime.TypeByExtension(ext), content, nil)
	s.Improve()
	a.byName[name], a.byPath[hashed] = a.at+hashed, s
}

// AddJoined joins the files that match a pattern, each name of a later layer standing in for the same name of an
// earlier one, in the order of their names.
func (a *Assets) AddJoined(name, prefix, pattern string, layers ...fs.FS) error {
	files := map[string][]byte{}
	for _, layer := range layers {
		found, err := fs.Glob(layer, pattern)
		if err != nil {
			return err
		}
		for _, f := range found {
			b, err := fs.ReadFile(layer, f)
			if err != nil {
				return err
			}
			files[f] = b
		}
	}
	if len(files) == 0 {
		return fmt.Errorf("no file matches %s", pattern)
	}
	names := make([]string, 0, len(files))
	for f := range files {
		names = append(names, f)
	}
	slices.Sort(names)
	joined := []byte(prefix)
	for _, f := range names {
		joined = append(append(joined, files[f]...), '\n')
	}
	a.Add(name, joined)
	return nil
}

// Path returns the path an asset is served under, or an error when there is none of that name.
func (a *Assets) Path(name string) (string, error) {
	if p, ok := a.byName[name]; ok {
		return p, nil
	}
	return "", fmt.Errorf("no asset named %q", name)
}

// Serve sends the asset of a hashed file name, to be kept for ever. It reports whether there is one.
func (a *Assets) Serve(w http.ResponseWriter, r *http.Request, hashed string) bool {
	s := a.byPath[hashed]
	if s == nil {
		return false
	}
	serve(w, r, s, varyEncoding, cacheForever)
	return true
}
