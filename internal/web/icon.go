package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strings"
	"unicode"
)

// iconSVG serves the icon of the site: the initial of the publication on its accent.
func (s *Site) iconSVG(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "icon.svg", "image/svg+xml", func(context.Context) ([]byte, error) {
		return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="%s"/>`+
			`<text x="32" y="47" text-anchor="middle" font-family="Georgia, 'Times New Roman', serif" font-size="44" font-weight="600" fill="#fdfcf9">%s</text></svg>`,
			s.Config.Publication.Accent, template.HTMLEscapeString(monogram(s.Config.Publication.Name))), nil
	})
}

// monogram is the first letter of a name, passing over an English article.
func monogram(name string) string {
	name = strings.TrimSpace(name)
	if rest, ok := strings.CutPrefix(name, "The "); ok {
		name = rest
	}
	for _, c := range name {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return string(unicode.ToUpper(c))
		}
	}
	return "·"
}

// iconSide is the width and height of favicon.ico, in pixels.
const iconSide = 32

// iconICO serves favicon.ico, which many ask for unasked: lines of text on the accent, a PNG file in the frame of an
// icon file.
func (s *Site) iconICO(w http.ResponseWriter, r *http.Request) error {
	return s.file(w, r, "favicon.ico", "image/x-icon", func(context.Context) ([]byte, error) {
		c := rgb(s.Config.Publication.Accent)
		accent := color.RGBA{uint8(c[0]), uint8(c[1]), uint8(c[2]), 0xff}
		m := image.NewPaletted(image.Rect(0, 0, iconSide, iconSide), color.Palette{accent, color.RGBA{0xfd, 0xfc, 0xf9, 0xff}})
		for line, end := range []int{26, 26, 26, 18} {
			y := 7 + 5*line
			draw.Draw(m, image.Rect(6, y, end, y+3), image.NewUniform(m.Palette[1]), image.Point{}, draw.Src)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			return nil, fmt.Errorf("draw favicon: %w", err)
		}
		return icoFile(b.Bytes()), nil
	})
}

// icoFile frames one PNG picture of iconSide as an icon file: a directory of one entry, then the picture.
func icoFile(picture []byte) []byte {
	const directory, entry = 6, 16
	b := make([]byte, directory+entry, directory+entry+len(picture))
	b[2], b[4] = 1, 1 // an icon, of one picture
	b[6], b[7] = iconSide, iconSide
	b[10], b[12] = 1, 32 // planes, bits per pixel
	binary.LittleEndian.PutUint32(b[14:], uint32(len(picture)))
	binary.LittleEndian.PutUint32(b[18:], directory+entry)
	return append(b, picture...)
}
