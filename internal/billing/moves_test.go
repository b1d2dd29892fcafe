package billing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
)

// dearer is the catalog after the price of a month has changed.
func dearer(on time.Time) billing.Catalog {
	c := billing.Catalog{Plans: slices.Clone(catalog.Plans)}
	c.Plans[0].Closed, c.Plans[0].MovesTo, c.Plans[0].MovesOn = true, "month-2", on
	c.Plans = append(c.Plans, billing.Plan{Slug: "month-2", Name: "By the month", Every: billing.Monthly, Prices: []billing.Money{eur(1100)}})
	return c
}

// sells puts another catalog into the shop.
func (s *shop) sells(t *testing.T, c billing.Catalog) {
	t.Helper()
	s.reopen(t, c, func() time.Time { return s.now })
}

// reopen puts a till with another catalog and clock into the shop.
func (s *shop) reopen(t *testing.T, c billing.Catalog, now func() time.Time) {
	t.Helper()
	var err error
	s.Till, err = billing.NewTill(t.Context(), s.db, s.readers, s.out, []billing.Provider{s.provider}, billing.TillOptions{Catalog: c, Grace: 10 * day,
		Origin: "https://review.example", Name: "The Review", Language: "en", Now: now})
	check(t, err)
}

// The clock of a server goes on while it works: what has just happened is told of all the same.
func TestMailsAreWrittenWhileTheClockRuns(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := billing.Catalog{Plans: slices.Clone(catalog.Plans)}
		c.Plans[4].MovesTo = "month"
		runs := func() time.Time {
			s.now = s.now.Add(time.Microsecond)
			return s.now
		}
		c.Plans[4].Closed = false
		s.reopen(t, c, runs)
		old := s.buy(t, "old@example.org", "old").Reader
		one := s.buy(t, "a@example.org", "month")
		ref, _ := s.begin(t, billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "month"})
		s.pay(t, ref)
		check(t, s.Cancel(t.Context(), one.Reader, "price"))
		check(t, s.Resume(t.Context(), one.Reader))
		check(t, s.Switch(t.Context(), one.Reader, "year"))
		check(t, s.Pause(t.Context(), one.Reader, 1))
		check(t, s.End(t.Context(), one.Reader, false, "test"))
		got := s.mails(t, "a@example.org")
		for _, kind := range []string{"welcome", "paid-twice", "canceled", "resumed", "switched", "paused", "ended"} {
			if !slices.Contains(got, kind) {
				t.Errorf("%q is not told: %q", kind, got)
			}
		}
		s.pass(t, 30*day, 12*time.Hour)
		if got := s.mails(t, "old@example.org"); !slices.Contains(got, "price-changes") {
			t.Errorf("reader %d is not told of the new price: %q", old, got)
		}
	})
}

func (s *shop) charges(t *testing.T, contract int64) (sums []int64) {
	t.Helper()
	lines, err := s.Ledger(t.Context(), contract)
	check(t, err)
	for _, l := range lines {
		sums = append(sums, l.Amount.Amount)
	}
	return sums
}

// A price changes for those who pay it only after they were told, thirty days before at least.
func TestPriceChangesWithNotice(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c, leaves := s.buy(t, "a@example.org", "month"), s.buy(t, "leaves@example.org", "month")
		s.now = s.now.Add(2 * day)
		s.sells(t, dearer(morning.Add(5*day))) // far too soon: nobody is told in time for the next charge
		for len(s.mails(t, "a@example.org")) < 2 && s.now.Before(morning.Add(20*day)) {
			s.pass(t, 12*time.Hour, 12*time.Hour)
		}
		told := s.now
		if got := fmt.Sprint(s.mails(t, "a@example.org")); got != "[welcome price-changes]" {
			t.Fatalf("mails %v", got)
		}
		m, err := s.Moving(t.Context(), c)
		if err != nil || m.To.Amount != eur(1100) || m.From.Before(told.Add(30*day)) {
			t.Errorf("what is before: %+v, %v", m, err)
		}
		check(t, s.Cancel(t.Context(), leaves.Reader, "price"))
		s.pass(t, 100*day, 12*time.Hour)
		if got := fmt.Sprint(s.charges(t, c.ID)); got != "[900 900 1100 1100]" {
			t.Errorf("charged %v", got)
		}
		if got := fmt.Sprint(s.charges(t, leaves.ID)); got != "[900]" {
			t.Errorf("who left is charged %v", got)
		}
		lines, err := s.Ledger(t.Context(), c.ID)
		check(t, err)
		if first := lines[2].At; first.Sub(told) < 30*day || !first.Equal(m.From) {
			t.Errorf("the first dear charge is at %v, told at %v for %v", first, told, m.From)
		}
		if got := fmt.Sprint(s.mails(t, "a@example.org")[:2]); got != "[welcome price-changes]" || slices.Index(s.mails(t, "a@example.org"), "switched") < 0 {
			t.Errorf("mails %v", s.mails(t, "a@example.org"))
		}
	})
}

func TestPriceChangesOnItsDay(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		c := s.buy(t, "a@example.org", "month")
		s.sells(t, dearer(morning.AddDate(0, 4, 0)))
		s.pass(t, 60*day, day)
		if got := fmt.Sprint(s.mails(t, "a@example.org")); got != "[welcome receipt receipt]" {
			t.Errorf("told two months before: %v", got)
		}
		s.pass(t, 100*day, day)
		if got := fmt.Sprint(s.charges(t, c.ID)); got != "[900 900 900 900 900 1100]" {
			t.Errorf("charged %v", got)
		}
	})
}
