package billing_test

import (
	"fmt"
	"testing"

	"github.com/gatefold/gatefold/internal/billing"
)

func TestCouponLowersItsPeriods(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month", Coupon: " Half "})
		c := s.pay(t, ref).Contract
		s.pass(t, 95*day, 5*day)
		lines, err := s.Ledger(t.Context(), c.ID)
		check(t, err)
		var sums []int64
		for _, l := range lines {
			sums = append(sums, l.Amount.Amount)
		}
		if fmt.Sprint(sums) != "[450 450 900 900]" {
			t.Errorf("charged %v", sums)
		}
	})
}
