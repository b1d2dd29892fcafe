package readers

import (
	"fmt"
	"slices"
	"testing"
)

// Only who answered a mail, agreed, did not take it back and is not banned may be written to.
func TestAgreed(t *testing.T) {
	run(t, func(t *testing.T, k *kit) {
		const subject = "newsletter:daily-review"
		var ids, want []int64
		for n := range 60 {
			r := k.enter(fmt.Sprintf("reader%d@example.org", n), Device{From: home}).Reader
			ids = append(ids, r.ID)
			if n%5 == 0 {
				continue // never agreed
			}
			must(t, k.Consent(t.Context(), r.ID, subject, "Send me the letter.", home))
			switch n % 5 {
			case 1:
				must(t, k.Withdraw(t.Context(), r.ID, subject))
			case 2:
				must(t, k.Ban(t.Context(), r.ID, "test", ""))
			case 3:
				want = append(want, r.ID)
			case 4: // left and came back
				must(t, k.Withdraw(t.Context(), r.ID, subject))
				must(t, k.Consent(t.Context(), r.ID, subject, "Send me the letter.", home))
				want = append(want, r.ID)
			}
		}
		typed, err := k.Add(t.Context(), "unconfirmed@example.org")
		must(t, err)
		must(t, k.Consent(t.Context(), typed.ID, subject, "Send me the letter.", home))
		slices.Sort(want)
		var have []int64
		for after := int64(0); ; after = have[len(have)-1] {
			page, err := k.Agreed(t.Context(), subject, after, 7)
			must(t, err)
			if have = append(have, page...); len(page) < 7 {
				break
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("paged %v, want %v", have, want)
		}
		if n, err := k.AgreedCount(t.Context(), subject); err != nil || n != len(want) {
			t.Errorf("counted %d, %v; want %d", n, err, len(want))
		}
		among, err := k.AgreedAmong(t.Context(), subject, append(ids, typed.ID, 999_999))
		must(t, err)
		for _, id := range ids {
			if r, in := among[id]; in != slices.Contains(want, id) || in && (r.ID != id || r.Address == "") {
				t.Errorf("reader %d: %+v, %v", id, r, in)
			}
		}
		if len(among) != len(want) {
			t.Errorf("%d among, want %d", len(among), len(want))
		}
		if other, err := k.AgreedAmong(t.Context(), Newsletter, ids); err != nil || len(other) != 0 {
			t.Errorf("another subject: %v, %v", other, err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
