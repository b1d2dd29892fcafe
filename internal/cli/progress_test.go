package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gatefold/gatefold/internal/transfer"
)

func TestImportLine(t *testing.T) {
	for _, c := range []struct {
		p    transfer.Progress
		want string
	}{
		{transfer.Progress{}, "  0% ················ 0 lines, 0/s"},
		{transfer.Progress{Survey: true, Bytes: 50, TotalBytes: 100}, " 50% ████████········ looking through the files"},
		{transfer.Progress{Bytes: 42, TotalBytes: 100, Lines: 11876, Rate: 2310.4, Left: 7300 * time.Millisecond},
			" 42% ██████·········· 11,876 lines, 2,310/s, 7 s left"},
		{transfer.Progress{Bytes: 100, TotalBytes: 100, Lines: 1234567, Bad: 3, Rate: 900},
			"100% ████████████████ 1,234,567 lines, 900/s, 3 bad"},
		{transfer.Progress{Bytes: 120, TotalBytes: 100}, "100% ████████████████ 0 lines, 0/s"},
	} {
		if got := importLine(c.p); got != c.want {
			t.Errorf("%+v\nis shown as %q,\nwant        %q", c.p, got, c.want)
		}
	}
}

func TestProgressFitsATerminal(t *testing.T) {
	p := transfer.Progress{Bytes: 99, TotalBytes: 100, Lines: 12_345_678, Bad: 9_999, Rate: 99_999, Left: 11 * time.Hour}
	if n := len([]rune(importLine(p))); n > 79 {
		t.Errorf("the line has %d columns:\n%s", n, importLine(p))
	}
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Millisecond:           "1 s",
		59400 * time.Millisecond:        "59 s",
		61 * time.Second:                "1 min 1 s",
		59*time.Minute + 59*time.Second: "59 min 59 s",
		90*time.Minute + 20*time.Second: "1 h 30 min",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 28282: "28,282", 1000000: "1,000,000", -1234: "-1,234", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

// On a terminal a shorter line leaves nothing of the longer one before it, and clear leaves nothing at all.
func TestMeterDrawsOver(t *testing.T) {
	var out bytes.Buffer
	m := &meter{out: &out, terminal: true, now: time.Now}
	m.show("a long line of progress")
	m.show("a short one")
	if got, want := screen(out.String()), "a short one"; got != want {
		t.Errorf("the terminal shows %q, want %q", got, want)
	}
	m.clear()
	if got := screen(out.String()); got != "" {
		t.Errorf("after clear the terminal shows %q", got)
	}
}

// screen is what a terminal shows of one line after carriage returns.
func screen(s string) string {
	var row []rune
	at := 0
	for _, r := range s {
		if r == '\r' {
			at = 0
			continue
		}
		if at == len(row) {
			row = append(row, ' ')
		}
		row[at] = r
		at++
	}
	return strings.TrimRight(string(row), " ")
}

func TestMeterTellsNowAndThen(t *testing.T) {
	var out bytes.Buffer
	at := time.Unix(1000, 0)
	m := &meter{out: &out, now: func() time.Time { return at }, last: at}
	for range 120 { // twelve seconds, ten a second
		at = at.Add(100 * time.Millisecond)
		m.show("5 lines")
	}
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines in twelve seconds, want 2:\n%s", n, out.String())
	}
	if strings.Contains(out.String(), "\r") {
		t.Error("a carriage return went where there is no terminal")
	}
}
