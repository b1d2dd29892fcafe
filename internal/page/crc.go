package page

// Checksums of joined pieces, without reading the pieces again: CRC-32 (RFC 1952, polynomial 0xedb88320, reflected) is
// linear, so that moving a checksum past n bytes is a multiplication by x^(8n) modulo the polynomial.

const polynomial = 0xedb88320

// multiply returns a·b modulo the polynomial; bit 31 is x^0.
func multiply(a, b uint32) uint32 {
	var p uint32
	for m := uint32(1) << 31; m != 0; m >>= 1 {
		if a&m != 0 {
			p ^= b
		}
		b = b>>1 ^ polynomial&-(b&1)
	}
	return p
}

// shiftFor returns x^(8n) modulo the polynomial.
func shiftFor(n int) uint32 {
	result, square := uint32(1)<<31, uint32(1)<<23 // 1, x^8
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result = multiply(result, square)
		}
		square = multiply(square, square)
	}
	return result
}

// combine returns the checksum of AB from those of A and of B, and the shift for B's length.
func combine(a, b, shift uint32) uint32 { return multiply(shift, a) ^ b }
