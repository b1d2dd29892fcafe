package ads

import (
	"fmt"
	"testing"
)

// TestProgramsTakeNoRoom: a network that calls its programs ever new names counts as often as it may, and leaves the room
// of the others alone.
func TestProgramsTakeNoRoom(t *testing.T) {
	g := &guard{}
	passed := 0
	for i := range 1000 {
		if g.pass("clicked", Client{"192.0.2.0/24", fmt.Sprint("program ", i)}, 1, "side", clicksAnHour, monday) {
			passed++
		}
	}
	if most := programsMost * clicksAnHour; passed != most || len(g.counts) > most+1 {
		t.Errorf("%d counted, want %d; %d are told apart", passed, most, len(g.counts))
	}
	for i := range clicksAnHour + 1 { // a program that is through takes nothing from its network
		if passed := g.pass("clicked", Client{"198.51.100.0/24", "one"}, 1, "side", clicksAnHour, monday); passed != (i < clicksAnHour) {
			t.Errorf("click %d of one program counted: %t", i+1, passed)
		}
	}
}
