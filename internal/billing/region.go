package billing

import (
	"slices"

	"github.com/gatefold/gatefold/internal/fault"
)

// ForAll reports that a plan is for anybody, wherever they live and whatever their address.
func (p Plan) ForAll() bool { return len(p.Domains) == 0 && len(p.Countries) == 0 }

// regional reports whether a plan is for who lives in one of some countries, whichever it is.
func (p Plan) regional(countries []string) bool {
	if len(p.Countries) == 0 || len(countries) == 0 {
		return false
	}
	return !slices.ContainsFunc(countries, func(code string) bool { return !slices.Contains(p.Countries, code) })
}

// Countries are those that a plan is for that is sold.
func (c Catalog) Countries() (list []string) {
	for _, p := range c.Plans {
		if !p.Closed {
			list = append(list, p.Countries...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// SoldIn returns the plans that are sold in a currency to who lives in one of some countries, none for anywhere else. A
// plan for these countries stands in the place of those for all that are paid as often.
func (c Catalog) SoldIn(countries []string, code string) (list []Plan) {
	own := map[Period]bool{}
	for _, p := range c.Plans {
		if _, ok := p.Price(code); ok && !p.Closed && p.regional(countries) {
			own[p.Every] = true
		}
	}
	for _, p := range c.Plans {
		_, ok := p.Price(code)
		here := p.regional(countries) || len(p.Countries) == 0 && !(own[p.Every] && p.ForAll())
		if ok && !p.Closed && here {
			list = append(list, p)
		}
	}
	return list
}

// livesIn is Invalid when a plan is for certain countries, and a buyer's are others. Who says where they live is
// believed.
func (p Plan) livesIn(countries []string) error {
	if len(p.Countries) == 0 || p.regional(countries) {
		return nil
	}
	return fault.Field("country", "This price is for readers in certain countries. Please choose the one you live in first.")
}
