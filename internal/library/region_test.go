package library

import "testing"

func TestRegionOf(t *testing.T) {
	for country, want := range map[string]string{
		"Nigeria": africa, "Egypt": middleEast, "Iran": middleEast, "Poland": europe, "East Germany": europe,
		"Yugoslavia": europe, "Soviet Union": eurasia, "USSR": eurasia, "Russia": eurasia, "Kazakstan": eurasia,
		"India": southAsia, "Afghanistan": southAsia, "Viet Nam": eastAsia, "Burma (Myanmar)": eastAsia,
		"Korea, North": eastAsia, "Côte d’Ivoire": africa, "Cote d'Ivoire": africa, "Türkiye": europe, "Turkey": europe,
		"The Gambia": africa, "the Netherlands": europe, "United States": northAmerica, "Mexico": latinAmerica,
		"Macedonia, The Former Yugoslav Republic of": europe, "Falkland Islands (Islas Malvinas)": latinAmerica,
		"Antarctica": global, "São Tomé and Príncipe": africa, "Guinea-Bissau": africa, "Taiwan": eastAsia,
		"Atlantis": "", "": "",
	} {
		if got := RegionOf(country); got != want {
			t.Errorf("RegionOf(%q) = %q, want %q", country, got, want)
		}
	}
}

// TestRegionsAreDisjoint sees that no name stands in two regions: the map would pick one by chance.
func TestRegionsAreDisjoint(t *testing.T) {
	sum := 0
	for _, names := range countriesByRegion {
		seen := map[string]bool{}
		for name := range splitNames(names) {
			seen[Slug(name)] = true
		}
		delete(seen, "")
		sum += len(seen)
	}
	if len(regionBySlug) != sum {
		t.Errorf("%d names are in the regions, %d in the map: some stand in two", sum, len(regionBySlug))
	}
	if sum < 193 {
		t.Errorf("%d names are fewer than the United Nations have members", sum)
	}
}

func TestMembersOfTheUnitedNations(t *testing.T) {
	for name := range splitNames(members) {
		if RegionOf(name) == "" {
			t.Errorf("%s has no region", name)
		}
	}
}

const members = `Afghanistan; Albania; Algeria; Andorra; Angola; Antigua and Barbuda; Argentina; Armenia; Australia; Austria
Azerbaijan; Bahamas; Bahrain; Bangladesh; Barbados; Belarus; Belgium; Belize; Benin; Bhutan; Bolivia
Bosnia and Herzegovina; Botswana; Brazil; Brunei Darussalam; Bulgaria; Burkina Faso; Burundi; Cabo Verde; Cambodia
Cameroon; Canada; Central African Republic; Chad; Chile; China; Colombia; Comoros; Congo; Costa Rica; Côte d’Ivoire
Croatia; Cuba; Cyprus; Czechia; Democratic People’s Republic of Korea; Democratic Republic of the Congo; Denmark
Djibouti; Dominica; Dominican Republic; Ecuador; Egypt; El Salvador; Equatorial Guinea; Eritrea; Estonia; Eswatini
Ethiopia; Fiji; Finland; France; Gabon; Gambia; Georgia; Germany; Ghana; Greece; Grenada; Guatemala; Guinea
Guinea-Bissau; Guyana; Haiti; Honduras; Hungary; Iceland; India; Indonesia; Iran; Iraq; Ireland; Israel; Italy; Jamaica
Japan; Jordan; Kazakhstan; Kenya; Kiribati; Kuwait; Kyrgyzstan; Lao People’s Democratic Republic; Latvia; Lebanon
Lesotho; Liberia; Libya; Liechtenstein; Lithuania; Luxembourg; Madagascar; Malawi; Malaysia; Maldives; Mali; Malta
Marshall Islands; Mauritania; Mauritius; Mexico; Micronesia; Monaco; Mongolia; Montenegro; Morocco; Mozambique; Myanmar
Namibia; Nauru; Nepal; Netherlands; New Zealand; Nicaragua; Niger; Nigeria; North Macedonia; Norway; Oman; Pakistan
Palau; Panama; Papua New Guinea; Paraguay; Peru; Philippines; Poland; Portugal; Qatar; Republic of Korea
Republic of Moldova; Romania; Russian Federation; Rwanda; Saint Kitts and Nevis; Saint Lucia
Saint Vincent and the Grenadines; Samoa; San Marino; Sao Tome and Principe; Saudi Arabia; Senegal; Serbia; Seychelles
Sierra Leone; Singapore; Slovakia; Slovenia; Solomon Islands; Somalia; South Africa; South Sudan; Spain; Sri Lanka; Sudan
Suriname; Sweden; Switzerland; Syria; Tajikistan; Thailand; Timor-Leste; Togo; Tonga; Trinidad and Tobago; Tunisia
Türkiye; Turkmenistan; Tuvalu; Uganda; Ukraine; United Arab Emirates; United Kingdom; United Republic of Tanzania
United States of America; Uruguay; Uzbekistan; Vanuatu; Venezuela; Viet Nam; Yemen; Zambia; Zimbabwe`
