package index

import (
	"encoding/binary"
	"math/bits"
	"sync"
)

// A word's list of articles is, for each, in the order of their numbers:
//
//	uvarint  the distance from the one before, twice, plus one if the word stands once in Body and nowhere else
//	byte     else: a bit for each field it stands in
//	uvarint  for each of these: how often
//
// Its list of positions is, for each article and each field but Headings: the first position, then the distances.

// onlyBody is the mask of what stands in Body alone.
const onlyBody = 1 << Body

// Postings go through the articles a word stands in. They are not safe for concurrent use.
type Postings struct {
	Doc  uint32         // the article
	Mask uint8          // the fields it stands in, a bit each
	TF   [Fields]uint32 // how often, for the fields of Mask

	data      []byte
	i         int
	left      int // articles to come
	limit     uint32
	first     bool
	positions []byte
	p         int
	behind    int // positions of articles that were passed over
	here      int // positions of the article
	damaged   bool
	buffer    *[]byte
}

// Damaged reports whether the list ended because it makes no sense.
func (p *Postings) Damaged() bool { return p.damaged }

// Next goes to the next article and reports whether there is one.
func (p *Postings) Next() bool {
	if p.left == 0 {
		return false
	}
	p.left--
	p.behind += p.here
	v, ok := p.uvarint()
	if !ok {
		return p.damage()
	}
	if p.first {
		p.Doc, p.first = uint32(v>>1), false
	} else {
		p.Doc += uint32(v >> 1)
	}
	if p.Doc >= p.limit {
		return p.damage()
	}
	if v&1 == 1 {
		p.Mask, p.TF[Body], p.here = onlyBody, 1, 1
		return true
	}
	return p.counts()
}

func (p *Postings) counts() bool {
	if p.i >= len(p.data) {
		return p.damage()
	}
	p.Mask, p.here = p.data[p.i], 0
	p.i++
	for f := range Fields {
		if p.Mask&(1<<f) == 0 {
			continue
		}
		n, ok := p.uvarint()
		if !ok || n > 1<<28 {
			return p.damage()
		}
		p.TF[f] = uint32(n)
		if f != Headings {
			p.here += int(n)
		}
	}
	return true
}

func (p *Postings) damage() bool {
	p.left, p.damaged = 0, true
	return false
}

func (p *Postings) uvarint() (uint64, bool) {
	if p.i < len(p.data) && p.data[p.i] < 0x80 {
		p.i++
		return uint64(p.data[p.i-1]), true
	}
	v, n := binary.Uvarint(p.data[p.i:])
	p.i += max(n, 0)
	return v, n > 0
}

// Positions appends where the word stands in a field of the article to a buffer. It needs postings with positions.
func (p *Postings) Positions(f Field, to []uint32) []uint32 {
	if p.Mask&(1<<f) == 0 || f == Headings || !p.catchUp() {
		return to
	}
	at := p.p
	for g := range f {
		if p.Mask&(1<<g) != 0 && g != Headings {
			n := skip(p.positions[at:], int(p.TF[g]))
			if n < 0 {
				p.damage()
				return to
			}
			at += n
		}
	}
	last := uint32(0)
	for range p.TF[f] {
		v, n := binary.Uvarint(p.positions[at:])
		if n <= 0 {
			p.damage()
			return to
		}
		at += n
		last += uint32(v)
		to = append(to, last)
	}
	return to
}

// raw returns the positions in the article as they are written.
func (p *Postings) raw() []byte {
	if !p.catchUp() {
		return nil
	}
	n := skip(p.positions[p.p:], p.here)
	if n < 0 {
		p.damage()
		return nil
	}
	return p.positions[p.p : p.p+n]
}

// catchUp passes over the positions of the articles before this one.
func (p *Postings) catchUp() bool {
	n := skip(p.positions[p.p:], p.behind)
	if n < 0 {
		p.damage()
		return false
	}
	p.p, p.behind = p.p+n, 0
	return true
}

// skip returns how many bytes the first n uvarints take, −1 when there are fewer. Each ends in a byte below 0x80: they
// are counted eight at a time.
func skip(b []byte, n int) int {
	i := 0
	for ; n >= 8 && i+8 <= len(b); i += 8 {
		n -= bits.OnesCount64(^binary.LittleEndian.Uint64(b[i:]) & 0x8080808080808080)
	}
	for ; n > 0; i++ {
		if i >= len(b) {
			return -1
		}
		if b[i] < 0x80 {
			n--
		}
	}
	return i
}

// Release gives the buffer back; the postings are not used after it.
func (p *Postings) Release() {
	if p != nil && p.buffer != nil {
		buffers.Put(p.buffer)
		p.buffer, p.data, p.positions, p.left = nil, nil, nil, 0
	}
}

// buffers are kept for lists of words: the longest are asked for most.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// buffer returns one of a size.
func buffer(size int) *[]byte {
	b := buffers.Get().(*[]byte)
	if cap(*b) < size {
		*b = make([]byte, size)
	}
	*b = (*b)[:size]
	return b
}
