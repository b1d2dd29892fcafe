package library

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestRelated(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		about := func(source string, days int, topics, countries []string) Draft {
			d := draft(source, days)
			d.Topics, d.Countries, d.Byline, d.Section = topics, countries, nil, ""
			return d
		}
		drafts := []Draft{
			about("self", 10, []string{"Common", "Rare"}, []string{"Ghana"}),
			about("all three", 500, []string{"Common", "Rare"}, []string{"Ghana"}),
			about("rare", 12, []string{"Rare"}, nil),
			about("country", 12, nil, []string{"Ghana"}),
			about("nothing", 11, []string{"Other"}, []string{"Peru"}),
			about("scheduled", -1, []string{"Common", "Rare"}, []string{"Ghana"}),
		}
		hidden := about("draft", 11, []string{"Common", "Rare"}, []string{"Ghana"})
		hidden.State = Drafted
		drafts = append(drafts, hidden)
		for i := range 150 {
			drafts = append(drafts, about(fmt.Sprint("common ", i), 11+i*20, []string{"Common"}, nil))
		}
		self := save(t, l, drafts...)[0]
		got, err := l.Related(ctx, self, 4)
		if s := sources(t, l, got); err != nil || fmt.Sprint(s) != "[all three country rare common 0]" {
			t.Errorf("related %q, %v", s, err)
		}
		if many, err := l.Related(ctx, self, 500); err != nil || len(many) < 40 || len(many) > 100 || slices.ContainsFunc(many, func(s Summary) bool { return s.ID == self }) {
			t.Errorf("%d related, %v", len(many), err)
		}
		if none, err := l.Related(ctx, 1<<40, 4); err != nil || len(none) != 0 {
			t.Errorf("related to nothing: %v, %v", none, err)
		}
	})
}

func TestRelatedInSeries(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		var drafts []Draft
		for i := range 7 {
			d := draft(fmt.Sprint("part ", i+1), 100-i)
			d.Series, d.Part = "S", i+1
			d.Topics, d.Countries, d.Byline, d.Section = []string{"T"}, nil, nil, ""
			drafts = append(drafts, d)
		}
		alone := draft("alone", 1)
		alone.Topics, alone.Countries = []string{"T"}, nil
		ids := save(t, l, append(drafts, alone)...)
		got, err := l.Related(ctx, ids[2], 4)
		s := sources(t, l, got)
		if err != nil || len(s) != 4 || s[0] != "part 4" || s[1] != "part 2" || !slices.Contains(s, "alone") {
			t.Errorf("related %q, %v", s, err)
		}
		parts, err := l.Parts(ctx, bySlug(t, l, "article-part-3").Series.Series.ID)
		if s := sources(t, l, parts); err != nil || fmt.Sprint(s) != "[part 1 part 2 part 3 part 4 part 5 part 6 part 7]" || parts[2].SeriesPart != 3 {
			t.Errorf("parts %q, %v", s, err)
		}
	})
}
