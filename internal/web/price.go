package web

import (
	"strconv"
	"strings"
)

// A price is an amount as the publication writes it: "€9", "£7.50", "1 200 kr".
type price struct {
	before, after string // the amount, with the currency and its spaces
	cents         int64
	point         string // what parts the cents, "" when none are written
}

// parsePrice reads a price as configured. It reports whether there is one amount in it and nothing that could be taken
// for another. A point or comma before two last digits parts the cents; before three, it parts thousands.
func parsePrice(text string) (p price, ok bool) {
	text = strings.TrimSpace(text)
	from := strings.IndexAny(text, digits)
	to := strings.LastIndexAny(text, digits) + 1
	if from < 0 {
		return p, false
	}
	p.before, p.after = text[:from], text[to:]
	amount := text[from:to]
	whole, part := amount, "00"
	if i := strings.LastIndexAny(amount, ".,"); i >= 0 && len(amount)-i == 3 {
		whole, part, p.point = amount[:i], amount[i+1:], amount[i:i+1]
	}
	groups := strings.FieldsFunc(whole, func(r rune) bool { return strings.ContainsRune(".,'’ \u00a0\u202f", r) })
	for i, g := range groups {
		if strings.Trim(g, digits) != "" || i > 0 && len(g) != 3 || len(groups) > 1 && len(g) > 3 {
			return p, false
		}
	}
	cents, err := strconv.ParseInt(strings.Join(groups, "")+part, 10, 64)
	p.cents = cents
	return p, err == nil && cents < 1e12
}

const digits = "0123456789"

// write gives an amount the form of a price, without cents when there are none.
func (p price) write(cents int64) string {
	amount := strconv.FormatInt(cents/100, 10)
	if rest := cents % 100; rest != 0 {
		point := p.point
		if point == "" {
			point = "."
		}
		amount += point + strconv.FormatInt(100+rest, 10)[1:]
	}
	return p.before + amount + p.after
}

// A saving is what a year costs less than twelve months.
type saving struct {
	Amount string // in the form of the price of a year
	Months int    // when it is that many months' price to the cent, else 0
}

// savingOf compares two prices. It reports whether they are in one currency and the year saves something.
func savingOf(month, year string) (saving, bool) {
	m, ok1 := parsePrice(month)
	y, ok2 := parsePrice(year)
	if !ok1 || !ok2 || strings.TrimSpace(m.before) != strings.TrimSpace(y.before) ||
		strings.TrimSpace(m.after) != strings.TrimSpace(y.after) {
		return saving{}, false
	}
	less := 12*m.cents - y.cents
	if less <= 0 {
		return saving{}, false
	}
	if y.point == "" {
		y.point = m.point
	}
	s := saving{Amount: y.write(less)}
	if less%m.cents == 0 {
		s.Months = int(less / m.cents)
	}
	return s, true
}
