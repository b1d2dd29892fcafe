package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// corners draws a picture whose four quarters are red, green (right), blue (below) and white.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, quarters[2*(2*y/h)+2*x/w])
		}
	}
	return m
}

var quarters = []color.RGBA{{200, 0, 0, 255}, {0, 160, 0, 255}, {0, 0, 200, 255}, {250, 250, 250, 255}}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func asGIF(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, m, nil) })
}

func encoded(t testing.TB, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asWebP makes a lossless WebP file of one color (RFC 9649, chapter 3: five prefix codes of a single symbol need no
// bits for the pixels).
func asWebP(w, h int, c color.NRGBA) []byte {
	var bits, count uint64
	data := []byte{0x2f}
	put := func(v, n uint64) {
		bits |= v << count
		for count += n; count >= 8; count -= 8 {
			data = append(data, byte(bits))
			bits >>= 8
		}
	}
	put(uint64(w-1), 14)
	put(uint64(h-1), 14)
	put(1, 1)                                               // alpha is used
	put(0, 3)                                               // version
	put(0, 3)                                               // no transform, no color cache, one group of codes
	for _, symbol := range []uint8{c.G, c.R, c.B, c.A, 0} { // the last is the distance
		put(1, 1) // simple
		put(0, 1) // of one symbol
		put(1, 1) // of eight bits
		put(uint64(symbol), 8)
	}
	put(0, 8)
	return webpFile(chunk("VP8L", data))
}

// webpFile wraps chunks as RFC 9649, 2.4 says.
func webpFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunk(id string, data []byte) []byte {
	c := append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data))), data...)
	if len(data)%2 == 1 {
		c = append(c, 0)
	}
	return c
}

// pngChunk returns a chunk of a PNG file.
func pngChunk(id string, data []byte) []byte {
	c := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), id...)
	c = append(c, data...)
	return binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
}

// pngClaiming is the beginning of a PNG file that says it is a picture of some size and depth.
func pngClaiming(w, h uint32, depth byte) []byte {
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	header = append(header, depth, 2 /* truecolor */, 0, 0, 0)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", header)...)
}

// exifData is Exif data that give an orientation, and a place name that must not be published.
func exifData(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2) // entries
	for _, e := range [][4]uint32{{0x010f, 2, 17, 38}, {0x0112, 3, 1, 0}} {
		b = order.AppendUint16(b, uint16(e[0]))
		b = order.AppendUint16(b, uint16(e[1]))
		b = order.AppendUint32(b, e[2])
		if e[0] == 0x0112 {
			b = order.AppendUint16(b, orientation)
			b = order.AppendUint16(b, 0)
			continue
		}
		b = order.AppendUint32(b, e[3])
	}
	b = order.AppendUint32(b, 0)
	return append(b, secretPlace...)
}

const secretPlace = "Rue Cachottière 5\x00"

// withExif puts Exif data into a JPEG file.
func withExif(file, exif []byte) []byte {
	data := append([]byte("Exif\x00\x00"), exif...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(data)+2))
	out := append([]byte{}, file[:2]...)
	out = append(out, segment...)
	out = append(out, data...)
	return append(out, file[2:]...)
}

// near reports whether a pixel has about a color.
func near(m image.Image, x, y int, want color.RGBA) bool {
	r, g, b, _ := m.At(x, y).RGBA()
	for _, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(b>>8) - int(want.B)} {
		if d < -12 || d > 12 {
			return false
		}
	}
	return true
}
