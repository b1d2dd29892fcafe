package web

import "testing"

func TestParsePrice(t *testing.T) {
	for _, c := range []struct {
		text          string
		cents         int64
		before, after string
	}{
		{"€9", 900, "€", ""},
		{"€ 9", 900, "€ ", ""},
		{"9 €", 900, "", " €"},
		{"£7.50", 750, "£", ""},
		{"7,50 €", 750, "", " €"},
		{"US$1,200", 120000, "US$", ""},
		{"1.200,50 €", 120050, "", " €"},
		{"CHF 1’200.–", 120000, "CHF ", ".–"},
		{"1\u202f200 kr", 120000, "", " kr"},
		{"¥1000", 100000, "¥", ""},
		{"9", 900, "", ""},
		{"0", 0, "", ""},
	} {
		p, ok := parsePrice(c.text)
		if !ok || p.cents != c.cents || p.before != c.before || p.after != c.after {
			t.Errorf("%q: %+v, %v", c.text, p, ok)
		}
	}
	for _, text := range []string{"", "free", "€", "€9 or €8", "9–12 €", "12,34,5", "1.2.3", "€1 0", "99999999999999999999"} {
		if p, ok := parsePrice(text); ok {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
}

func TestSaving(t *testing.T) {
	for _, c := range []struct {
		month, year, amount string
		months              int
	}{
		{"€9", "€90", "€18", 2},
		{"9 €", "90 €", "18 €", 2},
		{"£7.50", "£75", "£15", 2},
		{"£7.50", "£79", "£11", 0},
		{"£7.55", "£80", "£10.60", 0},
		{"7,55 €", "80 €", "10,60 €", 0},
		{"$10", "$110", "$10", 1},
	} {
		s, ok := savingOf(c.month, c.year)
		if !ok || s.Amount != c.amount || s.Months != c.months {
			t.Errorf("%s and %s: %+v, %v", c.month, c.year, s, ok)
		}
	}
	for _, c := range [][2]string{{"€9", "$90"}, {"€9", "90 €"}, {"€9", "€108"}, {"€9", "€120"}, {"€9", "ask"}, {"", ""}, {"€0", "€0"}} {
		if s, ok := savingOf(c[0], c[1]); ok {
			t.Errorf("%s and %s save %+v", c[0], c[1], s)
		}
	}
}
