package main

import (
	"strings"
	"testing"
)

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0.00", 0.435: "0.43", 9.994: "9.99", 41.25: "41.2", 310: "310", 8310: "8,310", 1234567.8: "1,234,568", -8310: "-8,310",
	} {
		if got := figure(v); got != want {
			t.Errorf("figure(%v) = %q, want %q", v, got, want)
		}
	}
}

func TestPrintTable(t *testing.T) {
	var b strings.Builder
	err := printTable(&b, []row{
		{what: "a floor met", value: 0.45, bar: 0.40, detail: "21,000/s of 46,000/s"},
		{what: "a floor missed", value: 0.39, bar: 0.40},
		{what: "a ceiling met", value: 2, bar: 3, unit: " ×", atMost: true},
		{what: "a ceiling missed", value: 151, bar: 150, unit: " MB", atMost: true},
		{what: "a bar just reached", value: 25, bar: 25, atMost: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `measure             value   target          of
a floor met         0.45    ≥ 0.40    pass  21,000/s of 46,000/s
a floor missed      0.39    ≥ 0.40    MISS  
a ceiling met       2.00 ×  ≤ 3.00 ×  pass  
a ceiling missed    151 MB  ≤ 150 MB  MISS  
a bar just reached  25.0    ≤ 25.0    pass  
3 of 5 targets met
`
	if b.String() != want {
		t.Errorf("table:\n%s\nwant:\n%s", b.String(), want)
	}
}
