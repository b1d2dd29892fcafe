package billing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
)

func TestReportOfAMonth(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		begin := s.now
		s.buy(t, "a@example.org", "month")
		s.buy(t, "b@example.org", "year")
		s.buy(t, "c@example.org", "try")
		lost := s.buy(t, "d@example.org", "month")
		s.now = s.now.Add(day)
		check(t, s.Withdraw(t.Context(), lost.Reader))
		s.now = s.now.Add(day)
		r, err := s.plans.Report(t.Context(), begin, s.now)
		check(t, err)
		var got []string
		for _, l := range r.Lines {
			got = append(got, fmt.Sprintf("%s %s %d+%d-%d=%d, %d free, %d", l.Plan, l.Source, l.Before, l.New, l.Lapsed, l.Active, l.Trials, l.Monthly.Amount))
		}
		want := "[month test 0+2-1=1, 0 free, 900 try test 0+1-0=1, 1 free, 0 year test 0+1-0=1, 0 free, 750]"
		if fmt.Sprint(got) != want {
			t.Errorf("lines\n%v\nwant\n%v", got, want)
		}
		if len(r.Money) != 1 || r.Money[0].Charged != eur(900+9000+900) || r.Money[0].Refunded != eur(-900) || r.Money[0].Net() != eur(9900) {
			t.Errorf("money %+v", r.Money)
		}
		if churn := r.Lines[0].Churn(); churn != 0.5 {
			t.Errorf("churn %v", churn)
		}
	})
}

// Over any lives, what the report says of money is what the ledger and the provider have, and those who come and go add
// up from month to month.
func TestReportAgreesWithTheLedger(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		random, begin := rand.New(rand.NewPCG(7, 7)), s.now
		var lives []billing.Contract
		net := int64(0)
		for month := range 6 {
			from := s.now
			for n := range 3 {
				lives = append(lives, s.buy(t, fmt.Sprintf("m%dn%d@example.org", month, n), []string{"month", "year", "cheap"}[n]))
			}
			for range 4 {
				s.now = s.now.Add(6 * day)
				s.happen(t, random, lives[random.IntN(len(lives))])
			}
			_, err := s.Reconcile(t.Context())
			check(t, err)
			r, err := s.plans.Report(t.Context(), from, s.now)
			check(t, err)
			after := 0
			for _, l := range r.Lines {
				after += l.Active
				if l.Before+l.New-l.Lapsed != l.Active {
					t.Errorf("month %d: %+v does not add up", month, l)
				}
			}
			if n := s.covered(t, lives); after != n {
				t.Errorf("month %d: %d are active, %d read", month, after, n)
			}
		}
		whole, err := s.plans.Report(t.Context(), begin, s.now.Add(time.Second))
		check(t, err)
		for _, c := range lives {
			net += s.sum(t, c.ID)
		}
		if len(whole.Money) != 1 || whole.Money[0].Net() != eur(net) {
			t.Errorf("the report has %+v, the ledger %d", whole.Money, net)
		}
	})
}

// covered is how many of the contracts' readers read at this moment.
func (s *shop) covered(t *testing.T, lives []billing.Contract) (n int) {
	t.Helper()
	for _, c := range lives {
		if s.reads(t, c.Reader) {
			n++
		}
	}
	return n
}
