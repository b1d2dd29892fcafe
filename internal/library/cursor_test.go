package library

import (
	"testing"

	"github.com/gatefold/gatefold/internal/fault"
)

func TestCursor(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Cursor
	}{
		{"", Cursor{}},
		{"o1700000000000000-12", Cursor{shown: 1700000000000000, id: 12}},
		{"n1700000000000000-12", Cursor{newer: true, shown: 1700000000000000, id: 12}},
		{"o-5680281600000000-3", Cursor{shown: -5680281600000000, id: 3}}, // 1790
		{"o0-1", Cursor{id: 1}},
	} {
		got, err := ParseCursor(tt.text)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("ParseCursor(%q) = %+v (%q), %v", tt.text, got, got.String(), err)
		}
	}
	for _, bad := range []string{"o", "x1-1", "o1", "o1-", "o-1", "o1-0", "o1--1", "o1-1 ", " o1-1", "o+1-1", "o01-1", "o1-01", "O1-1",
		"o1-1-", "o99999999999999999999-1", "o1-99999999999999999999", "1-1", "o1-1\x00", "o1-1/../"} {
		if c, err := ParseCursor(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseCursor(%q) = %+v, %v", bad, c, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("o1700000000000000-12")
	f.Add("n-1-9223372036854775807")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCursor(s)
		if err == nil && c.String() != s {
			t.Errorf("ParseCursor(%q) writes itself as %q", s, c)
		}
	})
}
