package billing_test

import (
	"slices"
	"testing"

	"github.com/gatefold/gatefold/internal/billing"
	"github.com/gatefold/gatefold/internal/fault"
)

// regionalCatalog has prices for India and Kenya, and one for Kenya alone.
func regionalCatalog() billing.Catalog {
	inr := billing.Money{Amount: 30000, Currency: "INR"}
	return billing.Catalog{Plans: []billing.Plan{
		{Slug: "cheap-month", Every: billing.Monthly, Prices: []billing.Money{eur(300), inr}, Countries: []string{"IN", "KE"}},
		{Slug: "cheap-year", Every: billing.Yearly, Prices: []billing.Money{eur(3000)}, Countries: []string{"KE"}},
		{Slug: "month", Every: billing.Monthly, Prices: []billing.Money{eur(900), {Amount: 1000, Currency: "USD"}}},
		{Slug: "year", Every: billing.Yearly, Prices: []billing.Money{eur(9000)}},
		{Slug: "student", Every: billing.Monthly, Prices: []billing.Money{eur(400)}, Domains: []string{"uni.example"}, Otherwise: "month"},
		{Slug: "old", Every: billing.Monthly, Prices: []billing.Money{eur(100)}, Countries: []string{"BR"}, Closed: true},
	}}
}

func TestPricesOfACountryStandInThePlaceOfTheOthers(t *testing.T) {
	c := regionalCatalog()
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	sold := func(code string, countries ...string) (slugs []string) {
		for _, p := range c.SoldIn(countries, code) {
			slugs = append(slugs, p.Slug)
		}
		return slugs
	}
	same("countries", c.Countries(), "IN", "KE")
	same("anywhere", sold("EUR"), "month", "year", "student")
	same("in a country without prices of its own", sold("EUR", "FR"), "month", "year", "student")
	same("in India", sold("EUR", "IN"), "cheap-month", "year", "student")
	same("in Kenya", sold("EUR", "KE"), "cheap-month", "cheap-year", "student")
	same("in Kenya, in dollars", sold("USD", "KE"), "month")
	same("in one of the two", sold("EUR", "IN", "KE"), "cheap-month", "year", "student")
	same("currencies", c.Currencies(), "EUR", "USD")
	same("currencies in India", c.CurrenciesIn([]string{"IN"}), "EUR", "INR", "USD")
	if p, err := c.GiftPrice(1, "EUR"); err != nil || p.Amount != eur(900) {
		t.Errorf("a gift costs %v, %v: it is for anybody", p.Amount, err)
	}
}

func TestPriceOfACountryIsForWhoSaysToLiveThere(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.sells(t, regionalCatalog())
		for _, country := range []string{"", "FR", "IN", "in", "BR"} {
			_, err := s.Begin(t.Context(), billing.Buyer{Address: "a@example.org"}, billing.Wish{Plan: "cheap-year", Currency: "EUR", Country: country})
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("sold to who lives in %q: %v", country, err)
			}
		}
		buy := func(address, plan, country string) int64 {
			ref, _ := s.begin(t, billing.Buyer{Address: address}, billing.Wish{Plan: plan, Country: country})
			return s.pay(t, ref).Contract.Reader
		}
		kenya := buy("a@example.org", "cheap-year", "KE")
		check(t, s.Switch(t.Context(), kenya, "cheap-month"))
		check(t, s.Switch(t.Context(), kenya, "year"))
		if err := s.Switch(t.Context(), kenya, "cheap-year"); !fault.Is(err, fault.Invalid) {
			t.Errorf("who pays the price for everyone goes over to that of a country: %v", err)
		}
		india := buy("b@example.org", "cheap-month", "IN")
		if err := s.Switch(t.Context(), india, "cheap-year"); !fault.Is(err, fault.Invalid) {
			t.Errorf("who may live in India goes over to the price of Kenya: %v", err)
		}
	})
}
