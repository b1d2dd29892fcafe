package billing

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gatefold/gatefold/internal/storage"
)

// A Report is what was sold from one moment to another, the second excluded. Active at the end is active at the
// beginning, and new, less lapsed.
type Report struct {
	From, To time.Time
	Lines    []ReportLine // by plan, source and currency
	Money    []MoneyLine  // by currency
}

// A ReportLine is what one plan from one source did.
type ReportLine struct {
	Plan     string
	Source   string
	Currency string
	Before   int   // covered at the beginning
	New      int   // began since
	Lapsed   int   // ended since
	Active   int   // covered at the end
	Trials   int   // of them on free days
	Monthly  Money // what those who are active and not on free days pay in a month; a year's price counts a twelfth
}

// Churn is the part of those covered at the beginning, or begun since, that has lapsed, from 0 to 1.
func (l ReportLine) Churn() float64 {
	if l.Before+l.New == 0 {
		return 0
	}
	return float64(l.Lapsed) / float64(l.Before+l.New)
}

// A MoneyLine is what came in and went out in one currency, as the ledger has it.
type MoneyLine struct {
	Charged  Money
	Refunded Money // what went back, disputes included, and is negative
	Charges  int
	Refunds  int
}

// Net is what stayed.
func (m MoneyLine) Net() Money {
	return Money{m.Charged.Amount + m.Refunded.Amount, m.Charged.Currency}
}

// Report counts what was sold. To is not after now.
func (b *Billing) Report(ctx context.Context, from, to time.Time) (Report, error) {
	out := Report{From: from, To: to}
	err := b.db.Read(ctx, func(tx *storage.DB) (err error) {
		if out.Lines, err = soldBetween(ctx, tx, from, to); err != nil {
			return err
		}
		out.Money, err = movedBetween(ctx, tx, from, to)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("billing report: %w", err)
	}
	return out, nil
}

func soldBetween(ctx context.Context, tx *storage.DB, from, to time.Time) ([]ReportLine, error) {
	rows, err := tx.Query(ctx, `SELECT c.source, c.record, s.starts, s.ends FROM contracts c JOIN subscriptions s ON s.contract = c.id
		WHERE s.contract > 0 AND s.starts < $1 AND s.ends > s.starts AND s.ends > $2`, storage.Micros(to), storage.Micros(from))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	type key struct{ plan, source, currency string }
	lines, twelfths := map[key]*ReportLine{}, map[key]int64{}
	for rows.Next() {
		var source, kept string
		var starts, ends int64
		if err := rows.Scan(&source, &kept, &starts, &ends); err != nil {
			return nil, err
		}
		var r Record
		if err := json.Unmarshal([]byte(kept), &r); err != nil {
			return nil, err
		}
		k := key{r.Plan, source, r.Price.Currency}
		l := lines[k]
		if l == nil {
			l = &ReportLine{Plan: k.plan, Source: k.source, Currency: k.currency, Monthly: Money{Currency: k.currency}}
			lines[k] = l
		}
		twelfths[k] += l.count(r, storage.Time(starts), storage.Time(ends), from, to)
	}
	out := make([]ReportLine, 0, len(lines))
	for k, l := range lines {
		l.Monthly.Amount = twelfths[k] / 12
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b ReportLine) int {
		return cmp.Or(cmp.Compare(a.Plan, b.Plan), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Currency, b.Currency))
	})
	return out, rows.Err()
}

// count adds one contract and returns what it pays in a year, 0 when it is over or free.
func (l *ReportLine) count(r Record, starts, ends, from, to time.Time) (yearly int64) {
	if starts.Before(from) {
		l.Before++
	} else {
		l.New++
	}
	if ends.Before(to) {
		l.Lapsed++
		return 0
	}
	l.Active++
	switch {
	case r.Trial:
		l.Trials++
		return 0
	case r.Every == Yearly:
		return r.Price.Amount
	}
	return 12 * r.Price.Amount
}

func movedBetween(ctx context.Context, tx *storage.DB, from, to time.Time) ([]MoneyLine, error) {
	rows, err := tx.Query(ctx, `SELECT currency, kind, COUNT(*), SUM(amount) FROM ledger WHERE at >= $1 AND at < $2
		GROUP BY currency, kind ORDER BY currency, kind`, storage.Micros(from), storage.Micros(to))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []MoneyLine
	for rows.Next() {
		var code string
		var kind PaymentKind
		var n int
		var sum int64
		if err := rows.Scan(&code, &kind, &n, &sum); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].Charged.Currency != code {
			out = append(out, MoneyLine{Charged: Money{Currency: code}, Refunded: Money{Currency: code}})
		}
		m := &out[len(out)-1]
		if kind == Charge {
			m.Charges, m.Charged.Amount = n, sum
		} else {
			m.Refunds, m.Refunded.Amount = m.Refunds+n, m.Refunded.Amount+sum
		}
	}
	return out, rows.Err()
}
