package web

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gatefold/gatefold/internal/library"
)

func TestWorldIsWhole(t *testing.T) {
	if n := len(worldFile); n > 60_000 {
		t.Errorf("the map has %d bytes", n)
	}
	all, drawn := map[string]bool{}, 0
	path := regexp.MustCompile(`^(M\d+ \d+l[-0-9 ]+z)*$`)
	for _, s := range world() {
		for _, slug := range s.slugs {
			if slug == "" || all[slug] {
				t.Errorf("%q names two shapes, or none", s.slugs)
			}
			all[slug] = true
		}
		if !path.MatchString(s.path) || s.x == "" || s.y == "" {
			t.Errorf("%q is drawn as %q at %q, %q", s.slugs, s.path, s.x, s.y)
		}
		if s.path != "" {
			drawn++
		}
	}
	if drawn < 160 {
		t.Errorf("%d countries are drawn", drawn)
	}
	for _, name := range []string{"Egypt", "United States", "Democratic Republic of the Congo", "Ivory Coast", "Russia", "Singapore", "Nauru", "Kosovo", "Palestine", "Taiwan"} {
		if !all[library.Slug(name)] {
			t.Errorf("%s is not on the map", name)
		}
	}
}

// Every country that the library knows a region of, and that is one today, is on the map.
func TestMapKnowsTheCountriesOfToday(t *testing.T) {
	known := map[string]bool{}
	for _, s := range world() {
		for _, slug := range s.slugs {
			known[slug] = true
		}
	}
	for name := range known {
		if strings.HasSuffix(name, "-is") || strings.Contains(name, "-rep-") {
			t.Errorf("%s is a shortened name", name)
		}
	}
	for _, country := range strings.Split(`Algeria;Bosnia and Herzegovina;Cape Verde;Central African Republic;Comoros;Czech Republic;Dominican Republic;
		East Timor;Equatorial Guinea;Eswatini;Marshall Islands;Micronesia;North Macedonia;Sao Tome and Principe;Solomon Islands;South Sudan;
		Saint Vincent and the Grenadines;Saint Kitts and Nevis;Turkey;United Arab Emirates;United Kingdom;Vietnam;Yemen;Liechtenstein;Malta;Bahrain`, ";") {
		if slug := library.Slug(strings.TrimSpace(country)); !known[slug] {
			t.Errorf("%s is not on the map", country)
		}
	}
}

func TestMapLeadsToCountries(t *testing.T) {
	s := newTestSite(t)
	fiji := draftOf("fiji", "open", testStart.AddDate(0, 0, -1))
	fiji.Countries = []string{"Portugal", "Burma", "Singapore", "Atlantis"}
	s.save(fiji)
	d := s.client(t).Get("/countries").document(t)
	var labels []string
	for _, a := range d.all("figure.world a") {
		if l := attribute(a, "aria-label"); l != "" {
			labels = append(labels, attribute(a, "href")+" "+l)
		}
	}
	slices.Sort(labels)
	same(t, "links of the map", labels, "/countries/burma Burma, One article", "/countries/portugal Portugal, 10 articles", "/countries/singapore Singapore, One article")
	if got := d.all("figure.world circle"); len(got) != 1 || attribute(got[0], "r") == "" {
		t.Errorf("%d specks", len(got))
	}
	if land := attribute(d.all("path.land")[0], "d"); len(land) < 20_000 {
		t.Errorf("the land is %d bytes", len(land))
	}
	for _, slug := range []string{"burma", "atlantis", "portugal"} {
		if !slices.Contains(d.links("div.groups a"), "/countries/"+slug) {
			t.Errorf("%s is not in the list beside the map", slug)
		}
	}
}

func TestShades(t *testing.T) {
	var all []library.TermCount
	for _, n := range []int{1, 1, 1, 2, 3, 5, 8, 900} {
		all = append(all, library.TermCount{Articles: n})
	}
	shade, got := shades(all), ""
	for _, c := range all {
		got += fmt.Sprint(shade(c.Articles))
	}
	if got != "11122334" {
		t.Errorf("shades %s", got)
	}
	if one := shades(all[:1])(1); one != 1 {
		t.Errorf("the only country has shade %d", one)
	}
}
