package transfer

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"sync/atomic"
)

// A place is a line of the input: the number of its file and of the line in it.
type place struct{ source, line int }

// A survey is what the first look through the files finds: how many lines there are, and ids that come more than once. Without it, a run over lines
// that contradict each other would change articles back and forth every time.
type survey struct {
	lines      int            // all but empty ones
	superseded map[place]bool // its id comes again further on, in a line that can be used
	last       map[place]bool // its id came before, and does not come again

	seed   maphash.Seed
	latest map[uint64]place // by the hash of the id
}

// look reads all sources and counts the bytes into read. What is wrong with them is left to the import to tell, but for
// a file that cannot be opened.
func look(ctx context.Context, in []Source, read *atomic.Int64) (*survey, error) {
	s := &survey{superseded: map[place]bool{}, last: map[place]bool{}, seed: maphash.MakeSeed(), latest: map[uint64]place{}}
	for i := range in {
		if err := s.lookThrough(ctx, i, in[i], read); err != nil {
			return nil, err
		}
	}
	s.latest = nil
	return s, nil
}

func (s *survey) lookThrough(ctx context.Context, n int, in Source, read *atomic.Int64) error {
	r, err := open(in, read)
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }()
	for {
		line, err := r.next()
		if errors.Is(err, errTooLong) {
			s.lines++
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // the end, or a file cut short, which the import reports
			return nil
		}
		if len(bytes.TrimSpace(line)) > 0 {
			s.lines++
		}
		if id := idOf(line); id != "" {
			s.sight(maphash.String(s.seed, id), place{n, r.n}, line)
		}
	}
}

func (s *survey) sight(id uint64, here place, line []byte) {
	before, again := s.latest[id]
	if again {
		if _, err := parseRecord(line); err != nil {
			return // it will be passed over, and the one before it stands
		}
		s.superseded[before] = true
		delete(s.last, before)
		s.last[here] = true
	}
	s.latest[id] = here
}

var errFound = errors.New("found")

// idOf returns the id in a line, "" when there is none.
func idOf(line []byte) (id string) {
	_ = eachKey(line, func(key string, value []byte) error {
		if key != "id" {
			return nil
		}
		if id, _ = text(value); id == "" { // what is no text is the import's to report
			return nil
		}
		return errFound
	})
	return id
}
