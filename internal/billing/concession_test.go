package billing_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
)

var stillLink = regexp.MustCompile(`/still/([0-9]+\.[\w-]+)`)

// studentCatalog sells to students, too.
func studentCatalog() billing.Catalog {
	c := billing.Catalog{Plans: slices.Clone(catalog.Plans)}
	c.Plans = append(c.Plans, billing.Plan{Slug: "student", Name: "For students", Every: billing.Monthly, Prices: []billing.Money{eur(400)},
		Domains: []string{"uni.example", "ac.uk"}, Otherwise: "month"})
	return c
}

// stillIn is the token of the last mail that asks an address whether it is still theirs.
func (s *shop) stillIn(t *testing.T, address string) string {
	t.Helper()
	list, err := s.out.List(t.Context(), 1000, address)
	check(t, err)
	for _, m := range list {
		if m.Kind != "still-there" {
			continue
		}
		if found := stillLink.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	t.Fatalf("%s was not asked: %v", address, s.mails(t, address))
	return ""
}

func TestStudentsAreAskedOnceAYear(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.sells(t, studentCatalog())
		student := func(address string) int64 {
			r, err := s.readers.Add(t.Context(), address)
			check(t, err)
			return r.ID
		}
		for _, b := range []billing.Buyer{{Address: "a@uni.example"}, {Reader: student("a@example.org")}, {Reader: student("a@notuni.example")}, {Reader: student("a@uni.example.org")}} {
			if _, err := s.Begin(t.Context(), b, billing.Wish{Plan: "student", Currency: "EUR"}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", b, err)
			}
		}
		buy := func(address string) billing.Contract {
			ref, _ := s.begin(t, billing.Buyer{Reader: student(address)}, billing.Wish{Plan: "student"})
			return s.pay(t, ref).Contract
		}
		stays, goes := buy("stays@law.uni.example"), buy("goes@ox.ac.uk")
		other := s.buy(t, "other@example.org", "month")
		if err := s.Switch(t.Context(), other.Reader, "student"); !fault.Is(err, fault.Invalid) {
			t.Errorf("somebody else goes over to it: %v", err)
		}
		s.pass(t, 300*day, 30*day)
		if slices.Contains(s.mails(t, "stays@law.uni.example"), "still-there") {
			t.Error("asked in the first year")
		}
		s.pass(t, 60*day, 6*day)
		token := s.stillIn(t, "stays@law.uni.example")
		if _, err := s.Still(t.Context(), token[:len(token)-1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("a token that is not whole: %v", err)
		}
		check(t, s.StillThere(t.Context(), token))
		if err := s.StillThere(t.Context(), token); !fault.Is(err, fault.NotFound) {
			t.Errorf("a second time: %v", err)
		}
		s.pass(t, 100*day, 36*time.Hour)
		last := func(c billing.Contract) int64 { sums := s.charges(t, c.ID); return sums[len(sums)-1] }
		if last(stays) != 400 || last(goes) != 900 {
			t.Errorf("who stays pays %d, who does not %d", last(stays), last(goes))
		}
		s.pass(t, 320*day, 16*day)
		s.stillIn(t, "stays@law.uni.example")
		if n := len(slices.DeleteFunc(s.mails(t, "stays@law.uni.example"), func(k string) bool { return k != "still-there" })); n != 2 {
			t.Errorf("asked %d times in two years: %v", n, fmt.Sprint(s.mails(t, "stays@law.uni.example")))
		}
	})
}
