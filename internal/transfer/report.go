package transfer

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Progress is how far an import is.
type Progress struct {
	Survey     bool  // the first look through the files, before anything is written
	Bytes      int64 // looked through, then done with: as many of all as lines are
	TotalBytes int64
	Lines      int // done with
	New        int
	Changed    int
	Same       int
	Bad        int
	Rate       float64       // lines a second
	Left       time.Duration // to the end, 0 when not known yet
}

// A Report is what an import did.
type Report struct {
	Lines    int // all of them but empty ones
	New      int
	Changed  int
	Same     int
	Repeated int // lines whose id comes again further on, where the last one counts
	Bad      int // lines passed over
	Problems []Problem
	Unlisted int      // problems past problemLimit, which are counted only
	Notes    []string // what the operator should know and need not act on
	Took     time.Duration
}

// String is the result in one line.
func (r Report) String() string {
	s := fmt.Sprintf("%d new, %d changed, %d the same", r.New, r.Changed, r.Same)
	if r.Repeated > 0 {
		s += fmt.Sprintf(", %d repeated", r.Repeated)
	}
	if r.Bad > 0 {
		s += fmt.Sprintf(", %d bad", r.Bad)
	}
	return s
}

// A Problem is a line that was passed over. Line 0 is the whole file.
type Problem struct {
	File   string
	Line   int
	Reason string

	source int // number of the file
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Reason
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Reason)
}

// problemLimit is how many problems a report lists.
const problemLimit = 1000

// tally counts what the workers of an import do.
type tally struct {
	mu     sync.Mutex
	report Report
	seen   map[string]bool // notes made
}

func (t *tally) add(f func(*Report)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.report)
}

func (t *tally) bad(p Problem) {
	t.add(func(r *Report) {
		r.Bad++
		if len(r.Problems) == problemLimit {
			r.Unlisted++
			return
		}
		r.Problems = append(r.Problems, p)
	})
}

// note makes a note of a kind once, with where it was met first.
func (t *tally) note(kind string, p Problem) {
	t.add(func(r *Report) {
		if !t.seen[kind] && len(r.Notes) < problemLimit {
			t.seen[kind] = true
			r.Notes = append(r.Notes, p.String())
		}
	})
}

// finish returns the report, its problems in the order of the input.
func (t *tally) finish(begun time.Time) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortStableFunc(t.report.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.Line, b.Line))
	})
	t.report.Took = time.Since(begun)
	return t.report
}
