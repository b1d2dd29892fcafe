package library

import (
	"iter"
	"strings"
)

// The regions countries are grouped in.
const (
	africa       = "Africa"
	middleEast   = "Middle East & North Africa"
	europe       = "Europe"
	eurasia      = "Eurasia"
	southAsia    = "South Asia"
	eastAsia     = "East Asia & Pacific"
	northAmerica = "North America"
	latinAmerica = "Latin America & the Caribbean"
	global       = "Global"
)

// RegionOf returns the name of the region a country lies in, "" when the name is not known. It knows the members of the
// United Nations, territories, the usual other names and spellings, and states of the last century.
func RegionOf(country string) string {
	slug := Slug(country)
	if r, ok := regionBySlug[slug]; ok {
		return r
	}
	if i := strings.IndexAny(country, "(,"); i > 0 { // "Burma (Myanmar)", "Korea, North"
		return regionBySlug[Slug(country[:i])]
	}
	return regionBySlug[strings.TrimPrefix(slug, "the-")]
}

// regionBySlug is countriesByRegion turned over.
var regionBySlug = func() map[string]string {
	m := map[string]string{}
	for region, names := range countriesByRegion {
		for name := range splitNames(names) {
			if s := Slug(name); s != "" {
				m[s] = region
			}
		}
	}
	return m
}()

// splitNames yields names parted by semicolons and ends of lines.
func splitNames(names string) iter.Seq[string] {
	return strings.FieldsFuncSeq(names, func(r rune) bool { return r == ';' || r == '\n' })
}

var countriesByRegion = map[string]string{
	africa: `Angola; Ascension; Benin; Biafra; Botswana; British Indian Ocean Territory; Burkina Faso; Burundi; Cabo Verde
		Cameroon; Cape Verde; Central African Republic; Chad; Comoros; Congo; Congo-Brazzaville; Congo-Kinshasa; Côte d’Ivoire
		Dahomey; Democratic Republic of the Congo; DR Congo; Republic of the Congo; Djibouti; Equatorial Guinea; Eritrea
		Eswatini; Ethiopia; Gabon; Gambia; Ghana; Gold Coast; Guinea; Guinea-Bissau; Iles Eparses; Bassas da India
		Europa Island; Glorioso Islands; Juan de Nova Island; Tromelin Island; Ivory Coast; Kenya; Lesotho; Liberia; Madagascar
		Malagasy Republic; Malawi; Mali; Mauritania; Mauritius; Mayotte; Mozambique; Namibia; Niger; Nigeria; Nyasaland; Reunion
		Northern Rhodesia; Southern Rhodesia; Rhodesia; Rwanda; Saint Helena; Sao Tome and Principe; Senegal; Seychelles
		Sierra Leone; Somalia; Somaliland; South Africa; South Sudan; South West Africa; Sudan; Swaziland; Tanganyika; Tanzania
		United Republic of Tanzania; Togo; Uganda; Upper Volta; Zaire; Zambia; Zanzibar; Zimbabwe`,
	middleEast: `Algeria; Aden; Bahrain; Egypt; Gaza Strip; Gaza; Iran; Islamic Republic of Iran; Iraq; Israel; Jordan
		Transjordan; Kurdistan; Kuwait; Lebanon; Libya; Morocco; Oman; Palestine; State of Palestine; Persia; Qatar
		Saudi Arabia; South Yemen; North Yemen; Syria; Syrian Arab Republic; Tunisia; United Arab Emirates; UAE
		United Arab Republic; West Bank; Western Sahara; Spanish Sahara; Yemen; Trucial States; Muscat and Oman`,
	europe: `Akrotiri; Dhekelia; Albania; Andorra; Austria; Austria-Hungary; Belarus; Byelorussia; Belgium
		Bosnia and Herzegovina; Bosnia; Bulgaria; Croatia; Cyprus; Czech Republic; Czechia; Czechoslovakia; Danzig; Denmark
		East Germany; German Democratic Republic; Estonia; European Union; EU; Faroe Islands; Finland; France; Germany
		Federal Republic of Germany; West Germany; Gibraltar; Greece; Guernsey; Holy See; Hungary; Iceland; Ireland
		Northern Ireland; Isle of Man; Italy; Jan Mayen; Jersey; Kosovo; Latvia; Liechtenstein; Lithuania; Luxembourg
		Macedonia; Former Yugoslav Republic of Macedonia; North Macedonia; Malta; Moldova; Republic of Moldova; Monaco
		Montenegro; Netherlands; Holland; Norway; Poland; Portugal; Prussia; Romania; San Marino; Scotland; Serbia
		Serbia and Montenegro; Slovakia; Slovak Republic; Slovenia; Spain; Svalbard; Sweden; Switzerland; Trieste; Turkey
		Turkiye; Ottoman Empire; Ukraine; United Kingdom; UK; Britain; Great Britain; England; Wales; Vatican City; Vatican
		Yugoslavia`,
	eurasia: `Abkhazia; Armenia; Azerbaijan; Georgia; Kazakhstan; Kazakstan; Kyrgyzstan; Kyrgyz Republic; Nagorno-Karabakh
		Russia; Russian Federation; Russian Empire; Soviet Union; USSR; Tajikistan; Turkmenistan; Uzbekistan`,
	southAsia: `Afghanistan; Bangladesh; East Pakistan; Bhutan; Ceylon; Goa; India; Kashmir; Maldives; Nepal; Pakistan; Sikkim
		Sri Lanka`,
	eastAsia: `American Samoa; Ashmore and Cartier Islands; Australia; Baker Island; Brunei; Brunei Darussalam; Burma; Cambodia
		Kampuchea; Khmer Republic; China; People’s Republic of China; Christmas Island; Clipperton Island
		Cocos (Keeling) Islands; Cook Islands; Coral Sea Islands; East Timor; Fiji; French Indochina; French Polynesia
		Guam; Hawaii; Hong Kong; Howland Island; Indochina; Indonesia; Dutch East Indies; Jarvis Island; Japan; Johnston Atoll
		Kingman Reef; Kiribati; Korea; Democratic People’s Republic of Korea; Republic of Korea; Laos
		Lao People’s Democratic Republic; Macao; Macau; Malaya; Malaysia; Manchuria; Marshall Islands; Micronesia
		Federated States of Micronesia; Midway Islands; Mongolia; Myanmar; Nauru; New Caledonia; New Zealand; Niue
		Norfolk Island; North Korea; North Vietnam; Northern Mariana Islands; Okinawa; Pacific Islands; Palau; Palmyra Atoll
		Papua New Guinea; Paracel Islands; Philippines; Pitcairn Islands; Ryukyu Islands; Samoa; Siam; Singapore
		Solomon Islands; South Korea; South Vietnam; Spratly Islands; Taiwan; Republic of China; Thailand; Tibet; Timor-Leste
		Tokelau; Tonga; Tuvalu; United States Pacific Island Wildlife Refuges; Vanuatu; Viet Nam; Vietnam; Wake Island
		Wallis and Futuna; Western Samoa`,
	northAmerica: `Bermuda; Canada; Greenland; Newfoundland; Saint Pierre and Miquelon; United States; USA; US
		United States of America`,
	latinAmerica: `Anguilla; Antigua and Barbuda; Argentina; Aruba; Bahamas; Barbados; Belize; British Honduras
		Bolivia; Plurinational State of Bolivia; Brazil; British Guiana; British Virgin Islands; Caribbean; Cayman Islands
		Chile; Colombia; Costa Rica; Cuba; Curacao; Dominica; Dominican Republic; Ecuador; El Salvador
		Falkland Islands; French Guiana; Grenada; Guadeloupe; Guatemala; Guyana; Haiti; Honduras; Jamaica; Martinique; Mexico
		Montserrat; Navassa Island; Netherlands Antilles; Nicaragua; Panama; Panama Canal Zone; Paraguay; Peru; Puerto Rico
		Saint Barthelemy; Saint Kitts and Nevis; Saint Lucia; Saint Martin; Saint Vincent and the Grenadines; Sint Maarten
		South Georgia; South Georgia and the; South Georgia and the South Sandwich Islands
		South Georgia and South Sandwich Islands; Suriname; Trinidad and Tobago; Turks and Caicos Islands
		US Virgin Islands; Uruguay; Venezuela; Bolivarian Republic of Venezuela; Virgin Islands; West Indies`,
	global: `Antarctica; Arctic; Arctic Ocean; Atlantic Ocean; Bouvet Island; French Southern and Antarctic Lands
		Heard Island and McDonald Islands; Indian Ocean; International; Pacific Ocean; Southern Ocean; World`,
}
