package index

import (
	"encoding/binary"
	"slices"

	"github.com/gatefold/gatefold/internal/search/words"
)

// A Builder takes documents and becomes a segment.
type Builder struct {
	language *words.Language
	table    *Table
	total    [Fields]int64
	stems    map[string]uint32
	terms    []string
	forms    map[string]*form
	hits     []hit
}

// A form is a word as it is written.
type form struct {
	stem   uint32
	stop   bool
	public uint32 // articles in which everyone may read it
	last   uint32 // the last of these, plus one
}

// A hit is a stem in a document: its field and its place there.
type hit struct {
	stem, doc uint32
	place     uint32 // the field in the upper three bits
}

const placeBits = 29

// NewBuilder returns an empty builder for texts of a language.
func NewBuilder(l *words.Language) *Builder {
	return &Builder{language: l, table: newTable(), stems: map[string]uint32{}, forms: map[string]*form{}}
}

// Docs is how many documents the builder holds.
func (b *Builder) Docs() int { return b.table.Len() }

// Size is how many bytes of memory the builder holds, about.
func (b *Builder) Size() int { return 12*cap(b.hits) + 100*len(b.forms) }

// Add takes a document. One that comes twice is there twice: see Index.Apply.
func (b *Builder) Add(d Document) {
	doc := uint32(b.table.Len())
	var opening []string
	for t := range b.language.Tokens(d.Teaser) {
		opening = append(opening, t.Word)
	}
	var lengths [Fields]int
	public := 0
	for f := range Fields {
		place := uint32(0)
		for t := range b.language.Tokens(d.Text[f]) {
			w := b.form(t.Word)
			shown := f != Headings && f != Body || d.Public
			if f == Body && int(place) == public && public < len(opening) && opening[public] == t.Word {
				public++
				shown = true
			}
			if shown && w.last != doc+1 {
				w.last = doc + 1
				w.public++
			}
			if !w.stop || f < Headings {
				b.hits = append(b.hits, hit{w.stem, doc, uint32(f)<<placeBits | place})
				lengths[f]++
			}
			place = min(place+1, 1<<placeBits-1)
		}
		b.total[f] += int64(lengths[f])
	}
	b.table.add(&d, public, lengths)
}

// form returns a word that was met.
func (b *Builder) form(word string) *form {
	w := b.forms[word]
	if w != nil {
		return w
	}
	stem := b.language.Stem(word)
	id, ok := b.stems[stem]
	if !ok {
		id = uint32(len(b.terms))
		b.stems[stem] = id
		b.terms = append(b.terms, stem)
	}
	w = &form{stem: id, stop: b.language.Stop(word)}
	b.forms[word] = w
	return w
}

// write makes the segment.
func (b *Builder) write(name string) error {
	w, err := newSegmentWriter(name)
	if err != nil {
		return err
	}
	if err := b.writeTo(w); err != nil {
		w.abort()
		return err
	}
	return nil
}

func (b *Builder) writeTo(w *segmentWriter) error {
	starts := make([]uint32, len(b.terms)+1)
	for _, h := range b.hits {
		starts[h.stem+1]++
	}
	for i := range b.terms {
		starts[i+1] += starts[i]
	}
	order, next := make([]uint32, len(b.hits)), slices.Clone(starts)
	for i, h := range b.hits {
		order[next[h.stem]] = uint32(i)
		next[h.stem]++
	}
	sorted := make([]uint32, len(b.terms))
	for i := range sorted {
		sorted[i] = uint32(i)
	}
	slices.SortFunc(sorted, func(x, y uint32) int { return compare(b.terms[x], b.terms[y]) })
	var positions []byte
	for _, term := range sorted {
		list := order[starts[term]:starts[term+1]]
		for len(list) > 0 {
			list, positions = b.addDoc(w, list, positions[:0])
		}
		if err := w.end(b.terms[term]); err != nil {
			return err
		}
	}
	return w.finish(b.table, b.vocabulary(), b.total)
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// addDoc writes what the list says of its first document, and returns the rest.
func (b *Builder) addDoc(w *segmentWriter, list []uint32, positions []byte) (rest []uint32, buffer []byte) {
	doc := b.hits[list[0]].doc
	var tf [Fields]uint32
	var mask uint8
	last := uint32(0)
	for len(list) > 0 && b.hits[list[0]].doc == doc {
		place := b.hits[list[0]].place
		f, at := Field(place>>placeBits), place&(1<<placeBits-1)
		if tf[f] == 0 {
			last = 0
		}
		tf[f]++
		mask |= 1 << f
		if f != Headings {
			positions = binary.AppendUvarint(positions, uint64(at-last))
			last = at
		}
		list = list[1:]
	}
	w.add(doc, mask, &tf, positions)
	return list, positions
}

// vocabulary writes the words that everyone may read somewhere.
func (b *Builder) vocabulary() []byte {
	var all []string
	for word, f := range b.forms {
		if f.public > 0 && !f.stop && correctable(word) {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	v := vocabularyWriter{}
	for _, word := range all {
		v.add(word, b.forms[word].public)
	}
	return v.out
}
