package index

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A Bitmap is a set of small numbers. The nil Bitmap is empty.
type Bitmap []uint64

// Has reports whether a number is in the set.
func (b Bitmap) Has(n uint32) bool { return int(n/64) < len(b) && b[n/64]>>(n%64)&1 == 1 }

// Count is how many numbers are in the set.
func (b Bitmap) Count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// with returns a set that holds n too, for numbers below size. The set itself stays as it is.
func (b Bitmap) with(n uint32, size int) Bitmap {
	out := slices.Clone(b)
	if out == nil {
		out = make(Bitmap, (size+63)/64)
	}
	out[n/64] |= 1 << (n % 64)
	return out
}

func (b Bitmap) bytes() []byte {
	var out []byte
	for _, w := range b {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return out
}

// bitmapOf reads what bytes wrote, for numbers below size.
func bitmapOf(text []byte, size int) Bitmap {
	if len(text) == 0 {
		return nil
	}
	b := make(Bitmap, (size+63)/64)
	for i := range b {
		if len(text) >= 8*(i+1) {
			b[i] = binary.LittleEndian.Uint64(text[8*i:])
		}
	}
	return b
}
