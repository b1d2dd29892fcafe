package config

import (
	"strings"
	"testing"
)

func TestPlansAreChecked(t *testing.T) {
	const plan = "[[till.plans]]\nslug = 'month'\nname = 'By the month'\nevery = 'month'\n"
	const coupon = "[[till.coupons]]\ncode = 'spring'\nperiods = 1\npercent_off = "
	for _, c := range []struct{ name, file, want string }{
		{"no price", plan + "prices = []\n", "till.plans[0].prices: expected a list of 1 to 20 currencies with an amount"},
		{"parts the currency has not", plan + "prices = ['EUR 9.005']\n", "number 1 is wrong"},
		{"yen have no parts", plan + "prices = ['EUR 9', 'JPY 900.5']\n", "number 2 is wrong"},
		{"no such currency", plan + "prices = ['EUX 9']\n", "number 1 is wrong"},
		{"nothing", plan + "prices = ['EUR 0']\n", "number 1 is wrong"},
		{"less than nothing", plan + "prices = ['EUR -9']\n", "number 1 is wrong"},
		{"not in the currency shown first", plan + "prices = ['USD 9']\n", "expected one price in EUR, the currency of till.currency"},
		{"two of a currency", plan + "prices = ['EUR 9', 'USD 8', 'USD 9']\n", "expected one price in USD"},
		{"a first price in another currency", plan + "prices = ['EUR 9']\nfirst_prices = ['USD 1']\n", "expected one first price at most"},
		{"free and cheap at first", plan + "prices = ['EUR 9']\nfirst_prices = ['EUR 1']\ntrial_days = 7\n", "not both"},
		{"a plan twice", plan + "prices = ['EUR 9']\n" + plan + "prices = ['EUR 9']\n", "till.plans[1].slug: expected a slug that no other"},
		{"a week", strings.Replace(plan, "every = 'month'", "every = 'week'", 1), `expected "month" or "year"`},
		{"moves to itself", plan + "prices = ['EUR 9']\nclosed = true\nmoves_to = 'month'\n", "till.plans[0].moves_to: expected the slug of another plan"},
		{"moves and is sold", plan + "prices = ['EUR 9']\nmoves_to = 'new'\n" + strings.Replace(plan, "'month'", "'new'", 1) + "prices = ['EUR 10']\n", "till.plans[0].closed: expected true"},
		{"moves to where a currency is missing", plan + "prices = ['EUR 9', 'USD 9']\nclosed = true\nmoves_to = 'new'\n" + strings.Replace(plan, "'month'", "'new'", 1) + "prices = ['EUR 10']\n", "a price in USD"},
		{"for some, and then nothing", plan + "prices = ['EUR 9']\ndomains = ['ac.uk']\n", "till.plans[0].otherwise: expected together with domains"},
		{"in no country there is", plan + "prices = ['EUR 9']\ncountries = ['XY']\n", "till.plans[0].countries: expected"},
		{"a country in small letters", plan + "prices = ['EUR 9']\ncountries = ['in']\n", "till.plans[0].countries: expected"},
		{"a continent", plan + "prices = ['EUR 9']\ncountries = ['150']\n", "till.plans[0].countries: expected"},
		{"for some in some countries", plan + "prices = ['EUR 9']\ncountries = ['IN']\ndomains = ['ac.uk']\notherwise = 'new'\n", "till.plans[0].countries: expected countries or domains"},
		{"nothing for everyone", "[till]\nprovider = 'test'\n" + plan + "prices = ['EUR 9']\ncountries = ['IN']\n", "till.plans: expected a plan for everyone"},
		{"moves to a price of another country", plan + "prices = ['EUR 9']\nclosed = true\nmoves_to = 'new'\n" + strings.Replace(plan, "'month'", "'new'", 1) + "prices = ['EUR 10']\ncountries = ['IN']\n", "till.plans[0].moves_to: expected the slug of another plan"},
		{"a coupon for more than all", coupon + "101\n", "percent_off: expected a whole number from 1 to 100"},
		{"a coupon for no plan there is", coupon + "50\nplan = 'decade'\n", "till.coupons[0].plan: expected the slug of a plan"},
		{"a coupon twice", coupon + "50\n" + coupon + "20\n", "expected a code that no other"},
		{"no such day", coupon + "50\nlast_day = '2027-02-30'\n", "expected a day"},
		{"stripe without a key", "[till]\nprovider = 'stripe'\nstripe_signing_secret = 'whsec_1'\n", "till.stripe_key: expected a key"},
		{"stripe without a signing secret", "[till]\nprovider = 'stripe'\nstripe_key = 'sk_test_1'\n", "till.stripe_signing_secret: expected the signing secret"},
		{"stripe with a key in its place", "[till]\nprovider = 'stripe'\nstripe_key = 'sk_test_1'\nstripe_signing_secret = 'sk_test_1'\n", "till.stripe_signing_secret"},
		{"another currency first", "[till]\ncurrency = 'CHF'\n", "expected one price in CHF"},
	} {
		_, err := load("g.toml", []byte(c.file), nil, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
		}
	}
	good := plan + "prices = ['EUR 9.50', 'JPY 1200']\nfirst_prices = ['EUR 1']\ncountries = ['IN', 'KE']\n" + coupon + "100\nplan = 'month'\nlast_day = '2027-02-28'\n"
	if _, err := load("g.toml", []byte(good), nil, nil); err != nil {
		t.Error(err)
	}
}
