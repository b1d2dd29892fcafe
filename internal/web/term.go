package web

import (
	"cmp"
	"context"
	"html/template"
	"math"
	"net/http"
	"slices"

	"github.com/gatefold/gatefold/internal/library"
	"github.com/gatefold/gatefold/internal/page"
)

// An introduction is what stands over the list of a term, on its first page.
type introduction struct {
	Text      template.HTML     // by staff, "" without one
	Important []library.Summary // what to read first
}

// How the pieces to read first are chosen: of the longest, those that are opened most.
const (
	longest       = 24
	important     = 3
	importantFrom = 12 // articles: with fewer, the list itself is short
	importantDays = 400
)

// introduce makes the introduction of a term.
func (s *Site) introduce(ctx context.Context, t library.Term, articles int) (*introduction, error) {
	about, err := s.Library.Introduction(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	i := &introduction{Text: about.Text}
	if articles >= importantFrom && t.Kind != library.Series {
		if i.Important, err = s.important(ctx, t.ID); err != nil {
			return nil, err
		}
	}
	if i.Text == "" && len(i.Important) == 0 {
		return nil, nil
	}
	return i, nil
}

func (s *Site) important(ctx context.Context, term int64) ([]library.Summary, error) {
	ids, err := s.Library.Longest(ctx, term, longest)
	if err != nil {
		return nil, err
	}
	opened, err := s.Insights.Opened(ctx, ids, s.Now().AddDate(0, 0, -importantDays))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(ids, func(a, b int64) int { return cmp.Compare(opened[b], opened[a]) })
	return s.Library.Summaries(ctx, ids[:min(important, len(ids))])
}

// What stands around a term: which kinds, in which order.
var around = map[library.TermKind][]library.TermKind{
	library.Topic:   {library.Topic, library.Byline, library.Country},
	library.Country: {library.Byline, library.Topic},
	library.Region:  {library.Byline, library.Topic},
	library.Section: {library.Byline, library.Topic},
	library.Byline:  {library.Topic, library.Country},
}

// aroundShown is how many words of each kind there are, aroundKnown how many are weighed.
const (
	aroundShown = 8
	aroundKnown = 40
)

// around lists who writes on a term, and what else its articles are about.
func (s *Site) around(ctx context.Context, t library.Term) (out []wordList, err error) {
	for _, kind := range around[t.Kind] {
		near, err := s.Library.Beside(ctx, t.ID, kind, aroundKnown)
		if err != nil {
			return nil, err
		}
		if kind != library.Byline {
			if near, err = s.closest(ctx, near); err != nil {
				return nil, err
			}
		}
		l := wordList{Heading: s.texts.T("around." + string(kind))}
		if t.Kind == library.Byline {
			l.Heading = s.texts.T("around.writes-" + string(kind))
		}
		for _, n := range near[:min(aroundShown, len(near))] {
			l.Words = append(l.Words, word{Name: n.Name, Path: termPath(kind, n.Slug)})
		}
		if t.Kind == library.Topic && kind == library.Topic && len(l.Words) > 0 {
			l.Path = pathOf(library.Topic)
			l.All = &word{Name: s.texts.T("side.all-topic"), Path: l.Path}
		}
		out = append(out, l)
	}
	return wordLists(out...), nil
}

// closest puts first the terms that have most to do with another: those under which not too much else is filed.
func (s *Site) closest(ctx context.Context, near []library.TermCount) ([]library.TermCount, error) {
	if len(near) == 0 {
		return nil, nil
	}
	all, err := s.termsOf(ctx, near[0].Kind)
	if err != nil {
		return nil, err
	}
	total := make(map[int64]int, len(all))
	for _, t := range all {
		total[t.ID] = t.Articles
	}
	weight := func(t library.TermCount) float64 {
		return float64(t.Articles) / math.Sqrt(float64(max(1, total[t.ID])))
	}
	slices.SortStableFunc(near, func(a, b library.TermCount) int { return cmp.Compare(weight(b), weight(a)) })
	return near, nil
}

// showTerm serves the kept page of a term, with the button to follow it: one with advertising, and one for those who pay.
func (s *Site) showTerm(w http.ResponseWriter, r *http.Request, key string, kind library.TermKind, slug string,
	render func(ctx context.Context, advertise bool) ([]byte, error)) error {
	v, err := s.visit(r)
	if err != nil {
		return err
	}
	if v.paid {
		key = paidKey + key
	}
	p, err := s.kept(r.Context(), key, "text/html; charset=utf-8", func(ctx context.Context) ([]byte, error) { return render(ctx, !v.paid) })
	if err != nil {
		return err
	}
	if v.common() {
		page.ServeShared(w, r, p)
		return nil
	}
	button := ""
	if followable(kind) {
		if button, err = s.followButtonFor(r.Context(), v, kind, slug); err != nil {
			return err
		}
	}
	s.own(w, r, v, p, func(hole string) string {
		if hole == "follow" {
			return button
		}
		return s.personal(hole, v)
	})
	return nil
}
