package media

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
)

// The size of a card, in pixels.
const (
	CardWidth  = 1200
	CardHeight = 630
)

// A Card is what a link to an article shows elsewhere when it has no photograph (Open Graph, og:image).
type Card struct {
	Publication string
	Section     string // may be empty
	Title       string
	Byline      string      // "Ines Marvell and Daniel Ashgrove"; may be empty
	Accent      color.Color // of the publication; nil is the built-in one
}

// The inks of a card, as on the page.
var (
	ink      = color.RGBA{0x1c, 0x1b, 0x19, 0xff}
	softInk  = color.RGBA{0x5c, 0x58, 0x50, 0xff}
	hairline = color.RGBA{0xd9, 0xd4, 0xc9, 0xff}
	accent   = color.RGBA{0x8f, 0x1d, 0x21, 0xff}
)

// The measures of a card, in pixels from its upper left corner; y is that of the baseline for type.
const (
	cardMargin   = 80
	cardMeasure  = CardWidth - 2*cardMargin
	mastheadRule = 60
	mastheadY    = 122
	titleTop     = 150 // section and headline stand in the middle of the room between these two
	titleBottom  = 520
	labelHeight  = 42
	bylineRule   = 532
	bylineY      = 580
)

// PNG draws the card as a PNG file of at most 80 KB. The same card gives the same bytes. A line in a script that the
// typeface does not have is left out.
func (c Card) PNG() ([]byte, error) {
	if c.Accent == nil {
		c.Accent = accent
	}
	m := image.NewRGBA(image.Rect(0, 0, CardWidth, CardHeight))
	draw.Draw(m, m.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	rule := func(y, height int, ink color.Color) {
		draw.Draw(m, image.Rect(cardMargin, y, CardWidth-cardMargin, y+height), image.NewUniform(ink), image.Point{}, draw.Src)
	}
	rule(mastheadRule, 3, ink)
	rule(bylineRule, 1, hairline)
	if err := c.set(m); err != nil {
		return nil, fmt.Errorf("draw card: %w", err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, reduce(m, inks(ink, softInk, c.Accent, hairline))); err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return b.Bytes(), nil
}

// set sets the type of the card.
func (c Card) set(m draw.Image) error {
	title, size, err := c.fitTitle()
	if err != nil {
		return err
	}
	leading := leadingOf(size)
	height := labelHeight + len(title)*leading
	top := titleTop + max(0, titleBottom-titleTop-height)/2
	lines := []line{
		{c.Publication, semibold, 40, 0, mastheadY, ink},
		{strings.ToUpper(c.Section), semibold, 22, 109, top + 22, c.Accent},
		{c.Byline, regular, 30, 0, bylineY, softInk},
	}
	for n, text := range title {
		y := top + labelHeight + n*leading + size*86/100
		lines = append(lines, line{text, semibold, size, titleTracking, y, ink})
	}
	for _, l := range lines {
		if err := l.set(m); err != nil {
			return err
		}
	}
	return nil
}

// A line of type on a card. Tracking is in thousandths of the size, as printers count.
type line struct {
	text     string
	weight   weight
	size     int
	tracking float64
	y        int
	ink      color.Color
}

func (l line) set(m draw.Image) error {
	text, whole, err := legible(l.weight, l.text)
	if err != nil || !whole {
		return err
	}
	s, err := newStyle(l.weight, l.size, l.tracking)
	if err != nil {
		return err
	}
	s.draw(m, s.clip(text, cardMeasure), image.Pt(cardMargin, l.y), l.ink)
	return nil
}

// titleTracking sets headlines a little tighter.
const titleTracking = -8

func leadingOf(size int) int { return size * 108 / 100 }

// fitTitle breaks the headline at the largest size at which it takes at most four lines, or five of the smallest.
func (c Card) fitTitle() (lines []string, size int, err error) {
	title, whole, err := legible(semibold, c.Title)
	if err != nil || !whole {
		return nil, 0, err
	}
	for _, size = range []int{92, 84, 76, 68, 60} {
		s, err := newStyle(semibold, size, titleTracking)
		if err != nil {
			return nil, 0, err
		}
		lines = s.wrap(title, cardMeasure)
		if room := (titleBottom - titleTop - labelHeight) / leadingOf(size); len(lines) <= min(room, 4) && s.widest(lines) <= cardMeasure {
			return lines, size, nil
		}
	}
	size = 52
	s, err := newStyle(semibold, size, titleTracking)
	if err != nil {
		return nil, 0, err
	}
	const most = 5
	if lines = s.wrap(title, cardMeasure); len(lines) > most {
		lines = s.fill(title, cardMeasure)
		lines = append(lines[:most-1], strings.Join(lines[most-1:], " "))
	}
	return lines, size, nil
}

func (s style) widest(lines []string) int {
	w := 0
	for _, l := range lines {
		w = max(w, s.width(l))
	}
	return w
}

// inks returns a palette of the steps from paper to each of some colors: all that the smooth edges of type drawn in
// them need, and a fifth of the bytes of full color.
func inks(colors ...color.Color) color.Palette {
	const steps = 60
	p := color.Palette{paper}
	for _, c := range colors {
		r, g, b, _ := c.RGBA()
		for i := 1; i <= steps; i++ {
			mix := func(from uint8, to uint32) uint8 {
				return uint8((int(from)*(steps-i) + int(to>>8)*i + steps/2) / steps)
			}
			p = append(p, color.RGBA{mix(paper.R, r), mix(paper.G, g), mix(paper.B, b), 0xff})
		}
	}
	return p
}

// reduce maps a picture to the nearest colors of a palette.
func reduce(m *image.RGBA, p color.Palette) *image.Paletted {
	out := image.NewPaletted(m.Bounds(), p)
	known := map[color.RGBA]uint8{}
	for i := range out.Pix {
		c := color.RGBA{m.Pix[4*i], m.Pix[4*i+1], m.Pix[4*i+2], m.Pix[4*i+3]}
		if c == paper {
			continue // the first color
		}
		index, ok := known[c]
		if !ok {
			index = uint8(p.Index(c))
			known[c] = index
		}
		out.Pix[i] = index
	}
	return out
}
