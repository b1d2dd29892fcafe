package web

import (
	"context"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/search"
)

// searchable builds the index of the articles that are there, and keeps it in step with what is saved after.
func (s *testSite) searchable() {
	s.t.Helper()
	s.settle()
	ctx, stop := context.WithCancel(context.Background())
	s.Search.Load(ctx)
	ended := make(chan struct{})
	go func() { s.Search.Run(ctx); close(ended) }()
	s.t.Cleanup(func() { stop(); <-ended })
	for begin := time.Now(); s.Search.Health().Phase != search.Ready; time.Sleep(5 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			s.t.Fatalf("the index is not ready: %s", s.Search.Health())
		}
	}
}

// W-22 with the texts in the index: a single word tells that an article holds it, and nothing more.
func TestW22IndexIsNoOracle(t *testing.T) {
	s := newCanarySite(t)
	s.searchable()
	s.noOracle(t, true)
}

// Searches are counted by their words, while texts are searched; what a browser prepares for, or a person narrows, is not another search.
func TestSearchesAreCounted(t *testing.T) {
	s := newTestSite(t)
	s.searchable()
	c := s.client(t)
	for _, path := range []string{"/search?q=Metered", "/search?q=metered", "/search?q=metered&topic=trade", "/search?q=metered&sort=newest", "/search?q=nosuchword", "/search?q=anna@example.org"} {
		c.Get(path)
	}
	c.Get("/search?q=prefetched", "Sec-Purpose", "prefetch")
	c.Head("/search?q=metered")
	if err := s.Insights.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	most, err := s.Insights.MostSearched(context.Background(), time.Now().AddDate(0, 0, -1), 1, 10)
	if err != nil || len(most) != 1 || most[0].Text != "metered" || most[0].Times != 2 {
		t.Errorf("counted %v, %v", most, err)
	}
	nothing, err := s.Insights.FoundNothing(context.Background(), time.Now().AddDate(0, 0, -1), 1, 10)
	if err != nil || len(nothing) != 1 || nothing[0].Text != "nosuchword" {
		t.Errorf("found nothing: %v, %v", nothing, err)
	}
}
