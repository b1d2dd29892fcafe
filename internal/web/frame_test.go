package web

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAPageIsRenderedOnceForAllWhoWait(t *testing.T) {
	s := newTestSite(t)
	var renderings atomic.Int64
	begun, finish := make(chan struct{}), make(chan struct{})
	render := func(context.Context) ([]byte, error) {
		if renderings.Add(1) == 1 {
			close(begun)
		}
		<-finish
		return []byte("text"), nil
	}
	var wg sync.WaitGroup
	ask := func(key string) {
		wg.Go(func() {
			p, err := s.kept(context.Background(), key, "text/plain", render)
			if err != nil || string(p.Bytes()) != "text" {
				t.Errorf("kept %v, %v", p, err)
			}
		})
	}
	for range 20 {
		ask("one page")
	}
	<-begun
	// A change drops what is being rendered: who asks now begins anew.
	s.pages.Clear()
	ask("one page")
	for renderings.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	close(finish)
	wg.Wait()
	if n := renderings.Load(); n > 3 { // some of the twenty may have asked only after the change
		t.Errorf("rendered %d times", n)
	}
	if _, ok := s.pages.Get("one page"); !ok {
		t.Error("the page is not kept")
	}
}
