package billing

import (
	"testing"

	"github.com/gatefold/gatefold/internal/access"
)

// ActiveAmong says of each what Active says.
func TestActiveAmong(t *testing.T) {
	run(t, func(t *testing.T, d *desk) {
		var ids []int64
		for id := int64(1); id <= 120; id++ {
			ids = append(ids, id)
			switch id % 4 {
			case 1:
				d.grant(t, id, noon.AddDate(0, 0, int(id)), "")
			case 2:
				d.put(t, id, "paid", noon.AddDate(0, -2, 0), noon.AddDate(0, -1, 0))
			case 3:
				d.put(t, id, "paid", noon.AddDate(0, -1, 0), noon.AddDate(1, 0, 0))
				d.grant(t, id, noon.AddDate(0, 0, 1), "")
			}
		}
		have, err := d.ActiveAmong(t.Context(), ids, noon)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if want := d.active(t, id, noon); have[id] != want {
				t.Errorf("reader %d: %+v, want %+v", id, have[id], want)
			}
			if _, in := have[id]; in != (id%4 == 1 || id%4 == 3) {
				t.Errorf("reader %d is in: %v", id, in)
			}
		}
		if none, err := d.ActiveAmong(t.Context(), nil, noon); err != nil || len(none) != 0 {
			t.Errorf("nobody: %v, %v", none, err)
		}
		var zero access.Entitlement
		if have[2] != zero {
			t.Error("an ended one counts")
		}
	})
}
