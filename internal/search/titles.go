package search

import (
	"context"
	"strings"
	"unicode"
)

// findTitles finds articles by the words of their titles in the database. It is what is left while there is no index:
// it takes no filters and counts only what it gives.
func (s *Search) findTitles(ctx context.Context, r Request) (Results, error) {
	out := Results{Titles: true}
	words := strings.FieldsFunc(strings.ToLower(r.Query), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	ids, err := s.library.WithTitle(ctx, words, maxHits)
	if err != nil {
		return out, err
	}
	out.Total = len(ids)
	ids = ids[min(max(r.Offset, 0), len(ids)):]
	list, err := s.library.Summaries(ctx, ids[:min(max(r.N, 0), len(ids))])
	for _, a := range list {
		h := Hit{Summary: a, Title: []Fragment{{Text: a.Title}}}
		if a.Standfirst != "" {
			h.Snippet = []Fragment{{Text: a.Standfirst}}
		}
		out.Hits = append(out.Hits, h)
	}
	return out, err
}
