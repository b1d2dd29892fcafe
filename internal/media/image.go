package media

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// An Image is a picture that is kept. Width and Height are those of its largest rendition, in pixels.
type Image struct {
	Name   string // "3f9a….jpg", see checkName
	Width  int
	Height int
}

// widths are those of the renditions, in pixels. None is made that is wider than the upload, and the largest is as
// wide as the upload or the last of these. 800 is for phones, whose column of text is 650 to 750 pixels wide.
var widths = []int{320, 640, 800, 1280, 1920}

// Variants returns the widths in which a picture is kept, narrowest first. The last is its own width.
func (i Image) Variants() []int {
	var out []int
	for _, w := range widths {
		if w < i.Width {
			out = append(out, w)
		}
	}
	return append(out, i.Width)
}

// Fit returns the narrowest of the widths that is not less than a wanted one, or the widest there is.
func (i Image) Fit(want int) int {
	all := i.Variants()
	for _, w := range all {
		if w >= want {
			return w
		}
	}
	return all[len(all)-1]
}

// Path returns the address of a rendition on the site: "/media/640/3f9a….jpg".
func (i Image) Path(width int) string { return "/media/" + strconv.Itoa(width) + "/" + i.Name }

// SrcSet returns all renditions as the attribute srcset wants them (HTML, 4.8.4.2.1).
func (i Image) SrcSet() string {
	all := i.Variants()
	parts := make([]string, len(all))
	for n, w := range all {
		parts[n] = i.Path(w) + " " + strconv.Itoa(w) + "w"
	}
	return strings.Join(parts, ", ")
}

// nameDigits is how many hexadecimal digits a name has before its ".jpg": 128 bits.
const nameDigits = 32

// recipe is part of every name. It changes when the same upload would give other renditions.
const recipe = "gatefold media 2\n"

// nameOf names an upload by its content.
func nameOf(upload []byte) string {
	h := sha256.New()
	h.Write([]byte(recipe))
	h.Write(upload)
	return hex.EncodeToString(h.Sum(nil))[:nameDigits] + ".jpg"
}

// checkName refuses, as NotFound, whatever this package does not give as a name.
func checkName(name string) error {
	digits, ok := strings.CutSuffix(name, ".jpg")
	if !ok || len(digits) != nameDigits || strings.Trim(digits, "0123456789abcdef") != "" {
		return errNoPicture
	}
	return nil
}

var errNoPicture = fault.New(fault.NotFound, "There is no picture at this address.")

// keyOf is where the store has a rendition. It is given only names that checkName passed.
func keyOf(name string, width int) string {
	return name[:2] + "/" + name[:nameDigits] + "-" + strconv.Itoa(width) + ".jpg"
}

// possible reports whether a rendition of a width can exist.
func possible(width int) bool {
	return width > 0 && width <= widths[len(widths)-1]
}
