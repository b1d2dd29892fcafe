package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// logoHeight is how high the logo stands in the masthead, in CSS pixels.
const logoHeight = 48

// A logo stands in the masthead in place of the name.
type logo struct {
	path  string // "" when the publication has none
	width int    // in CSS pixels at logoHeight; 0 when the file does not say
}

// addLogo puts the publication's logo among the assets, so that it is served under a hash of its content.
func (s *Site) addLogo() error {
	file := s.Config.Publication.Logo
	if file == "" {
		return nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("publication.logo: %w", err)
	}
	ext := strings.ToLower(filepath.Ext(file))
	var width, height float64
	switch ext {
	case ".png":
		c, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil {
			return fmt.Errorf("publication.logo: %s: %w", file, err)
		}
		width, height = float64(c.Width), float64(c.Height)
	default:
		if width, height, err = sizeOfSVG(b); err != nil {
			return fmt.Errorf("publication.logo: %s: %w", file, err)
		}
	}
	s.kit.Assets.Add("logo"+ext, b)
	if s.logo.path, err = s.kit.Assets.Path("logo" + ext); err == nil && width > 0 && height > 0 {
		s.logo.width = int(math.Round(min(width/height, 20) * logoHeight))
	}
	return err
}

// sizeOfSVG reads the proportions of a drawing: its viewBox, else its width and height (SVG 2, 8.2). They are 0 when it
// tells neither.
func sizeOfSVG(b []byte) (width, height float64, err error) {
	var root struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		ViewBox string   `xml:"viewBox,attr"`
		Width   string   `xml:"width,attr"`
		Height  string   `xml:"height,attr"`
	}
	if err := xml.Unmarshal(b, &root); err != nil {
		return 0, 0, err
	}
	box := strings.FieldsFunc(root.ViewBox, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })
	if len(box) != 4 {
		box = []string{"", "", strings.TrimSuffix(root.Width, "px"), strings.TrimSuffix(root.Height, "px")}
	}
	width, err1 := strconv.ParseFloat(box[2], 64)
	height, err2 := strconv.ParseFloat(box[3], 64)
	if err1 != nil || err2 != nil {
		return 0, 0, nil
	}
	return width, height, nil
}

// LogoWidth is the width of the logo in the masthead, 0 when it is not known: with it nothing moves when the logo comes.
func (f Frame) LogoWidth() int { return f.Site.logo.width }
