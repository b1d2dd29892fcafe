package billing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
)

func TestReadersAreRemindedOfTheEndOfWhatWasGiven(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		r := billing.NewReminders(s.db, s.readers, s.out, billing.RemindersOptions{Origin: "https://review.example", Now: func() time.Time { return s.now }})
		give := func(address string, days int) int64 {
			who, err := s.readers.Add(t.Context(), address)
			check(t, err)
			check(t, s.plans.Grant(t.Context(), who.ID, billing.AllAccess, s.now.Add(time.Duration(days)*day), "a friend"))
			return who.ID
		}
		work := func() {
			for range 2 {
				_, err := r.Work(t.Context())
				check(t, err)
			}
		}
		friend := give("friend@example.org", 60)
		give("short@example.org", 20)
		give("revoked@example.org", 60)
		give("buys@example.org", 60)
		s.buy(t, "buys@example.org", "year")
		who, err := s.readers.Find(t.Context(), "revoked@example.org")
		check(t, err)
		_, err = s.plans.Revoke(t.Context(), who.ID, "")
		check(t, err)
		work()
		if got := s.mails(t, "friend@example.org"); len(got) != 0 {
			t.Errorf("two months before: %v", got)
		}
		s.now = s.now.Add(47 * day)
		work()
		for address, want := range map[string]string{"friend@example.org": "[complimentary-ends]", "short@example.org": "[]", "revoked@example.org": "[]",
			"buys@example.org": "[welcome]"} {
			if got := fmt.Sprint(s.mails(t, address)); got != want {
				t.Errorf("%s has %v, not %v", address, got, want)
			}
		}
		check(t, s.plans.Grant(t.Context(), friend, billing.AllAccess, s.now.Add(60*day), "again"))
		work()
		s.now = s.now.Add(50 * day)
		work()
		if got := fmt.Sprint(s.mails(t, "friend@example.org")); got != "[complimentary-ends complimentary-ends]" {
			t.Errorf("another end: %v", got)
		}
	})
}
