package app

import (
	"math"
	"runtime/debug"
	"testing"
)

// What the operator sets stays as it is, also where it is what Go would do by itself.
func TestTuneMemory(t *testing.T) {
	limit := debug.SetMemoryLimit(math.MaxInt64 / 2)
	was := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(was) })
	for _, c := range []struct {
		gogc string
		has  int // what the runtime made of it
		want int
	}{{"", 100, gcPercent}, {"100", 100, 100}, {"50", 50, 50}, {"off", -1, -1}} {
		debug.SetGCPercent(c.has)
		tuneMemory(c.gogc)
		if got := debug.SetGCPercent(100); got != c.want {
			t.Errorf("with GOGC=%q the percentage is %d, want %d", c.gogc, got, c.want)
		}
	}
	if got := debug.SetMemoryLimit(-1); got != math.MaxInt64/2 {
		t.Errorf("the memory limit became %d", got)
	}
}
