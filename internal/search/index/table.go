package index

import (
	"encoding/binary"
	"errors"
	"slices"
)

// A Table holds the facts of the articles of a segment, a column each: what article d is stands at place d of each.
type Table struct {
	IDs       []int64
	Versions  []int64
	Published []int64 // microseconds
	Levels    []uint8 // places in Words
	Kinds     []uint8 // likewise
	Sections  []uint32
	Public    []uint32        // how many words of Body, from the first, are in the teaser
	Lengths   [Fields][]uint8 // see Length
	starts    []uint32        // where the terms of d begin; one more at the end
	terms     []uint32
	Words     []string // the levels and kinds that occur
}

// Len is the number of articles, replaced ones among them.
func (t *Table) Len() int { return len(t.IDs) }

// Terms are the ids of what article d is filed under.
func (t *Table) Terms(d uint32) []uint32 { return t.terms[t.starts[d]:t.starts[d+1]] }

func newTable() *Table { return &Table{starts: []uint32{0}} }

// add appends a document whose texts were counted.
func (t *Table) add(d *Document, public int, lengths [Fields]int) {
	t.IDs, t.Versions = append(t.IDs, d.ID), append(t.Versions, d.Version)
	t.Published = append(t.Published, d.Published)
	t.Levels, t.Kinds = append(t.Levels, t.word(d.Level)), append(t.Kinds, t.word(d.Kind))
	t.Sections, t.Public = append(t.Sections, uint32(d.Section)), append(t.Public, uint32(public))
	for f := range lengths {
		t.Lengths[f] = append(t.Lengths[f], packLength(lengths[f]))
	}
	for _, id := range d.Terms {
		t.terms = append(t.terms, uint32(id))
	}
	t.starts = append(t.starts, uint32(len(t.terms)))
}

// copy appends article d of another table.
func (t *Table) copy(o *Table, d uint32) {
	t.IDs, t.Versions = append(t.IDs, o.IDs[d]), append(t.Versions, o.Versions[d])
	t.Published = append(t.Published, o.Published[d])
	t.Levels, t.Kinds = append(t.Levels, t.word(o.Words[o.Levels[d]])), append(t.Kinds, t.word(o.Words[o.Kinds[d]]))
	t.Sections, t.Public = append(t.Sections, o.Sections[d]), append(t.Public, o.Public[d])
	for f := range t.Lengths {
		t.Lengths[f] = append(t.Lengths[f], o.Lengths[f][d])
	}
	t.terms = append(t.terms, o.Terms(d)...)
	t.starts = append(t.starts, uint32(len(t.terms)))
}

// word returns the place of a word in Words. Levels and kinds are fewer than twenty.
func (t *Table) word(w string) uint8 {
	if i := slices.Index(t.Words, w); i >= 0 {
		return uint8(i)
	}
	t.Words = append(t.Words, w)
	return uint8(min(len(t.Words)-1, 255))
}

// encode writes the table: the number of articles, of terms and of words, then the columns.
func (t *Table) encode() ([]byte, error) {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, uint32(t.Len()))
	b = le.AppendUint32(b, uint32(len(t.terms)))
	b = le.AppendUint32(b, uint32(len(t.Words)))
	var err error
	for _, column := range t.columns() {
		if b, err = binary.Append(b, le, column); err != nil {
			return nil, err
		}
	}
	for _, w := range t.Words {
		b = append(binary.AppendUvarint(b, uint64(len(w))), w...)
	}
	return b, nil
}

func (t *Table) columns() []any {
	all := []any{t.IDs, t.Versions, t.Published, t.Levels, t.Kinds, t.Sections, t.Public, t.starts, t.terms}
	for f := range t.Lengths {
		all = append(all, t.Lengths[f])
	}
	return all
}

// ErrDamaged is the error of files that make no sense.
var ErrDamaged = errors.New("the index is damaged")

// decodeTable reads what encode wrote.
func decodeTable(b []byte) (*Table, error) {
	le := binary.LittleEndian
	if len(b) < 12 {
		return nil, ErrDamaged
	}
	n, terms, words := int(le.Uint32(b)), int(le.Uint32(b[4:])), int(le.Uint32(b[8:]))
	if b = b[12:]; n > len(b) || terms > len(b) || words > len(b) {
		return nil, ErrDamaged
	}
	t := &Table{IDs: make([]int64, n), Versions: make([]int64, n), Published: make([]int64, n), Levels: make([]uint8, n),
		Kinds: make([]uint8, n), Sections: make([]uint32, n), Public: make([]uint32, n), starts: make([]uint32, n+1),
		terms: make([]uint32, terms)}
	for f := range t.Lengths {
		t.Lengths[f] = make([]uint8, n)
	}
	for _, column := range t.columns() {
		used, err := binary.Decode(b, le, column)
		if err != nil {
			return nil, ErrDamaged
		}
		b = b[used:]
	}
	for range words {
		size, used := binary.Uvarint(b)
		if used <= 0 || size > uint64(len(b)-used) {
			return nil, ErrDamaged
		}
		t.Words = append(t.Words, string(b[used:used+int(size)]))
		b = b[used+int(size):]
	}
	return t, t.check()
}

// check looks for places that lead out of a column.
func (t *Table) check() error {
	for d := range t.Len() {
		if t.starts[d] > t.starts[d+1] || int(t.Levels[d]) >= len(t.Words) || int(t.Kinds[d]) >= len(t.Words) {
			return ErrDamaged
		}
	}
	if int(t.starts[t.Len()]) != len(t.terms) {
		return ErrDamaged
	}
	return nil
}
