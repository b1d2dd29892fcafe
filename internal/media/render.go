package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"slices"

	"golang.org/x/image/draw"
)

// quality of the renditions, of 100.
const quality = 78

// paper is the color of the page, on which transparent pictures are laid.
var paper = color.RGBA{0xfd, 0xfc, 0xf9, 0xff}

// A rendition is one width of a picture, encoded.
type rendition struct {
	width  int
	height int
	jpeg   []byte
}

// render decodes an upload that was inspected and returns its renditions, the widest first. Each is scaled from the one
// before it.
func (h header) render(ctx context.Context, upload []byte) ([]rendition, error) {
	src, turn, err := h.decode(upload)
	if err != nil {
		return nil, err
	}
	m, err := upright(ctx, src, turn)
	if err != nil {
		return nil, err
	}
	full := m.Bounds().Size()
	var out []rendition
	for _, w := range slices.Backward(Image{Width: full.X}.Variants()) {
		size := image.Pt(w, scaled(full.Y, w, full.X))
		if size != full {
			if m, err = resize(ctx, m, size); err != nil {
				return nil, err
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode picture: %w", err)
		}
		out = append(out, rendition{size.X, size.Y, b.Bytes()})
	}
	return out, nil
}

// upright returns a picture at its largest width, on paper where it was transparent, turned as its camera said.
func upright(ctx context.Context, src image.Image, turn int) (*image.RGBA, error) {
	size := src.Bounds().Size()
	if turn >= 5 {
		size = image.Pt(size.Y, size.X)
	}
	if widest := widths[len(widths)-1]; size.X > widest {
		size = image.Pt(widest, scaled(size.Y, widest, size.X))
	}
	if turn >= 5 {
		size = image.Pt(size.Y, size.X)
	}
	m, err := resize(ctx, src, size)
	if err != nil {
		return nil, err
	}
	if !m.Opaque() {
		flat := image.NewRGBA(m.Bounds())
		draw.Draw(flat, flat.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
		draw.Draw(flat, flat.Bounds(), m, image.Point{}, draw.Over)
		m = flat
	}
	return oriented(m, turn), nil
}

// scaled is n × to / from, rounded, at least 1.
func scaled(n, to, from int) int { return max(1, (2*n*to+from)/(2*from)) }

// band is how many rows, or columns, resize scales at once.
const band = 64

// resize scales a picture with the Catmull-Rom kernel, first in one direction, then in the other, in bands: the scaler
// keeps 32 bytes for every pixel between its two passes, which for a whole photograph would be hundreds of megabytes.
func resize(ctx context.Context, src image.Image, size image.Point) (*image.RGBA, error) {
	from := src.Bounds()
	if from.Size() == size {
		same := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(same, same.Bounds(), src, from.Min, draw.Src)
		return same, nil
	}
	wide := image.NewRGBA(image.Rect(0, 0, size.X, from.Dy()))
	for y := 0; y < from.Dy(); y += band {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(y+band, from.Dy())
		draw.CatmullRom.Scale(wide, image.Rect(0, y, size.X, end),
			src, image.Rect(from.Min.X, from.Min.Y+y, from.Max.X, from.Min.Y+end), draw.Src, nil)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for x := 0; x < size.X; x += band {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		end := min(x+band, size.X)
		draw.CatmullRom.Scale(out, image.Rect(x, 0, end, size.Y), wide, image.Rect(x, 0, end, from.Dy()), draw.Src, nil)
	}
	return out, nil
}
