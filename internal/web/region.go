package web

import (
	"cmp"
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/gatefold/gatefold/internal/billing"
)

// country is one that has prices of its own, as the form names it.
type country struct {
	Code   string
	Name   string
	Chosen bool
}

// countriesOf are the countries that have prices of their own, by their names. Nothing is guessed of where a request
// comes from: who buys says it.
func (s *Site) countriesOf(c billing.Catalog, chosen string) (list []country) {
	for _, code := range c.Countries() {
		list = append(list, country{code, s.countryName(code), code == chosen})
	}
	slices.SortFunc(list, func(a, b country) int { return cmp.Compare(sortKey(a.Name), sortKey(b.Name)) })
	return list
}

// countryName is what a country is called in the publication's language, or its code.
func (s *Site) countryName(code string) string {
	tag, err1 := language.Parse(s.Config.Publication.Language)
	region, err2 := language.ParseRegion(code)
	if err1 != nil || err2 != nil {
		return code
	}
	return cmp.Or(display.Regions(tag).Name(region), code)
}
