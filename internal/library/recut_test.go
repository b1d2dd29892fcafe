package library

import (
	"context"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

func TestRecut(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		with := func(words int) *Library {
			return New(db, Options{TeaserWords: words, Now: func() time.Time { return noon }})
		}
		drafts := numbered(2*recutBatch + 5)
		for i := range drafts {
			drafts[i].BodyHTML = "<p>One two three.</p><p>Four five six.</p><p>" + words(200) + "</p>"
		}
		drafts[0].BodyHTML = "<p>One two three.</p><!-- cut --><p>Four five six.</p><p>" + words(200) + "</p>"
		drafts[1].BodyMarkdown, drafts[1].BodyHTML = "One two *three*.\n\nFour five six.\n\n"+words(200), ""
		save(t, with(3), drafts...)
		if n, err := with(3).Recut(ctx); err != nil || n != 0 {
			t.Errorf("nothing to do: %d, %v", n, err)
		}
		before := len(storagetest.Log(t, db))
		n, err := with(6).Recut(ctx)
		if err != nil || n != len(drafts)-1 {
			t.Errorf("%d of %d cut anew, %v", n, len(drafts), err)
		}
		l := with(6)
		for slug, want := range map[string]string{
			"article-000": "<p>One two three.</p>", // the editor's cut stays
			"article-001": "<p>One two <em>three</em>.</p>\n<p>Four five six.</p>",
			"article-002": "<p>One two three.</p><p>Four five six.</p>",
			"article-204": "<p>One two three.</p><p>Four five six.</p>",
		} {
			if a := bySlug(t, l, slug); string(a.Teaser) != want || (a.Version != 2) != (slug == "article-000") {
				t.Errorf("%s: version %d, %q", slug, a.Version, a.Teaser)
			}
		}
		if after := len(storagetest.Log(t, db)); after-before != n {
			t.Errorf("%d lines in the change log for %d teasers", after-before, n)
		}
		if n, err := l.Recut(ctx); err != nil || n != 0 {
			t.Errorf("a second time: %d, %v", n, err)
		}
		saved, err := l.SaveBatch(ctx, drafts)
		if err != nil || saved[3].Outcome != Unchanged {
			t.Errorf("a save after it: %+v, %v", saved[3], err)
		}
	})
}
