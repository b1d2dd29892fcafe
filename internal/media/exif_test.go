package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

var (
	littleEndian binary.AppendByteOrder = binary.LittleEndian
	bigEndian    binary.AppendByteOrder = binary.BigEndian
)

// The eight orientations, and where the quarters red, green, blue and white of the stored picture are to be seen: upper
// left, upper right, lower left, lower right (CIPA DC-008, 4.6.4, tag 274).
var orientations = map[uint16][4]int{
	1: {0, 1, 2, 3}, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1},
	5: {0, 2, 1, 3}, 6: {2, 0, 3, 1}, 7: {3, 1, 2, 0}, 8: {1, 3, 0, 2},
}

func TestPicturesAreTurnedUprightAndTellNoSecrets(t *testing.T) {
	for turn, want := range orientations {
		for _, order := range []binary.AppendByteOrder{littleEndian, bigEndian} {
			t.Run(fmt.Sprint(turn, order), func(t *testing.T) {
				rs, err := rendered(withExif(asJPEG(t, corners(120, 60)), exifData(order, turn)))
				if err != nil {
					t.Fatal(err)
				}
				if b := rs[0].jpeg; bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte(secretPlace[:17])) {
					t.Error("metadata of the upload came through")
				}
				p, err := jpeg.Decode(bytes.NewReader(rs[0].jpeg))
				if err != nil {
					t.Fatal(err)
				}
				size := image.Pt(120, 60)
				if turn >= 5 {
					size = image.Pt(60, 120)
				}
				if p.Bounds().Size() != size {
					t.Fatalf("the size is %v, want %v", p.Bounds().Size(), size)
				}
				for q, c := range want {
					if x, y := (1+2*(q%2))*size.X/4, (1+2*(q/2))*size.Y/4; !near(p, x, y, quarters[c]) {
						t.Errorf("quarter %d is %v, want %v", q, p.At(x, y), quarters[c])
					}
				}
			})
		}
	}
}

// A wide picture that lies on its side is scaled by the width it has when upright.
func TestTurnedPicturesAreScaledByTheirUprightWidth(t *testing.T) {
	rs, err := rendered(withExif(asJPEG(t, corners(900, 2400)), exifData(bigEndian, 6)))
	if err != nil || rs[0].width != 1920 || rs[0].height != 720 {
		t.Errorf("%d by %d, %v, want 1920 by 720", rs[0].width, rs[0].height, err)
	}
}

func TestExifIsFoundInEveryFormat(t *testing.T) {
	exif := exifData(littleEndian, 8)
	m := corners(20, 10)
	png := asPNG(t, m)
	webp := asWebP(20, 10, color.NRGBA{A: 255})
	for name, got := range map[string][]byte{
		"JPEG":            exifOfJPEG(withExif(asJPEG(t, m), exif)),
		"PNG":             exifOfPNG(bytes.Join([][]byte{png[:33], pngChunk("eXIf", exif), png[33:]}, nil)),
		"WebP":            exifOfWebP(append(webp, chunk("EXIF", exif)...)),
		"WebP as in JPEG": exifOfWebP(append(webp, chunk("EXIF", append([]byte("Exif\x00\x00"), exif...))...)),
	} {
		if !bytes.Equal(got, exif) || orientation(got) != 8 {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

func TestOrientationOfDamagedExifIsUpright(t *testing.T) {
	whole := exifData(bigEndian, 6)
	for n := range len(whole) - len(secretPlace) - 6 { // up to the value
		if o := orientation(whole[:n]); o != 1 {
			t.Errorf("of the first %d bytes: %d", n, o)
		}
	}
	for name, b := range map[string][]byte{
		"nine":           exifData(bigEndian, 9),
		"zero":           exifData(littleEndian, 0),
		"far directory":  []byte("II*\x00\xff\xff\xff\xff"),
		"no TIFF":        []byte("Exif\x00\x00II*\x00"),
		"many entries":   []byte("II*\x00\x08\x00\x00\x00\xff\xff"),
		"another type":   []byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x04\x00\x00\x00\x01\x00\x00\x00\x06"),
		"of no contents": nil,
	} {
		if o := orientation(b); o != 1 {
			t.Errorf("%s: %d, want 1", name, o)
		}
	}
}

func FuzzExif(f *testing.F) {
	exif := exifData(bigEndian, 6)
	f.Add(exif)
	f.Add(withExif(asJPEG(f, corners(8, 8)), exif))
	f.Add(append(pngClaiming(8, 8, 8), pngChunk("eXIf", exif)...))
	f.Add(webpFile(chunk("EXIF", exif)))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, exif := range [][]byte{b, exifOfJPEG(b), exifOfPNG(b), exifOfWebP(b)} {
			if o := orientation(exif); o < 1 || o > 8 {
				t.Errorf("orientation %d", o)
			}
		}
	})
}
