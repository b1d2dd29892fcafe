package billing

import (
	"slices"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/fault"
)

// Period is how often a plan is paid.
type Period string

// The periods.
const (
	Monthly Period = "month"
	Yearly  Period = "year"
)

// After is one period after a time: the same day of the next month or year, or the last day of a shorter month.
func (p Period) After(t time.Time) time.Time { return p.Times(t, 1) }

// Times is some periods after a time.
func (p Period) Times(t time.Time, n int) time.Time {
	months := n
	if p == Yearly {
		months = 12 * n
	}
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

// A Plan is one way to pay for All-Access.
type Plan struct {
	Slug      string
	Name      string
	Every     Period
	Prices    []Money // one a currency
	First     []Money // of the first period, for newcomers, in some of the currencies
	TrialDays int     // free at first, for newcomers
	Closed    bool    // not sold any more
	MovesTo   string  // slug of the plan that those who have this one go over to, "" for none
	MovesOn   time.Time
	Domains   []string // that an address has to be of, confirmed each year; nil for any address
	Otherwise string   // slug of the plan for those who do not confirm it
	Countries []string // that a buyer has to live in (ISO 3166-1, two capital letters); nil for anywhere
}

// Price is what is charged each period.
type Price struct {
	Plan   string `json:"plan"`
	Every  Period `json:"every"`
	Amount Money  `json:"amount"`
}

// Price returns what the plan costs in a currency.
func (p Plan) Price(code string) (Price, bool) {
	m, ok := in(p.Prices, code)
	return Price{p.Slug, p.Every, m}, ok
}

func in(list []Money, code string) (Money, bool) {
	i := slices.IndexFunc(list, func(m Money) bool { return m.Currency == code })
	if i < 0 {
		return Money{}, false
	}
	return list[i], true
}

// A Coupon lowers the price of the first periods.
type Coupon struct {
	Code       string // in small letters
	PercentOff int
	Periods    int
	Plan       string // slug, "" for any
	Uses       int    // in all; 0 for no limit
	Ends       time.Time
}

// An Offer is what one buyer is sold.
type Offer struct {
	Price
	First     *Money  `json:"first,omitempty"`      // of the first period
	TrialDays int     `json:"trial_days,omitempty"` // free at first
	Coupon    *Coupon `json:"coupon,omitempty"`
}

// Today is what is charged when the offer is taken.
func (o Offer) Today() Money {
	m := o.Amount
	switch {
	case o.TrialDays > 0:
		return Money{0, m.Currency}
	case o.First != nil:
		m = *o.First
	}
	if o.Coupon != nil {
		m = m.off(o.Coupon.PercentOff)
	}
	return m
}

// newcomer reports that the offer holds something that a person has once.
func (o Offer) newcomer() bool { return o.First != nil || o.TrialDays > 0 }

// A Catalog is what is sold.
type Catalog struct {
	Plans   []Plan
	Coupons []Coupon
}

// Plan returns a plan by its slug, also one that is no longer sold.
func (c Catalog) Plan(slug string) (Plan, bool) {
	i := slices.IndexFunc(c.Plans, func(p Plan) bool { return p.Slug == slug })
	if i < 0 {
		return Plan{}, false
	}
	return c.Plans[i], true
}

// Currencies are those that something is sold in everywhere, in order.
func (c Catalog) Currencies() []string { return c.CurrenciesIn(nil) }

// CurrenciesIn are those that something is sold in to who lives in one of some countries, in order.
func (c Catalog) CurrenciesIn(countries []string) (list []string) {
	for _, p := range c.Plans {
		for _, m := range p.Prices {
			if !p.Closed && p.livesIn(countries) == nil && !slices.Contains(list, m.Currency) {
				list = append(list, m.Currency)
			}
		}
	}
	return list
}

// A Wish is what a buyer chose in the form.
type Wish struct {
	Plan     string
	Currency string
	Country  string // that the buyer lives in, as Plan.Countries; "" for what is sold everywhere
	Coupon   string // as typed
	Source   string // the provider to pay at; "" for the first
}

// countries are those that the buyer may live in, nil when that does not matter.
func (w Wish) countries() []string {
	if w.Country == "" {
		return nil
	}
	return []string{w.Country}
}

// offer is what a wish is sold as. A coupon and the price for newcomers do not add up: the coupon stands in its place.
func (c Catalog) offer(w Wish, newcomer bool, now time.Time) (Offer, error) {
	p, ok := c.Plan(w.Plan)
	if !ok || p.Closed {
		return Offer{}, fault.Field("plan", "This is not sold any more. Please choose again.")
	}
	if err := p.livesIn(w.countries()); err != nil {
		return Offer{}, err
	}
	price, ok := p.Price(w.Currency)
	if !ok {
		return Offer{}, fault.Field("currency", "This is not sold in that currency. Please choose again.")
	}
	o := Offer{Price: price}
	if code := strings.ToLower(strings.TrimSpace(w.Coupon)); code != "" {
		i := slices.IndexFunc(c.Coupons, func(k Coupon) bool { return k.Code == code })
		switch {
		case i < 0:
			return Offer{}, fault.Field("coupon", "There is no such code. Please look at it again, or leave it out.")
		case !c.Coupons[i].Ends.IsZero() && !now.Before(c.Coupons[i].Ends):
			return Offer{}, fault.Field("coupon", "This code was good until %s.", c.Coupons[i].Ends.Add(-time.Second).Format("2 January 2006"))
		case c.Coupons[i].Plan != "" && c.Coupons[i].Plan != p.Slug:
			return Offer{}, fault.Field("coupon", "This code is for another plan.")
		}
		o.Coupon = &c.Coupons[i]
		return o, nil
	}
	if !newcomer {
		return o, nil
	}
	if first, ok := in(p.First, w.Currency); ok {
		o.First = &first
	}
	o.TrialDays = p.TrialDays
	return o, nil
}
