package billing

import (
	"fmt"
	"strings"

	"github.com/bojanz/currency"
)

// Money is an exact amount: a whole number of the smallest part of a currency, as the cent (ISO 4217).
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// ParseMoney reads an amount as the configuration writes it: "EUR 9.50".
func ParseMoney(text string) (Money, error) {
	code, number, _ := strings.Cut(text, " ")
	a, err := currency.NewAmount(number, code)
	if err != nil {
		return Money{}, fmt.Errorf("price %q: %w", text, err)
	}
	n, err := a.Int64()
	if err != nil {
		return Money{}, fmt.Errorf("price %q: %w", text, err)
	}
	return Money{Amount: n, Currency: code}, nil
}

// Format writes the amount as people of a language do, without decimals when there are none: "€9", "9,50 €". An unknown
// currency, which configuration and providers do not give, is written as a number and its code.
func (m Money) Format(language string) string {
	a, err := currency.NewAmountFromInt64(m.Amount, m.Currency)
	if err != nil {
		return fmt.Sprintf("%d %s", m.Amount, m.Currency)
	}
	f := currency.NewFormatter(currency.NewLocale(language))
	if whole := a.RoundTo(0, currency.RoundDown); whole.Equal(a) {
		f.MinDigits = 0
	}
	return f.Format(a)
}

// Negate is what goes the other way.
func (m Money) Negate() Money { return Money{-m.Amount, m.Currency} }

// off is what is left of an amount after so many hundredths are taken off, rounded to the buyer's favor.
func (m Money) off(percent int) Money {
	return Money{m.Amount * int64(100-percent) / 100, m.Currency}
}
