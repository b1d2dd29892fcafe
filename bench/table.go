package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// row is one line of the result: a value, the bar it is held against, and what
// the value was made of.
type row struct {
	what   string
	value  float64
	unit   string // shown behind the value and the bar
	bar    float64
	atMost bool   // the bar is a ceiling; else a floor
	detail string // the absolute figures behind a ratio
}

func (r row) met() bool {
	if r.atMost {
		return r.value <= r.bar
	}
	return r.value >= r.bar
}

// printTable writes the rows and, last, how many met their bar.
func printTable(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "measure\tvalue\ttarget\t\tof")
	met := 0
	for _, r := range rows {
		sign, verdict := "≥", "MISS"
		if r.atMost {
			sign = "≤"
		}
		if r.met() {
			verdict = "pass"
			met++
		}
		fmt.Fprintf(t, "%s\t%s\t%s %s\t%s\t%s\n",
			r.what, figure(r.value)+r.unit, sign, figure(r.bar)+r.unit, verdict, r.detail)
	}
	fmt.Fprintf(t, "%d of %d targets met\n", met, len(rows))
	return t.Flush()
}

// figure shows a number as a reader of tables wants it: 0.43, 41.2, 8,310.
func figure(v float64) string {
	switch {
	case v < 0:
		return "-" + figure(-v)
	case v < 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
