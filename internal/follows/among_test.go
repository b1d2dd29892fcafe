package follows

import (
	"testing"

	"github.com/gatefold/gatefold/internal/storage"
)

// FollowedAmong says of each what Following says.
func TestFollowedAmong(t *testing.T) {
	run(t, func(t *testing.T, _ *storage.DB, s *Follows) {
		for _, f := range []struct {
			reader     int64
			kind, slug string
		}{{anna, "topic", "water"}, {anna, "country", "egypt"}, {ben, "topic", "water"}} {
			if err := s.Follow(t.Context(), f.reader, f.kind, f.slug); err != nil {
				t.Fatal(err)
			}
		}
		ids := []int64{anna, ben}
		for id := int64(100); id < 200; id++ {
			ids = append(ids, id)
		}
		have, err := s.FollowedAmong(t.Context(), ids)
		if err != nil || len(have) != 2 || len(have[anna]) != 2 || len(have[ben]) != 1 || have[ben][0].Slug != "water" ||
			have[ben][0].ID != water || have[ben][0].Kind != "topic" {
			t.Errorf("%+v, %v", have, err)
		}
	})
}
