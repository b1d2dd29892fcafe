package media

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/webp"

	"github.com/gatefold/gatefold/internal/fault"
)

// The limits of an upload (SECURITY S-11).
const (
	MaxBytes  = 20 << 20   // of the file
	MaxPixels = 50_000_000 // a pixel of 16 bits a channel counts for two: it takes twice the memory
	maxSide   = 30_000     // below what JPEG can say (65,535), above any photograph
)

// A format is one of the kinds of picture that are taken.
type format struct {
	magic  string // the first bytes, '?' for any
	header func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	exif   func([]byte) []byte // finds the Exif data of a file
}

var formats = []format{
	{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode, exifOfJPEG},
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode, exifOfPNG},
	{"GIF8?a", gif.DecodeConfig, gif.Decode, nil},
	{"RIFF????WEBPVP8", webp.DecodeConfig, webp.Decode, exifOfWebP},
}

// refuse is the Invalid fault of an upload.
func refuse(cause error, text string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Field: "picture", Text: fmt.Sprintf(text, args...), Err: cause}
}

func readUpload(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(b) > MaxBytes {
		return nil, refuse(nil, "The picture is larger than %d MB.", MaxBytes>>20)
	}
	return b, nil
}

// A header is what is known of an upload before its pixels are decoded.
type header struct {
	format format
	pixels int64 // as MaxPixels counts them
}

// inspect reads the header of an upload and refuses it for what that says.
func inspect(upload []byte) (header, error) {
	f, ok := recognize(upload)
	if !ok {
		return header{}, refuse(nil, "The file is not a JPEG, PNG, GIF or WebP picture.")
	}
	c, err := f.header(bytes.NewReader(upload))
	if err != nil {
		return header{}, damaged(err)
	}
	return header{f, pixelsOf(c)}, checkSize(c)
}

// decode returns the pixels of an upload that was inspected, and its Exif orientation, 1 to 8.
func (h header) decode(upload []byte) (image.Image, int, error) {
	m, err := h.format.decode(bytes.NewReader(upload))
	if err != nil {
		return nil, 0, damaged(err)
	}
	if m.Bounds().Empty() {
		return nil, 0, damaged(nil)
	}
	if h.format.exif == nil {
		return m, 1, nil
	}
	return m, orientation(h.format.exif(upload)), nil
}

func damaged(cause error) error { return refuse(cause, "The picture is damaged and cannot be read.") }

// recognize finds the format by the first bytes. Names and declared types are not asked.
func recognize(upload []byte) (format, bool) {
	for _, f := range formats {
		if hasMagic(upload, f.magic) {
			return f, true
		}
	}
	return format{}, false
}

func hasMagic(b []byte, magic string) bool {
	if len(b) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != b[i] {
			return false
		}
	}
	return true
}

func pixelsOf(c image.Config) int64 {
	n := int64(c.Width) * int64(c.Height)
	if c.ColorModel == color.RGBA64Model || c.ColorModel == color.NRGBA64Model {
		n *= 2
	}
	return n
}

func checkSize(c image.Config) error {
	switch {
	case c.Width < 1 || c.Height < 1:
		return damaged(nil)
	case c.Width > maxSide || c.Height > maxSide:
		return refuse(nil, "The picture is %d by %d pixels; a side may have %d.", c.Width, c.Height, maxSide)
	case pixelsOf(c) > MaxPixels:
		return refuse(nil, "The picture is %d by %d pixels, more than %s.", c.Width, c.Height, megapixels(MaxPixels))
	}
	return nil
}

func megapixels(n int) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/1e6), ".0") + " megapixels"
}
