package readers

import (
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

func TestFeed(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		ctx := t.Context()
		anna, ben := k.enter(anna, Device{}).Reader.ID, k.enter("ben@example.org", Device{}).Reader.ID
		opened := k.now()
		open := func(reader int64) string {
			t.Helper()
			token, err := k.OpenFeed(ctx, reader)
			if err != nil || len(token) != tokenLength {
				t.Fatalf("%q, %v", token, err)
			}
			return token
		}
		opens := func(token string, want int64) {
			t.Helper()
			r, err := k.ByFeed(ctx, token)
			if want == 0 && fault.Is(err, fault.NotFound) {
				return
			}
			if err != nil || r.ID != want {
				t.Errorf("opens the feed of reader %d, %v; want %d", r.ID, err, want)
			}
		}
		first, other := open(anna), open(ben)
		opens(first, anna)
		opens(other, ben)
		opens("", 0)
		opens(first[1:]+"A", 0)
		if x, err := k.Export(ctx, anna); err != nil || x.Feed == nil || !x.Feed.Equal(opened) {
			t.Errorf("exported %v, %v", x.Feed, err)
		}
		k.pass(time.Hour)
		second := open(anna)
		opens(first, 0)
		opens(second, anna)
		if at, err := k.FeedSince(ctx, anna); err != nil || !at.Equal(k.now()) {
			t.Errorf("since %v, %v", at, err)
		}
		for range 2 {
			if err := k.CloseFeed(ctx, anna); err != nil {
				t.Fatal(err)
			}
		}
		opens(second, 0)
		if at, err := k.FeedSince(ctx, anna); err != nil || !at.IsZero() {
			t.Errorf("since %v, %v", at, err)
		}
		if err := k.Ban(ctx, ben, "test", "spam"); err != nil {
			t.Fatal(err)
		}
		opens(other, 0)
		third := open(anna)
		if err := k.Delete(ctx, anna, "test"); err != nil {
			t.Fatal(err)
		}
		opens(third, 0)
		if _, err := k.OpenFeed(ctx, anna); !fault.Is(err, fault.NotFound) {
			t.Errorf("the feed of nobody: %v", err)
		}
	})
}
