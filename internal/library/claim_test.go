package library

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// TestBatchesInContraryOrder: writers whose batches have the same titles, contributors and topics, each in an order of
// its own, do not end one another on PostgreSQL.
func TestBatchesInContraryOrder(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		const writers, batches, articles = 4, 3, 35
		ctx := context.Background()
		var wait sync.WaitGroup
		for w := range writers {
			wait.Go(func() {
				l := library(db)
				for b := range batches {
					var drafts []Draft
					for _, i := range rand.Perm(articles) {
						d := draft(fmt.Sprint(w, "/", b, "/", i), 1)
						d.Title = fmt.Sprint("Title ", i)
						d.Byline, d.Topics = []string{fmt.Sprint("A", b, i)}, []string{fmt.Sprint("T", b, i%7), fmt.Sprint("T", b, i%5)}
						drafts = append(drafts, d)
					}
					saved, err := l.SaveBatch(ctx, drafts)
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
						return
					}
					for _, s := range saved {
						if s.Err != nil || s.Outcome != Created || s.Slug == "" {
							t.Errorf("writer %d: %+v", w, s)
						}
					}
				}
			})
		}
		wait.Wait()
		var slugs, owners, held int
		err := db.QueryRow(ctx, `SELECT COUNT(*), COUNT(DISTINCT article), COUNT(CASE WHEN article = 0 THEN 1 END) FROM slugs`).
			Scan(&slugs, &owners, &held)
		if want := writers * batches * articles; err != nil || slugs != want || owners != want || held != 0 {
			t.Errorf("%d slugs of %d articles, want %d of each; %d held by none; %v", slugs, owners, want, held, err)
		}
		var wrong int
		err = db.QueryRow(ctx, `SELECT COUNT(*) FROM articles a WHERE NOT EXISTS (SELECT 1 FROM slugs s
			WHERE s.slug = a.slug AND s.article = a.id AND s.current = 1)`).Scan(&wrong)
		if err != nil || wrong != 0 {
			t.Errorf("%d articles do not have the slug they say, %v", wrong, err)
		}
	})
}

// TestNamesakesInABatch: the first of a title gets the plain slug, also when a later one asks for it by name.
func TestNamesakesInABatch(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		l, ctx := library(db), context.Background()
		var drafts []Draft
		for i := range 3*claimRows + 1 { // statements of claims that are full, and one that is not
			d := draft(fmt.Sprint(i), 1)
			d.Title = fmt.Sprint("Title ", i/2)
			drafts = append(drafts, d)
		}
		asks := draft("asks", 1)
		asks.Slug = "title-0"
		saved, err := l.SaveBatch(ctx, append(drafts, asks))
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range saved[:len(drafts)] {
			plain := fmt.Sprint("title-", i/2)
			if s.Err != nil || (s.Slug == plain) != (i%2 == 0) {
				t.Errorf("article %d: %+v", i, s)
			}
			if a := bySlug(t, l, s.Slug); a.ID != s.ID || a.Source != fmt.Sprint(i) {
				t.Errorf("%s is article %d of %s, want %d", s.Slug, a.ID, a.Source, s.ID)
			}
		}
		if last := saved[len(drafts)]; last.Err == nil || last.ID != 0 {
			t.Errorf("a slug was given twice: %+v", last)
		}
	})
}
