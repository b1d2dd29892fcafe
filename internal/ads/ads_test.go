package ads

import (
	"math"
	"testing"
)

func TestHouse(t *testing.T) {
	house := []Creative{{Text: "one", URL: "/1", Label: "a"}, {Text: "two", URL: "/2", Label: "b"}, {Text: "three", URL: "/3", Label: "c"}}
	a := New(house)
	shown := map[Creative]int{}
	for seed := int64(100); seed < 400; seed++ {
		c, ok := a.House(seed)
		if again, _ := a.House(seed); !ok || again != c {
			t.Fatalf("seed %d: %v %v, then %v", seed, c, ok, again)
		}
		shown[c]++
	}
	for _, c := range house {
		if shown[c] != 100 {
			t.Errorf("%q shown %d times of 300, want 100", c.Text, shown[c])
		}
	}
	for _, seed := range []int64{0, -1, math.MinInt64, math.MaxInt64} {
		if _, ok := a.House(seed); !ok {
			t.Errorf("seed %d: nothing", seed)
		}
	}
}

func TestHouseWithoutCreatives(t *testing.T) {
	for _, none := range [][]Creative{nil, {}} {
		if c, ok := New(none).House(7); ok || c != (Creative{}) {
			t.Errorf("got %v, %v", c, ok)
		}
	}
}
