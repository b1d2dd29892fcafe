package media

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation reads the tag Orientation from Exif data (CIPA DC-008, 4.6.4; TIFF 6.0, section 2). It is 1, upright,
// unless the data say otherwise.
func orientation(exif []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(exif, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(exif, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(exif) < 8 {
		return 1
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			break
		}
		const tag, short = 0x0112, 3
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if o := int(order.Uint16(entries[8:])); 1 <= o && o <= 8 {
				return o
			}
		}
		entries = entries[12:]
	}
	return 1
}

// exifOfJPEG finds the Exif data in the segment APP1 (ITU-T T.81, annex B; CIPA DC-008, 4.7.2).
func exifOfJPEG(b []byte) []byte {
	const app1, startOfScan = 0xe1, 0xda
	for b = b[min(2, len(b)):]; len(b) >= 4 && b[0] == 0xff && b[1] != startOfScan; {
		if b[1] == 0xff { // fill byte
			b = b[1:]
			continue
		}
		n := 2 + int(binary.BigEndian.Uint16(b[2:]))
		if n < 4 || n > len(b) {
			return nil
		}
		if exif, ok := bytes.CutPrefix(b[4:n], []byte("Exif\x00\x00")); ok && b[1] == app1 {
			return exif
		}
		b = b[n:]
	}
	return nil
}

// exifOfPNG finds the chunk eXIf (PNG, third edition, 11.3.3.5).
func exifOfPNG(b []byte) []byte {
	for b = b[min(8, len(b)):]; len(b) >= 12; {
		n := uint64(binary.BigEndian.Uint32(b))
		if n > uint64(len(b)-12) {
			return nil
		}
		if string(b[4:8]) == "eXIf" {
			return b[8 : 8+n]
		}
		b = b[12+n:]
	}
	return nil
}

// exifOfWebP finds the chunk EXIF (RFC 9649, 2.7.1.5).
func exifOfWebP(b []byte) []byte {
	for b = b[min(12, len(b)):]; len(b) >= 8; {
		n := uint64(binary.LittleEndian.Uint32(b[4:]))
		padded := n + n%2
		if n > uint64(len(b)-8) {
			return nil
		}
		if string(b[:4]) == "EXIF" {
			return bytes.TrimPrefix(b[8:8+n], []byte("Exif\x00\x00"))
		}
		b = b[min(8+padded, uint64(len(b))):]
	}
	return nil
}

// oriented returns a picture the right way up, given its Exif orientation: 2 to 4 are mirrored, upside down or both, 5
// to 8 are the same lying on their side.
func oriented(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	size := image.Pt(w, h)
	if orientation >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			sx, sy := x, y
			if orientation >= 5 {
				sx, sy = y, x
			}
			switch orientation {
			case 2, 7, 3, 8:
				sx = w - 1 - sx
			}
			switch orientation {
			case 3, 4, 6, 7:
				sy = h - 1 - sy
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
