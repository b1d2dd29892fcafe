package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/gatefold/gatefold/internal/transfer"
)

// lineEvery is how often progress is told where it cannot be drawn over.
const lineEvery = 5 * time.Second

// barCells is the width of the bar; with its numbers the line stays within 79 columns.
const barCells = 16

// A meter shows how far a long job is: as a bar that is drawn over on a terminal, elsewhere as a line now and then.
type meter struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	last     time.Time
	drawn    int // columns of the line that stands on the terminal
}

func newMeter(out io.Writer) *meter {
	m := &meter{out: out, terminal: isTerminal(out), now: time.Now}
	m.last = m.now()
	return m
}

// isTerminal reports whether a stream is that of a terminal, where a person sits.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull) // a device of characters too, and nobody sits there
	return err != nil || !os.SameFile(info, null)
}

// show tells how far a job is, when it is time to.
func (m *meter) show(line string) {
	if m.terminal {
		m.draw(line)
		return
	}
	if now := m.now(); now.Sub(m.last) >= lineEvery {
		m.last = now
		fmt.Fprintln(m.out, line)
	}
}

// draw writes over the line that stands there.
func (m *meter) draw(line string) {
	columns := len([]rune(line))
	fmt.Fprintf(m.out, "\r%s%s", line, strings.Repeat(" ", max(0, m.drawn-columns)))
	m.drawn = columns
}

// clear takes the bar away, so that other output begins at a line's start.
func (m *meter) clear() {
	if m.drawn > 0 {
		fmt.Fprintf(m.out, "\r%s\r", strings.Repeat(" ", m.drawn))
		m.drawn = 0
	}
}

// bar is " 42% ██████··········".
func bar(done, total int64) string {
	part := 0.0
	if total > 0 {
		part = min(1, float64(done)/float64(total))
	}
	cells := int(part * barCells)
	return fmt.Sprintf("%3d%% %s%s", int(part*100), strings.Repeat("█", cells), strings.Repeat("·", barCells-cells))
}

// importLine is a bar with "11,876 lines, 2,310/s, 7 s left".
func importLine(p transfer.Progress) string {
	line := bar(p.Bytes, p.TotalBytes)
	if p.Survey {
		return line + " looking through the files"
	}
	line += fmt.Sprintf(" %s lines, %s/s", grouped(p.Lines), grouped(int(p.Rate)))
	if p.Bad > 0 {
		line += fmt.Sprintf(", %s bad", grouped(p.Bad))
	}
	if p.Left > 0 {
		line += ", " + roughly(p.Left) + " left"
	}
	return line
}

// grouped writes a number with commas between its thousands.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// roughly writes a duration as people say it.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(1, int(d.Round(time.Second).Seconds())))
	case d < time.Hour:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
