package library

import (
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestPlanned(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l := library(db)
		var drafts []Draft
		for source, in := range map[string]time.Duration{"shown": -time.Hour, "next": time.Hour, "later": 2 * time.Hour, "far": 50 * time.Hour,
			"draft": time.Hour} {
			d := draft(source, 0)
			d.Published = noon.Add(in)
			if source == "draft" {
				d.State = Drafted
			}
			drafts = append(drafts, d)
		}
		save(t, l, drafts...)
		plans, err := l.Planned(t.Context(), noon.Add(24*time.Hour), 10)
		if err != nil || len(plans) != 2 || plans[0].Title != "Article next" || plans[1].Title != "Article later" ||
			!plans[0].Published.Equal(noon.Add(time.Hour)) {
			t.Errorf("%+v, %v", plans, err)
		}
		if plans, err = l.Planned(t.Context(), noon.Add(24*time.Hour), 1); err != nil || len(plans) != 1 {
			t.Errorf("one: %+v, %v", plans, err)
		}
	})
}
