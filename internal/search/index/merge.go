package index

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
)

// How segments are merged: when there are more than mergeAbove, the mergeSome smallest become one, and with them what is
// not much larger than they are together.
const (
	mergeAbove = 8
	mergeSome  = 6
	deadShare  = 4 // a segment of which a quarter is dead is written anew
)

// Merge merges segments if there is reason to, and reports whether it did. Apply may go on meanwhile.
func (x *Index) Merge() (bool, error) {
	x.merging.Lock()
	defer x.merging.Unlock()
	picked := x.Set().pick()
	if len(picked) == 0 {
		return false, nil
	}
	return true, x.merge(picked)
}

// MergeAll makes one segment of all.
func (x *Index) MergeAll() error {
	x.merging.Lock()
	defer x.merging.Unlock()
	set := x.Set()
	if len(set.Segments) < 2 && set.Docs == set.Slots {
		return nil
	}
	return x.merge(set.Segments)
}

// pick returns the segments to merge.
func (s *Set) pick() []*Segment {
	var worn []*Segment
	for i, seg := range s.Segments {
		if s.Dead[i].Count()*deadShare >= seg.Len() {
			worn = append(worn, seg)
		}
	}
	if len(s.Segments) <= mergeAbove {
		return worn
	}
	all := slices.SortedFunc(slices.Values(s.Segments), func(a, b *Segment) int { return cmp.Compare(a.Bytes, b.Bytes) })
	var sum int64
	n := 0
	for ; n < len(all) && (n < mergeSome || all[n].Bytes < sum); n++ {
		sum += all[n].Bytes
	}
	return all[:n]
}

// merge writes one segment in the place of some.
func (x *Index) merge(picked []*Segment) error {
	x.mu.Lock()
	number := x.manifest.Next
	x.manifest.Next++
	set := x.Set()
	x.mu.Unlock()
	m := newMerger(set, picked)
	merged, err := x.writeMerged(number, m)
	if err != nil {
		return fmt.Errorf("merge %d segments: %w", len(picked), err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	var segments []*Segment
	var dead []Bitmap
	var gone Bitmap // what was replaced or deleted while it was merged
	for d, id := range merged.IDs {
		if p, ok := x.where[id]; !ok || !slices.Contains(picked, p.segment) {
			gone = gone.with(uint32(d), merged.Len())
		}
	}
	now := x.Set()
	for i, s := range now.Segments {
		if !slices.Contains(picked, s) {
			segments, dead = append(segments, s), append(dead, now.Dead[i])
		}
	}
	if err := x.exchange(x.manifest.Next, append([]*Segment{merged}, segments...), append([]Bitmap{gone}, dead...)); err != nil {
		return err
	}
	for d, id := range merged.IDs {
		if !gone.Has(uint32(d)) {
			x.where[id] = place{merged, uint32(d)}
		}
	}
	return nil
}

func (x *Index) writeMerged(number int, m *merger) (*Segment, error) {
	s, err := x.writeFile(number, m.write)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.opened = append(x.opened, s)
	return s, nil
}

// A merger goes through several segments at once, word by word.
type merger struct {
	inputs []*input
	table  *Table
	words  [Fields]int64
}

// An input is a segment that is merged.
type input struct {
	segment *Segment
	moved   []uint32 // the new numbers of its articles, gone for the dead
	words   *dictionary
	lists   *bufio.Reader
	open    bool // there is a word to take
	buffer  []byte
}

const gone = ^uint32(0)

func newMerger(set *Set, picked []*Segment) *merger {
	m := &merger{table: newTable()}
	for _, s := range picked {
		in := &input{segment: s, moved: make([]uint32, s.Len())}
		dead := set.Dead[set.segments[s]]
		for d := range uint32(s.Len()) {
			if dead.Has(d) {
				in.moved[d] = gone
				continue
			}
			in.moved[d] = uint32(m.table.Len())
			m.table.copy(s.Table, d)
			for f := range Fields {
				m.words[f] += int64(Length(s.Lengths[f][d]) + 0.5)
			}
		}
		m.inputs = append(m.inputs, in)
	}
	return m
}

func (m *merger) write(name string) error {
	w, err := newSegmentWriter(name)
	if err != nil {
		return err
	}
	if err := m.writeTo(w); err != nil {
		w.abort()
		return err
	}
	return nil
}

func (m *merger) writeTo(w *segmentWriter) error {
	for _, in := range m.inputs {
		d, err := in.segment.dictionary(0, len(in.segment.blocks))
		if err != nil {
			return err
		}
		part := in.segment.footer.Sections[listsSection]
		in.words, in.lists = d, bufio.NewReaderSize(io.NewSectionReader(in.segment.file, part.At, part.Size), 1<<18)
		in.open = d.Next()
	}
	for {
		term, any := m.least()
		if !any {
			break
		}
		for _, in := range m.inputs {
			if in.open && in.words.Term == term {
				if err := in.take(w); err != nil {
					return err
				}
			}
		}
		if err := w.end(term); err != nil {
			return err
		}
	}
	for _, in := range m.inputs {
		if in.words.err != nil {
			return in.words.err
		}
	}
	return w.finish(m.table, m.vocabulary(), m.words)
}

// least is the first word of those that come next.
func (m *merger) least() (term string, any bool) {
	for _, in := range m.inputs {
		if in.open && (!any || in.words.Term < term) {
			term, any = in.words.Term, true
		}
	}
	return term, any
}

// take writes the list of the word that comes next, and goes to the word after it.
func (in *input) take(w *segmentWriter) error {
	e := in.words.Entry
	size := int(e.list + e.pos)
	if cap(in.buffer) < size {
		in.buffer = make([]byte, size)
	}
	b := in.buffer[:size]
	if _, err := io.ReadFull(in.lists, b); err != nil {
		return err
	}
	p := Postings{data: b[:e.list], positions: b[e.list:], left: e.Docs, limit: uint32(in.segment.Len()), first: true}
	for p.Next() {
		if to := in.moved[p.Doc]; to != gone {
			w.add(to, p.Mask, &p.TF, p.raw())
		}
	}
	if p.damaged {
		return ErrDamaged
	}
	in.open = in.words.Next()
	return nil
}

// vocabulary joins the vocabularies. A word keeps the count of articles that are gone.
func (m *merger) vocabulary() []byte {
	docs := map[string]uint32{}
	var all []string
	for _, in := range m.inputs {
		for _, w := range in.segment.Vocabulary.Words {
			if docs[w.Text] == 0 {
				all = append(all, w.Text)
			}
			docs[w.Text] += w.Docs
		}
	}
	slices.Sort(all)
	v := vocabularyWriter{}
	for _, w := range all {
		v.add(w, docs[w])
	}
	return v.out
}
