package media

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/stix/stix2textregular"
	"codeberg.org/go-fonts/stix/stix2textsemibold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// A weight is a typeface, read at its first use.
type weight = func() (*opentype.Font, error)

// The faces cards are set in: STIX Two Text, under the SIL Open Font License 1.1. It has Latin, Greek and Cyrillic.
var (
	regular  = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(stix2textregular.TTF) })
	semibold = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(stix2textsemibold.TTF) })
)

// A style is a face at a size, with the space that is added between letters.
type style struct {
	face     font.Face
	tracking fixed.Int26_6
}

// newStyle returns a style for one drawing: a face must not be shared by two goroutines. Size is in pixels, tracking in
// thousandths of it.
func newStyle(weight weight, size int, tracking float64) (style, error) {
	f, err := weight()
	if err != nil {
		return style{}, fmt.Errorf("read typeface: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: float64(size), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return style{}, fmt.Errorf("set typeface: %w", err)
	}
	return style{face, fixed.Int26_6(tracking * float64(size) * 64 / 1000)}, nil
}

// legible drops from a text what the typeface has no glyphs for. It reports whether all letters were there: a headline
// with holes is worse than none.
func legible(weight weight, text string) (string, bool, error) {
	f, err := weight()
	if err != nil {
		return "", false, fmt.Errorf("read typeface: %w", err)
	}
	var buf sfnt.Buffer
	whole := true
	text = strings.Map(func(r rune) rune {
		if g, err := f.GlyphIndex(&buf, r); err != nil || g == 0 {
			whole = whole && !unicode.IsLetter(r) && !unicode.IsDigit(r)
			return -1
		}
		return r
	}, strings.Join(strings.Fields(text), " "))
	return strings.Join(strings.Fields(text), " "), whole, nil
}

// width returns how wide a line is, in pixels.
func (s style) width(line string) int {
	var w fixed.Int26_6
	s.walk(line, func(rune, fixed.Int26_6) {}, &w)
	return w.Ceil()
}

// draw sets a line with its baseline beginning at a point.
func (s style) draw(dst draw.Image, line string, at image.Point, ink color.Color) {
	src := image.NewUniform(ink)
	var w fixed.Int26_6
	s.walk(line, func(r rune, x fixed.Int26_6) {
		dot := fixed.Point26_6{X: fixed.I(at.X) + x, Y: fixed.I(at.Y)}
		if box, mask, origin, _, ok := s.face.Glyph(dot, r); ok {
			draw.DrawMask(dst, box, src, image.Point{}, mask, origin, draw.Over)
		}
	}, &w)
}

// walk calls each with every rune of a line and where it stands, and sets end to where the line ends.
func (s style) walk(line string, each func(r rune, x fixed.Int26_6), end *fixed.Int26_6) {
	var x fixed.Int26_6
	last := rune(-1)
	for _, r := range line {
		if last >= 0 {
			x += s.face.Kern(last, r) + s.tracking
		}
		each(r, x)
		advance, _ := s.face.GlyphAdvance(r)
		x += advance
		last = r
	}
	*end = x
}

// wrap breaks a text into lines no wider than a measure, as few as can be and, among those, as even as can be.
func (s style) wrap(text string, measure int) []string {
	lines := s.fill(text, measure)
	if len(lines) < 2 {
		return lines
	}
	low, high := measure/len(lines), measure // the least measure that takes no more lines lies between
	for low < high {
		if mid := (low + high) / 2; len(s.fill(text, mid)) > len(lines) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return s.fill(text, high)
}

// fill breaks a text into lines, each as full as a measure allows. A single word may be wider.
func (s style) fill(text string, measure int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch longer := line + " " + word; {
		case line == "":
			line = word
		case s.width(longer) <= measure:
			line = longer
		default:
			lines = append(lines, line)
			line = word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// clip shortens a line to a measure, at a word if it can, with an ellipsis.
func (s style) clip(line string, measure int) string {
	if s.width(line) <= measure {
		return line
	}
	for {
		i := strings.LastIndexByte(line, ' ')
		if i < 0 {
			break
		}
		line = line[:i]
		if cut := strings.TrimRight(line, " ,;:–—-") + "…"; s.width(cut) <= measure {
			return cut
		}
	}
	runes := []rune(line)
	for len(runes) > 1 && s.width(string(runes)+"…") > measure {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "…"
}
