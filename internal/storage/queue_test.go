package storage_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Who gives up while others are being written for does not wait for them, whether or not there was room in the queue,
// and what they wanted written is not.
func TestWaitingWritesAreGivenUp(t *testing.T) {
	db := storagetest.Open(t, storagetest.SQLite(t))
	begun, free := make(chan struct{}), make(chan struct{})
	slow := make(chan error, 1)
	go func() {
		slow <- db.Write(t.Context(), func(tx *storage.DB) error {
			close(begun)
			<-free
			return note(t.Context(), tx, 1)
		})
	}()
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	var waiting sync.WaitGroup
	for range 500 { // more than the queue holds
		waiting.Go(func() {
			err := db.Write(ctx, func(tx *storage.DB) error { return note(ctx, tx, 2) })
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a write whose time had run out: %v", err)
			}
		})
	}
	answered := make(chan struct{})
	go func() { waiting.Wait(); close(answered) }()
	select {
	case <-answered:
	case <-time.After(30 * time.Second):
		t.Error("they wait for a write that is not theirs")
	}
	close(free)
	if err := <-slow; err != nil {
		t.Error(err)
	}
	<-answered
	if err := db.Write(t.Context(), func(tx *storage.DB) error { return note(t.Context(), tx, 3) }); err != nil {
		t.Error(err)
	}
	if have := subjects(t, db); !have[1] || have[2] || !have[3] {
		t.Errorf("subjects %v, want 1 and 3", have)
	}
}
