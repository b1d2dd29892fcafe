package readers

import (
	"context"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A page waits for no write, however long one takes, and the visit is written down all the same: by Run, and by its end.
func TestReadingWaitsForNoWrite(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		e := k.enter(anna, Device{})
		seen := func() time.Time {
			list, err := k.Sessions(t.Context(), e.Reader.ID)
			if err != nil || len(list) != 1 {
				t.Fatal(list, err)
			}
			return list[0].Seen
		}
		k.pass(time.Hour)
		begun, free, written := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			written <- k.db.Write(context.Background(), func(tx *storage.DB) error {
				_, err := tx.Exec(context.Background(), `UPDATE sessions SET agent = agent`)
				close(begun)
				<-free
				return err
			})
		}()
		<-begun
		read := make(chan error, 1)
		go func() {
			_, err := k.Session(t.Context(), e.Session)
			read <- err
		}()
		select {
		case err := <-read:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(30 * time.Second):
			t.Error("it waits for somebody else's write")
		}
		close(free)
		if err := <-written; err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := k.Run(ctx); err != nil || !seen().Equal(k.now()) {
			t.Errorf("after the end of Run last seen %v, %v, want %v", seen(), err, k.now())
		}
	})
}
