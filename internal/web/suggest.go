package web

import (
	"net/http"
	"strings"

	"github.com/gatefold/gatefold/internal/library"
)

// A suggestion is somewhere to go, for who has begun to type.
type suggestion struct {
	Kind  string `json:"kind"`
	Label string `json:"label"` // of the kind, as it stands beside the title; "" for an article
	Title string `json:"title"`
	Path  string `json:"path"`
}

// suggestions is how many there are.
const suggestions = 8

// longestPrefix bounds what is looked up, in bytes.
const longestPrefix = 100

// suggest answers what has been typed so far with titles and names. It gives public words alone, the same to everyone.
func (s *Site) suggest(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.admitSearch(w, r, suggestionsPass); err != nil {
		return err
	}
	out := []suggestion{}
	prefix := inquiryOf(r.URL.Query()).Text
	if strings.HasSuffix(r.URL.Query().Get("q"), " ") {
		prefix += " " // the last word is whole
	}
	if strings.TrimSpace(prefix) != "" && len(prefix) <= longestPrefix {
		list, err := s.Search.Suggest(r.Context(), prefix, suggestions)
		if err != nil {
			return err
		}
		for _, one := range list {
			if one.Kind == "article" {
				out = append(out, suggestion{Kind: one.Kind, Title: one.Title, Path: "/articles/" + one.Slug})
				continue
			}
			kind := library.TermKind(one.Kind)
			out = append(out, suggestion{one.Kind, s.texts.T("kind." + one.Kind), one.Title, termPath(kind, one.Slug)})
		}
	}
	return sendJSON(w, r, out)
}
