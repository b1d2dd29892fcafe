package storage_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
	"github.com/gatefold/gatefold/internal/storage/storagetest"
)

// Every asker, at any time and at the same time, gets the same bytes; another name gives others.
func TestSecret(t *testing.T) {
	storagetest.Run(t, func(t *testing.T, db *storage.DB) {
		ctx := context.Background()
		var wg sync.WaitGroup
		got := make([][]byte, 20)
		for i := range got {
			wg.Go(func() {
				s, err := db.Secret(ctx, "test")
				if err != nil {
					t.Error(err)
				}
				got[i] = s
			})
		}
		wg.Wait()
		for _, s := range got {
			if len(s) != 32 || !bytes.Equal(s, got[0]) {
				t.Fatalf("secrets differ: %x and %x", s, got[0])
			}
		}
		other, err := db.Secret(ctx, "other")
		if err != nil || bytes.Equal(other, got[0]) {
			t.Fatalf("another name gave %x, %v", other, err)
		}
	})
}
